"""Measures of the lesson on the LSTM's gates: each gate of one unit of a trained model."""

from gatesviz.lessons.finding import Finding, listed
from gatesviz.lessons.measures.state import MODEL, read
from gatesviz.theme import written
from gatesviz.trained import load_trained

TEXT, UNIT, AT = "A......?", 0, 3
"""The view of the lesson: a letter, six dots and a question, a unit, and a dot in the middle."""


def gate_opens(gate: str = "i", unit: int = UNIT) -> Finding:
    """Measure at which character a gate of one unit is open widest.

    Right is "letter", "dots" or "question".
    """
    values = read(load_trained(MODEL), TEXT).trace().gates[gate][:, unit]
    found = {"letter": values[0], "dots": values[1:-1].max(), "question": values[-1]}
    right = max(found, key=lambda name: found[name])
    numbers = {name: f"{value:.2f}" for name, value in found.items()}
    return Finding(
        right,
        numbers,
        f"In unit {unit}, {gate} is {numbers['letter']} at A, at most {numbers['dots']} at the dots"
        f" and {numbers['question']} at “?”.",
    )


def forget_gate(value: float = 1.0) -> Finding:
    """Measure c of unit `UNIT` when its forget gate is set to ``value`` at one dot.

    "keeps" is right if at least 95 % of c stays, "erases" if at most 5 % stays, else "part".
    """
    from gatesviz.recordings import Edit

    edit = Edit("f", value, AT, UNIT)
    states = read(load_trained(MODEL), TEXT, (edit,)).trace().states["c"][:, UNIT]
    before, after = float(states[AT]), float(states[AT + 1])
    share = after / before
    right = "keeps" if share >= 0.95 else "erases" if abs(share) <= 0.05 else "part"
    numbers = {"before": written(round(before, 2)), "after": written(round(after, 2))}
    return Finding(
        right,
        numbers,
        f"With f = {value:g} at step {AT}, c of unit {UNIT} goes from {numbers['before']} to"
        f" {numbers['after']}.",
    )


def closing_gate() -> Finding:
    """Measure which gate keeps h small at a dot: the one that makes h largest when it is 1."""
    from gatesviz.recordings import Edit

    model = load_trained(MODEL)
    trace = read(model, TEXT).trace()
    opened = {
        gate: float(read(model, TEXT, (Edit(gate, 1.0, AT, UNIT),)).output[AT, UNIT])
        for gate in ("f", "i", "g", "o")
    }
    right = max(opened, key=lambda gate: abs(opened[gate]))
    numbers = {
        "c": written(round(float(trace.after("c")[AT, UNIT]), 2)),
        "h": written(round(float(trace.after("h")[AT, UNIT]), 2)),
        "opened": written(round(opened[right], 2)),
    } | {f"h_{gate}": written(round(value, 2)) for gate, value in opened.items()}
    return Finding(
        right,
        numbers,
        f"With {right} set to 1 at step {AT}, h is {numbers['opened']}. If something else is set"
        " to 1 instead, h stays close to 0: it is "
        + listed(f"{numbers[f'h_{gate}']} for {gate}" for gate in opened if gate != right)
        + ".",
    )


def written_at_dots() -> Finding:
    """Measure what is added to c of unit `UNIT` at a dot, and why it is so little.

    "product" is right if i is below 0.01 while g is not, "zero" if the dot's input is 0, and
    "closed" otherwise.
    """
    trace = read(load_trained(MODEL), TEXT).trace()
    g, i = (float(trace.gates[letter][AT, UNIT]) for letter in "gi")
    right = "zero" if not trace.inputs[AT].any() else "product" if i < 0.01 < abs(g) else "closed"
    numbers = {"g": written(round(g, 2)), "i": f"{i:.2g}", "added": f"{i * g:.2g}"}
    sentence = f"At step {AT}, i is {numbers['i']} and g is {numbers['g']}, so {numbers['added']}"
    return Finding(right, numbers, f"{sentence} is added to c.")


def gates_read() -> Finding:
    """Measure whether the gates of torch.nn.LSTM change when only the old c changes.

    "c" is right if one of them does, "h" if they follow x and h alone.
    """
    import torch

    from gatesviz.recordings import record

    module = load_trained(MODEL).module
    x, h = torch.zeros(1, module.input_size), torch.zeros(1, module.hidden_size)
    traces = [record(module, x, (h, torch.full_like(h, c))).trace() for c in (0.0, 1.0)]
    gates = [traces[0].gates[gate] - traces[1].gates[gate] for gate in "ifgo"]
    most = max(float(abs(change).max()) for change in gates)
    moved = float(abs(traces[0].after("c") - traces[1].after("c")).max())
    numbers = {"most": written(most), "moved": written(round(moved, 2))}
    return Finding(
        "c" if most > 0 else "h",
        numbers,
        "We keep x and h the same and change the old c from 0 to 1. The gates change by"
        f" {numbers['most']}, and the new c by up to {numbers['moved']}.",
    )
