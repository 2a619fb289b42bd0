"""Two app servers behind haproxy, with one PostgreSQL and one Dask cluster, as in deploy/."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.engine.local_dask import LocalDask
from tests.postgres import skip_or_fail
from tests.serving import ROOT, free_port, wait_for

MISSING = "no haproxy: install Debian's haproxy"
NAMES = ("a", "b")


def find_haproxy() -> str:
    """Return the path of haproxy. Skip or fail the test where it is missing."""
    found = shutil.which("haproxy", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        skip_or_fail(MISSING)
    return found or ""


class SeveralServers:
    """App servers ``a`` and ``b``. They share ``database`` and a cluster with one worker.

    Attributes:
        url: of haproxy.
    """

    def __init__(self, folder: Path, database: str) -> None:
        self._folder, self._database = folder, database
        self._ports = {name: free_port() for name in NAMES}
        self._proxy_port = free_port()
        self.url = f"http://127.0.0.1:{self._proxy_port}"
        self._cluster = LocalDask(folder / "dask")
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start everything. Skip the test where haproxy is missing."""
        haproxy = find_haproxy()
        self._cluster.up()
        for name in NAMES:
            self.start_server(name)
        addresses = {
            f"GATESVIZ_{name.upper()}": f"127.0.0.1:{port}" for name, port in self._ports.items()
        }
        addresses["GATESVIZ_BIND"] = f"127.0.0.1:{self._proxy_port}"
        config = str(ROOT / "deploy" / "haproxy.cfg")
        self._run("haproxy", [haproxy, "-db", "-f", config], addresses)
        for name in NAMES:
            self._wait(name, f"http://127.0.0.1:{self._ports[name]}")
        self._wait("haproxy", self.url)

    def start_server(self, name: str) -> None:
        """Start an app server. It doesn't wait until it answers."""
        command = [sys.executable, "-m", "streamlit", "run", "app.py"]
        command += ["--server.port", str(self._ports[name]), "--server.address", "127.0.0.1"]
        shared = {
            "GATESVIZ_DATABASE": self._database,
            "GATESVIZ_ENGINE": self._cluster.address,
            "GATESVIZ_RESULTS": str(self._folder / name),
            "STREAMLIT_SERVER_COOKIE_SECRET": "the same on every server",
        }
        self._run(name, command, shared)

    def kill(self, name: str) -> float:
        """Kill a server without a warning. Return the time of `time.monotonic`."""
        self._processes[name].kill()
        at = time.monotonic()
        self._processes.pop(name).wait()
        return at

    def stop(self) -> None:
        """End every process."""
        for process in self._processes.values():
            process.kill()
            process.wait()
        self._cluster.down()

    def cookie(self, name: str) -> dict[str, str]:
        """Return the cookie that keeps a browser on a server, for Playwright."""
        return {"name": "SRV", "value": name, "url": self.url}

    def _run(self, name: str, command: list[str], env: dict[str, str]) -> None:
        with (self._folder / f"{name}.log").open("w") as log:
            self._processes[name] = subprocess.Popen(
                command, cwd=ROOT, env=os.environ | env, stdout=log, stderr=subprocess.STDOUT
            )

    def _wait(self, name: str, url: str) -> None:
        wait_for(url, self._processes[name], self._folder / f"{name}.log")


def newest_run(database: str) -> int:
    """Return how many updates are stored of the run that got furthest."""
    import psycopg

    with psycopg.connect(database.replace("+psycopg", "")) as connection:
        found = connection.execute("SELECT coalesce(max(updates), 0) FROM gv_runs").fetchone()
        return int(found[0]) if found else 0
