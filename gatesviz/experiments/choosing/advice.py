"""What the test tells, in sentences that quote their numbers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from gatesviz.cells import CELLS
from gatesviz.experiments.choosing.piloting import Pilot
from gatesviz.experiments.choosing.planning import TEST_SEEDS, Plan
from gatesviz.experiments.choosing.search import ORDER, Choice
from gatesviz.experiments.claims.claim import Comparison, Point
from gatesviz.experiments.statistics import Interval, above, below, interval, paired
from gatesviz.tasks import Task

Scores = Mapping[str, Mapping[int, float]]
"""Cell -> seed -> score on the test; NaN where training broke off before."""


@dataclass(frozen=True)
class Advice:
    """A recommendation and its evidence.

    Attributes:
        cell: key of `gatesviz.cells.CELLS` that is recommended; None where none is.
        alike: cells that these seeds cannot tell from it.
        worthwhile: whether any cell is shown to be better than all that needs no network; None as
            long as the test goes on.
        sentences: the recommendation first, then why.
        scores: cell -> its scores on the test, seed by seed, with their interval.
        comparisons: each two cells, seed by seed; positive where the first is better.
        points: every run of the test that came to a score.
        reference: name and score of the best answer that needs no network.
    """

    cell: str | None
    alike: tuple[str, ...]
    worthwhile: bool | None
    sentences: tuple[str, ...]
    scores: Mapping[str, Interval]
    comparisons: tuple[Comparison, ...]
    points: tuple[Point, ...]
    reference: tuple[str, float]


def advise(
    task: Task, chosen: Mapping[str, Choice], scores: Scores, known: Pilot, planned: Plan
) -> Advice:
    """Return what the test tells so far.

    Cells count whose every run came to a score. Of those that are shown to be better than what
    needs no network, each that another one is shown to beat is left out; of what remains, which
    these seeds cannot tell apart, the cell is recommended whose update takes the least time. If no
    cell is better than what needs no network, none is recommended.

    Args:
        task: of the whole data.
        chosen: cell -> its setting, of cells that came to a score in the search.
        scores: what the test came to so far.
        known: the time of an update, and what needs no network.
        planned: what was tried.
    """
    return _Evidence(task, chosen, scores, known, planned).advice()


class _Evidence:
    """The numbers, and what they allow to be said."""

    def __init__(
        self, task: Task, chosen: Mapping[str, Choice], scores: Scores, known: Pilot, planned: Plan
    ) -> None:
        self.task, self.chosen, self.known, self.planned = task, chosen, known, planned
        self.sign = 1 if task.better == "higher" else -1
        self.made = {cell: scores.get(cell, {}) for cell in chosen}
        self.finite = {
            cell: {seed: value for seed, value in made.items() if math.isfinite(value)}
            for cell, made in self.made.items()
        }
        self.told = {c: interval(list(f.values())) for c, f in self.finite.items() if f}
        best = max(known.references, key=lambda name: self.sign * known.references[name])
        self.reference = best, known.references[best]

    def advice(self) -> Advice:
        """Return it."""
        complete = all(len(made) == len(TEST_SEEDS) for made in self.made.values())
        few = ("The runs so far are too few to recommend a cell.",)
        larger_first = [cell for cell in ORDER[::-1] if cell in self.told]
        good, worthwhile, sentences = self._judged() if complete else ([], None, few)
        return Advice(
            good[0] if good else None,
            tuple(good[1:]),
            worthwhile,
            sentences,
            self.told,
            tuple(self._compared(*pair) for pair in combinations(larger_first, 2)),
            self._points(),
            self.reference,
        )

    def _judged(self) -> tuple[list[str], bool, tuple[str, ...]]:
        """Return the cells that will do, the recommended one first, and what is said."""
        sound = [cell for cell in self.told if len(self.finite[cell]) == len(TEST_SEEDS)]
        worthy = [cell for cell in sound if self._beats(cell)]
        good = [c for c in worthy if not any(self._better(other, c) for other in worthy)]
        if worthy and not good:  # each is beaten by another one: a circle
            good = [max(worthy, key=lambda cell: self.sign * self.told[cell].estimate)]
        rest = (self._numbers(), *self._broken(sound), *self._at_the_edge())
        if not good:
            return [], False, (self._none(), *rest)
        good.sort(key=self._seconds)
        return good, True, (self._recommended(good[0], good), *rest)

    def _compared(self, one: str, other: str) -> Comparison:
        first, second = (
            {seed: self.sign * value for seed, value in self.finite[cell].items()}
            for cell in (one, other)
        )
        found = paired(first, second)
        label = f"how much better the {_name(one)} scores on the test than the {_name(other)}"
        return Comparison(label, found, above(found, 0, label[0].upper() + label[1:]))

    def _better(self, one: str, other: str) -> bool:
        return one != other and self._compared(one, other).verdict.answer == "yes"

    def _beats(self, cell: str) -> bool:
        judge = above if self.sign > 0 else below
        return judge(self.told[cell], self.reference[1], "").answer == "yes"

    def _seconds(self, cell: str) -> float:
        return self.known.seconds[cell, self.chosen[cell].hidden_size]

    def _points(self) -> tuple[Point, ...]:
        return tuple(
            Point(_name(cell), cell, None, seed, score)
            for cell in self.told
            for seed, score in self.finite[cell].items()
        )

    def _recommended(self, cell: str, good: list[str]) -> str:
        choice = self.chosen[cell]
        setting = (
            f"{choice.hidden_size} units, learning rate {choice.learning_rate:g},"
            f" {choice.updates:,} updates"
        )
        told = f"Take the {_name(cell)} ({setting})"
        others = [each for each in good if each != cell]
        worse = [each for each in self.told if each != cell and self._better(cell, each)]
        why = []
        if worse:
            score = "scores" if len(worse) == 1 else "score"
            why.append(f"the {_names(worse)} {score} worse, seed by seed")
        if others:
            ratio = self._seconds(cell) / max(map(self._seconds, others))
            why.append(
                f"these seeds cannot tell the {_names(others)} from it, and an update of the"
                f" {_name(cell)} takes the least time of those ({ratio:.2f} of the longest)"
            )
        why += [self._left_out(each, good) for each in self.told if each not in (*good, *worse)]
        if not why:
            why.append(f"it alone is shown to be better than “{self.reference[0]}”")
        return f"{told}: {'; '.join(why)}."

    def _left_out(self, cell: str, good: list[str]) -> str:
        """Tell why a cell is not among the good ones, though the recommended one beats it not."""
        better = [each for each in good if self._better(each, cell)]
        if better:
            return f"the {_name(cell)} scores worse than the {_names(better)}, seed by seed"
        return f"the {_name(cell)} is not shown to be better than “{self.reference[0]}”"

    def _none(self) -> str:
        name, worth = self.reference
        return (
            f"Take none of them: no cell is shown to be better than “{name}” ({worth:.3g}), which"
            " needs no network. With this search none is worth its while."
        )

    def _numbers(self) -> str:
        metric = (
            f"{self.task.metric[:1].upper()}{self.task.metric[1:]} ({self.task.better} is better)"
        )
        scores = "; ".join(f"{_name(cell)} {found}" for cell, found in self.told.items())
        name, worth = self.reference
        return (
            f"{metric}: {scores or 'no score'}. “{name}”, which needs no network, has {worth:.3g}."
        )

    def _broken(self, sound: list[str]) -> tuple[str, ...]:
        """Tell of cells that do not count."""
        searched = [cell for cell in ORDER if cell not in self.chosen]
        told = [f"The {_name(cell)} came to no score in the search." for cell in searched]
        for cell in self.chosen:
            broken = len(TEST_SEEDS) - len(self.finite[cell])
            if cell not in sound:
                told.append(
                    f"Training of the {_name(cell)} broke off with {broken} of {len(TEST_SEEDS)}"
                    " seeds, so it is not recommended."
                )
        return tuple(told)

    def _at_the_edge(self) -> tuple[str, ...]:
        """Tell where the best setting is the last one that was tried."""
        planned = self.planned
        edges: dict[str, list[str]] = {}
        sizes = (min(planned.sizes), max(planned.sizes))
        rates = (min(planned.rates), max(planned.rates))
        for cell, choice in self.chosen.items():
            ends = {
                f"{planned.updates:,} updates": choice.updates == planned.updates,
                f"{choice.hidden_size} units": choice.hidden_size in sizes,
                f"the rate {choice.learning_rate:g}": choice.learning_rate in rates,
            }
            for end, there in ends.items():
                if there:
                    edges.setdefault(end, []).append(_name(cell))
        if not edges:
            return ()
        told = "; ".join(f"{end} for the {_listed(cells)}" for end, cells in edges.items())
        return (f"The best that was tried lies at an end of what was tried: {told}. Beyond, it may"
                " come out otherwise.",)  # fmt: skip


def _name(cell: str) -> str:
    return CELLS[cell].name


def _names(cells: list[str]) -> str:
    return _listed([_name(cell) for cell in cells])


def _listed(names: list[str]) -> str:
    return " and the ".join(names)
