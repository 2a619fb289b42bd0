"""Inside the cell: every number on the page is PyTorch's, and every choice survives its link."""

import json
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest

from gatesviz.limits import HAND_STEPS
from gatesviz.presets import preset_values, presets
from gatesviz.tiny_cell import module_of
from gatesviz.ui.inside.cell_controls import SWITCHED
from gatesviz.ui.inside.moment import shortest
from gatesviz.ui.inside.parameters import (
    CELL_KEYS,
    FIELDS,
    PARAMETERS,
    SHARES,
    STEP_VIEW,
    Z_GUESSES,
    Z_VIEW,
)
from tests.serving import ROOT

EVERY_PRESET = [(name, preset) for name, cell in CELL_KEYS.items() for preset in presets(cell)]


def open_inside(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "gatesviz" / "ui" / "main.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page("../../pages/inside.py").run()
    assert not app.exception
    return app


def sent_model(app: AppTest) -> tuple[dict[str, Any], bytes]:
    """What the player on the page was sent: its description, and all bytes."""
    (component,) = [one for one in app.get("bidi_component") if one.proto.bytes]
    data = component.proto.bytes
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    return json.loads(header["__metadata__"]["player"]), data


def sent(app: AppTest) -> dict[str, np.ndarray]:
    """The arrays that the player on the page was sent, to their four digits."""
    model, data = sent_model(app)
    (panel,) = model["panels"]
    return {
        name.removeprefix("0."): array * np.float64(panel["arrays"][name.removeprefix("0.")])
        for name, array in load(data).items()
    }


def press(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click()
    app.run()
    assert not app.exception


def slider(app: AppTest, name: str) -> Any:
    """The slider of this name, whatever the number of times that the page has set it."""
    (found,) = [one for one in app.slider if str(one.key).split(" #")[0] == name]
    return found


def told(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown)


@pytest.mark.parametrize("units", ["1", "2"])
@pytest.mark.parametrize(("label", "preset"), EVERY_PRESET)
def test_every_cell_and_preset_shows_what_pytorch_computes(
    label: str, preset: str, units: str
) -> None:
    app = open_inside(incell=label, inset=preset, inunits=units, inx="0.5", inpast="1_-2")
    arrays = sent(app)
    wanted = preset_values(CELL_KEYS[label], int(units), preset, seed=0)
    module = module_of(CELL_KEYS[label], int(units), wanted)
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        shown = module.state_dict()[f"{name}_l0"].numpy()
        np.testing.assert_allclose(arrays[name], shown, atol=2e-4)
    start = [torch.tensor([[0.5, -0.5][: int(units)]])]
    if label == "LSTM":
        start.append(torch.tensor([[1.0, -1.0][: int(units)]]))
    with torch.inference_mode():
        output, _ = module(
            torch.tensor([[1.0], [-2.0], [0.5]]), tuple(start) if len(start) > 1 else start[0]
        )
    np.testing.assert_allclose(arrays["h"][1:], output.numpy(), atol=1e-4)
    np.testing.assert_allclose(arrays["x"][:, 0], [1, -2, 0.5], atol=1e-4)


def test_steps_by_hand_are_the_steps_of_an_lstm() -> None:
    app = open_inside(inset="fresh", inseed="5", inunits="2")
    inputs = [1.0, -0.5, 2.0, 0.0]
    for x in inputs:
        slider(app, "inside input").set_value(x).run()
        press(app, "Step")
    module = module_of("lstm", 2, preset_values("lstm", 2, "fresh", seed=5))
    start = torch.tensor([[0.5, -0.5]]), torch.tensor([[1.0, -1.0]])
    with torch.inference_mode():
        _, (h, c) = module(torch.tensor(inputs)[:, None], start)
    for unit in (0, 1):
        assert slider(app, f"inside old h{unit}").value == pytest.approx(
            h[0, unit].item(), abs=1e-6
        )
        assert slider(app, f"inside old c{unit}").value == pytest.approx(
            c[0, unit].item(), abs=1e-6
        )
    assert sent(app)["x"].shape == (5, 1)
    assert "Step 4 of at most 60. After each step, h′ and c′ become the old h and c." in told(app)
    assert app.query_params["inpast"] == "1_-0.5_2_0"


@pytest.mark.parametrize("units", ["1", "2"])
@pytest.mark.parametrize("label", CELL_KEYS)
def test_the_player_knows_the_number_of_each_slider(label: str, units: str) -> None:
    app = open_inside(incell=label, inunits=units, inset="fresh", inx="0.5", inh="0.3_-0.4")
    model, arrays = sent_model(app)[0], sent(app)
    drawn = {
        f"st-key-{one.key}".replace(" ", "-").replace("#", "-"): one.value for one in app.slider
    }
    assert drawn.keys() <= model["sliders"].keys()
    for name, value in drawn.items():
        array, *place = model["sliders"][name]
        found = arrays[array][tuple(place[: arrays[array].ndim])]
        assert found == pytest.approx(value, abs=1e-6), name
    places = [tuple(place) for place in model["sliders"].values()]
    assert len(set(places)) == len(places)


def test_undo_and_start_over_lead_back() -> None:
    app = open_inside(inpast="1_2")
    first = slider(app, "inside old h0").value
    slider(app, "inside input").set_value(-1.5).run()
    press(app, "Step")
    press(app, "Start over")
    assert slider(app, "inside old h0").value == 0.5
    press(app, "Undo")
    assert sent(app)["x"].shape == (4, 1)
    press(app, "Undo")
    assert slider(app, "inside input").value == -1.5
    assert slider(app, "inside old h0").value == pytest.approx(first)
    press(app, "Undo")
    press(app, "Undo")
    assert slider(app, "inside input").value == 1
    assert next(button for button in app.button if button.label == "Undo").disabled


def test_moves_that_arrive_together_all_count() -> None:
    """A quick user moves two sliders, or one and presses Step, before the page was drawn again."""
    app = open_inside(inset="fresh", ingate="i")
    for name, value in (("W_ii (weight for x)", 2.0), ("b_i (b_ii + b_hi)", -1.0)):
        next(slider for slider in app.slider if slider.label == name).set_value(value)
    slider(app, "inside input").set_value(0.4)
    press(app, "Step")
    assert app.query_params["inpast"] == "0.4"
    weights = app.query_params["inw"].split("_")
    assert (weights[0], weights[2]) == ("2", "-1")


@pytest.mark.parametrize("change", ["Step", "Undo", "Start over", "count"])
def test_a_message_that_is_under_way_moves_no_slider(change: str) -> None:
    """The browser sends the values of all sliders, perhaps before it knows what the page has set.

    Such a message must not look as if the user had moved the sliders back.
    """
    app = open_inside(inset="switch", inpast="1", ingate="i")
    before = app._tree.get_widget_states()
    if change == "count":
        app.selectbox(key="inset").set_value(change).run()
    else:
        press(app, change)
    walk, shown = app.query_params.get("inpast"), [one.value for one in app.slider]
    app._run(WidgetStates(widgets=[one for one in before.widgets if "inset" not in one.id]))
    assert app.selectbox(key="inset").value == ("count" if change == "count" else "switch")
    assert app.query_params.get("inpast") == walk
    assert [one.value for one in app.slider] == shown


def test_a_state_moved_by_hand_begins_a_new_walk_that_can_be_undone() -> None:
    app = open_inside(inpast="1_2", inunits="2")
    other = shortest(slider(app, "inside old h1").value)
    slider(app, "inside old h0").set_value(-0.8).run()
    assert sent(app)["x"].shape == (1, 1)
    np.testing.assert_allclose(sent(app)["h"][0], [-0.8, other], atol=1e-4)
    assert app.query_params["inh"] == f"-0.8_{other}"
    assert "inpast" not in app.query_params
    press(app, "Undo")
    assert sent(app)["x"].shape == (3, 1)


def test_the_walk_has_an_end() -> None:
    app = open_inside(inpast="_".join(["1"] * (HAND_STEPS.high - 1)), inset="count")
    press(app, "Step")
    assert next(button for button in app.button if button.label == "Step").disabled
    (c,) = (slider for slider in app.slider if slider.label == "Old c")
    assert c.value == pytest.approx(HAND_STEPS.high + 1, abs=1)


def test_moving_a_weight_makes_the_weights_ones_own_and_the_past_follows() -> None:
    app = open_inside(inpast="0.1_0.2")
    before = slider(app, "inside old c0").value
    app.segmented_control(key="ingate").set_value("f").run()
    slider(app, "inside weight f_0_b").set_value(-6.0).run()
    assert app.selectbox(key="inset").value == "own"
    assert slider(app, "inside weight f_0_b").value == -6.0
    assert slider(app, "inside old c0").value != pytest.approx(before, abs=1e-3)
    assert sent(app)["bias_ih"][1] == pytest.approx(-6, abs=1e-3)
    link = app.query_params["inw"]
    again = open_inside(inset="own", inw=link, inpast="0.1_0.2")
    np.testing.assert_array_equal(sent(again)["h"], sent(app)["h"])
    app.segmented_control(key="incell").set_value("GRU").run()
    app.segmented_control(key="incell").set_value("LSTM").run()
    app.selectbox(key="inset").set_value("own").run()
    assert sent(app)["bias_ih"][1] == pytest.approx(-6, abs=1e-3), (
        "own weights are lost by looking at another cell"
    )


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        (
            {"inset": "own", "inw": "1_2_3"},
            "inw was ignored: it has 3 numbers, expected 12, separated by _.",
        ),
        ({"inset": "own", "inw": "_".join(["11"] * 12)}, "number 1 is '11'"),
        ({"inw": "1_2"}, "inw was ignored: your own weights also need inset=own in the link."),
        ({"inh": "5"}, "inh was ignored"),
        ({"inc": "<script>"}, "inc was ignored"),
        ({"inpast": "1_x"}, "inpast was ignored: number 2 is 'x', expected a number from −3 to 3."),
        ({"inpast": "_".join(["1"] * 61)}, "it has 61 numbers, expected 1 to 60, separated by _."),
        ({"incell": "RNN", "inset": "count"}, "the RNN has no such preset"),
    ],
)
def test_a_broken_link_is_told_and_the_default_used(query: dict[str, str], sentence: str) -> None:
    app = open_inside(**query)
    assert any(sentence in told.value for told in app.text)
    assert sent(app)["x"].shape == (1, 1)
    press(app, "Step")
    assert not app.warning


