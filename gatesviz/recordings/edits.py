"""Edits: which gate, state or input of a recording is replaced, by what, at which steps.

`record(module, inputs, edits=[Edit("f", 0.0, steps=25)])` computes the module's equations with some
numbers replaced, and everything that follows from them. `edit_text` has the text of a link,
`edited` the computation.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from reprlib import repr as shortened
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gatesviz.cells import Cell, find_cell
from gatesviz.limits import EDITS, whole
from gatesviz.recordings.edit_places import Places, counted, listed, read_places, short, when, where
from gatesviz.traces import Direction

Values = NDArray[np.float64]


class Extent(NamedTuple):
    """The size of a recording, against which an edit is checked.

    Attributes:
        cell: the description of its cell.
        layers: number of layers.
        directions: ("forward",) or ("forward", "backward").
        steps: T, of the longest sample.
        samples: B; None where the inputs are unbatched.
        input_size, hidden_size, state_size: I of the first layer, H, and P, the size of h.
    """

    cell: Cell
    layers: int
    directions: tuple[Direction, ...]
    steps: int
    samples: int | None
    input_size: int
    hidden_size: int
    state_size: int

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters that can be edited: the gates', the states' and x."""
        return (*(gate.letter for gate in self.cell.gates), *reversed(self.cell.states), "x")

    def units(self, letter: str, layer: int) -> int:
        """Return the number of units of ``letter`` in ``layer``; of x, the features it reads."""
        if letter == "x":
            return self.input_size if layer == 0 else len(self.directions) * self.state_size
        return self.state_size if letter == "h" else self.hidden_size


