"""Measures of the lesson on forgetting: how fast a network loses a difference, trained or not."""

import math
from collections.abc import Mapping

import numpy as np

from gatesviz.cells import find_cell
from gatesviz.fresh import fresh
from gatesviz.lessons.finding import Finding
from gatesviz.lessons.measures.state import last_answer, read
from gatesviz.sequences import parse_text
from gatesviz.traces import Trace
from gatesviz.trained import load_trained

TEXT, ERASED, UNITS, SEED = "AB" + "." * 38, 1, 16, 0
"""The view of the lesson: a text, the step after which the state is erased, and fresh weights."""
LITTLE = 0.01
NETWORKS: Mapping[str, tuple[str, float | None]] = {
    "rnn": ("rnn_tanh", None),
    "lstm": ("lstm", None),
    "biased": ("lstm", 5.0),
}
"""Option -> cell and forget bias; None is PyTorch's default."""


def left(cell: str, forget_bias: float | None = None, *, erased: int = ERASED) -> "np.ndarray":
    """Return how much of an erased state's difference is left, 0, 1, 2 … steps later.

    The network is untrained. The difference is the length of the change in its kept state.
    """
    change, _ = _change(cell, forget_bias, erased)
    lengths = np.linalg.norm(change, axis=-1)
    return np.asarray(lengths / lengths[0])


def left_by_f(forget_bias: float) -> float:
    """Return how much would be left at the end of the text if f alone acted on the difference.

    It takes the f of the reading whose state isn't erased.
    """
    change, trace = _change("lstm", forget_bias, ERASED)
    kept = trace.gates["f"][ERASED + 1 :].prod(0) * change[0]
    return float(np.linalg.norm(kept) / np.linalg.norm(change[0]))


def _change(cell: str, forget_bias: float | None, erased: int) -> "tuple[np.ndarray, Trace]":
    """Return the change in the kept state from step ``erased`` on, and the reading without it."""
    import torch

    from gatesviz.recordings import Edit, record

    sequence = parse_text(TEXT)
    module = fresh(cell, len(sequence.features), UNITS, seed=SEED, forget_bias=forget_bias)
    inputs = torch.from_numpy(np.asarray(sequence.values, np.float32))
    state = find_cell(cell).kept_state
    runs = (record(module, inputs), record(module, inputs, edits=[Edit(state, 0.0, erased)]))
    plain, edited = (run.trace() for run in runs)
    return np.asarray((plain.after(state) - edited.after(state))[erased:]), plain


def faded(shares: "np.ndarray") -> int | None:
    """Return after how many steps less than `LITTLE` is left, None if that doesn't happen."""
    few = np.flatnonzero(shares < LITTLE)
    return int(few[0]) if len(few) else None


def difference_fades(network: str = "rnn", erased: int = ERASED) -> Finding:
    """Measure how long an untrained network keeps the difference that an erased state makes.

    The state is set to 0 after step ``erased``.

    "soon" is right if less than 1 % is left within 15 steps, "later" if it takes longer, and
    "stays" if more than 1 % is left at the end of the text.
    """
    shares = left(*NETWORKS[network], erased=erased)
    steps = faded(shares)
    right = "stays" if steps is None else "soon" if steps <= 15 else "later"
    numbers = {"one": f"{100 * shares[1]:.0f} %", "steps": str(steps)}
    if steps is None:
        end = f"At the last step, the difference is {100 * shares[-1]:.0f} % of its first size"
        grown = ": h carries it back into c, and so it has even grown." if shares[-1] > 1 else "."
        return Finding(right, numbers, end + grown)
    return Finding(
        right,
        numbers,
        f"One step later, {numbers['one']} of the difference is left. After {steps} steps it is"
        " less than 1 %.",
    )


def longest_memory() -> Finding:
    """Measure which untrained network keeps the difference for most steps."""
    found = {name: faded(left(*each)) for name, each in NETWORKS.items()}
    end = len(TEXT)
    right = max(found, key=lambda name: end if found[name] is None else found[name] or 0)
    numbers = {name: "no step" if steps is None else f"{steps}" for name, steps in found.items()}
    numbers["grown"] = f"{left('lstm', 5.0)[-1]:.2g}"
    numbers["by_f"] = f"{100 * left_by_f(5.0):.0f} %"
    kept = found["biased"] is None
    biased = "stays above 1 % to the end" if kept else f"does so after {found['biased']} steps"
    return Finding(
        right,
        numbers,
        f"Less than 1 % of the difference is left after {numbers['rnn']} steps in the RNN, and"
        f" after {numbers['lstm']} steps in the default LSTM. With forget bias 5, it {biased}.",
    )


def trained_memory(cell: str = "rnn", dots: int = 40) -> Finding:
    """Measure whether a trained model still names each letter after many dots.

    "yes" is right if it names all four letters.
    """
    model = load_trained(f"recall-{cell}")
    found = [last_answer(model, read(model, f"{letter}{'.' * dots}?")) for letter in "ABCD"]
    named = [answer == letter for (answer, _), letter in zip(found, "ABCD", strict=True)]
    right = "yes" if all(named) else "some" if any(named) else "no"
    sure = min(found, key=lambda one: one[1])
    numbers = {
        "named": str(sum(named)),
        "dots": str(dots),
        "sure": f"{math.floor(1000 * sure[1]) / 10} %",
    }
    return Finding(
        right,
        numbers,
        f"After {dots} dots, it names {numbers['named']} of the 4 letters. It is at least"
        f" {numbers['sure']} sure each time.",
    )
