"""Measure the cost of training through the engine instead of a plain loop in one process.

Both train the same run in turn, a few seconds each, on one thread. The wall clock is used, since
the engine's cost is waiting, so run this on an idle machine. The table shows the median of the
rounds. Then come the time of a slice without updates, the time from a submission to the first
update, and how evenly thirty runs share the workers (Jain's index of slices: 1 is even). "At work"
is the share of the time in which the worker trained. It is valid on a busy machine, too. Run as
``python -m benchmarks.engine``; ``--quick`` takes one short round.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable

from gatesviz.engine import Engine, Run
from gatesviz.engine.processes import Processes, workers
from gatesviz.engine.slices import Slice, work
from gatesviz.limits import RUN_UPDATES
from gatesviz.training import State, TrainingSpec, advance, start

SPECS = {  # T=50, B=32, H=32 as in a lesson; and the smallest updates, where overhead shows most
    "LSTM, T=50, B=32, H=32": TrainingSpec(task="adding", hidden_size=32, length=50),
    "GRU, T=50, B=32, H=32": TrainingSpec(task="adding", cell="gru", hidden_size=32, length=50),
    "LSTM, T=10, B=8, H=8": TrainingSpec(task="recall", hidden_size=8, length=10, batch_size=8),
}
BUDGET = 0.9


def in_one_process(state: State, seconds: float) -> tuple[State, float]:
    """Return the state after ``seconds``, and the updates per second."""
    begin, before = time.perf_counter(), state.updates
    while time.perf_counter() - begin < seconds:
        state, _ = advance(state, 20)
    return state, (state.updates - before) / (time.perf_counter() - begin)


def through_engine(run: Run, seconds: float) -> tuple[float, float]:
    """Return the updates per second from the first slice back to the last, and the worker's share.

    The share is the time that was spent on updates: what is missing is the engine's cost, even
    where other programs slow both down.
    """
    trained: list[float] = []
    arrive = run.arrive
    run.arrive = lambda outcome: (trained.append(outcome.seconds), arrive(outcome))  # type: ignore
    run.go()
    first = _next_slice(run)
    trained.clear()
    begin, before = time.perf_counter(), first
    made, now = before, begin
    while now - begin < seconds:
        made, now = _next_slice(run), time.perf_counter()
    share = sum(trained) / (now - begin)
    run.pause()
    run.arrive = arrive  # type: ignore
    return (made - before) / (now - begin), share


def _next_slice(run: Run) -> int:
    slices = run.view().slices
    wait_for(lambda: run.view().slices > slices)
    return run.view().updates


def wait_for(holds: Callable[[], bool]) -> None:
    while not holds():
        time.sleep(0.001)


def speed(engine: Engine, name: str, rounds: int, seconds: float) -> float:
    """Print and return the engine's updates per second as a ratio to the loop's."""
    state = start(SPECS[name])
    run = engine.run(engine.submit(SPECS[name], "speed", RUN_UPDATES.high, go=False))
    in_one_process(state, 0.5)
    through_engine(run, 1.0)
    ratios, shares = [], []
    for _ in range(rounds):
        state, alone = in_one_process(state, seconds)
        rate, share = through_engine(run, seconds)
        ratios.append(rate / alone)
        shares.append(share)
    ratio, share = statistics.median(ratios), statistics.median(shares)
    print(f"{name:24} {alone:7.0f}/s alone {rate:7.0f}/s engine   ratio {ratio:.2f}", end="   ")
    print(f"at work {share:.0%}", end="   ")
    print("within" if ratio >= BUDGET else "OVER", f"budget {BUDGET}")
    run.cancel()
    return ratio


def round_trip() -> None:
    """Print the milliseconds that a slice without updates takes, there and back."""
    place = Processes(count=1)
    pool = place.open()
    state = start(SPECS["LSTM, T=50, B=32, H=32"])
    times = []
    for _ in range(200):
        begin = time.perf_counter()
        pool.submit(work, Slice(state, None, 0)).result()
        times.append(time.perf_counter() - begin)
    place.close(pool)
    print(f"round trip of a slice: {statistics.median(times) * 1e3:.2f} ms, median of 200")


def first_update(engine: Engine) -> None:
    """Print the milliseconds from a submission to its first updates, with warm workers."""
    times = []
    for _ in range(10):
        begin = time.perf_counter()
        run = engine.run(engine.submit(SPECS["LSTM, T=50, B=32, H=32"], "first", 2))
        wait_for(lambda run=run: run.view().updates > 0)
        times.append(time.perf_counter() - begin)
    print(f"submission to first update: {statistics.median(times) * 1e3:.0f} ms, median of 10")


def evenness(engine: Engine, seconds: float) -> None:
    """Print how thirty runs, ten of them four times as slow, share the workers."""
    kinds = list(SPECS.values())
    runs = [
        engine.run(engine.submit(kinds[k % 3], f"student {k}", RUN_UPDATES.high)) for k in range(30)
    ]
    wait_for(lambda: all(run.view().slices for run in runs))
    before = [run.view().slices for run in runs]
    time.sleep(seconds)
    slices = [run.view().slices - was for run, was in zip(runs, before, strict=True)]
    for run in runs:
        run.cancel()
    jain = sum(slices) ** 2 / (len(slices) * sum(n * n for n in slices))
    spread = f"{min(slices)} to {max(slices)} slices each in {seconds:.0f} s"
    print(f"30 runs on {workers()} workers: {spread}, Jain {jain:.3f}")


def main() -> None:
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    rounds, seconds = (1, 2.0) if quick else (5, 3.0)
    engine = Engine(Processes()).start()
    try:
        for name in SPECS:
            speed(engine, name, rounds, seconds)
        first_update(engine)
        evenness(engine, 5.0 if quick else 20.0)
    finally:
        engine.stop()
    round_trip()


if __name__ == "__main__":
    main()