@dataclass(frozen=True, eq=False, repr=False)
class Edit:
    """Set a gate, a state or the input of a recording to a value, at some steps and units.

    A gate is replaced after its nonlinearity. c is replaced after its sum, so h follows from it.
    The next step, the next layer and the readout get the new h; with a projection, it is the
    projected h. x is replaced before it enters the layer. Later edits win where edits overlap.
    Edits are equal if all their parts are.

    Attributes:
        letter: a gate's letter, "c", "h" or "x" (the input of the layer).
        value: a finite number, or an array that broadcasts to (steps, units) or
            (steps, B, units). For one step of a batch, it can be (B, units).
        steps: None for all, a number, a slice or several numbers. Step 0 is the first input, in
            the backward direction, too; -1 is the last. A packed sample that ends earlier isn't
            changed.
        units: None for all, a number, a slice or several numbers.
        layer: 0 is the first, -1 the last.
        direction: "forward" or "backward".

    Raises:
        TypeError: if an argument has the wrong type.
        ValueError: if the value is not finite, or if no recording can have such a letter, step,
            unit, layer or direction.
    """

    letter: str
    value: float | ArrayLike
    steps: int | slice | Sequence[int] | None = None
    units: int | slice | Sequence[int] | None = None
    layer: int = -1
    direction: Direction = "forward"

    def __post_init__(self) -> None:
        if not isinstance(self.letter, str) or not re.fullmatch("[a-z]", self.letter):
            raise ValueError(
                f'letter: expected a gate\'s letter, "c", "h" or "x", got {shortened(self.letter)}'
            )
        if self.direction not in ("forward", "backward"):
            raise ValueError(
                f"direction: expected 'forward' or 'backward', got {shortened(self.direction)}"
            )
        for name, part in {
            "value": _read_value(self.value),
            "steps": read_places("step", self.steps),
            "units": read_places("unit", self.units),
            "layer": whole("layer", self.layer),
        }.items():
            object.__setattr__(self, name, part)

    @property
    def _parts(self) -> tuple[Any, ...]:
        value = np.asarray(self.value, np.float64)
        places = (repr(self.steps), repr(self.units), self.layer, self.direction)
        return self.letter, value.shape, value.tolist(), *places

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Edit) and self._parts == other._parts

    def __hash__(self) -> int:
        return hash((self.letter, repr(self.steps), repr(self.units), self.layer))

    @property
    def _places(self) -> tuple[Places, Places]:
        """Steps and units as `read_places` returned them."""
        return self.steps, self.units  # type: ignore[return-value]

    def range_warning(self, cell: str | Cell) -> str:
        """Return a sentence if the value is one that this gate of ``cell`` can never have, else "".

        Such an edit is allowed. States and inputs have no range here. The player shows the same
        sentence, and one for an h outside −1 to 1 where the cell bounds it.

        Raises:
            ValueError: if there is no such cell.
        """
        gates = (find_cell(cell) if isinstance(cell, str) else cell).gates
        values = np.asarray(self.value, np.float64).ravel().tolist()
        for gate in gates:
            wrong = [one for one in values if not gate.low <= one <= gate.high]
            if gate.letter == self.letter and wrong:
                return (
                    f"{gate.letter} = {wrong[0]!r}".removesuffix(".0")
                    + f" is outside the {'candidate' if 'candidate' in gate.name else 'gate'}'s"
                    f" range {gate.low:g} to {gate.high:g}. No input could make the cell do this."
                ).replace("-", "−")
        return ""

    def outside(self, cell: str | Cell) -> bool:
        """Return whether there is a `range_warning`."""
        return self.range_warning(cell) != ""

    def resolved(self, extent: Extent) -> "Edit":
        """Return the edit as it acts on a recording of this ``extent``.

        Steps, units and the layer count from 0; None still stands for all. An array has the shape
        (steps, units), or (steps, B, units) where samples differ.

        Raises:
            ValueError: if the recording has no such letter, layer, direction, step or unit, or if
                an array does not fit. The message says what is allowed.
        """
        if self.letter not in extent.letters:
            raise ValueError(
                f"letter: the {extent.cell.name} has no {self.letter!r}, expected one of"
                f" {', '.join(extent.letters)}"
            )
        if not -extent.layers <= self.layer < extent.layers:
            raise ValueError(
                f"layer {self.layer} does not exist: layers are {-extent.layers} to"
                f" {extent.layers - 1}"
            )
        if self.direction not in extent.directions:
            raise ValueError("direction 'backward' does not exist: the module only reads forward")
        layer = self.layer % extent.layers
        count = extent.units(self.letter, layer)
        steps = counted("step", self._places[0], extent.steps)
        units = counted("unit", self._places[1], count)
        size = (len(steps or range(extent.steps)), len(units or range(count)))
        value = _broadcast(self.value, size, extent.samples)
        return replace(self, value=value, steps=steps, units=units, layer=layer)

    def describe(self, layers: int = 1) -> str:
        """Return the edit in words, such as "f = 0 at step 25" or "c = -1 at all steps, unit 3".

        Args:
            layers: the layers of the module. The layer is named if there are several.
        """
        value = f"= {self.value:g}" if isinstance(self.value, float) else "from an array"
        steps, units = self._places
        layer = self.layer + layers if self.layer < 0 else self.layer
        place = "" if layers == 1 and layer == 0 else f", layer {layer}"
        backward = ", backward" if self.direction == "backward" else ""
        return f"{self.letter} {value} {when(steps)}{where(units)}{place}{backward}"

    def __str__(self) -> str:
        return self.describe()

    def __repr__(self) -> str:
        value = f"{self.value:g}" if isinstance(self.value, float) else f"array{self._parts[1]}"
        places = zip(("steps", "units"), self._places, strict=True)
        parts = [repr(self.letter), value, *(f"{k}={short(v)}" for k, v in places if v is not None)]
        parts += [f"layer={self.layer}"] if self.layer != -1 else []
        parts += ["direction='backward'"] if self.direction == "backward" else []
        return f"Edit({', '.join(parts)})"

    def to_dict(self, layers: int = 1) -> dict[str, Any]:
        """Return the edit ready for JSON.

        ``{"letter": "f", "value": 0.0, "steps": [25], "units": None, "layer": 0,
        "direction": "forward"}``. The value is a number, or lists by step and unit (by step,
        sample and unit where samples differ). Steps and units are lists, or None for all.

        Args:
            layers: the layers of the module, for a layer that counts from the last one.

        Raises:
            ValueError: if steps or units count from the end. Those of `Recording.edits` never do.
        """
        if self.layer < -layers:
            raise ValueError(f"layer {self.layer} does not exist: layers are {-layers} to -1")
        steps, units = self._places
        return {
            "letter": self.letter,
            "value": np.asarray(self.value, np.float64).tolist(),
            "steps": listed("step", steps),
            "units": listed("unit", units),
            "layer": self.layer % layers if self.layer < 0 else self.layer,
            "direction": self.direction,
        }

    @classmethod
    def from_dict(cls, written: object) -> "Edit":
        """Return the edit that `to_dict` wrote. You may pass any JSON value: it is checked.

        Without "steps" or "units" the edit is for all, without "layer" for the first layer.

        Raises:
            TypeError, ValueError: if it is not an edit; the message says what is wrong.
        """
        if not isinstance(written, Mapping):
            raise TypeError(f"an edit: expected an object, got {shortened(written)}")
        known = ("letter", "value", "steps", "units", "layer", "direction")
        if not {"letter", "value"} <= set(written) <= set(known):
            raise ValueError(
                f"an edit: expected a letter and a value, of {', '.join(known)}, got"
                f" {shortened(list(written))}"
            )
        for name in ("steps", "units"):
            if not isinstance(written.get(name), list | None):
                raise TypeError(f"{name}: expected a list or null, got {shortened(written[name])}")
        edit = cls(**{"layer": 0, **written})
        if edit.layer < 0:
            raise ValueError(f"layer: expected 0 or more, got {edit.layer}")
        edit.to_dict()  # refuses steps and units below 0
        return edit


