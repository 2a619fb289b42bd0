"""Numbers that somebody typed or pasted, and numbers alone in a file."""

import re
from collections.abc import Sequence as Ordered
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gatesviz.limits import STEPS, TYPED_CHARACTERS
from gatesviz.sequences.characters import shown
from gatesviz.sequences.columns import Misfit, is_missing, is_number, read_column
from gatesviz.sequences.sequence import Sequence, numbers

UNDERSTOOD = (
    "numbers with a decimal point, like 0.5 or -1e3, separated by commas, spaces, tabs, new lines"
    " or semicolons, are understood"
)
COMMAS = ("separate numbers", "are decimal signs", "group thousands")
"""What the commas between digits can do."""

_BLANKS = " \t\r\n"
_POINT = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_DECIMAL = re.compile(
    r"[+-]?(?:(?:0|[1-9]\d*)(?:,\d+)?(?:e[+-]?\d+)?|[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?)",
    re.ASCII | re.IGNORECASE,
)
_GROUPED = re.compile(
    r"[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?)", re.ASCII
)
_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)
_BY_BLANK = re.compile(r"(?<![\d.,])[+-]?[1-9]\d{0,2} 0\d\d(?!\d)", re.ASCII)
_SPACED = re.compile(r"[+-]?(?:[1-9]\d{0,2}(?: \d{3})+|\d+)(?:\.\d*)?", re.ASCII)
_BY_COMMA = re.compile(r"(?<![\d.])[+-]?[1-9]\d{0,2},0\d\d(?![\d.])", re.ASCII)
_PADDED = re.compile(r"[+-]?0\d", re.ASCII)
_LARGEST = float(np.finfo(np.float32).max)


class Numbers(NamedTuple):
    """Numbers that were read.

    Attributes:
        values: (N,) float64, finite in float32.
        notes: how they were read, where it had to be decided.
    """

    values: NDArray[np.float64]
    notes: tuple[str, ...] = ()


