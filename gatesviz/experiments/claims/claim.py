"""A claim as people make it, what is measured for it, and what the results so far say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gatesviz.experiments.experiment import Experiment, Trial
from gatesviz.experiments.groups import Group, groups
from gatesviz.experiments.result import Result
from gatesviz.experiments.statistics import FEWEST, Answer, Interval, Verdict
from gatesviz.training import OwnData

SEEDS = FEWEST


@dataclass(frozen=True)
class Comparison:
    """Two kinds of runs, compared seed by seed.

    Attributes:
        label: who against whom.
        interval: of the difference or the ratio, with its value for each seed.
        verdict: what that says.
    """

    label: str
    interval: Interval
    verdict: Verdict


@dataclass(frozen=True)
class Point:
    """One run, to be drawn.

    Attributes:
        group: the `Group.label` it belongs to, or a cell's name.
        cell: key of `gatesviz.cells.CELLS`.
        x: where it stands along `Claim.x_name`; None where the groups stand side by side.
        seed: its seed, or the number of the round.
        y: the value, in `Claim.y_name`.
        bound: whether y is only a lower bound, since the task was not solved in the budget.
    """

    group: str
    cell: str
    x: float | None
    seed: int
    y: float
    bound: bool = False


@dataclass(frozen=True)
class Findings:
    """What the results so far say about a claim.

    Attributes:
        verdict: that of the first comparison.
        comparisons: the claim's own first, then what else is worth knowing.
        points: every run so far.
        groups: the runs by kind; empty where nothing is trained.
    """

    comparisons: tuple[Comparison, ...]
    points: tuple[Point, ...]
    groups: tuple[Group, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The claim's."""
        return self.comparisons[0].verdict

    @property
    def answer(self) -> Answer:
        """Of the verdict."""
        return self.verdict.answer

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {
            "answer": self.answer,
            "sentence": self.verdict.sentence,
            "comparisons": [
                {
                    "label": one.label,
                    "values": list(one.interval.values),
                    "low": one.interval.low if one.interval.known else None,
                    "high": one.interval.high if one.interval.known else None,
                    "answer": one.verdict.answer,
                }
                for one in self.comparisons
            ],
            "groups": [group.to_dict() for group in self.groups],
        }


@dataclass(frozen=True)
class Claim:
    """A sentence that measuring can answer.

    Attributes:
        key: its name in links and commands.
        sentence: as people say it.
        measures: what is measured, and what counts as yes.
        x_name, y_name: of the points; x_name is "" where groups stand side by side.
        tasks: keys of the tasks that it can be asked on, the usual one first.
        x_log, y_log: whether an axis is better logarithmic.
        own: whether it can be asked on data of one's own.
        scores: whether the points are scores of the task, whose metric then names the axis.
    """

    key: str
    sentence: str
    measures: str
    x_name: str
    y_name: str
    tasks: tuple[str, ...]
    _experiment: Callable[[str | OwnData, int], Experiment]
    _compare: Callable[[tuple[Group, ...]], tuple[Comparison, ...]]
    _points: Callable[[Group], tuple[Point, ...]]
    x_log: bool = False
    y_log: bool = False
    own: bool = False
    scores: bool = False

    def experiment(self, task: str | OwnData = "", seeds: int = SEEDS) -> Experiment:
        """Return its runs: RNN, LSTM and GRU with the seeds 0 to ``seeds`` − 1.

        Raises:
            ValueError: if it is not asked on that task, or there would be too many runs.
        """
        if isinstance(task, OwnData):
            if not self.own:
                raise ValueError(f"“{self.sentence}” cannot be asked on data of one's own")
            return self._experiment(task, seeds)
        task = task or self.tasks[0]
        if task not in self.tasks:
            raise ValueError(f"task is {task!r}, one of {', '.join(self.tasks)} is wanted")
        return self._experiment(task, seeds)

    def findings(
        self, results: Mapping[Trial, Result], task: str | OwnData = "", seeds: int = SEEDS
    ) -> Findings:
        """Return what the ``results`` so far say, `ExperimentRun.results` or those of a `Store`.

        Raises:
            ValueError: as `experiment`.
        """
        return self.compared(groups(self.experiment(task, seeds), results))

    def compared(self, found: tuple[Group, ...]) -> Findings:
        """Return what the groups of its experiment say."""
        points = tuple(point for group in found for point in self._points(group))
        return Findings(self._compare(found), points, found)
