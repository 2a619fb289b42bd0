"""Challenges on "Inside the cell": a try loads the input that failed, a solution gives a code."""

import re
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from gatesviz.challenges import Failure, Grade, challenge, challenges, grade, read_challenge_code
from gatesviz.challenges.completion import Solved
from gatesviz.ui.challenges import href
from gatesviz.ui.inside.challenge import WAITING, describe, failure_table
from gatesviz.ui.inside.moment import to_text
from gatesviz.ui.inside.parameters import INPUT, STEP_VIEW, Z_VIEW
from tests.challenges.solutions import NEAR_MISSES, SOLUTIONS
from tests.serving import ROOT
from tests.ui.test_inside import open_inside, press, sent, slider, told

MAIN = str(ROOT / "gatesviz" / "ui" / "main.py")


def results(app: AppTest) -> list[str]:
    return [one.value for one in (*app.error, *app.info, *app.success)]


def with_weights(name: str, cell: tuple[str, int, tuple[float, ...]]) -> dict[str, str]:
    key, units, values = cell
    shown = {"lstm": "LSTM", "gru": "GRU", "rnn_tanh": "RNN"}[key]
    return {
        "challenge": name,
        "incell": shown,
        "inunits": str(units),
        "inset": "own",
        "inw": to_text(values),
    }


def test_a_failed_try_loads_the_sequence_and_a_solution_gives_a_code() -> None:
    near, solution = NEAR_MISSES["latch"][0], SOLUTIONS["latch"][0]
    app = open_inside(**with_weights("latch", near))
    assert "Challenge: Latch." in told(app)
    assert WAITING in told(app)
    press(app, "Try it")
    result = grade(challenge("latch"), *near)
    assert result.failure is not None
    assert results(app) == [describe(challenge("latch"), result)]
    assert failure_table(result.failure) in told(app)
    inputs = result.failure.inputs
    arrays = sent(app)
    assert arrays["x"][:, 0] == pytest.approx(inputs, abs=1e-4)
    assert arrays["h"][1:, 0] == pytest.approx(result.failure.h, abs=1e-4)
    assert arrays["h"][0, 0] == arrays["c"][0, 0] == 0
    assert app.query_params["inpast"] == to_text(inputs[:-1])
    assert app.query_params["t"] == str(len(inputs) - 1)
    assert app.session_state["inx"] == slider(app, "inside input").value == inputs[-1]

    app.slider(key="inside weight i_0_b").set_value(-8.0).run()
    assert (results(app), WAITING in told(app)) == ([], True)
    table = failure_table(replace(result.failure, h=tuple(sent(app)["h"][1:, 0])))
    assert table in told(app)  # the same sequence with the new weights, now without a mistake
    assert "✗" not in table
    press(app, "Try it")
    assert results(app) == ["Solved. Every step of all 400 test sequences is right."]
    assert "| expected |" not in told(app)  # nothing fails any more
    code = re.findall(r"`(challenge-\S+)`", told(app))
    assert [read_challenge_code(one) for one in code] == [Solved("latch", "lstm", 1)]
    assert app.session_state["inside own weights"]["lstm", 1] == solution[2]
    press(app, "Undo")  # back to before the failed sequence
    assert "inpast" not in app.query_params

    slider(app, "inside input").set_value(0.35).run()
    press(app, "Step")
    assert "1 of at most" in told(app)
    press(app, "Next challenge: Forget at a stop signal")
    assert app.query_params["challenge"] == "stop-sign"
    assert "0 of at most" in told(app)  # a challenge begins at its first step
    assert slider(app, "inside input").value == INPUT.default
    assert "Challenge: Forget at a stop signal." in told(app)
    app.selectbox(key="challenge").set_value("none").run()
    assert "Make a guess to see the result." in told(app)
    press(app, "Challenges")
    assert app.selectbox(key="challenge").value == "stop-sign"


