"""The GRU that resets before the product, on every page whose menus offer it.

The oracle is the loop of `tests.test_gru_reset_before`, written in NumPy like Keras, in float64.
"""

from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

import gatesviz as gv
from gatesviz.cells import GRU_RESET_BEFORE, compared, further, offered
from gatesviz.engine import stop_engine
from gatesviz.fresh import fresh
from gatesviz.presets import presets
from gatesviz.tiny_cell import handles, module_of
from gatesviz.training import History, TrainingSpec, probe
from gatesviz.ui.gradients.measurements import measured, measured_further
from gatesviz.ui.gradients.parameters import CELLS, EVERY
from gatesviz.ui.gradients.settings import Settings
from gatesviz.ui.inside.cell_controls import SWITCHED
from gatesviz.ui.inside.parameters import Z_VIEW
from gatesviz.ui.train.settings import alike, widgets
from gatesviz.ui.what_if.parameters import YOURS
from tests.serving import ROOT
from tests.test_cells import ResetBeforeCell
from tests.test_gru_reset_before import Loop, keras
from tests.ui.conftest import one_scan  # noqa: F401, for every test of this file
from tests.ui.test_compare import open_compare
from tests.ui.test_feed import player
from tests.ui.test_gradients import charts, open_gradients, words
from tests.ui.test_inside import open_inside, sent, told
from tests.ui.test_train import click, drawn, open_train, wait
from tests.ui.test_train_saved_runs import open_in

KEY, SHORT, NAME = "gru_reset_before", "GRU, r first", "GRU with reset before the product"
EXPLAINED = f"“{SHORT}” is the {NAME}."


def options(app: AppTest, key: str) -> list[str]:
    [menu] = [one for one in [*app.segmented_control, *app.selectbox] if one.key == key]
    return list(menu.options)


def captions(app: AppTest) -> list[str]:
    return [one.value for one in app.caption]


def by_keras(values: tuple[float, ...], units: int, inputs: list[float]) -> np.ndarray:
    """Return h after each step, (T, H), from the sliders' values in the order of the page."""
    kernel, recurrent, bias = np.zeros((1, 3 * units)), np.zeros((units, 3 * units)), None
    bias = np.zeros(3 * units)
    for handle, value in zip(handles(KEY, units), values, strict=True):
        column = "zrn".index(handle.block) * units + handle.unit
        if handle.source == "x":
            kernel[0, column] = value
        elif handle.source == "b":
            bias[column] = value
        else:
            recurrent[int(handle.source[1:]), column] = value
    h = np.array([0.5, -0.5])[:units]
    return keras(kernel, recurrent, bias, np.array(inputs)[:, None], h)


def test_a_description_says_in_which_menus_a_cell_is() -> None:
    assert further() == (GRU_RESET_BEFORE,)
    assert [cell.short for cell in offered()] == ["LSTM", "GRU", "RNN", SHORT]
    assert GRU_RESET_BEFORE not in compared()
    assert [cell.in_sentences for cell in offered()] == ["LSTM", "GRU", "RNN", NAME]


@pytest.mark.parametrize("units", [1, 2])
def test_inside_computes_what_keras_computes_from_the_sliders(units: int) -> None:
    weights = [round(0.1 * ((7 * k) % 41 - 20), 1) for k in range(len(handles(KEY, units)))]
    app = open_inside(
        incell=SHORT, inunits=str(units), inset="own", inw="_".join(map(str, weights)),
        inpast="1_-2", inx="0.5",
    )  # fmt: skip
    known = by_keras(tuple(weights), units, [1.0, -2.0, 0.5])
    np.testing.assert_allclose(sent(app)["h"][1:], known, atol=1e-3)
    torchs = torch.nn.GRU(1, units)
    torchs.load_state_dict(module_of(KEY, units, tuple(weights)).state_dict())
    start = torch.tensor([[0.5, -0.5][:units]])
    other = torchs(torch.tensor([[1.0], [-2.0], [0.5]]), start)[0].detach().numpy()
    apart = np.abs(other - known).max()
    assert apart > 0.01 if units > 1 else apart < 1e-5, "one unit without b_hn is the same in both"
    shown = {str(one.key).split(" #")[0]: one.value for one in app.slider}
    block = next(iter(handles(KEY, units))).block
    for handle, weight in zip(handles(KEY, units), weights, strict=True):
        if handle.block == block:
            assert shown[handle.key] == weight
    assert options(app, "incell") == ["LSTM", "GRU", "RNN", SHORT]
    assert options(app, "ingate") == ["r", "z", "n"]
    assert options(app, "inset") == [*presets("gru")]
    assert EXPLAINED in captions(app)
    assert f"torch.nn has no {NAME}." in told(app)
    assert SHORT not in told(app)
    assert "The update gate z sets how much of the old state is kept." in words_of_guesses(app)


