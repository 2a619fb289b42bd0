"""Tables as inputs of the page: one column, or those that a model of several inputs reads."""

from pathlib import Path

import numpy as np
import streamlit as st

from gatesviz.limits import STEPS
from gatesviz.sequences import Sequence, Table, read_table
from gatesviz.sequences.characters import shown
from gatesviz.training import TrainedModel
from gatesviz.ui.feed.models import Setup
from gatesviz.ui.feed.parameters import COLUMN, CUT_ROWS, FILL, SCALE, SCALINGS
from gatesviz.ui.opened_file import opened_file
from gatesviz.ui.uploads import outcome_of
from gatesviz.ui.user_data import NOTHING, bring_table, show_refusals


class NothingYetError(ValueError):
    """Nothing has been given to a source yet: its sentence says what to do."""


def table(setup: Setup) -> Sequence:
    """Return a column of a table, or all the columns that your own model reads."""
    found, known = brought(), setup.known
    if isinstance(known, TrainedModel) and known.columns:
        st.text(known.task.explanation)
        return _columns(found, known, *_rows(found))
    return chosen_columns(found, 1 if setup.file is None else setup.file.size)


def brought() -> Table:
    """Draw the widgets of the table, and return it.

    Raises:
        ValueError: if the input is not a table; a `NothingYetError` before there is one.
    """
    found = bring_table("pasted", file="table")
    given = opened_file()
    if found is None and given is not None and given.table:
        name = Path(given.table).name
        st.text(f"Table in use: {shown(name, 60)}. Upload or paste another one to replace it.")
        found = outcome_of(read_table, given.read_table(), name)
    if found is None:
        raise NothingYetError(NOTHING)
    return found


def chosen_columns(found: Table, count: int) -> Sequence:
    """Draw the choice of ``count`` columns, and return them as one sequence.

    Raises:
        ValueError: if fewer are chosen, or their rows are not a sequence.
    """
    if count > 1:
        return _several(found, count)
    first = found.numeric.index(found.first)
    column = COLUMN.draw(options=found.numeric, index=first)
    show_refusals(found)
    cut, fill = _rows(found)
    return scaled(found.sequence(column, cut=cut, fill=fill), "mean 0, deviation 1")


def _rows(found: Table) -> tuple[bool, bool]:
    """Draw the choices to cut too many rows and to fill gaps; return both."""
    fill = FILL.draw()
    return len(found.rows) > STEPS.high and CUT_ROWS.draw(), fill


def _several(found: Table, count: int) -> Sequence:
    if "file columns" not in st.session_state:
        st.session_state["file columns"] = [*found.numeric[:count]]
    chosen = [name for name in st.session_state["file columns"] if name in found.numeric]
    st.session_state["file columns"] = chosen
    names = st.multiselect(
        f"{count:,} columns, in the model's order", found.numeric, key="file columns",
        max_selections=count,
    )  # fmt: skip
    show_refusals(found)
    cut, fill = _rows(found)
    if len(names) < count:
        raise ValueError(f"the model reads {count:,} columns, and {len(names):,} are chosen")
    parts = [found.sequence(name, cut=cut, fill=fill) for name in names]
    values = np.concatenate([part.values for part in parts], axis=1)
    notes = dict.fromkeys(note for part in parts for note in part.notes)
    title = f"{found.name}, {count:,} columns"
    one = Sequence(values, parts[0].labels, tuple(names), "numbers", title, tuple(notes))
    return scaled(one, "mean 0, deviation 1")


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
    """Draw the menu of scales and return the sequence, scaled."""
    return sequence.scaled(SCALINGS[SCALE.draw(index=[*SCALINGS].index(default))])
