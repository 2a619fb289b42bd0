"""What goes in: one sequence, ready for a cell, and what was done to it."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gatesviz.limits import FEATURES, STEPS

SCALES = ("as is", "standard", "unit")


@dataclass(frozen=True, eq=False)
class Sequence:
    """T steps of I features each.

    Attributes:
        values: (T, I) float32, finite.
        labels: T labels for the time axis: the character for text, a date or a row number
            for a table, "0", "1", … otherwise.
        features: I names: "value", a column's name, or the characters of a vocabulary.
        kind: "numbers" or "text".
        title: a few words, as in "Seattle, daily maximum temperature".
        notes: sentences for the reader: what was replaced, cut or scaled.

    Raises:
        TypeError: if ``values`` is no float32 array.
        ValueError: if it is not (T, I), a value is not finite, T or I lies outside its limit,
            the labels are not T, the features not I, or ``kind`` is another word.
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
            raise TypeError(f"values are {found}, a float32 array is wanted")
        if self.values.ndim != 2:
            raise ValueError(f"values have shape {self.values.shape}, expected (T, I)")
        STEPS.check(self.steps)
        FEATURES.check(self.size)
        if not np.isfinite(self.values).all():
            step, feature = np.argwhere(~np.isfinite(self.values))[0]
            raise ValueError(
                f"values[{step}, {feature}] is {self.values[step, feature]}, it must be finite"
            )
        if len(self.labels) != self.steps:
            raise ValueError(f"{len(self.labels)} labels given for {self.steps} steps")
        if len(self.features) != self.size:
            raise ValueError(f"{len(self.features)} feature names given for {self.size} features")
        if self.kind not in ("numbers", "text"):
            raise ValueError(f"kind is {self.kind!r}, 'numbers' or 'text' is wanted")

    def __repr__(self) -> str:
        return f"Sequence({self.title!r}, {self.kind}, T={self.steps}, I={self.size})"

    @property
    def steps(self) -> int:
        """T."""
        return int(self.values.shape[0])

    @property
    def size(self) -> int:
        """I."""
        return int(self.values.shape[1])

    def scaled(self, how: str) -> "Sequence":
        """Return the sequence with each feature scaled by itself; a note gives the numbers used.

        Args:
            how: "as is" changes nothing; "standard" gives mean 0 and standard deviation 1
                (the population's: divided by T); "unit" takes the smallest value to −1 and
                the largest to 1. A feature that never changes becomes 0 at every step.

        Raises:
            ValueError: if ``how`` is another word, or a one-hot text is to be scaled.
        """
        if how not in SCALES:
            raise ValueError(f"scale is {how!r}, one of {', '.join(map(repr, SCALES))} is wanted")
        if how == "as is":
            return self
        if self.kind == "text":
            raise ValueError(f"scale is {how!r}, but a one-hot text can only be left 'as is'")
        values = self.values.astype(np.float64)
        centre, spread = _standard(values) if how == "standard" else _unit(values)
        constant = values.max(axis=0) == values.min(axis=0)
        result = np.where(constant, 0.0, (values - centre) / np.where(constant, 1.0, spread))
        notes = (
            _scaling(name, how, float(c), float(s), bool(flat))
            for name, c, s, flat in zip(self.features, centre, spread, constant, strict=True)
        )
        return replace(self, values=result.astype(np.float32), notes=(*self.notes, *notes))

    def window(self, start: int, steps: int) -> "Sequence":
        """Return ``steps`` steps from step ``start`` on, counted from 0.

        Raises:
            ValueError: if that reaches outside the sequence or is shorter than allowed.
        """
        STEPS.check(steps)
        if not 0 <= start <= self.steps - steps:
            raise ValueError(
                f"steps {start} to {start + steps - 1} asked for,"
                f" the sequence has 0 to {self.steps - 1}"
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
        ValueError: as `Sequence`; also if a value is finite but beyond float32.
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
    words = ("mean", "standard deviation") if how == "standard" else ("middle", "half of the range")
    return (
        f"Scaled: from “{name}” its {words[0]} {centre:.6g} was subtracted,"
        f" then it was divided by its {words[1]} {spread:.6g}."
    )
