"""The results in words and numbers."""

import math

import numpy as np

from gatesviz.cells import RNN_RELU
from gatesviz.figures import written
from gatesviz.ui.gradients.measurements import Measured
from gatesviz.ui.gradients.parameters import BIAS_FIELD, FORGET_GATE
from gatesviz.ui.shares import percent

TRY = (  # fresh models have both
    f" In the sidebar, open “{FORGET_GATE}” and set “{BIAS_FIELD.label}” to forget bias 5, or to"
    " chrono (a different bias for each unit). Then compare how much gradient is left."
)
LOSS = (
    "Here, the loss L is the sum of the numbers in the last h. ∂L/∂h is the gradient: how"
    " much L changes if h changes a little. ‖…‖ is its norm, the length of the vector. The chart"
    " shows ‖∂L/∂h‖ (in an LSTM also ‖∂L/∂c‖) k steps back, divided by its value at the last step."
)


def judge_guess(guess: str, right: bool) -> str:
    """Return whether the guess is right."""
    return f"You guessed {guess}: {'right' if right else 'not quite'}."


def describe_flow(one: Measured) -> str:
    """Return how far the gradient of one cell reaches."""
    state, T = one.carried, one.steps
    if one.lost is not None:
        return f"**{one.name}.** {describe_overflow(one)}"
    half, last = one.half_lives[state], float(one.left[state][0])
    if math.isnan(last):
        return f"**{one.name}.** ∂L/∂{state} is 0 after the last step, so there is no gradient."
    norm = f"‖∂L/∂{state}‖"
    halved = f"{norm} never falls to half of its value at the last step"
    if math.isfinite(half):
        steps = "step" if f"{half:.3g}" == "1" else "steps"
        halved = f"{norm} is halved **{half:.3g} {steps} back**"
        halved += "" if half.is_integer() else " (interpolated)"
    return f"**{one.name}.** {halved}. {step_count(T)} back, {share_left(last)}."


def share_left(share: float) -> str:
    """Return the ``share`` of a gradient that is left, or how many times longer it is."""
    if share > 1:
        return f"it is **{written(share)}** times as long as at the last step"
    return f"**{percentage(share)}** of its value at the last step is left"


def percentage(share: float) -> str:
    """Return a share in per cent, or as a power of ten if it is below 0.1 %."""
    return f"{written(100 * share)} %" if share >= 0.001 else written(share)


def describe_overflow(one: Measured) -> str:
    """Return at which step the gradient of the carried state is no longer a finite number."""
    assert one.lost is not None
    vanishing = "It explodes; it doesn't vanish."
    if one.lost == 0:
        return (
            f"The gradient overflows at the last step: ∂L/∂{one.carried} is not a finite number"
            f" there. {vanishing}"
        )
    before = float(one.left[one.carried][one.steps + 1 - one.lost])
    length = f" One step earlier, {_without_bold(before)}." if math.isfinite(before) else ""
    return (
        f"The gradient overflows **{step_count(one.lost)} back**, at the state after step"
        f" {one.steps - one.lost}. From there on, ∂L/∂{one.carried} is not a finite"
        f" number.{length} {vanishing}"
    )


def _without_bold(share: float) -> str:
    return share_left(share).replace("*", "")


def step_count(steps: int) -> str:
    """Return "1 step" or "5 steps"."""
    return f"{steps} {'step' if steps == 1 else 'steps'}"


def describe_theory(one: Measured) -> str | None:
    """Return what theory predicts for this cell; None for a cell like the GRU."""
    if one.theory is None:
        return None
    predicted, T = written(float(one.theory[0])), one.steps
    if not one.kind.gates:
        rule = (
            "Theory: suppose an RNN is linear (no tanh or relu), and its W_hh is ρ times an"
            " orthogonal matrix. Then each step back multiplies ‖∂L/∂h‖ by ρ. For ρ we take the"
            f" largest absolute eigenvalue of W_hh, here {one.radius:.3g}. So ρᵏ = {predicted}"
            f" would be left {step_count(T)} back."
        )
        if one.linear:
            return f"{rule} This RNN is linear, so any difference comes from W_hh."
        different = f"This RNN is different: {_differences(one)}."
        return f"{rule} {different} So its gradient can differ from ρᵏ."
    rule = (
        "Theory: suppose each unit's f depends only on its bias b. Then σ(b)ᵏ of its gradient"
        f" is left k steps back. At {step_count(T)}, the root mean square over all units is"
        f" {predicted}."
    )
    carry = float(one.paths["carry"][0])
    if one.lost is not None or not math.isfinite(carry):
        return rule
    cancels = ""
    if one.together < 0:
        gates = float(one.paths["gates"][0])
        cancels = (
            " The part through the gates partly cancels it."
            if gates <= carry or written(gates) == written(carry)
            else " The part through the gates is longer, and points partly against it."
        )
    return (
        f"{rule} Along {one.carried}, the path that doesn't go through W_hh, we measured"
        f" {written(carry)} (see “Two paths” below).{cancels}"
    )


