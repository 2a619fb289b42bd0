"""Rewrite dates and periods that pandas does not read, such as 2020-Q3 and 1. Apr. 2020."""

import re
from collections.abc import Callable, Iterator
from collections.abc import Sequence as Ordered
from datetime import date, timedelta

from gatesviz.sequences.time_words import MONTHS, WEEKDAYS

_EARLIEST, _LATEST = 1800, 2199
_LONGEST = 60  # characters of a date
_CLOCK = re.compile(
    r"(?:^|(?<=\d)t| )(?P<hour>\d{1,2})(?::(?P<minute>\d\d)(?::(?P<second>\d\d(?:\.\d{1,9})?))?"
    r"(?: ?(?P<half>[ap])\.?m\b\.?)?| ?(?P<alone>[ap])\.?m\b\.?)"
    r"(?: ?(?P<zone>z|utc|gmt|uhr|[a-z]{2,4}t))?(?= |$)",
    re.ASCII,
)
_FILLERS = frozenset(
    {"de", "del", "of", "the", "at", "um", "le"} | {"mo", "di", "mi", "do", "fr", "sa", "so"}
)
_BASIC = re.compile(r"(\d{8})t(\d\d)(\d\d)(?:\d\d)?z?", re.ASCII)  # 20200131T1500
_NUMERIC = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}", re.ASCII)

_YEAR = r"(?:fy ?|cy ?)?(?P<year>\d{4}|'?\d\d)"
_QUARTER = r"q(?:tr|uarter|uartal)? ?|t(?:rimestre ?)?|kwartaal "
_NTH = r"(?:st|nd|rd|th|er|e|º|ª|\.)?"
_KINDS: dict[str, tuple[str, ...]] = {
    "quarter": (
        rf"{_YEAR}[ /._-]*(?:{_QUARTER})(?P<quarter>[1-4])",
        rf"(?:{_QUARTER})(?P<quarter>[1-4])[ /._-]*{_YEAR}",
        rf"(?P<quarter>[1-4]){_NTH} ?(?:{_QUARTER})[ /._-]*{_YEAR}",
    ),
    "half": (
        rf"{_YEAR}[ /._-]*[hs](?P<half>[12])",
        rf"[hs](?P<half>[12])[ /._-]*{_YEAR}",
        rf"(?P<half>[12])h[ /._-]*{_YEAR}",
    ),
    "week": (
        r"(?P<year>\d{4})[ /._-]*(?:w|kw|cw|wk|week) ?(?P<week>\d\d?)(?:-?(?P<weekday>[1-7]))?",
        r"(?:w|kw|cw|wk|week|woche|semaine|semana)\.? ?(?P<week>\d\d?)[ /._-]+(?P<year>\d{4})",
    ),
    "fiscal year": (
        r"(?:fy|cy) ?(?P<year>\d{4}|'?\d\d)",
        r"(?:fy ?)?(?P<year>\d{4}) ?[/–-] ?(?P<next>\d{4}|\d\d)",
        r"fy ?(?P<year>\d\d) ?[/–-] ?(?P<next>\d\d)",
        r"(?P<year>\d{4})(?: ?(?:[aefp]|\([aefp]\)))?",  # actual, estimate, forecast, preliminary
    ),
    "month": (
        r"(?P<year>\d{4})(?: ?-?m ?|/)(?P<month>\d\d?)",
        r"(?P<month>\d\d?)/(?P<year>\d{4})",
        r"(?P<year>\d{4})年 ?(?P<month>\d\d?)月",
        r"(?P<name>[^\W\d]+)\.?[ /_-]*(?P<year>\d{4}|'\d\d)",
        r"(?P<name>[^\W\d]+)\.?-(?P<year>\d\d)",
        r"(?P<year>\d{4})[ /_-]*(?P<name>[^\W\d]+)\.?",
    ),
    "day": (
        rf"(?P<day>\d\d?){_NTH}[ -]?(?P<name>[^\W\d]+)\.?[ -]?(?P<year>\d{{4}}|'?\d\d)",
        rf"(?P<name>[^\W\d]+)\.?[ -]?(?P<day>\d\d?){_NTH}[ -](?P<year>\d{{4}})",
        r"(?P<year>\d{4})[ -](?P<name>[^\W\d]+)\.?[ -](?P<day>\d\d?)",
        r"(?P<year>\d{4})年 ?(?P<month>\d\d?)月 ?(?P<day>\d\d?)日",
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)",
        r"(?P<year>\d{4})-(?P<yearday>\d{3})",
    ),
}
_PATTERNS = [
    (kind, re.compile(pattern, re.ASCII if "name" not in pattern else 0))
    for kind, patterns in _KINDS.items()
    for pattern in patterns
]


