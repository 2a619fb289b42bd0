"""Every page with the minimal gated unit, run by test_add_a_cell.py in a copy of the repository.

In the copy, `gatesviz/cells.py` registers the cell, as a developer would do. So its name doesn't
begin with test_: in the repository itself there is no such cell.
"""

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

import gatesviz as gv
from gatesviz.cells import find_cell
from gatesviz.engine import stop_engine
from gatesviz.experiments.claims import BENCHMARKS, CLAIMS
from gatesviz.fresh import fresh
from gatesviz.tiny_cell import handles, module_of
from gatesviz.training import History
from gatesviz.ui.gradients.measurements import measured
from gatesviz.ui.gradients.parameters import SET_BIAS
from gatesviz.ui.gradients.settings import Settings
from tests.minimal_gated_unit import MGU, OwnLoop
from tests.ui.conftest import one_scan  # noqa: F401, for every test of this file
from tests.ui.test_compare import open_compare
from tests.ui.test_feed import open_feed, player
from tests.ui.test_gradients import charts, open_gradients, words
from tests.ui.test_inside import open_inside, sent
from tests.ui.test_train import click, drawn, open_train, wait


def options(app: AppTest, key: str) -> list[str]:
    [menu] = [one for one in [*app.segmented_control, *app.selectbox] if one.key == key]
    return list(menu.options)


def loop(module: torch.nn.Module, x: np.ndarray, *h: float) -> dict[str, np.ndarray]:
    """Return every gate and state, (T, H), by a loop that shares nothing with gatesviz."""
    first = torch.tensor([h or [0.0] * module.hidden_size]).double()
    with torch.no_grad():
        found = OwnLoop(module)(torch.from_numpy(x).double()[:, None], first)
    return {name: torch.cat(values).numpy() for name, values in found.items()}


def test_feed_a_sequence_offers_it_and_shows_its_gates() -> None:
    app = open_feed(src="wave", steps="20", cell="MGU", weights="fresh", hidden="3", fbias="2")
    assert not app.exception
    assert options(app, "cell") == [
        *("LSTM", "GRU", "MGU", "RNN", "RNN, ReLU", "GRU, r first", "several cells")
    ]
    [bias] = [one for one in app.number_input if one.key == "fbias"]
    assert bias.label == "Forget bias of the MGU and the LSTM"
    model, arrays = player(app)
    assert [panel["cell"] for panel in model["panels"]] == ["mgu"]
    known = loop(fresh("mgu", 1, 3, forget_bias=2.0), arrays["0.x"])
    for letter in "fn":
        np.testing.assert_allclose(arrays[f"0.{letter}"], known[letter], atol=1e-3)
    [guess] = [one for one in app.segmented_control if one.key == "guess"]
    assert list(guess.options) == ["f", "n"]


def test_side_by_side_has_room_for_every_cell() -> None:
    app = open_feed(src="numbers", cell="several cells", weights="fresh", p="3")
    assert not app.exception
    model, _ = player(app)
    assert [panel["cell"] for panel in model["panels"]] == ["rnn_tanh", "lstm", "gru", "mgu"]
    assert model["select"]["panel"] == 3


def test_packaged_weights_are_offered_only_where_it_has_some() -> None:
    assert options(open_feed(cell="MGU"), "weights") == ["fresh", "your file"]
    assert options(open_feed(cell="LSTM"), "weights")[0] == "recall"


def test_inside_the_cell_has_a_slider_for_each_of_its_weights() -> None:
    app = open_inside(incell="MGU", inunits="2", inpast="1_-2", inx="0.5")
    assert options(app, "incell") == ["LSTM", "GRU", "MGU", "RNN"]
    assert options(app, "inset") == ["fresh", "own"]
    assert options(app, "ingate") == ["f", "n"]
    module = fresh("mgu", 1, 2, seed=0)
    known = loop(module, np.array([[1.0], [-2.0], [0.5]]), 0.5, -0.5)
    for letter in "fnh":
        np.testing.assert_allclose(sent(app)[letter], known[letter], atol=1e-3)
    assert "torch.nn has no MGU" in words(app)
    [question] = [one for one in app.segmented_control if one.key == "inlose"]
    assert question.label.startswith("**The forget gate f: how much of h stays.")


