"""Benchmarks: claims about time and memory, tested on this machine in seconds.

A benchmark has rounds instead of seeds; each round measures every cell once. `Benchmark` is the
claim and `Measurement` its result. `speed`, `fused` and `memory` define what a round measures.
"""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from gatesviz.cells import CELLS, GRU, LSTM, Cell, compared
from gatesviz.engine.background import run_in_process
from gatesviz.experiments.claims.claim import Comparison, Findings, Point
from gatesviz.experiments.claims.comparisons import Judge, pairs
from gatesviz.experiments.claims.settings import TASKS, task_settings
from gatesviz.experiments.result import Machine, machine, readable_time
from gatesviz.experiments.statistics import paired_ratio
from gatesviz.limits import SEEDS
from gatesviz.training import OwnData, TrainingSpec

SHORTEST = 0.02
"""Shortest timing in seconds: the processor clock of some systems ticks every 16 ms."""


def processor_times(
    calls: Mapping[str, Callable[[], object]], rounds: int
) -> dict[str, tuple[float, ...]]:
    """Return the milliseconds of processor time of each of ``calls``, one number for each round.

    The calls alternate, so a busy machine slows all of them, and each round starts with another
    call. A warm-up round comes first and is dropped.
    """
    names = list(calls)
    times: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds + 1):
        for k in range(len(names)):
            name = names[(number + k) % len(names)]
            times[name].append(1_000 * seconds(calls[name]))
    return {name: tuple(each[1:]) for name, each in times.items()}


def seconds(call: Callable[[], object]) -> float:
    """Return the processor seconds of one ``call`` in this thread, a mean over `SHORTEST`."""
    began, count, passed = time.thread_time(), 0, 0.0
    while passed < SHORTEST:
        call()
        count, passed = count + 1, time.thread_time() - began
    return passed / count


ROUNDS = 12
ROUNDS_ALLOWED = replace(SEEDS, name="rounds of a benchmark")
TIMEOUT = 120.0  # seconds
PLACE = "this machine"  # even if experiments run on a cluster
Values = Mapping[str, tuple[float, ...]]
"""Cell -> one number for each round."""
Parts = Mapping[str, Values]
Specs = Mapping[str, TrainingSpec]


@dataclass(frozen=True)
class Measurement:
    """The result of a benchmark.

    Attributes:
        benchmark: the claim.
        values: the numbers that are compared.
        parts: name -> the values that make up `values`, in `Benchmark.y_name`. The chart shows
            them instead. Empty if there are none.
        specs: cell -> the settings that were measured.
        machine: the computer that ran the benchmark.
        measured: the time of the measurement in UTC, ISO 8601.
    """

    benchmark: "Benchmark"
    values: Values
    parts: Parts
    specs: Specs
    machine: Machine
    measured: str

    @property
    def when(self) -> str:
        """`measured` to the minute, such as 2026-11-21 10:57 UTC."""
        return readable_time(self.measured)

    @property
    def spec(self) -> TrainingSpec:
        """The settings of the first cell, which differ from the others' only in the cell."""
        return next(iter(self.specs.values()))

    @property
    def setting(self) -> str:
        """The task and the sizes that were measured, in words."""
        spec = self.spec
        sizes = f"{spec.length} steps, batch {spec.batch_size}, {spec.hidden_size} hidden units"
        return f"“{spec.learned.title}”, {sizes}"

    def findings(self) -> Findings:
        """Return the comparisons, GRU against LSTM first, and a point for each round."""
        series = self.parts or {"": self.values}
        points = tuple(
            Point(", ".join(filter(None, (cell.name, part))), cell.key, None, number, y)
            for cell in compared()
            for part, values in series.items()
            for number, y in enumerate(values[cell.key])
        )
        return Findings(self.benchmark._compare(self), points)

    def to_dict(self) -> dict[str, Any]:
        """Return the measurement as a dictionary for JSON."""
        parts = self.parts or {self.benchmark.y_name: self.values}
        return {
            **self.findings().to_dict(),
            "setting": self.setting,
            "values": {part: dict(values) for part, values in parts.items()},
            "measured": self.measured,
            "machine": asdict(self.machine),
        }


