"""Runs that outlive their page: a reload, and a server that was killed."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_train import SLOW, click, follow_runs, made, points, row
from tests.browser.visiting import visit, wait_until
from tests.serving import ROOT, free_port, wait_for

LONG = "?trtask=Recall+the+first+letter&trcells=LSTM&trlength=60&trhidden=32&trend=5000"


def test_a_reload_shows_the_run_and_a_second_tab_has_its_own(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/train{LONG}")
    click(page, "Start")
    wait_until(page, lambda: made(page, "LSTM") > 50)
    before = made(page, "LSTM")
    page.reload()
    expect(row(page, "LSTM")).to_contain_text("running", timeout=SLOW)
    after = made(page, "LSTM")
    assert after >= before
    wait_until(page, lambda: made(page, "LSTM") > after)  # it goes on by itself
    second = page.context.new_page()
    visit(second, f"{app_url}/train{LONG}")
    expect(row(second, "LSTM")).to_contain_text("not started")
    click(page, "Pause")
    expect(row(page, "LSTM")).to_contain_text("paused", timeout=SLOW)


class Server:
    """A server of the app that can be killed and started again, with the same port and folder."""

    def __init__(self, folder: Path) -> None:
        self._log, self.results, self._port = folder / "log", folder / "results", free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "streamlit", "run", "app.py"]
        command += ["--server.port", str(self._port), "--server.address", "127.0.0.1"]
        env = os.environ | {"GATESVIZ_RESULTS": str(self.results)}
        with self._log.open("w") as out:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT
            )
        wait_for(self.url, self._process, self._log)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stored(self) -> int:
        """Return how many updates of a run are stored."""
        if not (self.results / "runs.sqlite3").exists():
            return 0
        with closing(sqlite3.connect(self.results / "runs.sqlite3")) as file:
            return int(file.execute("SELECT MAX(updates) FROM gv_runs").fetchone()[0] or 0)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A running server with its own results folder."""
    server = Server(tmp_path)
    try:
        server.start()
        yield server
    finally:
        server.kill()


def test_a_killed_server_comes_back_with_the_run(browser: Browser, server: Server) -> None:
    """Its pages draw themselves again without a click or a reload, also one without a run."""
    context = browser.new_context()
    page, inside = context.new_page(), context.new_page()
    visit(inside, f"{server.url}/inside")
    visit(page, f"{server.url}/train{LONG}")
    click(page, "Start")
    wait_until(page, lambda: server.stored() > 50)
    drawn = follow_runs(inside)
    server.kill()
    stored = server.stored()
    server.start()
    expect(row(page, "LSTM")).to_contain_text("paused", timeout=SLOW)
    expect(page.get_by_text("LSTM: this run paused at its last snapshot")).to_be_visible()
    assert made(page, "LSTM") == stored
    assert points(page) > 1
    click(page, "Continue")
    wait_until(page, lambda: made(page, "LSTM") > stored)
    wait_until(inside, lambda: True in drawn)
    context.close()
