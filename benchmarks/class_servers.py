"""The server processes of the class benchmark."""

import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass
class Servers:
    """Processes that each serve a part of the class, as behind a proxy."""

    ports: list[int]
    processes: list[psutil.Process]

    def port(self, student: int) -> int:
        """Return the port of the server of the student with this number."""
        return self.ports[student % len(self.ports)]

    def cpu(self) -> float:
        """Return the seconds of processor time that all of them have used."""
        return sum(sum(process.cpu_times()[:2]) for process in self.processes)

    def memory(self) -> int:
        """Return the bytes that all of them use."""
        return sum(process.memory_info().rss for process in self.processes)


def processor() -> str:
    """Return the name of the processor, as the system gives it."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_health(port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return time.sleep(3)  # torch is loaded beside the start
    raise SystemExit("the app did not start")


@contextmanager
def serving(root: Path) -> Iterator[tuple[int, psutil.Process]]:
    """Run the app in ``root`` while the block lasts. Yield its port and its process."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=log) as server,
    ):
        try:
            await_health(port)
            yield port, psutil.Process(server.pid)
        finally:
            server.terminate()
