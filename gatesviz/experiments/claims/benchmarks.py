"""Claims that are measured here and now, in seconds: time and memory, which no seed decides.

What stands for a seed is a round, in which every cell has its turn. `Benchmark` is the claim and
`Measured` what came of it; `timing`, `fused` and `memory` say what a turn is.
"""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from gatesviz.cells import CELLS
from gatesviz.engine.background import run_in_process
from gatesviz.experiments.claims.claim import Comparison, Findings, Point
from gatesviz.experiments.claims.comparisons import Judge
from gatesviz.experiments.claims.settings import TASKS, of_task
from gatesviz.experiments.result import Machine, for_people, machine
from gatesviz.experiments.statistics import paired_ratio
from gatesviz.limits import SEEDS
from gatesviz.training import OwnData, TrainingSpec

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


COMPARED = ("rnn_tanh", "gru", "lstm")
PAIRS = (("gru", "lstm"), ("gru", "rnn_tanh"), ("lstm", "rnn_tanh"))
ROUNDS = 12
ROUNDS_ALLOWED = replace(SEEDS, name="rounds of a measurement")
PATIENCE = 120.0  # seconds
PLACE = "this machine"  # also where experiments go to a cluster
Values = Mapping[str, tuple[float, ...]]
"""Cell -> a number for each round."""
Parts = Mapping[str, Values]
Specs = Mapping[str, TrainingSpec]


@dataclass(frozen=True)
class Measured:
    """What a measurement came to.

    Attributes:
        here: the claim.
        values: what it compares.
        parts: name -> the values that those are made of, which are drawn in their place, in
            `Benchmark.y_name`; empty where there are none.
        specs: cell -> whose sizes were measured.
        machine: on what.
        measured: when, in UTC, as ISO 8601 writes it.
    """

    here: "Benchmark"
    values: Values
    parts: Parts
    specs: Specs
    machine: Machine
    measured: str

    @property
    def when(self) -> str:
        """``measured`` for people, to the minute: 2026-11-21 10:57 UTC."""
        return for_people(self.measured)

    @property
    def setting(self) -> str:
        """The sizes that it holds for, in words."""
        spec = self.specs["lstm"]
        sizes = f"{spec.length} steps, {spec.batch_size} sequences, {spec.hidden_size} units"
        return f"“{spec.learned.title}”, {sizes}"

    def findings(self) -> Findings:
        """Return the verdict, GRU against LSTM first, and a point for each round."""
        drawn = self.parts or {"": self.values}
        points = tuple(
            Point(", ".join(filter(None, (CELLS[cell].name, part))), cell, None, turn, y)
            for cell in COMPARED
            for part, values in drawn.items()
            for turn, y in enumerate(values[cell])
        )
        return Findings(self.here._compare(self), points)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        parts = self.parts or {self.here.y_name: self.values}
        return {
            **self.findings().to_dict(),
            "setting": self.setting,
            "values": {part: dict(values) for part, values in parts.items()},
            "measured": self.measured,
            "machine": asdict(self.machine),
        }


@dataclass(frozen=True)
class Benchmark:
    """A sentence that this machine can answer in seconds.

    It has the face of a `Claim` as far as one of these needs it.

    Attributes:
        key: its name in links and commands.
        sentence: as people say it.
        measures: what is measured, and what counts as yes.
        y_name: of the points, with their unit.
        tasks: keys of the tasks whose sizes it can be asked at; data of one's own is allowed too.
        counted: whether it is exact and takes no time, so that there are no rounds.
    """

    key: str
    sentence: str
    measures: str
    y_name: str
    _take: Callable[[Specs, int], tuple[Values, Parts]]
    _compare: Callable[[Measured], tuple[Comparison, ...]]
    tasks: tuple[str, ...] = tuple(TASKS)
    counted: bool = False

    def measure(self, task: str | OwnData = "", rounds: int | None = None) -> Measured:
        """Measure in this process; takes some seconds.

        Args:
            task: whose sizes are taken; the first of `tasks` unless given.
            rounds: 12 unless given, always 1 where it is `counted`.

        Raises:
            ValueError: if it is not asked on that task, or with so many rounds.
        """
        specs, turns = self._specs(task), self._rounds(rounds)
        values, parts = self._take(specs, turns)
        measured = datetime.now(UTC).isoformat(timespec="seconds")
        return Measured(self, values, parts, specs, replace(machine(), place=PLACE), measured)

    def begin(self, task: str | OwnData = "", rounds: int | None = None) -> "Future[Measured]":
        """Return what `measure` does, to come from a process of its own, which ends with it.

        A page must not train in the server's process. Cancelling the future ends the process.

        Raises:
            ValueError: as `measure`.
            UnreachableError: if the system grants no process.
        """
        if self.counted:
            told: Future[Measured] = Future()
            told.set_result(self.measure(task, rounds))
            return told
        self._specs(task)
        self._rounds(rounds)
        return run_in_process(PATIENCE, self.measure, task, rounds)

    def _specs(self, task: str | OwnData) -> Specs:
        if isinstance(task, str):
            task = task or self.tasks[0]
            if task not in self.tasks:
                raise ValueError(f"task is {task!r}, one of {', '.join(self.tasks)} is wanted")
        settings = of_task(task)[0]
        return {cell: TrainingSpec(**settings, cell=cell) for cell in COMPARED}

    def _rounds(self, rounds: int | None) -> int:
        if not self.counted:
            return ROUNDS if rounds is None else ROUNDS_ALLOWED.check(rounds)
        if rounds is not None:
            raise ValueError(f"{rounds} rounds asked for, but {self.key} are counted, once")
        return 1


def ratio(one: tuple[float, ...], other: tuple[float, ...], label: str, judge: Judge) -> Comparison:
    """Compare two numbers round by round, as a ratio from which 1 is looked at."""
    found = paired_ratio(dict(enumerate(one)), dict(enumerate(other)), "round")
    return Comparison(label, found, judge(found, 1, label[0].upper() + label[1:]))


def ratios(
    values: Values,
    what: str,
    judge: Judge,
    pairs: tuple[tuple[str, str], ...] = PAIRS,
) -> tuple[Comparison, ...]:
    """Compare the cells' ``values``, GRU against LSTM first unless told otherwise."""
    return tuple(
        ratio(values[a], values[b], f"{what}, {CELLS[a].name} / {CELLS[b].name}", judge)
        for a, b in pairs
    )
