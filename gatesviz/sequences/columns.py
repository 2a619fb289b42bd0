"""Read the cells of a column as numbers, and say how they were read."""

import re
from collections import Counter
from collections.abc import Callable
from collections.abc import Sequence as Ordered
from dataclasses import dataclass
from itertools import compress, takewhile
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gatesviz.sequences.characters import shown

MISSING = frozenset(
    {"", "na", "n/a", "#n/a", "#na", "<na>", "nan", "-nan", "nat", "null", "none", "missing"}
    | {"?", "-", "–", "—", ".", "..", "…", ":"}
    | {"#div/0!", "#value!", "#ref!", "#num!", "#name?", "#null!"}  # a spreadsheet's errors
)
"""Cells, in lower case, that mean "missing"."""

Way = Callable[[str], float | None]  # a way to read a cell: its number, or None

_PLAIN_LETTERS = frozenset("0123456789+-.eE")
SIGNS = frozenset("$€£¥%()−")
"""Characters around the digits of a number."""

_EXPONENT = r"(?:[eE][+-]?\d+)?"
_POINT = re.compile(rf"[+-]?(?:\d+(?:\.\d*)?|\.\d+){_EXPONENT}", re.ASCII)
_GROUPED = re.compile(
    r"[+-]?(?!0\D)\d{1,3}([,' \u00a0\u202f’])\d{3}(?:\1\d{3})*(?:\.\d*)?"
    rf"|[+-]?(?:\d+(?:\.\d*)?|\.\d+){_EXPONENT}",
    re.ASCII,
)
_COMMA = re.compile(
    r"[+-]?(?!0\D)\d{1,3}([.' \u00a0\u202f’])\d{3}(?:\1\d{3})*(?:,\d*)?"
    rf"|[+-]?(?:\d+(?:,\d*)?|,\d+){_EXPONENT}",
    re.ASCII,
)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_ONE_GROUP = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)  # 1.234 and 1,234
_INFINITE = re.compile(r"[+-]?(?:inf(?:inity)?|∞)", re.IGNORECASE)
_NO_BREAK = str.maketrans("\u00a0\u202f", "  ")
_IN_FRONT, _BEHIND = frozenset("$€£¥"), frozenset("$€£¥%")
LARGEST = float(np.finfo(np.float32).max)
"""The largest number that a column may hold."""


@dataclass(frozen=True, eq=False)
class Column:
    """One column of numbers.

    Attributes:
        values: (rows,) float64; NaN where the cell is missing.
        note: how its cells were read; "" where only one reading is possible.
    """

    values: NDArray[np.float64]
    note: str = ""


class Misfit(NamedTuple):
    """The place (from 0) of the first cell that is not a number like the others, and a reason."""

    place: int
    why: str = ""


class CellParts(NamedTuple):
    """A cell without its currency sign, percent sign and brackets.

    Attributes:
        core: the digits, with sign, point and groups.
        sign: "$", "€", "£", "¥", "%" or "".
        negative: whether it was in brackets, which means "below zero" in accounts.
    """

    core: str
    sign: str = ""
    negative: bool = False


_UNCHANGED = CellParts("")


def read_column(cells: Ordered[str], separator: str, *, decimal: str = "") -> Column | Misfit:
    """Return the numbers of a column, or its first cell that is not a number.

    All cells are read in the same way: with a decimal point; with thousands grouped by a comma,
    a space or an apostrophe; or with a decimal comma. Where both of the last two fit (``1,234``),
    a table separated by commas means thousands and any other table means decimals, unless
    ``decimal`` says which. The note says which was used. Currency signs are dropped; ``12%`` is
    12; ``(5)`` is −5.

    Args:
        cells: stripped of spaces.
        separator: what separates the cells of the table.
        decimal: the decimal sign that other columns of the table show, "." or ","; "" for none.
    """
    absent = {cell for cell in {*cells} if is_missing(cell)}
    missing = np.array([cell in absent for cell in cells]) if absent else np.zeros(len(cells), bool)
    present = [*compress(cells, ~missing)] if absent else cells
    numbers = None if decimal == "," else _all_plain(present)
    how = _missing_note(compress(cells, missing))
    if numbers is not None:
        return _column(missing, numbers, how)
    distinct = [*dict.fromkeys(present)]
    read = _read(distinct, _ways(separator, decimal))
    if isinstance(read, Misfit):
        return Misfit(cells.index(distinct[read.place]), read.why)
    values, note = read
    by_cell = dict(zip(distinct, values, strict=True))
    return _column(missing, [by_cell[cell] for cell in present], how + note)


