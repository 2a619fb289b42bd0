"""Measures of the lesson on the LSTM's gates: each gate of one unit of a trained model."""

from gatesviz.lessons.finding import Finding, shown
from gatesviz.lessons.measures.state import MODEL, last_answer, read
from gatesviz.presets import preset_module
from gatesviz.theme import written
from gatesviz.trained import load_trained

TEXT, UNIT, AT = "A......?", 0, 3
"""The view of the lesson: a letter, six dots and a question, a unit, and a dot in the middle."""
INPUT, STATE = 0.25, 0.5
"""x and the old h with which the page *Inside the cell* opens."""


def gate_opens(gate: str = "i", unit: int = UNIT) -> Finding:
    """Measure at which character a gate of one unit is open widest.

    Right is "letter", "dots" or "question".
    """
    values = read(load_trained(MODEL), TEXT).trace().gates[gate][:, unit]
    found = {"letter": values[0], "dots": values[1:-1].max(), "question": values[-1]}
    right = max(found, key=lambda name: found[name])
    numbers = {name: shown(value) for name, value in found.items()}
    return Finding(
        right,
        numbers,
        f"In unit {unit}, {gate} is {numbers['letter']} at A, at most {numbers['dots']} at the dots"
        f" and {numbers['question']} at “?”.",
    )


def forget_gate(value: float = 1.0) -> Finding:
    """Measure c of unit `UNIT` when its forget gate is set to ``value`` at one dot.

    The numbers ``named`` and ``sure`` are the last answer with f = 0 at that dot in all units.

    "keeps" is right if at least 95 % of c stays, "erases" if at most 5 % stays, else "part".
    """
    from gatesviz.recordings import Edit

    model = load_trained(MODEL)
    trace = read(model, TEXT).trace()
    states = read(model, TEXT, (Edit("f", value, AT, UNIT),)).trace().states["c"][:, UNIT]
    before, after = float(states[AT]), float(states[AT + 1])
    share, kept = after / before, value * before
    right = "keeps" if share >= 0.95 else "erases" if abs(share) <= 0.05 else "part"
    named, sure = last_answer(model, read(model, TEXT, (Edit("f", 0.0, AT),)))
    numbers = {
        "before": shown(before),
        "after": shown(after),
        "kept": shown(kept),
        "added": shown(after - kept),
        "unset": shown(trace.states["c"][AT + 1, UNIT]),
        "f": shown(trace.gates["f"][AT, UNIT]),
        "named": named,
        "sure": f"{100 * sure:.0f} %",
        "step": str(AT),
    }
    return Finding(
        right,
        numbers,
        f"Before step {AT}, c of unit {UNIT} is {numbers['before']}. With f = {value:g} at this"
        f" step, f·c is {numbers['kept']}, and i·g adds {numbers['added']}. Then c is"
        f" {numbers['after']}.{_unchanged(numbers)}",
    )


def _unchanged(numbers: dict[str, str]) -> str:
    """Return what c is without the change, as a sentence after a space."""
    f, c = numbers["f"], numbers["unset"]
    if c == numbers["after"]:
        return f" The model's own f is {f} here, so near 1 that setting it to 1 hardly changes c."
    return f" Without this change, f is {f}, and c is {c}."


def closing_gate() -> Finding:
    """Measure which gate keeps h near 0 at a dot: the one that makes |h| largest when it is 1."""
    from gatesviz.recordings import Edit

    model = load_trained(MODEL)
    trace = read(model, TEXT).trace()
    opened = {
        gate: float(read(model, TEXT, (Edit(gate, 1.0, AT, UNIT),)).output[AT, UNIT])
        for gate in ("f", "i", "g", "o")
    }
    right = max(opened, key=lambda gate: abs(opened[gate]))
    numbers = {
        "c": shown(trace.after("c")[AT, UNIT]),
        "h": shown(trace.after("h")[AT, UNIT]),
        "opened": shown(opened[right]),
        "step": str(AT),
    } | {f"h_{gate}": shown(value) for gate, value in opened.items()}
    return Finding(
        right,
        numbers,
        f"With {right} set to 1 at step {AT}, h is {numbers['opened']}. "
        + " ".join(
            f"With {gate} = 1 instead, h is {numbers[f'h_{gate}']}."
            for gate in opened
            if gate != right
        ),
    )


def written_at_dots() -> Finding:
    """Measure what is added to c of unit `UNIT` at a dot, and why it is so little.

    "product" is right if i is below 0.01 while g is not, "zero" if the dot's input is 0, and
    "closed" otherwise.
    """
    trace = read(load_trained(MODEL), TEXT).trace()
    g, i = (float(trace.gates[letter][AT, UNIT]) for letter in "gi")
    right = "zero" if not trace.inputs[AT].any() else "product" if i < 0.01 < abs(g) else "closed"
    numbers = {"g": shown(g), "i": shown(i), "added": shown(i * g)}
    numbers["step"] = str(AT)
    sentence = f"At step {AT}, i is {numbers['i']} and g is {numbers['g']}, so {numbers['added']}"
    return Finding(right, numbers, f"{sentence} is added to c.")


def gates_read() -> Finding:
    """Measure whether the gates of torch.nn.LSTM change when only the old c changes.

    The cell (preset "switch"), x and the old h are those that the page *Inside the cell* opens
    with. "c" is right if one of the gates changes, "h" if they follow x and h alone.
    """
    import torch

    from gatesviz.recordings import record

    module = preset_module("lstm", "switch")
    x, h = torch.tensor([[INPUT]]), torch.tensor([[STATE]])
    traces = [record(module, x, (h, torch.full_like(h, c))).trace() for c in (0.0, 1.0)]
    gates = [traces[0].gates[gate] - traces[1].gates[gate] for gate in "ifgo"]
    most = max(float(abs(change).max()) for change in gates)
    moved = float(abs(traces[0].after("c") - traces[1].after("c")).max())
    numbers = {"most": written(most), "moved": shown(moved)}
    return Finding(
        "c" if most > 0 else "h",
        numbers,
        f"In the cell of this page, we keep x = {INPUT:.2f} and the old h = {STATE:.2f} and change"
        f" the old c from 0 to 1. f, i, g and o change by {numbers['most']}, and c′ by"
        f" {numbers['moved']}.",
    )
