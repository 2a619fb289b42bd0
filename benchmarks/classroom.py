"""Measure how long students wait when a class uses the app at the same time.

The app starts on a loopback port, and 1 to 300 clients speak Streamlit's protocol with it:

- ``train``: all press Start on *Train live* at the same moment, watch, and then click.
- ``look``: all open a page and choose another seed now and then, but train nothing.
- ``lesson``: students arrive one after the other, guess, train, move the slider, and go on.

No browser draws, so this measures the server. The clients share its machine, and their share of
the cores is printed, too. Run as ``python -m benchmarks.classroom``; it takes about a minute. With
``--mode lesson --save``, the page *For teachers* shows the result.
"""

import argparse
import asyncio
import json
import os
import platform
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import psutil

from benchmarks.streamlit_client import PATIENCE, Client
from gatesviz.ui.teachers.class_sizes import Measured, save

ROOT = Path(__file__).resolve().parents[1]
PAUSE = 4.0  # seconds between two clicks of one student
MOST_SECONDS = 20.0
FEED, GRADIENTS = {"weights": "fresh"}, {"grw": "fresh"}
SEED, LOG, START, AT = "Seed", "Logarithmic loss axis", "Start", "After update"
PICTURES = ("bidi_component", "plotly_chart")


@dataclass
class Student:
    """One person with one tab, and what they waited for, in seconds."""

    client: Client
    made: int = 0  # updates of the run on screen
    slices: int = 0  # how often they had grown
    first_picture: float = 0.0
    clicks: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client.saw = self._see
        self._trained = asyncio.Event()
        self._begin = 0.0

    async def come(self) -> None:
        """Open the page."""
        self._begin = time.perf_counter()
        await self.client.open()

    async def start(self) -> float:
        """Press Start and return the seconds until the page shows a first update of the run."""
        begin = time.perf_counter()
        await self.client.click(START)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._trained.wait(), PATIENCE)
        return time.perf_counter() - begin

    async def click(self, label: str, value: Any) -> None:
        """Set a widget."""
        self.clicks.append(await self.client.click(label, value))

    async def click_now_and_then(self, seed: bool, pause: float = PAUSE) -> None:
        """Choose another seed, or switch the scale of the chart, until cancelled."""
        await asyncio.sleep(random.uniform(0, pause))
        number = random.randrange(9_000)
        while True:
            number += 1
            await self.click(*((SEED, number) if seed else (LOG, number % 2 == 0)))
            await asyncio.sleep(pause)

    async def take_lesson(self, arrival: float, pause: float) -> None:
        """Arrive, guess, train, move the slider, and look at the next page."""
        await asyncio.sleep(random.uniform(0, arrival))
        await self.come()
        await self._guess(pause)
        self.clicks.append(await self.client.go("train", train_link(random.randrange(9_000))))
        await self._guess(pause)
        await self.start()
        await asyncio.sleep(pause)
        if self.client.has("Pause"):
            await self.click("Pause", True)
        for share in (0.25, 0.5, 0.75):
            await asyncio.sleep(random.uniform(0, pause))
            if self.client.has(AT):
                await self.click(AT, int(share * self.made))
        self.clicks.append(await self.client.go("gradients", dict(GRADIENTS)))
        await self._guess(pause)

    async def _guess(self, pause: float) -> None:
        await asyncio.sleep(random.uniform(0, pause))
        asked = [label for label in self.client.labels("button_group") if "?" in label]
        if asked:
            await self.click(asked[0], random.choice(self.client.options(asked[0])))

    def _see(self, element: Any) -> None:
        kind = element.WhichOneof("type")
        if kind in PICTURES and not self.first_picture:
            named = kind == "bidi_component" and element.bidi_component.component_name
            if named is False or not named.endswith("parts"):
                self.first_picture = time.perf_counter() - self._begin
        if kind == "bidi_component" and element.bidi_component.component_name.endswith("curves"):
            data = json.loads(element.bidi_component.json)
            if "charts" in data:
                self.slices += data["charts"][0]["made"] > self.made
                self.made = data["charts"][0]["made"]
                if self.made:
                    self._trained.set()


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


