"""The page "Vanishing gradients", without a browser: its numbers against the library's."""

import json
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

import gatesviz as gv
from gatesviz.experiments import (
    WINDOWS,
    Unfolding,
    Unit,
    descend,
    horizon_experiment,
    horizon_map,
)
from gatesviz.experiments.horizon import latch
from gatesviz.experiments.known.release import MACHINE, released
from gatesviz.experiments.training_reach import Course, row
from gatesviz.experiments.training_reach import course as train_course
from gatesviz.figures import reach_course_alt, written
from gatesviz.fresh import fresh
from gatesviz.training import TrainingSpec
from gatesviz.ui.feed.sketch import PLACES
from gatesviz.ui.gradients import training_runs
from gatesviz.ui.gradients.exploding_gradients import CLIPPED, PLAIN, fate
from gatesviz.ui.gradients.exploding_gradients import compare_guess as compare_fate
from gatesviz.ui.gradients.horizon import LENGTH, ROW
from gatesviz.ui.gradients.horizon import compare_guess as compare_learning
from gatesviz.ui.gradients.inputs import attribution, influences
from gatesviz.ui.gradients.inputs import compare_guess as compare_input
from gatesviz.ui.gradients.measurements import Measured, measured
from gatesviz.ui.gradients.models import subjects
from gatesviz.ui.gradients.parameters import PARAMETERS, TASKS
from gatesviz.ui.gradients.question import compare_curve, compare_guess, right_guess, shares
from gatesviz.ui.gradients.sentences import describe_flow, describe_theory
from gatesviz.ui.gradients.settings import Settings
from gatesviz.ui.gradients.training_reach import compare_guess as compare_course
from gatesviz.ui.links import reworded
from tests.serving import ROOT
from tests.ui.test_feed import player


