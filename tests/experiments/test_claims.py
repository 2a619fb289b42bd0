"""Claims: planted effects are findings, missing ones are not, and few seeds tell nothing."""

import json
from collections.abc import Callable

import numpy as np
import pytest

from gatesviz.experiments import Result, Trial
from gatesviz.experiments.claims import CLAIMS, SEEDS, Findings, conv_attention
from gatesviz.experiments.statistics import FEWEST
from gatesviz.training import own_series, own_text
from tests.experiments.made import result

Outcome = Callable[[Trial], Result]


def findings_of(key: str, outcome: Outcome, seeds: int = SEEDS, task: str = "") -> Findings:
    """Return what the claim says of made results."""
    claim = CLAIMS[key]
    found = {trial: outcome(trial) for trial in claim.experiment(task, seeds).trials}
    return claim.findings(found, task, seeds)


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
    assert claim.findings({}).answer == "cannot tell"
    assert "no seed yet" in claim.findings({}).verdict.sentence
    with pytest.raises(ValueError, match=r"expected a task \(.*\), got 'chess'"):
        claim.experiment("chess")


@pytest.mark.parametrize(
    ("gru", "answer"), [(50, "yes"), (200, "no"), (None, "no")], ids=["fewer", "more", "never"]
)
def test_who_needs_fewer_updates(gru, answer):
    findings = findings_of("updates", after({"rnn_tanh": None, "gru": gru, "lstm": 100}))
    assert findings.answer == answer
    if gru:
        assert findings.comparisons[0].interval.estimate == pytest.approx(gru / 100, rel=0.05)
    else:
        assert (
            "With 6 of 6 compared seeds, “GRU” did not solve the task within 1,500 updates. We"
            " count 1,500 updates there. So the true ratio may be larger."
            in findings.verdict.sentence
        )
        assert sum(point.bound for point in findings.points) == 12
    assert len(findings.points) == 18
    json.dumps(findings.to_dict(), allow_nan=False)


def test_seeds_with_which_nobody_solves_the_task_say_nothing():
    findings = findings_of("updates", after({"rnn_tanh": None, "gru": None, "lstm": None}))
    assert findings.answer == "cannot tell"
    assert "With 6 of 6 seeds, neither run solved the task." in findings.verdict.sentence


def test_partial_results_give_a_partial_answer():
    claim, outcome = CLAIMS["updates"], after({"rnn_tanh": 300, "gru": 50, "lstm": 100})
    trials = claim.experiment("").trials
    for seeds in range(FEWEST):
        findings = claim.findings({trial: outcome(trial) for trial in trials[: 3 * seeds]})
        assert (findings.answer, findings.comparisons[0].interval.n) == ("cannot tell", seeds)
    assert claim.findings({trial: outcome(trial) for trial in trials}).answer == "yes"


def test_equally_well_needs_a_narrow_interval():
    alike = after({"rnn_tanh": 300, "gru": 100, "lstm": 100})
    assert findings_of("equal", alike).answer == "yes"
    assert findings_of("equal", after({"rnn_tanh": 300, "gru": 50, "lstm": 100})).answer == "no"

    def wild(trial: Trial) -> Result:
        turned = (trial.spec.seed % 2 == 0) == (trial.spec.cell == "gru")
        return result(trial, 1.0, 400 if turned else 100)

    assert findings_of("equal", wild).answer == "cannot tell"


def test_how_long_and_with_how_many_rates():
    def lstm_longer(trial: Trial) -> Result:
        return result(trial, 1.0, 25 if trial.spec.length <= REACH[trial.spec.cell] else None)

    findings = findings_of("length", lstm_longer)
    assert findings.answer == "yes"
    assert findings.comparisons[0].interval.values == (20.0,) * 6  # 40 against 20
    assert {point.x for point in findings.points} == {10, 20, 40}

    def gru_broader(trial: Trial) -> Result:
        works = trial.spec.cell == "gru" or trial.spec.learning_rate == 0.01
        return result(trial, 1.0, 25 if works else None)

    findings = findings_of("rate", gru_broader)
    assert (findings.answer, findings.comparisons[0].interval.values) == ("yes", (4.0,) * 6)