def words_of_guesses(app: AppTest) -> str:
    return " ".join(one.label for one in app.segmented_control)


@pytest.mark.parametrize("name", ["switch", "keep", "replace", "average", "reset"])
def test_its_weight_sets_do_what_those_of_the_gru_do(name: str) -> None:
    app = open_inside(incell=SHORT, inset=name, inx="1")
    h = float(sent(app)["h"][-1, 0])
    assert {
        "switch": h > 0.9,
        "keep": abs(h - 0.5) < 0.01,
        "replace": abs(h - np.tanh(1)) < 0.01,
        "average": abs(h - (0.88 * 0.5 + 0.12 * np.tanh(1))) < 0.01,
        "reset": h > 0.8,
    }[name]


def test_the_question_about_z_is_one_of_the_gru() -> None:
    app = open_inside(incell=SHORT, inview=Z_VIEW)
    assert app.segmented_control(key="incell").value == "GRU"
    assert SWITCHED in [one.value for one in app.text]
    assert EXPLAINED not in captions(app)


def test_the_defaults_of_inside_and_train_are_the_old_ones() -> None:
    assert captions(open_inside()) == []
    app = open_train()
    assert EXPLAINED not in captions(app)
    assert options(app, "trcells") == [
        *("LSTM", "GRU", "RNN", SHORT),
        *("LSTM and GRU", "LSTM and RNN", "GRU and RNN", "all three"),
    ]


def test_train_live_trains_it_like_python_and_hands_it_over() -> None:
    app = open_train(trcells=SHORT, trhidden="4", t="0")
    assert EXPLAINED in captions(app)
    [question] = [one.label for one in app.segmented_control if one.key == "trguess"]
    assert f"Will the {NAME} solve" in question
    try:
        told = wait(click(app, "Train 10 updates"), made=10)
        assert [series["name"] for series in told["series"]] == [SHORT]
        spec = TrainingSpec("latch", KEY, length=6, hidden_size=4, learning_rate=0.01)
        state, snapshots = gv.advance(gv.start(spec), 10)
        losses = History(spec).add(snapshots).losses
        np.testing.assert_allclose(told["series"][0]["ys"], losses, rtol=1e-4)
        assert drawn(app)["rows"][0][:3] == [SHORT, "4", f"{spec.parameter_count:,}"]
        model, arrays = player(app)
        assert [panel["cell"] for panel in model["panels"]] == [KEY]
        inputs = probe(spec).inputs[:, 0]
        np.testing.assert_allclose(arrays["0.h"], by_loop(state.module(), inputs), atol=1e-3)
        check_pages_that_take_it(app, state.module(), inputs)
    finally:
        stop_engine()


def by_loop(module: torch.nn.Module, inputs: torch.Tensor) -> np.ndarray:
    """Return h before each step and after the last, (T + 1, H), in float64."""
    with torch.no_grad():
        states = Loop(module)(inputs.double(), torch.zeros(module.hidden_size).double())
    return torch.stack(states).numpy()


def check_pages_that_take_it(app: AppTest, module: torch.nn.Module, inputs: torch.Tensor) -> None:
    opens = open_in(app)
    assert list(opens) == ["Feed a sequence", "What if?", "Find the unit", "Vanishing gradients"]
    for address in opens.values():
        page, query = address.split("?")
        for name in list(app.query_params):
            del app.query_params[name]
        for name, value in parse_qsl(query):
            app.query_params[name] = value
        if page == "what_if":
            app.query_params["wiview"] = "free play"
        if page == "gradients":
            app.query_params["grview"], app.query_params["grshow"] = "during training", "true"
        app.switch_page(f"../../pages/{page}.py").run()
        assert not app.exception, page
        if page == "feed":
            np.testing.assert_allclose(player(app)[1]["0.h"], by_loop(module, inputs), atol=1e-3)
            assert EXPLAINED in captions(app)
        elif page == "gradients":
            assert options(app, "grcell") == [SHORT]
        else:
            key = "wimodel" if page == "what_if" else "unmodel"
            assert app.selectbox(key=key).value == f"yours: {SHORT}"
        if page == "what_if":
            assert [panel["cell"] for panel in player(app)[0]["panels"]] == [KEY]


def settings(**changed: Any) -> Settings:
    return Settings(**{"length": 20, "hidden_size": 8} | changed)


