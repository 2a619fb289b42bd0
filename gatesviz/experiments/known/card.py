"""A known result as plain data: what was found where, what must come out here, and what did."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gatesviz.experiments.experiment import Experiment, Trial
from gatesviz.experiments.result import Machine, Result

Status = Literal["pass", "fail", "not finished", "not run"]
Measured = Mapping[str, tuple[float, ...]]
Found = Mapping[Trial, Result]


@dataclass(frozen=True)
class Band:
    """Where every value of one row must lie.

    Attributes:
        row: whose, as a table names it.
        low, high: the smallest and the largest value that is expected; without bounds the row is
            only shown.
        wanted: how many values it has when it is complete, one for each seed.
    """

    row: str
    low: float = -math.inf
    high: float = math.inf
    wanted: int = 1

    @property
    def judged(self) -> bool:
        """Whether anything is expected."""
        return math.isfinite(self.low) or math.isfinite(self.high)

    def __str__(self) -> str:
        if not self.judged:
            return "shown only"
        if self.low == self.high:
            return f"{self.low:.6g}"
        if self.high - self.low < 1e-6 * abs(self.high):
            return f"{(self.low + self.high) / 2:.6g}, but for rounding"
        if not math.isfinite(self.low):
            return f"at most {self.high:.6g}"
        if not math.isfinite(self.high):
            return f"at least {self.low:.6g}"
        return f"{self.low:.6g} to {self.high:.6g}"


@dataclass(frozen=True)
class Row:
    """One line of a card: what is expected, and every value so far, in order of the seeds."""

    band: Band
    values: tuple[float, ...]

    @property
    def status(self) -> Status:
        """Whether all values lie in the band. One that does not is a fail at once."""
        low, high = self.band.low, self.band.high
        if not all(low <= value <= high for value in self.values if self.band.judged):
            return "fail"
        if len(self.values) >= self.band.wanted:
            return "pass"
        return "not finished" if self.values else "not run"


@dataclass(frozen=True)
class Outcome:
    """What a card came to so far.

    Attributes:
        card: whose.
        rows: expected and found.
        measured: when the newest of its runs was, in UTC as ISO 8601; "" for what is exact.
        machines: on what its runs were measured; empty for what is exact.
    """

    card: "Card"
    rows: tuple[Row, ...]
    measured: str = ""
    machines: tuple[Machine, ...] = ()

    @property
    def status(self) -> Status:
        """ "fail" as soon as one row does; "pass" only if every row is complete and does."""
        statuses = [row.status for row in self.rows]
        if "fail" in statuses:
            return "fail"
        if all(status == "not run" for status in statuses):
            return "not finished" if self.measured else "not run"
        return "pass" if all(status == "pass" for status in statuses) else "not finished"

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it; a bound that is not there is None."""
        card = self.card
        return {
            "key": card.key,
            "title": card.title,
            "source": card.source,
            "setting": card.setting,
            "expected": card.expected,
            "not_covered": card.not_covered,
            "status": self.status,
            "rows": [_plain(row) for row in self.rows],
            "measured": self.measured,
            "machines": [str(machine) for machine in self.machines],
        }


@dataclass(frozen=True)
class Card:
    """A known result.

    Attributes:
        key: "T3".
        title: what is claimed, in a sentence.
        source: who found it, and how sure we are of that.
        setting: exactly what is measured here.
        expected: what must come out, in words; `bands` say it in numbers.
        values: what the numbers are.
        bands: one for each row.
        experiments: its runs; empty where it is computed at once.
        not_covered: what of the known result is not measured, a sentence, or "".
    """

    key: str
    title: str
    source: str
    setting: str
    expected: str
    values: str
    bands: tuple[Band, ...]
    _measure: Callable[[Found], Measured]
    experiments: tuple[Experiment, ...] = ()
    not_covered: str = ""

    @property
    def exact(self) -> bool:
        """Whether it is computed at once, without training."""
        return not self.experiments

    @property
    def trials(self) -> tuple[Trial, ...]:
        """All its runs."""
        return tuple(trial for experiment in self.experiments for trial in experiment.trials)

    def outcome(self, results: Found | None = None) -> Outcome:
        """Return what it came to with the ``results`` so far; others than its own do no harm.

        An exact card is computed by this call, within a second or so.
        """
        known = {trial: (results or {})[trial] for trial in self.trials if trial in (results or {})}
        measured = self._measure(known) if known or self.exact else {}
        rows = tuple(Row(band, measured.get(band.row, ())) for band in self.bands)
        when = max((result.measured for result in known.values()), default="")
        machines = dict.fromkeys(result.machine for result in known.values())
        return Outcome(self, rows, when, tuple(machines))


def _plain(row: Row) -> dict[str, Any]:
    return {
        "row": row.band.row,
        "low": row.band.low if math.isfinite(row.band.low) else None,
        "high": row.band.high if math.isfinite(row.band.high) else None,
        "values": [value if math.isfinite(value) else None for value in row.values],
        "wanted": row.band.wanted,
        "status": row.status,
    }