def _ways(separator: str, decimal: str) -> list[Way]:
    """Return the ways to read a column, the most likely first."""
    if decimal:
        return [_comma] if decimal == "," else [_plain, _grouped]
    return [_plain, _grouped, _comma] if separator == "," else [_plain, _comma, _grouped]


def _read(cells: list[str], ways: list[Way]) -> tuple[list[float], str] | Misfit:
    """Return the numbers of distinct cells, all read in the same way, and a note on how."""
    taken, cores = [_UNCHANGED] * len(cells), cells
    if not SIGNS.isdisjoint("".join(cells)):
        taken = [*map(cell_parts, cells)]
        wrong = _two_signs(taken)
        if wrong:
            return wrong
        cores = [each.core for each in taken]
    furthest = 0
    for way in ways:
        read = [*takewhile(_is_read, map(way, cores))]
        if len(read) == len(cells):
            pairs = zip(read, taken, strict=True)
            values = [-v if each.negative else v for v, each in pairs if v is not None]
            return values, _read_note(cells, cores, taken, values)
        furthest = max(furthest, len(read))
    return Misfit(furthest)


def decimal_sign(cells: Ordered[str]) -> str:
    """Return the decimal sign that a column of numbers shows, "." or ","; "" if it shows none.

    0,5 and 1.234.567 show that it is the comma, 0.5 and 1,234,567 the point. 1.234 and 1,234 show
    neither.
    """
    return next((sign for cell in cells if (sign := _sign_of(cell))), "")


def _sign_of(cell: str) -> str:
    if ("." not in cell and "," not in cell) or _ONE_GROUP.fullmatch(cell):
        return ""
    core = cell_parts(cell).core
    comma = _comma(core) is not None
    point = _plain(core) is not None or _grouped(core) is not None
    return "" if comma == point else "," if comma else "."


def could_group(cells: Ordered[str], mark: str) -> bool:
    """Return whether every ``mark`` could group thousands, and there is one.

    The mark is "." (1.234 for 1234) or ",". Whole numbers of four or more digits without dots
    show that dots don't group.
    """
    cores = [cell_parts(cell).core for cell in {*cells} if not is_missing(cell)]
    return any(mark in core for core in cores) and all(
        (mark in core and _ONE_GROUP.fullmatch(core))
        or (_WHOLE.fullmatch(core) and (mark == "," or len(core.lstrip("+-")) < 4))
        for core in cores
    )


def unsure_note(cells: Ordered[str], column: Column, mark: str) -> str:
    """Return the note of a column in which each ``mark`` could mean something else.

    Args:
        cells: those of the column, of which `could_group` is true.
        column: how they were read.
        mark: "." or ",".
    """
    place = next(k for k, cell in enumerate(cells) if mark in cell and not is_missing(cell))
    cell, value = cells[place], float(column.values[place])
    others = (read_column([cell], "", decimal=sign) for sign in ".,")
    means = next(
        number
        for other in others
        if isinstance(other, Column) and (number := float(other.values[0])) != value
    )
    word, quoted = f"{means:.15g}{'%' if '%' in cell else ''}", shown_number(cell)
    how = f"“{quoted}” is read as {value:.15g}"
    if how in column.note:
        return f"{column.note} If “{quoted}” means {word}, write {word}."
    return f"{column.note} {how}. If it means {word}, write {word}.".strip()


def shown_number(cell: str) -> str:
    """Return a cell for a sentence; in a number, a space that doesn't break a line is a space."""
    return shown(cell.translate(_NO_BREAK) if is_number(cell) else cell)


def is_number(cell: str) -> bool:
    """Return whether a cell holds a number in any notation."""
    core = cell_parts(cell).core
    return any(way(core) is not None for way in (_plain, _grouped, _comma))


def is_too_large(cell: str) -> bool:
    """Return whether a cell holds a number beyond float32's range."""
    core = cell_parts(cell).core
    return not is_number(cell) and any(
        pattern.fullmatch(core) for pattern in (_POINT, _GROUPED, _COMMA)
    )


def is_infinite(cell: str) -> bool:
    """Return whether a cell means infinity."""
    return _INFINITE.fullmatch(cell) is not None


def is_missing(cell: str) -> bool:
    """Return whether a cell means "missing"."""
    return cell.lower() in MISSING


