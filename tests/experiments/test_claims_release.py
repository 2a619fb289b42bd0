"""Claims that ship: found by their settings alone, and complete."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gatesviz.experiments import Machine, Store
from gatesviz.experiments.claims import BENCHMARKS, CLAIMS, Measurement, release
from gatesviz.experiments.claims.release import (
    finished,
    released_findings,
    released_measurement,
    released_runs,
    write_benchmarks,
)
from gatesviz.experiments.known.release import MACHINE, released, write
from tests.experiments.made import result


def measurement() -> Measurement:
    """Return two rounds of the time of an update on the parity task."""
    time = BENCHMARKS["time"]
    values = {"rnn_tanh": (1.0, 1.5), "gru": (3.0, 3.5), "lstm": (2.0, 2.5)}
    machine = Machine(4, "2.9", "this machine")
    return Measurement(
        time, values, {"part": values}, time.specs("parity"), machine, "2026-11-21T10:57:00+00:00"
    )


def test_a_measurement_comes_back_for_its_own_benchmark_task_and_sizes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, one = tmp_path / "benchmarks.json", measurement()
    write_benchmarks([("parity", one)], file)
    assert released_measurement(one.benchmark, "parity", file) == replace(
        one, machine=Machine(4, "2.9", MACHINE)
    )
    assert released_measurement(one.benchmark, "latch", file) is None
    assert released_measurement(BENCHMARKS["forward"], "parity", file) is None
    larger = {cell: replace(spec, hidden_size=9) for cell, spec in one.specs.items()}
    monkeypatch.setattr(type(one.benchmark), "specs", lambda benchmark, task: larger)
    assert released_measurement(one.benchmark, "parity", file) is None


def test_scores_on_the_training_set_ship_where_there_is_one(tmp_path: Path) -> None:
    with_set, without = CLAIMS["overfitting"].experiment().trials[:2]
    write([result(with_set, 0.5, None, 0.75), result(without, 0.5)], tmp_path / "runs.json")
    back = released([with_set, without], tmp_path / "runs.json")
    assert back[with_set].train_scores.tolist() == [0.75]
    assert np.isnan(back[without].train_scores).all()


@pytest.mark.parametrize("key", [*CLAIMS, *BENCHMARKS])
def test_the_package_ships_complete_findings(key: str) -> None:
    findings = released_findings(key)
    assert findings is not None
    assert findings.answer in ("yes", "no", "cannot tell")
    interval = findings.comparisons[0].interval
    assert interval.n >= 6 or "neither run solved" in findings.verdict.sentence


def test_shipped_runs_name_their_machine_and_only_those_of_a_chart_have_weights() -> None:
    *claims, attention = release.experiments()
    found = released_runs(trial for each in claims for trial in each.trials)
    assert {one.machine.place for one in found.values()} == {MACHINE}
    assert {len(one.weights) for one in found.values()} == {0}
    assert all(len(one.weights) for one in released_runs(attention.trials).values())


def test_the_files_are_small() -> None:
    assert release.RUNS.stat().st_size < 400_000
    assert release.ROUNDS.stat().st_size < 100_000


def test_only_experiments_that_are_finished_ship(tmp_path: Path) -> None:
    store = Store(tmp_path)
    updates, equal = (CLAIMS[key].experiment().trials for key in ("updates", "equal"))
    for trial in updates:
        store.put(result(trial, 1.0))
    assert finished(store).keys() == set(updates)
    assert len(equal) > len(set(equal) & set(updates)) > 0, "equal shares some of these runs"
