"""Measure how long students wait when a class uses the app at the same time.

The app starts on a loopback port, and 1 to 300 clients speak Streamlit's protocol with it:

- ``train``: all press Start on *Train live* at the same moment, watch, and then click.
- ``look``: all open a page and choose another seed now and then, but train nothing.
- ``guess``: all answer the question of *Feed* again and again, which changes no picture.
- ``lesson``: students arrive one after the other, guess, train, move the slider, and go on.
- ``memory``: all open *Feed*, choose two other seeds and leave, five times. Do it with 200.

No browser draws, so this measures the server. The clients share its machine, and their share of
the cores is printed, too. Run as ``python -m benchmarks.classroom``; it takes about a minute. With
``--mode lesson --save``, the page *For teachers* shows the result.
"""

import argparse
import asyncio
import os
import random
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.class_report import Meter, report, report_clicks, report_fairness
from benchmarks.class_servers import Servers, processor, serving
from benchmarks.class_student import FEED, GRADIENTS, PAUSE, Student, train_link
from benchmarks.streamlit_client import LONGEST, PATIENCE, Client
from gatesviz.ui.teachers.class_sizes import Measured, save

ROOT = Path(__file__).resolve().parents[1]
MOST_SECONDS = 20.0
VISITS = 5
FORGOTTEN = 15.0  # seconds after which the server has let go of those who left


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
    acts = (who.click_now_and_then(seed, pause) for who, pause in clicks)
    await _for_a_while(acts, given.seconds)
    if tabs:
        report("click of the person who floods", [each for tab in tabs for each in tab.clicks])
        await close(tabs)


async def _for_a_while(acts: Iterable[Coroutine[Any, Any, None]], seconds: float) -> None:
    """Let people act at once, and end them after some seconds. The first error is raised."""
    tasks = [asyncio.create_task(act) for act in acts]
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    for error in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(error, Exception):
            raise error


def _visitors(servers: Servers, count: int, page: str, link: dict[str, str]) -> list[Student]:
    """Return ``count`` students who open a page, shared among the servers."""
    return [Student(Client(servers.port(index), page, dict(link))) for index in range(count)]


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
    students = _visitors(servers, given.students, given.page, link)
    await open_all(students, servers)
    meter = Meter(servers, students)
    await clicking(students, given, seed=True)
    meter.report("looking")
    report_clicks(students)
    await close(students)


async def guess(servers: Servers, given: argparse.Namespace) -> None:
    """Let all students answer the question of a page now and then."""
    students = _visitors(servers, given.students, "feed", FEED)
    await open_all(students, servers)
    meter = Meter(servers, students)
    await _for_a_while((student.guess_now_and_then() for student in students), given.seconds)
    meter.report("guessing")
    report_clicks(students)
    await close(students)


async def memory(servers: Servers, given: argparse.Namespace) -> None:
    """Let several classes come, click and leave, and print the memory after each."""
    used = list[float]()
    for number in range(VISITS):
        students = _visitors(servers, given.students, "feed", FEED)
        await open_all(students, servers)
        for seed in range(2):
            clicks = (student.click("Seed", 10 * number + seed + 1) for student in students)
            await asyncio.gather(*clicks)
        await close(students)
        await asyncio.sleep(FORGOTTEN)
        used.append(servers.memory() / 1e6)
        print(f"after {given.students * (number + 1)} have come and gone: {used[-1]:.0f} MB")
    print(f"from the first visit to the last: {used[-1] / used[0] - 1:+.1%}")


async def lesson(servers: Servers, given: argparse.Namespace) -> None:
    """Let all students take a short lesson."""
    students = _visitors(servers, given.students, "feed", {})
    before, meter = servers.memory(), Meter(servers, students)
    pause = given.seconds / 6
    await asyncio.gather(*(s.take_lesson(given.arrival, pause) for s in students))
    share = meter.report("lesson")
    first = report("open to first picture", [s.first_picture or PATIENCE for s in students])
    clicks = report_clicks(students)
    if left := sum(s.left for s in students):
        print(f"{left} of {len(students)} left, because a page was not there after {LONGEST:.0f} s")
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


MODES = {"train": train, "look": look, "guess": guess, "lesson": lesson, "memory": memory}


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
