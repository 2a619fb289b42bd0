"""Tables as inputs of the page: one column, or those that a model of several inputs reads."""

import json
from collections.abc import Sequence as Ordered
from dataclasses import replace
from pathlib import Path

import numpy as np
import streamlit as st

from gatesviz.limits import STEPS
from gatesviz.sequences import Sequence, Table, read_table
from gatesviz.sequences.characters import shown
from gatesviz.training import TrainedModel
from gatesviz.ui.feed.models import Setup
from gatesviz.ui.feed.parameters import (
    COLUMN,
    COLUMNS,
    COLUMNS_KEY,
    CUT_ROWS,
    FILL,
    SCALE,
    SCALINGS,
    read_columns,
)
from gatesviz.ui.fields import write_unbound
from gatesviz.ui.notices import note_ignored, note_waiting
from gatesviz.ui.opened_file import opened_file
from gatesviz.ui.uploads import outcome_of
from gatesviz.ui.user_data import NOTHING, bring_table, show_refusals
from gatesviz.ui.widget_memory import remember, restore

STANDARD, AS_IS = "mean 0, deviation 1", "not scaled"
_DEFAULT, _CHOSEN = "default scale", "scale chosen"
NAMED = 8
"""Columns that a sentence names."""
_TABLE = "table of this session"
_COLUMNS, _COUNT = "file columns", "file columns wanted"


class NothingYetError(ValueError):
    """Nothing has been given to a source yet: its sentence says what to do."""


def table(setup: Setup) -> Sequence:
    """Return a column of a table, or all the columns that your own model reads."""
    found, known = brought(), setup.known
    if isinstance(known, TrainedModel) and known.columns:
        st.text(known.task.explanation)
        return _columns(found, known, *_rows(found))
    if setup.file is not None:
        return chosen_columns(found, setup.file.size, AS_IS)
    return chosen_columns(found, 1)


def brought(*, worded: bool = False) -> Table:
    """Draw the widgets of the table, and return it.

    ``worded``: whether a table without a column of numbers is one, too.

    Raises:
        ValueError: if the input is not a table; a `NothingYetError` before there is one.
    """
    found = bring_table("pasted", file="table", worded=worded)
    given = opened_file()
    kept: Table | None = st.session_state.get(_TABLE)
    if found is None and kept is not None:
        _say_in_use(kept.name)
        return kept
    if found is None and given is not None and given.table:
        name = Path(given.table).name
        _say_in_use(name)
        found = outcome_of(read_table, given.read_table(), name, worded=worded)
    if found is None:
        note_waiting()
        raise NothingYetError(NOTHING)
    if found.columns:  # for other pages: the browser forgets the upload there
        st.session_state[_TABLE] = found
    return found


def has_table() -> bool:
    """Return whether `brought` has a table in this session."""
    given = opened_file()
    return _TABLE in st.session_state or bool(given and given.table)


def _say_in_use(name: str) -> None:
    st.text(f"Table in use: {shown(name, 60)}. Upload or paste another one to replace it.")


def chosen_columns(found: Table, count: int, scale: str = STANDARD) -> Sequence:
    """Draw the choice of ``count`` columns, and return them as one sequence.

    ``scale``: the first one of `SCALINGS`. A model from a file was trained elsewhere, so only its
    author knows whether its numbers were scaled: it begins with the numbers as they are.

    Raises:
        ValueError: if fewer are chosen, or their rows are not a sequence.
    """
    names = choose_columns(found, count)
    show_refusals(found)
    cut, fill = _rows(found)
    check_columns(found, names, count)
    parts = [found.sequence(name, cut=cut, fill=fill) for name in names]
    labels = _row_names(found, parts[0])
    if count == 1:
        return scaled(replace(parts[0], labels=labels), scale)
    values = np.concatenate([part.values for part in parts], axis=1)
    notes = dict.fromkeys(note for part in parts for note in part.notes)
    title = f"{found.name}, {count:,} columns"
    return scaled(Sequence(values, labels, tuple(names), "numbers", title, tuple(notes)), scale)


def _rows(found: Table) -> tuple[bool, bool]:
    """Draw the choices to cut too many rows and to fill gaps; return both."""
    fill = FILL.draw()
    return len(found.rows) > STEPS.high and CUT_ROWS.draw(), fill


