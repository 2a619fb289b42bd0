"""Sequences of numbers for the model of a file: waves, a series, a table, or chance."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatesviz.experiments.what_if import FRESH
from gatesviz.limits import READ_AT_ONCE, READ_IN_ONE_GO, SEED
from gatesviz.recordings import record
from gatesviz.sequences.characters import shown
from gatesviz.tasks import TASKS
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.find_unit.amounts import (
    amount,
    amount_of,
    check_size,
    cut_rows,
    padded_steps,
)
from gatesviz.ui.find_unit.file_scores import score_of
from gatesviz.ui.find_unit.given import Given
from gatesviz.ui.find_unit.given_table import GivenTable
from gatesviz.ui.find_unit.long_text import CUT_NUMBERS, MORE_NAMED, MORE_ROWS, STRETCH
from gatesviz.ui.find_unit.models import Examined
from gatesviz.ui.find_unit.parameters import OWN_SEQUENCES, WAVES
from gatesviz.ui.find_unit.reading import Reading, numbered, padded


def read_numbers(examined: Examined, model: FileModel, given: Given) -> Reading:
    """Return waves, stretches of a series or a table, sequences of a table, or random numbers.

    Raises:
        ValueError: if they are too many for this page, or a sequence of a table is too long.
    """
    table = given.table
    if table is not None and table.apart:
        return _named_sequences(examined, model, given, table)
    given_values = given.values if table is None else table.values
    columns: dict[str, NDArray[Any]] = {}
    if given_values is not None:
        most = examined.sequences(STRETCH)
        values, where = cut_rows(given_values, most), given.about
        labels = (table.columns or {}) if table is not None else {}
        columns = {name: cut_rows(column, most) for name, column in labels.items()}
    else:
        values, where = _drawn(examined, model, given)
    check_size(examined, values.shape[0] * values.shape[1])
    steps, count = values.shape[:2]
    cut = given_values is not None and count > 1
    if given_values is not None:
        what = "numbers" if table is None else "rows"
        where += _without(steps, count, len(given_values), what)
    return Reading(
        record(model.module, _as_inputs(model, values)),
        None,
        numbered(values),
        f"{amount(count, steps)}, {'cut ' * cut}from {where}",
        more=MORE_ROWS if given_values is not None else "",
        begins=CUT_NUMBERS if cut else "",
        columns=columns,
        **score_of(model, given, _as_inputs(model, values), values=values),
    )


def _without(steps: int, count: int, rows: int, what: str) -> str:
    """Return which rows of a long sequence aren't read, after a comma, or ""."""
    left = rows - steps * count
    return f", without the last {left:,} of {rows:,} {what}" if left else ""


def _drawn(examined: Examined, model: FileModel, given: Given) -> tuple[NDArray[Any], str]:
    """Return waves or random numbers (T, B, I), and what they are."""
    import torch

    if given.source == WAVES:
        task = TASKS["wave"]
        count = examined.sequences(task.length)
        generator = torch.Generator().manual_seed(FRESH + SEED.low)
        values = task.batch(generator, count, task.length, held_out=True).inputs.numpy()
        return values, f"the task “{task.title}”"
    count = examined.sequences(STRETCH)
    check_size(examined, count * STRETCH)
    drawn = np.random.default_rng(FRESH + SEED.low)
    values = drawn.standard_normal((STRETCH, count, model.size))
    return values, "numbers drawn at random, with mean 0 and standard deviation 1"


def _named_sequences(
    examined: Examined, model: FileModel, given: Given, table: GivenTable
) -> Reading:
    """Return the sequences that a column of a table names, each in one go.

    Sequences of one row are left out, unless the model has one answer for a sequence.
    """
    from torch.nn.utils.rnn import pack_sequence

    assert table.values is not None
    least = 1 if model.once is not None else 2
    order = np.argsort(table.sequence, kind="stable")
    ends = np.cumsum(np.bincount(table.sequence))[:-1]
    found = [(k, rows) for k, rows in enumerate(np.split(order, ends)) if len(rows) >= least]
    _check(found, table)
    kept = found[:OWN_SEQUENCES]
    width = examined.width
    while len(kept) > 1 and max(len(r) for _, r in kept) * len(kept) * width > READ_AT_ONCE.high:
        kept.pop()
    rows = [each for _, each in kept]
    places = [0, *np.cumsum([len(each) for each in rows]).tolist()]
    check_size(examined, padded_steps(places))
    values = np.full((max(map(len, rows)), len(rows), model.size), np.nan)
    for k, each in enumerate(rows):
        values[: len(each), k] = table.values[each]
    packed = pack_sequence(
        [_as_inputs(model, table.values[each]) for each in rows], enforce_sorted=False
    )
    left = f"the first {len(rows):,} of {len(found):,} sequences of " * (len(rows) < len(found))
    return Reading(
        record(model.module, packed),
        None,
        [labels[: len(r)] for labels, r in zip(numbered(values), rows, strict=True)],
        f"{amount_of(places)}, from {left}{given.about}",
        more=MORE_NAMED,
        names=tuple(table.names[k] for k, _ in kept),
        columns={
            name: padded([column[each] for each in rows])
            for name, column in (table.columns or {}).items()
        },
        **score_of(model, given, packed, values=values),
    )


def _check(found: list[tuple[int, NDArray[np.intp]]], table: GivenTable) -> None:
    """Check that there are sequences, and that none is too long.

    Raises:
        ValueError: if there is none, or one is.
    """
    if not found:
        raise ValueError(
            "Each sequence of your table has one row only, expected two or more. Choose another"
            " column under “Sequences”"
        )
    number, rows = max(found, key=lambda each: len(each[1]))
    if len(rows) > READ_IN_ONE_GO.high:
        raise ValueError(
            f"The sequence “{shown(table.names[number], 40)}” has {len(rows):,} rows. This page"
            f" reads each sequence in one go, up to {READ_IN_ONE_GO.high:,} rows"
        )


def _as_inputs(model: FileModel, values: NDArray[Any]) -> Any:
    """Return numbers as the module takes them."""
    import torch

    return torch.from_numpy(values).to(next(model.module.parameters()).dtype)
