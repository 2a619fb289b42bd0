"""Running the app as a process of its own."""

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    command: Sequence[str], port: int, folder: Path, log: Path, **env: str
) -> Iterator[str]:
    """Run a server of the app in ``folder`` for as long as the block lasts; yield its address."""
    url = f"http://127.0.0.1:{port}"
    with (
        log.open("w") as out,
        subprocess.Popen(
            command, cwd=folder, env=os.environ | env, stdout=out, stderr=subprocess.STDOUT
        ) as server,
    ):
        try:
            wait_for(url, server, log)
            yield url
        finally:
            server.terminate()
            try:
                server.wait(timeout=15)
            except subprocess.TimeoutExpired:
                server.kill()


def wait_for(url: str, server: "subprocess.Popen[bytes]", log: Path, seconds: float = 90) -> None:
    """Return when the app answers; fail with its log if it ends or stays silent."""
    here = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        try:
            here.open(f"{url}/_stcore/health", timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"no app at {url} after {seconds:.0f} s; it said:\n{log.read_text()}")