def header_names(cells: Ordered[str]) -> tuple[str, ...]:
    """Return a unique, non-empty name for each column."""
    names: list[str] = []
    for place, cell in enumerate(cells, 1):
        name = shown(cell, 60) or f"column {place}"
        names.append(name if name not in names else f"{name} (column {place})")
    return tuple(names)


def cell_parts(cell: str) -> CellParts:
    """Return a cell without brackets and signs, or unchanged where they contradict each other."""
    core, sign, negative = cell.replace("−", "-"), "", False
    for _ in range(3):  # a sign within brackets, or brackets after a sign
        if len(core) > 2 and core[0] == "(" and core[-1] == ")" and not negative:
            core, negative = core[1:-1].strip(), True
        elif not sign and (found := _without_sign(core)):
            core, sign = found
        else:
            break
    if (negative and core[:1] in ("+", "-")) or (sign and not core):
        return CellParts(cell)
    return CellParts(core, sign, negative)


def _without_sign(core: str) -> tuple[str, str] | None:
    """Return a cell without the sign before or after its digits, and the sign; None for none."""
    before = core[:1] if core.startswith(("+", "-")) else ""
    rest = core[len(before) :].lstrip()
    if rest[:1] in _IN_FRONT:
        return before + rest[1:].lstrip(), rest[0]
    return (core[:-1].rstrip(), core[-1]) if core[-1:] in _BEHIND else None


def _two_signs(taken: Ordered[CellParts]) -> Misfit | None:
    """Return the first cell with another sign than the others: %, or another currency."""
    signs = dict.fromkeys(each.sign for each in taken if each.sign)
    first = next(iter(signs), "")
    if not signs or (len(signs) == 1 and first != "%"):
        return None
    for place, each in enumerate(taken):
        if not is_number(each.core):
            return None  # the caller reports it as "not a number"
        if each.sign not in (first, "") or (each.sign == "" and "%" in signs and _plain(each.core)):
            return Misfit(place, f"but others hold {first if each.sign else '%'}")
    return None


def _read_note(
    cells: list[str], cores: list[str], taken: list[CellParts], values: list[float]
) -> str:
    """Return how cells were read, with the first of each kind as an example."""
    examples: dict[tuple[str, bool, str], str] = {}
    for cell, core, each, value in zip(cells, cores, taken, values, strict=True):
        plain = _plain(core)
        marks = "" if plain is not None and abs(plain) == abs(value) else _marks(core)
        kind = (each.sign, each.negative, marks)
        if any(kind) and kind not in examples:
            percent = " percent" if each.sign == "%" else ""
            examples[kind] = f"“{shown_number(cell)}” is read as {value:.15g}{percent}"
    return f"{', '.join([*examples.values()][:3])}. " if examples else ""


def _marks(core: str) -> str:
    return "".join(dict.fromkeys(c for c in core if not c.isalnum() and c not in "+-"))


def _missing_note(cells: "compress[str]") -> str:
    words = Counter(cell for cell in cells if cell)
    if not words:
        return ""
    listed = " and ".join(f"“{shown(word)}”" for word in [*words][:3])
    count, verb = words.total(), "means" if len(words) == 1 else "mean"
    return f"{listed} {verb} missing ({count:,} cell{'s' * (count != 1)}). "


def _all_plain(cells: Ordered[str]) -> list[float] | None:
    """Return every number if all are plain (decimal points or none): faster than cell by cell."""
    if not _PLAIN_LETTERS.issuperset("".join(cells)):
        return None
    try:
        values = [*map(float, cells)]
    except ValueError:
        return None
    return values if max(map(abs, values), default=0) <= LARGEST else None


def _column(missing: NDArray[np.bool], read: Ordered[float], note: str) -> Column:
    values = np.full(len(missing), np.nan)
    values[~missing] = read
    return Column(values, note.strip())


def _is_read(value: float | None) -> bool:
    return value is not None


def _finite(digits: str) -> float | None:
    value = float(digits)
    return value if abs(value) <= LARGEST else None


def _plain(cell: str) -> float | None:
    return _finite(cell) if _POINT.fullmatch(cell) else None


def _grouped(cell: str) -> float | None:
    return _finite(re.sub(r"[^\d.+\-eE]", "", cell)) if _GROUPED.fullmatch(cell) else None


def _comma(cell: str) -> float | None:
    if not _COMMA.fullmatch(cell):
        return None
    return _finite(re.sub(r"[^\d,+\-eE]", "", cell).replace(",", "."))
