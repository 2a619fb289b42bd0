"""The gradients of each model, by backpropagation through time, cached for reruns of the page."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np
import streamlit as st

from gatesviz.cells import Cell, find_cell, find_named
from gatesviz.gradients import (
    GradientFlow,
    LayerFlow,
    gradient_flow,
    half_life,
    norm,
    spectral_decay,
)
from gatesviz.traces import Array
from gatesviz.training import TrainedModel
from gatesviz.ui.gradients.models import Subject, fresh_subject, spectral_radius, subjects
from gatesviz.ui.gradients.parameters import FRESH, TRAINED
from gatesviz.ui.gradients.settings import Settings

if TYPE_CHECKING:
    from torch import Tensor

    from gatesviz.fresh import Module
    from gatesviz.gradients.losses import Output


_Value = TypeVar("_Value")


class _once(Generic[_Value]):  # noqa: N801  # it is used like a function
    """A property that is computed once, under the lock of its own object.

    `functools.cached_property` of Python 3.11 has one lock for all objects, so that a slow gradient
    would block the pages of all sessions.
    """

    def __init__(self, compute: "Callable[[Measured], _Value]") -> None:
        self.compute, self.name, self.__doc__ = compute, compute.__name__, compute.__doc__

    def __get__(self, one: "Measured", _: object = None) -> _Value:
        with one.lock:
            if self.name not in one.__dict__:
                one.__dict__[self.name] = self.compute(one)
        value: _Value = one.__dict__[self.name]
        return value


@dataclass(frozen=True, eq=False)
class Measured:
    """The gradients of one model. L is the sum of the units of h after the last step.

    Everything is computed when it is asked for: before a guess, one cell is enough.

    Attributes:
        name: of the cell on the page, such as RNN.
        module: the model; do not change it.
        inputs: what it reads, (T, I).
        labels: the character of each step of a text; None for numbers.
        linear: whether the RNN was measured at h = 0, where it is linear.
        lock: held while something is computed.
    """

    name: str
    module: "Module"
    inputs: "Tensor"
    labels: tuple[str, ...] | None
    linear: bool
    lock: RLock = field(default_factory=RLock, init=False, repr=False)

    @property
    def called(self) -> str:
        """The name of the cell in a sentence."""
        return find_named(self.name).in_sentences

    def owned(self, what: str) -> str:
        """Return "the LSTM's gradient", or "the gradient of the …" where the name is long."""
        short = self.called == self.name
        return f"the {self.name}'s {what}" if short else f"the {what} of the {self.called}"

    @_once
    def flow(self) -> GradientFlow:
        """The result of `gradient_flow`, in float64."""
        return gradient_flow(self.module, self.inputs, _loss)

    @_once
    def radius(self) -> float:
        """The largest spectral radius of the H × H blocks of W_hh of the last layer."""
        import torch

        name = f"weight_hh_l{self.module.num_layers - 1}"
        blocks = torch.split(self.module.get_parameter(name), self.module.hidden_size)
        if self.module.proj_size:
            projection = self.module.get_parameter(name.replace("_hh_", "_hr_"))
            blocks = tuple(block @ projection for block in blocks)
        return max(spectral_radius(block) for block in blocks)

    @property
    def layer(self) -> LayerFlow:
        """The last layer, read forward."""
        return self.flow.layer()

    @_once
    def kind(self) -> Cell:
        """The description of the cell."""
        from gatesviz.recordings.modules import read_module  # loads torch

        return find_cell(read_module(self.module).cell)

    @property
    def steps(self) -> int:
        """The number of steps T."""
        return len(self.inputs)

    @property
    def carried(self) -> str:
        """The state that carries the memory: "c" for the LSTM, else "h"."""
        return self.kind.kept_state

    @_once
    def left(self) -> Mapping[str, Array]:
        """State -> (T + 1,): the norm of its gradient after step t, relative to step T."""
        with np.errstate(all="ignore"):
            return {state: norms / norms[-1] for state, norms in self.layer.norms.items()}

    @_once
    def paths(self) -> Mapping[str, Array]:
        """Path -> (T + 1,): the norm along it, relative to the total norm after step T."""
        total = self.layer.norms[self.carried][-1]
        with np.errstate(all="ignore"):
            return {name: norms / total for name, norms in self.layer.path_norms.items()}

    @property
    def lost(self) -> int | None:
        """How many steps back the gradient of the carried state overflows; None if never."""
        steps = int(self.layer.overflow[self.carried])
        return steps if steps >= 0 else None

    @_once
    def together(self) -> float:
        """The cosine between the two paths at the first state; NaN if one of them is 0."""
        parts = (np.asarray(part[0], np.float64) for part in self.layer.paths.values())
        with np.errstate(all="ignore"):
            carry, gates = (part / norm(part) for part in parts)
            return float(carry @ gates)

    @_once
    def half_lives(self) -> Mapping[str, float]:
        """State -> how many steps back the norm first halves; inf if it never does."""
        return {state: float(half_life(share)) for state, share in self.left.items()}

    @_once
    def theory(self) -> Array | None:
        """(T + 1,): what theory predicts for `left`; None for a cell like the GRU.

        Without gates: ρᵏ. With a forget gate, such as the LSTM's: σ(b)ᵏ in each unit, from the
        forget biases alone, as the norm over units that start with the same gradient.
        """
        lags = np.arange(self.steps, -1, -1)
        if not self.kind.gates:
            return spectral_decay(self.radius, lags)
        if self.kind.biases.forget is None:
            return None
        factors = self.forget_of_bias ** lags[:, None]
        return norm(factors) / math.sqrt(factors.shape[1])

    def faded(self, share: float = 0.01) -> int | None:
        """Return how many steps back the norm falls below ``share`` for good; None if never."""
        low = self.left[self.carried][::-1] < share
        steps = len(low) - int(low[::-1].argmin()) if not low.all() else 0
        return steps if steps < len(low) else None

    @property
    def forget_of_bias(self) -> Array:
        """(H,): σ(b), the forget gate without input and state."""
        weights, H = self.layer.trace.weights, self.layer.trace.hidden_size
        assert self.kind.biases.forget is not None
        at = self.kind.blocks.index(self.kind.biases.forget) * H
        biases = (weights[k][at : at + H] for k in ("bias_ih", "bias_hh") if k in weights)
        bias = sum(biases, np.zeros(H))
        forget: Array = np.exp(-np.logaddexp(0.0, -bias))
        return forget


SMALL = 4_000
"""Steps × units of fresh models whose gradients take a few milliseconds."""


# All sessions share a result, up to 50 MB. No page changes it, so it needs no copies.
@st.cache_resource(max_entries=12, ttl=1800, show_spinner=False)
def _measured(key: str, _settings: Settings, _models: tuple[TrainedModel, ...]) -> list[Measured]:
    """Return one a cell, which is computed when it is asked for."""
    return [measure_flow(subject) for subject in subjects(_settings, _models)]


@st.cache_resource(max_entries=12, ttl=1800, show_spinner="Computing gradients…")
def _computed(key: str, _settings: Settings, _models: tuple[TrainedModel, ...]) -> list[Measured]:
    """Return one a cell, which is computed here: you may have to wait."""
    found = _measured(key, _settings, _models)
    for one in found:
        _ = one.flow
    return found


def measured(settings: Settings, models: tuple[TrainedModel, ...] = ()) -> list[Measured]:
    """Return the gradients of each cell; ``models`` as for `models.subjects`."""
    models = () if settings.weights in (FRESH, TRAINED) else models
    # the updates separate a model before its run from the one after it
    key = f"{settings} {[model.updates for model in models]}"
    small = settings.weights == FRESH and settings.length * settings.hidden_size <= SMALL
    return (_measured if small else _computed)(key, settings, models)


@st.cache_resource(max_entries=12, ttl=1800, show_spinner="Computing gradients…")
def measured_further(settings: Settings, name: str) -> Measured:
    """Return the gradients of a fresh cell that comparisons leave out, a name of `FURTHER`."""
    one = measure_flow(fresh_subject(settings, name))
    _ = one.flow
    return one


def _loss(output: "Output") -> "Tensor":
    """Return the sum of the units of h after the last step; ``output`` is (T, D·H)."""
    return output[-1].sum()  # type: ignore[union-attr]  # never packed here


def measure_flow(subject: Subject) -> Measured:
    """Return the gradients of one model, without a cache."""
    return Measured(subject.name, subject.module, subject.inputs, subject.labels, subject.linear)
