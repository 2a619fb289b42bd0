"""Read typed or pasted numbers, and files of numbers."""

import re
from collections.abc import Sequence as Ordered
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gatesviz.limits import CSV_ROWS, STEPS, TYPED_CHARACTERS
from gatesviz.sequences.characters import check_text, shown
from gatesviz.sequences.columns import LARGEST, Misfit, is_missing, is_number, read_column
from gatesviz.sequences.commas import (
    COMMAS,
    PADDED,
    POINT,
    TwoReadingsError,
    could_be_single,
    meanings,
)
from gatesviz.sequences.rows import Rows
from gatesviz.sequences.sequence import Sequence, numbers

UNDERSTOOD = (
    "write numbers with a decimal point, like 0.5 or -1e3, separated by commas, spaces, tabs, new"
    " lines or semicolons"
)
LETTERS = frozenset("0123456789+-.eE \t\r\n")
_ONE_LINE = LETTERS | {",", ";"}
_SPACES = " \t\r\n"
_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)
_BY_SPACE = re.compile(r"(?<![\d.,])[+-]?[1-9]\d{0,2} 0\d\d(?!\d)", re.ASCII)
_SPACED = re.compile(r"[+-]?(?:[1-9]\d{0,2}(?: \d{3})+|\d+)(?:\.\d*)?", re.ASCII)
_BY_COMMA = re.compile(r"(?<![\d.])[+-]?[1-9]\d{0,2},0\d\d(?![\d.])", re.ASCII)
_DECIMAL_BY_COMMA = re.compile(r"(?<![\d.])[+-]?[1-9]\d{0,2}(?:,\d{3}){1,9}\.\d+", re.ASCII)
_UNGROUPED = re.compile(r"(?<![\d.])[+-]?\d{4}", re.ASCII)


class Numbers(NamedTuple):
    """The numbers of a text.

    Attributes:
        values: (N,) float64, finite in float32.
        notes: how they were read, where several readings are possible.
    """

    values: NDArray[np.float64]
    notes: tuple[str, ...] = ()


def parse_numbers(text: str, *, cut: bool = False, commas: str | None = None) -> Sequence:
    """Read a sequence of numbers, one a step.

    Commas, spaces, tabs, new lines or semicolons separate numbers. A separator at the end and a
    pair of brackets around everything are allowed. ``$5``, ``12%``, ``(5)`` and grouped thousands
    are read as in a table. Commas with two possible meanings (``1,5 2,5``) are refused unless
    ``commas`` says which. If only one meaning fits, the notes say which.
    The sign − (U+2212) is read as a minus.

    Args:
        text: the typed text.
        cut: use only the first steps of a text that is too long, and say so in the notes.
        commas: what commas between digits mean, one of `COMMAS`.

    Raises:
        TypeError: if it is not a text.
        TwoReadingsError: if commas have several possible meanings.
        ValueError: if the text is empty or too long, if an item cannot be read or is not a finite
            float32 (the message names the item and its position, counted from 1), or if there
            are fewer or more numbers than `STEPS` allows.
    """
    check_text(text)
    TYPED_CHARACTERS.check(max(len(text), 1))
    values, notes = read_numbers(text, commas)
    if cut and len(values) > STEPS.high:
        notes += (f"Cut: the first {STEPS.high:,} of {len(values):,} numbers are used.",)
        values = values[: STEPS.high]
    STEPS.check(len(values))
    return numbers(values, "Typed numbers", notes=notes)


def read_numbers(text: str, commas: str | None = None) -> Numbers:
    """Return all numbers in ``text``, by the rules of `parse_numbers`."""
    if commas is not None and commas not in COMMAS:
        raise ValueError(f"commas is {commas!r}, expected one of {', '.join(map(repr, COMMAS))}")
    text = _unbracketed(text.replace("\N{MINUS SIGN}", "-").strip(_SPACES))
    if not text:
        raise ValueError(f"there are no numbers: {UNDERSTOOD}")
    _refuse_apart(_BY_SPACE.search(text) or _grouped_by_spaces(text), "space")
    return _decided(text, commas) if "," in text else _read(_split(text, ";"), ";")


def number_rows(text: str) -> Rows | None:
    """Return one line of numbers, or lines of different lengths, as one column.

    Return None if ``text`` holds more than numbers and spaces, or if each line has equally many
    numbers: then it is a table.
    """
    if not text.strip() or text.count("\n") > CSV_ROWS.high:
        return None
    lines = [line for line in text.strip().splitlines() if line.strip()]
    if len(lines) == 1:
        several = len(lines[0].replace(",", " ").replace(";", " ").split()) > 1
        return as_rows(read_numbers(text)) if several and _ONE_LINE.issuperset(text) else None
    if not LETTERS.issuperset(text) or len({len(line.split()) for line in lines}) == 1:
        return None
    return as_rows(read_numbers(text))


def as_rows(found: Numbers) -> Rows:
    """Return numbers as the column "value"."""
    CSV_ROWS.check(max(1, len(found.values)))
    cells = ["value", *map(repr, found.values.tolist())]
    note = f"The file was read as one series of {len(found.values):,} numbers, line by line."
    return Rows(",", [*range(len(cells))], [cells], (*found.notes, note), exact=True)


