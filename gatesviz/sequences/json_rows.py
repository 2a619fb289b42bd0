"""Read JSON as the rows of a table."""

import json
import math
from typing import Any

from gatesviz.limits import CSV_CELLS, CSV_COLUMNS
from gatesviz.sequences.characters import shown
from gatesviz.sequences.rows import Rows

UNDERSTOOD = "expected a list of numbers, of rows or of objects, or an object of lists"

_DEPTH = 8  # objects and lists around the list that is read


def json_rows(text: str) -> Rows | None:
    """Return the rows of a JSON text, or None if it is not JSON or holds a single value.

    Accepted are ``[1, 2]``, ``[[1, 2], [3, 4]]``, ``[{"a": 1}, {"a": 2}]``, ``{"a": [1, 2]}``,
    and an object on each line, also as the only list inside other objects. ``[[1, 2]]``, a single
    row, is a series. Names, if there are any, are row 0. The other rows count from 1.

    Raises:
        ValueError: if its lists and objects do not make a table.
    """
    found, *about = _unwrapped(_parsed(text))
    notes = ("The file was read as JSON.", *filter(None, about))
    if isinstance(found, dict):
        if not found:
            raise ValueError("the table is empty: expected at least one column of numbers")
        names, columns = [*found], [*found.values()]
        if not all(isinstance(column, list) for column in columns):
            raise ValueError(f"the JSON object holds more than lists: {UNDERSTOOD}")
        if len({len(column) for column in columns}) != 1:
            lengths = ", ".join(f"{len(column):,}" for column in columns[:5])
            raise ValueError(
                f"the lists of the JSON object have {lengths} values: expected equal lengths"
            )
    elif isinstance(found, list) and found:
        names, columns = _from_list(found)
    else:
        return None
    CSV_COLUMNS.check(len(columns))
    CSV_CELLS.check(len(columns) * len(columns[0]) if columns else 0)
    cells = [[*map(_cell, column)] for column in columns]
    count = len(columns[0])
    values = all(column[0] is None or _is_number(column[0]) for column in columns)
    if not names and not values:
        return Rows(",", [*range(1, count + 1)], cells, notes, exact=True)
    if not names:  # the first row is no header, also if its numbers are missing or infinite
        notes += ("No header was found, so the columns are numbered.",)
        names = [""] * len(columns)
    cells = [[name, *column] for name, column in zip(names, cells, strict=True)]
    return Rows(",", [*range(count + 1)], cells, notes, exact=True)


def _unwrapped(found: Any) -> tuple[Any, str, str]:
    """Return the only list inside ``found``, and notes on what was read; "" for none.

    A list of numbers keeps its name: ``{"data": {"values": [1, 2]}}`` gives ``{"values": [1, 2]}``.
    Anything with several lists is returned as it is.
    """
    names: list[str] = []
    inner, left_out = found, False
    for _ in range(_DEPTH):
        if isinstance(inner, list):
            if len(inner) != 1 or not _holds_list(inner[0]):
                break
            inner = inner[0]
            if isinstance(inner, list) and _is_flat(inner):
                return inner, _about(names, left_out), "Its only row was read as a series."
        elif isinstance(inner, dict):
            holders = [name for name, value in inner.items() if _holds_list(value)]
            if len(holders) != 1:
                break
            [name] = holders
            names.append(name)
            left_out = left_out or len(inner) > 1
            if isinstance(inner[name], list) and _is_flat(inner[name]):
                if not any(_is_number(value) for value in inner[name]):
                    return found, "", ""
                return {name: inner[name]}, _about(names, left_out), ""
            inner = inner[name]
        else:
            break
    return inner, _about(names, left_out), ""


def _about(names: list[str], left_out: bool) -> str:
    """Return a note that says where a list was found; "" where nothing else is there."""
    where = f"“{shown('.'.join(names), 60)}”"
    return f"Only its list {where} was read." if len(names) > 1 or left_out else ""


def _holds_list(value: Any) -> bool:
    """Return whether ``value`` is a list with items, or an object with such a list inside."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list) and each:
            return True
        if isinstance(each, dict):
            waiting.extend(each.values())
    return False


def _is_flat(values: list[Any]) -> bool:
    return not any(isinstance(value, list | dict) for value in values)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def check_json(text: str, name: str) -> None:
    """Check a text whose file's ``name`` says that it is JSON.

    Raises:
        ValueError: with the sentence of `json_problem`.
    """
    if problem := json_problem(text, name):
        raise ValueError(f"{problem}. Correct the file")


def is_named_json(name: str) -> bool:
    """Return whether the name of a file says that it is JSON."""
    return name.lower().endswith((".json", ".jsonl", ".ndjson"))


def json_problem(text: str, name: str) -> str:
    """Return a sentence if a file named as JSON begins like JSON but isn't; "" otherwise."""
    if is_named_json(name) and _begins_like_json(text) and (fault := _json_fault(text)):
        return f"“{shown(name, 60)}” is not valid JSON: {fault}"
    return ""


def _json_fault(text: str) -> str:
    """Return what is wrong with a text as JSON, or as JSON on each line; "" if nothing is."""
    text = text.removeprefix("\ufeff")
    lines = [(k, line) for k, line in enumerate(text.splitlines(), 1) if line.strip()]
    whole = _fault(text)
    if not whole or not lines or _fault(lines[0][1]):
        return whole
    return next((_fault(line, k) for k, line in lines if _fault(line)), "")


def _fault(text: str, line: int = 0) -> str:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        message = error.msg[:1].lower() + error.msg[1:]
        return f"line {line or error.lineno:,}, column {error.colno:,}: {message}"
    except (ValueError, RecursionError):
        return "a number is too long, or lists and objects are nested too deeply"
    return ""


def _begins_like_json(text: str) -> bool:
    return text.lstrip("\ufeff \t\r\n")[:1] in ("[", "{")


def _parsed(text: str) -> Any:
    if not _begins_like_json(text):
        return None
    try:
        return _loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        pass
    try:
        return [_loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        return None


def _loads(text: str) -> Any:
    """Return what a JSON text holds, with numbers beyond float64's range, as 1e999, as texts."""
    return json.loads(text, parse_float=_float)


def _float(digits: str) -> float | str:
    value = float(digits)
    return value if math.isfinite(value) else digits


def _from_list(found: list[Any]) -> tuple[list[str], list[Any]]:
    """Return the names, if there are any, and the columns."""
    if all(isinstance(row, dict) for row in found):
        names = [*dict.fromkeys(name for row in found for name in row)]
        CSV_COLUMNS.check(max(1, len(names)))
        CSV_CELLS.check(len(names) * len(found))
        return names, [[row.get(name) for row in found] for name in names]
    if all(isinstance(row, list) for row in found):
        widths = [len(row) for row in found]
        if len(set(widths)) != 1 or not widths[0]:
            place = next((i for i, w in enumerate(widths) if w != widths[0]), 0)
            raise ValueError(
                f"row {place + 1:,} of the JSON list has {widths[place]:,} values, the first has"
                f" {widths[0]:,}: every row needs the same number, 1 or more"
            )
        return [], [*map(list, zip(*found, strict=True))]
    if any(isinstance(value, list | dict) for value in found):
        raise ValueError(f"the JSON list mixes values, rows and objects: {UNDERSTOOD}")
    return [], [found]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    return repr(value) if isinstance(value, int | float) else shown(json.dumps(value), 60)