class Meter:
    """What the servers and the clients used between two moments."""

    def __init__(self, servers: Servers, students: list[Student]) -> None:
        self._servers, self._own, self._students = servers, psutil.Process(), students
        self._begin, self._before = time.perf_counter(), self._now()

    def _now(self) -> list[float]:
        clients = [student.client for student in self._students]
        used = [self._servers.cpu(), sum(self._own.cpu_times()[:2])]
        return [*used, *(sum(getattr(c, name) for c in clients) for name in ("runs", "received"))]

    def report(self, name: str) -> float:
        """Print what was used, and return the server's share of one core."""
        seconds = time.perf_counter() - self._begin
        server, own, runs, received = (
            now - was for now, was in zip(self._now(), self._before, strict=True)
        )
        cores, runs = os.cpu_count() or 1, max(1.0, runs)
        print(
            f"{name}: {runs / seconds:.0f} interactions a second, timers included;"
            f" {server / runs * 1e3:.1f} ms of the servers and {received / runs / 1e3:.1f} kB each"
        )
        print(
            f"  servers {server / seconds:.0%} of one core, clients {own / seconds:.0%}"
            f" ({own / seconds / cores:.0%} of {cores} cores)"
        )
        return server / seconds


def report(name: str, seconds: list[float]) -> tuple[float, float]:
    """Print the median, the 95th percentile and the largest. Return the first two, in seconds."""
    if not seconds:
        print(f"{name}: nothing finished")
        return PATIENCE, PATIENCE
    several = len(seconds) > 1
    cuts = statistics.quantiles(seconds, n=20, method="inclusive") if several else seconds * 19
    p50, p95, worst = (f"{each * 1e3:.0f} ms" for each in (cuts[9], cuts[18], max(seconds)))
    print(f"{name}: p50 {p50}, p95 {p95}, slowest {worst}, of {len(seconds)}")
    return cuts[9], cuts[18]


def report_clicks(students: list[Student]) -> tuple[float, float]:
    return report("click to finished run", [each for s in students for each in s.clicks])


def report_fairness(students: list[Student], before: list[int]) -> None:
    """Print Jain's index over the slices that each student saw: 1 if all saw as many."""
    slices = [s.slices - was for s, was in zip(students, before, strict=True)]
    jain = sum(slices) ** 2 / max(1, len(slices) * sum(n * n for n in slices))
    timers = sorted({i for s in students for i in s.client.intervals})
    print(f"{min(slices)} to {max(slices)} slices seen by each, Jain {jain:.3f}; timers {timers} s")


def train_link(seed: int) -> dict[str, str]:
    return {"trcells": "LSTM", "trseed": str(seed), "trend": "10000"}


async def open_all(students: list[Student], servers: Servers) -> None:
    """Open all pages within a few seconds, and print how long that took and its memory."""
    before = servers.memory()
    waits = (min(len(students) / 20, 10.0) * random.random() for _ in students)
    await asyncio.gather(*(_after(wait, s.come) for wait, s in zip(waits, students, strict=True)))
    each = (servers.memory() - before) / len(students) / 1e6
    report("open to first picture", [s.first_picture or PATIENCE for s in students])
    print(f"memory: {each:.1f} MB for each session")


async def _after(seconds: float, act: Callable[[], Awaitable[None]]) -> None:
    await asyncio.sleep(seconds)
    await act()


async def clicking(students: list[Student], given: argparse.Namespace, seed: bool) -> None:
    """Let all students click now and then, and a further person as fast as they can."""
    first = students[0].client
    tabs = [Student(Client(first.port, first.page, dict(first.link))) for _ in range(given.flood)]
    for tab in tabs:
        tab.client.cookie = tabs[0].client.cookie
        await tab.come()
    clicks = [(student, PAUSE) for student in students] + [(tab, 0.0) for tab in tabs]
    tasks = [asyncio.create_task(who.click_now_and_then(seed, pause)) for who, pause in clicks]
    await asyncio.sleep(given.seconds)
    for task in tasks:
        task.cancel()
    for error in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(error, Exception):
            raise error
    if tabs:
        report("click of the person who floods", [each for tab in tabs for each in tab.clicks])
        await close(tabs)


