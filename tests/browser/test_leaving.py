"""A tab that is closed while its model learns: the run ends, once its time of grace is over."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visiting import visit
from tests.serving import ROOT, free_port, serving

SERVER = """
import sys, threading, time
from pathlib import Path
from streamlit.web.cli import main
from gatesviz.engine import Engine, scheduler

def tell(engine, kept=Path({kept!r})):
    while True:
        runs = engine._sessions.all()
        kept.with_suffix(".new").write_text(f"{{len(runs)}} {{sum(r.view().busy for r in runs)}}")
        kept.with_suffix(".new").rename(kept)
        time.sleep(0.05)

if __name__ == "__main__":
    scheduler._engine = Engine(scheduler._backend(), grace=3.0).start()
    threading.Thread(target=tell, args=(scheduler._engine,), daemon=True).start()
    sys.argv = ["streamlit", "run", "app.py", *sys.argv[1:]]
    main()
"""
LINK = "train?trtask=Recall+the+first+letter&trcells=LSTM&trlength=8&trhidden=4&trend=10000"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[tuple[str, Callable[[], str]]]:
    """The address of an app with a short grace, and what tells how many runs it has, and busy."""
    script, port = tmp_path / "server.py", free_port()
    kept = tmp_path / "kept"
    script.write_text(SERVER.format(kept=str(kept)))
    command = [sys.executable, str(script), "--server.port", str(port)]
    command += ["--server.address", "127.0.0.1"]
    with serving(command, port, ROOT, tmp_path / "log", PYTHONPATH=str(ROOT)) as url:
        yield url, kept.read_text


def test_closing_the_tab_ends_its_run(app: tuple[str, Callable[[], str]], browser: Browser) -> None:
    url, kept = app
    page = browser.new_page()
    visit(page, f"{url}/{LINK}")
    assert kept() == "0 0"
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".gv-curves-table")).to_contain_text("running", timeout=60_000)
    assert kept().startswith("1 ")
    page.close()
    end = time.monotonic() + 60
    while kept() != "0 0":
        assert time.monotonic() < end, "the run outlived its page"
        time.sleep(0.05)
