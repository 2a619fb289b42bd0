"""Traces: the gates and states of one layer in one direction, as NumPy arrays."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from gatesviz.cells import CELLS, Cell
from gatesviz.limits import whole
from gatesviz.names import Named, did_you_mean

Array = NDArray[np.floating]
Direction = Literal["forward", "backward"]


@dataclass(frozen=True, eq=False)
class Trace:
    """Every gate and state of one layer and direction, at every step.

    T steps, B samples, I input size, H hidden size, P the size of h (H, or the LSTM's
    ``proj_size``). For unbatched inputs the axis B is missing. The first axis is time, for
    ``batch_first`` modules, too. Row t belongs to input t in both directions.

    Attributes:
        cell: key of `gatesviz.cells.CELLS`, such as "lstm".
        direction: "forward" or "backward".
        inputs: (T, B, I), the inputs of this layer.
        gates: letter -> (T, B, H). Empty for the RNN, which has none.
        states: "h" -> (T + 1, B, P), and "c" -> (T + 1, B, H) for the LSTM. Forward: row 0 is
            the state before the first step, row t + 1 the state after step t. Backward: row t
            is the state after step t, and the last row is the initial state.
        weights: PyTorch's names without the suffix: weight_ih (K·H, I), weight_hh (K·H, P), and if
            the module has them bias_ih, bias_hh (K·H,), weight_hr (P, H). K is 1 for the RNN, 3
            for the GRU and 4 for the LSTM.
        lengths: (B,) steps of each sample of a packed sequence, else None. Rows after a sample's
            length L hold NaN. In the backward direction, the sample's initial state is in row L.
        edited: whether some gates or states were replaced (`gatesviz.Edit`), so that they don't
            follow from the others.

    Raises:
        TypeError: if one of them is not a NumPy array.
        ValueError: if an array has the wrong shape; the message names the array.
    """

    cell: str
    direction: Direction
    inputs: Array
    gates: Mapping[str, Array]
    states: Mapping[str, Array]
    weights: Mapping[str, Array]
    lengths: NDArray[np.int64] | None = None
    edited: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.cell, str) or self.cell not in CELLS:
            hint = did_you_mean(self.cell, CELLS)
            raise ValueError(f"cell: expected one of {list(CELLS)}, got {self.cell!r}{hint}")
        if self.direction not in ("forward", "backward"):
            raise ValueError(f"direction: expected 'forward' or 'backward', got {self.direction!r}")
        _check_array("inputs", self.inputs)
        for name in ("gates", "states", "weights"):
            if not isinstance(getattr(self, name), Mapping):
                kind = type(getattr(self, name)).__name__
                raise TypeError(f"{name}: expected a mapping of names to arrays, got {kind}")
        if self.inputs.ndim not in (2, 3):
            raise ValueError(f"inputs: expected shape (T, B, I) or (T, I), got {self.inputs.shape}")
        letters = [gate.letter for gate in self.kind.gates]
        if list(self.gates) != letters:
            raise ValueError(f"gates: expected {letters}, got {list(self.gates)}")
        if list(self.states) != list(self.kind.states):
            raise ValueError(f"states: expected {list(self.kind.states)}, got {list(self.states)}")
        T, batch = self.inputs.shape[0], self.inputs.shape[1:-1]
        self._check_weights()
        if self.lengths is not None and (not batch or self.lengths.shape != batch):
            expected = f"shape {batch}" if batch else "None, since the inputs are unbatched"
            raise ValueError(f"lengths: expected {expected}, got shape {self.lengths.shape}")
        H = self.hidden_size
        for letter, gate in self.gates.items():
            _check(f"gate {letter!r}", gate, (T, *batch, H))
        for name, state in self.states.items():
            size = H if name == "c" else self._size_of_h
            _check(f"state {name!r}", state, (T + 1, *batch, size))
        owner = f"the {self.kind.name}"
        gates = Named(self.gates, "gate", owner, dict.fromkeys(self.states, "states"))
        states = Named(self.states, "state", owner, dict.fromkeys(self.gates, "gates"))
        object.__setattr__(self, "gates", gates)
        object.__setattr__(self, "states", states)

    if not TYPE_CHECKING:  # every other name is an error for mypy

        def __getattr__(self, name: str) -> Any:
            """Raise an AttributeError that says where a letter is."""
            kind = CELLS.get(self.__dict__.get("cell", ""))
            where = ""
            if kind is not None and name in kind.letters:
                where = f": it is trace.{'states' if name in kind.states else 'gates'}[{name!r}]"
            raise AttributeError(f"a Trace has no {name!r}{where}")

    def _check_weights(self) -> None:
        for name in ("weight_ih", "weight_hh"):
            if name not in self.weights:
                raise ValueError(f"weights: expected {name!r}, too, got {list(self.weights)}")
            _check_array(name, self.weights[name])
            if self.weights[name].ndim != 2:
                raise ValueError(f"{name}: expected two axes, got shape {self.weights[name].shape}")
        rows = self.hidden_size * len(self.kind.blocks)
        columns = {"weight_ih": self.inputs.shape[-1], "weight_hh": self._size_of_h}
        for name, size in columns.items():
            _check(name, self.weights[name], (rows, size))
        for name in {"bias_ih", "bias_hh"} & set(self.weights):
            _check(name, self.weights[name], (rows,))

    @property
    def _size_of_h(self) -> int:
        return int(self.weights["weight_hh"].shape[1])

    @property
    def kind(self) -> Cell:
        """The cell's description."""
        return CELLS[self.cell]

    @property
    def steps(self) -> int:
        """T, the number of steps."""
        return int(self.inputs.shape[0])

    @property
    def hidden_size(self) -> int:
        """H, the number of hidden units."""
        return int(self.weights["weight_ih"].shape[0]) // len(self.kind.blocks)

    @property
    def batched(self) -> bool:
        """Whether the arrays have the axis B."""
        return self.inputs.ndim == 3

    def before(self, name: str) -> Array:
        """Return the state ``name`` before each step, (T, B, H): step t starts from row t.

        Raises:
            ValueError: if the cell has no such state.
        """
        states = self.states[self._known(name)]
        return states[:-1] if self.direction == "forward" else states[1:]

    def after(self, name: str) -> Array:
        """Return the state ``name`` after each step, (T, B, H).

        Raises:
            ValueError: if the cell has no such state.
        """
        states = self.states[self._known(name)]
        return states[1:] if self.direction == "forward" else states[:-1]

    def _known(self, name: str) -> str:
        if name not in [*self.states]:
            raise ValueError(f"state: expected one of {[*self.states]}, got {name!r}")
        return name

    def sample(self, index: int) -> "Trace":
        """Return the trace of sample ``index``: unbatched, and cut to its own length.

        Raises:
            TypeError: if ``index`` is not a whole number.
            IndexError: if there is no such sample.
        """
        index = whole("sample", index)
        if not self.batched:
            if index != 0:
                raise IndexError(f"sample {index} does not exist: the inputs were unbatched")
            return self
        samples = self.inputs.shape[1]
        if not -samples <= index < samples:
            raise IndexError(f"sample {index} does not exist: samples are 0 to {samples - 1}")
        length = self.steps if self.lengths is None else int(self.lengths[index])
        return replace(
            self,
            inputs=self.inputs[:length, index],
            gates={k: v[:length, index] for k, v in self.gates.items()},
            states={k: v[: length + 1, index] for k, v in self.states.items()},
            lengths=None,
        )

    @property
    def sizes(self) -> str:
        """Sizes and dtype as text: "T=20, B=3, I=4, H=8, float32"."""
        T, *batch, I = self.inputs.shape  # noqa: E741
        projected = "" if self._size_of_h == self.hidden_size else f", P={self._size_of_h}"
        samples = f"B={batch[0]}" if batch else "unbatched"
        return f"T={T}, {samples}, I={I}, H={self.hidden_size}{projected}, {self.inputs.dtype}"

    def __repr__(self) -> str:
        edited = ", edited" if self.edited else ""
        return f"Trace({self.cell}, {self.direction}, {self.sizes}{edited})"

    def products(self) -> dict[str, tuple[Array, Array]]:
        """Return the two sums of each gate: letter -> (W_i·x + b_i, W_h·h + b_h), each (T, B, H).

        The RNN's single block has the letter "h". Where an equation has W_h·(r·h) instead, the
        second sum is that. The sums are computed in float64 from the
        recorded inputs, states and weights.
        """
        weights = {k: v.astype(np.float64) for k, v in self.weights.items()}
        with np.errstate(all="ignore"):  # inf and NaN pass without a warning
            from_input = self.inputs.astype(np.float64) @ weights["weight_ih"].T
            from_state = self.before("h").astype(np.float64) @ weights["weight_hh"].T
            from_input = from_input + weights.get("bias_ih", 0.0)
            from_state = from_state + weights.get("bias_hh", 0.0)
        blocks = self.kind.blocks
        parts = (np.split(a, len(blocks), axis=-1) for a in (from_input, from_state))
        found = dict(zip(blocks, zip(*parts, strict=True), strict=True))
        for block, factors in self.kind.recurrent_factors.items():
            if factors != ("h",):
                rows = slice(blocks.index(block) * self.hidden_size, None)
                found[block] = found[block][0], self._product(weights, rows, factors)
        return found

    def _product(
        self, weights: Mapping[str, Array], rows: slice, factors: tuple[str, ...]
    ) -> Array:
        """Return W_h·(r·h) + b_h, (T, B, H), for the first H of these ``rows``."""
        H = self.hidden_size
        vector = np.ones(())
        with np.errstate(all="ignore"):
            for letter in factors:
                values = self.before(letter) if letter in self.states else self.gates[letter]
                vector = vector * values.astype(np.float64)
            sums: Array = vector @ weights["weight_hh"][rows][:H].T
            return sums + weights["bias_hh"][rows][:H] if "bias_hh" in weights else sums


def check_trace(value: object) -> None:
    """Raise a TypeError unless ``value`` is a `Trace`; the message says what to pass."""
    if isinstance(value, Trace):
        return
    kind, trace = type(value).__name__, getattr(value, "trace", None)
    hint = ""
    if isinstance(trace, Trace):
        hint = ": pass its .trace"
    elif callable(trace):
        hint = ": pass its .trace()"
    elif callable(getattr(value, "layer", None)):
        hint = ": pass its .layer().trace"
    raise TypeError(f"expected a Trace, got a {kind}{hint}")


def _check_array(what: str, array: object) -> None:
    if not isinstance(array, np.ndarray):
        raise TypeError(f"{what}: expected a NumPy array, got a {type(array).__name__}")


def _check(what: str, array: Array, shape: tuple[int, ...]) -> None:
    _check_array(what, array)
    if array.shape != shape:
        raise ValueError(f"{what}: expected shape {shape}, got {array.shape}")