def test_the_smallest_bias_has_given_weights() -> None:
    app = open_inside(challenge="forget-bias", incell="GRU", inunits="2")
    press(app, "Try it")
    assert results(app) == [
        "Change only b_f: the cell must be an LSTM with one unit. “Load the given weights” loads"
        " the others."
    ]
    press(app, "Load the given weights")
    assert app.query_params["inset"] == "own"
    app.slider(key="inside weight f_0_b").set_value(4.5).run()
    press(app, "Try it")
    assert results(app) == [
        "This bias works: all 400 test sequences are right. But it isn't the smallest one yet:"
        " b_f = 4.4 works, too."
    ]
    assert not app.error  # no cross: the sequences are right
    app.slider(key="inside weight f_0_b").set_value(4.4).run()
    app.slider(key="inside weight f_0_x").set_value(1.0).run()
    press(app, "Try it")
    assert results(app)[0].startswith("Change only b_f: ")
    press(app, "Load the given weights")  # the bias stays
    press(app, "Try it")
    assert results(app)[0].startswith("Solved.")


def test_a_challenge_with_given_weights_begins_with_them() -> None:
    """A link with a cell or weights of its own keeps these."""
    app = open_inside(challenge="forget-bias")
    press(app, "Try it")
    assert results(app)[0].startswith("Not yet: ")  # b_f is still 0, all else as given
    for link in ({"incell": "GRU"}, with_weights("toggle", SOLUTIONS["toggle"][0])):
        app = open_inside(**{**link, "challenge": "forget-bias"})
        press(app, "Try it")
        assert results(app)[0].startswith("Change only b_f: ")
    app.selectbox(key="challenge").set_value("latch").run()
    app.selectbox(key="challenge").set_value("forget-bias").run()
    press(app, "Try it")
    assert not results(app)[0].startswith("Change only b_f: ")


def test_another_view_and_back_keep_the_weights_of_a_challenge() -> None:
    app = open_inside(challenge="forget-bias")
    [slider] = [one for one in app.slider if one.label.startswith("W_if")]
    slider.set_value(3.0).run()
    weights = app.query_params["inw"]
    for view in (Z_VIEW, STEP_VIEW):
        app.segmented_control(key="inview").set_value(view).run()
        assert not app.exception
    app.segmented_control(key="incell").set_value("LSTM").run()  # that view is about the GRU
    assert app.query_params["inw"] == weights


def test_the_last_solved_challenge_says_so() -> None:
    app = open_inside(**with_weights("toggle", SOLUTIONS["toggle"][0]))
    app.session_state["remembered challenges"] = {one.name: "x" for one in challenges()}
    press(app, "Try it")
    assert f"You have solved all {len(challenges())} challenges." in told(app)


def test_a_lesson_offers_no_challenge() -> None:
    labels = [
        [one.label for one in open_inside(**link).button] for link in ({}, {"lesson": "gru.3"})
    ]
    assert ["Challenges" in one for one in labels] == [True, False]


def test_an_unknown_challenge_is_a_notice() -> None:
    app = AppTest.from_file(MAIN, default_timeout=60)
    app.query_params["challenge"] = "latsh"
    app.switch_page("../../pages/inside.py").run()
    assert not app.exception
    assert any(
        "challenge=latsh was ignored: expected one of “none”, “latch”" in one.value
        for one in app.text
    )


def test_h_next_to_the_threshold_is_not_shown_as_the_threshold() -> None:
    failure = Failure((0.1, 1.0), (False, True), (0.0, 0.4999))
    result = Grade(400, 1, failure)
    assert "must be on, but h is 0.499900. " in describe(challenge("latch"), result)
    assert failure_table(failure).splitlines() == [
        "| step | 0 | 1 |",
        "|---|---|---|",
        "| x | 0.1 | 1 |",
        "| expected | off | on |",
        "| h | 0.000 | 0.499900 ✗ |",
    ]


def test_start_lists_the_challenges_and_what_is_solved() -> None:
    app = AppTest.from_file(MAIN, default_timeout=60)
    app.session_state["remembered challenges"] = {"toggle": "code"}
    app.run()
    assert not app.exception
    listed = [one.proto.json for one in app.get("bidi_component") if "challenge=" in one.proto.json]
    assert len(listed) == 1
    for one in challenges():
        assert f'"{href(one)}"' in listed[0]
    assert listed[0].count("solved") == 1