@dataclass(frozen=True)
class Benchmark:
    """A claim that this machine can test in seconds.

    Attributes:
        key: the claim's name in commands.
        sentence: the claim, as people say it.
        measures: what is measured, and what counts as yes.
        y_name: the name and unit of the points.
        tasks: keys of the tasks whose sizes can be measured. User data is also allowed.
        counted: whether the numbers are exact, so that one round is enough.
        former: earlier wordings of `sentence`, which old links contain.
    """

    key: str
    sentence: str
    measures: str
    y_name: str
    _run: Callable[[Specs, int], tuple[Values, Parts]]
    _compare: Callable[[Measurement], tuple[Comparison, ...]]
    tasks: tuple[str, ...] = tuple(TASKS)
    counted: bool = False
    former: tuple[str, ...] = ()

    def measure(self, task: str | OwnData = "", rounds: int | None = None) -> Measurement:
        """Run the benchmark in this process. It takes a few seconds.

        Args:
            task: the task whose sizes are measured; the first of `tasks` by default.
            rounds: 12 by default; always 1 for a `counted` claim.

        Raises:
            ValueError: if the claim does not cover the task, or ``rounds`` is outside its limit.
        """
        specs, count = self.specs(task), self._rounds(rounds)
        values, parts = self._run(specs, count)
        measured = datetime.now(UTC).isoformat(timespec="seconds")
        return Measurement(self, values, parts, specs, replace(machine(), place=PLACE), measured)

    def begin(self, task: str | OwnData = "", rounds: int | None = None) -> "Future[Measurement]":
        """Run `measure` in a new process and return its future.

        A page must not train in the server's process. Cancelling the future ends the new process.

        Raises:
            ValueError: as `measure`.
            UnreachableError: if the system can't start a process.
        """
        if self.counted:
            counted: Future[Measurement] = Future()
            counted.set_result(self.measure(task, rounds))
            return counted
        self.specs(task)
        self._rounds(rounds)
        return run_in_process(TIMEOUT, self.measure, task, rounds)

    def specs(self, task: str | OwnData = "") -> Specs:
        """Return cell -> the settings that are measured; the first of `tasks` by default.

        Raises:
            ValueError: if the claim does not cover the task.
        """
        if isinstance(task, str):
            task = task or self.tasks[0]
            if task not in self.tasks:
                raise ValueError(f"expected a task ({', '.join(self.tasks)}), got {task!r}")
        settings = task_settings(task)[0]
        return {each.key: TrainingSpec(**settings, cell=each.key) for each in compared()}

    def _rounds(self, rounds: int | None) -> int:
        if not self.counted:
            return ROUNDS if rounds is None else ROUNDS_ALLOWED.check(rounds)
        if rounds is not None:
            raise ValueError(f"{self.key} are counted once: leave out the rounds ({rounds})")
        return 1


def ratio(one: tuple[float, ...], other: tuple[float, ...], label: str, judge: Judge) -> Comparison:
    """Compare two measurements round by round: judge their ratio against 1."""
    measured = paired_ratio(dict(enumerate(one)), dict(enumerate(other)), "round")
    return Comparison(label, measured, judge(measured, 1, label[0].upper() + label[1:]))


def ratios(
    values: Values,
    what: str,
    judge: Judge,
    *first: Cell,
) -> tuple[Comparison, ...]:
    """Compare the cells' ``values`` as ratios, those of the ``first`` pair first: GRU / LSTM."""
    return tuple(
        ratio(values[a], values[b], f"{what}, {CELLS[a].name} / {CELLS[b].name}", judge)
        for a, b in pairs(*(first or (GRU, LSTM)))
    )
