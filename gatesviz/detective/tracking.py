"""Rank units by how well they track a property.

The measure depends on the labels, and is 0 to 1 for each:

- numbers: |r|, r of Pearson (1895). It finds units that rise or fall in proportion to the label.
- two different labels: 2·|AUC − ½|. The AUC is the chance that the unit is higher at a "yes" than
  at a "no" (Mann & Whitney 1947; Hanley & McNeil 1982); half of the ties count. Only the order of
  the values matters, so a unit that saturates is judged fairly.
- classes: η², the share of the unit's variance between classes (Pearson 1905; Fisher 1925). Unlike
  mutual information it needs no bins and no estimate of a density. With K classes in N independent
  steps, a unit that has nothing to do with them gets (K − 1) / (N − 1) on average.

Values of different measures can't be compared. Steps of one sequence depend on each other, so a
measure has no p-value here. A high one doesn't show that the model uses the unit: see `ablate`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatesviz.detective.labels import Column, Kind, compared, read_labels
from gatesviz.detective.values import check_recording, inside_of, values_of
from gatesviz.recordings import Recording
from gatesviz.traces import Direction

Reals = NDArray[np.float64]
MEASURES: dict[Kind, str] = {"number": "|r|", "yes or no": "2·|AUC − ½|", "class": "η²"}
AT_ONCE = 4_000_000
"""Values that are compared at once."""


WEAK = {"|r|": 0.3, "2·|AUC − ½|": 0.3, "η²": 0.1}
"""Name of a measure -> below it, a unit tracks a property only weakly. η² is a square, as r² is."""
TIES = 4
"""Most units of a tie that a sentence names before it says how many more there are."""


@dataclass(frozen=True)
class Tracked:
    """How well one unit tracks a property.

    Attributes:
        unit: its number.
        measure: 0 to 1; NaN if the unit is constant or has a value that is not finite.
        sign: 1 if the unit rises with the label or is higher at a "yes", −1 if it falls, and 0 for
            classes, no relation or NaN. The "yes" of two texts is the later one in the alphabet.
        name: of the measure: "|r|", "2·|AUC − ½|" or "η²".
        letter, layer, direction: what was compared; the layer counts from 0.
        steps: the number of compared steps in all sequences.
        units: the number of units of the letter.
    """

    unit: int
    measure: float
    sign: int
    name: str
    letter: str
    layer: int
    direction: Direction
    steps: int
    units: int

    def __str__(self) -> str:
        if math.isnan(self.measure):
            return f"unit {self.unit}: no measure, its {self.letter} never changes or isn't finite"
        way = {1: ", rises with the label", -1: ", falls as the label rises", 0: ""}[self.sign]
        return f"unit {self.unit}: {self.name} = {self.measure:.3f}{way}"


def rank(
    recording: Recording,
    labels: object,
    letter: str = "h",
    layer: int = -1,
    direction: Direction = "forward",
) -> tuple[Tracked, ...]:
    """Rank all units by how well they track ``labels``, best first.

    Units that track them equally well keep the order of their numbers. Units that are constant or
    have values that aren't finite come last.

    Args:
        recording: a recording of T steps and B samples. Steps after a sample's end are left out.
        labels: (T,), the same for every sample, or (T, B): numbers, booleans or strings. NaN or
            None leaves a step out. If numbers stand for classes, pass them as strings.
        letter: a gate, or a state after each step.
        layer, direction: as for `Recording.trace`.

    Raises:
        TypeError: if ``recording`` is not a recording, or a label is neither a number nor a string.
        ValueError: if there is no such letter, layer or direction, if the labels don't fit, or if
            all of them are the same.
    """
    check_recording(recording)
    trace = recording.trace(layer, direction)
    values = values_of(trace, letter)
    given = read_labels(labels, *values.shape[:2])
    chosen, column = compared(given, inside_of(trace))
    width = max(1, AT_ONCE // len(column.values))
    related = np.concatenate(
        [
            _related(values[..., k : k + width][chosen], column)
            for k in range(0, values.shape[-1], width)
        ]
    )
    found = [
        Tracked(
            unit,
            abs(each),
            0 if column.kind == "class" or math.isnan(each) else int(np.sign(each)),
            MEASURES[column.kind],
            letter,
            layer % recording.layers,
            direction,
            len(column.values),
            values.shape[-1],
        )
        for unit, each in enumerate(related.tolist())
    ]
    return tuple(sorted(found, key=_place))


def is_weak(best: Tracked) -> bool:
    """Return whether a unit tracks the property only weakly, by `WEAK`."""
    return best.measure < WEAK[best.name]


def tied(ranked: Sequence[Tracked]) -> tuple[int, ...]:
    """Return the units that track the property as well as the best one, to two decimals.

    Args:
        ranked: from `rank`.
    """
    if not ranked or math.isnan(ranked[0].measure):
        return ()
    best = f"{ranked[0].measure:.2f}"
    if best == "0.00":  # none of them tracks it
        return ()
    return tuple(each.unit for each in ranked[1:] if f"{each.measure:.2f}" == best)


def tie_text(ranked: Sequence[Tracked], units: Sequence[int]) -> str:
    """Return that ``units``, which are `tied`, track the property equally well; "" for none."""
    if not units:
        return ""
    measure = f"({ranked[0].name} = {ranked[0].measure:.2f})"
    if len(units) == 1:
        return f"Unit {units[0]} tracks it equally well {measure}."
    named = [str(unit) for unit in units]
    if len(units) > TIES + 1:  # the name of one is as short as "1 more"
        named = [*named[:TIES], f"{len(units) - TIES:,} more"]
    return f"Units {', '.join(named[:-1])} and {named[-1]} track it equally well {measure}."


def _place(each: Tracked) -> tuple[bool, float, int]:
    unknown = math.isnan(each.measure)
    return unknown, 0.0 if unknown else -round(each.measure, 12), each.unit


def _related(values: NDArray[np.floating], column: Column) -> Reals:
    """Return the signed measure of each unit, values (N, units); NaN where it has none."""
    finite = np.isfinite(values).all(0)
    known: Reals = np.where(finite, values, 0).astype(np.float64)
    useful = np.ptp(known, 0) > 0
    if column.kind == "yes or no":
        found = _order(known, column.values > 0)
    else:
        centred = known / np.where(useful, np.abs(known).max(0), 1)
        centred -= centred.mean(0)
        measure = _correlation if column.kind == "number" else _between_classes
        found = measure(centred, column.values, (centred**2).sum(0))
    return np.where(useful, np.clip(found, -1, 1), np.nan)


def _correlation(values: Reals, labels: Reals, squares: Reals) -> Reals:
    """Return Pearson's r of centred values (N, units)."""
    labels = labels / np.abs(labels).max()
    labels = labels - labels.mean()
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Reals = labels @ values / np.sqrt(squares * (labels**2).sum())
    return found


def _order(values: Reals, yes: NDArray[np.bool_]) -> Reals:
    """Return 2·AUC − 1 from the ranks of values (N, units); ties get their mean rank."""
    from scipy.stats import rankdata

    count, others = int(yes.sum()), int((~yes).sum())
    above = rankdata(values, axis=0)[yes].sum(0) - count * (count + 1) / 2
    found: Reals = 2 * above / (count * others) - 1
    return found


def _between_classes(values: Reals, classes: Reals, squares: Reals) -> Reals:
    """Return η² of centred values (N, units)."""
    order = np.argsort(classes, kind="stable")
    starts = np.flatnonzero(np.diff(classes[order], prepend=-1))
    sums = np.add.reduceat(values[order], starts, 0)
    counts = np.diff(starts, append=len(classes))[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Reals = (sums**2 / counts).sum(0) / squares
    return found
