"""The results of a backward pass, as NumPy arrays."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from gatesviz.gradients import decay
from gatesviz.gradients.gates import by_gates
from gatesviz.gradients.norms import norm
from gatesviz.gradients.paths import split
from gatesviz.names import Named
from gatesviz.recordings.recording import Recording
from gatesviz.traces import Array, Direction, Trace

_Measure = TypeVar("_Measure", bound=Array | NDArray[np.int64])


@dataclass(frozen=True, eq=False)
class LayerFlow:
    """The gradient of a loss with respect to all that one layer computes in one direction.

    T is the number of steps, B of samples, H of hidden units, and P the size of h. The layout is
    that of `Trace`: row t of a gradient belongs to row t of the state, and values beyond the end of
    a packed sample are NaN.

    Attributes:
        trace: the gates and states of the forward pass, in the same dtype.
        gradients: "h" -> (T + 1, B, P), and "c" -> (T + 1, B, H) for the LSTM: the total
            derivative with respect to each state, along every path from it to the loss. For the
            LSTM, ∂L/∂h_t holds c_t fixed, and ∂L/∂c_t includes the path through h_t = o·tanh(c_t).
        sums: letter -> (T, B, H), the derivative with respect to the pre-activation of each gate
            ("h" for the RNN).
        outputs: (T, B, P), what enters at each step from above: the derivative with respect to the
            layer's output y_t alone, without later steps. At the last step it includes the
            derivative with respect to h_n.
        c_n: (B, H), the derivative with respect to the LSTM's final c alone; None if the loss does
            not use it.
        by_gate, from_state: letter -> (T, B, H), the derivatives with respect to each gate's value
            and to W_h·h + b_h, if autograd computed them; None if closed forms give them.
    """

    trace: Trace
    gradients: Mapping[str, Array]
    sums: Mapping[str, Array]
    outputs: Array
    c_n: Array | None = None
    by_gate: Mapping[str, Array] | None = None
    from_state: Mapping[str, Array] | None = None

    def __post_init__(self) -> None:
        elsewhere = dict.fromkeys(self.trace.gates, "gates")
        found = Named(self.gradients, "state", f"the {self.trace.kind.name}", elsewhere)
        object.__setattr__(self, "gradients", found)

    @cached_property
    def norms(self) -> Mapping[str, Array]:
        """State -> (T + 1, B), the Euclidean norm of its gradient over the units."""
        found = {name: norm(gradient) for name, gradient in self.gradients.items()}
        return Named(found, "state", f"the {self.trace.kind.name}")

    @cached_property
    def overflow(self) -> Mapping[str, NDArray[np.int64]]:
        """State -> (B,), how many steps back its norm is first NaN or infinite; -1 if never.

        0 means the state after the last step. A gradient that overflows explodes; it does not
        vanish.
        """
        return {name: self._by_sample(decay.overflow, name) for name in self.norms}

    @cached_property
    def inputs(self) -> Array:
        """(T, B, I), the derivative with respect to the layer's inputs, in this direction alone."""
        by_sum = np.concatenate([self.sums[k] for k in self.trace.kind.blocks], -1)
        with np.errstate(all="ignore"):  # inf and NaN pass without a warning
            found: Array = by_sum @ self.trace.weights["weight_ih"]
        return found

    @cached_property
    def gates(self) -> Mapping[str, Array]:
        """Letter -> (T, B, H), the derivative with respect to each gate; empty for the RNN."""
        if self.by_gate is not None:
            return self.by_gate
        found = by_gates(self.trace, self.gradients, self.sums)
        elsewhere = dict.fromkeys(self.gradients, "gradients")
        return Named(found, "gate", f"the {self.trace.kind.name}", elsewhere)

    @cached_property
    def paths(self) -> Mapping[str, Array]:
        """The gradient of the carried state, split by the path that it takes.

        The parts of ∂L/∂c_t for the LSTM and of ∂L/∂h_t for the GRU, each (T + 1, B, H). For
        another cell, of the state that `Cell.carried` names:

        - "carry": along the carried state alone, never through weight_hh. Each step back
          multiplies it by the forget gate f (LSTM) or by z (GRU).
        - "gates": the rest, which goes through weight_hh and a gate at least once.

        The two parts sum to the total. The RNN has one path, "weights": all of ∂L/∂h_t.
        """
        found = split(
            self.trace, self.gradients, self.sums, self.outputs, self.c_n, self.from_state
        )
        return Named(found, "path", f"the {self.trace.kind.name}")

    @cached_property
    def path_norms(self) -> Mapping[str, Array]:
        """Path -> (T + 1, B), the norm of each part. The parts add up; their norms do not."""
        return {name: norm(part) for name, part in self.paths.items()}

    def __repr__(self) -> str:
        return f"LayerFlow({self.trace.cell}, {self.trace.direction}, {self.trace.sizes})"

    def half_life(self, state: str = "h") -> Array:
        """Return how many steps back the norm of ``state``'s gradient first halves, (B,).

        See `gatesviz.gradients.half_life`. A packed sample is counted from its own last step.

        Raises:
            ValueError: if there is no such state.
        """
        return self._by_sample(decay.half_life, state)

    def reach(self, state: str = "h", share: float = 0.01) -> Array:
        """Return the furthest step back with at least ``share`` of the last norm, (B,).

        See `gatesviz.gradients.reach`.

        Raises:
            ValueError: if there is no such state, or ``share`` is not above 0.
        """
        return self._by_sample(partial(decay.reach, share=share), state)

    def _by_sample(self, measure: Callable[[Array], _Measure], state: str) -> _Measure:
        """Return ``measure`` of each sample's norms, with the last state last, (B,)."""
        if state not in [*self.norms]:
            raise ValueError(f"state: expected {' or '.join(self.norms)}, got {state!r}")
        norms, lengths = self.norms[state], self.trace.lengths
        order = slice(None, None, 1 if self.trace.direction == "forward" else -1)
        if lengths is None:
            return measure(norms[order])
        each = [measure(norms[: length + 1, b][order]) for b, length in enumerate(lengths)]
        return cast(_Measure, np.array(each))