def test_its_sliders_are_the_weights_that_its_equations_name() -> None:
    names = [handle.name for handle in handles("mgu", 1)]
    assert names == [
        "W_if (weight for x)",
        "W_hf (weight for h0)",
        "b_f (b_if + b_hf)",
        "W_in (weight for x)",
        "W_hn (weight for h0)",
        "b_in",
        "b_hn",
    ]
    module = module_of("mgu", 1, (0.3, -0.2, 1.0, 0.7, 0.4, 0.1, -0.6))
    found, h = loop(module, np.array([[0.5]])), 0.0
    f = 1 / (1 + np.exp(-(0.3 * 0.5 - 0.2 * h + 1.0)))
    n = np.tanh(0.7 * 0.5 + 0.1 + f * (0.4 * h - 0.6))
    assert found["n"][0, 0] == pytest.approx(n, abs=1e-6)


def test_train_live_trains_it_and_shows_its_gates() -> None:
    app = open_train(trcells="MGU", t="0")
    assert "MGU and RNN" in options(app, "trcells")
    assert options(app, "trcells")[-1] == "all cells"
    try:
        told = wait(click(app, "Train 10 updates"), made=10)
        assert [series["name"] for series in told["series"]] == ["MGU"]
        spec = gv.TrainingSpec(
            "latch", "mgu", length=6, hidden_size=3, seed=0, learning_rate=0.01, forget_bias=1.0
        )
        history = History(spec).add(gv.advance(gv.start(spec), 10)[1])
        np.testing.assert_allclose(told["series"][0]["ys"], history.losses, rtol=1e-4)
        model, _ = player(app)
        assert [panel["cell"] for panel in model["panels"]] == ["mgu"]
        assert drawn(app)["rows"][0][2] == f"{spec.parameter_count:,}"
    finally:
        stop_engine()


def test_vanishing_gradients_measure_it() -> None:
    cell = find_cell("mgu")
    app = open_gradients(grlen="20", grhid="8", grshow="true", grbias="forget bias", grfb="2")
    [spec] = [spec for spec in charts(app) if any("MGU, h" in str(d) for d in spec["data"])][:1]
    [line] = [one for one in spec["data"] if one.get("name") == "MGU, h"]
    assert line["line"]["color"] == MGU.look.colour
    assert "Two paths of the MGU's gradient" in words(app)
    [one] = [
        m for m in measured(Settings(length=20, bias=SET_BIAS, forget_bias=2.0)) if m.kind is cell
    ]
    assert one.carried == "h"
    left = (1 / (1 + np.exp(-2.0))) ** np.arange(20, -1, -1)  # by its forget bias alone
    np.testing.assert_allclose(one.theory, left, rtol=1e-6)
    total = np.linalg.norm(one.layer.paths["carry"] + one.layer.paths["gates"], axis=-1)
    np.testing.assert_allclose(one.layer.norms["h"], total, rtol=1e-9)
    assert "MGU" in options(open_gradients(grview="backward, step by step"), "grcell")


def test_lstm_or_gru_counts_it_and_its_claims_train_it() -> None:
    app = open_compare(coshare="3/4")
    [rows] = [table.value for table in app.table][:1]
    row = rows.set_index("Cell").loc["minimal gated unit"]
    assert row["Parameters divided by the RNN's"] == "2"
    assert row["K·H·(I + H + 2)"] == "2·16·(8 + 16 + 2)"
    experiment = CLAIMS["updates"].experiment()
    assert {spec.cell for spec in experiment.specs} == {"rnn_tanh", "mgu", "gru", "lstm"}


def test_benchmarks_measure_it_and_count_its_parameters() -> None:
    measured = BENCHMARKS["fused"].measure(rounds=1)
    assert set(measured.values) == {"rnn_tanh", "mgu", "gru", "lstm"}
    labels = [one.label for one in measured.findings().comparisons]
    assert labels[0].endswith("LSTM / GRU")
    assert any("minimal gated unit" in label for label in labels)
