"""Measurements of the claims that ship with the package, so that a guess has its answer at once.

To measure what is missing and write both files::

    python -m gatesviz.experiments.claims.release

Each claim is measured on its first task, and each benchmark on all of its tasks. Both files are
JSON. `known.release` describes the training runs. A benchmark has the values of every round.
"""

import argparse
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from gatesviz.experiments.claims import BENCHMARKS, CLAIMS, Benchmark, Claim, Findings, Measurement
from gatesviz.experiments.claims.conv_attention import attention_runs
from gatesviz.experiments.experiment import Experiment, Trial
from gatesviz.experiments.known.release import MACHINE, measure, release_key, released, write
from gatesviz.experiments.result import Machine, Result
from gatesviz.experiments.store import Store, results_store

RUNS = Path(__file__).with_name("released.json")
ROUNDS = Path(__file__).with_name("benchmarks.json")


def experiments() -> tuple[Experiment, ...]:
    """Return the experiments that ship: each claim on its first task, and runs with attention."""
    attention = CLAIMS["attention"]
    return *(claim.experiment() for claim in CLAIMS.values()), attention_runs(attention.tasks[0])


def finished(store: Store) -> dict[Trial, Result]:
    """Return the results in ``store`` of each experiment whose runs are all there."""
    found: dict[Trial, Result] = {}
    for experiment in experiments():
        results = store.get_all(experiment.trials)
        if len(results) == len(experiment.trials):
            found |= results
    return found


def released_runs(trials: Iterable[Trial]) -> dict[Trial, Result]:
    """Return the shipped results of ``trials``, as far as there are any."""
    return released(trials, RUNS)


def released_measurement(
    benchmark: Benchmark, task: str, file: Path = ROUNDS
) -> Measurement | None:
    """Return the shipped measurement of ``benchmark`` on ``task``, or None if there is none."""
    row = _read(file).get(_key(benchmark, task))
    if row is None:
        return None
    return Measurement(
        benchmark,
        _values(row["values"]),
        {part: _values(values) for part, values in row["parts"].items()},
        benchmark.specs(task),
        Machine(**{**row["machine"], "place": MACHINE}),
        row["measured"],
    )


@cache
def released_findings(key: str) -> Findings | None:
    """Return the shipped findings on the first task of a claim or benchmark, or None.

    They are None, too, if a run is missing, for example because a cell was added.

    Args:
        key: of `CLAIMS` or `BENCHMARKS`.
    """
    if key in BENCHMARKS:
        found = released_measurement(BENCHMARKS[key], BENCHMARKS[key].tasks[0])
        return None if found is None else found.findings()
    claim: Claim = CLAIMS[key]
    return claim.findings(released_runs(claim.experiment().trials)) if is_released(key) else None


@cache
def is_released(key: str) -> bool:
    """Return whether every measurement ships that `released_findings` needs.

    Args:
        key: of `CLAIMS` or `BENCHMARKS`.
    """
    if key in BENCHMARKS:
        return released_measurement(BENCHMARKS[key], BENCHMARKS[key].tasks[0]) is not None
    trials = CLAIMS[key].experiment().trials
    return len(released_runs(trials)) == len(trials)


def write_benchmarks(measurements: Iterable[tuple[str, Measurement]], file: Path = ROUNDS) -> None:
    """Write ``measurements``, each with its task, as the file that ships."""
    rows = ",\n".join(
        json.dumps(
            {
                "key": _key(one.benchmark, task),
                "benchmark": one.benchmark.key,
                "task": task,
                "values": one.values,
                "parts": one.parts,
                "measured": one.measured,
                "machine": {**asdict(one.machine), "place": MACHINE},
            },
            allow_nan=False,
        )
        for task, one in measurements
    )
    file.write_text(f"[\n{rows}\n]\n", encoding="utf-8")
    _read.cache_clear()


@cache
def _read(file: Path) -> Mapping[str, dict[str, Any]]:
    if not file.exists():
        return {}
    return {row["key"]: row for row in json.loads(file.read_text(encoding="utf-8"))}


def _key(benchmark: Benchmark, task: str) -> str:
    """Return what identifies a measurement: the benchmark and the settings of every cell."""
    specs = {cell: release_key(Trial(spec, 1)) for cell, spec in benchmark.specs(task).items()}
    return hashlib.sha256(json.dumps([benchmark.key, specs], sort_keys=True).encode()).hexdigest()


def _values(values: Mapping[str, list[float]]) -> dict[str, tuple[float, ...]]:
    return {cell: tuple(numbers) for cell, numbers in values.items()}


def _without_weights(result: Result) -> Result:
    """Return ``result`` without its weights unless a chart needs them: the chart of attention."""
    shown = result.trial.spec.attention and not result.trial.until_solved
    return result if shown else replace(result, weights=np.empty(0, np.float32))


def main() -> None:
    """Measure what is missing and write both files."""
    from gatesviz.engine import stop_engine

    parser = argparse.ArgumentParser(
        prog="python -m gatesviz.experiments.claims.release",
        description="Measure the claims and write the files that ship with the package. Only"
        " claims without shipped results are trained. To measure a claim again, delete its rows in"
        f" {RUNS.name} first. Finished runs are kept in GATESVIZ_RESULTS, so you can stop and"
        " continue.",
    )
    parser.add_argument(
        "--finished", action="store_true", help="train nothing; write the claims that are finished"
    )
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # a second thread slows models this small
    shipped = released_runs(trial for each in experiments() for trial in each.trials)
    try:
        if not parser.parse_args().finished:
            measure([each for each in experiments() if not shipped.keys() >= set(each.trials)])
    finally:
        stop_engine()
    results = finished(results_store()) | shipped
    write(map(_without_weights, results.values()), RUNS)
    rounds = [
        (task, released_measurement(each, task) or each.measure(task))
        for each in BENCHMARKS.values()
        for task in each.tasks
    ]
    write_benchmarks(rounds)
    for file, count in ((RUNS, len(results)), (ROUNDS, len(rounds))):
        print(f"Wrote {count} results to {file} ({file.stat().st_size:,} bytes).")


if __name__ == "__main__":
    main()
