"""What was measured, in words and numbers."""

import math

from gatesviz.figures import written
from gatesviz.ui.gradients.measuring import Measured

TRY = " Set the forget bias to 5, or choose chrono, and look again."  # fresh models have both
LOSS = (
    "The loss L is the sum of the units of h after the last step. Shown is how much of the length"
    " ‖∂L/∂h‖ of its gradient is left, k steps back."
)


def told(one: Measured) -> str:
    """Return a sentence on how far the gradient of one cell reaches."""
    state, T = one.carried, one.steps
    half, last = one.half_lives[state], float(one.left[state][0])
    if math.isnan(last):
        return (
            f"**{one.name}.** ∂L/∂{state} is 0 after the last step, so there is nothing to follow."
        )
    halved = f"is halved after **{half:.3g} steps**" if math.isfinite(half) else "is never halved"
    much = f"**{written(last)}** of it is left" if last <= 1 else f"it is **{written(last)}** times"
    more = "" if last <= 1 else " as long: it grows"
    return f"**{one.name}.** ‖∂L/∂{state}‖ {halved}; {T} steps back {much}{more}."


def theory_told(one: Measured) -> str | None:
    """Return what theory says beside it; None where it says nothing."""
    if one.theory is None:
        return None
    said, T = written(float(one.theory[0])), one.steps
    if one.name == "RNN":
        rule = f"A linear RNN keeps ρᵏ, with ρ = {one.radius:.3g} here: {said} after {T} steps."
        if one.linear:
            return f"{rule} This one is linear; exactly ρᵏ where W_hh is ρ times an orthogonal one."
        return f"{rule} The slope of {_slope(one)} and W_hh's other directions make the difference."
    carry = written(float(one.paths["carry"][0]))
    return (
        f"Forget biases alone keep σ(b)ᵏ: {said} after {T} steps. Measured along the cell path:"
        f" {carry}; the rest came through the gates."
    )


def _slope(one: Measured) -> str:
    return "relu" if one.layer.trace.cell == "rnn_relu" else "tanh"


def forgetting(one: Measured) -> str:
    """Return what the LSTM's forget gate does to its memory in one step, measured."""
    kept = float(one.layer.trace.gates["f"].mean())
    half = math.log(0.5) / math.log(kept) if 0 < kept < 1 else math.inf
    bias = float(one.forget_of_bias.mean())
    return (
        f"Over all units and steps here, f is {kept:.3f} on average: a cell state times {kept:.3f}"
        f" at every step is halved after {half:.3g} {'step' if f'{half:.3g}' == '1' else 'steps'}."
        f" Its biases alone make f = σ(b) = {bias:.3f}. PyTorch draws b around 0, so f begins near"
        " ½; with b = 1 it begins at 0.731 (Gers, Schmidhuber & Cummins 2000; Jozefowicz, Zaremba &"
        " Sutskever 2015)."
    )


def ranked(measured: list[Measured]) -> str:
    """Return the cells by what is left at the first step, in numbers."""
    order = sorted(measured, key=lambda one: -float(one.left[one.carried][0]))
    told = ", ".join(f"{one.name} {written(float(one.left[one.carried][0]))}" for one in order)
    return (
        f"Left at the first state, by rank: {told}. What decides is not whether there is a gate but"
        " where it stands: a gate that stands at ½ halves at every step."
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


def leaking(one: Measured) -> str:
    """Return where the gradient of a cell's carried state went, in numbers."""
    carry, gates = (float(one.paths[path][0]) for path in ("carry", "gates"))
    along = "the cell path, times f at each step" if one.name == "LSTM" else "z, times z at each"
    return (
        f"Of what arrives at the first state, {written(carry)} came along {along}, and"
        f" {written(gates)} through W_hh and the gates at least once. As vectors the two add up to"
        f" the total, {written(float(one.left[one.carried][0]))}; their lengths need not."
    )
