"""What torch.nn.LSTM returns: shapes, weights, states and directions.

Everything is measured on the layer that the page *Feed a sequence* shows in these steps, with the
text that it reads. Twice the text has the same characters, so the same layer can read it.
"""

from typing import TYPE_CHECKING

from gatesviz.lessons.finding import Finding
from gatesviz.sequences import parse_text
from gatesviz.theme import written

if TYPE_CHECKING:
    from torch import Tensor, nn

TEXT, UNITS, BATCH = "to see a gate", 5, 1
STACKED = 2
"""Layers in the view of the last step."""
TWICE_TEXT = "to see a gate to see a gate"
"""Twice the text, with a space between. The second step shows it."""
FEATURES, STEPS, LONGER = len(set(TEXT)), len(TEXT), len(TWICE_TEXT)


def longer_sequence() -> Finding:
    """Find out what grows when the layer reads the text twice, with a space between.

    Returns:
        Right is "output", "units" (h_n grows, too) or "weights" (the parameters, too).
    """
    shapes = {text: _shapes(text) for text in (TEXT, TWICE_TEXT)}
    weights = [_parameters(_lstm(len(set(text)))) for text in shapes]
    right = "output"
    if weights[0] != weights[1]:
        right = "weights"
    elif shapes[TEXT]["h_n"] != shapes[TWICE_TEXT]["h_n"]:
        right = "units"
    numbers = {
        "output": str(shapes[TEXT]["output"]),
        "output_longer": str(shapes[TWICE_TEXT]["output"]),
        "h_n": str(shapes[TWICE_TEXT]["h_n"]),
        "weights": f"{weights[1]:,}",
        "steps": str(STEPS),
        "longer": str(LONGER),
        "units": str(UNITS),
        "features": str(FEATURES),
    }
    return Finding(
        right,
        numbers,
        f"With {STEPS} characters, the shape of output is {numbers['output']}. With {LONGER}"
        f" characters, it is {numbers['output_longer']}. h_n, the state h after the last step,"
        f" keeps the shape {numbers['h_n']}. The same {numbers['weights']} parameters read"
        " both texts.",
    )


def any_units() -> Finding:
    """Find out whether an LSTM that reads `FEATURES` features can have another number of units.

    Returns:
        Right is "free" if it reads the text, "equal" if torch refuses it.
    """
    numbers = {"features": str(FEATURES), "units": str(UNITS)}
    try:
        numbers["output"] = str(_shapes(TEXT)["output"])
    except RuntimeError:
        return Finding("equal", numbers, "torch.nn.LSTM refuses this number of units.")
    return Finding(
        "free",
        numbers,
        f"torch.nn.LSTM({FEATURES}, {UNITS}) reads {FEATURES} features and has {UNITS} units: the"
        f" shape of output is {numbers['output']}.",
    )


def last_row() -> Finding:
    """Find out which returned tensor equals ``output[-1]``, the last step, in one direction.

    Returns:
        Right is "h_n", "c_n" or "neither".
    """
    import torch

    with torch.no_grad():
        output, (h_n, c_n) = _lstm()(_inputs())
    apart = {"h_n": h_n[0], "c_n": c_n[0]}
    numbers = {
        name: written(float((output[-1] - each).abs().max())) for name, each in apart.items()
    }
    right = next((name for name, far in numbers.items() if far == "0"), "neither")
    return Finding(
        right,
        numbers,
        f"The largest difference between output[-1] and h_n is {numbers['h_n']}. Between"
        f" output[-1] and c_n it is {numbers['c_n']}.",
    )


