"""Gradients: how far back they reach, measured by backpropagation through time.

    flow = gradient_flow(module, inputs, loss)
    flow.gradients["h"], flow.norms["h"]       # (T + 1, B, H), (T + 1, B): by every state
    flow.layer(0, "backward").paths["carry"]   # of any layer and direction, by its path
    flow.inputs                                # (T, B, I): by every input
    flow.overflow["h"]                         # (B,): steps back until it is no longer finite

module, inputs → a recording (`gatesviz.recordings`) → `losses` (the gradient of the loss by the
output) → `layers` (from the top down, with one of the `scans`, which use `small_steps`)
→ `backprop` (tensors end) → `flow` → `paths`, `gates`, `norms`, `decay`

A trace → `jacobians` and their singular values. `theory`: the exact results that are known.
"""

from typing import TYPE_CHECKING, Any

from gatesviz.gradients.decay import half_life, overflow, reach
from gatesviz.gradients.flow import GradientFlow, LayerFlow
from gatesviz.gradients.jacobians import jacobians, singular_values, step_jacobians
from gatesviz.gradients.norms import norm
from gatesviz.gradients.theory import (
    forget_bias_of,
    forget_decay,
    forget_half_life,
    spectral_decay,
)

if TYPE_CHECKING:
    from gatesviz.gradients.backprop import gradient_flow as gradient_flow
    from gatesviz.gradients.backprop import influence as influence

__all__ = [
    "GradientFlow",
    "LayerFlow",
    "forget_bias_of",
    "forget_decay",
    "forget_half_life",
    "gradient_flow",
    "half_life",
    "influence",
    "jacobians",
    "norm",
    "overflow",
    "reach",
    "singular_values",
    "spectral_decay",
    "step_jacobians",
]


def __getattr__(name: str) -> Any:
    """Load the functions that need torch when they are first used."""
    if name not in ("gradient_flow", "influence"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from gatesviz.gradients import backprop

    return getattr(backprop, name)
