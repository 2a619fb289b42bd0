"""Settings in, what backpropagation through time measured out: cached, since a rerun asks again."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

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
from gatesviz.ui.gradients.models import Subject, spectral_radius, subjects
from gatesviz.ui.gradients.parameters import FRESH, TRAINED
from gatesviz.ui.gradients.settings import Settings

if TYPE_CHECKING:
    from torch import Tensor

    from gatesviz.gradients.losses import Output


@dataclass(frozen=True, eq=False)
class Measured:
    """One model's gradients. L is the sum of the units of h after the last step.

    Attributes:
        name: RNN, GRU or LSTM.
        flow: everything that `gradient_flow` found, in float64.
        labels: of the steps of a text; None for numbers.
        radius: the largest spectral radius of the H × H blocks of W_hh.
        linear: whether the RNN was measured at h = 0, where it is linear.
    """

    name: str
    flow: GradientFlow
    labels: tuple[str, ...] | None
    radius: float
    linear: bool

    @property
    def layer(self) -> LayerFlow:
        """The last layer, read forward."""
        return self.flow.layer()

    @property
    def steps(self) -> int:
        """T."""
        return self.layer.trace.steps

    @property
    def carried(self) -> str:
        """The state that the cell carries: "c" for the LSTM, else "h"."""
        return "c" if self.name == "LSTM" else "h"

    @cached_property
    def left(self) -> Mapping[str, Array]:
        """State -> (T + 1,): its gradient's norm after step t as a share of that after step T."""
        with np.errstate(all="ignore"):
            return {state: norms / norms[-1] for state, norms in self.layer.norms.items()}

    @cached_property
    def paths(self) -> Mapping[str, Array]:
        """Path -> (T + 1,): the norm along it as a share of the whole norm after step T."""
        whole = self.layer.norms[self.carried][-1]
        with np.errstate(all="ignore"):
            return {name: norms / whole for name, norms in self.layer.path_norms.items()}

    @property
    def lost(self) -> int | None:
        """How many steps back the gradient of the carried state overflows; None if never."""
        steps = int(self.layer.overflow[self.carried])
        return steps if steps >= 0 else None

    @cached_property
    def together(self) -> float:
        """The cosine between the two paths at the first state; NaN where one of them is 0."""
        parts = (np.asarray(part[0], np.float64) for part in self.layer.paths.values())
        with np.errstate(all="ignore"):
            carry, gates = (part / norm(part) for part in parts)
            return float(carry @ gates)

    @cached_property
    def half_lives(self) -> Mapping[str, float]:
        """State -> after how many steps back half is left; inf where it never is."""
        return {state: float(half_life(share)) for state, share in self.left.items()}

    @cached_property
    def theory(self) -> Array | None:
        """(T + 1,): what theory says is left after step t; None where there is no such theory.

        RNN: ρᵏ. LSTM: the forget gates from their biases alone, σ(b)ᵏ in each unit, as the norm
        over units that begin alike.
        """
        lags = np.arange(self.steps, -1, -1)
        if self.name == "RNN":
            return spectral_decay(self.radius, lags)
        if self.name == "GRU":
            return None
        kept = self.forget_of_bias ** lags[:, None]
        return norm(kept) / math.sqrt(kept.shape[1])

    def faded(self, share: float = 0.01) -> int | None:
        """Return after how many steps back less than ``share`` is left for good; None if never."""
        low = self.left[self.carried][::-1] < share
        steps = len(low) - int(low[::-1].argmin()) if not low.all() else 0
        return steps if steps < len(low) else None

    @property
    def forget_of_bias(self) -> Array:
        """(H,): σ(b), what the LSTM's forget gate is while it sees neither input nor state."""
        weights, H = self.layer.trace.weights, self.layer.trace.hidden_size
        both = (weights[k][H : 2 * H] for k in ("bias_ih", "bias_hh") if k in weights)
        bias = sum(both, np.zeros(H))
        found: Array = np.exp(-np.logaddexp(0.0, -bias))
        return found


@st.cache_data(max_entries=12, ttl=1800, show_spinner="Going back through time…")  # of up to 50 MB
def _measured(
    settings: Settings, updates: tuple[int, ...], _models: tuple[TrainedModel, ...]
) -> list[Measured]:
    """Return one a cell; ``updates`` tell models before their run from those after it."""
    return [_measure(subject) for subject in subjects(settings, _models)]


def measured(settings: Settings, models: tuple[TrainedModel, ...] = ()) -> list[Measured]:
    """Return what was measured, one a cell; ``models`` as `models.subjects` wants them."""
    models = () if settings.weights in (FRESH, TRAINED) else models
    return _measured(settings, tuple(model.updates for model in models), models)


def _loss(output: "Output") -> "Tensor":
    """Return the sum of the units of h after the last step, of one sample's output (T, D·H)."""
    return output[-1].sum()  # type: ignore[union-attr]  # never packed here


def _measure(subject: Subject) -> Measured:
    import torch

    flow = gradient_flow(subject.module, subject.inputs, _loss)
    H = subject.module.hidden_size
    last = subject.module.get_parameter(f"weight_hh_l{subject.module.num_layers - 1}")
    radius = max(spectral_radius(block) for block in torch.split(last, H))
    return Measured(subject.name, flow, subject.labels, radius, subject.linear)
