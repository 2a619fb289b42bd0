"""The GRU: what its update gate does, which of its formulas PyTorch computes, and its size."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gatesviz.fresh import with_memory
from gatesviz.lessons.finding import Finding
from gatesviz.theme import written

if TYPE_CHECKING:
    from torch import Tensor, nn

INPUT, STATE = 0.25, 0.5
"""x and the old h of the one step that is computed, as on the page *Inside the cell*."""
WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "keep": {"b_z": 6.0, "W_in": 1.0, "W_hn": 1.0, "b_hn": 0.5},
    "replace": {"b_r": -6.0, "b_z": -6.0, "W_in": 1.0},
    "average": {"b_r": -6.0, "b_z": 2.0, "W_in": 1.0},
    "reset": {"W_ir": 6.0, "b_z": -1.0, "W_in": 1.0, "W_hn": 2.0, "b_hn": 0.5},
}
"""Preset of that page -> its weights for one unit that are not 0."""
_BLOCKS = "rzn"
EXACT = 1e-12
"""A larger difference is no rounding error in float64."""


def update_gate(preset: str) -> Finding:
    """Find out whether one step of torch.nn.GRUCell keeps the old state or replaces it.

    Args:
        preset: "keep", whose z is almost 1, or "replace", whose z is almost 0.

    Returns:
        Right is "keeps" or "replaces": which of h and n the new state is closer to.
    """
    z, candidate, new = (one_step(preset, INPUT)[name] for name in ("z", "n", "h'"))
    keeps = abs(new - STATE) < abs(new - candidate)
    numbers = {"z": f"{z:.4f}", "old": f"{STATE:g}", "n": f"{candidate:.3f}", "new": f"{new:.3f}"}
    return Finding(
        "keeps" if keeps else "replaces",
        numbers,
        f"torch.nn.GRUCell with z = {numbers['z']}, old state h = {numbers['old']} and candidate"
        f" n = {numbers['n']} returns h′ = {numbers['new']}.",
    )


def reset_gate() -> Finding:
    """Find out what the candidate reads of the old state when r is closed.

    Returns:
        Right is "input" if n no longer depends on h, "both" if it does.
    """
    closed = [one_step("reset", -1.0, state)["n"] for state in (STATE, -STATE)]
    opened = [one_step("reset", 1.0, state)["n"] for state in (STATE, -STATE)]
    r = {x: one_step("reset", x)["r"] for x in (-1.0, 1.0)}
    effects = [abs(a - b) for a, b in (closed, opened)]
    numbers = {
        "r_closed": f"{r[-1.0]:.4f}",
        "r_open": f"{r[1.0]:.4f}",
        "effect_closed": written(effects[0]),
        "effect_open": written(effects[1]),
    }
    return Finding(
        "input" if effects[0] < 0.01 * effects[1] else "both",
        numbers,
        f"Change the old state from {STATE:g} to −{STATE:g}. With r = {numbers['r_closed']}, the"
        f" candidate changes by {numbers['effect_closed']}. With r = {numbers['r_open']}, it"
        f" changes by {numbers['effect_open']}.",
    )


def published_forms() -> Finding:
    """Find out how many of the three published forms equal torch.nn.GRUCell with equal weights.

    Returns:
        Right is "one", "two" or "three".
    """
    from gatesviz.experiments.known.equality import gru_conventions

    differences = {name: values[0] for name, values in gru_conventions({}).items()}
    ours, swapped, before = (written(value) for value in differences.values())
    count = sum(value < EXACT for value in differences.values())
    return Finding(
        ("none", "one", "two", "three")[count],
        {"ours": ours, "swapped": swapped, "before": before},
        f"On the same weights, the form with z and 1 − z swapped differs from PyTorch by up to"
        f" {swapped}. The form that multiplies h by r before the weights, W(r·h), differs by up to"
        f" {before}. PyTorch's own form, r·(Wh), differs by {ours}, which is rounding.",
    )


def flipped_signs() -> Finding:
    """Find out which published form equals torch.nn.GRUCell when z's weights change sign.

    Returns:
        Right is "swapped" or "before", the form that then equals it; "both" or "none".
    """
    import torch

    from gatesviz.cells import Weights, gru_step_reset_before, gru_step_swapped

    cell, x, h = _random_cell()
    rows = slice(5, 10)  # those of z, in PyTorch's order r, z, n
    with torch.no_grad():
        right = cell(x, h)
        flipped = [p.detach().clone() for p in cell.parameters()]
        for parameter in flipped:
            parameter[rows] *= -1
        forms = {"swapped": gru_step_swapped, "before": gru_step_reset_before}
        found = {
            name: float((step(x, {"h": h}, Weights(*flipped)).state["h"] - right).abs().max())
            for name, step in forms.items()
        }
        as_is = gru_step_reset_before(x, {"h": h}, Weights(*cell.parameters())).state["h"] - right
    equal = [name for name, difference in found.items() if difference < EXACT]
    numbers = {name: written(difference) for name, difference in found.items()}
    numbers["unflipped"] = written(float(as_is.abs().max()))
    return Finding(
        equal[0] if len(equal) == 1 else "both" if equal else "none",
        numbers,
        "We flipped the sign of all weights and biases of z. Then the swapped form differs from"
        f" PyTorch by {numbers['swapped']}. The form that multiplies h by r before the weights,"
        f" W(r·h), differs by {numbers['before']}. Before we flipped them, it differed by"
        f" {numbers['unflipped']}.",
    )


def gru_size(inputs: int = 8, units: int = 16) -> Finding:
    """Compare the number of parameters of a GRU and of an LSTM with equal sizes.

    Returns:
        Right is "half", "two_thirds", "three_quarters" or "same".
    """
    from gatesviz.fresh import unfilled

    gru, lstm = (
        sum(parameter.numel() for parameter in unfilled(cell, inputs, units).parameters())
        for cell in ("gru", "lstm")
    )
    shares = {"half": 1 / 2, "two_thirds": 2 / 3, "three_quarters": 3 / 4, "same": 1.0}
    right = min(shares, key=lambda name: abs(shares[name] - gru / lstm))
    return Finding(
        right,
        {"gru": f"{gru:,}", "lstm": f"{lstm:,}", "share": f"{gru / lstm:g}"},
        f"With {inputs} inputs and {units} units, the GRU has {gru:,} parameters and the LSTM"
        f" {lstm:,}. So the GRU has {gru / lstm:g} times as many.",
    )


def one_step(preset: str, x: float, h: float = STATE) -> dict[str, float]:
    """Return r, z and n of one step of torch.nn.GRU, and its new state as h'."""
    import torch

    from gatesviz.recordings import record

    module = _gru(preset)
    recording = record(module, torch.tensor([[x]]), torch.tensor([[h]]))
    trace = recording.trace()
    gates = {letter: float(trace.gates[letter][0, 0]) for letter in _BLOCKS}
    with torch.no_grad():
        new = torch.nn.GRUCell.forward(_as_cell(module), torch.tensor([[x]]), torch.tensor([[h]]))
    return {**gates, "h'": float(new)}