def open_gradients(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "gatesviz" / "ui" / "main.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app = app.switch_page("../../pages/gradients.py").run()
    assert not app.exception
    return app


def choose_view(app: AppTest, view: str) -> None:
    [choice] = [one for one in app.segmented_control if one.key == "grview"]
    choice.set_value(view).run()
    assert not app.exception


def words(app: AppTest) -> str:
    return "\n".join(one.value for one in [*app.header, *app.markdown, *app.text])


def charts(app: AppTest) -> list[dict[str, Any]]:
    return [json.loads(one.proto.spec) for one in app.get("plotly_chart")]


def measure(**changed: Any) -> dict[str, Measured]:
    return {
        one.name: one for one in measured(Settings(**{"length": 20, "hidden_size": 8} | changed))
    }


def test_the_first_screen_gives_no_answer_away() -> None:
    for link in ({}, {"grseed": "0"}, {"grlen": "50", "grdraw": "true"}):
        app = open_gradients(**link)
        assert "Make a guess to see the curves of the RNN, the GRU and the LSTM." in words(app)
        assert not {"**RNN.**", "**LSTM.**", "**GRU.**", "**Principle.**"} & set(words(app).split())
        [chart] = charts(app)
        assert not chart.get("data")
        low, high = chart["layout"]["xaxis"]["range"]
        assert low < 0 < 50 < high < 55


@pytest.mark.parametrize("link", [{"grguess": "20"}, {"grshow": "true"}])
def test_after_a_guess_or_without_one_the_numbers_are_the_models_own(link: dict[str, str]) -> None:
    app = open_gradients(**link)
    x = next(one.inputs for one in subjects(Settings()) if one.name == "LSTM")
    flow = gv.gradient_flow(fresh("lstm", 1, 32, seed=0), x, lambda y: y[-1].sum())
    left = flow.norms["c"][0] / flow.norms["c"][-1]
    mantissa = f"{left:.1e}".split("e")[0]
    assert (
        "**LSTM.** ‖∂L/∂c‖ is halved"
        f" **{flow.layer().half_life('c'):.3g} steps back** (interpolated" in words(app)
    )
    assert f"50 steps back, **{mantissa}·10⁻¹¹** of its value at the last step is left" in words(
        app
    )
    names = [trace.get("name") for trace in charts(app)[0]["data"]]
    assert names[:6] == ["RNN, h", "GRU, h", "LSTM, c", "LSTM, h", "theory ρᵏ", "theory σ(b)ᵏ"]


def test_a_linear_rnn_keeps_exactly_the_power_of_its_radius() -> None:
    rnn = measure(recurrent="orthogonal", radius=0.9, activation="linear")["RNN"]
    expected = 0.9 ** np.arange(20, -1, -1)
    np.testing.assert_allclose(rnn.left["h"], expected, rtol=1e-5)  # W_hh itself is float32
    np.testing.assert_allclose(rnn.theory, rnn.left["h"], rtol=1e-6)
    assert rnn.half_lives["h"] == pytest.approx(np.log(0.5) / np.log(0.9), rel=1e-5)


def test_forget_biases_set_the_lstms_theory() -> None:
    lstm = measure(bias="forget bias", forget_bias=5.0)["LSTM"]
    assert lstm.theory is not None
    np.testing.assert_allclose(lstm.theory, (1 / (1 + np.exp(-5))) ** np.arange(20, -1, -1))
    along = lstm.layer.trace.gates["f"][::-1].cumprod(axis=0)[-1]  # the cell path: only f
    carry = lstm.layer.paths["carry"]
    np.testing.assert_allclose(carry[0], carry[-1] * along, rtol=1e-12)


def test_chrono_biases_are_as_the_paper_says() -> None:
    [lstm] = [one for one in subjects(Settings(bias="chrono")) if one.name == "LSTM"]
    bias = (lstm.module.bias_ih_l0 + lstm.module.bias_hh_l0).detach()
    i, f = bias[:32], bias[32:64]
    torch.testing.assert_close(i, -f)
    assert 1 <= float(f.exp().min()) <= float(f.exp().max()) <= 49
    assert float(f.exp().max()) > 30


@pytest.mark.parametrize("recurrent", ["spectral radius", "orthogonal"])
def test_every_block_has_the_radius_asked_for(recurrent: str) -> None:
    for one in subjects(Settings(recurrent=recurrent, radius=1.5, hidden_size=8)):
        for block in torch.split(one.module.weight_hh_l0.detach().double(), 8):
            assert float(torch.linalg.eigvals(block).abs().max()) == pytest.approx(1.5, rel=1e-5)


@pytest.mark.parametrize("task", TASKS)
def test_trained_models_are_measured_on_their_own_task(task: str) -> None:
    title = gv.TrainingSpec(task=task).learned.title
    app = open_gradients(grw="trained", grtask=title, grlen="20", grshow="true")
    assert "**RNN.**" in words(app)
    assert words(app).count(f" hidden units. Task: {title}. On held-out sequences") == 3
    assert "not used" not in words(app)


def test_a_half_trained_model_is_the_folds_own() -> None:
    spec = gv.TrainingSpec(task="recall", cell="lstm", hidden_size=16, seed=3)
    model = gv.advance(gv.start(spec), 3)[0].model
    settings = Settings("half-trained", 20, 3, updates=3)
    [one] = measured(settings, (model,))
    [subject] = subjects(settings, (model,))
    flow = gv.gradient_flow(model.module(), subject.inputs, lambda y: y[-1].sum())
    np.testing.assert_array_equal(one.flow.gradients["c"], flow.gradients["c"])
    assert one.labels is not None
    assert len(one.labels) == 20


def test_a_guess_is_compared_in_numbers() -> None:
    lstm = measure(length=40)["LSTM"]
    share = lstm.left["c"][::-1]
    faded = int(np.flatnonzero(share >= 0.01).max()) + 1
    assert lstm.faded() == faded
    sentence = compare_guess(lstm, "20")
    nearest = min((1, 2, 5, 10, 20), key=lambda steps: abs(steps - faded))
    assert right_guess(lstm) == str(nearest)
    off = "right" if nearest == 20 else "not quite"
    assert sentence.startswith(f"You guessed 20 steps: {off}. **{faded} steps back**, ‖∂L/∂c‖")
    there = compare_guess(lstm, str(nearest))
    assert there.startswith(f"You guessed {nearest} steps: right. ")
    assert (
        f"‖∂L/∂c‖ falls below 1 %, so the nearest choice is {nearest} steps. 20 steps"
        f" back, **{written(float(share[20]))}**" in sentence
    )
    assert compare_guess(lstm, "2").startswith("You guessed 2 steps: not quite.")
    assert compare_guess(lstm, "never").startswith("You guessed never: not quite.")
    slow = measure(bias="forget bias", forget_bias=8.0)["LSTM"]
    assert compare_guess(slow, "never").startswith(
        "You guessed never: right. ‖∂L/∂c‖ never falls below 1 % in 20 steps."
    )
    assert compare_guess(slow, "5").startswith("You guessed 5 steps: not quite.")


def test_a_drawn_curve_is_compared_with_the_measured_one() -> None:
    line = [1 - k / 10 / (PLACES - 1) for k in range(PLACES)]  # down to 10 ** −0.6
    drawn = shares(line, 20)
    assert drawn.shape == (21,)
    np.testing.assert_allclose(drawn, 10 ** (-0.6 * np.arange(20, -1, -1) / 20))
    lstm = measure()["LSTM"]
    factor = 10 ** np.abs(np.log10(drawn) - np.log10(lstm.left["c"])).mean()
    assert f"off by a factor of {factor:.3g} on average" in compare_curve(lstm, drawn)
    assert "The largest difference is 20 steps back" in compare_curve(lstm, drawn)
    app = open_gradients(grdraw="true", grlen="20", grline="_".join(["40"] * PLACES))
    assert "Your curve is off by a factor" in words(app)
    assert "your guess" in [trace.get("name") for trace in charts(app)[0]["data"]]


def test_an_earlier_wording_of_a_guess_still_opens() -> None:
    assert reworded({"grwhich": ["one between"]}, PARAMETERS) == {"grwhich": "one in between"}


def test_the_theory_names_only_what_differs() -> None:
    orthogonal = describe_theory(measure(recurrent="orthogonal")["RNN"])
    default = describe_theory(measure()["RNN"])
    assert orthogonal is not None
    assert default is not None
    assert "different: its tanh has a slope below 1, except at input 0. So its" in orthogonal
    assert "except at input 0. Also, its W_hh isn't ρ times an orthogonal matrix." in default
    for lstm in (measure()["LSTM"], measure(bias="forget bias")["LSTM"]):
        mean = f"the root mean square over all units is {written(float(lstm.theory[0]))}."
        assert mean in str(describe_theory(lstm))


def test_going_back_in_the_cell_the_player_has_the_flows_own_gradients() -> None:
    app = open_gradients(grview="backward, step by step", grlen="12", grback="75 %")
    model, arrays = player(app)
    assert model["select"]["reverse"] is True
    assert model["select"]["step"] == 11
    lstm = measure(length=12, hidden_size=32)["LSTM"]
    powers = 2.0 ** np.array(model["panels"][0]["exponents"]["dc"])
    np.testing.assert_allclose(
        arrays["0.dc"] * powers[:, None], lstm.flow.gradients["c"], rtol=1e-5, atol=1e-30
    )
    left = float(lstm.left["c"][-2])
    assert f"You guessed 75 %: too much. One step back, **{100 * left:.3g} %** of its" in words(app)


def test_the_map_from_inputs_to_outputs_agrees_with_autograd() -> None:
    settings = Settings(length=6, hidden_size=4)
    for one in subjects(settings):
        found, x = influences(settings, (), one.name), one.inputs.double().requires_grad_()
        outputs = one.module.double()(x)[0].sum(-1)
        for step in range(6):
            (expected,) = torch.autograd.grad(outputs[step], x, retain_graph=True)
            np.testing.assert_allclose(found[step], expected.norm(dim=-1), rtol=1e-10)
    lstm = measure(length=6, hidden_size=4)["LSTM"]
    np.testing.assert_allclose(attribution(lstm), influences(settings, (), "LSTM")[-1])
    most = int(attribution(lstm).argmax())
    assert 0 < most < 5
    assert compare_input(lstm, "one in between").startswith(
        f"You guessed “one in between”: right. The input at **step {most}** matters most"
    )
    assert compare_input(lstm, "the last").startswith("You guessed “the last”: not quite.")


@pytest.mark.parametrize(
    ("view", "guess", "before", "after"),
    [
        ("which input matters", {"grwhich": "the last"}, {"RNN"}, {"RNN", "GRU", "LSTM"}),
        ("exploding", {"grfate": "gets stuck"}, set(), {"without clipping", "with clipping"}),
    ],
)
def test_other_views_wait_for_a_guess_as_well(
    view: str, guess: dict[str, str], before: set[str], after: set[str]
) -> None:
    for link, expected in (({}, before), (guess, after), ({"grshow": "true"}, after)):
        app = open_gradients(grview=view, grlen="8", grhid="4", **link)
        assert {t["name"] for t in charts(app)[0]["data"] if t.get("name")} == expected
        assert ("**Principle.**" in words(app)) == bool(link)


@pytest.mark.parametrize("view", ["backward, step by step", "memory horizon", "during training"])
def test_nothing_below_the_question_answers_it_before_a_guess(view: str) -> None:
    app = open_gradients(grview=view, grlen="8", grhid="4")
    assert not charts(app)
    assert not app.get("bidi_component_player")
    assert "**Principle.**" not in words(app)
    assert "Two paths" not in words(app)
    app = open_gradients(grview=view, grlen="8", grhid="4", grshow="true")
    assert "**Principle.**" in words(app)


FRESH_CONTROLS = {"grw", "grlen", "grhid", "grwhh", "grbias", "gract", "grin", "grseed"}


@pytest.mark.parametrize(
    ("link", "keys"),
    [
        ({"grview": "memory horizon"}, set()),
        ({"grview": "exploding"}, set()),
        ({"grview": "half-life"}, set()),
        ({"grview": "during training"}, {"grw", "grseed"}),
        (
            {"grview": "during training", "grw": "half-trained"},
            {"grw", "grtask", "grupd", "grseed"},
        ),
        ({"grview": "which input matters"}, FRESH_CONTROLS),
        ({}, FRESH_CONTROLS),
    ],
)
def test_only_settings_with_an_effect_are_shown(link: dict[str, str], keys: set[str]) -> None:
    app = open_gradients(**link)
    side = app.sidebar
    drawn = [*side.selectbox, *side.slider, *side.number_input]
    assert {widget.key for widget in drawn} == keys
    fixed = "This view has no sidebar settings. Your settings for other views are kept."
    assert (fixed in words(app)) == (not keys)


def test_a_view_without_settings_keeps_those_of_the_others() -> None:
    app = open_gradients(grview="exploding", grlen="30", grwhh="orthogonal", grrho="0.9")
    assert "not used" not in words(app)
    for view, steps in (("how far back", [30]), ("memory horizon", []), ("how far back", [30])):
        choose_view(app, view)
        assert not app.exception
        assert [one.value for one in app.sidebar.slider if one.key == "grlen"] == steps
    assert [one.value for one in app.sidebar.selectbox if one.key == "grwhh"] == ["orthogonal"]
    assert [one.value for one in app.sidebar.number_input if one.key == "grrho"] == [0.9]


def test_a_task_that_no_trained_model_has_makes_room_for_one_that_it_has() -> None:
    latch_title = gv.TrainingSpec(task="latch").learned.title
    app = open_gradients(grview="during training", grw="half-trained", grtask=latch_title)
    [weights] = [one for one in app.sidebar.selectbox if one.key == "grw"]
    weights.set_value("trained").run()
    choose_view(app, "how far back")
    [task] = [one for one in app.sidebar.selectbox if one.key == "grtask"]
    assert task.value in task.options
    assert task.value != latch_title
    assert "Make a guess to see the curves of the RNN, the GRU and the LSTM." in words(app)


def test_links_of_before_still_mean_pytorchs_default() -> None:
    app = open_gradients(grwhh="as drawn", grbias="bias as drawn")
    assert "not used" not in words(app)
    assert "ignored" not in words(app)
    values = {one.key: one.value for one in app.sidebar.selectbox}
    assert values["grwhh"] == values["grbias"] == "PyTorch's default"


def test_a_link_can_show_the_curves_of_one_cell() -> None:
    app = open_gradients(grlen="8", grhid="4", grshow="true")
    assert len(charts(app)) == 3  # also the two paths of the LSTM and of the GRU
    app = open_gradients(grlen="8", grhid="4", grshow="true", grcurves="RNN")
    assert len(charts(app)) == 1
    assert "**RNN.** ‖∂L/∂h‖ is halved" in words(app)
    assert "**GRU.**" not in words(app)
    assert "**LSTM.**" not in words(app)
    app = open_gradients(grlen="8", grhid="4", grcurves="RNN")  # before a guess
    assert "ignored" not in words(app)


def test_the_map_shows_the_runs_that_come_with_the_package() -> None:
    app = open_gradients(grview="memory horizon", grhor="no")
    trials = [one for one in horizon_experiment().trials if one.spec.length == LENGTH]
    [run] = released(one for one in trials if one.spec.forget_bias == 1).values()
    assert run.solved_at is None
    assert "**did not learn in 1,000 updates**" in words(app)
    assert f"on {MACHINE}" in words(app)
    assert "(24 training runs)" in words(app)


def test_the_horizon_answers_what_it_knows() -> None:
    known = horizon_map({}, (ROW,), (LENGTH,))
    assert compare_learning(known, "yes").startswith(
        "You guessed yes. The reach is ‖∂L/∂x‖ at the first step, divided by ‖∂L/∂x‖ at the last"
    )
    learnt = replace(known, tried=np.ones((1, 1), int), solved=np.zeros((1, 1), int))
    assert compare_learning(learnt, "yes").startswith(
        "You guessed yes: the answer is no. In our run, the LSTM **did not learn in 1,000"
        " updates**."
    )
    assert compare_learning(learnt, "no").startswith("You guessed no: right.")


def test_both_descents_are_told_as_they_went() -> None:
    unit, window = Unit("sigmoid"), WINDOWS["sigmoid"]
    plain = descend(unit, window.start, window.rate, 200)
    app = open_gradients(grview="exploding", grfate="jumps far away")
    assert fate(plain) == "jumps far away"
    assert f"one update moves w and b by up to **{plain.longest_jump:.3g}**" in words(app)
    names = {trace.get("name") for trace in charts(app)[0]["data"]}
    assert names >= {"without clipping", "with clipping"}


def test_a_descent_that_ended_early_is_told_by_its_own_updates() -> None:
    unit, window = Unit("sigmoid"), WINDOWS["sigmoid"]
    plain = descend(unit, window.start, window.rate, 7)
    clipped = descend(unit, window.start, window.rate, 200, window.clip)
    sentence = compare_fate({PLAIN: plain, CLIPPED: clipped}, "gets stuck")
    assert "after 7 updates. With" in sentence
    assert "after 200 updates." in sentence


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        (
            "trained",
            "This view needs the record of a training run. Fresh and trained models come without"
            " one.",
        ),
        ("your file", "The model of your file has no record of a training run."),
    ],
)
def test_during_training_with_weights_without_a_run_offers_one(weights: str, sentence: str) -> None:
    app = open_gradients(grview="during training", grw=weights)
    assert any(one.value.startswith(f"{sentence} So you train a new model") for one in app.text)
    assert "Train RNN, GRU and LSTM for 100 updates" in [button.label for button in app.button]


