"""What every test may ask for."""

import atexit
import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres import running_postgres
from tests.serving import ROOT, free_port, serving

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before anything imports torch
RESULTS = tempfile.mkdtemp(prefix="gatesviz-results-")  # and not this user's own
os.environ["GATESVIZ_RESULTS"] = RESULTS
atexit.register(shutil.rmtree, RESULTS, ignore_errors=True)
LONG = ("browser", "ui", "engine", "experiments", "training")
"""Folders with files that take long. They run first, so that none is left alone at the end."""
# On a busy machine a slow example says nothing about the code.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Iterator[None]:
    """Collect the tests without looking for garbage: what they import stays anyway."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()  # nor is it looked at later
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {f"tests/{folder}": place for place, folder in enumerate(LONG)}
    items.sort(key=lambda item: rank.get("/".join(item.nodeid.split("/", 2)[:2]), len(LONG)))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Let a test draw the same random weights, whatever other tests ran before it."""
    if torch := sys.modules.get("torch"):
        torch.manual_seed(0)


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app, started as ``make run`` starts it, without a slash at its end."""
    port = free_port()
    command = ["streamlit", "run", "app.py", "--server.port", str(port)]
    command += ["--server.address", "127.0.0.1"]
    log = tmp_path_factory.mktemp("server") / "server.log"
    with serving([sys.executable, "-m", *command], port, ROOT, log) as url:
        yield url


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of an empty PostgreSQL of these tests alone. Whoever fills it calls `empty`."""
    with running_postgres() as url:
        yield url