def next_batch() -> Finding:
    """Find out what state the module starts with when it is called a second time.

    Returns:
        Right is "zero" or "carried": which start gives the output of the second call.
    """
    import torch

    module, inputs = _lstm(), _inputs()
    with torch.no_grad():
        first, state = module(inputs)
        second, _ = module(inputs)
        carried, _ = module(inputs, state)
    same, moved = (float((one - first).abs().max()) for one in (second, carried))
    numbers = {"again": written(same), "passed": written(moved)}
    return Finding(
        "zero" if same == 0 else "carried",
        numbers,
        "Without a state, the second call returned the same output as the first one (largest"
        f" difference {numbers['again']})."
        if same == 0
        else "The second call returned another output than the first one (largest difference"
        f" {numbers['again']}).",
    )


def read_backward() -> Finding:
    """Find out how many steps the backward half of output[-1] has read.

    Every step but the last gets another character: the next one of the alphabet. If the backward
    half stays the same, it has read only the last step.

    Returns:
        Right is "one" or "all".
    """
    import torch

    module, inputs = _lstm(both=True), _inputs()
    changed = inputs.clone()
    changed[:-1] = inputs[:-1].roll(1, -1)
    others = int((changed != inputs).any(-1).sum())
    if others != STEPS - 1:
        raise AssertionError(f"{others} of {STEPS} inputs changed; expected all but the last")
    with torch.no_grad():
        (output, (h_n, _)), (other, _) = module(inputs), module(changed)
    moved = (output - other)[-1].abs()
    forward, backward = (float(half.max()) for half in (moved[:, :UNITS], moved[:, UNITS:]))
    numbers = {
        "forward": written(forward),
        "backward": written(backward),
        "first_row": written(float((output[0, :, UNITS:] - h_n[1]).abs().max())),
        "steps": str(STEPS),
        "others": str(others),
    }
    return Finding(
        "one" if backward == 0 else "all",
        numbers,
        f"We changed the first {others} of {STEPS} characters. In output[-1], the forward half"
        f" changed by up to {numbers['forward']}, the backward half by {numbers['backward']}.",
    )


def two_directions() -> Finding:
    """Find out whether both directions share their weights.

    Returns:
        Right is "own" or "shared".
    """
    one, both = _parameters(_lstm()), _parameters(_lstm(both=True))
    return Finding(
        "own" if both == 2 * one else "shared",
        {"one": f"{one:,}", "both": f"{both:,}"},
        f"torch.nn.LSTM({FEATURES}, {UNITS}) has {one:,} parameters. With bidirectional=True it"
        f" has {both:,}, exactly twice as many.",
    )


def stacked_shapes() -> Finding:
    """Give the shapes of the layer of the last step, with two layers and both directions.

    Returns:
        No right option: the step asks nothing.
    """
    found = _shapes(TEXT, layers=STACKED, both=True)
    numbers = {name: str(shape) for name, shape in found.items()} | {"layers": str(STACKED)}
    return Finding("", numbers, f"The shape of output is {numbers['output']}.")


def _shapes(text: str, *, layers: int = 1, both: bool = False) -> dict[str, tuple[int, ...]]:
    import torch

    inputs = _inputs(text)
    with torch.no_grad():
        output, (h_n, c_n) = _lstm(layers=layers, both=both)(inputs)
    named = {"x": inputs, "output": output, "h_n": h_n, "c_n": c_n}
    return {name: tuple(tensor.shape) for name, tensor in named.items()}


def _lstm(features: int = FEATURES, *, layers: int = 1, both: bool = False) -> "nn.LSTM":
    """Return the untrained layer of the page with its seed, 0."""
    from torch import nn

    from gatesviz.fresh import fresh

    module = fresh("lstm", features, UNITS, layers=layers, bidirectional=both, seed=0)
    assert isinstance(module, nn.LSTM)
    return module


def _inputs(text: str = TEXT) -> "Tensor":
    """Return a text as the layer reads it, (T, B, F)."""
    import torch

    return torch.from_numpy(parse_text(text).values.copy())[:, None].expand(-1, BATCH, -1).clone()


def _parameters(module: "nn.LSTM") -> int:
    return sum(parameter.numel() for parameter in module.parameters())
