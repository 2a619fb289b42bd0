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
def kept(tmp_path: Path) -> Store:
    return Store(tmp_path)


def asked(experiment: Experiment, kept: Store, engine: Engine) -> ExperimentRun:
    return begin(experiment, kept, lambda: engine)


def runs_of(asking: ExperimentRun, engine: Engine) -> int:
    return len([r for r in engine.runs(asking._owner) if r.status != "cancelled"])


def test_a_run_ends_where_it_is_solved_and_is_the_plain_fold(kept, engine):
    experiment = quick(seeds=2)
    asking = asked(experiment, kept, engine)
    done = asking.wait(120, every=0.01)
    assert (done.done, done.of, done.found, done.running) == (2, 2, 0, False)
    assert (done.seconds_left, done.messages) == (0.0, ())
    for spec in experiment.specs:
        result = asking.by_spec()[spec]
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
    assert runs_of(asking, engine) == 0


def test_the_next_visitor_finds_the_results_and_the_engine_is_not_asked(kept, engine):
    first = asked(quick(), kept, engine)
    first.wait(120, every=0.01)

    def nobody() -> Engine:
        raise AssertionError("the engine was asked")

    second = begin(quick(), Store(kept.folder), nobody)
    told = second.poll()
    assert (told.done, told.found, told.running) == (2, 2, False)
    for trial, result in second.results.items():
        assert result.losses.tobytes() == first.results[trial].losses.tobytes()
        assert (result.measured, result.machine) == (
            first.results[trial].measured,
            first.results[trial].machine,
        )


def test_without_stopping_at_the_solution_every_update_is_made(kept, engine):
    experiment = Experiment("all", "?", quick(1).specs, 60, until_solved=False)
    asking = asked(experiment, kept, engine)
    asking.wait(120, every=0.01)
    (result,) = asking.results.values()
    assert result.solved_at < result.updates == 60
    assert kept.get(Trial(experiment.specs[0], 60)) is None  # another question


def test_runs_go_out_in_portions_and_stop_keeps_what_is_there(kept, engine):
    experiment = quick(seeds=9, updates=5_000, length=40, hidden_size=16)
    asking = asked(experiment, kept, engine)
    for _ in range(3):
        told = asking.poll()
        assert runs_of(asking, engine) == RUN_TOGETHER.high == 6
    assert (told.done, told.running) == (0, True)
    stopped = asking.stop()
    assert (stopped.running, runs_of(asking, engine)) == (False, 0)
    assert asking.poll() == stopped
    assert kept.reserve(experiment.trials[0], "somebody else")


def test_two_askers_share_the_work(kept, engine):
    one, two = (asked(quick(seeds=8, updates=4), kept, engine) for _ in range(2))
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


def test_a_loss_that_is_not_finite_is_a_result(kept, engine):
    spec = clipping_experiment().specs[0]
    asking = asked(Experiment("boom", "?", (spec,), 200), kept, engine)
    told = asking.wait(120, every=0.01)
    (result,) = asking.results.values()
    assert (told.done, result.solved_at) == (1, None)
    assert "so training stopped" in result.stopped
    assert result.updates < 200
    assert kept.get(result.trial).stopped == result.stopped


def test_a_run_that_rests_is_started_again_and_one_that_vanished_submitted_again(kept, engine):
    asking = asked(quick(seeds=1, updates=5_000, length=100), kept, engine)
    (run,) = engine.runs(asking._owner)
    run.stop("nobody looked")
    asking.poll()
    assert run.status in ("waiting", "running")
    run.cancel("it made room")
    assert asking.poll().running
    (again,) = [r for r in engine.runs(asking._owner) if r.status != "cancelled"]
    assert again.run_id != run.run_id
    for _ in range(RETRIES):
        again.stop("its worker died")
        told = asking.poll()
    assert (told.running, told.done, told.messages) == (False, 0, ("its worker died",))
    assert runs_of(asking, engine) == 0


def test_what_cannot_be_trained_is_told_and_the_rest_goes_on(kept, engine, monkeypatch):
    asking = asked(quick(seeds=2, updates=5_000, length=100), kept, engine)
    bad, good = engine.runs(asking._owner)
    bad.fail("training stopped: the disk of the worker is full")
    told = asking.poll()
    assert told.messages == ("training stopped: the disk of the worker is full",)
    assert (told.running, good.status in ("waiting", "running")) == (True, True)
    asking.stop()


def test_a_full_engine_is_asked_again(kept, engine, monkeypatch):
    def full(*_: object) -> str:
        raise ValueError("simultaneous runs in all: 121 is outside the allowed range 1 to 120")

    with monkeypatch.context() as patch:
        patch.setattr(engine, "submit", full)
        asking = asked(quick(1), kept, engine)
        assert asking.poll().messages == (
            "simultaneous runs in all: 121 is outside the allowed range 1 to 120",
        )
    assert asking.wait(120, every=0.01).messages == ()
    assert len(asking.results) == 1


def test_killed_in_mid_way_it_goes_on_where_it_was(kept, engine, monkeypatch):
    code = """if 1:
        import os, signal, sys, time
        from pathlib import Path
        from gatesviz.experiments import Store, begin
        from tests.experiments.inline import inline_engine, quick
        engine = inline_engine()
        asking = begin(quick(seeds=8), Store(Path(sys.argv[1])), lambda: engine)
        while not asking.poll().done:  # at most six are finished at once
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    killed = subprocess.run([sys.executable, "-c", code, str(kept.folder)], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    known = [trial for trial in quick(8).trials if kept.get(trial)]
    assert 1 <= len(known) <= 6
    submitted, submit = [], engine.submit
    monkeypatch.setattr(
        engine, "submit", lambda spec, *rest: submitted.append(spec) or submit(spec, *rest)
    )
    told = asked(quick(8), kept, engine).wait(120, every=0.01)
    assert (told.done, told.found) == (8, len(known))
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
