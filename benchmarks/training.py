"""Compare the updates per second of ``advance()`` with a plain loop, as in a tutorial.

The plain loop has the same samples, loss and clipping, with ``torch.nn`` and fused Adam.
``advance()`` also checks that all numbers are finite, scores the model on 256 held-out samples
every 25 updates and stores weights. Both run side by side on one thread in process CPU time. The
table shows the median of the rounds. Run as ``python -m benchmarks.training``.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import nn

from gatesviz.cells import compared
from gatesviz.tasks import TASKS
from gatesviz.training import TrainingSpec, advance, start

UPDATES, ROUNDS, BUDGET = 50, 7, 0.9
SMALL = TrainingSpec(task="adding", length=20, hidden_size=16)
LARGE = TrainingSpec(task="adding", length=50, hidden_size=32)
SPECS = [replace(size, cell=cell.key) for size in (SMALL, LARGE) for cell in reversed(compared())]


def plain(spec: TrainingSpec) -> Callable[[], None]:
    """Return what makes the next `UPDATES` updates in plain PyTorch."""
    task, state = TASKS[spec.task], start(spec)
    module, readout = state.module().train(), state.readout().train()
    parameters = [*module.parameters(), *readout.parameters()]
    adam = torch.optim.Adam(parameters, lr=spec.learning_rate, fused=True)
    generator = torch.Generator().manual_seed(0)

    def work() -> None:
        for _ in range(UPDATES):
            batch = task.batch(generator, spec.batch_size, spec.length)
            adam.zero_grad()
            task.loss(readout(module(batch.inputs)[0]), batch).backward()
            nn.utils.clip_grad_norm_(parameters, spec.clip)
            adam.step()

    return work


def ours(spec: TrainingSpec) -> Callable[[], None]:
    """Return what makes the next `UPDATES` updates through the fold, in one slice."""
    state, _ = advance(start(spec), 100)  # past the dense checkpoints of the first updates

    def work() -> None:
        nonlocal state
        state, _ = advance(state, UPDATES)

    return work


def cpu_time(work: Callable[[], None]) -> float:
    """Return the seconds of CPU that ``work`` took."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    print(f"{'cell':<9} {'T':>3} {'B':>3} {'H':>3} {'updates/s':>10} {'ratio':>6}  ≥ {BUDGET}")
    for spec in SPECS:
        works = ours(spec), plain(spec)
        for work in works:
            work()
        pairs = [tuple(cpu_time(work) for work in works) for _ in range(ROUNDS)]
        ratio = statistics.median(theirs / mine for mine, theirs in pairs)
        rate = UPDATES / statistics.median(mine for mine, _ in pairs)
        sizes = f"{spec.length:>3} {spec.batch_size:>3} {spec.hidden_size:>3}"
        verdict = "yes" if ratio >= BUDGET else "no"
        print(f"{spec.cell:<9} {sizes} {rate:>10.0f} {ratio:>6.2f}  {verdict}", flush=True)


if __name__ == "__main__":
    main()