def test_during_training_the_share_at_the_first_state_is_compared() -> None:
    norms = np.array([[1e-6, 1.0], [0.5, 1.0], [1e-3, 1.0]])
    sentence = compare_course(Unfolding((0, 5, 10), {"h": norms}), "h", "grows")
    assert sentence.startswith(
        "You guessed “grows”: right. The share **grows**, from 1.0·10⁻⁶ before the first update to"
        " 0.001"
    )
    assert "The largest value is 0.5, after 5 updates." in sentence
    app = open_gradients(grview="during training", grcourse="grows")
    assert "Train the models to see the result." in words(app)


def test_a_course_with_a_gradient_that_overflows_is_not_compared() -> None:
    norms = np.array([[1e-6, 1.0], [np.nan, 1.0]])
    sentence = compare_course(Unfolding((0, 5), {"h": norms}), "h", "grows")
    assert sentence.startswith(
        "You guessed “grows”. After 5 updates, the gradient overflows **1 step back**"
    )


def test_what_grows_is_said_to_grow() -> None:
    rnn = measure(recurrent="orthogonal", radius=2.0, activation="linear")["RNN"]
    half = "never falls to half of its value at the last step"
    assert f"{half}. 20 steps back, it is **1.0·10⁶** times as long" in describe_flow(rnn)
    rnn = measure(recurrent="orthogonal", radius=4.0, activation="linear", length=400)["RNN"]
    assert "**6.7·10²⁴⁰** times" in describe_flow(rnn)  # its square is more than float64 holds


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("grlen", text) for text in ("401", "x")),
        *(("grhid", "0"), ("grseed", "-1"), ("grguess", "3"), ("grw", "lost"), ("grview", "all")),
    ],
)
def test_what_a_link_cannot_say(name: str, text: str) -> None:
    assert PARAMETERS[name].problem(text)
    app = open_gradients(**{name: text})
    assert charts(app)