def rewritten(cells: Ordered[str]) -> list[str] | None:
    """Return dates of one kind as ISO dates: the first day of a quarter, week, month or year.

    Dates in digits alone, such as 03/04/2020, keep the order of day and month. A weekday is dropped
    and a clock time written as 15:00:00. Return None if a cell is in no notation of this kind.

    Args:
        cells: one or more; ``2020-Q3``, ``2020-W30``, ``FY2020``, ``1. Apr. 2020``, ….
    """
    first = _split(cells[0]) if cells else None
    if first is None:
        return None
    found: dict[str, str] = {}
    for kind, read in _ways(first[0]):
        found.clear()
        for cell in dict.fromkeys(cells):
            text = _in_one_way(cell, kind, read, first[1])
            if text is None:
                break
            found[cell] = text
        else:
            return [found[cell] for cell in cells]
    return None


_Read = Callable[[str], str | None]


def _ways(text: str) -> Iterator[tuple[str, _Read]]:
    """Yield the kinds of dates that a text can be, each with the function that reads it."""
    if _digits(text):
        yield "", _digits
    for kind in _KINDS:
        if _date(kind, text):
            yield kind, lambda text, kind=kind: _date(kind, text)  # type: ignore[misc]


def _in_one_way(cell: str, kind: str, read: _Read, clock: tuple[str, str]) -> str | None:
    """Return a cell rewritten; None if its kind or its clock's differs from that of the first."""
    parts = _split(cell)
    if parts is None or bool(parts[1][0]) != bool(clock[0]) or parts[1][1] != clock[1]:
        return None
    if clock[0] and kind not in ("", "day"):
        return None
    text = read(parts[0])
    return text and f"{text} {parts[1][0]}".strip()


def _split(cell: str) -> tuple[str, tuple[str, str]] | None:
    """Return a cell without weekday and clock, and its clock time and time zone; "" for none."""
    if len(cell) > _LONGEST:
        return None
    text = cell.lower().replace(",", " ").replace("_", "-")
    if "a" in text or "p" in text:
        text = text.replace("a. m.", "am").replace("p. m.", "pm")
    if basic := _BASIC.fullmatch(text):
        text = f"{basic[1]} {basic[2]}:{basic[3]}"
    clock, zone = "", ""
    if ":" in text or "m" in text:
        match = _CLOCK.search(text)
        if match:
            clock, zone = _in_24_hours(match), match["zone"] or ""
            if not clock:
                return None
            text = f"{text[: match.start()]} {text[match.end() :]}"
    words = [word for word in text.split() if not _is_filler(word)]
    return " ".join(words), (clock, zone)


def _is_filler(word: str) -> bool:
    bare = word.strip("().")
    return bare in _FILLERS or bare in WEEKDAYS


def _in_24_hours(match: "re.Match[str]") -> str:
    """Return a clock time as 15:00:00, or "" if there is no such time."""
    hour, half = int(match["hour"]), match["half"] or match["alone"]
    if hour > (12 if half else 23) or (half and not hour):
        return ""
    if half:
        hour = hour % 12 + 12 * (half == "p")
    return f"{hour:02}:{match['minute'] or '00'}:{match['second'] or '00'}"


def _digits(text: str) -> str | None:
    return text if _NUMERIC.fullmatch(text) else None


def _date(kind: str, text: str) -> str | None:
    """Return a text of a kind of dates as an ISO date, or None if it is none."""
    for its, pattern in _PATTERNS:
        if its == kind and (match := pattern.fullmatch(text)):
            try:
                found = _first_day({k: v for k, v in match.groupdict().items() if v})
            except (ValueError, OverflowError):
                continue
            if found:
                return found.isoformat()
    return None


def _first_day(parts: dict[str, str]) -> date | None:
    """Return the first day of what the parts of a date give, or None if they give none.

    Raises:
        ValueError: if there is no such month, week or day.
    """
    name = parts.pop("name", None)
    if name is not None and name not in MONTHS:
        return None
    year = _full_year(parts["year"])
    if not _EARLIEST <= year <= _LATEST:
        return None
    if "next" in parts:
        following = _full_year(parts["next"]) if len(parts["next"]) == 4 else int(parts["next"])
        expected = year + 1 if len(parts["next"]) == 4 else (year + 1) % 100
        return date(year, 1, 1) if following == expected else None
    if "week" in parts:
        return date.fromisocalendar(year, int(parts["week"]), int(parts.get("weekday", "1")))
    if "yearday" in parts:
        found = date(year, 1, 1) + timedelta(int(parts["yearday"]) - 1)
        return found if found.year == year and parts["yearday"] != "000" else None
    month = MONTHS[name] if name else int(parts.get("month", "1"))
    if "quarter" in parts:
        month = 3 * int(parts["quarter"]) - 2
    if "half" in parts:
        month = 6 * int(parts["half"]) - 5
    return date(year, month, int(parts.get("day", "1")))


def _full_year(digits: str) -> int:
    """Return a year of four or two digits; 69 to 99 are 1969 to 1999, as in strptime."""
    year = int(digits.lstrip("'"))
    return year if len(digits.lstrip("'")) == 4 else year + (1900 if year >= 69 else 2000)
