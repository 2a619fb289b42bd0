"""The results in words and numbers."""

import math

from gatesviz.figures import written
from gatesviz.ui.gradients.measurements import Measured

TRY = " Set the forget bias to 5 or to chrono, and compare."  # fresh models have both
LOSS = (
    "The loss L is the sum of the units of h after the last step. The chart shows ‖∂L/∂h‖ k steps"
    " back, relative to the last step."
)


def verdict(guess: str, right: bool) -> str:
    """Return whether the guess is right."""
    return f"You guessed {guess}: {'right' if right else 'not quite'}."


def describe_flow(one: Measured) -> str:
    """Return how far the gradient of one cell reaches."""
    state, T = one.carried, one.steps
    if one.lost is not None:
        return f"**{one.name}.** {overflow(one)}"
    half, last = one.half_lives[state], float(one.left[state][0])
    if math.isnan(last):
        return f"**{one.name}.** ∂L/∂{state} is 0 after the last step, so there is no gradient."
    halved = "never halves"
    if math.isfinite(half):
        halved = f"first halves after **{half:.3g} {'step' if f'{half:.3g}' == '1' else 'steps'}**"
    return f"**{one.name}.** ‖∂L/∂{state}‖ {halved}. {step_count(T)} back, {share_left(last)}."


def share_left(share: float) -> str:
    """Return the ``share`` of a gradient that is left, or how many times longer it is."""
    if share > 1:
        return f"it is **{written(share)}** times as long as at the last step"
    return f"**{written(share)}** of it is left"


def overflow(one: Measured) -> str:
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
    """Return what theory predicts for this cell; None for the GRU."""
    if one.theory is None:
        return None
    predicted, T = written(float(one.theory[0])), one.steps
    if one.name == "RNN":
        rule = (
            "Theory: if an RNN is linear and W_hh is ρ times an orthogonal matrix, exactly ρᵏ is"
            f" left. With ρ = {one.radius:.3g}, that is {predicted} after {step_count(T)}."
        )
        if one.linear:
            return f"{rule} This RNN is linear, so any difference comes from W_hh."
        return f"{rule} Here, the slope of {_slope(one)} and the shape of W_hh change that."
    rule = f"Theory: the forget biases alone leave σ(b)ᵏ, {predicted} after {step_count(T)}."
    carry = float(one.paths["carry"][0])
    if one.lost is not None or not math.isfinite(carry):
        return rule
    cancels = " The part through the gates partly cancels it." if one.together < 0 else ""
    return f"{rule} The result along c alone is {written(carry)}.{cancels}"


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
        f"At the first state: {written(carry)} along {one.carried}, {written(gates)} through W_hh,"
        f" {written(total)} in total, relative to the last step."
    )
    if one.together < 0:
        shorter = ", so their sum is shorter than the longer one" * (total < max(carry, gates))
        return f"{lengths} The two parts partly cancel (cosine {_cosine(one.together)}){shorter}."
    return f"{lengths} These are lengths of vectors, so they need not add up."


def _cosine(value: float) -> str:
    return f"{value:.2g}".replace("-", "−")


def _slope(one: Measured) -> str:
    return "relu" if one.layer.trace.cell == "rnn_relu" else "tanh"


def describe_forgetting(one: Measured) -> str:
    """Return what the LSTM's forget gate does to the memory in one step."""
    forget = float(one.layer.trace.gates["f"].mean())
    bias = float(one.forget_of_bias.mean())
    return (
        f"The forget gate f is {forget:.3f} on average, over all units and steps. A cell state"
        f" that is multiplied by {forget:.3f} at every step {_halved(forget)}. The biases alone"
        f" give σ(b) = {bias:.3f} on average. PyTorch's default b is close to 0, so f starts near"
        " ½. With b = 1, f starts at 0.731."
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
        f"Left at the first state, largest first: {', '.join(shares)}. A gate helps only while it"
        " is open. Along c, a forget gate of ½ halves the gradient at every step."
    )


def describe_depth(one: Measured) -> str:
    """Return which layer and direction of a deep model the page shows; "" for one of each."""
    layers, directions = one.flow.recording.layers, one.flow.recording.directions
    notes = []
    if layers > 1:
        notes.append(f"This model has {layers} layers. The page shows the last one.")
    if len(directions) > 1:
        notes.append(
            "This model is bidirectional. The page shows the forward direction. L sums both"
            " directions, and at the last step the backward one has read only that step."
        )
    return " ".join(notes)
