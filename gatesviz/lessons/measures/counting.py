"""Counting: what c of an LSTM and h of a GRU can hold, and what trained cells count to."""

from typing import TYPE_CHECKING

import numpy as np

from gatesviz.lessons.finding import Finding, listed
from gatesviz.lessons.measures.known_results import known_rows
from gatesviz.presets import preset_module
from gatesviz.theme import written

if TYPE_CHECKING:
    from gatesviz.experiments.experiment import Trial

LONG = 10_000
SHORT = 40
"""Letters of each kind that the drawn cell reads."""
TRAINED_TO = 10


def drawn_count() -> Finding:
    """Feed the cell of the diagram (preset "count") 40 letters a, then 40 letters b.

    Returns:
        Right is "limit" if |c| never exceeded 1, "back" if c is less than one count from 0 at the
        end, else "off".
    """
    import torch

    from gatesviz.recordings import record

    ones = torch.ones(SHORT, 1)
    trace = record(preset_module("lstm", "count"), torch.cat([ones, -ones])).trace()
    c = trace.after("c")[:, 0]
    top, end = float(c[SHORT - 1]), float(c[-1])
    right = "limit" if abs(c).max() <= 1 else "back" if abs(end) < 1 else "off"
    numbers = {
        "letters": str(SHORT),
        "drawn_top": f"{top:.3g}",
        "drawn_end": written(round(end, 2)),
    }
    numbers["drawn_gate"] = f"{100 * float(trace.gates['f'].min()):.2f} %"
    return Finding(
        right,
        numbers,
        f"After {SHORT} letters a, c is {numbers['drawn_top']}. After {SHORT} letters b, c is"
        f" {numbers['drawn_end']}{', less than one count from 0' if right == 'back' else ''}. It"
        " isn't exactly 0, because f keeps only"
        f" {numbers['drawn_gate']} of c at each step.",
    )


def count_by_hand() -> Finding:
    """Feed known result X7's LSTM n letters a, then n letters b, for n up to 10,000.

    Returns:
        Right is "back" if c is n after the letters a and 0 after the letters b, else "off".
    """
    rows = known_rows("X7")
    top, end = (rows[f"n = {LONG:,}: c after {text}"][0] for text in ("aⁿ", "aⁿbⁿ"))
    numbers = {"n": f"{LONG:,}", "top": f"{top:,.0f}", "end": f"{end:g}"}
    return Finding(
        "back" if (top, end) == (LONG, 0) else "off",
        numbers,
        f"After {numbers['n']} letters a, c is {numbers['top']}. After {numbers['n']} letters b, c"
        f" is {numbers['end']}, exactly.",
    )


def largest_state() -> Finding:
    """Measure the largest |h| of three GRUs with 40 times PyTorch's weights, on large inputs.

    Returns:
        Right is "one" if |h| never exceeds 1, else "grows".
    """
    largest = max(known_rows("X7")["largest |h| of a GRU"])
    return Finding(
        "one" if largest <= 1 else "grows",
        {"largest": f"{largest:g}"},
        f"The largest |h| of three GRUs with very large weights is {largest:g}.",
    )


def room() -> Finding:
    """Compare how far apart the counts 100 and 101 are in c and, at best, in h = tanh(c).

    Returns:
        Right is "c" or "h": where the two counts are farther apart.
    """
    import torch

    counts = torch.tensor([100.0, 101.0, 3.0, 4.0])
    c, h = counts, counts.tanh()
    apart = {name: float(s[1] - s[0]) for name, s in (("c", c), ("h", h))}
    numbers = {"in_c": written(apart["c"]), "in_h": written(apart["h"])}
    numbers["in_h_at_3"] = written(float(h[3] - h[2]))
    return Finding(
        max(apart, key=lambda name: apart[name]),
        numbers,
        f"In float32, 100 and 101 differ by {numbers['in_c']} in c, and by {numbers['in_h']} in"
        f" tanh(c). 3 and 4 differ by {numbers['in_h_at_3']} in tanh(c).",
    )


