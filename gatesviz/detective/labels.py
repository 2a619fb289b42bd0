"""Read labels of any kind: numbers, yes or no, or classes."""

from numbers import Real
from reprlib import repr as shortened
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gatesviz.sequences.characters import shown

LONGEST = 24
"""Characters of a label that people see."""
Kind = Literal["number", "yes or no", "class"]


class Labels(NamedTuple):
    """Labels as numbers.

    Attributes:
        values: (T, B) or (T, 1), NaN where a step has no label. Classes are numbered from 0 in
            the order of their names; "no" is 0 and "yes" is 1.
        kind: "yes or no" if there are exactly two different labels.
    """

    values: NDArray[np.float64]
    kind: Kind


class Column(NamedTuple):
    """The labels of the compared steps, one after the other: values (N,), and their kind."""

    values: NDArray[np.float64]
    kind: Kind


def read_labels(labels: object, steps: int, samples: int) -> Labels:
    """Return labels (T,), the same for all samples, or (T, B).

    Raises:
        TypeError: if one is neither a number nor a text.
        ValueError: if the shape is another, or a number is infinite.
    """
    array = _array(labels)
    if array.shape not in {(steps,), (steps, samples)}:
        raise ValueError(
            f"labels: expected shape ({steps},) or ({steps}, {samples}), one for each step, got"
            f" {array.shape}"
        )
    if array.dtype.kind not in "biufOU":
        raise TypeError(f"labels: expected numbers or texts, got {array.dtype}")
    numbers = array.dtype.kind in "biuf"
    values = array.astype(np.float64) if numbers else None
    if values is None:
        values, numbers = _read_objects(array.astype(object))
    if np.isinf(values).any():
        raise ValueError("labels: expected finite numbers, got an infinite one")
    kind: Kind = "number" if numbers else "class"
    return Labels(values.reshape(steps, -1), kind)


def compared(labels: Labels, inside: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], Column]:
    """Return which steps (T, B) are compared, and their labels.

    Args:
        inside: (T, B), false beyond the end of a sample.

    Raises:
        ValueError: if the labels there don't differ, or if every step has a class of its own.
    """
    values = np.broadcast_to(labels.values, inside.shape)
    chosen = inside & ~np.isnan(values)
    column = values[chosen]
    different, codes = np.unique(column, return_inverse=True)
    if len(different) < 2:
        found = f"all {len(column):,} labels are the same" if len(column) else "no step has a label"
        raise ValueError(f"labels: expected at least two different ones, but {found}")
    if len(different) == 2:
        return chosen, Column(codes.astype(np.float64), "yes or no")
    if labels.kind == "class" and len(different) == len(column):
        raise ValueError(
            f"labels: all {len(column):,} classes are different, expected several steps of each"
        )
    return chosen, Column(column if labels.kind == "number" else codes.astype(float), labels.kind)


def is_missing(label: object) -> bool:
    """Return whether a step with this label has none: None or NaN."""
    return label is None or label != label


def label_name(label: object) -> str:
    """Return a label as a text: "yes" or "no", a number with three digits, or the text itself."""
    if isinstance(label, bool | np.bool_):
        return "yes" if label else "no"
    return f"{label:.3g}" if isinstance(label, float | np.floating) else str(label)


def label_text(label: object) -> str:
    """Return a label for people: its name, cut and with hidden characters visible; "–" if none."""
    return "–" if is_missing(label) else shown(label_name(label), LONGEST)


def _array(labels: object) -> NDArray[Any]:
    if isinstance(labels, str):
        return np.array(list(labels), object)
    if isinstance(labels, np.ndarray):
        return labels
    if hasattr(labels, "detach"):  # a tensor, which may need a gradient or be on a GPU
        tensor: Any = labels.detach().cpu()
        labels = tensor.double() if tensor.is_floating_point() else tensor
    if hasattr(labels, "__array__"):
        return np.asarray(labels)
    try:
        return np.array(labels, object)
    except ValueError:
        raise ValueError("labels: expected equally many for each step") from None


def _read_objects(array: NDArray[Any]) -> tuple[NDArray[np.float64], bool]:
    """Return objects as numbers, NaN for None and NaN, and whether they were numbers."""
    flat = [None if each is None or each != each else each for each in array.ravel().tolist()]
    for each in flat:
        if each is not None and not isinstance(each, str | Real):
            raise TypeError(f"labels: expected numbers or texts, got {shortened(each)}")
    if not any(isinstance(each, str) for each in flat):
        try:
            numbers = [np.nan if each is None else float(each) for each in flat]
        except OverflowError:
            raise ValueError("labels: expected finite numbers, got one above 1.8e308") from None
        return np.array(numbers).reshape(array.shape), True
    names = sorted({str(each) for each in flat if each is not None})
    number = {name: float(k) for k, name in enumerate(names)}
    codes = [np.nan if each is None else number[str(each)] for each in flat]
    return np.array(codes).reshape(array.shape), False
