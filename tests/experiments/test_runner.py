"""An experiment on its way: solved runs stop, nothing is measured twice, a killed one goes on."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from gatesviz.engine import Engine
from gatesviz.experiments import Experiment, Store, Trial, begin, clipping_experiment, grid
from gatesviz.experiments.runner import RETRIES, ExperimentRun
from gatesviz.limits import RUN_TOGETHER
from gatesviz.training import advance, start
from tests.experiments.inline import inline_engine, quick
from tests.serving import ROOT


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    running = inline_engine()
    yield running
    running.stop()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def started(experiment: Experiment, store: Store, engine: Engine) -> ExperimentRun:
    return begin(experiment, store, lambda: engine)


def runs_of(run: ExperimentRun, engine: Engine) -> int:
    return len([r for r in engine.runs(run._owner) if r.status != "cancelled"])


def test_a_run_ends_where_it_is_solved_and_is_the_plain_fold(store, engine):
    experiment = quick(seeds=2)
    run = started(experiment, store, engine)
    done = run.wait(120, every=0.01)
    assert (done.done, done.of, done.reused, done.running) == (2, 2, 0, False)
    assert (done.seconds_left, done.messages) == (0.0, ())
    for spec in experiment.specs:
        result = run.by_spec()[spec]
        _, snapshots = advance(start(spec), 60)
        scores = {s.update: s.score for s in snapshots if s.score is not None}
        first = next(u for u, score in scores.items() if spec.learned.solved(score))
        assert result.solved_at == result.updates == first < 60
        assert result.losses.tolist() == [s.loss for s in snapshots[:first]]
        norms = np.float32([s.gradient_norm for s in snapshots[:first]])
        assert result.gradient_norms.tolist() == norms.tolist()
        assert dict(zip(result.scored, result.scores, strict=True)) == {
            u: score for u, score in scores.items() if u <= first
        }
    assert runs_of(run, engine) == 0


def test_the_next_visitor_finds_the_results_and_the_engine_is_not_asked(store, engine):
    first = started(quick(), store, engine)
    first.wait(120, every=0.01)

    def nobody() -> Engine:
        raise AssertionError("the engine was asked")

    second = begin(quick(), Store(store.folder), nobody)
    progress = second.poll()
    assert (progress.done, progress.reused, progress.running) == (2, 2, False)
    for trial, result in second.results.items():
        assert result.losses.tobytes() == first.results[trial].losses.tobytes()
        assert (result.measured, result.machine) == (
            first.results[trial].measured,
            first.results[trial].machine,
        )


def test_without_stopping_at_the_solution_every_update_is_made(store, engine):
    experiment = Experiment("all", "?", quick(1).specs, 60, until_solved=False)
    run = started(experiment, store, engine)
    run.wait(120, every=0.01)
    (result,) = run.results.values()
    assert result.solved_at < result.updates == 60
    assert store.get(Trial(experiment.specs[0], 60)) is None  # another question


def test_runs_go_out_in_portions_and_stop_keeps_what_is_there(store, engine):
    experiment = quick(seeds=9, updates=5_000, length=40, hidden_size=16)
    run = started(experiment, store, engine)
    for _ in range(3):
        progress = run.poll()
        assert runs_of(run, engine) == RUN_TOGETHER.high == 6
    assert (progress.done, progress.running) == (0, True)
    stopped = run.stop()
    assert (stopped.running, runs_of(run, engine)) == (False, 0)
    assert run.poll() == stopped
    assert store.reserve(experiment.trials[0], "somebody else")


def test_two_askers_share_the_work(store, engine):
    one, two = (started(quick(seeds=8, updates=4), store, engine) for _ in range(2))
    assert [runs_of(one, engine), runs_of(two, engine)] == [6, 2]
    end = time.monotonic() + 120
    while one.poll().running | two.poll().running:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert one.poll().messages == two.poll().messages == ()
    assert {t: r.measured for t, r in one.results.items()} == {
        t: r.measured for t, r in two.results.items()
    }
    assert len(one.results) == 8


def test_a_loss_that_is_not_finite_is_a_result(store, engine):
    spec = clipping_experiment().specs[0]
    run = started(Experiment("boom", "?", (spec,), 200), store, engine)
    progress = run.wait(120, every=0.01)
    (result,) = run.results.values()
    assert (progress.done, result.solved_at) == (1, None)
    assert "so training stopped" in result.stopped
    assert result.updates < 200
    assert store.get(result.trial).stopped == result.stopped


def test_a_run_that_rests_is_started_again_and_one_that_vanished_submitted_again(store, engine):
    experiment_run = started(quick(seeds=1, updates=5_000, length=100), store, engine)
    (run,) = engine.runs(experiment_run._owner)
    run.stop("nobody looked")
    experiment_run.poll()
    assert run.status in ("waiting", "running")
    run.cancel("it made room")
    assert experiment_run.poll().running
    (again,) = [r for r in engine.runs(experiment_run._owner) if r.status != "cancelled"]
    assert again.run_id != run.run_id
    for _ in range(RETRIES):
        again.stop("its worker died")
        progress = experiment_run.poll()
    assert (progress.running, progress.done, progress.messages) == (False, 0, ("its worker died",))
    assert runs_of(experiment_run, engine) == 0


def test_what_cannot_be_trained_is_told_and_the_rest_goes_on(store, engine, monkeypatch):
    run = started(quick(seeds=2, updates=5_000, length=100), store, engine)
    bad, good = engine.runs(run._owner)
    bad.fail("training stopped: the disk of the worker is full")
    progress = run.poll()
    assert progress.messages == ("training stopped: the disk of the worker is full",)
    assert (progress.running, good.status in ("waiting", "running")) == (True, True)
    run.stop()


def test_a_full_engine_is_asked_again(store, engine, monkeypatch):
    def full(*_: object) -> str:
        raise ValueError("simultaneous runs in all: 121 is outside the allowed range 1 to 120")

    with monkeypatch.context() as patch:
        patch.setattr(engine, "submit", full)
        run = started(quick(1), store, engine)
        assert run.poll().messages == (
            "simultaneous runs in all: 121 is outside the allowed range 1 to 120",
        )
    assert run.wait(120, every=0.01).messages == ()
    assert len(run.results) == 1


def test_killed_in_mid_way_it_goes_on_where_it_was(store, engine, monkeypatch):
    code = """if 1:
        import os, signal, sys, time
        from pathlib import Path
        from gatesviz.experiments import Store, begin
        from tests.experiments.inline import inline_engine, quick
        engine = inline_engine()
        run = begin(quick(seeds=8), Store(Path(sys.argv[1])), lambda: engine)
        while not run.poll().done:  # at most six are finished at once
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    killed = subprocess.run([sys.executable, "-c", code, str(store.folder)], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    known = [trial for trial in quick(8).trials if store.get(trial)]
    assert 1 <= len(known) <= 6
    submitted, submit = [], engine.submit
    monkeypatch.setattr(
        engine, "submit", lambda spec, *rest: submitted.append(spec) or submit(spec, *rest)
    )
    progress = started(quick(8), store, engine).wait(120, every=0.01)
    assert (progress.done, progress.reused) == (8, len(known))
    assert {*submitted} == {*quick(8).specs} - {trial.spec for trial in known}
    assert len(submitted) == 8 - len(known)


def test_an_experiment_is_checked_when_it_is_made():
    specs = grid(
        {"task": "recall"}, [{"cell": "gru"}, {"cell": "lstm"}], [{"seed": 0}, {"seed": 1}]
    )
    assert [(s.cell, s.seed) for s in specs] == [("gru", 0), ("gru", 1), ("lstm", 0), ("lstm", 1)]
    with pytest.raises(ValueError, match="the same run appears twice"):
        Experiment("twice", "?", (specs[0], specs[0]), 10)
    with pytest.raises(
        ValueError, match="runs of an experiment: 0 is outside the allowed range 1 to 500"
    ):
        Experiment("none", "?", (), 10)
    with pytest.raises(ValueError, match="updates of a run: 1,000,000 is outside"):
        Experiment("long", "?", specs, 1_000_000)
    with pytest.raises(ValueError, match="the GRU has no forget gate"):
        grid({"task": "recall"}, [{"cell": "gru", "forget_bias": 1.0}])