def average() -> "nn.GRU":
    """Return the GRU of the preset "average", whose h moves 12 % towards tanh(x) at each step."""
    return _gru("average")


def _gru(preset: str) -> "nn.GRU":
    """Return a GRU with one input and one unit that has the weights of a preset."""
    import torch
    from torch import nn

    module = with_memory(nn.GRU(1, 1, device="meta")).eval()
    names = {"W_i": "weight_ih_l0", "W_h": "weight_hh_l0", "b_": "bias_ih_l0", "b_h": "bias_hh_l0"}
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
        for name, value in WEIGHTS[preset].items():
            module.get_parameter(names[name[:-1]])[_BLOCKS.index(name[-1])] = value
    return module


def _as_cell(module: "nn.GRU") -> "nn.GRUCell":
    """Return torch.nn.GRUCell with the weights of a GRU."""
    from torch import nn

    cell = with_memory(nn.GRUCell(1, 1, device="meta"))
    weights = {name.removesuffix("_l0"): value for name, value in module.state_dict().items()}
    cell.load_state_dict(weights)
    return cell


def _random_cell() -> "tuple[nn.GRUCell, Tensor, Tensor]":
    """Return a float64 GRUCell(3, 5) with weights uniform in ±1, and seven x and h."""
    import torch
    from torch import nn

    generator = torch.Generator().manual_seed(0)
    cell = with_memory(nn.GRUCell(3, 5, device="meta")).double()
    for parameter in cell.parameters():
        nn.init.uniform_(parameter, -1, 1, generator=generator)
    x, h = (torch.randn(7, n, dtype=torch.float64, generator=generator) for n in (3, 5))
    return cell, x, h
