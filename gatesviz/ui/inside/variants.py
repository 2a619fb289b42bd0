"""Compute the GRU as PyTorch, papers and Keras write it, on the same numbers."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gatesviz.cells import GRU, Step, Weights, gru_step_reset_before, gru_step_swapped
from gatesviz.fresh import one_step
from gatesviz.tiny_cell import handles, module_of
from gatesviz.traces import Array, Trace
from gatesviz.ui.inside.moment import Moment

if TYPE_CHECKING:
    from torch import Tensor

SAME = 1e-6
"""Differences up to this are rounding: float32 has about seven digits."""
OPEN = 12.0
"""The input of the sigmoid at which a gate is 0.999994."""


@dataclass(frozen=True, eq=False)
class Variant:
    """One way of writing the GRU, computed on one step.

    Attributes:
        name: a few words for its heading.
        latex: the equations of the candidate and the new state, aligned in three lines.
        source: the software or paper that uses it.
        h: the new state, (H,).
        difference: the largest from torch.nn.GRUCell.
    """

    name: str
    latex: str
    source: str
    h: Array
    difference: float

    @property
    def same(self) -> bool:
        """Whether it equals PyTorch on these numbers."""
        return self.difference <= SAME


_N_AFTER = r"n &= \tanh(W_{in} x + b_{in} \\ &\qquad + r \odot (W_{hn} h + b_{hn})) \\ "
_WAYS: tuple[tuple[str, str, str, Callable[..., Step]], ...] = (
    (
        "PyTorch: z = 1 keeps h, r multiplies W_hn·h + b_hn",
        _N_AFTER + r"h' &= (1 - z) \odot n + z \odot h",
        "[PyTorch](https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html); Keras with"
        " `reset_after=True`, its default.",
        GRU.step,
    ),
    (
        "z = 1 replaces h",
        _N_AFTER + r"h' &= z \odot n + (1 - z) \odot h",
        "[Chung et al. 2014](https://arxiv.org/abs/1412.3555), eq. 5: there, too, z = 1 replaces h."
        " There, r stands at the same place as in the third version.",
        gru_step_swapped,
    ),
    (
        "r multiplies h, before W_hn",
        r"n &= \tanh(W_{in} x + b_{in} \\ &\qquad + W_{hn} (r \odot h) + b_{hn}) \\ "
        r"h' &= (1 - z) \odot n + z \odot h",
        "[Cho et al. 2014](https://arxiv.org/abs/1406.1078), eq. 8; Keras with"
        " `reset_after=False`. In both, z = 1 keeps h, as in PyTorch.",
        gru_step_reset_before,
    ),
)


def torch_step(moment: Moment, trace: Trace) -> Array:
    """Return the new state of torch.nn.GRUCell for this step, (H,)."""
    import torch

    module = module_of("gru", moment.units, moment.weights)
    with torch.inference_mode():
        new: Array = one_step(module)(*_arguments(trace)).numpy()
    return new


def variants(moment: Moment, trace: Trace) -> list[Variant]:
    """Return each way of writing the GRU, on the numbers of the last step of ``trace``."""
    import torch

    reference = torch_step(moment, trace)
    module = module_of("gru", moment.units, moment.weights)
    named = module.state_dict()
    weights = Weights(*(named[f"{field}_l0"] for field in Weights._fields[:4]))
    x, h = _arguments(trace)
    ways = []
    for name, latex, source, step in _WAYS:
        with torch.inference_mode():
            new = step(x, {"h": h}, weights).state["h"].numpy()
        difference = float(np.abs(new - reference).max())
        aligned = rf"\begin{{aligned}} {latex} \end{{aligned}}"
        ways.append(Variant(name, aligned, source, new, difference))
    return ways


def _arguments(trace: Trace) -> "tuple[Tensor, Tensor]":
    import torch

    return torch.tensor(trace.inputs[-1]), torch.tensor(trace.before("h")[-1])


def with_open_z(moment: Moment, trace: Trace) -> Moment:
    """Return the moment with the bias of z changed so that z = 0.99999 at this step."""
    from_input, from_state = trace.products()["z"]
    lacking = OPEN - (from_input + from_state)[-1]
    weights = tuple(
        value + float(lacking[handle.unit]) if handle[::2] == ("z", "b") else value
        for value, handle in zip(moment.weights, handles("gru", moment.units), strict=True)
    )
    return replace(moment, weights=weights)


def why_swapped_agrees(trace: Trace) -> str:
    """Return a clause that says why swapping z gives the same state on these numbers."""
    z, n, h = trace.gates["z"][-1], trace.gates["n"][-1], trace.before("h")[-1]
    if np.abs(z - 0.5).max() < 1e-5:
        return "z is 0.5, so both ways mix n and h half and half"
    if np.abs(n - h).max() < 1e-5:
        return "the candidate n equals the old h, so mixing them changes nothing"
    return "in each unit z is 0.5 or the candidate n equals the old h, nearly"


def why_reset_agrees(moment: Moment, trace: Trace) -> str:
    """Return a clause that says why r before the product gives the same state here."""
    r, z, h = trace.gates["r"][-1], trace.gates["z"][-1], trace.before("h")[-1]
    from_state = trace.products()["n"][1][-1]
    named = dict(zip(handles("gru", moment.units), moment.weights, strict=True))
    no_bias = all(value == 0 for handle, value in named.items() if handle.source == "bh")
    if np.abs(1 - r).max() < 1e-5:
        return "r is 1, so nothing is reset"
    if np.abs(1 - z).max() < 1e-5:
        return "z is 1, so the candidate isn't used"
    if np.abs(h).max() < 1e-6 and no_bias:
        return "the old h is 0, so there is nothing to reset"
    if np.abs(from_state).max() < 1e-6:
        return "the old state does not reach the candidate"
    if no_bias and moment.units == 1:
        return "with one unit and b_hn = 0, r·(W·h) and W·(r·h) are the same product"
    if no_bias and np.ptp(r) < 1e-5:
        return "r is the same in both units and b_hn is 0, so its place makes no difference"
    return "the two results differ by less than rounding"
