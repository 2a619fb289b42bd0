"""A setting that changes only a part of a page draws only this part, with the right numbers."""

from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

import gatesviz as gv
from gatesviz.fresh import fresh
from gatesviz.sequences import parse_text
from gatesviz.ui.feed.sources import EXAMPLE
from gatesviz.ui.gradients.models import subjects
from gatesviz.ui.gradients.settings import Settings
from tests.ui.test_feed import open_feed, player, said
from tests.ui.test_gradients import charts, open_gradients


def whole(app: AppTest) -> bool:
    """Return whether the last run drew the whole page."""
    return bool(app.title)


def widget(app: AppTest, key: str) -> Any:
    kinds = (app.number_input, app.slider, app.selectbox, app.text_area)
    [found] = [one for kind in kinds for one in kind if one.key == key]
    return found


@pytest.mark.parametrize(("key", "value"), [("seed", 5), ("hidden", 3), ("fbias", 2.5)])
def test_a_setting_of_fresh_weights_draws_the_player_and_the_question_alone(
    key: str, value: float
) -> None:
    app = open_feed(weights="fresh", guess="f")
    assert whole(app)
    widget(app, key).set_value(value).run()
    assert not app.exception
    assert not whole(app)
    cold = open_feed(weights="fresh", **{key: str(value)})
    (model, arrays), (expected, cold_arrays) = player(app), player(cold)
    assert model["id"] == expected["id"]
    np.testing.assert_array_equal(arrays["0.h"], cold_arrays["0.h"])
    assert said(app) in said(cold)
    assert any("Make a guess" in one.value for one in app.markdown), "it was about other weights"
    app.run()
    assert whole(app)
    assert player(app)[0]["id"] == expected["id"]


def test_the_player_alone_shows_what_torch_computes() -> None:
    app = open_feed(weights="fresh")
    widget(app, "seed").set_value(7).run()
    assert not whole(app)
    text = parse_text(EXAMPLE)
    module = fresh("lstm", len(text.features), 8, seed=7)
    h = module(torch.from_numpy(text.values.copy()))[0].detach().numpy()
    np.testing.assert_allclose(player(app)[1]["0.h"][1:], h, atol=1e-4)
    kept = app.session_state["feed shows"]
    found = kept.recorders[0]("").trace()
    np.testing.assert_allclose(found.states["h"][1:], h, atol=1e-6)
    np.testing.assert_array_equal(kept.panels[0].trace.states["h"], found.states["h"])


def test_a_second_change_at_the_same_moment_draws_the_whole_page() -> None:
    app = open_feed(weights="fresh")
    widget(app, "seed").set_value(5)
    widget(app, "text").set_value("abab").run()
    assert whole(app)
    assert "".join(player(app)[0]["labels"]) == "abab"
    widget(app, "seed").set_value(6).run()
    assert not whole(app)
    assert "".join(player(app)[0]["labels"]) == "abab"
    app.run()
    widget(app, "seed").set_value(7)
    widget(app, "layers").set_value(2).run()  # its widget calls nothing
    assert whole(app)
    assert widget(app, "layer").value == 2


def test_the_whole_page_is_drawn_while_its_link_is_on_screen() -> None:
    app = open_feed(weights="fresh")
    app.session_state["share"] = True
    app.run()
    widget(app, "seed").set_value(5).run()
    assert whole(app)
    assert app.code


def test_the_last_readable_model_is_the_one_that_was_on_screen() -> None:
    app = open_feed(weights="fresh", src="numbers")
    widget(app, "seed").set_value(5).run()
    shown = player(app)[0]["id"]
    app.run()
    app.session_state["weights"] = "your file"
    app.run()
    assert not app.exception
    assert player(app)[0]["id"] == shown


@pytest.mark.parametrize(
    ("link", "key", "value"),
    [
        ({}, "grseed", 3),
        ({}, "grlen", 14),
        ({"grwhh": "spectral radius"}, "grrho", 1.5),
        ({"grbias": "forget bias"}, "grfb", 3.0),
        ({}, "grin", "zeros"),
        ({"grw": "trained"}, "grlen", 20),
        ({"grview": "backward, step by step"}, "grhid", 5),
        ({"grview": "which input matters"}, "gract", "relu"),
    ],
)
def test_a_setting_of_gradients_draws_the_view_alone(
    link: dict[str, str], key: str, value: Any
) -> None:
    units = {} if "grw" in link else {"grhid": "4"}
    link = {"grlen": "12", "grshow": "true", **units, **link}
    app = open_gradients(**link)
    assert whole(app)
    widget(app, key).set_value(value).run()
    assert not app.exception
    assert not whole(app)
    cold = open_gradients(**{**link, key: str(value)})
    assert drawn(app) == drawn(cold)
    assert drawn(app) != drawn(open_gradients(**link))


def main_words(app: AppTest) -> list[str]:
    """Return the texts of the page without its sidebar."""
    return [one.value for one in [*app.main.header, *app.main.markdown, *app.main.text]]


def drawn(app: AppTest) -> tuple[list[Any], ...]:
    """Return the texts, the charts and the player of the page."""
    players = [one.proto.bytes for one in app.get("bidi_component")]
    return main_words(app), charts(app), [data for data in players if data]


def test_the_gradients_alone_are_those_of_torch() -> None:
    app = open_gradients(grlen="12", grhid="4", grshow="true")
    widget(app, "grseed").set_value(3).run()
    assert not whole(app)
    settings = Settings(length=12, hidden_size=4, seed=3)
    x = next(one.inputs for one in subjects(settings) if one.name == "LSTM")
    flow = gv.gradient_flow(fresh("lstm", 1, 4, seed=3), x, lambda y: y[-1].sum())
    found = f"‖∂L/∂c‖ is halved **{flow.layer().half_life('c'):.3g} steps back**"
    assert any("**LSTM.**" in one and found in one for one in main_words(app))
