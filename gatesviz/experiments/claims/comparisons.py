"""Comparisons of groups of runs, seed by seed, and the points of each group."""

from collections.abc import Callable
from typing import Any

from gatesviz.cells import CELLS
from gatesviz.experiments.claims.claim import Comparison, Point
from gatesviz.experiments.groups import Group
from gatesviz.experiments.statistics import Interval, Verdict, paired, paired_ratio

Judge = Callable[[Interval, float, str], Verdict]
Values = Callable[[Group], dict[int, float]]


def pick(groups: tuple[Group, ...], cell: str, **settings: Any) -> Group:
    """Return the first group of ``cell`` whose spec has these ``settings``."""
    for group in groups:
        spec = group.spec
        if spec.cell == cell and all(getattr(spec, k) == v for k, v in settings.items()):
            return group
    raise KeyError(f"no group of {cell} with {settings}")


def fewer_updates(one: Group, other: Group, judge: Judge, threshold: float = 1) -> Comparison:
    """Compare the updates until the task is solved, as a ratio.

    A run that did not solve it counts with its whole budget; a seed with which neither did says
    nothing and is left out.
    """
    label = f"updates of {one.label} / {other.label}"
    told = [seed for seed in one.results if seed in other.results and _solved(seed, one, other)]
    first = {seed: one.updates[seed] for seed in told}
    found = paired_ratio(first, other.updates)
    verdict = judge(found, threshold, label[0].upper() + label[1:])
    both = one.results.keys() & other.results.keys()
    notes = []
    if len(told) < len(both):
        notes.append(f"With {len(both) - len(told)} of {len(both)} seeds neither solved the task.")
    for group, bound in ((one, "at least"), (other, "at most")):
        if failed := [seed for seed in told if group.results[seed].solved_at is None]:
            budget = max(group.trials[seed].updates for seed in failed)
            notes.append(
                f"With {len(failed)} of {len(told)} seeds {group.label} did not solve it in"
                f" {budget:,} updates, which stand in for them: their ratios are {bound} that."
            )
    return Comparison(label, found, Verdict(verdict.answer, " ".join([verdict.sentence, *notes])))


def with_and_without(
    groups: tuple[Group, ...], setting: str, more: object, less: object, judge: Judge
) -> tuple[Comparison, ...]:
    """Compare the updates of each cell with two values of a setting, LSTM first."""
    return tuple(
        fewer_updates(
            pick(groups, cell, **{setting: more}), pick(groups, cell, **{setting: less}), judge
        )
        for cell in ("lstm", "gru", "rnn_tanh")
    )


def difference(
    one: Group | dict[int, float],
    other: Group | dict[int, float],
    label: str,
    judge: Judge,
    values: Values = lambda group: group.scores,
) -> Comparison:
    """Compare a number of each run, as a difference from which 0 is looked at."""
    first, second = (values(g) if isinstance(g, Group) else g for g in (one, other))
    found = paired(first, second)
    return Comparison(label, found, judge(found, 0, label[0].upper() + label[1:]))


def update_points(group: Group, x: float | None = None) -> tuple[Point, ...]:
    """Return the updates of each run."""
    return tuple(
        Point(group.label, group.spec.cell, x, seed, y, group.results[seed].solved_at is None)
        for seed, y in sorted(group.updates.items())
    )


def score_points(group: Group, x: float | None = None) -> tuple[Point, ...]:
    """Return the last score of each run."""
    return points_of(group, group.scores, x)


def points_of(group: Group, values: dict[int, float], x: float | None) -> tuple[Point, ...]:
    """Return one point for each seed."""
    cell = group.spec.cell
    return tuple(Point(group.label, cell, x, seed, y) for seed, y in sorted(values.items()))


def better(group: Group, values: dict[int, float]) -> dict[int, float]:
    """Return ``values`` so that more is better, whatever the task's score is."""
    sign = 1 if group.spec.learned.better == "higher" else -1
    return {seed: sign * value for seed, value in values.items()}


def name(cell: str) -> str:
    """Return a cell's name."""
    return CELLS[cell].name


def _solved(seed: int, *groups: Group) -> bool:
    return any(group.results[seed].solved_at is not None for group in groups)
