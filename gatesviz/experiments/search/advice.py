"""The recommendation of a search, and the numbers behind it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gatesviz.cells import CELLS
from gatesviz.experiments.claims.claim import Comparison, Point
from gatesviz.experiments.search.bootstrap import RESAMPLES
from gatesviz.experiments.search.held_out import HeldOut
from gatesviz.experiments.search.plans import Plan
from gatesviz.experiments.search.trials import ORDER, Choice
from gatesviz.experiments.statistics import LEVEL, Interval, above
from gatesviz.tasks import Task


@dataclass(frozen=True, eq=False)
class Advice:
    """A recommendation and its evidence.

    Attributes:
        cell: recommended key of `gatesviz.cells.CELLS`; None if no cell is recommended.
        alike: other cells that beat every baseline and that the test can't separate from it.
        worthwhile: whether any cell beats every forecast without a network.
        sentences: the recommendation first, then the reasons.
        comparisons: each cell with the best baseline, then each two cells.
        points: every score of the test.
        test: the scores, differences and intervals themselves.
    """

    cell: str | None
    alike: tuple[str, ...]
    worthwhile: bool
    sentences: tuple[str, ...]
    comparisons: tuple[Comparison, ...]
    points: tuple[Point, ...]
    test: HeldOut

    @property
    def reference(self) -> tuple[str, float]:
        """Name and score of the best forecast without a network."""
        return self.test.best


def advise(
    task: Task,
    chosen: Mapping[str, Choice],
    test: HeldOut,
    seconds: Mapping[tuple[str, int], float],
    planned: Plan,
    seeds: Sequence[int],
) -> Advice:
    """Return the recommendation that follows from the test.

    A cell is recommended only if the whole interval of its difference to the best forecast without
    a network is on the better side. Of those cells, each that another one beats is left out. Of
    the rest, which the test can't separate, the one with the quickest update is recommended.

    Args:
        task: of the whole data.
        chosen: cell -> its setting, for cells with a finite score in the search.
        test: scores on the held-out part, of cells whose runs all finished.
        seconds: (cell, hidden units) -> processor seconds of an update.
        planned: the plan that was searched.
        seeds: of the test.
    """
    return _Evidence(task, chosen, test, seconds, planned, seeds).advice()


class _Evidence:
    """The numbers of a test, and the sentences that follow from them."""

    def __init__(
        self,
        task: Task,
        chosen: Mapping[str, Choice],
        test: HeldOut,
        seconds: Mapping[tuple[str, int], float],
        planned: Plan,
        seeds: Sequence[int],
    ) -> None:
        self.task, self.chosen, self.test = task, chosen, test
        self.seconds, self.planned, self.seeds = seconds, planned, seeds
        self.reference, self.worth = test.best

    def advice(self) -> Advice:
        """Return the recommendation and its evidence."""
        good = self._good()
        first = self._recommended(good) if good else self._none()
        return Advice(
            cell=good[0] if good else None,
            alike=tuple(good[1:]),
            worthwhile=bool(good),
            sentences=(
                first, *self._numbers(), self._how(), self._covered(), *self._broken(),
                *self._at_the_edge(),
            ),
            comparisons=tuple(self._comparisons()),
            points=tuple(
                Point(_name(cell), cell, None, seed, score)
                for cell, found in self.test.scores.items()
                for seed, score in zip(self.seeds, found.values, strict=True)
            ),
            test=self.test,
        )  # fmt: skip

    def _good(self) -> list[str]:
        """Return the cells that may be recommended, the quickest first."""
        worthy = [cell for cell, found in self.test.against.items() if found.low > 0]
        good = [c for c in worthy if not any(self._beats(other, c) for other in worthy)]
        if worthy and not good:  # each is beaten by another: a circle
            good = [min(worthy, key=lambda cell: self.test.scores[cell].estimate)]
        return sorted(good, key=self._seconds)

    def _beats(self, one: str, other: str) -> bool:
        return one != other and self._difference(one, other).low > 0

    def _difference(self, one: str, other: str) -> Interval:
        """Return how much lower the score of ``one`` is than that of ``other``."""
        if (one, other) in self.test.pairs:
            return self.test.pairs[one, other]
        found = self.test.pairs[other, one]
        values = tuple(-value for value in found.values)
        return Interval(values, -found.estimate, -found.high, -found.low)

    def _seconds(self, cell: str) -> float:
        return self.seconds[cell, self.chosen[cell].hidden_size]

    def _scored(self, value: float) -> str:
        """Return a score with its unit, as a sentence uses it."""
        if self.task.vocabulary is None:
            return f"RMSE {value:.3g} standard deviations"
        return f"{value:.3g} bits per character"

    def _comparisons(self) -> Iterable[Comparison]:
        for cell, found in self.test.against.items():
            yield _compared(f"Lead of the {_name(cell)} over {self.reference}", found)
        for (one, other), found in self.test.pairs.items():
            label = f"Lead of the {_name(one)} over the {_name(other)} on the test"
            yield _compared(label, found)

    def _recommended(self, good: list[str]) -> str:
        cell, score = good[0], self.test.scores[good[0]].estimate
        choice, gain = self.chosen[cell], 1 - score / self.worth
        sentences = [
            f"Use the {_name(cell)} ({choice.hidden_size} hidden units, learning rate"
            f" {choice.learning_rate:g}, {choice.updates:,} updates).",
            f"It scores {self._scored(score)}, {_percent(gain)} lower than {self.reference}"
            f" ({self.worth:.3g}), the best forecast without a network.",
        ]
        worse = [each for each in self.test.scores if each != cell and self._beats(cell, each)]
        if worse:
            sentences.append(f"It also beats the {_names(worse)}.")
        if others := good[1:]:
            ratio = self._seconds(cell) / max(map(self._seconds, others))
            sentences.append(
                f"The test can't separate the {_names(others)} from it. An update of the"
                f" {_name(cell)} is the quickest, at {_percent(ratio)} of the longest time."
            )
        rest = (each for each in self.test.scores if each not in (*good, *worse))
        sentences += [self._left_out(each, good) for each in rest]
        return " ".join(sentences)

    def _left_out(self, cell: str, good: list[str]) -> str:
        """Return why a cell that the recommended one doesn't beat isn't as good as it."""
        better = [each for each in good if self._beats(each, cell)]
        if better:
            return f"The {_name(cell)} scores worse than the {_names(better)}."
        return f"The test doesn't show that the {_name(cell)} beats {self.reference}."

    def _none(self) -> str:
        text = (
            f"Use none of them. No cell beats {self.reference}, which needs no network. That"
            " forecast"
            f" scores {self._scored(self.worth)}."
        )
        if not self.test.scores:
            return text
        closest = min(self.test.scores, key=lambda cell: self.test.scores[cell].estimate)
        score = self.test.scores[closest].estimate
        if score < self.worth:
            return f"{text} The {_name(closest)} scores {score:.3g}, but this may be chance."
        worse = score / self.worth - 1 if self.worth else float("inf")
        percent = f", {_percent(worse)} higher" if worse < 10 else ""
        return f"{text} The best cell, the {_name(closest)}, scores {score:.3g}{percent}."

    def _numbers(self) -> tuple[str, ...]:
        metric = "RMSE in standard deviations of the training part"
        if self.task.vocabulary is not None:
            metric = "Bits per character"
        cells = "; ".join(f"{_name(cell)} {found}" for cell, found in self.test.scores.items())
        plain = "; ".join(f"{name} {score:.3g}" for name, score in self.test.baselines.items())
        return (
            f"{metric} on {self.test.steps:,} held-out steps (lower is better):"
            f" {cells or 'no score'}.",
            f"Without a network, on the same steps: {plain}.",
        )

    def _how(self) -> str:
        return (
            f"Each model first reads the last {self.test.warm_up:,} steps of the training part."
            " Then it forecasts every held-out step in order, one step ahead, without resetting"
            " its state. The baselines, which need no network, use the same data."
        )

    def _covered(self) -> str:
        return (
            f"The {_percent(LEVEL)} intervals come from {RESAMPLES:,} resamples of the seeds and of"
            f" the held-out part, in blocks of {self.test.block:,} steps on average. They allow for"
            " other seeds and for another, similar held-out part. In simulations of 200 steps, they"
            " contained the true value in at least 90 % of cases. Where neighbouring errors"
            " correlate by 0.9, it was at least 80 %. They don't allow for a series that changes or"
            " for another search."
        )

    def _broken(self) -> tuple[str, ...]:
        """Return a sentence for each cell that doesn't count."""
        failed = [cell for cell in ORDER if cell not in self.chosen]
        sentences = [f"The {_name(cell)} has no finite score in the search." for cell in failed]
        sentences += [
            f"Training of the {_name(cell)} stopped early in the test, so it isn't recommended."
            for cell in self.chosen
            if cell not in self.test.scores
        ]
        return tuple(sentences)

    def _at_the_edge(self) -> tuple[str, ...]:
        """Return which of the best settings are at the edge of the search."""
        planned = self.planned
        edges: dict[str, list[str]] = {}
        sizes = (min(planned.sizes), max(planned.sizes))
        rates = (min(planned.rates), max(planned.rates))
        for cell, choice in self.chosen.items():
            ends = {
                f"{planned.updates:,} updates": choice.updates == planned.updates,
                f"{choice.hidden_size} hidden units": choice.hidden_size in sizes,
                f"learning rate {choice.learning_rate:g}": choice.learning_rate in rates,
            }
            for end, reached in ends.items():
                if reached:
                    edges.setdefault(end, []).append(_name(cell))
        if not edges:
            return ()
        every = [_name(cell) for cell in self.chosen]
        texts = "; ".join(
            f"{end} for {'every cell' if cells == every else f'the {_listed(cells)}'}"
            for end, cells in edges.items()
        )
        return (f"Some of the best settings are the smallest or the largest that the search tried:"
                f" {texts}. A longer search may find better ones.",)  # fmt: skip


def _compared(label: str, found: Interval) -> Comparison:
    return Comparison(label, found, above(found, 0, label))


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _name(cell: str) -> str:
    return CELLS[cell].name


def _names(cells: list[str]) -> str:
    return _listed([_name(cell) for cell in cells])


def _listed(names: list[str]) -> str:
    return " and the ".join(names)
