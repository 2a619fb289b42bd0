"""X7 and X11: what a cell can hold, and what can be had without learning."""

import math
from typing import TYPE_CHECKING

from gatesviz.experiments.known.card import Band, Card, Found, Measured

if TYPE_CHECKING:
    from torch import nn

COUNTS = (1, 10, 100, 1_000, 10_000)
SHUT = 100.0  # in float32 the sigmoid of it is exactly 1 and so is its tanh
SAMPLES = 20_000
COPIED, SYMBOLS, LAG = 10, 8, 100


def counting(found: Found) -> Measured:
    """Return X7: the counter of a hand-set LSTM, and the largest |h| of random GRUs."""
    import torch

    from gatesviz.recordings import record

    told: dict[str, tuple[float, ...]] = {}
    module = _counter()
    for n in COUNTS:
        letters = torch.eye(2).repeat_interleave(n, 0)
        c = record(module, letters).trace().states["c"][:, 0]
        told[f"n = {n:,}: c after aⁿ"] = (float(c[n]),)
        told[f"n = {n:,}: c after aⁿbⁿ"] = (float(c[-1]),)
    return told | {"largest |h| of a GRU": tuple(_largest(seed) for seed in range(3))}


def _counter() -> "nn.LSTM":
    """Return an LSTM of one unit whose cell goes up by 1 with a and down by 1 with b."""
    import torch
    from torch import nn

    module = nn.LSTM(2, 1, device="meta").to_empty(device="cpu")
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
        module.get_parameter("bias_ih_l0").copy_(
            torch.tensor([SHUT, SHUT, 0.0, SHUT])
        )  # i, f, g, o
        module.get_parameter("weight_ih_l0")[2] = torch.tensor([SHUT, -SHUT])
    return module.eval()


def _largest(seed: int) -> float:
    """Return the largest |h| of a GRU with wild weights, from h = 0, on wild inputs."""
    import torch

    from gatesviz.fresh import fresh
    from gatesviz.recordings import record

    module = fresh("gru", 4, 16, seed=seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.mul_(40)
    dice = torch.Generator().manual_seed(seed)
    inputs = 10 * torch.randn(500, 4, generator=dice)
    return float(abs(record(module, inputs).trace().states["h"]).max())


def baselines(found: Found) -> Measured:
    """Return X11: the best that can be had without looking, on samples of the tasks."""
    import torch

    from gatesviz.tasks import TASKS

    sums = TASKS["adding"].batch(torch.Generator().manual_seed(0), SAMPLES, 10)
    unit = TASKS["adding"].baseline(sums)
    orders = TASKS["temporal_order"].batch(torch.Generator().manual_seed(0), SAMPLES, 10)
    return {
        "adding, numbers in [0, 1]: squared error": (unit,),
        "adding, numbers in [−1, 1]: squared error": (4 * unit,),
        f"copy after {LAG} steps: cross-entropy": (_copy(),),
        "four classes: cross-entropy": (TASKS["temporal_order"].baseline_loss(orders),),
    }


def _copy() -> float:
    """Return the loss of saying "blank" until the signal, then every symbol as likely."""
    import torch
    from torch.nn.functional import cross_entropy

    targets = torch.zeros(LAG + 2 * COPIED, dtype=torch.long)
    dice = torch.Generator().manual_seed(0)
    targets[-COPIED:] = torch.randint(1, SYMBOLS + 1, (COPIED,), generator=dice)
    answers = torch.full((len(targets), SYMBOLS + 1), -1e9, dtype=torch.float64)
    answers[:-COPIED, 0] = 0
    answers[-COPIED:, 1:] = 0
    return float(cross_entropy(answers, targets))


def _within(row: str, value: float, share: float) -> Band:
    return Band(row, value * (1 - share), value * (1 + share))


CARDS = (
    Card(
        key="X7",
        title="An LSTM's cell can count without a bound; a GRU's state cannot leave [−1, 1].",
        source="Weiss, Goldberg & Yahav 2018.",
        setting=(
            "LSTM of one unit set by hand: i = f = 1, g = 1 for a and −1 for b, float32; three GRUs"
            " with weights 40 times PyTorch's, 500 steps of noise ten times the usual"
        ),
        expected="c is n after aⁿ and back at 0 after aⁿbⁿ, for every n; |h| ≤ 1",
        values="c; the largest |h|",
        bands=(
            *(
                band
                for n in COUNTS
                for band in (
                    Band(f"n = {n:,}: c after aⁿ", n, n),
                    Band(f"n = {n:,}: c after aⁿbⁿ", 0, 0),
                )
            ),
            Band("largest |h| of a GRU", high=1, wanted=3),
        ),
        _measure=counting,
    ),
    Card(
        key="X11",
        title="What can be had without learning.",
        source="Arithmetic: the lines that a loss has to fall below.",
        setting=(
            f"the best constant answer on {SAMPLES:,} samples of the tasks; the copy problem, which"
            f" is no task here, with {COPIED} of {SYMBOLS} symbols, answered with blanks and then"
            " evenly"
        ),
        expected="1/6; 2/3; 10·ln 8 / (T + 20); ln 4",
        values="squared error or nats",
        bands=(
            _within("adding, numbers in [0, 1]: squared error", 1 / 6, 0.03),
            _within("adding, numbers in [−1, 1]: squared error", 2 / 3, 0.03),
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
