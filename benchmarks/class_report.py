"""What the class benchmark prints: waiting times, and what servers and clients used."""

import os
import statistics
import time

import psutil

from benchmarks.class_servers import Servers
from benchmarks.class_student import Student
from benchmarks.streamlit_client import PATIENCE


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
    late = sum(each >= PATIENCE for each in seconds)
    counted = f"; {late} took longer than {PATIENCE:.0f} s" if late else ""
    print(f"{name}: p50 {p50}, p95 {p95}, slowest {worst}, of {len(seconds)}{counted}")
    return cuts[9], cuts[18]


def report_clicks(students: list[Student]) -> tuple[float, float]:
    return report("click to finished run", [each for s in students for each in s.clicks])


def report_fairness(students: list[Student], before: list[int]) -> None:
    """Print Jain's index over the slices that each student saw: 1 if all saw as many."""
    slices = [s.slices - was for s, was in zip(students, before, strict=True)]
    jain = sum(slices) ** 2 / max(1, len(slices) * sum(n * n for n in slices))
    timers = sorted({i for s in students for i in s.client.intervals})
    print(f"{min(slices)} to {max(slices)} slices seen by each, Jain {jain:.3f}; timers {timers} s")
