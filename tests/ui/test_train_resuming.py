"""Runs that outlive the server, on the page "Train live" and without a browser."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from gatesviz.engine import engine, stop_engine
from gatesviz.engine.run_keeper import RESTORED
from tests.ui.test_train import click, drawn, fold, open_train, wait


@pytest.fixture(autouse=True)
def _server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    stop_engine()
    monkeypatch.setenv("GATESVIZ_RESULTS", str(tmp_path))
    monkeypatch.setattr("gatesviz.ui.browser_session.person", lambda: "ada")
    yield
    stop_engine()


def texts(app: AppTest) -> str:
    return "\n".join(one.value for one in app.text)


def test_after_a_restart_the_link_shows_the_run_and_it_continues() -> None:
    link = {"trcells": "RNN", "trend": "20"}
    wait(click(open_train(**link), "Train 10 updates"), made=10)
    stop_engine()  # as a server that ends; a new engine starts with the next page
    app = open_train(**link)
    assert drawn(app)["rows"][0][3:5] == ["paused", "10"]
    assert f"RNN: {RESTORED}." in texts(app)
    told = wait(click(app, "Continue"), made=20)
    history = fold("rnn_tanh", 20)
    np.testing.assert_allclose(told["series"][0]["ys"], history.losses, rtol=1e-4)
    assert RESTORED not in texts(app.run())
    assert drawn(open_train(**link))["rows"][0][3] == "not started"  # the first tab has the run
    click(app, "Reset")
    stop_engine()
    assert drawn(open_train(**link))["rows"][0][3:5] == ["not started", "0"]


def test_a_lost_run_and_a_full_disk_are_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatesviz.engine.stored_runs._data", lambda snapshot: None)
    link = {"trcells": "GRU", "trend": "20"}
    wait(click(open_train(**link), "Train 10 updates"), made=10)
    stop_engine()
    app = open_train(**link)
    lost = "GRU: an earlier run of 10 updates is lost, because the server has no snapshot of it."
    assert texts(app).count(lost) == 1
    assert drawn(app)["rows"][0][3] == "not started"
    problem = "Runs can't be stored: the disk is full."
    monkeypatch.setattr(type(engine()), "problem", problem)
    wait(click(app, "Train 1 update"), made=1)
    assert lost not in texts(app)
    assert texts(app).count(problem) == 1


def test_a_malformed_address_of_a_database_is_told_and_runs_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GATESVIZ_DATABASE", "mysql//secret")
    app = open_train(trcells="GRU", trend="20")
    assert not app.exception
    wait(click(app, "Train 10 updates"), made=10)
    assert not app.exception
    assert "Runs can't be stored: the database doesn't answer." in texts(app.run())
    assert "secret" not in texts(app)