@pytest.mark.parametrize(
    "query", [{"incell": "x"}, {"inunits": "7"}, {"inx": "99"}, {"inset": "zzz"}]
)
def test_an_impossible_choice_falls_back(query: dict[str, str]) -> None:
    app = open_inside(**query)
    assert sent(app)["h"].shape == (2, 1)


def test_a_value_that_no_slider_has_is_not_used() -> None:
    app = open_inside()
    app.session_state["inx"] = float("nan")
    app.run()
    assert not app.exception
    assert np.isfinite(sent(app)["h"]).all()


@pytest.mark.parametrize("label", CELL_KEYS)
def test_a_guess_is_answered(label: str) -> None:
    app = open_inside(incell=label)
    assert "Not quite" not in told(app)
    assert "Yes:" not in told(app)
    app.segmented_control(key="inlose").set_value(SHARES[1]).run()
    assert ("Yes. One step can erase **" in told(app)) != (
        "Not quite. One step can erase **" in told(app)
    )


def test_the_z_view_compares_three_ways() -> None:
    app = open_inside(incell="GRU", inview=Z_VIEW, inz=Z_GUESSES[1])
    assert told(app).count("aligned} n") == 3
    assert len(app.success) == 1
    assert len(app.error) == 2
    assert "Only one of the three equals PyTorch" in told(app)
    assert "Not quite. PyTorch **keeps** the old state" in told(app)


