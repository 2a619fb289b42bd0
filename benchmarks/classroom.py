"""Measure a class on *Train live*: thirty clients train and watch at the same time.

The app starts on a loopback port. Each client speaks Streamlit's protocol, starts a run with its
own seed, keeps the page's timer and, in the second half, clicks now and then. No browser draws, so
this measures the server. The clients share its machine, and their share of a core is printed, too.
Run as ``python -m benchmarks.classroom``; it takes less than a minute.
"""

import argparse
import asyncio
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

ROOT = Path(__file__).resolve().parents[1]
LINK = "trcells={cells}&trseed={seed}&trend=10000"
PATIENCE = 20.0  # seconds; a click that takes longer counts as that long
PAUSE = 4.0  # seconds between two clicks of one student
FULL, PART = 0, 3  # how a run of the page ended, in Streamlit's protocol
BUDGET = 15.0  # milliseconds


@dataclass
class Student:
    """One client: what it asks, and what came back."""

    link: str
    address: str
    made: int = 0  # updates of its run that its page has shown
    slices: int = 0  # how often they had grown
    updates: int = 0  # of the page or a part of it
    clicks: list[float] = field(default_factory=list)
    received: int = 0  # bytes
    page: str = ""  # as the server calls it
    intervals: set[float] = field(default_factory=set)
    buttons: dict[str, str] = field(default_factory=dict)

    async def come(self) -> None:
        """Open the page."""
        self._timers: list[asyncio.Task[None]] = []
        self._finished, self._shown = asyncio.Event(), asyncio.Event()
        self._socket = await websockets.connect(
            self.address, subprotocols=["streamlit"], max_size=None, proxy=None
        )
        self._listening = asyncio.create_task(self._listen())
        await self._rerun()

    async def start(self) -> float:
        """Press Start and return the seconds until the page shows a first update of the run."""
        begin = time.perf_counter()
        await self._rerun("Start")
        with suppress(TimeoutError):
            await asyncio.wait_for(self._shown.wait(), PATIENCE)
        return time.perf_counter() - begin

    async def click_now_and_then(self) -> None:
        """Switch the scale of the chart: the whole page is drawn again."""
        await asyncio.sleep(random.uniform(0, PAUSE))
        while True:
            begin = time.perf_counter()
            await self._rerun("Logarithmic loss axis")
            self.clicks.append(time.perf_counter() - begin)
            await asyncio.sleep(PAUSE)

    async def go(self) -> None:
        """Close the page."""
        self._listening.cancel()
        self._stop_timers()
        await self._socket.close()

    async def _rerun(self, label: str = "") -> None:
        self._stop_timers()
        self._finished.clear()
        message = self._message()
        if label:
            widget = message.rerun_script.widget_states.widgets.add()
            widget.id = self.buttons[label]
            field_name = "trigger_value" if label == "Start" else "bool_value"
            setattr(widget, field_name, label == "Start" or len(self.clicks) % 2 == 0)
        await self._socket.send(message.SerializeToString())
        with suppress(TimeoutError):
            await asyncio.wait_for(self._finished.wait(), PATIENCE)

    def _message(self) -> BackMsg:
        message = BackMsg()
        message.rerun_script.query_string = self.link
        if self.page:
            message.rerun_script.page_script_hash = self.page
        else:
            message.rerun_script.page_name = "train"
        return message

    async def _listen(self) -> None:
        async for data in self._socket:
            self.received += len(data)
            message = ForwardMsg.FromString(data)
            kind = message.WhichOneof("type")
            if kind == "delta":
                self._see(message.delta.new_element)
            elif kind == "navigation":  # the whole page is drawn again: its old timers are over
                self._stop_timers()
                self.page = message.navigation.page_script_hash
            elif kind == "auto_rerun":
                timer = self._tick(message.auto_rerun.interval, message.auto_rerun.fragment_id)
                self._timers.append(asyncio.create_task(timer))
            elif kind == "script_finished":
                self.updates += message.script_finished in (FULL, PART)
                if message.script_finished == FULL:
                    self._finished.set()

    def _see(self, element: "object") -> None:
        kind = element.WhichOneof("type")
        if kind in ("button", "checkbox"):
            widget = getattr(element, kind)
            self.buttons[widget.label] = widget.id
        elif kind == "bidi_component" and element.bidi_component.component_name.endswith("curves"):
            data = json.loads(element.bidi_component.json)
            if "charts" in data:
                self.slices += data["charts"][0]["made"] > self.made
                self.made = data["charts"][0]["made"]
                if self.made:
                    self._shown.set()

    async def _tick(self, interval: float, fragment: str) -> None:
        self.intervals.add(interval)
        message = self._message()
        message.rerun_script.fragment_id, message.rerun_script.is_auto_rerun = fragment, True
        while True:
            await asyncio.sleep(interval)
            await self._socket.send(message.SerializeToString())

    def _stop_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()


