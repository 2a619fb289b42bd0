"""Dates in a column: their values, their order and whether they are evenly spaced."""

import re
from collections import Counter
from collections.abc import Mapping
from collections.abc import Sequence as Ordered
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatesviz.sequences.columns import is_missing

Times = NDArray[np.datetime64]

_MONTH_WORDS = (  # English, German, French, Spanish, Italian, Portuguese, Dutch
    "january|february|march|april|may|june|july|august|september|october|november|december"
    "|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec"
    "|januar|februar|märz|maerz|mai|juni|juli|oktober|dezember|mär|mrz|okt|dez"
    "|janvier|février|fevrier|mars|avril|juin|juillet|août|aout|septembre|octobre|novembre"
    "|décembre|decembre|janv|févr|fevr|avr|juil|déc"
    "|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
    "|ene|abr|dic|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre"
    "|janeiro|fevereiro|março|marco|maio|junho|julho|setembro|outubro|novembro|dezembro|fev"
    "|januari|februari|maart|mei|augustus|mrt"
)
_PERIOD = r"year|quarter|month|week|day|hour|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|satur|sun)day"
_BEGINS = re.compile(
    r"[0-9]{4}-[0-9]{1,2}\b|[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}\b"
    rf"|[0-9]{{1,2}}[ -](?:{_MONTH_WORDS})\b|(?:{_MONTH_WORDS}|{_PERIOD})\.?[ -][0-9]",
    re.IGNORECASE,
)
_ALONE = re.compile(
    rf"(?:{_MONTH_WORDS}|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|satu?r?|sun)(?:day)?)\.?",
    re.IGNORECASE,
)
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_DAYS = (
    *("%Y/%m/%d", "%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m/%d/%y"),
    *("%d-%m-%Y", "%m-%d-%Y", "%d-%m-%y", "%m-%d-%y"),
    *("%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y"),
    *("%b %Y", "%B %Y", "%b-%y", "%b-%Y"),
)
PARTS = ("year", "month", "day", "hour", "minute")
"""Columns that together make up a date."""
TIME_NAMES = frozenset({"date", "datetime", "time", "timestamp", "unix", "epoch", "ts"})
DATE_NAMES = TIME_NAMES | {"day", "month", "year"}
"""Names of columns that label the rows by dates."""


@dataclass(frozen=True, eq=False)
class Order:
    """The order of the dates of the rows.

    Attributes:
        reverse: whether the newest comes first.
        notes: sentences about their order, repeated dates and uneven steps.
    """

    reverse: bool
    notes: tuple[str, ...]


def looks_like_dates(cells: Ordered[str]) -> bool:
    """Return whether every cell that is not missing begins like a date."""
    return all(_BEGINS.match(cell) or is_missing(cell) for cell in cells) and not all(
        map(is_missing, cells)
    )


def names_times(cells: Ordered[str]) -> bool:
    """Return whether every cell is the name of a month or a day, such as Jan."""
    return all(map(_ALONE.fullmatch, cells))


def order(cells: Ordered[str], rows: Ordered[int]) -> Order:
    """Return the order of a column of dates, without notes if they cannot be read as dates.

    Where day and month can be exchanged in every date (03/04/2020), the reading with the dates in
    order is used. If both readings are in order, the one with even steps is used.

    Args:
        cells: the column.
        rows: the row number of each cell.
    """
    readings = _readings(cells)
    if not readings:
        return Order(False, ())
    (name, times), *others = sorted(readings.items(), key=lambda each: _disorder(each[1]))
    found = order_of(times, rows)
    if not others:
        return found
    other, its = others[0]
    if _disorder(its)[0] == 0 and order_of(its, rows).reverse != found.reverse:
        note = f"Dates like “{cells[0]}” can be read as {name} or as {other}."
        return Order(False, (f"{note} The rows are used in the order of the file.",))
    note = f"Dates like “{cells[0]}” can be read as {name} or as {other}. The first was used."
    return Order(found.reverse, (note, *found.notes))


def order_of(times: Times, rows: Ordered[int]) -> Order:
    """Return the order of times (rows,), which are compared in their own unit."""
    steps = np.diff(times).astype(np.int64)
    if not len(steps) or (steps == 0).all():
        return Order(False, ())
    if (steps <= 0).all():
        return Order(True, (_NEWEST_FIRST, *_irregularities(times[::-1], rows[::-1])))
    if (steps < 0).any():
        row = rows[int((steps < 0).argmax()) + 1]
        note = f"The dates are not in order (row {row:,} is earlier than the row before it)."
        return Order(False, (f"{note} The rows are used in the order of the file.",))
    return Order(False, _irregularities(times, rows))


