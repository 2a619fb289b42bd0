"""Claims: planted effects are told, missing ones are not, and few seeds tell nothing."""

import json
from collections.abc import Callable

import pytest

from gatesviz.experiments import Result, Trial
from gatesviz.experiments.claims import CLAIMS, SEEDS, Said, parameters, timing
from gatesviz.experiments.statistics import FEWEST
from gatesviz.fresh import unfilled
from tests.experiments.made import result

Outcome = Callable[[Trial], Result]


def said(key: str, outcome: Outcome, seeds: int = SEEDS, task: str = "") -> Said:
    """Return what the claim says of made results."""
    claim = CLAIMS[key]
    found = {trial: outcome(trial) for trial in claim.experiment(task, seeds).trials}
    return claim.said(found, task, seeds)


def after(updates: dict[str, int | None]) -> Outcome:
    """Each cell solves the task after about so many updates; the seeds differ far more."""

    def outcome(trial: Trial) -> Result:
        mean, seed = updates[trial.spec.cell], trial.spec.seed
        return result(trial, 1.0, None if mean is None else mean * (1 + seed) + seed)

    return outcome


@pytest.mark.parametrize("key", CLAIMS)
def test_every_claim_asks_all_three_cells_with_every_seed_and_says_nothing_of_nothing(key):
    claim = CLAIMS[key]
    for task in claim.tasks:
        specs = claim.experiment(task, 2).specs
        assert [spec.cell for spec in specs[:3]] == ["rnn_tanh", "gru", "lstm"]
        assert len(specs) % 6 == 0
        assert [spec.seed for spec in specs] == sorted(spec.seed for spec in specs)
        assert {spec.task for spec in specs} == {task}
    assert claim.said({}).answer == "cannot tell"
    assert "no seed yet" in claim.said({}).verdict.sentence
    with pytest.raises(ValueError, match="task is 'chess', one of "):
        claim.experiment("chess")


@pytest.mark.parametrize(
    ("gru", "answer"), [(50, "yes"), (200, "no"), (None, "no")], ids=["fewer", "more", "never"]
)
def test_who_needs_fewer_updates(gru, answer):
    told = said("updates", after({"rnn_tanh": None, "gru": gru, "lstm": 100}))
    assert told.answer == answer
    if gru:
        assert told.comparisons[0].interval.estimate == pytest.approx(gru / 100, rel=0.05)
    else:
        assert "GRU did not solve it 6 times; the budget stands in." in told.verdict.sentence
        assert sum(point.bound for point in told.points) == 12
    assert len(told.points) == 18
    json.dumps(told.plain(), allow_nan=False)


def test_seeds_with_which_nobody_solves_the_task_say_nothing():
    told = said("updates", after({"rnn_tanh": None, "gru": None, "lstm": None}))
    assert told.answer == "cannot tell"
    assert "With 6 of 6 seeds neither solved the task." in told.verdict.sentence


def test_partial_results_give_a_partial_answer():
    claim, outcome = CLAIMS["updates"], after({"rnn_tanh": 300, "gru": 50, "lstm": 100})
    trials = claim.experiment("").trials
    for seeds in range(FEWEST):
        told = claim.said({trial: outcome(trial) for trial in trials[: 3 * seeds]})
        assert (told.answer, told.comparisons[0].interval.n) == ("cannot tell", seeds)
    assert claim.said({trial: outcome(trial) for trial in trials}).answer == "yes"


def test_equally_well_needs_a_narrow_interval():
    alike = after({"rnn_tanh": 300, "gru": 100, "lstm": 100})
    assert said("equal", alike).answer == "yes"
    assert said("equal", after({"rnn_tanh": 300, "gru": 50, "lstm": 100})).answer == "no"

    def wild(trial: Trial) -> Result:
        turned = (trial.spec.seed % 2 == 0) == (trial.spec.cell == "gru")
        return result(trial, 1.0, 400 if turned else 100)

    assert said("equal", wild).answer == "cannot tell"


def test_how_long_and_with_how_many_rates():
    def lstm_longer(trial: Trial) -> Result:
        return result(trial, 1.0, 25 if trial.spec.length <= REACH[trial.spec.cell] else None)

    told = said("length", lstm_longer)
    assert told.answer == "yes"
    assert told.comparisons[0].interval.values == (20.0,) * 6  # 40 against 20
    assert {point.x for point in told.points} == {10, 20, 40}

    def gru_broader(trial: Trial) -> Result:
        works = trial.spec.cell == "gru" or trial.spec.learning_rate == 0.01
        return result(trial, 1.0, 25 if works else None)

    told = said("rate", gru_broader)
    assert (told.answer, told.comparisons[0].interval.values) == ("yes", (4.0,) * 6)


REACH = {"rnn_tanh": 10, "gru": 20, "lstm": 40}


@pytest.mark.parametrize(("task", "sign"), [("latch", 1), ("adding", -1)])
def test_learning_by_heart_is_the_gap_whichever_way_the_score_points(task, sign):
    def lstm_by_heart(trial: Trial) -> Result:
        held_out = 0.5 + 0.01 * trial.spec.seed
        gap = 0.4 if trial.spec.cell == "lstm" else 0.1
        return result(trial, held_out, None, held_out + sign * gap)

    told = said("overfitting", lstm_by_heart, task=task)
    assert told.answer == "yes"
    assert told.comparisons[0].interval.estimate == pytest.approx(0.3)

    def dropout_helps(trial: Trial) -> Result:
        return result(trial, 0.5 + sign * trial.spec.dropout, None)

    told = said("dropout", dropout_helps, task=task)
    assert told.answer == "yes"
    assert told.comparisons[0].interval.estimate == pytest.approx(0.2)


@pytest.mark.parametrize(("layers", "directions"), [(1, 1), (2, 1), (1, 2), (3, 2)])
def test_parameters_are_those_of_torch(layers, directions):
    told = parameters.sizes(5, 7, layers, directions)
    for size in told:
        options = {"num_layers": layers, "bidirectional": directions == 2}
        named = list(unfilled(size.cell, 5, 7, **options).named_parameters())
        assert size.weights == sum(p.numel() for n, p in named if n.startswith("weight"))
        assert size.biases == sum(p.numel() for n, p in named if n.startswith("bias"))
        assert size.parameters == size.ratio * told[0].parameters
    assert [size.ratio for size in told] == [1, 3, 4]
    assert "exactly as 1 : 3 : 4" in parameters.verdict(5, 7, layers, directions).sentence


def test_times_are_told_by_rounds_and_two_rounds_tell_nothing():
    found = timing.times("latch", rounds=2)
    told = found.said()
    assert told.answer == "cannot tell"
    assert "(2 rounds, no interval)" in told.verdict.sentence
    assert {point.cell for point in told.points} == {"rnn_tanh", "gru", "lstm"}
    made = timing.Times({"rnn_tanh": (1.0,) * 6, "gru": (2.0,) * 6, "lstm": (4.0,) * 6}, {},
                        found.machine)  # fmt: skip
    assert [one.interval.estimate for one in made.said().comparisons] == [0.5, 2, 4]
    assert made.said().answer == "yes"
    with pytest.raises(ValueError, match="task is 'chess'"):
        timing.times("chess")