async def train(servers: Servers, given: argparse.Namespace) -> None:
    """Let all students train, watch and click."""
    cells = {"trcells": given.cells}
    links = [train_link(seed) | cells for seed in range(given.students)]
    students = [
        Student(Client(servers.port(index), "train", link)) for index, link in enumerate(links)
    ]
    await open_all(students, servers)
    first = await asyncio.gather(*(student.start() for student in students))
    report("Start to a first point, all at the same moment", list(first))
    before, meter = [student.slices for student in students], Meter(servers, students)
    await asyncio.sleep(given.seconds)
    meter.report("watching")
    meter = Meter(servers, students)
    await clicking(students, given, seed=False)
    meter.report("watching and clicking")
    report_clicks(students)
    report_fairness(students, before)
    await close(students)


async def look(servers: Servers, given: argparse.Namespace) -> None:
    """Let all students look at one page and choose another seed now and then."""
    link = FEED if given.page == "feed" else GRADIENTS
    students = [
        Student(Client(servers.port(index), given.page, dict(link)))
        for index in range(given.students)
    ]
    await open_all(students, servers)
    meter = Meter(servers, students)
    await clicking(students, given, seed=True)
    meter.report("looking")
    report_clicks(students)
    await close(students)


async def lesson(servers: Servers, given: argparse.Namespace) -> None:
    """Let all students take a short lesson."""
    students = [Student(Client(servers.port(index), "feed", {})) for index in range(given.students)]
    before, meter = servers.memory(), Meter(servers, students)
    pause = given.seconds / 6
    await asyncio.gather(*(s.take_lesson(given.arrival, pause) for s in students))
    share = meter.report("lesson")
    first = report("open to first picture", [s.first_picture or PATIENCE for s in students])
    clicks = report_clicks(students)
    each = (servers.memory() - before) / len(students) / 1e6
    print(f"memory: {each:.1f} MB for each session")
    await close(students)
    if given.save:
        path = save(
            Measured(
                given.students, date.today().isoformat(), processor(), os.cpu_count() or 1,
                given.load, *(round(one, 3) for one in (*first, *clicks, share)),
            )
        )  # fmt: skip
        print(f"saved in {path}")


async def close(students: list[Student]) -> None:
    await asyncio.gather(*(student.client.close() for student in students))


MODES = {"train": train, "look": look, "lesson": lesson}


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


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--students", type=int, default=30, choices=range(1, 301), metavar="1-300")
    parser.add_argument("--mode", choices=MODES, default="train")
    parser.add_argument("--page", choices=("feed", "gradients"), default="feed", help="to look at")
    parser.add_argument(
        "--servers",
        type=int,
        default=1,
        choices=range(1, 9),
        metavar="1-8",
        help="processes that share the class",
    )
    parser.add_argument("--seconds", type=float, default=12.0, help="of each part, 20 at most")
    parser.add_argument("--arrival", type=float, default=60.0, help="seconds until all are there")
    parser.add_argument(
        "--flood",
        type=int,
        default=0,
        choices=range(51),
        metavar="0-50",
        help="tabs of one more person, who clicks as fast as they can",
    )
    parser.add_argument("--cells", default="LSTM", help="as the page Train live names them")
    parser.add_argument("--app", type=Path, default=ROOT, help="folder of another version")
    parser.add_argument("--save", action="store_true", help="a lesson's result for the app")
    given = parser.parse_args()
    if given.save and given.mode != "lesson":
        parser.error("--save needs --mode lesson")
    given.seconds = min(given.seconds, MOST_SECONDS)
    given.load = round(os.getloadavg()[0], 1)
    print(
        f"{os.cpu_count()} cores, load {given.load}; {given.students} students, {given.mode},"
        f" {given.servers} server process{'es' if given.servers > 1 else ''}"
    )
    with ExitStack() as stack:
        found = [stack.enter_context(serving(given.app)) for _ in range(given.servers)]
        servers = Servers([port for port, _ in found], [process for _, process in found])
        asyncio.run(MODES[given.mode](servers, given))


if __name__ == "__main__":
    main()
