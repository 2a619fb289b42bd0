"""Which cell for one's own data: what is held out stays unseen, and planted winners are found."""

import dataclasses
import math
from concurrent.futures import Future

import numpy as np
import pytest

from gatesviz.engine.background import BackgroundCalls
from gatesviz.experiments import Result, Store, Trial
from gatesviz.experiments.choosing import (
    PILOTS,
    Choice,
    Choosing,
    Pilot,
    Plan,
    choices,
    final_experiment,
    plan,
    planning,
    running,
    search_experiment,
    searched,
)
from gatesviz.experiments.choosing.piloting import begin_pilot, pilot
from gatesviz.experiments.choosing.search import final_scores, score_at
from gatesviz.training import OwnData, own_series, own_text
from gatesviz.training.samples import held_out
from tests.experiments.inline import inline_engine
from tests.experiments.made import result

VALUES = np.sin(np.arange(100.0)) + np.arange(100.0) / 50
CELLS = ("rnn_tanh", "gru", "lstm")
SECONDS = {"rnn_tanh": 0.001, "gru": 0.004, "lstm": 0.002}
KNOWN = Pilot(
    {(cell, size): SECONDS[cell] * size / 2 for cell in CELLS for size in (8, 16, 32)},
    {"always the same answer": 1.0, "the last value again": 0.5},
)
SMALL = Plan((16,), 50)


def series(values: np.ndarray = VALUES) -> OwnData:
    return own_series(values, "sales")


