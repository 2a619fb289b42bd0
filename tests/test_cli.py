"""The command `gatesviz`: what it reads, and what it hands to Streamlit."""

import subprocess
import sys
from typing import Any

import pytest
import streamlit as st

from gatesviz import cli
from tests.serving import ROOT


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The configuration of the app that would have been served."""
    seen: dict[str, Any] = {}

    def run(app: st.App, *, config: dict[str, Any]) -> None:
        seen.update(config, script=app.script_path, launcher=sys.argv[0])

    monkeypatch.setattr(st.App, "run", run)
    monkeypatch.setattr(sys, "argv", ["gatesviz"])
    return seen


def test_it_serves_this_machine_on_8501(served: dict[str, Any]) -> None:
    cli.main([])
    assert (served["server.port"], served["server.address"]) == (8501, "127.0.0.1")
    assert served["runner.postScriptGC"] is False
    assert served["script"] == ROOT / "gatesviz" / "ui" / "main.py"
    assert served["launcher"] == str(ROOT / "app.py")


def test_port_and_address_can_be_chosen(served: dict[str, Any]) -> None:
    cli.main(["--port", "9000", "--address", "0.0.0.0"])
    assert (served["server.port"], served["server.address"]) == (9000, "0.0.0.0")


@pytest.mark.parametrize("given", ["0", "65536", "-1", "eight", "", "1e3", "9" * 5000])
def test_a_bad_port_gets_one_sentence(
    given: str, served: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main([f"--port={given}"])
    assert stopped.value.code == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.endswith(f"{given!r} given, a whole number from 1 to 65535 is wanted")
    assert served == {}


START = """
import asyncio, sys, threading
import app
assert "torch" not in sys.modules, "the server waits for torch"
async def live():
    async with app.lifespan(app.app):
        assert any(thread.name == "warm torch" for thread in threading.enumerate())
asyncio.run(live())
for thread in threading.enumerate():
    if thread.name == "warm torch":
        thread.join()
assert sys.modules["torch"].get_num_threads() == 1
"""


def test_the_app_starts_without_torch_and_warms_it_beside() -> None:
    subprocess.run([sys.executable, "-W", "ignore", "-c", START], cwd=ROOT, check=True, timeout=120)
