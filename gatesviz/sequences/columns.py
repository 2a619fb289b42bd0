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
    r"[+-]?\d{1,3}([,' \u00a0\u202f’])\d{3}(?:\1\d{3})*(?:\.\d*)?"
    rf"|[+-]?(?:\d+(?:\.\d*)?|\.\d+){_EXPONENT}",
    re.ASCII,
)
_COMMA = re.compile(
    r"[+-]?\d{1,3}([.' \u00a0\u202f’])\d{3}(?:\1\d{3})*(?:,\d*)?"
    rf"|[+-]?(?:\d+(?:,\d*)?|,\d+){_EXPONENT}",
    re.ASCII,
)
_DOT_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})*", re.ASCII)
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


def read_column(
    cells: Ordered[str], separator: str, *, dots_group: bool = False
) -> Column | Misfit:
    """Return the numbers of a column, or its first cell that is not a number.

    All cells are read in the same way: with a decimal point; with thousands grouped by a comma,
    a space or an apostrophe; or with a decimal comma. Where both of the last two fit (``1,234``),
    a table separated by commas means thousands and any other table means decimals. The note says
    which was used. Currency signs are dropped; ``12%`` is 12; ``(5)`` is −5.

    Args:
        cells: stripped of spaces.
        separator: what separates the cells of the table.
        dots_group: read ``1.234`` as 1234: other columns of the table have decimal commas.
    """
    absent = {cell for cell in {*cells} if is_missing(cell)}
    missing = np.array([cell in absent for cell in cells]) if absent else np.zeros(len(cells), bool)
    present = [*compress(cells, ~missing)] if absent else cells
    numbers = None if dots_group else _all_plain(present)
    how = _missing_note(compress(cells, missing))
    if numbers is not None:
        return _column(missing, numbers, how)
    distinct = [*dict.fromkeys(present)]
    read = _read(distinct, [_comma] if dots_group else _ways(separator))
    if isinstance(read, Misfit):
        return Misfit(cells.index(distinct[read.place]), read.why)
    values, note = read
    by_cell = dict(zip(distinct, values, strict=True))
    return _column(missing, [by_cell[cell] for cell in present], how + note)


def _ways(separator: str) -> list[Way]:
    """Return the ways to read a column, the most likely first."""
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


def has_comma_decimals(cells: Ordered[str], column: Column) -> bool:
    """Return whether a cell shows that commas are the decimal sign, like 0,5 and 1.234.567."""
    return bool(column.note) and any(
        ("," in cell or cell.count(".") > 1)
        and _grouped(cell_parts(cell).core) is None
        and not is_missing(cell)
        for cell in cells
    )


def could_group_by_dots(cells: Ordered[str]) -> bool:
    """Return whether every dot could group thousands (1.234 for 1234), and there is one."""
    present = [cell for cell in cells if not is_missing(cell)]
    return any("." in cell for cell in present) and all(map(_DOT_GROUPS.fullmatch, present))


def has_decimal_points(cells: Ordered[str]) -> bool:
    """Return whether a dot in a cell can't group thousands, as in 0.25."""
    return any("." in c and not _DOT_GROUPS.fullmatch(c) and not is_missing(c) for c in cells)


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
            examples[kind] = f"“{shown(cell)}” is read as {value:.15g}{percent}"
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