def test_the_search_never_sees_what_the_test_holds_out():
    other = VALUES.copy()
    other[80:] += 1  # the last fifth
    here, there = (search_experiment(series(v), SMALL) for v in (VALUES, other))
    assert [t.key for t in here.trials] == [t.key for t in there.trials]
    other[79] += 1
    assert here.trials[0].key != search_experiment(series(other), SMALL).trials[0].key
    text = "to be or not to be, that is the question; " * 10
    seen = searched(own_text(text)).content
    assert text[: len(text) * 9 // 10] == seen
    final = final_experiment(series(), {"lstm": CHOICE})
    assert {spec.task for spec in final.specs} == {series()}
    assert {spec.length for spec in final.specs} == {here.specs[0].length}
    assert not {spec.seed for spec in final.specs} & {spec.seed for spec in here.specs}


CHOICE = Choice("lstm", 16, 0.01, 50, 0.1, 3)


def test_every_cell_is_tried_with_the_same_settings():
    specs = search_experiment(series(), Plan((8, 32), 50)).specs
    settings = [
        {(s.hidden_size, s.learning_rate) for s in specs if s.cell == cell} for cell in CELLS
    ]
    assert settings[0] == settings[1] == settings[2]
    assert len(specs) == 3 * len(settings[0]) == 18


def test_more_minutes_or_workers_never_search_less_and_too_few_are_refused():
    steps = [plan(KNOWN, minutes, 1) for minutes in range(1, 31)]
    tried = [(step.tried, step.updates) for step in steps]
    assert tried == sorted(tried)
    assert len(set(tried)) > 3
    assert all(step.seconds <= 60 * minutes for minutes, step in enumerate(steps, 1))
    assert plan(KNOWN, 4, 8).updates > plan(KNOWN, 4, 1).updates
    assert plan(KNOWN, 9, 64) == plan(KNOWN, 9, 6)  # an experiment has six runs at a time
    assert plan(KNOWN, 9, 1).seconds <= 0.85 * 9 * 60  # some of it goes to the pilot
    slow = Pilot({which: 20 * s for which, s in KNOWN.seconds.items()}, KNOWN.references)
    with pytest.raises(ValueError, match=r"minutes of a search: 1 given, the smallest takes about"):
        plan(slow, 1, 1)
    with pytest.raises(ValueError, match="minutes of a search: 31 given, 1 to 30 allowed"):
        plan(KNOWN, 31, 1)


def test_the_estimate_is_the_sum_of_the_runs():
    one = plan(Pilot(dict.fromkeys(KNOWN.seconds, 0.01), {}), 1, 1)
    runs = 3 * (one.tried + 6)
    assert one.seconds == pytest.approx(runs * (one.updates * 0.01 + planning.START))


def scored(trial: Trial, scores: dict[int, float]) -> Result:
    """Return a result with these scores after so many updates."""
    return dataclasses.replace(
        result(trial, 0.0, None),
        scored=np.array(list(scores), np.int32),
        scores=np.array(list(scores.values())),
    )


def test_the_best_setting_and_its_best_update_are_chosen():
    experiment = search_experiment(series(), SMALL)

    def outcome(trial: Trial) -> Result:
        if trial.spec.learning_rate == 0.03:
            return scored(trial, {25: math.nan})
        worth = 0.2 if trial.spec.learning_rate == 0.01 else 0.4
        return scored(trial, {25: worth, 50: worth + 0.3})

    found = {trial: outcome(trial) for trial in experiment.trials}
    chosen = choices(experiment, found)
    assert set(chosen) == set(CELLS)
    assert chosen["gru"] == Choice("gru", 16, 0.01, 25, 0.2, 3)
    last = experiment.trials[-1]
    del found[last]
    assert last.spec.cell not in choices(experiment, found)
    diverged = {trial: scored(trial, {25: math.nan}) for trial in experiment.trials}
    assert choices(experiment, diverged) == {}


def test_the_test_is_scored_where_the_search_said_to_end():
    choice = dataclasses.replace(CHOICE, updates=25)
    slower = dataclasses.replace(CHOICE, cell="gru", updates=50)
    final = final_experiment(series(), {"lstm": choice, "gru": slower})
    assert {trial.updates for trial in final.trials} == {50}
    found = {t: scored(t, {25: t.spec.seed / 10, 50: 9.0}) for t in final.trials}
    stopped = next(trial for trial in final.trials if trial.spec.cell == "lstm")
    found[stopped] = scored(stopped, {16: 0.5})
    told = final_scores(final, found, choice)
    assert math.isnan(told.pop(1))
    assert told == {s: s / 10 for s in range(2, 7)}
    assert set(final_scores(final, found, slower).values()) == {9.0}
    assert math.isnan(score_at(found[stopped], 25))


@pytest.fixture
def tiny(monkeypatch):
    """A series, its pilot already made, and a ladder of one small step."""
    data = own_series(VALUES[:40], "few")
    PILOTS.keep(data.digest, KNOWN)
    monkeypatch.setattr(planning, "LADDER", (((8,), 2),))
    return data


def test_a_search_goes_through_and_is_there_at_once_the_next_time(tiny, tmp_path):
    engine = inline_engine()
    try:
        first = Choosing(tiny, 1, Store(tmp_path), lambda: engine, 1).wait(0.01)
    finally:
        engine.stop()
    assert (first.stage, first.running, first.done, first.messages) == ("done", False, 18, ())
    assert len(first.results) == 9 + 18
    assert first.advice is not None
    assert len(first.advice.points) == 18
    assert "at an end of what was tried: 2 updates for the" in first.advice.sentences[-1]

    def no_engine():
        pytest.fail("what is known is measured again")

    again = Choosing(tiny, 1, Store(tmp_path), no_engine, 1).poll()
    assert (again.stage, again.advice.sentences) == ("done", first.advice.sentences)


def test_it_stops_when_told_and_when_the_minutes_are_over_and_goes_on(tiny, tmp_path, monkeypatch):
    engine = inline_engine()
    try:
        choosing = Choosing(tiny, 1, Store(tmp_path), lambda: engine, 1)
        choosing.stop()
        assert not choosing.poll().running
        now = running.time.monotonic
        monkeypatch.setattr(running.time, "monotonic", lambda: now() + 61)
        choosing.go_on()
        monkeypatch.setattr(running.time, "monotonic", lambda: now() + 122)
        over = choosing.poll()
        assert not over.running
        assert "the minute is used up" in over.messages[0]
        choosing.go_on()
        assert choosing.wait(0.01).stage == "done"
    finally:
        engine.stop()


def test_data_that_leaves_nothing_to_search_is_refused():
    with pytest.raises(ValueError, match="with the part for the test set aside, values in a ser"):
        Choosing(own_series(VALUES[:22], "few"), 1)
    with pytest.raises(ValueError, match="minutes of a search: 0 given"):
        Choosing(series(), 0)


@pytest.mark.parametrize("data", [own_series(VALUES, "a"), own_text("abcd efgh " * 40)])
def test_the_pilot_scores_what_needs_no_network_on_the_samples_of_the_test(data):
    known = pilot(data)
    assert set(known.seconds) == {(cell, size) for cell in CELLS for size in (8, 16, 32)}
    assert all(seconds > 0 for seconds in known.seconds.values())
    spec = final_experiment(data, {"lstm": CHOICE}).specs[0]
    assert spec.length != data.task.length  # else other samples would do as well
    assert known.references == data.task.references(held_out(spec))


@pytest.mark.slow
def test_the_pilot_is_made_in_a_process_of_its_own():
    data = own_series(VALUES[:30], "of its own")
    begin_pilot(data)
    end = running.time.monotonic() + 120
    while PILOTS.under_way() and running.time.monotonic() < end:
        running.time.sleep(0.05)
    assert PILOTS.found(data.digest).references.keys() >= KNOWN.references.keys()


def test_a_search_is_stopped_while_the_time_is_taken_and_begun_again(tiny, tmp_path, monkeypatch):
    made, pilots = [], BackgroundCalls(4)

    def begin(data):
        pilots.begin(data.digest, lambda: made.append(Future()) or made[-1])

    monkeypatch.setattr(running, "PILOTS", pilots)
    monkeypatch.setattr(running, "begin_pilot", begin)
    choosing = Choosing(tiny, 1, Store(tmp_path), lambda: pytest.fail("nothing is to be run"), 1)
    for _ in range(2):
        assert (choosing.poll().stage, choosing.poll().running) == (STAGE, True)
    assert len(made) == 1
    choosing.stop()
    assert made[0].cancelled()
    assert (choosing.poll().stage, choosing.poll().running) == (STAGE, False)
    choosing.go_on()
    choosing.poll()
    made[1].set_exception(TimeoutError("it took too long"))
    failed = choosing.poll()
    assert (failed.stage, failed.running, failed.known) == ("failed", False, None)
    assert failed.messages == ("the time of an update could not be measured: it took too long",)
    choosing.go_on()
    choosing.poll()
    made[2].set_result(KNOWN)
    choosing._stopped = True
    assert choosing.poll().known is KNOWN
    assert pilots.found(tiny.digest) is KNOWN


STAGE = "measuring the time of an update"


def test_who_waits_for_another_pilot_loses_no_minute_and_begins_when_it_is_stopped(
    tiny, tmp_path, monkeypatch
):
    made, pilots = {}, BackgroundCalls(4)

    def begin(data):
        pilots.begin(data.digest, lambda: made.setdefault(data.digest, Future()))

    monkeypatch.setattr(running, "PILOTS", pilots)
    monkeypatch.setattr(running, "begin_pilot", begin)
    other = own_series(VALUES[:50], "another")
    first, second = (
        Choosing(data, 1, Store(tmp_path), lambda: pytest.fail("nothing is to be run"), 1)
        for data in (other, tiny)
    )
    assert first.poll().stage == STAGE
    assert second.poll().stage == "waiting until something else is measured"
    assert second.poll().running
    now = running.time.monotonic
    monkeypatch.setattr(running.time, "monotonic", lambda: now() + 300)
    second.poll()
    assert second._end > now() + 330  # a whole minute from then on
    first.stop()
    assert second.poll().stage == STAGE
    assert set(made) == {other.digest, tiny.digest}