def describe_paths(one: Measured) -> str:
    """Return the lengths of the two parts at the first state and of their sum.

    Lengths of vectors don't add up: the parts may point in different directions and cancel.
    """
    if one.lost is not None:
        return "The gradient overflows, so the two paths can't be compared."
    carry, gates = (float(one.paths[path][0]) for path in ("carry", "gates"))
    total = float(one.left[one.carried][0])
    if not all(map(math.isfinite, (carry, gates, total))):
        return "The gradient is 0 after the last step, so there are no parts."
    lengths = (
        f"{step_count(one.steps)} back, {written(total)} of the gradient is left:"
        f" {written(carry)} came along {one.carried}, {written(gates)} through W_hh."
    )
    if one.together < 0:
        longer = max(carry, gates)
        # numbers that are equal once rounded show no difference
        less = f". So the total is smaller than {written(longer)}" * (
            total < longer and written(total) != written(longer)
        )
        return (
            f"{lengths} The two parts point partly against each other (the cosine of their angle"
            f" is {_cosine(one.together)}){less}."
        )
    return f"{lengths} The two parts are vectors, so their lengths needn't add up to the total."


def _cosine(value: float) -> str:
    return f"{value:.2g}".replace("-", "−")


def _differences(one: Measured) -> str:
    """Return why the gradient of an RNN that isn't linear needn't follow ρᵏ."""
    relu = one.kind is RNN_RELU
    slope = (
        "relu has slope 0 below 0" if relu else "its tanh has a slope below 1, except at input 0"
    )
    weights = np.asarray(one.layer.trace.weights["weight_hh"], np.float64)
    scaled = one.radius**2 * np.eye(len(weights))
    if np.allclose(weights @ weights.T, scaled, atol=1e-4 * one.radius**2):
        return slope
    return f"{slope}. Also, its W_hh isn't ρ times an orthogonal matrix"


def describe_forgetting(one: Measured) -> str:
    """Return what the LSTM's forget gate does to the memory in one step."""
    forget = float(one.layer.trace.gates["f"].mean())
    shares = (
        f": one step keeps {percent(forget)} of c and forgets {percent(1 - forget)}"
        if math.isfinite(forget)
        else ""
    )
    return (
        f"On average over all units and steps, the forget gate f is {forget:.3f}{shares}. A cell"
        f" state that is multiplied by {forget:.3f} at every step {_halved(forget)}. PyTorch's"
        " default b is close to 0, so an untrained f is near ½. With b = 1, it is near 0.731."
    )


def _halved(forget: float) -> str:
    if math.isnan(forget):
        return "is not a number"
    if not 0 < forget < 1:
        return "never halves" if forget else "is 0 after 1 step"
    half = f"{math.log(0.5) / math.log(forget):.3g}"
    return f"halves after {half} {'step' if half == '1' else 'steps'}"


def rank(measured: list[Measured]) -> str:
    """Return the cells in the order of what is left at the first state, in numbers."""
    finite = [one for one in measured if one.lost is None]
    order = sorted(finite, key=lambda one: -float(one.left[one.carried][0]))
    shares = [f"{one.name} {written(float(one.left[one.carried][0]))}" for one in order]
    shares += [
        f"{one.name} overflows {step_count(one.lost)} back"
        for one in measured
        if one.lost is not None
    ]
    return (
        "They are enough only while the gate that keeps the state (f in an LSTM, z in a GRU) is"
        " close to 1. Along c, a forget gate of ½ halves the gradient at every step."
        f" Gradient that is left {step_count(measured[0].steps)} back: {', '.join(shares)}."
    )


def describe_depth(one: Measured) -> str:
    """Return which layer and direction of a deep model the page shows; "" for one of each."""
    layers, both = one.module.num_layers, one.module.bidirectional
    notes = []
    if layers > 1:
        notes.append(f"This model has {layers} layers. The page shows the last one.")
    if both:
        notes.append(
            "This model is bidirectional. The page shows the forward direction. L sums both"
            " directions, and at the last step the backward one has read only that step."
        )
    return " ".join(notes)
