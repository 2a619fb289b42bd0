"""Counting: what c of an LSTM and h of a GRU can hold, and what trained cells count to."""

from typing import TYPE_CHECKING

from gatesviz.fresh import with_memory
from gatesviz.lessons.finding import Finding, listed
from gatesviz.lessons.measures.known_results import known_rows
from gatesviz.theme import written

if TYPE_CHECKING:
    from torch import nn

LONG = 10_000
TRAINED_TO = 10


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


def repeated_input() -> Finding:
    """Measure c and h of the page's counting LSTM and of a GRU after 40 and after 80 equal inputs.

    Returns:
        Right is "lstm" if only c still changes after 40 steps, "both" or "neither".
    """
    import torch

    from gatesviz.lessons.measures.gru import average
    from gatesviz.recordings import record

    ones = torch.ones(80, 1)
    counting = record(counter(), ones).trace()
    c = counting.states["c"][[40, 80], 0]
    gate = min(float(counting.gates[letter].min()) for letter in "fi")
    h = record(average(), ones).trace().states["h"][[40, 80], 0]
    moved = [float(abs(state[1] - state[0])) > 0.01 * float(abs(state[0])) for state in (c, h)]
    right = {(True, False): "lstm", (True, True): "both", (False, False): "neither"}
    numbers = {
        "c_40": f"{c[0]:.3g}",
        "c_80": f"{c[1]:.3g}",
        "h_40": f"{h[0]:.3g}",
        "h_80": f"{h[1]:.3g}",
        "gate": f"{gate:.4f}",
    }
    return Finding(
        right.get((moved[0], moved[1]), "gru"),
        numbers,
        f"After 40 inputs x = 1, c is {numbers['c_40']}. After 80 inputs it is {numbers['c_80']}."
        f" The gates f and i are only near 1 here, {numbers['gate']}, so c is a little below the"
        f" count. The GRU's h is {numbers['h_40']}, then {numbers['h_80']}.",
    )


def counter() -> "nn.LSTM":
    """Return the LSTM of the preset "count" of the page *Inside the cell*."""
    import torch
    from torch import nn

    module = with_memory(nn.LSTM(1, 1, device="meta")).eval()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
        module.get_parameter("bias_ih_l0").copy_(torch.tensor([8.0, 8.0, 0.0, 8.0]))  # i, f, g, o
        module.get_parameter("weight_ih_l0")[2] = 8.0
    return module
