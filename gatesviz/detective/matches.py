"""Find other stretches in which the same units are active.

This is the match view of LSTMVis (Strobelt et al. 2018, IEEE TVCG 24, 667-676). A unit is active in
a stretch if its value stays at or above the threshold at every step of it. The more active units
two stretches share, and the fewer only one of them has, the more similar they are. Here

- a unit that stays at or below minus the threshold is active, too, with the other sign, since a
  state has two directions. It is shared only if the sign is the same;
- stretches have the same length, and similarity is the share of shared units among the units that
  are active in either (Jaccard 1912), 0 to 1;
- equally similar stretches are ordered by their distance: the root mean square difference of the
  compared units' values.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from reprlib import repr as shortened
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gatesviz.detective.values import check_recording, checked_units, values_of
from gatesviz.gradients.norms import norm
from gatesviz.limits import MATCHES, THRESHOLD, whole
from gatesviz.recordings import Recording
from gatesviz.traces import Array, Direction

Flags = NDArray[np.bool_]
Reals = NDArray[np.float64]
AT_ONCE = 4_000_000
"""Values that are compared at once."""


class Stretch(NamedTuple):
    """Some steps of one sequence.

    Attributes:
        start, stop: the first step, and the first one after it.
        sample: the number of the sequence in its recording.
        recording: the number of the recording among those that are searched.
    """

    start: int
    stop: int
    sample: int = 0
    recording: int = 0


@dataclass(frozen=True)
class Match:
    """A stretch in which the same units are active.

    Attributes:
        stretch: where it is.
        similarity: above 0, at most 1.
        distance: the root mean square difference of the compared units' values.
        shared: the active units that both have.
        extra: the units that are active here alone, or with the other sign.
    """

    stretch: Stretch
    similarity: float
    distance: float
    shared: tuple[int, ...]
    extra: tuple[int, ...]

    def __str__(self) -> str:
        at = self.stretch
        units = ", ".join(map(str, self.shared))
        return (
            f"sequence {at.sample}, steps {at.start} to {at.stop - 1}: similarity"
            f" {self.similarity:.2f}, shared units {units}"
        )


def active_units(
    recording: Recording,
    stretch: Stretch | tuple[int, ...],
    *,
    threshold: float = 0.3,
    letter: str = "h",
    layer: int = -1,
    direction: Direction = "forward",
) -> dict[int, int]:
    """Return the units that are active through a stretch -> 1 if they stay high, −1 if low.

    Arguments and errors are those of `find`.
    """
    values = _values([recording], letter, layer, direction)
    at = _checked_stretch(stretch, values)
    high, low = _active(_cut(values, at), _threshold(threshold))
    return {int(unit): 1 if high[unit] else -1 for unit in np.flatnonzero(high | low)}


def find(
    recordings: Recording | Sequence[Recording],
    stretch: Stretch | tuple[int, ...],
    units: Iterable[int] | None = None,
    *,
    threshold: float = 0.3,
    letter: str = "h",
    layer: int = -1,
    direction: Direction = "forward",
    most: int = 50,
) -> tuple[Match, ...]:
    """Find the stretches in which the same units are active as in ``stretch``, best match first.

    If matches in one sequence overlap, only the best is returned. None overlaps ``stretch`` itself.

    Args:
        recordings: recordings of one model, each with any number of sequences.
        stretch: the steps, ``(start, stop)``, ``(start, stop, sequence)`` or ``(start, stop,
            sequence, recording)``. ``stop`` is the first step after it.
        units: the units that are compared; None for all. The others are ignored.
        threshold: a unit is active if its value is at least ``threshold`` at every step of the
            segment, or at most −``threshold`` at every step. Above 0.
        letter: a gate, or a state after each step.
        layer, direction: as for `Recording.trace`.
        most: the largest number of matches.

    Raises:
        TypeError: if an argument has the wrong type.
        ValueError: if the recordings have different numbers of units, or there is no such letter,
            layer, direction, unit or step; if a number is outside its limit; or if no compared
            unit is active through the segment.
    """
    given = [recordings] if isinstance(recordings, Recording) else recordings
    if isinstance(given, str) or not isinstance(given, Sequence) or not given:
        raise TypeError(f"recordings: expected a Recording or several, got {shortened(recordings)}")
    MATCHES.check(most)
    values, level = _values(given, letter, layer, direction), _threshold(threshold)
    at = _checked_stretch(stretch, values)
    compared = checked_units(units, values[0].shape[-1])
    query = _cut(values, at)[:, compared]
    high, low = _active(query, level)
    if not (high | low).any():
        raise ValueError(_inactive(query, level))
    kept = _best(_candidates(values, compared, query, level), at, most)
    return tuple(_match(values, compared, place, (high, low), level) for place in kept)


class _Place(NamedTuple):
    """A candidate: its stretch, and how similar and distant it is."""

    stretch: Stretch
    similarity: float
    distance: float


def _candidates(values: Sequence[Array], compared: list[int], query: Array, level: float) -> Reals:
    """Return rows (similarity, distance, recording, sample, start) of all that share a unit."""
    rows = [np.empty((0, 5))]
    for number, whole_values in enumerate(values):
        steps, samples, _ = whole_values.shape
        if steps < len(query):
            continue
        width = max(1, AT_ONCE // (steps * len(compared)))
        for first in range(0, samples, width):
            part = whole_values[:, first : first + width, compared]
            similarity, distance = _compare(part, query, level)
            start, sample = np.nonzero(similarity)
            found = similarity[start, sample], distance[start, sample]
            place = np.full(len(start), number), first + sample, start
            rows.append(np.stack([*found, *place], 1).astype(np.float64))
    return np.concatenate(rows)


def _compare(values: Array, query: Array, level: float) -> tuple[Reals, Reals]:
    """Return similarity and distance of each stretch of ``values`` (T, B, units): (W, B)."""
    high, low = _active(query, level)
    highs, lows = _always(values >= level, len(query)), _always(values <= -level, len(query))
    shared = (highs & high).sum(-1) + (lows & low).sum(-1)
    active = highs.sum(-1) + lows.sum(-1) + int(high.sum() + low.sum())
    distance = _lengths(values, query.astype(np.float64), len(shared)) / np.sqrt(query.size)
    return shared / (active - shared), np.where(np.isnan(distance), np.inf, distance)


def _lengths(values: Array, query: Reals, starts: int) -> Reals:
    """Return the norm of the difference from ``query`` of each stretch of ``values``."""
    found = np.zeros((starts, values.shape[1]))
    with np.errstate(all="ignore"):  # differences from infinity are NaN
        if values.dtype == np.float32:  # in float64, squares of these don't overflow
            for step, row in enumerate(query):
                found += ((values[step : step + starts] - row) ** 2).sum(-1)
            return np.sqrt(found)
        for step, row in enumerate(query):
            found = np.hypot(found, norm(values[step : step + starts] - row))
    return found


def _always(flags: Flags, length: int) -> Flags:
    """Return whether ``flags`` (T, B, units) hold for ``length`` steps from each: (W, B, units)."""
    count = np.zeros((len(flags) + 1, *flags.shape[1:]), np.int32)
    np.cumsum(flags, 0, out=count[1:])
    always: Flags = count[length:] - count[:-length] == length
    return always


def _active(stretch: Array, level: float) -> tuple[Flags, Flags]:
    """Return which units stay high and which stay low through values (steps, units)."""
    high: Flags = np.all(stretch >= level, axis=0)
    low: Flags = np.all(stretch <= -level, axis=0)
    return high, low


def _inactive(stretch: Array, level: float) -> str:
    """Return a sentence for values (steps, units) of which no unit is active."""
    start = f"threshold: no compared unit stays {level:g} or more from 0 through the stretch"
    finite = stretch[:, np.isfinite(stretch).all(0)]
    if not finite.size:
        return f"{start}, because each has a value that isn't finite"
    stretch = finite
    farthest = max(float(stretch.min(0).max()), float(-stretch.max(0).min()))
    if farthest < THRESHOLD.low:
        return f"{start}. Take a shorter one, since all change their sign or are 0 in it"
    return f"{start}. Take a threshold below {farthest:.3g}, or a shorter stretch"


def _best(rows: Reals, query: Stretch, most: int) -> Iterator[_Place]:
    """Yield the best candidates, without those that overlap a better one or the query."""
    length = query.stop - query.start
    taken: dict[tuple[int, int], list[int]] = {(query.recording, query.sample): [query.start]}
    found = 0
    for row in rows[np.lexsort((rows[:, 4], rows[:, 3], rows[:, 2], rows[:, 1], -rows[:, 0]))]:
        if found == most:
            return
        number, sample, start = map(int, row[2:])
        starts = taken.setdefault((number, sample), [])
        if all(abs(start - other) >= length for other in starts):
            starts.append(start)
            found += 1
            yield _Place(Stretch(start, start + length, sample, number), *map(float, row[:2]))


def _match(
    values: Sequence[Array],
    compared: list[int],
    place: _Place,
    query: tuple[Flags, Flags],
    level: float,
) -> Match:
    high, low = _active(_cut(values, place.stretch)[:, compared], level)
    shared = (high & query[0]) | (low & query[1])
    numbers = np.array(compared)
    return Match(
        place.stretch,
        place.similarity,
        place.distance,
        tuple(numbers[shared].tolist()),
        tuple(numbers[(high | low) & ~shared].tolist()),
    )


def _values(
    recordings: Sequence[Recording], letter: str, layer: int, direction: Direction
) -> list[Array]:
    found = []
    for recording in recordings:
        check_recording(recording)
        found.append(values_of(recording.trace(layer, direction), letter))
    sizes = sorted({values.shape[-1] for values in found})
    if len(sizes) > 1:
        raise ValueError(
            f"recordings: expected one model, got {sizes[0]} and {sizes[1]} units of {letter}"
        )
    return found


def _cut(values: Sequence[Array], at: Stretch) -> Array:
    return values[at.recording][at.start : at.stop, at.sample]


def _threshold(threshold: float) -> float:
    return float(THRESHOLD.check(threshold))


def _checked_stretch(stretch: object, values: Sequence[Array]) -> Stretch:
    if not isinstance(stretch, tuple) or not 2 <= len(stretch) <= 4:
        raise TypeError(f"stretch: expected (start, stop), got {shortened(stretch)}")
    at = Stretch(*(whole(n, v) for n, v in zip(Stretch._fields, stretch, strict=False)))
    if not 0 <= at.recording < len(values):
        raise ValueError(
            f"recording {at.recording} does not exist: recordings are 0 to {len(values) - 1}"
        )
    steps, samples, _ = values[at.recording].shape
    if not 0 <= at.sample < samples:
        raise ValueError(f"sequence {at.sample} does not exist: sequences are 0 to {samples - 1}")
    if not 0 <= at.start < at.stop <= steps:
        raise ValueError(
            f"stretch: expected 0 ≤ start < stop ≤ {steps}, got {at.start} to {at.stop}"
        )
    return at