@dataclass(frozen=True, eq=False)
class GradientFlow:
    """The gradient of a loss with respect to every state, gate and input of a module.

    Attributes:
        loss: the value of the loss.
        layers: (layer, direction) -> LayerFlow, first layer first.
        recording: the recording of the forward pass, in the dtype of the gradients.
    """

    loss: float
    layers: Mapping[tuple[int, Direction], LayerFlow]
    recording: Recording

    def __post_init__(self) -> None:
        if not isinstance(self.recording, Recording):
            kind = type(self.recording).__name__
            raise TypeError(f"recording: expected a Recording, got a {kind}")

    def layer(self, layer: int = -1, direction: Direction = "forward") -> LayerFlow:
        """Return one layer in one direction, as `Recording.trace` does; layer -1 is the last.

        Raises:
            ValueError: if there is no such layer or direction.
        """
        self.recording.trace(layer, direction)  # raises for a wrong layer or direction
        return self.layers[layer % self.recording.layers, direction]

    @cached_property
    def inputs(self) -> Array:
        """(T, B, I), the derivative with respect to each input."""
        by_direction = [self.layers[0, d].inputs for d in self.recording.directions]
        with np.errstate(all="ignore"):
            return np.asarray(sum(by_direction))

    @property
    def gradients(self) -> Mapping[str, Array]:
        """`LayerFlow.gradients` of the last layer in the forward direction."""
        return self.layer().gradients

    @property
    def norms(self) -> Mapping[str, Array]:
        """`LayerFlow.norms` of the last layer in the forward direction."""
        return self.layer().norms

    @property
    def overflow(self) -> Mapping[str, NDArray[np.int64]]:
        """`LayerFlow.overflow` of the last layer in the forward direction."""
        return self.layer().overflow

    @property
    def paths(self) -> Mapping[str, Array]:
        """`LayerFlow.paths` of the last layer in the forward direction."""
        return self.layer().paths

    def __repr__(self) -> str:
        return f"GradientFlow(loss {self.loss:.6g}, {self.recording!r})"
