"""The GRU: what its update gate does, which of its formulas PyTorch computes, and its size."""

from fractions import Fraction

from gatesviz.fresh import one_step as step_of
from gatesviz.lessons.finding import Finding, shown
from gatesviz.presets import preset_module, preset_values
from gatesviz.theme import written
from gatesviz.tiny_cell import module_of

INPUT, STATE = 0.25, 0.5
"""x and the old h of the one step that is computed, as on the page *Inside the cell*."""
PICTURE, PICTURE_UNITS, OLD = "reset", 2, (0.5, -0.5)
"""The weights, units and old states of the steps on the three forms, also on their three cards.

With one unit, r·(W·h) and W·(r·h) are the same product. Here r differs in the two units.
"""
SAME = 1e-6
"""Differences up to this are rounding: float32 has about seven digits."""


def update_gate(preset: str) -> Finding:
    """Find out whether one step of torch.nn.GRUCell keeps the old state or replaces it.

    Args:
        preset: "keep", whose z is almost 1, or "replace", whose z is almost 0.

    Returns:
        Right is "keeps" or "replaces": which of h and n the new state is closer to.
    """
    z, candidate, new = (one_step(preset, INPUT)[name] for name in ("z", "n", "h'"))
    keeps = abs(new - STATE) < abs(new - candidate)
    numbers = {"z": shown(z), "old": shown(STATE), "n": shown(candidate), "new": shown(new)}
    return Finding(
        "keeps" if keeps else "replaces",
        numbers,
        f"With the weights “{preset}”, z is {numbers['z']}, the old state {numbers['old']} and the"
        f" candidate {numbers['n']}. torch.nn.GRUCell returns h′ = {numbers['new']}.",
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
        "r_closed": shown(r[-1.0]),
        "r_open": shown(r[1.0]),
        "effect_closed": written(effects[0]),
        "effect_open": written(effects[1]),
    }
    return Finding(
        "input" if effects[0] < 0.01 * effects[1] else "both",
        numbers,
        f"Change the old state from {STATE:.2f} to −{STATE:.2f}. With r = {numbers['r_closed']},"
        f" the candidate changes by {numbers['effect_closed']}. With r = {numbers['r_open']}, it"
        f" changes by {numbers['effect_open']}.",
    )


def published_forms() -> Finding:
    """Find out how many of the three published forms equal torch.nn.GRUCell with equal weights.

    The weights, x and the old h are those of the page *Inside the cell*. The number
    ``before_without`` is the difference of the form with r first if b_hn is 0.

    Returns:
        Right is "one", "two" or "three".
    """
    found = _differences(flipped=False)
    numbers = {name: written(value) for name, value in found.items()}
    numbers["before_without"] = written(_differences(flipped=False, bias=False)["before"])
    count = sum(value <= SAME for value in found.values())
    return Finding(
        ("none", "one", "two", "three")[count],
        numbers,
        f"We took {PICTURE_UNITS} units, the weights of this page, x = {INPUT:g} and the old"
        f" h = ({', '.join(map(written, OLD))}), and compared each form with torch.nn.GRUCell."
        f" PyTorch's form, computed by us, differs by {numbers['ours']}, which is rounding. The"
        f" form with z and 1 − z swapped differs by {numbers['swapped']}, and the form with"
        f" W·(r·h) + b by {numbers['before']}.",
    )


def flipped_signs() -> Finding:
    """Find out which published form equals torch.nn.GRUCell when z's weights change sign.

    Returns:
        Right is "swapped" or "before", the form that then equals it; "both" or "none".
    """
    found = _differences(flipped=True)
    equal = [name for name in ("swapped", "before") if found[name] <= SAME]
    numbers = {name: written(found[name]) for name in ("swapped", "before")}
    unflipped = {name: written(value) for name, value in _differences(flipped=False).items()}
    numbers |= {"unflipped": unflipped["before"], "unflipped_swapped": unflipped["swapped"]}
    return Finding(
        equal[0] if len(equal) == 1 else "both" if equal else "none",
        numbers,
        "We flipped the sign of all weights and biases of z, which turns z into 1 − z. Then the"
        f" swapped form differs from torch.nn.GRUCell by {numbers['swapped']}. The form with r"
        f" first differs by {numbers['before']}."
        f" Before we flipped the signs, it differed by {numbers['unflipped']}.",
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
        f" {lstm:,}. So the GRU has {_share(gru, lstm)} as many.",
    )


def _share(part: int, whole: int) -> str:
    """Return a simple fraction as "3/4", another one as "0.7 times"."""
    share = Fraction(part, whole)
    return f"{share}" if share.denominator < 10 else f"{part / whole:g} times"


def one_step(preset: str, x: float, h: float = STATE) -> dict[str, float]:
    """Return r, z and n of one step of a preset, and the new state of torch.nn.GRUCell as h'."""
    import torch

    from gatesviz.recordings import record

    module = preset_module("gru", preset)
    trace = record(module, torch.tensor([[x]]), torch.tensor([[h]])).trace()
    gates = {letter: float(trace.gates[letter][0, 0]) for letter in "rzn"}
    new = step_of(module)(torch.tensor([[x]]), torch.tensor([[h]]))
    return {**gates, "h'": new.item()}


def _differences(*, flipped: bool, bias: bool = True) -> dict[str, float]:
    """Return how far h′ of each published form is from torch.nn.GRUCell with preset `PICTURE`.

    Args:
        flipped: whether the form, but not torch, gets the weights of z with the opposite sign.
        bias: False sets b_hn to 0, in torch and in the forms.
    """
    import torch

    from gatesviz.cells import GRU, Weights, gru_step_reset_before, gru_step_swapped

    units = PICTURE_UNITS
    module = module_of("gru", units, preset_values("gru", units, PICTURE, seed=0))
    of_z, of_n = slice(units, 2 * units), slice(2 * units, None)  # PyTorch's order is r, z, n
    if not bias:
        module.get_parameter("bias_hh_l0").data[of_n] = 0
    x, h = torch.tensor([[INPUT]]), torch.tensor([OLD])
    parameters = [parameter.detach().clone() for parameter in module.parameters()]
    for parameter in parameters if flipped else ():
        parameter[of_z] *= -1
    forms = {"ours": GRU.step, "swapped": gru_step_swapped, "before": gru_step_reset_before}
    with torch.no_grad():
        torch_h = step_of(module)(x, h)
        made = {n: step(x, {"h": h}, Weights(*parameters)).state["h"] for n, step in forms.items()}
    return {name: float((new - torch_h).abs().max()) for name, new in made.items()}
