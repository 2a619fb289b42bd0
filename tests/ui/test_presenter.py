"""Presenting stays from page to page until it is ended, and knows the pages of the menu."""

import pytest
from streamlit.testing.v1 import AppTest

from gatesviz.ui.menu import MENU, PRIVATE
from gatesviz.ui.presenter import KEY, _pages_beside
from tests.serving import ROOT

MAIN = str(ROOT / "gatesviz" / "ui" / "main.py")


def presents(app: AppTest) -> bool:
    return any(one.proto.id.endswith(KEY) for one in app.get("bidi_component"))


def test_without_the_parameter_nothing_is_drawn() -> None:
    app = AppTest.from_file(MAIN, default_timeout=60).run()
    assert not app.exception
    assert not presents(app)
    assert "present" not in app.query_params


def test_it_stays_on_the_next_page() -> None:
    app = AppTest.from_file(MAIN, default_timeout=60)
    app.query_params["present"] = "1"
    app.run()
    assert presents(app)
    del app.query_params["present"]  # as a click in the menu does
    app.switch_page("../../pages/glossary.py").run()
    assert not app.exception
    assert presents(app)
    assert app.query_params["present"] == "1"


def test_another_value_is_refused_in_one_sentence() -> None:
    app = AppTest.from_file(MAIN, default_timeout=60)
    app.query_params["present"] = "yes"
    app.run()
    assert not presents(app)
    assert any("present" in one.value for one in app.text)


@pytest.mark.parametrize("index", range(len(MENU)))
def test_the_pages_beside_a_page_are_those_of_the_menu(index: int) -> None:
    beside = _pages_beside(MENU[index].name)
    for way, at in (("back", index - 1), ("next", index + 1)):
        leads = 0 <= at < len(MENU) and MENU[at].listed and MENU[index].name not in PRIVATE
        expected = MENU[at].title if leads else None
        assert (beside[way] or {}).get("title") == expected
