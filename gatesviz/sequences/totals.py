"""Last rows that sum up a table: recognised by their label, or by their values."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatesviz.sequences.characters import shown
from gatesviz.sequences.columns import Column, Misfit, is_missing, is_number, read_column
from gatesviz.sequences.dates import looks_like_dates
from gatesviz.sequences.rows import Rows

_MOST = 5  # rows at the end that may sum up the table
_LEAST = 3  # rows above a total that only its values show
_NEAR = 1e-6  # how far a sum may be from the number written, as a share of the largest number
_HINT = "If it is a total, remove it."
_SUMS = re.compile(
    r"(?:(?:grand|sub)[ -]?)?total(?:s|e|es|i)?|totaal|sums?|total général"
    r"|summen?|summa|(?:ins)?gesamt(?:summe|ergebnis)?"
    r"|somme|suma|razem|итого|всего|合計|合计|总计|總計|総計|小計|小计",
    re.IGNORECASE,
)
_MEANS = re.compile(
    r"means?|averages?|avg|durchschnitt|mittelwert|moyenne|promedio|среднее|平均", re.IGNORECASE
)
_SPREADS = re.compile(
    r"std\.?|sd|stdev|standard deviation|var(?:iance)?|mode|range|\d+ ?%|q[1-3]", re.IGNORECASE
)
_YEARS = 1800, 2100
_LONGEST = 40  # characters of the name of a total
Statistics = Mapping[str, Callable[[NDArray[np.float64]], Any]]
_SUM: Statistics = {"sum": np.sum}
_MEAN: Statistics = {"mean": np.mean}
_MEDIAN: Statistics = {"median": np.median}
_LARGEST: Statistics = {"maximum": np.max}
_SMALLEST: Statistics = {"minimum": np.min}
_NUMBER: Statistics = {"number": np.size}
_NAMED: Mapping[str, Statistics] = {
    "median": _MEDIAN,
    "media": _MEAN,
    **dict.fromkeys(("max", "maximum", "highest"), _LARGEST),
    **dict.fromkeys(("min", "minimum", "lowest"), _SMALLEST),
    **dict.fromkeys(("count", "number", "anzahl"), _NUMBER),
}
"""Words that may also be names of rows -> what the values must then be."""
_WITH_ONE_COLUMN = ("median", "media")
"""Of these, words for which one column is enough. In one column, Max may well be the best."""


def without_totals(rows: Rows) -> tuple[Rows, tuple[str, ...]]:
    """Return ``rows`` without last rows that name a total, and notes on these.

    A word in the column of labels names one. Elsewhere, the values must agree: see `_judged`.

    A row with a word alone below dates or numbers is left out, too. ``rows`` are those below the
    header.
    """
    notes: list[str] = []
    while len(rows.numbers) > 2 and len(notes) < _MOST:
        is_total, note = _labelled(rows)
        notes += [note] if note else []
        if not is_total:
            break
        rows = rows.part(slice(None, -1))
    return rows, tuple(notes)


def sums_up(
    rows: Rows,
    columns: Mapping[str, Column],
    by_name: Mapping[str, list[str]],
    label: str | None,
    *,
    dated: bool,
) -> tuple[bool, str]:
    """Return whether the last row is surely a total, and a note on the row.

    Where its values agree with a total and its label names none, the note is a hint.

    Args:
        rows: those below the header.
        columns: the numeric columns.
        by_name: the cells of all columns.
        label: the column of labels, if there is one.
        dated: whether the labels are dates.
    """
    if len(rows.numbers) <= 2 or not columns:
        return False, ""
    where = f"Row {rows.numbers[-1]:,}"
    if label is None:
        if len(rows.numbers) > _LEAST and _statistic(columns, _SUM):
            return False, f"{where} is the sum of the rows above it. {_HINT}"
        return False, ""
    if _ends_empty(by_name[label]):
        what = _statistic(columns, {**_SUM, **_MEAN})
        no = f"has no “{label}”, and its values are the {what} of the rows above it"
        if what == "sum" and len(rows.numbers) > _LEAST and _is_clear_sum(columns, dated):
            return True, f"{where} was left out: it {no}."
        return False, f"{where}, the last, {no if what else f'has no “{label}”'}. {_HINT}"
    if label in columns:
        return False, ""
    return _named(where, columns, by_name[label], rows.separator)


def _named(
    where: str, columns: Mapping[str, Column], labels: list[str], separator: str
) -> tuple[bool, str]:
    """Return `sums_up` of a last row with a label."""
    *above, word = labels
    if looks_like_dates([word]) or word in above:
        return False, ""
    name = _bare(word)
    what = _statistic(columns, _NAMED.get(name, _SUM))
    where = f"{where}, “{shown(word)}”,"
    if what and name in _NAMED and (name in _WITH_ONE_COLUMN or _filled(columns) > 1):
        return True, f"{where} was left out: it is the {what} of the rows above."
    if what:
        return False, f"{where} is the {what} of the rows above it. {_HINT}"
    if looks_like_dates(above):
        return False, f"{where} has no date as the others have. {_HINT}"
    if len(above) >= _LEAST and not is_number(word) and _all_numbers(above, separator):
        return False, f"{where} doesn't begin with a number as the others do. {_HINT}"
    return False, ""


def _labelled(rows: Rows) -> tuple[bool, str]:
    """Return whether the last row names a total or has no values, and a note on the row."""
    last = rows.row(-1)
    filled = [place for place, cell in enumerate(last) if not is_missing(cell)]
    words = [place for place in filled if any(map(str.isalpha, last[place]))]
    words = [place for place in words if not is_number(last[place])]
    where = f"Row {rows.numbers[-1]:,}"
    for place in words:
        word, above = last[place], rows.columns[place][:-1]
        if word in above:
            continue
        what = _named_statistic(word)
        if what and (place == filled[0] or len(words) == 1) and not _all_statistics(above):
            return _judged(rows, place, what, first=place == filled[0])
        if len(filled) > 1 or len(rows.columns) == 1:
            continue
        dates = looks_like_dates(above) and not looks_like_dates([word])
        if dates or (len(above) >= _LEAST and _all_numbers(above, rows.separator)):
            return True, f"{where}, “{shown(word)}”, was left out: it has no values."
    return False, ""


def _judged(rows: Rows, place: int, what: Statistics, *, first: bool) -> tuple[bool, str]:
    """Return `_labelled` of a last row in which the cell at ``place`` names a total.

    The word may also be the name of a firm, a comment or a grade. If the row has another label,
    such as the next date or number, or the word is in a column of other words, the values decide.

    Args:
        what: the statistic that the word names.
        first: whether nothing in the row comes before the word.
    """
    word = f"Row {rows.numbers[-1]:,}, “{shown(rows.columns[place][-1])}”,"
    left_out = f"{word} is a total and was left out."
    others = {str(k): cells for k, cells in enumerate(rows.columns) if k != place}
    others = {k: cells for k, cells in others.items() if not is_missing(cells[-1])}
    read = {k: read_column(cells, rows.separator) for k, cells in others.items()}
    columns = {k: found for k, found in read.items() if isinstance(found, Column)}
    own = {k for k in columns if _continues(columns[k].values, before=int(k) < place)}
    if len(own) == len(columns):  # then it is the values that are even
        own = {k for k in own if int(k) < place}
    own |= {k for k, cells in others.items() if k not in columns and looks_like_dates(cells)}
    above = rows.columns[place][:-1]
    if not own and (first or looks_like_dates(above) or _all_numbers(above, rows.separator)):
        return True, left_out
    values = {k: column for k, column in columns.items() if k not in own}
    name = _statistic(values, what)
    if not name:
        return False, ""
    several = len(rows.numbers) > _LEAST
    clear = name == "sum" and several and _is_clear_sum(values, dated=True)
    if not own or clear or _statistic(columns, what):
        return True, left_out
    return False, f"{word} is the {name} of the rows above it. {_HINT}"


def _continues(values: NDArray[np.float64], *, before: bool) -> bool:
    """Return whether the last of some numbers continues the others, as a year or a counter does.

    A column ``before`` the word needs two rows above, others need `_LEAST`.
    """
    if len(values) <= (2 if before else _LEAST) or np.isnan(values).any():
        return False
    if (values != np.floor(values)).any():
        return False
    steps = np.diff(values)
    if np.ptp(steps) == 0 and steps[0]:
        return True
    low, high = _YEARS
    years = bool((values >= low).all() and (values <= high).all())
    return years and bool((steps >= 0).all() or (steps <= 0).all())


def _named_statistic(word: str) -> Statistics:
    """Return the statistic that a word names which is rarely a name; {} for none."""
    bare = _bare(word)
    return _SUM if _SUMS.fullmatch(bare) else _MEAN if _MEANS.fullmatch(bare) else {}


def _all_statistics(labels: list[str]) -> bool:
    """Return whether all labels name statistics, as in a table of these."""
    return all(
        _named_statistic(label) or _bare(label) in _NAMED or _SPREADS.fullmatch(_bare(label))
        for label in labels
    )


def _bare(label: str) -> str:
    """Return a label in small letters, without a colon or a year: "Total 2020" -> "total".

    A label that is too long to name a total gives "".
    """
    words = label.lower().split() if len(label) <= _LONGEST else []
    if len(words) > 1 and len(words[-1]) == 4 and words[-1].isdecimal():
        words.pop()
    return " ".join(words).rstrip(" :=")


def _all_numbers(cells: list[str], separator: str) -> bool:
    """Return whether a column holds numbers, and some."""
    if not all(is_number(cell) or is_missing(cell) for cell in cells[:_LEAST]):
        return False
    found = read_column(cells, separator)
    return not isinstance(found, Misfit) and not np.isnan(found.values).all()


def _ends_empty(cells: list[str]) -> bool:
    """Return whether the last cell is the only one that is missing."""
    return is_missing(cells[-1]) and not any(map(is_missing, cells[:-1]))


def _filled(columns: Mapping[str, Column]) -> int:
    """Return how many columns have a number in the last row."""
    return sum(not np.isnan(column.values[-1]) for column in columns.values())


def _is_clear_sum(columns: Mapping[str, Column], dated: bool) -> bool:
    """Return whether a sum in a row without a label can hardly be a measurement.

    Labels must be dates, or several columns agree, and a sum must exceed all that it adds up.
    """
    if not dated and _filled(columns) < 2:
        return False
    return any(abs(c.values[-1]) > np.nanmax(np.abs(c.values[:-1])) for c in columns.values())


def _statistic(columns: Mapping[str, Column], among: Statistics) -> str:
    """Return which statistic of the rows above the last row holds in all columns; "" for none."""
    values = [column.values for column in columns.values() if not np.isnan(column.values[-1])]
    pairs = [(each[:-1][~np.isnan(each[:-1])], float(each[-1])) for each in values]
    if not any(last and len(above) and np.ptp(above) for above, last in pairs):
        return ""
    for name, statistic in among.items():
        if all(
            len(above) and _equal(float(statistic(above)), last, above) for above, last in pairs
        ):
            return name
    return ""


def _equal(found: float, written: float, above: NDArray[np.float64]) -> bool:
    """Return whether a statistic of the numbers ``above``, as written there, is ``written``.

    It may differ by half of the last decimal written in the column, and by `_NEAR` of the largest
    number.
    """
    size = max(abs(written), float(np.abs(above).max()))
    off = abs(found - written)
    if off > _NEAR * size:
        return False
    rounded = 0.5 * 10.0 ** -max(map(_decimals, [written, *above.tolist()]))
    return off <= max(rounded, 1e-12 * len(above) * size)


def _decimals(value: float) -> int:
    """Return how many decimals a number has: 2 for 47.25, 5 for 9e-05."""
    exponent = Decimal(repr(value)).as_tuple().exponent
    return max(0, -exponent) if value % 1 and isinstance(exponent, int) else 0
