"""A guess is about one question and its settings, on every page."""

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from gatesviz.tasks import TASKS
from gatesviz.ui.feed.sketch import PLACES
from tests.ui.test_compare import open_compare
from tests.ui.test_feed import open_feed
from tests.ui.test_gradients import open_gradients, words
from tests.ui.test_inside import open_inside
from tests.ui.test_train import open_train

Change = tuple[str, Any]
GRADIENTS = {"grlen": "12", "grhid": "4"}
CLAIM = {"coview": "what people say"}


def change(app: AppTest, key: str, value: object) -> None:
    app.session_state[key] = value
    app.run()
    assert not app.exception


@pytest.mark.parametrize(
    ("opened", "link", "guess", "decides", "does_not"),
    [
        (
            open_feed,
            {"weights": "fresh"},
            ("guess", "g"),
            [("hidden", 9), ("seed", 1), ("fbias", 2.0), ("text", "abab")],
            [("cell", "several cells"), ("both", True)],
        ),
        (
            open_inside,
            {"inset": "fresh"},
            ("inlose", "some"),
            [("inseed", 1), ("inunits", 2), ("incell", "GRU")],
            [("inx", 2.0), ("ingate", "o")],
        ),
        (
            open_gradients,
            GRADIENTS,
            ("grguess", "10"),
            [("grseed", 1), ("grlen", 14), ("grhid", 5), ("grin", "zeros"), ("grbias", "chrono")],
            [("gract", "relu"), ("grdraw", True)],
        ),
        (
            open_gradients,
            {**GRADIENTS, "grview": "backward, step by step"},
            ("grback", "50 %"),
            [("grcell", "GRU"), ("grseed", 1), ("grhid", 5)],
            [("gract", "relu")],
        ),
        (
            open_gradients,
            {**GRADIENTS, "grview": "which input matters"},
            ("grwhich", "the last"),
            [("grcell", "RNN"), ("grseed", 1), ("grlen", 14)],
            [("gract", "relu")],
        ),
        (
            open_gradients,
            {"grview": "exploding"},
            ("grfate", "gets stuck"),
            [("grphi", "tanh")],
            [("grsolid", True)],
        ),
        (
            open_gradients,
            {"grview": "memory horizon"},
            ("grhor", "yes"),
            [],
            [],
        ),
        (
            open_gradients,
            {"grview": "during training", "grw": "half-trained"},
            ("grcourse", "grows"),
            [("grseed", 1), ("grupd", 20)],
            [],
        ),
        (
            open_train,
            {},
            ("trguess", "RNN"),
            [("trseed", 1), ("trhidden", 4), ("trrate", 0.02), ("trend", 20), ("trlength", 7),
             ("trrates", "5: 0.001")],
            [("trlog", True)],
        ),
        (open_compare, {}, ("coshare", "2/3"), [], [("coin", 9), ("cohid", 20)]),
        (
            open_compare,
            {**CLAIM, "coclaim": "GRUs need fewer updates than LSTMs."},
            ("cosays", "no"),
            [("coseeds", 8), ("codata", TASKS["parity"].title)],
            [],
        ),
        (
            open_compare,
            {"coview": "which one for me?"},
            ("cobest", "GRU"),
            [("comin", 3), ("coyours", "Sample: English text about Python")],
            [],
        ),
        (open_compare, {"coview": "known results"}, ("coholds", "all"), [], [("coonly", "exact")]),
    ],
)  # fmt: skip
def test_a_guess_is_asked_again_where_its_answer_may_be_another(
    opened: Callable[..., AppTest],
    link: dict[str, str],
    guess: tuple[str, str],
    decides: list[Change],
    does_not: list[Change],
) -> None:
    key, said = guess
    app = opened(**link, **{key: said})
    assert app.session_state[key] == said
    for name, value in does_not:
        before = app.session_state[name]
        change(app, name, value)
        assert app.session_state[key] == said, f"{name} does not decide the answer"
        change(app, name, before)
    for name, value in decides:
        before = app.session_state[name]
        change(app, name, value)
        assert app.session_state[key] is None, f"{name} decides the answer"
        change(app, name, before)
        assert app.session_state[key] == said, f"{name} is as it was"


def test_a_drawn_curve_is_a_guess_too() -> None:
    line = "_".join(["40"] * PLACES)
    app = open_gradients(**GRADIENTS, grdraw="true", grline=line)
    assert "Your curve is off" in words(app)
    change(app, "gract", "relu")
    assert "Your curve is off" in words(app)
    change(app, "grseed", 1)
    assert "Your curve is off" not in words(app)
    assert "grline" not in app.query_params
    change(app, "grseed", 0)
    assert "Your curve is off" in words(app)
    assert app.query_params["grline"] == line


def test_a_link_brings_its_own_guess_to_a_page_that_was_asked_before() -> None:
    app = open_gradients(**GRADIENTS, grguess="10")
    app = app.switch_page("../../pages/feed.py").run()
    app.query_params["grguess"], app.query_params["grlen"] = "5", "20"
    app = app.switch_page("../../pages/gradients.py").run()
    assert app.session_state["grguess"] == "5"
