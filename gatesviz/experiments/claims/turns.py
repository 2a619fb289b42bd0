"""Measuring fairly: in turn, by processor time."""

import time
from collections.abc import Callable, Mapping

TURN = 0.02
"""Seconds that a turn lasts at least: some systems' processor clocks tick every 16 ms."""


def in_turn(calls: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, tuple[float, ...]]:
    """Return the milliseconds of processor time that each of ``calls`` takes, for each round.

    They take turns, so that a machine that becomes busy slows all of them, and another one begins
    each round. A first round, in which caches and clocks warm up, is thrown away.
    """
    kinds = list(calls)
    told: dict[str, list[float]] = {kind: [] for kind in kinds}
    for turn in range(rounds + 1):
        for k in range(len(kinds)):
            kind = kinds[(turn + k) % len(kinds)]
            told[kind].append(1_000 * seconds(calls[kind]))
    return {kind: tuple(each[1:]) for kind, each in told.items()}


def seconds(call: Callable[[], object]) -> float:
    """Return the processor seconds of this thread that ``call`` takes: the mean of one turn."""
    began, made, passed = time.thread_time(), 0, 0.0
    while passed < TURN:
        call()
        made, passed = made + 1, time.thread_time() - began
    return passed / made