def from_parts(parts: Mapping[str, NDArray[np.float64]]) -> Times | None:
    """Return the times given by columns called year, month, …, or None if they give none.

    Args:
        parts: columns (rows,) by their names in `PARTS`.
    """
    import pandas

    if "year" not in parts:
        return None
    table = {name: parts.get(name, np.ones(len(parts["year"]))) for name in PARTS[:3]}
    table |= {name: parts[name] for name in PARTS[3:] if name in parts}
    try:
        times: Times = pandas.to_datetime(pandas.DataFrame(table)).to_numpy()
    except (ValueError, OverflowError):
        return None
    return times


def month_numbers(cells: Ordered[str]) -> NDArray[np.float64] | None:
    """Return the months of English names (Dec, December) as 1 to 12; None if a cell is none."""
    found = {cell: _MONTHS.get(cell.lower().rstrip(".")) for cell in {*cells}}
    if None in found.values():
        return None
    return np.array([found[cell] for cell in cells], np.float64)


def from_numbers(values: NDArray[np.float64], *, named: bool) -> Times | None:
    """Return the times of a column of numbers: dates such as 20201231, or Unix timestamps.

    Unix timestamps are seconds or milliseconds since 1970. Unless the column is ``named`` as a
    time, numbers are dates only if all rise or all fall, and timestamps only if they also have one
    step of a clock (`_ticks`). Return None if the numbers are neither.
    """
    if not len(values) or not np.isfinite(values).all():
        return None
    low, high = values.min(), values.max()
    if low < 0 or high >= 1_000 * _LATEST:
        return None
    fractions = not (values == np.floor(values)).all()
    whole = values.astype(np.int64)
    if low >= 1900_01_01 and high <= 2100_12_31 and not fractions:
        return _calendar_days(whole) if named or _one_way(whole) else None
    for unit, size in (("s", 1), ("ms", 1_000)):
        if not _EARLIEST * size <= low <= high < _LATEST * size:
            continue
        if not named and (fractions or not _ticks(whole, size)):
            return None
        if fractions:  # in microseconds, which float64 still tells apart
            whole, unit = np.rint(values * (1_000_000 // size)).astype(np.int64), "us"
        times: Times = whole.astype(f"datetime64[{unit}]")
        return times
    return None


def _ticks(stamps: NDArray[np.int64], second: int) -> bool:
    """Return whether numbers rise or fall by one step of a clock, such as 5 minutes or 1 day.

    Prices and populations may fall evenly, too, so at least `_TICKS` are needed.

    Args:
        stamps: seconds, or milliseconds.
        second: how many of them make a second.
    """
    if len(stamps) < _TICKS or np.ptp(np.diff(stamps)):
        return False
    step, left = divmod(abs(int(stamps[1] - stamps[0])), second)
    if left or not 60 <= step <= 7 * 86_400 or step % 60:
        return False
    return 86_400 % step == 0 or step % 86_400 == 0


def _one_way(values: NDArray[np.int64]) -> bool:
    steps = np.diff(values)
    return len(steps) > 1 and bool((steps > 0).all() or (steps < 0).all())


def _calendar_days(whole: NDArray[np.int64]) -> Times | None:
    """Return the dates of numbers like 20201231; None if one is no date."""
    years, months, days = whole // 10_000, whole // 100 % 100, whole % 100
    if not ((months >= 1) & (months <= 12) & (days >= 1) & (days <= 31)).all():
        return None
    month: Times = (12 * (years - 1970) + months - 1).astype("datetime64[M]")
    found: Times = month.astype("datetime64[D]") + (days - 1).astype("timedelta64[D]")
    return found if (found.astype("datetime64[M]") == month).all() else None


_EARLIEST, _LATEST = 5e8, 4.2e9  # seconds: the years 1985 and 2103
_TICKS = 8  # rows from which a column without a time's name can hold timestamps
_UNITS = {
    "day": 86_400 * 10**9,
    "hour": 3_600 * 10**9,
    "minute": 60 * 10**9,
    "second": 10**9,
    "millisecond": 10**6,
    "microsecond": 1_000,
    "nanosecond": 1,
}
_NANOSECONDS = dict(zip(("D", "h", "m", "s", "ms", "us", "ns"), _UNITS.values(), strict=True))
_NAMES = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTHS = {key: number for number, name in enumerate(_NAMES, 1) for key in (name, name[:3])}
_MONTHS["sept"] = 9
_NEWEST_FIRST = "The dates ran from the newest to the oldest, so the rows were reversed."


def labels_of(times: Times, parts: Ordered[str]) -> list[str]:
    """Return times as text, to the precision of the last of their ``parts``."""
    unit = {"year": "Y", "month": "M", "day": "D", "hour": "h", "minute": "m"}[parts[-1]]
    ends = ":00" if unit == "h" else ""
    texts = np.datetime_as_string(times.astype(f"datetime64[{unit}]"))
    return [text.replace("T", " ") + ends for text in texts.tolist()]


def _readings(cells: Ordered[str]) -> dict[str, Times]:
    """Return each way to read the cells as dates, by its name."""
    import pandas

    if not cells or not all(_BEGINS.match(cell) for cell in cells):
        return {}
    iso = re.match(r"\d{4}-", cells[0]) is not None
    first = "" if iso else next((c for c in _CLOCKS if _fits(cells[0], c)), "")
    formats = ["ISO8601"] if iso else [day + first for day in _DAYS]
    found: dict[str, Times] = {}
    for form in formats:
        try:
            times = pandas.to_datetime(pandas.Series(cells), format=form, utc=True)
        except (ValueError, OverflowError):
            continue
        found[_in_words(form)] = times.dt.tz_localize(None).to_numpy()
    return found


def _fits(cell: str, clock: str) -> bool:
    colons = clock.count(":")
    return cell.count(":") == colons and clock.endswith("p") == cell.lower().endswith("m")


def _in_words(form: str) -> str:
    if form == "ISO8601":
        return "year, month, day"
    letters = {"%d": "day", "%m": "month", "%b": "month", "%B": "month", "%Y": "year", "%y": "year"}
    parts = re.findall(r"%[dmbBYy]", form)
    return ", ".join(letters[part] for part in parts)


def _disorder(times: Times) -> tuple[int, int]:
    """Return how often times change direction, and how many different steps they have."""
    steps = np.diff(times).astype(np.int64)
    turns = min((steps < 0).sum(), (steps > 0).sum())
    return int(turns), len(np.unique(steps))


def _irregularities(times: Times, rows: Ordered[int]) -> tuple[str, ...]:
    """Return notes on repeated dates and uneven steps of ascending times."""
    steps = np.diff(times).astype(np.int64)
    notes, twice = [], int((steps == 0).sum())
    if twice:
        row = rows[int((steps == 0).argmax()) + 1]
        notes.append(f"Dates that repeat the one before: {twice:,}, the first in row {row:,}.")
    moved = steps[steps > 0]
    if len(np.unique(moved)) > 1 and not _calendar(times):
        usual, often = Counter(moved.tolist()).most_common(1)[0]
        largest = int(moved.max())
        unit, count = np.datetime_data(times.dtype)
        size = count * _NANOSECONDS[unit]
        row = rows[int((steps == largest).argmax()) + 1]
        notes.append(
            f"The dates are not evenly spaced. The most common step is {_span(usual * size)}"
            f" ({often:,} of {len(moved):,}), the longest {_span(largest * size)} (before row"
            f" {row:,}). Each row still counts as one step."
        )
    return tuple(notes)


def _calendar(times: Times) -> bool:
    """Return whether times are months, quarters or years, which differ in length."""
    months = times.astype("datetime64[M]")
    steps = np.unique(np.diff(months).astype(np.int64))
    if len(steps) != 1 or steps[0] == 0:
        return False
    inside = np.unique((times - months).astype("timedelta64[s]").astype(np.int64))
    left = (months + 1).astype("datetime64[s]") - times.astype("datetime64[s]")
    return len(inside) == 1 or len(np.unique(left.astype(np.int64))) == 1


def _span(nanoseconds: int) -> str:
    """Return a time in its largest unit that leaves a whole number."""
    unit = next(unit for unit, size in _UNITS.items() if nanoseconds % size == 0)
    count = nanoseconds // _UNITS[unit]
    return f"{count:,} {unit}{'s' * (count != 1)}"
