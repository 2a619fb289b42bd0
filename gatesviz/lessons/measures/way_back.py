"""The way back: what a gradient is multiplied by, and how much of it is left.

The fresh models are those of the page *Vanishing gradients*: 32 units read 50 steps of noise, and
the loss is the sum of h after the last step.
"""

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gatesviz.lessons.finding import Finding
from gatesviz.lessons.measures.gates import INPUT, STATE
from gatesviz.presets import preset_module
from gatesviz.theme import written

if TYPE_CHECKING:
    from torch import Tensor

    from gatesviz.gradients import GradientFlow
    from gatesviz.gradients.losses import Output

STEPS, UNITS = 50, 32
NOISE = 60_000
"""The seed of the noise on that page, with its seed 0."""
VANISHED = 0.01


def linear_gradient(radius: float = 0.9) -> Finding:
    """Measure what is left of a gradient after 50 steps of a linear RNN.

    Args:
        radius: ρ, by which every step back multiplies the gradient: 0.9, 1 or 1.1.

    Returns:
        Right is "vanishes" (under 1 % is left), "stays" or "explodes" (over 100 times).
    """
    from gatesviz.experiments.known.decay import linear_decay

    [left] = linear_decay({})[f"ρ = {radius:g}"]
    right = "vanishes" if left < VANISHED else "explodes" if left > 1 / VANISHED else "stays"
    power = _as_chart(radius**STEPS)
    numbers = {"radius": f"{radius:g}", "left": _as_chart(left), "power": power}
    vanishes = "%" in numbers["left"]
    after = f"{numbers['left']} of it is left" if vanishes else f"it is {numbers['left']} as large"
    return Finding(
        right,
        numbers,
        f"Every step back multiplied the gradient by {radius:g}. After {STEPS} steps, {after}."
        f" Compare: {radius:g} to the power of {STEPS} is {power.removesuffix(' times')}.",
    )


def _as_chart(share: float) -> str:
    """Return a share as the sentence next to the chart has it: "0.515 %", or "117 times"."""
    return f"{written(share)} times" if round(share, 6) >= 1 else f"{written(100 * share)} %"


def carried_factor() -> Finding:
    """Find out by what one step back along c multiplies the gradient in an untrained LSTM.

    Compares the measured factor of every unit and step with f, i, f·(1 − f) and 1.

    Returns:
        Right is "f", "i", "slope" or "one": the nearest of them.
    """
    flow = _fresh("lstm").layer()
    trace, carry = flow.trace, flow.paths["carry"]
    f, i = (np.asarray(trace.gates[letter][1:], np.float64) for letter in "fi")
    right, apart = _nearest(carry[1:-1] / carry[2:], f, i)
    numbers = {"from_f": written(apart["f"]), "f": f"{f.mean():.3f}", "units": str(UNITS)}
    return Finding(
        right,
        numbers,
        f"In this untrained LSTM with {UNITS} units, the mean f is {numbers['f']}. The factor along"
        f" c differs from f by only {numbers['from_f']} on average, which is rounding.",
    )


def drawn_factor() -> Finding:
    """Find out by what one step multiplies the gradient along c in the cell of the diagram.

    The cell, x and the old h are those of the page *Inside the cell*. c′ and h′ get a gradient of 1
    and 0, so this is ∂c′/∂c as torch computes it.

    Returns:
        Right is "f", "i", "slope" or "one": the nearest of them.
    """
    import torch

    from gatesviz.fresh import one_step
    from gatesviz.recordings import record

    module = preset_module("lstm", "switch")
    x, h = torch.tensor([[INPUT]]), torch.tensor([[STATE]])
    c = torch.tensor([[1.0]], requires_grad=True)
    one_step(module)(x, (h, c))[1].backward()
    assert c.grad is not None
    trace = record(module, x, (h, c.detach())).trace()
    f, i = (np.asarray(trace.gates[letter], np.float64) for letter in "fi")
    right, _ = _nearest(c.grad.double().numpy(), f, i)
    numbers = {
        "factor": f"{c.grad.item():.3f}",
        "f": f"{f.item():.3f}",
        "i": f"{i.item():.3f}",
        "slope": f"{float((f * (1 - f)).item()):.3f}",
    }
    return Finding(
        right,
        numbers,
        f"In the cell of the diagram, with x = {INPUT:.2f} and the old h = {STATE:.2f}, the step"
        f" multiplies the gradient along c by {numbers['factor']}. Compare: f is {numbers['f']}, i"
        f" is {numbers['i']}, and the slope of f's sigmoid is {numbers['slope']}. So the factor is"
        f" {_NAMES[right]}.",
    )