class Meter:
    """What the server and the clients used between two moments."""

    def __init__(self, server: int, students: list[Student]) -> None:
        self._processes = psutil.Process(server), psutil.Process()
        self._students = students
        self._begin, self._before = time.perf_counter(), self._now()

    def _now(self) -> list[float]:
        used = [sum(process.cpu_times()[:2]) for process in self._processes]
        counts = [(s.updates, s.received, len(s.clicks)) for s in self._students]
        return [*used, *map(sum, zip(*counts, strict=True))]

    def tell(self, name: str) -> None:
        seconds = time.perf_counter() - self._begin
        server, own, parts, received, clicks = (
            now - was for now, was in zip(self._now(), self._before, strict=True)
        )
        runs = max(1.0, parts)
        milliseconds, rate = server / runs * 1e3, parts / seconds / len(self._students)
        verdict = "within" if milliseconds <= BUDGET else "OVER"
        print(f"{name}: {rate:.2f} page updates a second each, {clicks:.0f} clicks")
        print(f"  server {server / seconds:.0%} of a core, clients {own / seconds:.0%};", end=" ")
        print(
            f"{received / runs / 1e3:.0f} kB and {milliseconds:.1f} ms a drawing: {verdict} budget"
        )


def report(name: str, seconds: list[float]) -> None:
    cuts = statistics.quantiles(seconds, n=20) if len(seconds) > 1 else seconds * 19
    print(f"{name}: p50 {cuts[9] * 1e3:.0f} ms, p95 {cuts[18] * 1e3:.0f} ms of {len(seconds)}")


async def lesson(port: int, server: int, count: int, seconds: float, cells: str) -> None:
    """Open a page for each student, start a training, watch it and click."""
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    students = [Student(LINK.format(cells=cells, seed=k), address) for k in range(count)]
    for student in students:
        await student.come()
    first = await asyncio.gather(*(student.start() for student in students))
    report("click on Start to a first point, all at the same moment", list(first))
    before = [student.slices for student in students]
    meter = Meter(server, students)
    await asyncio.sleep(seconds)
    meter.tell("watching")
    meter = Meter(server, students)
    clicking = [asyncio.create_task(student.click_now_and_then()) for student in students]
    await asyncio.sleep(seconds)
    meter.tell("watching and clicking")
    for task in clicking:
        task.cancel()
    report("click to finished run", [click for s in students for click in s.clicks])
    slices = [s.slices - was for s, was in zip(students, before, strict=True)]
    jain = sum(slices) ** 2 / max(1, len(slices) * sum(n * n for n in slices))
    timers = sorted({i for s in students for i in s.intervals})
    print(f"{min(slices)} to {max(slices)} slices seen by each, Jain {jain:.3f}; timers {timers} s")
    await asyncio.gather(*(student.go() for student in students))


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=30, choices=range(1, 61), metavar="1-60")
    parser.add_argument("--seconds", type=float, default=12.0, help="of each half, 20 at most")
    parser.add_argument("--cells", default="LSTM", help="as the page names them")
    given = parser.parse_args()
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {given.students} students")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log) as server,
    ):
        try:
            await_health(port)
            seconds = min(given.seconds, 20.0)
            asyncio.run(lesson(port, server.pid, given.students, seconds, given.cells))
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