def test_a_broken_line_in_a_link_is_said() -> None:
    app = open_gradients(grdraw="true", grline="1_2_<b>")
    assert "The line in the link has 3 heights, expected 40." in words(app)
    assert charts(app)


def _train_while_another_reader_does(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The click waits until the other reader's run is over, and then takes effect by itself."""
    others: Future[Course] = Future()
    began: list[TrainingSpec] = []

    def begin(patience: float, fn: object, spec: TrainingSpec) -> "Future[Course]":
        began.append(spec)
        return Future()

    monkeypatch.setattr(training_runs, "run_in_process", begin)
    calls = training_runs._courses()
    assert calls.begin("another", lambda: others, "another reader")
    [train] = [button for button in app.button if button.label.startswith("Train this model")]
    train.click().run()
    assert "Another measurement goes first. Yours begins by itself. 0 of" in words(app)
    assert not began
    others.cancel()
    app.run()  # as its timer does
    assert began == [latch("LSTM, b = 5", 50, 3)]
    assert "Training. 0 of" in words(app)
    [stop] = [button for button in app.button if button.label == "Stop"]
    stop.click().run()
    assert calls.under_way() is None


def test_reach_before_training_stands_beside_reach_while_it_learns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    link = {"grview": "memory horizon", "grrow": "LSTM, b = 5", "grrun": "3", "grhor": "no"}
    app = open_gradients(**link)
    labels = [button.label for button in app.button]
    assert "Train this model (a few seconds)" in labels
    spec = latch("LSTM, b = 5", 50, 3)
    _train_while_another_reader_does(app, monkeypatch)
    training_runs._courses().keep(spec, made := train_course(spec))
    app = open_gradients(**link)
    assert reach_course_alt(made) in words(app)
    assert app.table[-1].value.iloc[0].tolist() == list(row(made))
    assert "Train this model (a few seconds)" not in [b.label for b in app.button]
