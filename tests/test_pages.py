"""Every page runs by itself, within the frame, without an exception."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from gatesviz.ui.compare.parameters import PARAMETERS as COMPARE
from gatesviz.ui.feed.parameters import PARAMETERS as FEED
from gatesviz.ui.find_unit.parameters import PARAMETERS as FIND_UNIT
from gatesviz.ui.gradients.parameters import PARAMETERS as GRADIENTS
from gatesviz.ui.inside.parameters import PARAMETERS as INSIDE
from gatesviz.ui.links import complaints
from gatesviz.ui.menu import MENU, Entry
from gatesviz.ui.player import PARAMETERS as PLAYER
from gatesviz.ui.train.parameters import PARAMETERS as TRAIN
from gatesviz.ui.what_if.parameters import PARAMETERS as WHAT_IF
from tests.serving import ROOT

KNOWN = {**FEED, **INSIDE, **TRAIN, **WHAT_IF, **FIND_UNIT, **GRADIENTS, **COMPARE, **PLAYER}

PAGES = sorted((ROOT / "pages").glob("*.py"))


def open_app() -> AppTest:
    return AppTest.from_file(str(ROOT / "gatesviz" / "ui" / "main.py"), default_timeout=30)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_page_runs_and_has_one_title(path: Path) -> None:
    app = open_app().run().switch_page(f"../../pages/{path.name}").run()
    assert not app.exception
    assert len(app.title) == 1


def test_the_menu_lists_every_page_in_its_file() -> None:
    assert {one.name for one in MENU} == {path.stem for path in PAGES}


def test_the_first_page_is_start() -> None:
    app = open_app().run()
    assert not app.exception
    assert app.title[0].value == "See how a network remembers"


@pytest.mark.parametrize("name", ["cell", "t"])
def test_a_setting_of_feed_on_the_first_page_opens_feed(name: str) -> None:
    app = open_app()
    app.query_params[name] = {"cell": "GRU", "t": "3"}[name]
    app.run()
    assert not app.exception
    assert app.title[0].value == "Feed a sequence"


@pytest.mark.parametrize("one", MENU, ids=lambda one: one.name)
def test_each_page_leads_to_a_view_that_exists(one: Entry) -> None:
    leads = one.leads
    assert leads.page != one.name
    assert leads.page in {other.name for other in MENU}
    assert complaints({name: [value] for name, value in leads.query.items()}, KNOWN) == []
