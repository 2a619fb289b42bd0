"""A known result as a card: its source, its setting, the expected ranges and the outcome."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gatesviz.experiments.experiment import Experiment, Trial
from gatesviz.experiments.result import Machine, Result

Status = Literal["pass", "fail", "not finished", "not run"]
Verdict = Literal[Status, "shown only"]
Values = Mapping[str, tuple[float, ...]]
Results = Mapping[Trial, Result]


@dataclass(frozen=True)
class Band:
    """The expected range of one row.

    Attributes:
        row: the name of the row.
        low, high: the smallest and the largest expected value. Without them the row has no check.
        count: values of a complete row, one for each seed.
    """

    row: str
    low: float = -math.inf
    high: float = math.inf
    count: int = 1

    @property
    def judged(self) -> bool:
        """Whether the row has an expected range."""
        return math.isfinite(self.low) or math.isfinite(self.high)

    def __str__(self) -> str:
        if not self.judged:
            return "no expected range"
        if self.low == self.high:
            return f"{self.low:.6g}"
        if self.high - self.low < 1e-6 * abs(self.high):
            return f"{(self.low + self.high) / 2:.6g}, up to rounding"
        if not math.isfinite(self.low):
            return f"at most {self.high:.6g}"
        if not math.isfinite(self.high):
            return f"at least {self.low:.6g}"
        return f"{self.low:.6g} to {self.high:.6g}"


@dataclass(frozen=True)
class Row:
    """One row of a card: the expected range and the values so far, in order of the seeds."""

    band: Band
    values: tuple[float, ...]

    @property
    def status(self) -> Status:
        """Whether all values are in the expected range. The first value outside makes it "fail"."""
        low, high = self.band.low, self.band.high
        if not all(low <= value <= high for value in self.values if self.band.judged):
            return "fail"
        if len(self.values) >= self.band.count:
            return "pass"
        return "not finished" if self.values else "not run"

    @property
    def verdict(self) -> Verdict:
        """The status; "shown only" for a complete row without an expected range."""
        return "shown only" if self.status == "pass" and not self.band.judged else self.status


@dataclass(frozen=True)
class Outcome:
    """The outcome of a card so far.

    Attributes:
        card: the card.
        rows: the expected range and the values of each row.
        measured: the time of its newest run in UTC, ISO 8601; "" for an exact card.
        machines: the computers that ran it; empty for an exact card.
    """

    card: "Card"
    rows: tuple[Row, ...]
    measured: str = ""
    machines: tuple[Machine, ...] = ()

    @property
    def status(self) -> Status:
        """ "fail" if one row fails; "pass" if every row is complete and passes."""
        statuses = [row.status for row in self.rows]
        if "fail" in statuses:
            return "fail"
        if all(status == "not run" for status in statuses):
            return "not finished" if self.measured else "not run"
        return "pass" if all(status == "pass" for status in statuses) else "not finished"

    def to_dict(self) -> dict[str, Any]:
        """Return the outcome as a dictionary for JSON. A missing limit of a range is None."""
        card = self.card
        return {
            "key": card.key,
            "title": card.title,
            "source": card.source,
            "setting": card.setting,
            "expected": card.expected,
            "not_covered": card.not_covered,
            "status": self.status,
            "rows": [_row_dict(row) for row in self.rows],
            "measured": self.measured,
            "machines": [str(machine) for machine in self.machines],
        }


@dataclass(frozen=True)
class Card:
    """A known result.

    Attributes:
        key: a short name, such as "T3".
        title: the result, as a sentence.
        source: who found it, and a note if we did not check it against the paper.
        setting: what is measured here, exactly.
        expected: the expected result in words; `bands` give it in numbers.
        values: the name and unit of the values.
        bands: the expected range of each row.
        experiments: the runs; empty for an exact card.
        not_covered: what is not measured here, as a sentence, or "".
    """

    key: str
    title: str
    source: str
    setting: str
    expected: str
    values: str
    bands: tuple[Band, ...]
    _measure: Callable[[Results], Values]
    experiments: tuple[Experiment, ...] = ()
    not_covered: str = ""

    @property
    def exact(self) -> bool:
        """Whether the card needs no training."""
        return not self.experiments

    @property
    def trials(self) -> tuple[Trial, ...]:
        """The runs of all experiments."""
        return tuple(trial for experiment in self.experiments for trial in experiment.trials)

    def outcome(self, results: Results | None = None) -> Outcome:
        """Return the outcome from the ``results`` so far. Results of other cards are ignored.

        This call computes an exact card, which takes about a second.
        """
        own = {trial: (results or {})[trial] for trial in self.trials if trial in (results or {})}
        measured = self._measure(own) if own or self.exact else {}
        rows = tuple(Row(band, measured.get(band.row, ())) for band in self.bands)
        when = max((result.measured for result in own.values()), default="")
        machines = dict.fromkeys(result.machine for result in own.values())
        return Outcome(self, rows, when, tuple(machines))


def _row_dict(row: Row) -> dict[str, Any]:
    return {
        "row": row.band.row,
        "low": row.band.low if math.isfinite(row.band.low) else None,
        "high": row.band.high if math.isfinite(row.band.high) else None,
        "values": [value if math.isfinite(value) else None for value in row.values],
        "wanted": row.band.count,
        "status": row.verdict,
    }
