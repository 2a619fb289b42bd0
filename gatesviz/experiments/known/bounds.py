"""Cards X7 and X11: bounds of the states, and baselines that need no learning."""

import math
from typing import TYPE_CHECKING

from gatesviz.experiments.known.card import Band, Card, Results, Values

if TYPE_CHECKING:
    from torch import nn

COUNTS = (1, 10, 100, 1_000, 10_000)
LARGE = 100.0  # in float32 its sigmoid and its tanh are exactly 1
SAMPLES = 20_000
COPIED, SYMBOLS, LAG = 10, 8, 100


def counting(results: Results) -> Values:
    """Measure X7: the cell of an LSTM that counts, and the largest |h| of random GRUs."""
    import torch

    from gatesviz.recordings import record

    counts: dict[str, tuple[float, ...]] = {}
    module = _counter()
    for n in COUNTS:
        letters = torch.eye(2).repeat_interleave(n, 0)
        c = record(module, letters).trace().states["c"][:, 0]
        counts[f"n = {n:,}: c after aⁿ"] = (float(c[n]),)
        counts[f"n = {n:,}: c after aⁿbⁿ"] = (float(c[-1]),)
    return counts | {"largest |h| of a GRU": tuple(_largest(seed) for seed in range(3))}


def _counter() -> "nn.LSTM":
    """Return an LSTM with one unit whose cell adds 1 at a and subtracts 1 at b."""
    import torch
    from torch import nn

    module = nn.LSTM(2, 1, device="meta").to_empty(device="cpu")
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
        module.get_parameter("bias_ih_l0").copy_(
            torch.tensor([LARGE, LARGE, 0.0, LARGE])
        )  # i, f, g, o
        module.get_parameter("weight_ih_l0")[2] = torch.tensor([LARGE, -LARGE])
    return module.eval()


def _largest(seed: int) -> float:
    """Return the largest |h| of a GRU with large weights on large inputs, from h = 0."""
    import torch

    from gatesviz.fresh import fresh
    from gatesviz.recordings import record

    module = fresh("gru", 4, 16, seed=seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.mul_(40)
    generator = torch.Generator().manual_seed(seed)
    inputs = 10 * torch.randn(500, 4, generator=generator)
    return float(abs(record(module, inputs).trace().states["h"]).max())


def baselines(results: Results) -> Values:
    """Measure X11: the score of the best constant answer on samples of the tasks."""
    import torch

    from gatesviz.tasks import TASKS

    sums = TASKS["adding"].batch(torch.Generator().manual_seed(0), SAMPLES, 10)
    unit = TASKS["adding"].baseline(sums)
    orders = TASKS["temporal_order"].batch(torch.Generator().manual_seed(0), SAMPLES, 10)
    return {
        "adding, numbers in [0, 1]: mean squared error": (unit,),
        "adding, numbers in [−1, 1]: mean squared error": (4 * unit,),
        f"copy after {LAG} steps: cross-entropy": (_copy(),),
        "four classes: cross-entropy": (TASKS["temporal_order"].baseline_loss(orders),),
    }


def _copy() -> float:
    """Return the loss of answering "blank" until the signal, then all symbols equally likely."""
    import torch
    from torch.nn.functional import cross_entropy

    targets = torch.zeros(LAG + 2 * COPIED, dtype=torch.long)
    generator = torch.Generator().manual_seed(0)
    targets[-COPIED:] = torch.randint(1, SYMBOLS + 1, (COPIED,), generator=generator)
    answers = torch.full((len(targets), SYMBOLS + 1), -1e9, dtype=torch.float64)
    answers[:-COPIED, 0] = 0
    answers[-COPIED:, 1:] = 0
    return float(cross_entropy(answers, targets))


def _within(row: str, value: float, share: float) -> Band:
    return Band(row, value * (1 - share), value * (1 + share))


CARDS = (
    Card(
        key="X7",
        title="An LSTM's c can count far beyond 1. A GRU's h stays between −1 and 1.",
        source="Weiss, Goldberg & Yahav 2018.",
        setting=(
            "An LSTM with one unit and fixed weights, in float32, reads aⁿbⁿ: n letters a, then n"
            " letters b. Its gates i and f are always 1. Its candidate g is 1 at each a and −1 at"
            " each b. Three GRUs, whose weights are PyTorch's default weights times 40, read"
            " 500 steps of noise with standard deviation 10."
        ),
        expected=(
            "After n letters a, c is n. After n more letters b, c is 0. The GRU's |h| is at most 1."
        ),
        values="LSTM: cell state c; GRU: largest |h| of all steps and units",
        bands=(
            *(
                band
                for n in COUNTS
                for band in (
                    Band(f"n = {n:,}: c after aⁿ", n, n),
                    Band(f"n = {n:,}: c after aⁿbⁿ", 0, 0),
                )
            ),
            Band("largest |h| of a GRU", high=1, count=3),
        ),
        _measure=counting,
    ),
    Card(
        key="X11",
        title="The baselines of three tasks are known exactly. The measured ones agree with them.",
        source="Arithmetic.",
        setting=(
            "Two tasks, adding two numbers and naming the order of two marks (four classes): the"
            f" baseline is the best constant answer on {SAMPLES:,} samples. Copy (not a task in"
            f" this app): a text starts with {COPIED} symbols, drawn from an alphabet of {SYMBOLS}."
            f" A model must repeat them after T = {LAG} steps. Until then, the baseline answers"
            f" “blank”. From then on, it gives each of the {SYMBOLS} symbols the same probability."
        ),
        expected=(
            "A nat is the unit of cross-entropy with natural logarithms. Mean squared error: 1/6"
            " for adding numbers in [0, 1], 2/3 for numbers in [−1, 1]. Cross-entropy for four"
            " classes: ln 4 nats. Copying: the loss is ln 8 at each of the 10 copied symbols and 0"
            " at other steps, and a text has T + 20 steps. So the mean is 10·ln 8 / (T + 20) nats."
        ),
        values="mean squared error, or cross-entropy in nats",
        bands=(
            _within("adding, numbers in [0, 1]: mean squared error", 1 / 6, 0.03),
            _within("adding, numbers in [−1, 1]: mean squared error", 2 / 3, 0.03),
            _within(
                f"copy after {LAG} steps: cross-entropy",
                COPIED * math.log(SYMBOLS) / (LAG + 2 * COPIED),
                1e-9,
            ),
            _within("four classes: cross-entropy", math.log(4), 0.005),
        ),
        _measure=baselines,
    ),
)