REACH = {"rnn_tanh": 10, "gru": 20, "lstm": 40}


@pytest.mark.parametrize(("task", "sign"), [("latch", 1), ("adding", -1)])
def test_learning_by_heart_is_the_gap_whichever_way_the_score_points(task, sign):
    def lstm_by_heart(trial: Trial) -> Result:
        held_out = 0.5 + 0.01 * trial.spec.seed
        gap = 0.4 if trial.spec.cell == "lstm" else 0.1
        return result(trial, held_out, None, held_out + sign * gap)

    findings = findings_of("overfitting", lstm_by_heart, task=task)
    assert findings.answer == "yes"
    assert findings.comparisons[0].interval.estimate == pytest.approx(0.3)

    def dropout_helps(trial: Trial) -> Result:
        return result(trial, 0.5 + sign * trial.spec.dropout, None)

    findings = findings_of("dropout", dropout_helps, task=task)
    assert findings.answer == "yes"
    assert findings.comparisons[0].interval.estimate == pytest.approx(0.2)


OWN = (own_series(np.sin(np.arange(90.0)), "waves"), own_text("to be or not to be, " * 20))


@pytest.mark.parametrize("data", OWN, ids=["series", "text"])
def test_claims_are_asked_on_own_data_but_for_those_that_would_look_ahead(data):
    asked = {key for key, claim in CLAIMS.items() if claim.user_data}
    assert asked == CLAIMS.keys() - {"length", "bidirectional"}
    for key in asked:
        experiment = CLAIMS[key].experiment(data, 2)
        assert {spec.task for spec in experiment.specs} == {data}
        assert data.digest[:8] in experiment.name
        assert CLAIMS[key].findings({}, data).answer == "cannot tell"
    with pytest.raises(ValueError, match="can't be tested on your own data"):
        CLAIMS["bidirectional"].experiment(data)


@pytest.mark.parametrize(("task", "sign"), [("latch", 1), (OWN[0], -1)], ids=["share", "error"])
def test_who_does_better_in_the_end_whichever_way_the_score_points(task, sign):
    def outcome(trial: Trial) -> Result:
        worth = {"lstm": 0.3, "gru": 0.2, "rnn_tanh": 0.1}[trial.spec.cell]
        return result(trial, 0.5 + sign * worth + trial.spec.seed / 100, None)

    claim = CLAIMS["score"]
    findings = claim.findings({t: outcome(t) for t in claim.experiment(task).trials}, task)
    assert [one.verdict.answer for one in findings.comparisons] == ["yes", "yes", "yes"]
    assert findings.comparisons[0].interval.estimate == pytest.approx(0.1)


@pytest.mark.parametrize(("key", "setting"), [("convolution", 5), ("attention", True)])
def test_what_stands_around_a_cell_is_compared_with_the_cell_alone(key, setting):
    def faster(trial: Trial) -> Result:
        with_it = getattr(trial.spec, key) == setting
        return result(trial, 1.0, 50 if with_it == (trial.spec.cell != "gru") else 100)

    findings = findings_of(key, faster)
    assert [one.verdict.answer for one in findings.comparisons] == ["yes", "no", "yes"]
    assert (
        findings.comparisons[0].label
        == f"updates until solved, LSTM, {key}{' 5' * (key != 'attention')} / LSTM"
    )


def test_the_attention_that_is_shown_comes_from_runs_that_keep_their_weights():
    experiment = conv_attention.attention_runs("latch")
    assert [spec.cell for spec in experiment.specs] == ["rnn_tanh", "gru", "lstm"]
    assert all(spec.attention and spec.length == conv_attention.FAR for spec in experiment.specs)
    assert not experiment.until_solved
    assert conv_attention.attention_runs(OWN[1]).specs[0].task == OWN[1]


def test_a_median_of_runs_that_were_not_solved_is_not_told_as_a_time():
    findings = findings_of("updates", after({"rnn_tanh": None, "gru": 100, "lstm": 100}))
    rnn, gru, _ = map(str, findings.groups)
    assert "solved 0 of 6" in rnn
    assert "median" not in rnn
    assert "solved 6 of 6 [54 %, 100 %] after a median of 352 updates" in gru