@pytest.mark.parametrize("by_link", [True, False])
@pytest.mark.parametrize("label", ["LSTM", "RNN"])
def test_the_z_view_switches_to_the_gru_by_itself_and_says_so(label: str, by_link: bool) -> None:
    app = open_inside(incell=label, inset="replace", **({"inview": Z_VIEW} if by_link else {}))
    if not by_link:
        app.segmented_control(key="inview").set_value(Z_VIEW).run()
    assert not app.exception
    assert app.segmented_control(key="incell").value == "GRU"
    assert SWITCHED in [one.value for one in app.text]
    app.segmented_control(key="inz").set_value(Z_GUESSES[0]).run()
    assert "Yes. PyTorch **keeps** the old state" in told(app)
    app.segmented_control(key="incell").set_value(label).run()
    assert app.segmented_control(key="incell").value == "GRU"
    app.segmented_control(key="inview").set_value(STEP_VIEW).run()
    assert SWITCHED not in [one.value for one in app.text]
    app.segmented_control(key="incell").set_value(label).run()
    assert app.segmented_control(key="incell").value == label


def test_the_z_view_hides_its_answer_until_a_guess_or_the_switch() -> None:
    app = open_inside(incell="GRU", inview=Z_VIEW)
    assert "aligned" not in told(app)
    assert not app.success
    assert "Make a guess to see the result." in told(app)
    app.toggle(key="inside z shown").set_value(True).run()
    assert told(app).count("aligned} n") == 3
    assert "PyTorch **keeps** the old state" not in told(app)
    app.segmented_control(key="inz").set_value(Z_GUESSES[0]).run()
    assert told(app).count("aligned} n") == 3
    assert not app.toggle


@pytest.mark.parametrize(
    ("label", "explanation"),
    [
        ("LSTM", "The forget gate f sets how much of the old cell state is kept"),
        ("GRU", "The update gate z sets how much of the old state is kept"),
        ("RNN", "The RNN has no gates."),
    ],
)
def test_the_question_explains_its_gate(label: str, explanation: str) -> None:
    app = open_inside(incell=label)
    assert app.segmented_control(key="inlose").label.startswith(explanation)


def test_every_setting_of_the_page_is_written_once() -> None:
    keys = [field.key for field in FIELDS]
    assert len(set(keys)) == len(keys)
    assert set(PARAMETERS) == {*keys, "inw", "inh", "inc", "inpast", "inlose", "inz"}