class TwoReadingsError(ValueError):
    """Refuses numbers whose commas can be meant in two ways or three.

    Attributes:
        readings: the ways, of `COMMAS`.
    """

    def __init__(self, sentence: str, readings: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.readings = readings


def parse_numbers(text: str, *, cut: bool = False, commas: str | None = None) -> Sequence:
    """Read a sequence of numbers, one a step.

    Commas, spaces, tabs, new lines or semicolons separate; one separator may stand at the end,
    and one pair of brackets around everything. ``$5``, ``12%``, ``(5)`` and grouped thousands
    are read as in a table. A comma that can be meant in two ways (``1,5 2,5``) is refused, not
    guessed, unless ``commas`` says how; where one way is left, the notes say which.
    The sign − (U+2212) is read as a minus.

    Args:
        text: what was typed.
        cut: keep the first steps of what is too long, and say so in the notes.
        commas: what commas between digits do, one of `COMMAS`.

    Raises:
        TwoReadingsError: if commas can be meant in several ways.
        ValueError: if nothing or too much was typed, if an item cannot be read or is not a
            finite float32 (the sentence gives the item and its position, counted from 1), or
            if there are fewer or more numbers than `STEPS` allows.
    """
    TYPED_CHARACTERS.check(max(len(text), 1))
    values, notes = read_numbers(text, commas)
    if cut and len(values) > STEPS.high:
        notes += (f"Cut: the first {STEPS.high:,} of {len(values):,} numbers are used.",)
        values = values[: STEPS.high]
    STEPS.check(len(values))
    return numbers(values, "Typed numbers", notes=notes)


def read_numbers(text: str, commas: str | None = None) -> Numbers:
    """Return the numbers in ``text``, however many, by the rules of `parse_numbers`."""
    if commas is not None and commas not in COMMAS:
        raise ValueError(f"commas is {commas!r}, expected one of {', '.join(map(repr, COMMAS))}")
    text = _unbracketed(text.replace("\N{MINUS SIGN}", "-").strip(_BLANKS))
    if not text:
        raise ValueError(f"no numbers were given: {UNDERSTOOD}")
    _refuse_apart(_BY_BLANK.search(text) or _grouped_by_blanks(text), "blank")
    return _decided(text, commas) if "," in text else _read(_split(text, ";"), ";")


def _decided(text: str, commas: str | None) -> Numbers:
    """Read numbers with commas, if these can be meant in one way only."""
    words = [word.removesuffix(",") for word in re.split(rf"[;{_BLANKS}]+", text) if word != ","]
    words = [word for word in words if word]
    ways = [commas] if commas else _ways(text, words)
    if len(ways) > 1:
        place = next(i for i, word in enumerate(words) if "," in word)
        raise TwoReadingsError(
            f"item {place + 1:,}, “{shown(words[place])}”, can be read in {len(ways)} ways: commas"
            f" {' or '.join(ways)}. With a blank behind each comma that separates, and a decimal"
            f" point, it is clear: {UNDERSTOOD}",
            tuple(ways),
        )
    if ways[0] == COMMAS[0]:
        _refuse_apart(_BY_COMMA.search(text), "comma")
        found = _read(_split(text.replace(";", ","), ","), ";")
        if len(words) == 1 and len(found.values) == 2 and _DECIMAL.fullmatch(words[0]):
            note = f"The comma in “{shown(words[0])}” separates two numbers."
            found = Numbers(found.values, (note, *found.notes))
        return found
    return _read(_split(text, ";") if ";" in text else words, ";" if ways[0] == COMMAS[1] else ",")


def _grouped_by_blanks(text: str) -> "re.Match[str] | None":
    """Return the first of several parts like ``1 234``, if all could be single numbers."""
    parts = [part for part in re.split(r"[;,\t\r\n]+ *", text) if part]
    if len(parts) < 2 or not all(map(_SPACED.fullmatch, parts)):
        return None
    return next((_SPACED.fullmatch(part) for part in parts if " " in part), None)


def _refuse_apart(found: "re.Match[str] | None", what: str) -> None:
    """Refuse digits like ``1 000``: whole numbers are not written with zeros in front."""
    if found:
        raise ValueError(
            f"“{found[0]}” can be one number with its thousands apart, or two numbers: leave the"
            f" {what} out, or write each number on a line of its own; {UNDERSTOOD}"
        )


def _ways(text: str, words: Ordered[str]) -> list[str]:
    """Return what commas can do: what is left of `COMMAS`, the first if nothing is."""
    if len(words) == 1 and not _PADDED.match(words[0].rpartition(",")[2]):
        return [COMMAS[0]]  # the other ways make a single number of it
    glued = any("," in word for word in words)
    ways = []
    if glued and all(map(_DECIMAL.fullmatch, words)):
        ways.append(COMMAS[1])
    if glued and all(map(_GROUPED.fullmatch, words)):
        ways.append(COMMAS[2])
    items = [item for word in words for item in word.split(",")]
    if not ways or (all(map(_POINT.fullmatch, items)) and not any(map(_PADDED.match, items))):
        ways.insert(0, COMMAS[0])
    return ways


def _unbracketed(text: str) -> str:
    """Return ``text`` without brackets around all of it, as Python writes a list."""
    if text[:1] + text[-1:] in ("[]", "()", "{}"):
        inside = text[1:-1].strip(_BLANKS)
        several = any(mark in inside for mark in ", ;\n\t")
        if several and not any(mark in inside for mark in "[](){}"):
            return inside
    return text


def _split(text: str, separator: str) -> list[str]:
    if separator not in text:
        return [item for item in re.split(rf"[{_BLANKS}]+", text) if item]
    items = re.split(rf"[{_BLANKS}]*{separator}[{_BLANKS}]*|[{_BLANKS}]+", text)
    return items[:-1] if items[-1] == "" and len(items) > 1 else items


def _read(items: list[str], separator: str) -> Numbers:
    """Read items in one way, as the cells of a column are."""
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
        return f"{where} is not finite: every number must be"
    if not item:
        return f"item {position:,} is empty: {UNDERSTOOD}"
    if _POINT.fullmatch(item):
        return f"{where} is too large: every number must lie within ±{_LARGEST:.3g}"
    if is_number(item):
        return f"{where} is written in another way than the numbers before it: {UNDERSTOOD}"
    return f"{where} is not a number: {UNDERSTOOD}"
