"""What torch.nn.LSTM returns: shapes, weights, states and directions, measured on one module."""

from typing import TYPE_CHECKING

from gatesviz.lessons.finding import Finding
from gatesviz.theme import written

if TYPE_CHECKING:
    from torch import Tensor, nn

FEATURES, UNITS, STEPS, BATCH = 3, 5, 7, 2
TWICE = 2 * STEPS


def longer_sequence() -> Finding:
    """Find out what grows when the sequence is twice as long.

    Returns:
        Right is "output", "units" (h_n grows, too) or "weights" (the parameters, too).
    """
    shapes = {steps: _shapes(steps) for steps in (STEPS, TWICE)}
    weights = [_parameters(_lstm()) for _ in shapes]
    right = "output"
    if weights[0] != weights[1]:
        right = "weights"
    elif shapes[STEPS]["h_n"] != shapes[TWICE]["h_n"]:
        right = "units"
    numbers = {
        "output": str(shapes[STEPS]["output"]),
        "output_longer": str(shapes[TWICE]["output"]),
        "h_n": str(shapes[TWICE]["h_n"]),
        "weights": f"{weights[1]:,}",
        "steps": str(STEPS),
        "twice": str(TWICE),
        "units": str(UNITS),
        "batch": str(BATCH),
    }
    return Finding(
        right,
        numbers,
        f"We tested {BATCH} sequences at once. With {STEPS} steps, the shape (steps, batch, units)"
        f" of output is {numbers['output']}. With {TWICE} steps, it is {numbers['output_longer']}."
        f" The shape of h_n stays {numbers['h_n']}, and the same {numbers['weights']} parameters"
        " read the two sequences.",
    )


def any_units() -> Finding:
    """Find out whether an LSTM that reads 3 features can have 5 units.

    Returns:
        Right is "free" if it reads the sequence, "equal" if torch refuses it.
    """
    try:
        read = _shapes(STEPS)
    except RuntimeError:
        return Finding("equal", {}, "torch.nn.LSTM refuses this number of units.")
    return Finding(
        "free",
        {"features": str(FEATURES), "units": str(UNITS), "output": str(read["output"])},
        f"torch.nn.LSTM({FEATURES}, {UNITS}) reads {FEATURES} features and has {UNITS} units: the"
        f" shape of output is {read['output']}.",
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
        "Without a state, the output of the second call differs from the first output by"
        f" {numbers['again']}. If the second call gets h_n and c_n from the first call, its output"
        f" differs from the first output by up to {numbers['passed']}.",
    )


def read_backward() -> Finding:
    """Find out how many steps the backward half of output[-1] has read.

    Every step but the last gets another input. If the backward half stays the same, it has read
    only the last step.

    Returns:
        Right is "one" or "all".
    """
    import torch

    module, inputs = _lstm(both=True), _inputs()
    changed = inputs.clone()
    changed[:-1] += 1
    with torch.no_grad():
        (output, (h_n, _)), (other, _) = module(inputs), module(changed)
    moved = (output - other)[-1].abs()
    forward, backward = (float(half.max()) for half in (moved[:, :UNITS], moved[:, UNITS:]))
    numbers = {
        "forward": written(forward),
        "backward": written(backward),
        "first_row": written(float((output[0, :, UNITS:] - h_n[1]).abs().max())),
        "steps": str(STEPS),
        "others": str(STEPS - 1),
    }
    return Finding(
        "one" if backward == 0 else "all",
        numbers,
        f"We changed the first {STEPS - 1} of {STEPS} inputs. In output[-1], the forward half"
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


def _shapes(steps: int) -> dict[str, tuple[int, ...]]:
    import torch

    with torch.no_grad():
        output, (h_n, c_n) = _lstm()(_inputs(steps))
    named = {"output": output, "h_n": h_n, "c_n": c_n}
    return {name: tuple(tensor.shape) for name, tensor in named.items()}


def _lstm(both: bool = False) -> "nn.LSTM":
    from torch import nn

    from gatesviz.fresh import fresh

    module = fresh("lstm", FEATURES, UNITS, bidirectional=both, seed=0)
    assert isinstance(module, nn.LSTM)
    return module


def _inputs(steps: int = STEPS) -> "Tensor":
    import torch

    return torch.randn(steps, BATCH, FEATURES, generator=torch.Generator().manual_seed(0))


def _parameters(module: "nn.LSTM") -> int:
    return sum(parameter.numel() for parameter in module.parameters())
