"""What was measured, in words and numbers."""

import math

from gatesviz.figures import written
from gatesviz.ui.gradients.measurements import Measured

TRY = " Set the forget bias to 5, or choose chrono, and look again."  # fresh models have both
LOSS = (
    "The loss L is the sum of the units of h after the last step. The chart shows ‖∂L/∂h‖ k steps"
    " back, relative to the last step."
)


def describe_flow(one: Measured) -> str:
    """Return a sentence on how far the gradient of one cell reaches."""
    state, T = one.carried, one.steps
    if one.lost is not None:
        return f"**{one.name}.** {overflow(one)}"
    half, last = one.half_lives[state], float(one.left[state][0])
    if math.isnan(last):
        return (
            f"**{one.name}.** ∂L/∂{state} is 0 after the last step, so there is nothing to follow."
        )
    steps = f"after **{half:.3g} steps**" if math.isfinite(half) else ""
    halved = f"first falls to half {steps}" if steps else "never falls to half"
    return f"**{one.name}.** ‖∂L/∂{state}‖ {halved}; {T} steps back {share_left(last)}."


def share_left(share: float) -> str:
    """Return that a ``share`` of a gradient is left, or that it is longer than it was."""
    if share > 1:
        return f"it is **{written(share)}** times as long as at the last step"
    return f"**{written(share)}** of it is left"


def overflow(one: Measured) -> str:
    """Return at which step the gradient of the carried state is no longer a finite number."""
    assert one.lost is not None
    if one.lost == 0:
        return (
            f"The gradient overflows at the last step: ∂L/∂{one.carried} is not a finite number"
            " there, so nothing can be followed back. This is not a gradient that vanishes."
        )
    before = float(one.left[one.carried][one.steps + 1 - one.lost])
    length = "" if not math.isfinite(before) else f"; one step earlier {_bare(before)}"
    return (
        f"The gradient overflows **{step_count(one.lost)} back**, at the state after step"
        f" {one.steps - one.lost}: from there on ∂L/∂{one.carried} is not a finite"
        f" number{length}. This is not a gradient that vanishes."
    )


def _bare(share: float) -> str:
    return share_left(share).replace("*", "")


def step_count(steps: int) -> str:
    """Return "1 step" or "5 steps"."""
    return f"{steps} {'step' if steps == 1 else 'steps'}"


def theory_told(one: Measured) -> str | None:
    """Return what theory says beside it; None where it says nothing."""
    if one.theory is None:
        return None
    said, T = written(float(one.theory[0])), one.steps
    if one.name == "RNN":
        rule = (
            "A linear RNN whose W_hh is ρ times an orthogonal matrix keeps exactly ρᵏ: with"
            f" ρ = {one.radius:.3g} that is {said} after {T} steps."
        )
        if one.linear:
            return f"{rule} This RNN is linear, so only the shape of W_hh can make a difference."
        return f"{rule} Here the slope of {_slope(one)} and the shape of W_hh change that."
    rule = f"The forget biases alone keep σ(b)ᵏ: {said} after {T} steps."
    carry = float(one.paths["carry"][0])
    if one.lost is not None or not math.isfinite(carry):
        return rule
    cancels = " It partly cancels with what comes through the gates." if one.together < 0 else ""
    return f"{rule} Measured along c alone: {written(carry)}.{cancels}"


def parts(one: Measured) -> str:
    """Return the lengths of the two parts at the first state and of their sum, in numbers.

    Lengths of vectors do not add up: the parts may point apart, and then they partly cancel.
    """
    if one.lost is not None:
        return "The gradient overflows on the way, so its parts cannot be compared."
    carry, gates = (float(one.paths[path][0]) for path in ("carry", "gates"))
    total = float(one.left[one.carried][0])
    if not all(map(math.isfinite, (carry, gates, total))):
        return "The gradient is 0 after the last step, so there are no parts."
    path = "c" if one.name == "LSTM" else "z·h"
    lengths = (
        f"Measured at the first state: along {path} alone {written(carry)}, through W_hh and the"
        f" gates {written(gates)}, both together {written(total)}."
    )
    if one.together < 0:
        shorter = ", so together they are shorter than the longer one" * (total < max(carry, gates))
        return f"{lengths} The two parts partly cancel (cosine {_cosine(one.together)}){shorter}."
    return f"{lengths} These are lengths of vectors, which need not add up."


def _cosine(value: float) -> str:
    return f"{value:.2g}".replace("-", "−")


def _slope(one: Measured) -> str:
    return "relu" if one.layer.trace.cell == "rnn_relu" else "tanh"


def forgetting(one: Measured) -> str:
    """Return what the LSTM's forget gate does to its memory in one step, measured."""
    kept = float(one.layer.trace.gates["f"].mean())
    bias = float(one.forget_of_bias.mean())
    return (
        f"Over all units and steps here, f is {kept:.3f} on average: a cell state times {kept:.3f}"
        f" at every step {_halved(kept)}."
        f" The biases alone give σ(b) = {bias:.3f} on average. PyTorch draws b around 0, so f"
        " begins near ½; with b = 1 it begins at 0.731 (Gers, Schmidhuber & Cummins 2000;"
        " Jozefowicz, Zaremba & Sutskever 2015)."
    )


def _halved(kept: float) -> str:
    if math.isnan(kept):
        return "is no number"
    if not 0 < kept < 1:
        return "never falls to half" if kept else "is 0 after 1 step"
    half = f"{math.log(0.5) / math.log(kept):.3g}"
    return f"is halved after {half} {'step' if half == '1' else 'steps'}"


def ranked(measured: list[Measured]) -> str:
    """Return the cells by what is left at the first step, in numbers."""
    known = [one for one in measured if one.lost is None]
    order = sorted(known, key=lambda one: -float(one.left[one.carried][0]))
    told = [f"{one.name} {written(float(one.left[one.carried][0]))}" for one in order]
    told += [
        f"{one.name} overflows {step_count(one.lost)} back"
        for one in measured
        if one.lost is not None
    ]
    return (
        f"Left at the first state, by rank: {', '.join(told)}. A gate helps only where it is open:"
        " along c, a forget gate that stands at ½ halves the gradient at every step."
    )


def depth(one: Measured) -> str:
    """Return what is looked at of a model with layers or directions beside that; "" of others."""
    layers, directions = one.flow.recording.layers, one.flow.recording.directions
    told = []
    if layers > 1:
        told.append(f"Of {layers} layers, states and their gradients are those of the last.")
    if len(directions) > 1:
        told.append(
            "Of two directions, they are those of the one that reads forward; L sums both, and at"
            " the last step the other one has read that step alone."
        )
    return " ".join(told)
