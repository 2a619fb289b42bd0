"""The half-life of a forget bias on the page "Vanishing gradients": two sliders, one number."""

import math
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from gatesviz.theme import written
from tests.ui.test_gradients import charts, open_gradients, words


def half_life_sliders(app: AppTest) -> list[Any]:
    labels = ("Forget bias b", "Half-life in steps")
    return [one for label in labels for one in app.slider if one.label == label]


def test_bias_and_half_life_move_each_other() -> None:
    app = open_gradients(grview="half-life", grhalf="1")
    bias, steps = half_life_sliders(app)
    f = 1 / (1 + math.exp(-1))
    assert f"after **{math.log(0.5) / math.log(f):.3g} steps**" in words(app)
    assert f"{written(f**100)} of the gradient is left (theory: {written(f**100)})" in words(app)
    assert steps.value == 2
    steps.set_value(50).run()
    bias, steps = half_life_sliders(app)
    assert bias.value == pytest.approx(-math.log(2 ** (1 / 50) - 1), abs=0.005)
    assert steps.value == 50
    assert app.query_params["grhalf"] == "4.27"
    [curve] = [trace for trace in charts(app)[0]["data"] if trace.get("name")]
    assert curve["name"] == "b = 4.27"
    bias.set_value(0.0).run()
    assert half_life_sliders(app)[1].value == 1
    assert not app.exception


@pytest.mark.parametrize(
    ("link", "bias"),
    [
        ({"grhsteps": "50"}, 4.27),
        ({"grhsteps": "50", "grhalf": "2"}, 2.0),  # the bias decides
        ({"grhsteps": "nonsense"}, 1.0),
    ],
)
def test_a_link_may_give_the_steps_instead_of_the_bias(link: dict[str, str], bias: float) -> None:
    app = open_gradients(grview="half-life", **link)
    assert not app.exception
    assert half_life_sliders(app)[0].value == bias
    assert "grhsteps" not in app.query_params