def choose_columns(found: Table, count: int) -> list[str]:
    """Draw the menu of the columns that a model of ``count`` inputs reads; return their names."""
    if count == 1:
        return [COLUMN.draw(options=found.numeric, index=found.numeric.index(found.first))]
    state = st.session_state
    restore(_COLUMNS)
    chosen = [name for name in state.get(_COLUMNS, ()) if name in found.numeric]
    inputs = {*sorted(found.numeric, key=found.labels_rows)[:count]}  # an index is seldom one
    first = [name for name in found.numeric if name in inputs]  # in the order of the table
    if _COLUMNS not in state and (linked := _linked_columns(found)):
        chosen = linked
    if _COLUMNS not in state or state.get(_COUNT) != count:  # another part reads as many as it has
        free = (name for name in (*first, *found.numeric) if name not in chosen)
        chosen = [*dict.fromkeys((*chosen, *free))][:count]
    state.update({_COLUMNS: chosen, _COUNT: count})
    names = st.multiselect(
        f"{count:,} columns, in the model's order", found.numeric, key=_COLUMNS,
        max_selections=count,
    )  # fmt: skip
    remember(_COLUMNS)
    text = "" if names == first else json.dumps(names, ensure_ascii=False)
    if len(text) > COLUMNS.most:
        text = ""
        st.text(
            "The names of these columns are too long for the address. A link doesn't have them."
        )
    write_unbound({COLUMNS_KEY: text})
    return names


def _linked_columns(found: Table) -> list[str]:
    """Return the columns that the link names, those that the table has."""
    text = st.query_params.get(COLUMNS_KEY, "")
    if not text or COLUMNS.problem(text):  # the notices say so
        return []
    names = read_columns(text)
    for name in names:
        if name not in found.numeric:
            note_ignored(
                f"The link names the column “{shown(name, 40)}”, and this table has no column of"
                " numbers with that name."
            )
    return [name for name in names if name in found.numeric]


def check_columns(found: Table, names: list[str], count: int) -> None:
    """Check the number of chosen columns, and draw which ones aren't used.

    Raises:
        ValueError: if there are fewer than ``count``.
    """
    if len(names) < count:
        has = len(found.numeric)
        what = f"{len(names):,} {'is' if len(names) == 1 else 'are'} chosen"
        if has < count:
            what = f"this table has {has:,} column{'' if has == 1 else 's'} of numbers"
        raise ValueError(f"the model reads {count:,} columns, and {what}")
    if count > 1 and (unused := used_columns(names, found.numeric)):
        st.text(unused)


def used_columns(names: Ordered[str], numeric: Ordered[str]) -> str:
    """Return which columns of numbers are read, in order, and which aren't, as sentences."""
    unused = [name for name in numeric if name not in names]
    if not unused:
        return ""
    return f"The model reads {_quoted(names)}, in this order. Not used: {_quoted(unused)}."


def _quoted(names: Ordered[str]) -> str:
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(f"“{shown(name, 40)}”" for name in names[:NAMED]) + more


def _row_names(found: Table, sequence: Sequence) -> tuple[str, ...]:
    """Return the labels of the rows: "row 7" where the table has no names of its own."""
    if found.label_column is not None:
        return sequence.labels
    return tuple(f"row {label}" for label in sequence.labels)


def _columns(found: Table, model: TrainedModel, cut: bool, fill: bool) -> Sequence:
    """Return the columns that ``model`` reads, scaled as in its training.

    Raises:
        ValueError: if the table lacks one of them, or its rows are not a sequence.
    """
    lacking = [name for name in model.columns if name not in found.numeric]
    if lacking:
        names = ", ".join(f"“{shown(name, 60)}”" for name in lacking[:8])
        raise ValueError(
            f"this table has no column of numbers {names}. Your model reads"
            f" {len(model.columns)} columns by name. Bring a table with the columns it was"
            " trained on"
        )
    parts = [found.sequence(name, cut=cut, fill=fill) for name in model.columns]
    rows = np.column_stack([found.values(name, fill=fill) for name in model.columns])
    scaled = model.standardised(rows[: parts[0].steps])
    notes = dict.fromkeys(note for part in parts for note in part.notes)
    scale = "Each column is scaled by its mean and standard deviation in your training rows."
    title = f"{found.name}, {len(parts)} columns"
    return Sequence(scaled, parts[0].labels, model.task.features, "numbers", title, (*notes, scale))


def scaled(sequence: Sequence, default: str) -> Sequence:
    """Draw the menu of scales and return the sequence, scaled: see `choose_scale`."""
    return sequence.scaled(choose_scale(default))


def choose_scale(default: str) -> str:
    """Draw the menu of scales; return what `Sequence.scaled` takes.

    ``default`` replaces another input's default until the reader chooses a scale.
    """
    state = st.session_state
    before, chosen = state.get(_DEFAULT, default), state.get(_CHOSEN, False)
    if before != default and state.get(SCALE.key) == before and not chosen:
        state[SCALE.key] = default
    state[_DEFAULT] = default
    index = [*SCALINGS].index(default)
    return SCALINGS[SCALE.draw(index=index, on_change=_note_choice)]


def _note_choice() -> None:
    st.session_state[_CHOSEN] = True
