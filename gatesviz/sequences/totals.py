"""Last rows that sum up a table: recognised by their label, or by their values."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from gatesviz.sequences.characters import shown
from gatesviz.sequences.columns import Column, Misfit, is_missing, is_number, read_column
from gatesviz.sequences.cycles import places
from gatesviz.sequences.date_notations import rewritten
from gatesviz.sequences.dates import looks_like_dates, names_times
from gatesviz.sequences.rows import Rows
from gatesviz.sequences.total_words import (
    MEAN,
    NAMED,
    SUM,
    WITH_ONE_COLUMN,
    Statistics,
    all_statistics,
    bare,
    begins_with_statistic,
    is_spread,
    is_statistic,
    named_statistic,
    statistic_of,
)

_MOST = 5  # rows at the end that may sum up the table
_LEAST = 3  # rows above a total that only its values show
_NEAR = 1e-6  # how far a sum may be from the number written, as a share of the largest number
_ROUGH = 0.02  # how far a sum or mean may be from a row that is named so, as a share of it
_HINT = "If it is a total, remove it."
_YEARS = 1800, 2100


def without_totals(rows: Rows) -> tuple[Rows, tuple[str, ...]]:
    """Return ``rows`` without last rows that name a total, and notes on these.

    A word below dates, months or numbers names one. Elsewhere, the values must agree: see
    `_judged`. Several last rows that are named like statistics are judged together.

    A row with a word alone below dates or numbers is left out, too. ``rows`` are those below the
    header.
    """
    rows, about = _without_statistics(rows)
    notes = [about] if about else []
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
        if len(rows.numbers) > _LEAST and _statistic(columns, SUM):
            return False, f"{where} is the sum of the rows above it. {_HINT}"
        return False, ""
    if _ends_empty(by_name[label]):
        what = _statistic(columns, {**SUM, **MEAN})
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
    if looks_like_dates([word]) or rewritten([word]) or word in above:
        return False, ""
    name = bare(word)
    what = _statistic(columns, NAMED.get(name, SUM))
    where = f"{where}, “{shown(word)}”,"
    if what and name in NAMED and (name in WITH_ONE_COLUMN or _filled(columns) > 1):
        return True, f"{where} was left out: it is the {what} of the rows above."
    if what:
        return False, f"{where} is the {what} of the rows above it. {_HINT}"
    if looks_like_dates(above):
        return False, f"{where} has no date as the others have. {_HINT}"
    if len(above) >= _LEAST and not is_number(word) and _all_numbers(above, separator):
        return False, f"{where} doesn't begin with a number as the others do. {_HINT}"
    named = begins_with_statistic(word) or is_spread(word)
    if named and not any(begins_with_statistic(each) or is_statistic(each) for each in above):
        return False, f"{where} is named like a statistic. {_HINT}"
    return False, ""


def _without_statistics(rows: Rows) -> tuple[Rows, str]:
    """Return ``rows`` without last rows such as mean, std, min and max, and a note on them.

    Below labels that are times or numbers, the names are enough. Otherwise the values must agree.
    Totals and means alone are judged row by row.
    """
    last = rows.row(-1)
    named = (k for k, cell in enumerate(last) if is_statistic(cell) and not is_number(cell))
    place = next(named, 0)
    first = all(map(is_missing, last[:place]))
    labels = rows.columns[place]
    count = len([*takewhile(is_statistic, reversed(labels))])
    above, words = labels[:-count], labels[-count:]
    names = {*map(bare, words)}
    if count < 2 or len(above) < 2 or len(names) < count or not names.isdisjoint(map(bare, above)):
        return rows, ""
    if all(map(named_statistic, words)) or not any(map(statistic_of, words)):
        return rows, ""
    to = "and" if count == 2 else "to"
    lines = f"Rows {rows.numbers[-count]:,} {to} {rows.numbers[-1]:,}"
    which = f"{lines}, “{shown(words[0])}” {to} “{shown(words[-1])}”,"
    if not (first and are_steps(above, rows.separator)) and not _agree(rows, place, words):
        hint = f"{which} are named like statistics. If they are totals, remove them."
        return rows, hint if first else ""
    about = f"{which} were left out: they are named like statistics of the rows above."
    return rows.part(slice(None, -count)), about


def _agree(rows: Rows, place: int, words: list[str]) -> bool:
    """Return whether values of the last rows, named by ``words``, are what these names say.

    One sum, mean or median is enough. Others, which may be names of people, need a second one.
    """
    agree = 0
    for cells in (cells for k, cells in enumerate(rows.columns) if k != place):
        found = read_column(cells, rows.separator)
        if isinstance(found, Misfit):
            continue
        above = found.values[: -len(words)]
        if (above[~np.isnan(above)][:1] == above[~np.isnan(above)]).all():
            continue  # every statistic of equal numbers is the same
        for word, written in zip(words, found.values[-len(words) :], strict=True):
            what = statistic_of(word)
            if what and is_roughly(what, above, float(written)):
                agree += 1 + (bool(named_statistic(word)) or bare(word) in WITH_ONE_COLUMN)
    return agree > 1


def is_roughly(what: Statistics, above: NDArray[np.float64], written: float) -> bool:
    """Return whether a number is about the statistic of the numbers above it."""
    above = above[~np.isnan(above)]
    if np.isnan(written) or not len(above):
        return False
    values = [float(statistic(above)) for statistic in what.values()]
    return any(
        abs(value - written) <= _ROUGH * abs(value) or _equal(value, written, above)
        for value in values
    )


def are_steps(labels: list[str], separator: str) -> bool:
    """Return whether labels are dates, names of months or days, or numbers, or all hold a digit."""
    with_digits = all(any(map(str.isdecimal, label)) for label in labels)
    return with_digits or are_times_or_numbers(labels, separator)


def are_times_or_numbers(labels: list[str], separator: str) -> bool:
    """Return whether labels are all dates, times, names of months or days, or all numbers."""
    if names_times(labels) or looks_like_dates(labels) or _all_numbers(labels, separator):
        return True
    return bool(rewritten(labels)) or places(labels) is not None


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
        what = named_statistic(word)
        if what and (place == filled[0] or len(words) == 1) and not all_statistics(above):
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
    own = {k for k in columns if continues(columns[k].values, before=int(k) < place)}
    if len(own) == len(columns):  # then it is the values that are even
        own = {k for k in own if int(k) < place}
    own |= {k for k, cells in others.items() if k not in columns and looks_like_dates(cells)}
    above = rows.columns[place][:-1]
    totals = len([*takewhile(named_statistic, reversed(above))])
    above = above[: len(above) - totals]
    steps = are_steps(above, rows.separator)
    if not own and (first or steps):
        if steps or _is_total(rows, place, columns, what, len(above)):
            return True, left_out
        isnt = f"isn't the {next(iter(what))} of the rows above it, so it was kept"
        return False, f"{word} {isnt}. {_HINT}"
    values = {k: column for k, column in columns.items() if k not in own}
    name = _statistic(values, what)
    if not name:
        return False, ""
    several = len(rows.numbers) > _LEAST
    clear = name == "sum" and several and _is_clear_sum(values, dated=True)
    if not own or clear or _statistic(columns, what):
        return True, left_out
    return False, f"{word} is the {name} of the rows above it. {_HINT}"


def _is_total(
    rows: Rows, place: int, columns: Mapping[str, Column], what: Statistics, above: int
) -> bool:
    """Return whether a last row that is named as a total can be one by its other cells.

    One number agrees with the name, or the row has no number, or lacks a cell that all others have.

    Args:
        rows: those below the header.
        place: the column with the name.
        columns: the columns with a number in the last row.
        what: the statistic that is named.
        above: the number of rows above that are no totals.
    """
    lacks = any(_ends_empty(cells) for k, cells in enumerate(rows.columns) if k != place)
    values = [column.values for column in columns.values()]
    agree = (is_roughly(what, each[:above], float(each[-1])) for each in values)
    return lacks or not values or any(agree)


def continues(values: NDArray[np.float64], *, before: bool) -> bool:
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
    rounded = 0.5 * 10.0 ** -max(map(decimals, [written, *above.tolist()]))
    return off <= max(rounded, 1e-12 * len(above) * size)


def decimals(value: float) -> int:
    """Return how many decimals a number has: 2 for 47.25, 5 for 9e-05."""
    exponent = Decimal(repr(value)).as_tuple().exponent
    return max(0, -exponent) if value % 1 and isinstance(exponent, int) else 0
