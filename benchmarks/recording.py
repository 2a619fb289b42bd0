"""Compare the cost of recording with torch.nn's own forward pass, which keeps no gate.

Both run side by side in the same round, on one thread, in process CPU time. The table shows the
median of the rounds. The budget holds or not against the module under ``torch.no_grad()``. The
last column compares with a call in grad mode, where torch too keeps what a backward pass needs.

Three costs keep some rows above their budget:

- A short sequence pays a fixed price in Python. At T=20, B=1, H=8 `record` takes 175 us for an
  LSTM, where torch.nn takes 91; 203 us for an RNN (104) and 355 us for a GRU (237). The kernel of
  the LSTM takes about 52 us of it. The rest reads and checks the module and the inputs, checks
  whether rounding could grow, and copies the weights, the output and the final state.
- A long or wide sequence of a GRU or an RNN consists of the same products as torch.nn's: at
  T=1000, B=32, H=512 their ratios are 0.98 and 0.95.
- Large buffers are mapped anew at each call, and the kernel clears each page. At T=200, B=64, H=64
  that is half of the LSTM's time, and torch.nn's own call in grad mode pays the same. glibc keeps
  freed memory if it is set so; a library must not decide that for a process. The second table
  shows the ratios after `keep_freed_memory`. Blocks of 16 samples gain nothing without it.

Run as ``python -m benchmarks.recording``; ``--quick`` leaves out the large size.
"""

import argparse
import ctypes
import statistics
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import nn

from gatesviz.recordings import onednn, record

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
    Way("LSTM, tap", nn.LSTM, True, app=1.3, large=1.1),
    Way("GRU", nn.GRU, True, app=0.9, large=0.9),
    Way("RNN", nn.RNN, True, app=0.75, large=0.75),
]


def cpu_time(work: Callable[[], object], repeats: int) -> float:
    """Return the seconds of CPU that ``repeats`` calls of ``work`` took."""
    start = time.process_time()
    for _ in range(repeats):
        work()
    return time.process_time() - start


def measure(way: Way, size: tuple[int, int, int, int], rounds: int) -> tuple[float, float]:
    """Return the ratio at (T, B, I, H) to the module without and with grad mode."""
    onednn.SWITCHED_OFF = not way.tap
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


def keep_freed_memory() -> bool:
    """Let glibc keep all memory that this process frees, and return whether it will.

    It then maps no large buffer on its own and never gives the top of its heap back, see
    mallopt(3). The process stays as large as it ever was.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    map_at_most, trim_threshold = -4, -1  # M_MMAP_MAX, M_TRIM_THRESHOLD in malloc.h
    return bool(mallopt and mallopt(map_at_most, 0) and mallopt(trim_threshold, 2**31 - 1))


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
    if keep_freed_memory():
        print("\nWith freed memory kept in the process:")
        for line in rows(quick):
            print(line, flush=True)


if __name__ == "__main__":
    main()