def by_autograd(inputs: torch.Tensor) -> np.ndarray:
    """Return ∂L/∂h of the page's fresh model after each step, (T + 1, H), in float64."""
    module = fresh(KEY, 1, 8, seed=0).double()
    states = Loop(module)(inputs.double(), torch.zeros(8).double().requires_grad_())
    for state in states:
        state.retain_grad()
    states[-1].sum().backward()
    return np.stack([state.grad.numpy() for state in states])


def test_its_gradients_on_the_page_are_autograds() -> None:
    one = measured_further(settings(), SHORT)
    norms = np.linalg.norm(by_autograd(one.inputs), axis=1)
    np.testing.assert_allclose(one.left["h"], norms / norms[-1], rtol=1e-6)
    assert one.theory is None
    assert [each.name for each in measured(settings())] == list(CELLS)


def test_vanishing_gradients_offers_it_alone() -> None:
    app = open_gradients(grlen="20", grhid="8", grshow="true")
    assert options(app, "grcurves") == [EVERY, "RNN", "GRU", "LSTM", SHORT]
    assert not [one for spec in charts(app) for one in spec["data"] if SHORT in str(one)]
    assert EXPLAINED not in captions(app)
    app = open_gradients(grlen="20", grhid="8", grshow="true", grcurves=SHORT)
    names = [one.get("name") for spec in charts(app) for one in spec["data"]]
    assert f"{SHORT}, h" in names
    assert not [name for name in names if name and name.startswith(("LSTM", "RNN"))]
    assert f"Two paths of the gradient of the {NAME}" in words(app)
    assert EXPLAINED in captions(app)
    one = measured_further(settings(), SHORT)
    assert f"**{SHORT}.** ‖∂L/∂h‖ is halved **{one.half_lives['h']:.3g} step" in words(app)


@pytest.mark.parametrize("view", ["backward, step by step", "which input matters"])
def test_both_views_of_one_cell_offer_it(view: str) -> None:
    app = open_gradients(grview=view, grlen="20", grhid="8", grshow="true", grcell=SHORT)
    assert options(app, "grcell") == ["LSTM", "GRU", "RNN", SHORT]
    assert EXPLAINED in captions(app)
    labels = " ".join(one.label for one in app.segmented_control)
    assert NAME in labels
    assert SHORT not in labels
    if view.startswith("backward"):
        model, arrays = player(app)
        assert [panel["cell"] for panel in model["panels"]] == [KEY]
        gradients = by_autograd(measured_further(settings(), SHORT).inputs)
        powers = 2.0 ** np.array(model["panels"][0]["exponents"]["dh"])
        np.testing.assert_allclose(arrays["0.dh"] * powers[:, None], gradients, rtol=1e-4)
    else:
        names = [one.get("name") for spec in charts(app) for one in spec["data"]]
        assert SHORT in names
        assert f"Each row is the output of the {NAME} at one step" in words(app)


def test_trained_weights_have_no_such_cell() -> None:
    app = open_gradients(grw="trained", grshow="true", grview="backward, step by step")
    assert SHORT not in options(app, "grcell")


def test_runs_of_it_and_of_other_cells_are_no_comparison() -> None:
    alone = TrainingSpec("latch", KEY)
    lstm = TrainingSpec("latch", "lstm", forget_bias=1.0)
    rnn = TrainingSpec("latch", "rnn_tanh")
    assert alike([lstm, rnn])
    assert not alike([lstm, alone])
    assert widgets([alone], ())["trcells"] == SHORT


@pytest.mark.parametrize("page", ["inside", "train"])
def test_a_setting_of_another_page_is_named(page: str) -> None:
    app = AppTest.from_file(str(ROOT / "gatesviz" / "ui" / "main.py"), default_timeout=60)
    app.query_params["cell"] = SHORT
    app.switch_page(f"../../pages/{page}.py").run()
    assert not app.exception
    shown = [one.value for one in app.text]
    assert "“cell” was ignored: it is a setting of the page “Feed a sequence”." in shown


def test_structure_counts_it_below_the_table() -> None:
    app = open_compare(coin="8", cohid="16", coshare="3/4")
    [line] = [one.value for one in app.markdown if NAME in one.value]
    cell = ResetBeforeCell(8, 16)
    assert f"it has {sum(p.numel() for p in cell.parameters()):,} parameters" in line
    assert f"computes {3 * 16 * (8 + 16):,} multiplications" in line
    assert len(app.table[0].value) == 3


def test_what_if_names_such_a_model_in_links() -> None:
    assert YOURS[f"yours: {SHORT}"] == KEY
