"""What the test says: a recommendation, and the numbers that it rests on."""

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
        cell: key of `gatesviz.cells.CELLS` that is recommended; None where none is.
        alike: cells that beat every baseline too and that the test cannot separate from it.
        worthwhile: whether any cell beats every forecast that needs no network.
        sentences: the recommendation first, then why.
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
        """Name and score of the best forecast that needs no network."""
        return self.test.best


def advise(
    task: Task,
    chosen: Mapping[str, Choice],
    test: HeldOut,
    seconds: Mapping[tuple[str, int], float],
    planned: Plan,
    seeds: Sequence[int],
) -> Advice:
    """Return what the test says.

    A cell is recommended only if the interval of its difference to the best forecast without a
    network lies wholly on the better side. Of those cells, each that another one beats is left
    out. Of the rest, which the test cannot separate, the one with the quickest update is taken.

    Args:
        task: of the whole data.
        chosen: cell -> its setting, of cells that came to a score in the search.
        test: the cells all whose runs came to an end, on the held-out part.
        seconds: (cell, units) -> processor seconds of an update.
        planned: what was tried.
        seeds: of the test.
    """
    return _Evidence(task, chosen, test, seconds, planned, seeds).advice()


class _Evidence:
    """The numbers, and what they allow to be said."""

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
        """Return it."""
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
        """Return the cells that will do, the quickest first."""
        worthy = [cell for cell, found in self.test.against.items() if found.low > 0]
        good = [c for c in worthy if not any(self._beats(other, c) for other in worthy)]
        if worthy and not good:  # each is beaten by another one: a circle
            good = [min(worthy, key=lambda cell: self.test.scores[cell].estimate)]
        return sorted(good, key=self._seconds)

    def _beats(self, one: str, other: str) -> bool:
        return one != other and self._difference(one, other).low > 0

    def _difference(self, one: str, other: str) -> Interval:
        """Return how much lower one's score is than the other's."""
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
            yield _compared(f"How much lower the {_name(cell)} scores than {self.reference}", found)
        for (one, other), found in self.test.pairs.items():
            label = f"How much lower the {_name(one)} scores on the test than the {_name(other)}"
            yield _compared(label, found)

    def _recommended(self, good: list[str]) -> str:
        cell, score = good[0], self.test.scores[good[0]].estimate
        choice, gain = self.chosen[cell], 1 - score / self.worth
        told = [
            f"Use the {_name(cell)} ({choice.hidden_size} units, learning rate"
            f" {choice.learning_rate:g}, {choice.updates:,} updates).",
            f"It scores {self._scored(score)}, {_percent(gain)} lower than {self.reference}"
            f" ({self.worth:.3g}), the best forecast that needs no network.",
        ]
        worse = [each for each in self.test.scores if each != cell and self._beats(cell, each)]
        if worse:
            told.append(f"It also beats the {_names(worse)}.")
        if others := good[1:]:
            ratio = self._seconds(cell) / max(map(self._seconds, others))
            told.append(
                f"The test can't separate the {_names(others)} from it. An update of the"
                f" {_name(cell)} takes the least time ({ratio:.2f} of the longest)."
            )
        rest = (each for each in self.test.scores if each not in (*good, *worse))
        told += [self._left_out(each, good) for each in rest]
        return " ".join(told)

    def _left_out(self, cell: str, good: list[str]) -> str:
        """Return why a cell that the recommended one doesn't beat isn't among the good ones."""
        better = [each for each in good if self._beats(each, cell)]
        if better:
            return f"The {_name(cell)} scores worse than the {_names(better)}."
        return f"The {_name(cell)} isn't shown to beat {self.reference}."

    def _none(self) -> str:
        told = (
            f"Use none of them. No cell beats {self.reference} ({self._scored(self.worth)}),"
            " which needs no network."
        )
        if not self.test.scores:
            return told
        closest = min(self.test.scores, key=lambda cell: self.test.scores[cell].estimate)
        score = self.test.scores[closest].estimate
        if score < self.worth:
            return f"{told} The {_name(closest)} scores {score:.3g}, but this may be chance."
        worse = score / self.worth - 1 if self.worth else float("inf")
        percent = f", {_percent(worse)} higher" if worse < 10 else ""
        return f"{told} The best cell, the {_name(closest)}, scores {score:.3g}{percent}."

    def _numbers(self) -> tuple[str, ...]:
        what = "RMSE in standard deviations of the training part"
        if self.task.vocabulary is not None:
            what = "Bits per character"
        cells = "; ".join(f"{_name(cell)} {found}" for cell, found in self.test.scores.items())
        plain = "; ".join(f"{name} {score:.3g}" for name, score in self.test.baselines.items())
        return (
            f"{what} on {self.test.steps:,} held-out steps (lower is better):"
            f" {cells or 'no score'}.",
            f"Without a network, on the same steps: {plain}.",
        )

    def _how(self) -> str:
        return (
            f"Each model first reads the last {self.test.warm_up:,} steps of the training part."
            " It then forecasts every held-out step in order, one step ahead, and carries its state"
            " on. The forecasts without a network read the same past."
        )

    def _covered(self) -> str:
        return (
            f"The {_percent(LEVEL)} intervals come from {RESAMPLES:,} resamples of the seeds and of"
            f" the held-out part, in blocks of {self.test.block:,} steps on average. They cover"
            " other seeds and another held-out part like this one. In simulations they held the"
            " truth in 89 to 94 % of cases. They don't cover a series that changes, or another"
            " search."
        )

    def _broken(self) -> tuple[str, ...]:
        """Return a sentence for each cell that doesn't count."""
        searched = [cell for cell in ORDER if cell not in self.chosen]
        told = [f"The {_name(cell)} came to no finite score in the search." for cell in searched]
        told += [
            f"Training of the {_name(cell)} broke off in the test, so it isn't recommended."
            for cell in self.chosen
            if cell not in self.test.scores
        ]
        return tuple(told)

    def _at_the_edge(self) -> tuple[str, ...]:
        """Return which of the best settings lie at an edge of the search."""
        planned = self.planned
        edges: dict[str, list[str]] = {}
        sizes = (min(planned.sizes), max(planned.sizes))
        rates = (min(planned.rates), max(planned.rates))
        for cell, choice in self.chosen.items():
            ends = {
                f"{planned.updates:,} updates": choice.updates == planned.updates,
                f"{choice.hidden_size} units": choice.hidden_size in sizes,
                f"learning rate {choice.learning_rate:g}": choice.learning_rate in rates,
            }
            for end, there in ends.items():
                if there:
                    edges.setdefault(end, []).append(_name(cell))
        if not edges:
            return ()
        every = [_name(cell) for cell in self.chosen]
        told = "; ".join(
            f"{end} for {'every cell' if cells == every else f'the {_listed(cells)}'}"
            for end, cells in edges.items()
        )
        return (f"Some best settings lie at an edge of the search: {told}. More minutes may find"
                " better ones.",)  # fmt: skip


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
