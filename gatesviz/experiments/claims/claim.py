"""Claims about cells: the sentence, the experiment that tests it, and its findings."""

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
    """A comparison of two groups of runs, seed by seed.

    Attributes:
        label: the number and the two groups.
        interval: the difference or ratio for each seed, with its interval.
        verdict: the answer that follows from the interval.
    """

    label: str
    interval: Interval
    verdict: Verdict


@dataclass(frozen=True)
class Point:
    """One run or round as a point in a chart.

    Attributes:
        group: the `Group.label` of its group, or the name of its cell.
        cell: key of `gatesviz.cells.CELLS`.
        x: the value of `Claim.x_name`; None if the chart shows groups side by side.
        seed: the seed, or the number of the round.
        y: the value of `Claim.y_name`.
        bound: whether y is a lower bound, because the run did not solve the task in its budget.
    """

    group: str
    cell: str
    x: float | None
    seed: int
    y: float
    bound: bool = False


@dataclass(frozen=True)
class Findings:
    """The findings for a claim.

    Attributes:
        comparisons: first the comparison that decides the claim, then others.
        points: one point for each finished run or round.
        groups: the runs by cell and setting; empty for a benchmark.
    """

    comparisons: tuple[Comparison, ...]
    points: tuple[Point, ...]
    groups: tuple[Group, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The verdict of the first comparison, which decides the claim."""
        return self.comparisons[0].verdict

    @property
    def answer(self) -> Answer:
        """The answer of `verdict`: "yes", "no" or "cannot tell"."""
        return self.verdict.answer

    def to_dict(self) -> dict[str, Any]:
        """Return the findings as a dictionary for JSON."""
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
    """A claim that training runs can test.

    Attributes:
        key: the claim's name in commands.
        sentence: the claim, as people say it.
        measures: what is measured, and what counts as yes.
        x_name, y_name: names of the axes; x_name is "" if groups are side by side.
        tasks: keys of the tasks that can test it, the default first.
        x_log, y_log: whether an axis is logarithmic.
        user_data: whether user data can test it.
        scores: whether y is the score of the task, whose metric then names the axis.
        former: earlier wordings of `sentence`, which old links contain.
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
    user_data: bool = False
    scores: bool = False
    former: tuple[str, ...] = ()

    def experiment(self, task: str | OwnData = "", seeds: int = SEEDS) -> Experiment:
        """Return the runs that test the claim: RNN, GRU and LSTM with seeds 0 to ``seeds`` − 1.

        Args:
            task: a key of `tasks`, or user data; the first of `tasks` by default.

        Raises:
            ValueError: if the claim does not cover the task, or there would be too many runs.
        """
        if isinstance(task, OwnData):
            if not self.user_data:
                raise ValueError(
                    f"“{self.sentence}” can't be tested on your own data. Choose a task."
                )
            return self._experiment(task, seeds)
        task = task or self.tasks[0]
        if task not in self.tasks:
            raise ValueError(f"expected a task ({', '.join(self.tasks)}), got {task!r}")
        return self._experiment(task, seeds)

    def findings(
        self, results: Mapping[Trial, Result], task: str | OwnData = "", seeds: int = SEEDS
    ) -> Findings:
        """Return the findings from the ``results`` so far.

        Args:
            results: trial -> result, such as `ExperimentRun.results`.

        Raises:
            ValueError: as `experiment`.
        """
        return self.compare(groups(self.experiment(task, seeds), results))

    def compare(self, groups: tuple[Group, ...]) -> Findings:
        """Return the findings from the ``groups`` of the claim's experiment."""
        points = tuple(point for group in groups for point in self._points(group))
        return Findings(self._compare(groups), points, groups)
