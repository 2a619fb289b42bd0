"""How long a class waits, as measured: the benchmark writes this, and the page reads it."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from math import ceil
from pathlib import Path

FILE = Path(__file__).with_name("measured.json")
AT_ONCE = 1.0
"""Seconds that most clicks may take until a class notices that it waits."""
LOAD = 0.7
"""The share of a core that a copy of the app may use. Above it, clicks wait much longer."""
OTHER_WORK = 0.5
"""The load above which a machine had other work."""
LESSON = "We simulated a lesson in which {} students each train a model."


@dataclass(frozen=True)
class Measured:
    """One lesson with many students, as `benchmarks/classroom.py` measured it.

    Attributes:
        students: how many took it at the same time, each in a tab of their own.
        day: when it was measured, as 2026-11-29.
        processor, cores: of the machine that ran the server and all students.
        load: processes that wanted a core before the measurement began. More than 0 means that
            the machine had other work.
        first_p50, first_p95: seconds from opening the app to its first picture, the median and the
            95th percentile.
        click_p50, click_p95: seconds from a click to the finished page.
        server: the server's share of one core.
    """

    students: int
    day: str
    processor: str
    cores: int
    load: float
    first_p50: float
    first_p95: float
    click_p50: float
    click_p95: float
    server: float

    @property
    def busy(self) -> bool:
        """Whether the machine had other work, so that its figures say little."""
        return self.load > OTHER_WORK

    @property
    def quick(self) -> bool:
        """Whether 95 of 100 clicks are answered within `AT_ONCE`."""
        return self.click_p95 <= AT_ONCE


def measurements(path: Path = FILE) -> tuple[Measured, ...]:
    """Return the stored measurements, the smallest class first."""
    rows = json.loads(path.read_text("utf-8")) if path.exists() else []
    return tuple(sorted((Measured(**row) for row in rows), key=lambda one: one.students))


def save(new: Measured, path: Path = FILE) -> Path:
    """Store a measurement in the place of an earlier one for as many students."""
    kept = [one for one in measurements(path) if one.students != new.students]
    rows = sorted([*kept, new], key=lambda one: one.students)
    path.write_text(json.dumps([asdict(one) for one in rows], indent=1) + "\n", "utf-8")
    return path


def describe(one: Measured) -> str:
    """Return the result in one sentence or two. On a busy machine, waiting times say nothing."""
    if one.busy:
        share = f"{one.server * 100:.0f} %"
        return f"{LESSON.format(one.students)} It used {share} of one core of the server."
    return (
        f"{LESSON.format(one.students)} A page showed its first chart or player after"
        f" {seconds(one.first_p50)} (median). The app answered a click in"
        f" {seconds(one.click_p50)} (median), and 95 of 100 clicks in at most"
        f" {seconds(one.click_p95)}."
    )


def estimate(people: int, one: Measured) -> str:
    """Return how much of a core a class needs, from the measurement of another class."""
    each = one.server / one.students
    servers = ceil(each * people / LOAD)
    many = "1 copy on 1 core" if servers == 1 else f"{servers} copies on {servers} cores"
    return (
        f"We didn't measure {people} students. If all train, we expect {each * people:.1f} cores"
        f" ({each * 100:.2f} % of a core each, as in the class of {one.students}). A copy of the"
        f" app stays fast up to {LOAD * 100:.0f} % of a core, so start {many}."
    )


def describe_machine(one: Measured) -> str:
    """Return when and on which machine it was measured."""
    day = date.fromisoformat(one.day)
    busy = " The machine had other work at the same time, so we give no waiting times."
    return (
        f"Measured on {day.day} {day:%B %Y} on {one.cores} cores ({one.processor}). The simulated"
        f" students shared these cores with the server.{busy if one.busy else ''}"
    )


def seconds(value: float) -> str:
    """Return a time with its unit and two digits: 85 ms, 250 ms, 1.2 s, 16 s."""
    if value < 0.995:
        return f"{float(f'{value * 1000:.2g}'):.0f} ms"
    return f"{value:.2g} s" if value < 10 else f"{value:.0f} s"