def beyond_training() -> Finding:
    """Read known result T5: how far cells count that were trained up to n = 10.

    Returns:
        Right is "lstm" or "gru" if each of its seeds counts farther than each of the other's,
        else "neither".
    """
    rows = known_rows("T5")
    lstm, gru = rows["LSTM"], rows["GRU"]
    right = "lstm" if min(lstm) > max(gru) else "gru" if min(gru) > max(lstm) else "neither"
    numbers = {
        "lstm": listed(f"{n:g}" for n in lstm),
        "gru": listed(f"{n:g}" for n in gru),
        "trained": str(TRAINED_TO),
    }
    return Finding(
        right,
        numbers,
        f"Each cell was trained up to n = {TRAINED_TO} in three runs. The numbers give, for each"
        " run, the largest n up to which the cell answered every text correctly. LSTM:"
        f" {numbers['lstm']}. GRU: {numbers['gru']}.",
    )


def inexact_counts() -> Finding:
    """Measure how exactly the best counting unit of each LSTM of known result T5 counts.

    The text is the shortest that the LSTM gets wrong. In a counting unit, the mean change of c at
    the letters a and that at the letters b have opposite signs. The best counting unit is the one
    whose smaller change is the largest.

    Returns:
        Right is "inexact" if c is more than a tenth of a count from its start after the last b, in
        each run; else "exact".
    """
    found = [
        _best_counter(trial, int(n) + 1)
        for trial, n in zip(_counters(), known_rows("T5")["LSTM"], strict=True)
    ]
    up, down, missed = (listed(f"{each[k]:.2f}" for each in found) for k in range(3))
    f = listed(f"{each[3]:.3f}" for each in found)
    numbers = {"up": up, "down": down, "missed": missed, "f": f}
    return Finding(
        "inexact" if min(each[2] for each in found) > 0.1 else "exact",
        numbers,
        f"In the unit of each LSTM that counts best, each “a” changes c by {up} on average, and"
        f" each “b” changes it back by {down}. After the last b, c is {missed} from its start. The"
        f" mean f is {f}.",
    )


def _counters() -> "tuple[Trial, ...]":
    from gatesviz.experiments.known import trained
    from gatesviz.experiments.known.learning import rows

    return tuple(rows(trained.counting(), trained.CELLS)["LSTM"])


def _best_counter(trial: "Trial", n: int) -> tuple[float, float, float, float]:
    """Return |mean change of c| at a and at b, how far c ends from its start, and the mean f."""
    import torch

    from gatesviz.experiments.known.release import released
    from gatesviz.recordings import record
    from gatesviz.training import TrainedModel

    result = released([trial])[trial]
    inputs = torch.zeros(2 * n + 1, 4)  # S, then a, then b: see the task
    inputs[0, 0] = inputs[1 : n + 1, 1] = inputs[n + 1 :, 2] = 1
    trace = record(
        TrainedModel(trial.spec, result.updates, result.weights).module(), inputs
    ).trace()
    start, top, end = trace.after("c")[[0, n, 2 * n]]
    up, down = (top - start) / n, (end - top) / n
    unit = int(np.where(up * down < 0, np.minimum(abs(up), abs(down)), 0).argmax())
    numbers = abs(up), abs(down), abs(end - start), trace.gates["f"][1:].mean(0)
    return tuple(float(each[unit]) for each in numbers)  # type: ignore[return-value]  # four


def repeated_input() -> Finding:
    """Measure c of the preset "count" and h of the preset "average" after 40 and 80 equal inputs.

    Returns:
        Right is "lstm" if only c still changes after 40 steps, "both" or "neither".
    """
    import torch

    from gatesviz.recordings import record

    ones = torch.ones(80, 1)
    counting = record(preset_module("lstm", "count"), ones).trace()
    c = counting.states["c"][[40, 80], 0]
    gate = min(float(counting.gates[letter].min()) for letter in "fi")
    h = record(preset_module("gru", "average"), ones).trace().states["h"][[40, 80], 0]
    moved = [float(abs(state[1] - state[0])) > 0.01 * float(abs(state[0])) for state in (c, h)]
    right = {(True, False): "lstm", (True, True): "both", (False, False): "neither"}
    numbers = {
        "c_40": f"{c[0]:.3g}",
        "c_80": f"{c[1]:.3g}",
        "h_40": f"{h[0]:.3g}",
        "h_80": f"{h[1]:.3g}",
        "gate": f"{100 * gate:.2f} %",
    }
    return Finding(
        right.get((moved[0], moved[1]), "gru"),
        numbers,
        f"After 40 inputs x = 1, c is {numbers['c_40']}. After 80 inputs it is {numbers['c_80']}."
        f" c is a little below the count, because f and i let only {numbers['gate']} through."
        f" The GRU's h is {numbers['h_40']}, then {numbers['h_80']}.",
    )