def _decided(text: str, commas: str | None) -> Numbers:
    """Read numbers with commas, if the commas have only one possible meaning."""
    words = [word.removesuffix(",") for word in re.split(rf"[;{_SPACES}]+", text) if word != ","]
    words = [word for word in words if word]
    ways = (commas,) if commas else _ways(words)
    if len(ways) > 1:
        place = next(i for i, word in enumerate(words) if "," in word)
        raise TwoReadingsError(
            f"item {place + 1:,}, “{shown(words[place])}”, can be read in {len(ways)} ways: commas"
            f" {' or '.join(ways)}. Put a space after each comma that separates, and use a decimal"
            f" point: {UNDERSTOOD}",
            ways,
        )
    if ways[0] == COMMAS[0]:
        _refuse_apart(_BY_COMMA.search(text) or (not commas and _grouped_decimal(words)), "comma")
        found = _read(_split(text.replace(";", ","), ","), ";")
        if len(words) == 1 and could_be_single(words[0]):
            one = len(found.values) == 2
            mark, count = ("comma", "two") if one else ("commas", f"{len(found.values):,}")
            note = f"The {mark} in “{shown(words[0])}” separate{'s' * one} {count} numbers."
            found = Numbers(found.values, (note, *found.notes))
        return found
    return _read(_split(text, ";") if ";" in text else words, ";" if ways[0] == COMMAS[1] else ",")


def _grouped_by_spaces(text: str) -> "re.Match[str] | None":
    """Return the first of several parts like ``1 234``, if all could be single numbers."""
    parts = [part for part in re.split(r"[;,\t\r\n]+ *", text) if part]
    if len(parts) < 2 or not all(map(_SPACED.fullmatch, parts)):
        return None
    return next((_SPACED.fullmatch(part) for part in parts if " " in part), None)


def _grouped_decimal(words: list[str]) -> "re.Match[str] | None":
    """Return the first part like ``1,234.5`` of words that are several numbers.

    Four digits that nothing groups, as in ``1,234.5,2345``, show that commas separate.
    """
    several = (word for word in words if not could_be_single(word))
    found = next((part for word in several if (part := _DECIMAL_BY_COMMA.search(word))), None)
    return None if found and any(map(_UNGROUPED.search, words)) else found


def _refuse_apart(found: "re.Match[str] | Literal[False] | None", what: str) -> None:
    """Refuse digits like ``1 000``, which may be one number or two."""
    if found:
        raise ValueError(
            f"“{found[0]}” can be one number with grouped thousands, or two numbers: leave the"
            f" {what} out, or write each number on its own line; {UNDERSTOOD}"
        )


def _ways(words: Ordered[str]) -> tuple[str, ...]:
    """Return the possible meanings of commas, from `COMMAS`."""
    if len(words) == 1 and not PADDED.match(words[0].rpartition(",")[2]):
        return COMMAS[:1]  # the other meanings would give a single number
    ways = meanings(words)
    if ways:
        return ways
    place = next(i for i, word in enumerate(words) if could_be_single(word))
    raise ValueError(
        f"item {place + 1:,}, “{shown(words[place])}”, can be one number or several, and the other"
        f" items don't show which. Put a space after each comma that separates: {UNDERSTOOD}"
    )


def _unbracketed(text: str) -> str:
    """Return ``text`` without brackets around it, like those of a Python list."""
    if text[:1] + text[-1:] in ("[]", "()", "{}"):
        inside = text[1:-1].strip(_SPACES)
        several = any(mark in inside for mark in ", ;\n\t")
        if several and not any(mark in inside for mark in "[](){}"):
            return inside
    return text


def _split(text: str, separator: str) -> list[str]:
    if separator not in text:
        return [item for item in re.split(rf"[{_SPACES}]+", text) if item]
    items = re.split(rf"[{_SPACES}]*{separator}[{_SPACES}]*|[{_SPACES}]+", text)
    return items[:-1] if items[-1] == "" and len(items) > 1 else items


def _read(items: list[str], separator: str) -> Numbers:
    """Read items like the cells of one column."""
    wrong = next((i for i, item in enumerate(items) if is_missing(item)), None)
    if wrong is None:
        found = read_column(items, separator)
        if not isinstance(found, Misfit):
            return Numbers(found.values, (found.note,) if found.note else ())
        wrong = found.place
        if found.why:
            raise ValueError(f"item {wrong + 1:,} is “{shown(items[wrong])}”, {found.why}")
    raise ValueError(_sentence(items[wrong], wrong + 1))


def _sentence(item: str, position: int) -> str:
    where = f"item {position:,}, “{shown(item)}”,"
    if _NOT_FINITE.fullmatch(item):
        return f"{where} is not finite: every number must be finite"
    if not item:
        return f"item {position:,} is empty: {UNDERSTOOD}"
    if POINT.fullmatch(item):
        return f"{where} is too large: every number must be within ±{LARGEST:.3g}"
    if is_number(item):
        return f"{where} is written differently from the numbers before it: {UNDERSTOOD}"
    return f"{where} is not a number: {UNDERSTOOD}"
