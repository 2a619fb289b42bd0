"""Compare groups of runs seed by seed, and turn each run into a point."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

from gatesviz.cells import CELLS, LSTM, Cell, compared
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
    raise KeyError(f"no group of {cell} has {settings}")


def in_order(*first: Cell) -> tuple[str, ...]:
    """Return the keys of all compared cells: those in ``first``, then the largest first."""
    return tuple(dict.fromkeys(cell.key for cell in (*first, *reversed(compared()))))


def pairs(*first: Cell) -> tuple[tuple[str, str], ...]:
    """Return every pair of compared cells, the pair that decides a claim in ``first``."""
    return tuple(combinations(in_order(*first), 2))


def fewer_updates(one: Group, other: Group, judge: Judge, threshold: float = 1) -> Comparison:
    """Compare the updates until solved, as a ratio.

    An unsolved run counts with its whole budget. A seed that neither group solved is left out.
    """
    label = f"updates until solved, {one.label} / {other.label}"
    solved = [seed for seed in one.results if seed in other.results and _solved(seed, one, other)]
    first = {seed: one.updates[seed] for seed in solved}
    ratio = paired_ratio(first, other.updates)
    verdict = judge(ratio, threshold, label[0].upper() + label[1:])
    both = one.results.keys() & other.results.keys()
    notes = []
    if len(solved) < len(both):
        notes.append(
            f"With {len(both) - len(solved)} of {len(both)} seeds, neither run solved the task. We"
            " don't compare them."
        )
    for group, bound in ((one, "larger"), (other, "smaller")):
        if unsolved := [seed for seed in solved if group.results[seed].solved_at is None]:
            budget = max(group.trials[seed].updates for seed in unsolved)
            notes.append(
                f"With {len(unsolved)} of {len(solved)} compared seeds, “{group.label}” did not"
                f" solve the task within {budget:,} updates. We count {budget:,} updates there. So"
                f" the true ratio may be {bound}."
            )
    return Comparison(label, ratio, Verdict(verdict.answer, " ".join([verdict.sentence, *notes])))


def with_and_without(
    groups: tuple[Group, ...], setting: str, more: object, less: object, judge: Judge
) -> tuple[Comparison, ...]:
    """Compare the updates of each cell with two values of a setting, the LSTM first."""
    return tuple(
        fewer_updates(
            pick(groups, cell, **{setting: more}), pick(groups, cell, **{setting: less}), judge
        )
        for cell in in_order(LSTM)
    )


def difference(
    one: Group | dict[int, float],
    other: Group | dict[int, float],
    label: str,
    judge: Judge,
    values: Values = lambda group: group.scores,
) -> Comparison:
    """Compare one number of each run: judge the difference against 0."""
    first, second = (values(g) if isinstance(g, Group) else g for g in (one, other))
    measured = paired(first, second)
    return Comparison(label, measured, judge(measured, 0, label[0].upper() + label[1:]))


def update_points(group: Group, x: float | None = None) -> tuple[Point, ...]:
    """Return the updates of each run as points."""
    return tuple(
        Point(group.label, group.spec.cell, x, seed, y, group.results[seed].solved_at is None)
        for seed, y in sorted(group.updates.items())
    )


def score_points(group: Group, x: float | None = None) -> tuple[Point, ...]:
    """Return the last score of each run as points."""
    return points_of(group, group.scores, x)


def points_of(group: Group, values: dict[int, float], x: float | None) -> tuple[Point, ...]:
    """Return one point for each seed in ``values``."""
    cell = group.spec.cell
    return tuple(Point(group.label, cell, x, seed, y) for seed, y in sorted(values.items()))


def better(group: Group, values: dict[int, float]) -> dict[int, float]:
    """Return ``values`` with errors negated, so that higher is better for every task."""
    sign = 1 if group.spec.learned.better == "higher" else -1
    return {seed: sign * value for seed, value in values.items()}


def cell_name(cell: str) -> str:
    """Return the name of a cell, such as "RNN (tanh)"."""
    return CELLS[cell].name


def _solved(seed: int, *groups: Group) -> bool:
    return any(group.results[seed].solved_at is not None for group in groups)
