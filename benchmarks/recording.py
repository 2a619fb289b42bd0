"""What recording costs, as a ratio to torch.nn's own forward pass, which keeps no gate.

Both run side by side in the same round, on one thread, in process CPU time; printed is the median
of the rounds. The budget holds or not against the module under ``torch.no_grad()``. The last
column compares with a plain call in grad mode, where torch keeps what a backward pass needs, as
the tap has it do. Small sizes pay a fixed price for checks and copies; buffers of many megabytes
pay for fresh memory at each call.
Run as ``python -m benchmarks.recording``; ``--quick`` leaves out the large size.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import nn

from gatesviz.recordings import record

APP_SIZES = [  # T, B, I, H
    (20, 1, 8, 8),
    (50, 1, 8, 32),
    (200, 1, 16, 64),
    (20, 64, 8, 8),
    (100, 32, 16, 32),
    (200, 64, 64, 64),
]
LARGE = (1000, 32, 64, 512)


class Way(NamedTuple):
    """A way of recording one cell, and the ratios it may reach."""

    name: str
    module: type[nn.RNNBase]
    tap: bool
    app: float
    large: float


WAYS = [
    Way("LSTM", nn.LSTM, False, app=4.0, large=2.2),
    Way("LSTM, tap", nn.LSTM, True, app=1.1, large=1.05),
    Way("GRU", nn.GRU, True, app=1.2, large=1.2),
    Way("RNN", nn.RNN, True, app=0.75, large=0.9),
]


def cpu_time(work: Callable[[], object], repeats: int) -> float:
    """Return the seconds of CPU that ``repeats`` calls of ``work`` took."""
    start = time.process_time()
    for _ in range(repeats):
        work()
    return time.process_time() - start


def measure(way: Way, size: tuple[int, int, int, int], rounds: int) -> tuple[float, float]:
    """Return the ratio at (T, B, I, H) to the module without and with grad mode."""
    os.environ["GATESVIZ_TAP"] = "1" if way.tap else "0"
    T, B, I, H = size  # noqa: E741
    module = way.module(I, H).eval()
    x = torch.randn(T, B, I, generator=torch.Generator().manual_seed(0))

    def forward() -> object:
        with torch.no_grad():
            return module(x)

    def recording() -> object:
        return record(module, x)

    recording()  # what is loaded at the first call
    repeats = max(1, int(0.02 / cpu_time(forward, 2)))
    ratios = []
    for _ in range(rounds):
        ours = cpu_time(recording, repeats)
        theirs = cpu_time(forward, repeats), cpu_time(lambda: module(x), repeats)
        ratios.append([ours / seconds for seconds in theirs])
    without, within = map(statistics.median, zip(*ratios, strict=True))
    return without, within


def rows(quick: bool) -> Iterator[str]:
    """Yield the lines of the table."""
    yield "recording      T   B   I    H   ratio  budget  holds  (grad mode)"
    for way in WAYS:
        for size in APP_SIZES if quick else [*APP_SIZES, LARGE]:
            large = size == LARGE
            budget = way.large if large else way.app
            without, within = measure(way, size, rounds=5 if large else 15)
            sizes = "{:>5} {:>3} {:>3} {:>4}".format(*size)
            holds = "yes" if without <= budget else "no"
            figures = f"{without:>7.2f} {budget:>7.2f}  {holds:<5} {within:>9.2f}"
            yield f"{way.name:<10} {sizes} {figures}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out the large size")
    quick = parser.parse_args().quick
    torch.set_num_threads(1)
    for line in rows(quick):
        print(line, flush=True)


if __name__ == "__main__":
    main()
