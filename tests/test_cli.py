"""The command `gatesviz`: what it reads, and what it hands to Streamlit."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
from typing import Any

import pytest
import streamlit as st

import gatesviz
from gatesviz import cli
from gatesviz.cli import commands
from tests.serving import ROOT, free_port


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The configuration of the app that would have been served."""
    seen: dict[str, Any] = {}

    def run(app: st.App, *, config: dict[str, Any]) -> None:
        seen.update(config, script=app.script_path, launcher=sys.argv[0])

    monkeypatch.setattr(st.App, "run", run)
    monkeypatch.setattr(commands, "_check_port", lambda port, address: None)  # may be in use
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
    assert last.endswith(f"expected a whole number from 1 to 65535, got {given!r}")
    assert served == {}


@pytest.mark.parametrize("given", ["nonsense", "999.1.1.1", "10.255.255.1", "x" * 300])
def test_an_address_of_no_machine_gets_one_sentence(
    given: str, served: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["--address", given])
    assert stopped.value.code == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(
        f"gatesviz: error: --address: {given!r} is not an address of this machine"
    )
    assert served == {}


def test_a_port_in_use_gets_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(SystemExit) as stopped:
            cli.main(["--port", str(port)])
    assert stopped.value.code == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"gatesviz: error: --port: {port} can't be used")
    assert line.endswith(f"Choose another one, such as --port {port + 1}.")


def test_it_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"gatesviz {gatesviz.__version__}\n"


def test_a_checkout_that_is_not_installed_knows_its_version() -> None:
    """importlib.metadata knows installed packages alone; the version is in the package itself."""
    code = (
        "import importlib.metadata as data\n"
        "def version(name): raise data.PackageNotFoundError(name)\n"
        "data.version = version\n"
        "from gatesviz.cli import main\n"
        "main(['--version'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout == f"gatesviz {gatesviz.__version__}\n", done.stderr


def test_the_version_is_written_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"] == {"path": "gatesviz/version.py"}
    sources = (path.read_text() for path in (ROOT / "gatesviz").rglob("*.py"))
    assert not any(re.search(r"version\(.gatesviz.\)", source) for source in sources)


@pytest.mark.parametrize("seconds", [0.2, 0.6, 1.5])
def test_ctrl_c_while_it_starts_leaves_no_traceback(seconds: float) -> None:
    heeding = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    code = f"from gatesviz.cli import main; print('in', flush=True); main(['--port={free_port()}'])"
    code = f"{heeding}; {code}"  # a run of the tests in the background ignores Ctrl+C
    command = [sys.executable, "-c", code]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True, start_new_session=True
    ) as server:
        assert server.stdout is not None
        server.stdout.readline()
        time.sleep(seconds)
        os.killpg(server.pid, signal.SIGINT)  # as a terminal sends it to every process
        try:
            _, errors = server.communicate(timeout=60)
        finally:
            server.kill()
    assert "Traceback" not in errors
    assert server.returncode in (0, 130)


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
