"""What the test tells, in sentences that quote their numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from gatesviz.cells import CELLS
from gatesviz.experiments.choosing.piloting import Pilot
from gatesviz.experiments.choosing.search import ORDER, Choice
from gatesviz.experiments.claims.claim import Comparison, Point
from gatesviz.experiments.statistics import Interval, above, below, interval, paired
from gatesviz.tasks import Task


@dataclass(frozen=True)
class Advice:
    """A recommendation and its evidence.

    Attributes:
        cell: key of `gatesviz.cells.CELLS` that is recommended; None as long as nothing is.
        worthwhile: whether it is shown to be better than all that learn nothing.
        sentences: the recommendation first, then why.
        scores: cell -> its scores on the test, seed by seed, with their interval.
        comparisons: each two cells, seed by seed; positive where the first is better.
        points: every run of the test.
        reference: name and score of the best answer that learns nothing.
    """

    cell: str | None
    worthwhile: bool
    sentences: tuple[str, ...]
    scores: Mapping[str, Interval]
    comparisons: tuple[Comparison, ...]
    points: tuple[Point, ...]
    reference: tuple[str, float]


def advise(
    task: Task,
    chosen: Mapping[str, Choice],
    scores: Mapping[str, Mapping[int, float]],
    known: Pilot,
    updates: int,
) -> Advice:
    """Return what the test tells so far.

    The cell with the best median is recommended if it is shown to be better than both others.
    Cells that these seeds cannot tell from it count as good, and of those the one whose update
    takes the least time is recommended.

    Args:
        task: of the whole data.
        chosen: cell -> its setting.
        scores: cell -> seed -> score on the test.
        known: the time of an update, and what learning nothing scores.
        updates: of every run of the search.
    """
    sign = 1 if task.better == "higher" else -1
    told = {cell: interval(list(scores[cell].values())) for cell in ORDER if scores.get(cell)}
    points = tuple(
        Point(CELLS[cell].name, cell, None, seed, score)
        for cell in told
        for seed, score in scores[cell].items()
    )
    reference = _reference(task, known)
    comparisons = tuple(_compared(a, b, scores, sign) for a, b in _pairs(list(told)))
    if len(told) < len(chosen) or not told or not all(each.known for each in told.values()):
        few = "The runs so far are too few to recommend a cell."
        return Advice(None, False, (few,), told, comparisons, points, reference)
    best = max(told, key=lambda cell: sign * told[cell].estimate)
    good = [best, *(c for c in told if c != best and not _worse(c, best, scores, sign))]
    cell = min(good, key=lambda each: _seconds(known, chosen[each]))
    name, worth = reference
    shown = _beats(told[cell], worth, sign)
    sentences = (
        _recommended(cell, good, best, chosen, known),
        _against(task, cell, told, name, worth, shown),
        *_at_the_edge(chosen, updates),
    )
    return Advice(cell, shown, sentences, told, comparisons, points, reference)


def _pairs(cells: list[str]) -> list[tuple[str, str]]:
    """Return each two, the larger cell first."""
    return [(b, a) for a, b in combinations(cells, 2)][::-1]


def _compared(
    one: str, other: str, scores: Mapping[str, Mapping[int, float]], sign: int
) -> Comparison:
    first, second = ({s: sign * v for s, v in scores[c].items()} for c in (one, other))
    found = paired(first, second)
    label = f"score on the test, {CELLS[one].name} − {CELLS[other].name} (more is better)"
    return Comparison(label, found, above(found, 0, label[0].upper() + label[1:]))


def _worse(cell: str, best: str, scores: Mapping[str, Mapping[int, float]], sign: int) -> bool:
    return _compared(best, cell, scores, sign).verdict.answer == "yes"


def _seconds(known: Pilot, choice: Choice) -> float:
    return known.seconds[choice.cell, choice.hidden_size]


def _reference(task: Task, known: Pilot) -> tuple[str, float]:
    """Return the best of the answers that learn nothing."""
    sign = 1 if task.better == "higher" else -1
    name = max(known.references, key=lambda each: sign * known.references[each])
    return name, known.references[name]


def _beats(found: Interval, worth: float, sign: int) -> bool:
    judge = above if sign > 0 else below
    return judge(found, worth, "").answer == "yes"


def _recommended(
    cell: str, good: list[str], best: str, chosen: Mapping[str, Choice], known: Pilot
) -> str:
    choice = chosen[cell]
    setting = (
        f"{choice.hidden_size} units, learning rate {choice.learning_rate:g},"
        f" {choice.updates:,} updates"
    )
    told = f"Take the {CELLS[cell].name} ({setting})"
    if len(good) == 1:
        return f"{told}: it scores best, and both others are shown to be worse."
    others = [each for each in good if each != cell]
    names = " and the ".join(CELLS[each].name for each in others)
    ratio = _seconds(known, chosen[cell]) / max(_seconds(known, chosen[c]) for c in others)
    return (
        f"{told}: these seeds cannot tell the {names} from it, the {CELLS[best].name} has the best"
        f" median, and an update of the {CELLS[cell].name} takes the least time of those"
        f" ({ratio:.2f} of the longest)."
    )


def _against(
    task: Task, cell: str, told: Mapping[str, Interval], name: str, worth: float, shown: bool
) -> str:
    scores = "; ".join(f"{CELLS[c].name} {found}" for c, found in told.items())
    numbers = f"{task.metric[:1].upper()}{task.metric[1:]} ({task.better} is better): {scores}."
    reference = f"“{name}”, which learns nothing, has {worth:.3g}"
    if shown:
        return f"{numbers} {reference}."
    return (
        f"{numbers} But {reference}: that the {CELLS[cell].name} is better than this is not shown."
        " With this search no cell is worth its while."
    )


def _at_the_edge(chosen: Mapping[str, Choice], updates: int) -> tuple[str, ...]:
    last = [CELLS[c].name for c, choice in chosen.items() if choice.updates == updates]
    if not last:
        return ()
    return (
        f"At its last update, {updates:,}, the search still found the best score of the"
        f" {' and the '.join(last)}: with more minutes this may come out otherwise.",
    )