def read_edits(written: object) -> tuple[Edit, ...]:
    """Return the edits of a list, each as `Edit.to_dict` wrote it.

    Raises:
        ValueError: if it is not a list of edits, or too long.
    """
    if not isinstance(written, list):
        raise ValueError(f"edits: expected a list, got {shortened(written)}")
    EDITS.check(len(written))
    try:
        return tuple(map(Edit.from_dict, written))
    except TypeError as error:
        raise ValueError(str(error)) from None


def resolved_edits(edits: object, extent: Extent) -> tuple[Edit, ...]:
    """Return ``edits`` as they act on a recording of this ``extent``: see `Edit.resolved`.

    Raises:
        TypeError: if it is not a sequence of edits.
        ValueError: if there are too many, or if one does not fit.
    """
    if isinstance(edits, str | Mapping) or not isinstance(edits, Iterable):
        raise TypeError(
            f"edits: expected a list such as [gv.Edit('f', 0.0, steps=25)], got {shortened(edits)}"
        )
    found = list(edits)
    EDITS.check(len(found))
    for edit in found:
        if not isinstance(edit, Edit):
            raise TypeError(f"edits: expected gv.Edit objects, got {shortened(edit)}")
    return tuple(edit.resolved(extent) for edit in found)


def edited_places(edits: Sequence[Edit]) -> set[tuple[int, Direction]]:
    """Return layer and direction of each trace whose gates or states resolved ``edits`` replace."""
    return {(edit.layer, edit.direction) for edit in edits if edit.letter != "x"}


def _read_value(given: object) -> float | Values:
    try:
        values = np.asarray(given)
    except (TypeError, ValueError, RuntimeError):  # ragged lists, tensors that need a gradient
        values = np.asarray(None)
    if values.dtype.kind not in "fiu":
        raise TypeError(f"value: expected a number or an array of numbers, got {shortened(given)}")
    values = values.astype(np.float64)
    if values.ndim > 3 or values.size == 0:
        raise ValueError(
            f"value has shape {values.shape}, expected (steps, units) or (steps, B, units)"
        )
    if not np.isfinite(values).all():
        raise ValueError(f"value: expected finite numbers, got {values[~np.isfinite(values)][0]:g}")
    if values.ndim == 0:
        return float(values)
    values.flags.writeable = False
    return values


def _broadcast(
    value: float | ArrayLike, size: tuple[int, int], samples: int | None
) -> float | Values:
    """Return an array as (steps, units), or (steps, B, units) where it has values for samples."""
    if isinstance(value, float):
        return value
    values, (steps, units) = np.asarray(value, np.float64), size
    wide = (steps, samples or 1, units)
    try:
        if values.ndim == 3 or (values.ndim == 2 and steps == 1 and len(values) > 1):
            full = np.broadcast_to(values, wide)
            return full[:, 0] if samples is None else full
        return np.broadcast_to(values, size)
    except ValueError:
        batched = "" if samples is None else f" or {wide}, (steps, B, units)"
        raise ValueError(
            f"value has shape {values.shape}, expected one that broadcasts to {size},"
            f" (steps, units){batched}"
        ) from None
