"""Measure the cost of `gradient_flow`, including the recording, as two ratios.

The first ratio, with a budget, compares with torch.nn's forward and backward pass, which gives
gradients by weights and inputs only. The second compares with autograd on the unrolled loop, which
gives the same gradients; below 1, `gradient_flow` is faster. All three run in the same round and
dtype, on one thread, in process CPU time. The table shows the median of the rounds.

The RNN misses its budget of 0.45 in most rows. What stands in the way there, in float32 on a busy
two-core machine, in microseconds:

    T, B, H      recording  gradient_flow  forward and backward of torch.nn
    20, 1, 8           103            273                               480
    20, 64, 8          162            463                               581
    200, 64, 64      4,521         13,010                            18,023

The recording alone takes 21 to 28 % of torch.nn's time, about as much as its forward pass. So the
backward scan could take only about a quarter of torch.nn's time, and takes 35 to 52 % of it.
Run as ``python -m benchmarks.gradients``.
"""

import statistics
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn

from benchmarks.recording import APP_SIZES, cpu_time
from gatesviz.cells import CELLS, Weights
from gatesviz.gradients import gradient_flow


class Way(NamedTuple):
    """A cell, and the ratio it may reach."""

    name: str
    module: type[nn.RNNBase]
    budget: float


WAYS = [Way("LSTM", nn.LSTM, 1.6), Way("GRU", nn.GRU, 0.45), Way("RNN", nn.RNN, 0.45)]


def last(y: Tensor) -> Tensor:
    return y[-1].sum()


def unrolled(module: nn.RNNBase, x: Tensor) -> tuple[Tensor, ...]:
    """Return the gradient by every state as autograd gives it."""
    weights = Weights(*(w.detach() for w in module.parameters()))
    cell, (T, B, _), H = CELLS[module.mode.lower()], x.shape, module.hidden_size
    state = {name: x.new_zeros(B, H).requires_grad_() for name in cell.states}
    states = [*state.values()]
    for now in x.unbind(0):
        state = cell.step(now, state, weights).state
        states += state.values()
    found = torch.autograd.grad(state["h"].sum(), states, allow_unused=True)
    assert len(found) == (T + 1) * len(cell.states)
    return found


def measure(way: Way, size: tuple[int, int, int, int], dtype: torch.dtype) -> tuple[float, float]:
    """Return the ratios at (T, B, I, H): to torch.nn, and to the unrolled loop."""
    T, B, I, H = size  # noqa: E741
    module = way.module(I, H, dtype=dtype)
    x = torch.randn(T, B, I, dtype=dtype, generator=torch.Generator().manual_seed(0))

    def ours() -> object:
        return gradient_flow(module, x, last, dtype=dtype)

    def theirs() -> None:
        module.zero_grad()
        last(module(x.requires_grad_())[0]).backward()

    ours()  # the first call pays for what is prepared once
    repeats = max(1, int(0.05 / cpu_time(theirs, 2)))
    loops = max(1, repeats // 4)
    ratios = []
    for _ in range(9):
        one = cpu_time(ours, repeats) / repeats
        other = cpu_time(theirs, repeats) / repeats
        ratios.append(
            (one / other, one * loops / cpu_time(lambda: unrolled(module, x.detach()), loops))
        )
    nn_ratio, loop_ratio = map(statistics.median, zip(*ratios, strict=True))
    return nn_ratio, loop_ratio


def rows() -> Iterator[str]:
    """Yield the lines of the table."""
    yield "gradients  dtype      T   B   I    H   ratio  budget  holds  (unrolled loop)"
    for way in WAYS:
        for dtype in (torch.float64, torch.float32):
            for size in APP_SIZES:
                ratio, loop = measure(way, size, dtype)
                sizes = "{:>5} {:>3} {:>3} {:>4}".format(*size)
                holds = "yes" if ratio <= way.budget else "no"
                figures = f"{ratio:>7.2f} {way.budget:>7.2f}  {holds:<5} {loop:>9.2f}"
                yield f"{way.name:<10} {str(dtype)[6:]} {sizes} {figures}"


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    for line in rows():
        print(line, flush=True)


if __name__ == "__main__":
    main()
