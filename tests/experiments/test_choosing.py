"""Which cell for one's own data: what is held out stays unseen, and planted winners are found."""

import dataclasses
import math
from concurrent.futures import Future

import numpy as np
import pytest

from gatesviz.experiments import Result, Store, Trial
from gatesviz.experiments.choosing import (
    Choice,
    Choosing,
    Pilot,
    Plan,
    advise,
    choices,
    final_experiment,
    plan,
    planning,
    running,
    search_experiment,
    searched,
)
from gatesviz.experiments.choosing.piloting import begin_pilot
from gatesviz.experiments.choosing.search import final_scores, score_at
from gatesviz.training import OwnData, own_series, own_text
from tests.experiments.inline import inline_engine
from tests.experiments.made import result

VALUES = np.sin(np.arange(100.0)) + np.arange(100.0) / 50
CELLS = ("rnn_tanh", "gru", "lstm")
SECONDS = {"rnn_tanh": 0.001, "gru": 0.004, "lstm": 0.002}
KNOWN = Pilot(
    {(cell, size): SECONDS[cell] * size for cell in CELLS for size in (8, 16, 32)},
    {"always the same answer": 1.0, "the last value again": 0.5},
)
SMALL = Plan((16,), 50, 1.0)


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
    final = final_experiment(series(), SMALL, {"lstm": CHOICE})
    assert {spec.task for spec in final.specs} == {series()}
    assert {spec.length for spec in final.specs} == {here.specs[0].length}
    assert not {spec.seed for spec in final.specs} & {spec.seed for spec in here.specs}


CHOICE = Choice("lstm", 16, 0.01, 50, 0.1, 3)


def test_every_cell_is_tried_with_the_same_settings():
    specs = search_experiment(series(), Plan((8, 32), 50, 1.0)).specs
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
    final = final_experiment(series(), SMALL, {"lstm": dataclasses.replace(CHOICE, updates=25)})
    found = {t: scored(t, {25: t.spec.seed / 10, 50: 9.0}) for t in final.trials}
    stopped = final.trials[0]
    found[stopped] = scored(stopped, {16: 0.5})
    choice = dataclasses.replace(CHOICE, updates=25)
    assert final_scores(final, found, choice) == {s: s / 10 for s in range(2, 7)}
    assert math.isnan(score_at(found[stopped], 25))


def told(gru: float, lstm: float, noise: float = 0.001, worth: float = 0.0, seeds: int = 6):
    """Return the advice where errors of GRU and LSTM are these, and that of the RNN is 0.4."""
    level = {"rnn_tanh": 0.4, "gru": gru, "lstm": lstm}
    signs = {"rnn_tanh": 1, "gru": -1, "lstm": 1}
    scores = {
        cell: {
            s: worth + level[cell] + signs[cell] * noise * (-1) ** s for s in range(1, seeds + 1)
        }
        for cell in CELLS
    }
    chosen = {cell: dataclasses.replace(CHOICE, cell=cell) for cell in CELLS}
    return advise(series().task, chosen, scores, KNOWN, 100)


def test_a_planted_winner_is_recommended_with_its_numbers():
    advice = told(gru=0.3, lstm=0.2)
    assert (advice.cell, advice.worthwhile) == ("lstm", True)
    assert "Take the LSTM (16 units, learning rate 0.01, 50 updates)" in advice.sentences[0]
    assert "both others are shown to be worse" in advice.sentences[0]
    assert "LSTM 0.2 [" in advice.sentences[1]
    assert [c.verdict.answer for c in advice.comparisons] == ["yes", "yes", "yes"]
    assert advice.comparisons[0].label.startswith("score on the test, LSTM − GRU")
    assert len(advice.sentences) == 2  # no best score at the last of 100 updates
    assert told(gru=0.2, lstm=0.3).cell == "gru"


def test_of_those_that_cannot_be_told_apart_the_quickest_is_recommended():
    advice = told(gru=0.2, lstm=0.201, noise=0.01)
    assert advice.cell == "lstm"  # whose update takes half of the GRU's time
    assert "cannot tell the GRU from it, the GRU has the best median" in advice.sentences[0]
    assert "(0.50 of the longest)" in advice.sentences[0]


def test_what_is_no_better_than_learning_nothing_is_not_worth_its_while():
    advice = told(gru=0.3, lstm=0.2, worth=0.5)
    assert (advice.cell, advice.worthwhile) == ("lstm", False)
    assert "“the last value again”, which learns nothing, has 0.5" in advice.sentences[1]
    assert "no cell is worth its while" in advice.sentences[1]


def test_too_few_seeds_recommend_nothing():
    advice = told(gru=0.3, lstm=0.2, seeds=5)
    assert (advice.cell, len(advice.points)) == (None, 15)
    assert "too few" in advice.sentences[0]


def test_more_of_a_text_is_better_when_bits_are_fewer():
    text = own_text("abcd efgh " * 40)
    scores = {cell: {s: bits + s / 1_000 for s in range(1, 7)} for cell, bits in
              (("rnn_tanh", 3.0), ("gru", 1.0), ("lstm", 2.0))}  # fmt: skip
    chosen = {cell: dataclasses.replace(CHOICE, cell=cell) for cell in CELLS}
    advice = advise(text.task, chosen, scores, Pilot(KNOWN.seconds, {"nothing": 2.5}), 50)
    assert (advice.cell, advice.worthwhile) == ("gru", True)
    assert "At its last update, 50" in advice.sentences[2]


@pytest.fixture
def tiny(monkeypatch):
    """A series, its pilot already made, and a ladder of one small step."""
    data = own_series(VALUES[:40], "few")
    monkeypatch.setattr(running, "_PILOTS", {data.digest: KNOWN})
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
    assert first.advice.cell in CELLS
    assert first.advice.sentences[2].startswith("At its last update, 2")

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


@pytest.mark.slow
def test_the_pilot_comes_from_a_process_of_its_own():
    known = begin_pilot(own_series(VALUES[:40], "few")).result(120)
    assert set(known.seconds) == {(cell, size) for cell in CELLS for size in (8, 16, 32)}
    assert all(seconds > 0 for seconds in known.seconds.values())
    rows = own_series(VALUES[:40], "few").task
    assert set(known.references) == {"always the same answer", "the last value again"}
    assert known.references["the last value again"] == pytest.approx(rows.solved_at / 0.9, rel=0.2)


def test_a_search_is_stopped_while_the_time_is_taken_and_begun_again(tiny, tmp_path, monkeypatch):
    made = []

    def begin(data):
        made.append(Future())
        return made[-1]

    monkeypatch.setattr(running, "_PILOTS", {})
    monkeypatch.setattr(running, "begin_pilot", begin)
    choosing = Choosing(tiny, 1, Store(tmp_path), lambda: pytest.fail("nothing is to be run"), 1)
    assert (choosing.poll().stage, choosing.poll().running) == (STAGE, True)
    choosing.stop()
    assert made[0].cancelled()
    assert (choosing.poll().stage, choosing.poll().running) == (STAGE, False)
    choosing.go_on()
    made[1].set_exception(TimeoutError("it took too long"))
    failed = choosing.poll()
    assert (failed.stage, failed.running) == ("failed", False)
    assert failed.messages == ("the time of an update could not be measured: it took too long",)
    choosing.go_on()
    made[2].set_result(KNOWN)
    choosing.stop()
    assert choosing.poll().known is KNOWN
    assert {tiny.digest: KNOWN} == running._PILOTS


STAGE = "measuring the time of an update"