_NAMES = {"f": "f", "i": "i", "slope": "the slope", "one": "1"}


def _nearest(
    factor: NDArray[np.float64], f: NDArray[np.float64], i: NDArray[np.float64]
) -> tuple[str, dict[str, float]]:
    """Return which of f, i, the sigmoid's slope and 1 is nearest to ``factor``, and how near."""
    rivals = {"f": f, "i": i, "slope": f * (1 - f), "one": np.ones_like(f)}
    apart = {name: float(np.abs(factor - each).mean()) for name, each in rivals.items()}
    return min(apart, key=lambda name: apart[name]), apart


def fresh_lstm(bias: float | None = None) -> Finding:
    """Measure what is left of ∂L/∂c along c alone in an untrained LSTM, 50 steps back.

    Args:
        bias: the forget bias b; None for PyTorch's default. With one, the number ``theory`` is
            σ(b) to the power of 50.

    Returns:
        Right is "vanishes" (under 1 % is left), "fades" (under 90 %) or "stays".
    """
    flow = _fresh("lstm", bias).layer()
    total = flow.norms["c"]
    left, all_paths = (float(n[0] / total[-1]) for n in (flow.path_norms["carry"], total))
    forget = float(flow.trace.gates["f"].mean())
    by_unit = flow.trace.gates["f"].mean(0)
    numbers = {
        "least_f": f"{by_unit.min():.3f}",
        "most_f": f"{by_unit.max():.3f}",
        "left": _share(left),
        "total": written(all_paths),
        "f": f"{forget:.3f}",
    }
    numbers["power"] = written(float(numbers["f"]) ** STEPS)  # of the f that is shown
    if bias is not None:
        numbers["theory"] = _share((1 + math.exp(-bias)) ** -STEPS)
    bound = {"vanishes": VANISHED, "fades": 0.9}
    right = next((name for name, most in bound.items() if left < most), "stays")
    kind = "PyTorch's default biases" if bias is None else f"forget bias {bias:g}"
    return Finding(
        right,
        numbers,
        f"The untrained LSTM with {kind} has a mean f of {numbers['f']}. After {STEPS} steps back,"
        f" {numbers['left']} of the gradient along c is left.",
    )


def _share(value: float) -> str:
    """Return a share in percent, as the options have it. A tiny one stays a power of 10."""
    return f"{100 * value:.3g} %" if value >= VANISHED else written(value)


def three_cells() -> Finding:
    """Compare what is left of the gradient in an untrained RNN, GRU and LSTM, 50 steps back.

    Returns:
        Right is "rnn", "gru" or "lstm": the cell with most left; "all" if each has over 1 %.
    """
    names = {"rnn": "rnn_tanh", "gru": "gru", "lstm": "lstm"}
    left = {name: _left(cell) for name, cell in names.items()}
    numbers = {name: written(value) for name, value in left.items()}
    most = max(left, key=lambda name: left[name])
    return Finding(
        "all" if min(left.values()) > VANISHED else most,
        numbers,
        f"Left after {STEPS} steps: RNN {numbers['rnn']}, GRU {numbers['gru']}, LSTM"
        f" {numbers['lstm']}.",
    )


def _left(cell: str) -> float:
    """Return ‖∂L/∂s_0‖ / ‖∂L/∂s_T‖ for the state s that the cell carries."""
    flow = _fresh(cell).layer()
    norms = flow.norms[flow.trace.kind.kept_state]
    return float(norms[0] / norms[-1])


@cache
def _fresh(cell: str, bias: float | None = None) -> "GradientFlow":
    from gatesviz.fresh import fresh
    from gatesviz.gradients import gradient_flow

    module = fresh(cell, 1, UNITS, forget_bias=bias, seed=0)
    return gradient_flow(module, noise(), _last)


def noise() -> "Tensor":
    """Return the noise (T, 1) that the models of the page read."""
    import torch

    return torch.randn(STEPS, 1, generator=torch.Generator().manual_seed(NOISE))


def _last(output: "Output") -> "Tensor":
    return output[-1].sum()  # type: ignore[union-attr]  # the input is not packed
