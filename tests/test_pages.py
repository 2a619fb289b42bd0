"""Every page runs by itself, within the frame, without an exception."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.serving import ROOT

PAGES = sorted((ROOT / "pages").glob("*.py"))


def open_app() -> AppTest:
    return AppTest.from_file(str(ROOT / "gatesviz" / "ui" / "main.py"), default_timeout=30)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_page_runs_and_has_one_title(path: Path) -> None:
    app = open_app().run().switch_page(f"../../pages/{path.name}").run()
    assert not app.exception
    assert len(app.title) == 1


def test_the_first_page_is_feed() -> None:
    app = open_app().run()
    assert not app.exception
    assert app.title[0].value == "Feed a sequence"
