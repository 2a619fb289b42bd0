"""Clipping: what it does at a cliff, to the direction of a gradient, and to one that vanished."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gatesviz.experiments.cliff import WINDOWS, Descent, Unit, descend
from gatesviz.lessons.finding import Finding, listed
from gatesviz.lessons.measures.known_results import known_rows
from gatesviz.lessons.measures.way_back import UNITS, noise
from gatesviz.theme import written

if TYPE_CHECKING:
    from torch import Tensor

UPDATES = 200
"""As many as on the page *Vanishing gradients*, view *exploding*."""
CLIP = 1.0
FAR = 1.0
"""An update that moves the weights by more than this throws them away from where they were."""


def plain_descent() -> Finding:
    """Find out what happens to gradient descent without clipping at the cliff.

    Returns:
        Right is "thrown" (one update moves the weights by more than 1), "falls" (the loss is lower
        at the end than at the start) or "stuck".
    """
    return _descent(clipped=False)


def clipped_descent() -> Finding:
    """Find out what happens to gradient descent with clipping: "thrown", "falls" or "stuck"."""
    return _descent(clipped=True)


def clipped_direction() -> Finding:
    """Measure the angle between a gradient before and after torch clips it.

    The gradient is the longest of the path of `plain_descent`, by w and b. The limit is that of
    `clipped_descent`.

    Returns:
        Right is "length" if only the length changes, "direction" if the angle does, too.
    """
    clip = WINDOWS["sigmoid"].clip
    plain, clipped = _longest_gradient(clip)
    lengths = [float(np.linalg.norm(each)) for each in (plain, clipped)]
    cosine = float(plain @ clipped / (lengths[0] * lengths[1]))
    before, after = map(written, lengths)
    angle = float(np.degrees(np.arccos(min(cosine, 1.0))))
    numbers = {
        "before": before,
        "after": after,
        "angle": f"{written(round(angle, 3))}°",
        "clip": f"{clip:g}",
    }
    return Finding(
        "length" if cosine > 1 - 1e-6 else "direction",
        numbers,
        f"Before clipping, the gradient has norm {numbers['before']}. After it, {numbers['after']}."
        f" The angle between the two is {numbers['angle']}.",
    )


def vanished_gradient() -> Finding:
    """Measure what clipping does to a gradient that vanished on its way to the first state.

    Returns:
        Right is "nothing" if the share that reaches the first state stays the same, "cures" if it
        becomes larger, else "smaller".
    """
    found = _far_back()
    numbers = {
        "before": written(found.before),
        "after": written(found.after),
        "factor": written(found.factor),
    }
    changed = "cures" if found.after > found.before else "smaller"
    return Finding(
        "nothing" if abs(found.after - found.before) <= 1e-6 * found.before else changed,
        numbers,
        f"Before clipping, {numbers['before']} of the gradient at the last step reaches the first"
        f" state. After clipping it is {numbers['after']}. Clipping multiplied every part by"
        f" {numbers['factor']}.",
    )


def learnt_with_clipping() -> Finding:
    """Read from known result T3, whose runs all clip at norm 1, how long LSTMs learnt to remember.

    Returns:
        Right is "no" if no seed of the LSTM with forget bias 0 learnt 20 steps, "yes" if all did,
        else "some".
    """
    rows = known_rows("T3")
    plain, helped = rows["LSTM, b = 0"], rows["LSTM, chrono"]
    learnt = [value >= 20 for value in plain]
    numbers = {
        "b_0": listed(f"{value:g}" for value in plain),
        "chrono": listed(f"{value:g}" for value in helped),
    }
    return Finding(
        "yes" if all(learnt) else "some" if any(learnt) else "no",
        numbers,
        "All these runs clip at norm 1. With forget bias 0, the three runs learnt to remember for"
        f" {numbers['b_0']} steps. With chrono initialisation, each unit starts with its own forget"
        f" bias. Then the three runs remembered for {numbers['chrono']} steps.",
    )


class FarBack(NamedTuple):
    """A gradient that goes back 50 steps, and what clipping makes of it.

    Attributes:
        before, after: ‖∂L/∂h_0‖ / ‖∂L/∂h_T‖ without and with clipping.
        factor: by which clipping multiplies every part of the gradient.
    """

    before: float
    after: float
    factor: float


def _far_back() -> FarBack:
    """Clip the gradient of the untrained RNN of the page *Vanishing gradients* with torch."""
    import torch

    from gatesviz.fresh import fresh

    module = fresh("rnn_tanh", 1, UNITS, seed=0).double()
    first = torch.zeros(1, UNITS, dtype=torch.float64, requires_grad=True)
    output, _ = module(noise().double(), first)
    output.retain_grad()
    output[-1].sum().backward()
    before = _ends(first, output)
    torch.nn.utils.clip_grad_norm_([first, output, *module.parameters()], CLIP)
    after = _ends(first, output)
    return FarBack(before[0] / before[1], after[0] / after[1], after[1] / before[1])


def _ends(first: "Tensor", output: "Tensor") -> tuple[float, float]:
    """Return the norms of the gradient by the first state and by the last one."""
    assert first.grad is not None
    assert output.grad is not None
    return float(first.grad.norm()), float(output.grad[-1].norm())


def _longest_gradient(clip: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the longest gradient (2,) of the path without clipping, as it is and clipped.

    torch computes and clips it, at the place of the path where its norm is largest.
    """
    import torch

    unit, path = Unit("sigmoid"), _path(None)
    longest = int(path.gradient_norms.argmax())
    place = torch.tensor([path.w[longest], path.b[longest]], requires_grad=True)
    h = torch.tensor(unit.start, dtype=torch.float64)
    for _ in range(unit.steps):
        h = (place[0] * h + place[1]).sigmoid()
    ((h - unit.target) ** 2).backward()  # type: ignore[no-untyped-call]
    assert place.grad is not None
    before = place.grad.numpy().copy()
    torch.nn.utils.clip_grad_norm_([place], clip)
    return before, place.grad.numpy()


def _path(clip: float | None) -> Descent:
    """Return the descent that the page's map shows, with this limit or without one."""
    window = WINDOWS["sigmoid"]
    return descend(Unit("sigmoid"), window.start, window.rate, UPDATES, clip)


def _descent(clipped: bool) -> Finding:
    window = WINDOWS["sigmoid"]
    path = _path(window.clip if clipped else None)
    numbers = {
        "jump": written(path.longest_jump),
        "steepest": written(float(path.gradient_norms.max())),
        "first": written(float(path.losses[0])),
        "loss": written(float(path.losses[-1])),
        "clip": f"{window.clip:g}",
        "rate": f"{window.rate:g}",
        "steep": str(int((path.gradient_norms[:-1] > window.clip).sum())),
        "updates": str(UPDATES),
    }
    falls = "falls" if path.losses[-1] < path.losses[0] else "stuck"
    how = (
        f"With clipping at {window.clip:g}, one update moves the weights by at most"
        f" {numbers['jump']}. So the path stays near the cliff and meets it again:"
        f" {numbers['steep']} of the {UPDATES} updates were clipped. The largest of"
        f" these gradients had norm (length) {numbers['steepest']}: this path comes to steeper"
        " places than the path without clipping. Clipping shortened this gradient to norm"
        f" {window.clip:g}."
        if clipped
        else "Without clipping, the largest norm (length) of the gradient is"
        f" {numbers['steepest']}, and one update moves the weights by at most {numbers['jump']}."
    )
    return Finding(
        "thrown" if path.longest_jump > FAR else falls,
        numbers,
        f"{how} The loss goes from {numbers['first']} to {numbers['loss']}.",
    )
