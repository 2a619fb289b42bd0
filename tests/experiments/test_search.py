"""Which cell for one's own data: what is held out stays unseen, and planted winners are found."""

import dataclasses
import math
import re
from concurrent.futures import Future
from itertools import pairwise

import numpy as np
import pytest

from gatesviz.engine.background import BackgroundCalls
from gatesviz.experiments import Result, Store, Trial
from gatesviz.experiments.runner import Progress
from gatesviz.experiments.search import (
    PILOTS,
    Baselines,
    Choice,
    HeldOut,
    Pilot,
    Plan,
    Search,
    baselines,
    budget,
    choices,
    final_experiment,
    finished,
    history,
    pilots,
    plan,
    planner,
    plans,
    roll,
    search,
    search_experiment,
    searched,
)
from gatesviz.experiments.search.pilots import begin_pilot, pilot
from gatesviz.experiments.search.plans import fits, larger, minutes_for
from gatesviz.experiments.search.setting import setting
from gatesviz.experiments.search.trials import final_models
from gatesviz.training import OwnData, own_series, own_text
from tests.experiments.inline import inline_engine
from tests.experiments.made import result

VALUES = np.sin(np.arange(100.0)) + np.arange(100.0) / 50
CELLS = ("rnn_tanh", "gru", "lstm")
SECONDS = {"rnn_tanh": 0.001, "gru": 0.004, "lstm": 0.002}
KNOWN = Pilot(
    {(cell, size): SECONDS[cell] * size / 2 for cell in CELLS for size in (8, 16, 32, 64)},
    Baselines({"repeating the last value": np.full(8, 0.25)}),
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
    final = final_experiment(series(), {"lstm": CHOICE}, 6)
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


def test_more_minutes_or_workers_never_search_less_and_too_few_take_the_smallest():
    steps = [plan(KNOWN, minutes, 1) for minutes in range(1, 31)]
    tried = [(step.tried, step.updates) for step in steps]
    assert tried == sorted(tried)
    assert len(set(tried)) > 3
    assert all(step.seconds <= 0.6 * 60 * minutes for minutes, step in enumerate(steps[1:], 2))
    assert 0.6 * 60 < steps[0].seconds <= 0.85 * 60  # the smallest, which fits in all the same
    assert plan(KNOWN, 4, 8).updates > plan(KNOWN, 4, 1).updates
    assert plan(KNOWN, 4, 1, spent=120).updates < plan(KNOWN, 4, 1).updates
    assert plan(KNOWN, 9, 64) == plan(KNOWN, 9, 6)  # an experiment has six runs at a time
    busy = dataclasses.replace(KNOWN, load=4.0)
    assert plan(busy, 9, 2).updates < plan(KNOWN, 9, 2).updates
    slow = Pilot({which: 20 * s for which, s in KNOWN.seconds.items()}, KNOWN.baselines)
    smallest = plan(slow, 1, 1)
    assert (smallest.sizes, smallest.updates) == plans.LADDER[0]
    assert smallest.seconds > 60
    with pytest.raises(
        ValueError, match="minutes of a search: 31 is outside the allowed range 1 to 30"
    ):
        plan(KNOWN, 31, 1)


def test_the_minutes_that_are_named_are_enough_and_one_less_is_not():
    busy = dataclasses.replace(KNOWN, load=4.0)
    for known, minutes, spent in ((KNOWN, 1, 50), (KNOWN, 2, 110), (busy, 1, 50), (busy, 1, 70)):
        seconds = plan(known, minutes, 1, spent).seconds
        assert not fits(seconds, minutes, spent)
        enough = minutes_for(seconds, spent)
        assert fits(seconds, enough, spent)
        assert seconds <= 60 * enough - spent
        assert not fits(seconds, enough - 1, spent)


def test_the_estimate_is_the_sum_of_the_runs():
    one = plan(Pilot(dict.fromkeys(KNOWN.seconds, 0.01), KNOWN.baselines), 1, 1)
    runs = 3 * (one.tried + 6)
    assert one.seconds == pytest.approx(runs * (one.updates * 0.01 + plans.START) + plans.SCORING)


def test_a_larger_plan_tries_all_that_was_tried_and_more():
    first = Plan((16,), 50)
    assert next(larger(first, True)) == Plan((16,), 100)
    assert list(larger(first, False)) == [
        Plan((16,), 50, (0.001, 0.003, 0.01, 0.03)), Plan((16, 32), 50),
    ]  # fmt: skip
    assert [p.updates for p in larger(Plan((16,), 200), True)] == [400, 300, 200, 200]
    tried, each = [first], first
    while following := list(larger(each, len(tried) % 2 == 0)):
        each = following[0]
        assert {*tried[-1].sizes} <= {*each.sizes}
        assert {*tried[-1].rates} <= {*each.rates}
        assert each.updates >= tried[-1].updates
        tried.append(each)
    assert (each.sizes, len(each.rates)) == ((8, 16, 32, 64), 5)
    most = Plan(each.sizes, plans.MOST_UPDATES, each.rates)
    assert list(larger(most, True)) == []


def scored(trial: Trial, scores: dict[int, float]) -> Result:
    """Return a result with these scores after so many updates."""
    return dataclasses.replace(
        result(trial, 0.0, None),
        scored=np.array(list(scores), np.int32),
        scores=np.array(list(scores.values())),
        train_scores=np.full(len(scores), math.nan),
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


def test_the_test_ends_where_the_search_said_and_its_models_are_those_of_the_runs():
    choice = dataclasses.replace(CHOICE, updates=25)
    slower = dataclasses.replace(CHOICE, cell="gru", updates=50)
    final = final_experiment(series(), {"lstm": choice, "gru": slower}, 7)
    assert [(t.spec.cell, t.updates) for t in final.trials[:2]] == [("gru", 50), ("lstm", 25)]
    assert [trial.spec.seed for trial in final.trials[::2]] == list(range(1, 8))

    def ended(trial: Trial) -> Result:
        weights = np.full(3, trial.spec.seed, np.float32)
        return dataclasses.replace(
            result(trial, 0.0, None), losses=np.zeros(trial.updates, np.float32), weights=weights
        )

    found = {t: ended(t) for t in final.trials}
    models = final_models(final, found)
    assert [len(models[cell]) for cell in ("gru", "lstm")] == [7, 7]
    assert [float(m.weights[0]) for m in models["lstm"]] == list(range(1, 8))
    assert {m.updates for m in models["lstm"]} == {25}
    broken = final.trials[1]
    found[broken] = dataclasses.replace(found[broken], stopped="a loss of nan")
    assert set(final_models(final, found)) == {"gru"}


def at_once(patience, fn, *args):
    """Call in this process where the search would start one."""
    future: Future = Future()
    future.set_result(fn(*args))
    return future


@pytest.fixture
def tiny(monkeypatch):
    """A series and its pilot, a search of one small step, scores made in this process."""
    data = own_series(VALUES[:40], "few")
    PILOTS.keep(data.digest, KNOWN)
    monkeypatch.setattr(plans, "LADDER", (((8,), 2),))
    monkeypatch.setattr(planner, "larger", lambda planned, improving: iter(()))
    monkeypatch.setattr(planner.Planner, "seeds", lambda self, planned, *_: planned.seeds)
    monkeypatch.setattr(search, "run_in_process", at_once)
    monkeypatch.setattr(search, "FINISHED", BackgroundCalls(4))
    return data


def test_a_search_goes_through_and_is_there_at_once_the_next_time(tiny, tmp_path, monkeypatch):
    engine = inline_engine()
    try:
        first = Search(tiny, 1, Store(tmp_path), lambda: engine, 1).wait(0.01)
    finally:
        engine.stop()
    assert (first.stage, first.running, first.done, first.messages) == ("done", False, 18, ())
    assert len(first.results) == 9 + 18
    assert first.advice is not None
    assert len(first.advice.points) == 18
    assert "2 updates for every cell" in first.advice.sentences[-1]
    assert first.searched[0] == (
        "Searched for each cell: 3 settings (hidden units 8; learning rates 0.003, 0.01, 0.03), 2"
        " updates a run. The best was trained with 6 new seeds for the test."
    )
    assert "s of the minute. Every setting of the largest search was tried" in (first.searched[1])

    def no_engine():
        pytest.fail("what is known is measured again")

    again = Search(tiny, 1, Store(tmp_path), no_engine, 1).poll()
    assert again is first
    assert finished(tiny, 1, Store(tmp_path)) is first
    assert finished(tiny, 2, Store(tmp_path)) is None
    # A script of the plan makes the same choices, from the runs that were kept.
    script = Search(tiny, 1, Store(tmp_path), no_engine, 1, planned=first.plan).wait(0.01)
    assert (script.choices, script.advice.sentences) == (first.choices, first.advice.sentences)
    assert script.searched[1] == "The plan was given. 27 runs were saved before."


def test_the_scores_of_the_test_are_those_of_the_kept_models_rolled_over_the_data(tiny, tmp_path):
    engine = inline_engine()
    try:
        found = Search(tiny, 1, Store(tmp_path), lambda: engine, 1).wait(0.01)
    finally:
        engine.stop()
    final = final_experiment(tiny, found.choices, 6)
    models = final_models(final, found.results)
    past = history(tiny)
    for cell, scores in found.advice.test.scores.items():
        expected = [np.sqrt(roll(model, past).mean()) for model in models[cell]]
        np.testing.assert_allclose(scores.values, expected)


def test_it_stops_when_told_and_when_the_minutes_are_over_and_goes_on(tiny, tmp_path, monkeypatch):
    engine = inline_engine()
    try:
        choosing = Search(tiny, 1, Store(tmp_path), lambda: engine, 1)
        choosing.stop()
        assert not choosing.poll().running
        choosing.go_on()
        monkeypatch.setattr(budget.Budget, "over", True)  # the engine's clock is left alone
        over = choosing.poll()
        assert not over.running
        assert "the minute is used up" in over.messages[0]
        monkeypatch.setattr(budget.Budget, "over", False)
        choosing.go_on()
        ended = choosing.wait(0.01)
        assert ended.stage == "done", ended.messages
    finally:
        engine.stop()


def test_going_on_gives_as_many_minutes_again(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(budget.time, "monotonic", clock.monotonic)
    one = budget.Budget(1, 2)
    clock.now = 61.0
    assert one.over
    one.renew()
    assert not one.over
    clock.now = 120.0
    assert one.spent == 59
    assert not one.over


class Clock:
    """Seconds that pass as runs are made."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def simulated(monkeypatch, tmp_path):
    """Return what makes a search whose runs take as long as the pilot says, times a factor."""

    def run_search(
        minutes: int,
        factor: float = 1.0,
        count: int = 2,
        improving: bool = True,
        stuck: int = 99,
        folder: str = "",
        load: float = 1.0,
    ):
        data, clock = series(), Clock()
        store = Store(tmp_path / (folder or f"{minutes} {factor}"))
        PILOTS.keep(data.digest, dataclasses.replace(KNOWN, load=load))

        class Asked:
            """An experiment whose runs end one after the other, each at one poll."""

            def __init__(self, experiment, results, runs, person, address):
                assert (person, address) == ("ann", "192.0.2.1")  # whose share and bound it counts
                self.experiment, self.results = experiment, results.get_all(experiment.trials)

            def poll(self):
                left = [trial for trial in self.experiment.trials if trial not in self.results]
                if left:
                    trial = left[0]
                    best = trial.updates if improving else 25
                    each = scored(trial, {25: 0.5, best: 0.4 + trial.spec.learning_rate})
                    store.put(each)
                    self.results[trial] = each
                    seconds = KNOWN.seconds[trial.spec.cell, trial.spec.hidden_size]
                    clock.now += 1e4 * (trial.spec.seed >= stuck)
                    clock.now += factor * (trial.updates * seconds + plans.START) / count
                return self.stop()

            def stop(self):
                done, of = len(self.results), len(self.experiment.trials)
                return Progress(done, of, 0, done < of, 0, None, ())

        for module in (search, budget):
            monkeypatch.setattr(module.time, "monotonic", clock.monotonic)
        monkeypatch.setattr(search, "ExperimentRun", Asked)
        monkeypatch.setattr(search, "FINISHED", BackgroundCalls(4))
        monkeypatch.setattr(search, "TESTS", BackgroundCalls(4))
        monkeypatch.setattr(search, "run_in_process", at_once)
        empty = HeldOut(8, 92, 1, {"repeating the last value": 0.5}, {}, {}, {})
        monkeypatch.setattr(search, "measure", lambda *_: empty)
        whose = {"person": "ann", "address": "192.0.2.1"}
        choosing, standings = Search(data, minutes, store, count=count, **whose), []
        while (standing := choosing.poll()).running:
            standings.append(standing)
        return standing, clock.now, [*standings, standing]

    return run_search


def test_the_minutes_are_used_and_never_exceeded(simulated):
    for minutes in (1, 2, 5, 10):
        found, took, _ = simulated(minutes)
        assert found.stage == "done"
        assert 0.5 * 60 * minutes < took + plans.SCORING <= 60 * minutes, minutes
        assert found.plan.seeds >= 6


def test_a_machine_that_slows_down_gets_a_smaller_search_not_a_late_one(simulated):
    fast, slow = (simulated(5, factor) for factor in (0.5, 2.0))
    assert fast[0].stage == slow[0].stage == "done"
    assert slow[1] <= 300
    assert slow[0].plan.tried * slow[0].plan.updates < fast[0].plan.tried * fast[0].plan.updates
    assert "A larger search needs at least" in fast[0].searched[1]


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
def test_the_seconds_of_unused_minutes_add_up(simulated, factor):
    found = simulated(5, factor)[0].searched[1]
    at_least, spent, scoring, left, given = map(
        int,
        re.search(
            r"at least (\d+) s more of training\. At that point, (\d+) s were spent and (\d+) s are"
            r" kept to score the test, so (\d+) of (\d+) s were left",
            found,
        ).groups(),
    )
    assert (given, scoring) == (300, plans.SCORING)
    assert spent + scoring + left == given
    assert at_least >= left


def test_the_seconds_of_saved_runs_are_named_among_those_that_are_spent(monkeypatch):
    monkeypatch.setattr(budget.time, "monotonic", Clock().monotonic)
    one = budget.Budget(2, 2)
    one.charge(KNOWN, search_experiment(series(), Plan((16,), 1_000)).trials)
    assert one.describe_left(KNOWN, 3) == (
        "At that point, 0 s were spent, 85 s are counted for saved runs and 8 s are kept to score"
        " the test, so 27 of 120 s were left for training."
    )
    one.charge(KNOWN, search_experiment(series(), Plan((16,), 900)).trials)
    assert one.describe_left(KNOWN, 3) == (
        "At that point, 0 s were spent and 161 s are counted for saved runs, so 0 of 120 s were"
        " left. Scoring the test may take 8 s."
    )


def test_no_seconds_are_kept_that_the_minutes_do_not_have(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(budget.time, "monotonic", clock.monotonic)
    one, busy = budget.Budget(1, 2), dataclasses.replace(KNOWN, load=5.0)
    clock.now = 30.0
    assert one.describe_left(busy, 3) == (
        "At that point, 30 s were spent, so 30 of 60 s were left. Scoring the test may take 40 s."
    )


def test_a_machine_that_is_no_longer_busy_gets_the_seconds_that_were_kept(monkeypatch):
    """The load of the pilot was five; the runs since then took as long as estimated."""
    clock = Clock()
    monkeypatch.setattr(budget.time, "monotonic", clock.monotonic)
    one, busy = budget.Budget(1, 1), dataclasses.replace(KNOWN, load=5.0)
    trials = search_experiment(series(), SMALL).trials
    assert one.left(busy, 3) == pytest.approx(60 - 5 * plans.SCORING, abs=0.01)
    one.pay(busy, {})
    took = sum(plans.START + t.updates * KNOWN.seconds[t.spec.cell, 16] for t in trials)
    assert took > 1
    clock.now = took
    one.pay(busy, dict.fromkeys(trials))
    assert one.left(busy, 3) == pytest.approx(60 - took - plans.SCORING, abs=0.01)
    clock.now = 3 * took  # three times as long as estimated
    assert one.left(busy, 3) == pytest.approx(60 - 3 * took - 3 * plans.SCORING, abs=0.01)


def test_a_search_on_a_machine_that_was_busy_at_first_uses_its_minute(simulated):
    found, took, _ = simulated(1, load=6.5)
    assert found.stage == "done"
    assert 30 < took + plans.SCORING <= 60, took


def test_a_search_that_stops_says_what_is_known_and_the_next_one_continues(simulated):
    first, _, seen = simulated(1, 15.0, folder="same")
    assert (first.stage, first.advice, first.warning) == ("searching", None, "")
    assert "the minute is used up" in first.messages[0]
    assert all(standing.partial is None for standing in seen[:-1])
    partial = first.partial
    assert (partial.baselines, partial.steps) == ({"repeating the last value": 0.5}, 20)
    made = {cell: sum(t.spec.cell == cell for t in first.results) for cell in CELLS}
    assert partial.unfinished == {cell: (made[cell], 3) for cell in CELLS if made[cell] < 3}
    assert 0 < sum(made.values()) < 9
    baseline, cells, left = partial.sentences
    assert baseline == (
        "Without a network, RMSE in standard deviations on 20 held-out steps (lower is better):"
        " repeating the last value 0.5."
    )
    assert cells.startswith("Not finished in the search: ")
    assert "GRU (" in cells
    assert f"needs about {partial.minutes} minutes on this machine. It continues where" in left
    assert partial.minutes > 1
    second, took, standings = simulated(partial.minutes, 15.0, folder="same")
    assert (second.stage, second.partial) == ("done", None)
    assert took <= 60 * partial.minutes
    begun = standings[0].plan
    assert (begun.sizes, begun.updates) == (first.plan.sizes, first.plan.updates)
    assert {*first.results} <= {*second.results}
    measured = [r.measured for r in second.results.values()]
    assert [second.results[t].measured for t in first.results] == measured[: len(first.results)]


def test_a_test_that_stops_names_its_cells(simulated):
    stopped, _, _ = simulated(2, stuck=3)  # a run of the third seed takes hours
    assert stopped.stage == "testing"
    made = [t.spec.cell for t in stopped.results if t.spec.seed]
    assert stopped.partial.unfinished == {
        cell: (made.count(cell), 6) for cell in CELLS if made.count(cell) < 6
    }
    assert {2, 3} == {made.count(cell) for cell in CELLS}
    assert stopped.partial.sentences[1].startswith("Not finished in the test: ")


def test_too_few_minutes_are_said_before_the_first_run_and_used_all_the_same(simulated):
    slow, _, seen = simulated(1, 15.0, load=8.0)
    assert seen[0].warning == slow.warning
    assert re.match(
        r"This search needs about [2-9] minutes on this machine, which is busy now, but has"
        r" 1 minute\. Finished runs are saved, so the next search continues from there\.$",
        slow.warning,
    )
    assert slow.results
    assert ", which is busy now. It continues where" in slow.partial.sentences[2]


def test_where_more_seeds_take_too_long_those_that_are_through_count(simulated):
    found, _, _ = simulated(2, stuck=8)
    assert (found.stage, found.plan.seeds) == ("done", 7)
    assert found.messages == ()


def test_a_search_that_tried_everything_says_so_and_stops(simulated):
    found, took, seen = simulated(30, factor=0.02, improving=False)
    assert took < 30 * 60
    assert (
        "Every setting of the largest search was tried, and no cell's best score"
        in (found.searched[1])
    )
    assert (found.plan.sizes, found.plan.seeds) == ((8, 16, 32, 64), 20)
    plans = list(dict.fromkeys(standing.plan for standing in seen))
    assert all({*a.sizes} <= {*b.sizes} for a, b in pairwise(plans))


def test_what_was_kept_is_charged_so_that_the_same_search_is_not_larger(simulated):
    first, _, _ = simulated(2)
    again, _, _ = simulated(2)  # with an empty memory, and every run on disk
    assert again.plan.tried <= first.plan.tried
    assert again.plan.updates <= first.plan.updates
    assert "runs were saved before" in again.searched[1]


def test_data_that_leaves_nothing_to_search_is_refused():
    with pytest.raises(
        ValueError, match="without the held-out part, values in a training series: 17"
    ):
        Search(own_series(VALUES[:22], "few"), 1)
    with pytest.raises(ValueError, match="minutes of a search: 0 is outside"):
        Search(series(), 0)


@pytest.mark.parametrize("data", [own_series(VALUES, "a"), own_text("abcd efgh " * 40)])
def test_the_pilot_times_every_size_and_forecasts_without_a_network(data, monkeypatch):
    monkeypatch.setattr(pilots, "LONGEST", 1e9)  # on a busy machine, too
    known = pilot(data)
    assert set(known.seconds) == {(cell, size) for cell in CELLS for size in (8, 16, 32, 64)}
    assert all(seconds > 0 for seconds in known.seconds.values())
    assert known.load >= 1
    expected = baselines(data)
    assert list(known.baselines.errors) == list(expected.errors)
    for name, errors in expected.errors.items():
        np.testing.assert_array_equal(known.baselines.errors[name], errors)


def test_a_busy_machine_times_the_smallest_search_alone(monkeypatch):
    monkeypatch.setattr(pilots, "LONGEST", 0.0)
    known = pilot(series())
    assert set(known.seconds) == {(cell, 16) for cell in CELLS}
    assert plan(known, 30, 2).sizes == (16,)
    assert known.timed(plans.LADDER[0][0])
    assert pilot(series(), (8, 64)).timed((8, 64))


def test_a_plan_that_is_given_is_timed_first(tiny, tmp_path, monkeypatch):
    asked, pilots = [], BackgroundCalls(4)
    few = {which: s for which, s in KNOWN.seconds.items() if which[1] == 16}
    pilots.keep(tiny.digest, dataclasses.replace(KNOWN, seconds=few))
    monkeypatch.setattr(search, "PILOTS", pilots)
    monkeypatch.setattr(search, "begin_pilot", lambda data, needed, person: asked.append(needed))
    planned = Plan((8, 32), 2)
    choosing = Search(tiny, 1, Store(tmp_path), lambda: pytest.fail("not yet"), 1, planned)
    assert choosing.poll().stage == STAGE
    assert asked == [(8, 32)]


def test_hidden_units_that_are_too_many_for_the_data_are_not_timed(monkeypatch):
    def limited(data, cell, units, **more):
        if units > limit:
            raise ValueError("an update is too large")
        return setting(data, cell, units, **more)

    monkeypatch.setattr(pilots, "setting", limited)
    limit = 16
    assert {size for _, size in pilot(series()).seconds} == {8, 16}
    limit = 8
    with pytest.raises(ValueError, match="an update is too large"):
        pilot(series())


def test_what_was_not_timed_is_not_searched_and_that_is_said(simulated, monkeypatch):
    few = {which: s for which, s in KNOWN.seconds.items() if which[1] == 16}
    monkeypatch.setattr(
        "tests.experiments.test_search.KNOWN", dataclasses.replace(KNOWN, seconds=few)
    )
    found, _, _ = simulated(30, factor=0.02, improving=False)
    assert (found.stage, found.plan.sizes) == ("done", (16,))
    assert (
        "More hidden units were not tried, because this machine was too busy" in found.searched[1]
    )


@pytest.mark.slow
def test_the_pilot_is_made_in_a_process_of_its_own():
    data = own_series(VALUES[:30], "of its own")
    begin_pilot(data)
    end = search.time.monotonic() + 120
    while PILOTS.under_way() and search.time.monotonic() < end:
        search.time.sleep(0.05)
    assert "repeating the last value" in PILOTS.found(data.digest).baselines.errors


def test_a_search_is_stopped_while_the_time_is_taken_and_begun_again(tiny, tmp_path, monkeypatch):
    made, pilots = [], BackgroundCalls(4)

    def begin(data, needed, person):
        pilots.begin(data.digest, lambda: made.append(Future()) or made[-1])

    monkeypatch.setattr(search, "PILOTS", pilots)
    monkeypatch.setattr(search, "begin_pilot", begin)
    choosing = Search(tiny, 1, Store(tmp_path), lambda: pytest.fail("nothing is to be run"), 1)
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
    assert failed.messages == (
        "the time of an update can't be measured: it took too long and was stopped",
    )
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

    def begin(data, needed, person):
        pilots.begin(data.digest, lambda: made.setdefault(data.digest, Future()))

    monkeypatch.setattr(search, "PILOTS", pilots)
    monkeypatch.setattr(search, "begin_pilot", begin)
    other = own_series(VALUES[:50], "another")
    first, second = (
        Search(data, 1, Store(tmp_path), lambda: pytest.fail("nothing is to be run"), 1)
        for data in (other, tiny)
    )
    assert first.poll().stage == STAGE
    assert second.poll().stage == "waiting for another measurement"
    assert second.poll().running
    now = search.time.monotonic
    monkeypatch.setattr(search.time, "monotonic", lambda: now() + 300)
    second.poll()
    assert second._budget.spent < 1  # a whole minute from then on
    first.stop()
    assert second.poll().stage == STAGE
    assert set(made) == {other.digest, tiny.digest}
