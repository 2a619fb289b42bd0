"""One input sequence, ready for a cell, with notes on how it was read."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gatesviz.limits import FEATURES, STEPS

SCALES = ("as is", "standard", "unit")


class GapError(ValueError):
    """A value is missing in rows that are used, and gaps are not filled.

    Attributes:
        column: the name of its column.
        gap: where it is missing, without advice.
    """

    def __init__(self, column: str, row: int, missing: int) -> None:
        self.column = column
        self.gap = f"“{column}” has no value in row {row:,} ({missing:,} missing in all)"
        super().__init__(
            f"{self.gap}. Pass fill=True to repeat the last value over gaps, or choose another"
            " column"
        )


@dataclass(frozen=True, eq=False)
class Sequence:
    """T steps of I features each.

    Attributes:
        values: (T, I) float32, finite.
        labels: T labels for the time axis: the character for text, a date or a row number
            for a table, "0", "1", … otherwise.
        features: I names: "value", a column's name, or the characters of a vocabulary.
        kind: "numbers" or "text".
        title: a few words: "Seattle, daily maximum temperature".
        notes: sentences that say what was replaced, cut or scaled.

    Raises:
        TypeError: if ``values`` is not a float32 array.
        ValueError: if ``values`` is not (T, I), a value is not finite, T or I is outside its limit,
            there are not T labels or not I features, or ``kind`` is unknown.
    """

    values: NDArray[np.float32]
    labels: tuple[str, ...]
    features: tuple[str, ...]
    kind: str
    title: str
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.values, np.ndarray) or self.values.dtype != np.float32:
            found = getattr(self.values, "dtype", type(self.values).__name__)
            raise TypeError(f"values: expected a float32 array, got {found}")
        if self.values.ndim != 2:
            raise ValueError(f"values: expected shape (T, I), got {self.values.shape}")
        STEPS.check(self.steps)
        FEATURES.check(self.size)
        if not np.isfinite(self.values).all():
            step, feature = np.argwhere(~np.isfinite(self.values))[0]
            raise ValueError(
                f"values[{step}, {feature}] is {self.values[step, feature]}: all must be finite"
            )
        if len(self.labels) != self.steps:
            raise ValueError(
                f"labels: expected one for each of {self.steps} steps, got {len(self.labels)}"
            )
        if len(self.features) != self.size:
            raise ValueError(f"features: expected {self.size} names, got {len(self.features)}")
        if self.kind not in ("numbers", "text"):
            raise ValueError(f"kind: expected 'numbers' or 'text', got {self.kind!r}")

    def __repr__(self) -> str:
        return f"Sequence({self.title!r}, {self.kind}, T={self.steps}, I={self.size})"

    @property
    def steps(self) -> int:
        """T, the number of steps."""
        return int(self.values.shape[0])

    @property
    def size(self) -> int:
        """I, the number of features."""
        return int(self.values.shape[1])

    def scaled(self, how: str) -> "Sequence":
        """Return the sequence with each feature scaled separately; a note gives the numbers used.

        Args:
            how: "as is" changes nothing; "standard" gives mean 0 and standard deviation 1
                (the population's: divided by T); "unit" takes the smallest value to −1 and
                the largest to 1. A constant feature becomes 0.

        Raises:
            ValueError: if ``how`` is unknown, or the sequence is a one-hot text.
        """
        if how == "as is":
            return self
        if self.kind == "text" and how in SCALES:
            raise ValueError(f"scale: a one-hot text can only be left 'as is', got {how!r}")
        values, notes = scaled_columns(self.values, self.features, how)
        return replace(self, values=values, notes=(*self.notes, *notes))

    def window(self, start: int, steps: int) -> "Sequence":
        """Return ``steps`` steps from step ``start`` on, counted from 0.

        Raises:
            ValueError: if the window leaves the sequence or is shorter than allowed.
        """
        STEPS.check(steps)
        if not 0 <= start <= self.steps - steps:
            raise ValueError(
                f"steps {start} to {start + steps - 1} are not all in the sequence,"
                f" which has steps 0 to {self.steps - 1}"
            )
        if steps == self.steps:
            return self
        end = start + steps
        note = f"Cut: steps {start:,} to {end - 1:,} of {self.steps:,} are used."
        return replace(
            self,
            values=self.values[start:end],
            labels=self.labels[start:end],
            notes=(*self.notes, note),
        )


def scaled_columns(
    values: NDArray[np.float32], names: Iterable[str], how: str
) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Return columns (N, I), each scaled separately, and a sentence for each on how.

    Args:
        values: finite numbers.
        names: I names.
        how: as for `Sequence.scaled`.

    Raises:
        ValueError: if ``how`` is unknown.
    """
    if how not in SCALES:
        raise ValueError(f"scale: expected one of {', '.join(map(repr, SCALES))}, got {how!r}")
    if how == "as is":
        return values, ()
    exact = values.astype(np.float64)
    centre, spread = _standard(exact) if how == "standard" else _unit(exact)
    constant = exact.max(axis=0) == exact.min(axis=0)
    result = np.where(constant, 0.0, (exact - centre) / np.where(constant, 1.0, spread))
    notes = (
        _scaling(name, how, float(c), float(s), bool(flat))
        for name, c, s, flat in zip(names, centre, spread, constant, strict=True)
    )
    return result.astype(np.float32), tuple(notes)


def numbers(
    values: ArrayLike,
    title: str,
    *,
    labels: tuple[str, ...] | None = None,
    feature: str = "value",
    notes: tuple[str, ...] = (),
) -> Sequence:
    """Return T ``values`` (T,) as a sequence of one feature, labelled "0", "1", … by default.

    Raises:
        ValueError: as for `Sequence`, and if a value is too large for float32.
    """
    with np.errstate(over="ignore"):  # it becomes infinite, which the Sequence refuses
        column = np.asarray(values, dtype=np.float64).astype(np.float32).reshape(-1, 1)
    if labels is None:
        labels = tuple(map(str, range(len(column))))
    return Sequence(column, labels, (feature,), "numbers", title, notes)


def _standard(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return values.mean(axis=0), values.std(axis=0)


def _unit(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    low, high = values.min(axis=0), values.max(axis=0)
    return (low + high) / 2, (high - low) / 2


def _scaling(name: str, how: str, centre: float, spread: float, constant: bool) -> str:
    if constant:
        return f"Scaled: “{name}” is {centre:.6g} at every step, so it becomes 0 at every step."
    words = ("mean", "standard deviation") if how == "standard" else ("midpoint", "half range")
    return (
        f"“{name}” is scaled: its {words[0]} ({_rounded(centre, spread)}) is subtracted, and"
        f" the result is divided by its {words[1]} ({_rounded(spread, spread)})."
    )


def _rounded(number: float, spread: float) -> str:
    """Return ``number`` with as many decimals as ``spread`` has in three digits."""
    decimals = 2 - math.floor(math.log10(spread))
    return f"{number:,.{max(decimals, 0)}f}" if -4 < decimals < 7 else f"{number:.6g}"
