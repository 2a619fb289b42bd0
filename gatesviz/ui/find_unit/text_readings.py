"""Your own texts for the model of a file: one text, a text on each line, or those of a table."""

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gatesviz.experiments.statistics import FEWEST
from gatesviz.limits import READ_AT_ONCE, READ_IN_ONE_GO
from gatesviz.recordings import record
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.find_unit.amounts import amount_of, check_size, padded_steps
from gatesviz.ui.find_unit.file_scores import Entries, score_of
from gatesviz.ui.find_unit.given import Given
from gatesviz.ui.find_unit.given_table import GivenTable
from gatesviz.ui.find_unit.long_text import (
    BY_SCORE,
    LINES,
    MORE_CELLS,
    MORE_LINES,
    MORE_NAMED,
    MORE_TEXT,
    cut_text,
    stretch_of,
    where_counts_begin,
)
from gatesviz.ui.find_unit.models import Examined
from gatesviz.ui.find_unit.parameters import OWN_SEQUENCES
from gatesviz.ui.find_unit.reading import Reading, padded

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn.utils.rnn import PackedSequence


class Spelled(NamedTuple):
    """A sequence in a model's entries.

    Attributes:
        numbers: of its entries.
        rows: the row of the table that each entry is from; [] for a typed text.
        name: what people call it, or "".
    """

    numbers: list[int]
    rows: list[int]
    name: str = ""


def kind_of(model: FileModel) -> str:
    """Return what the entries of a model are, as a plural."""
    return "characters" if model.by_characters else "words"


def read_texts(examined: Examined, model: FileModel, given: Given) -> Reading:
    """Return the reader's texts: each in one go, or one long text as few sequences as possible.

    Raises:
        ValueError: if the model knows fewer than two entries of them, or is too wide.
    """
    apart = given.lines or model.once is not None
    if given.table is not None:
        apart, spelled = given.table.apart, _of_table(model, given.table)
    else:
        lines = given.text.splitlines() if apart else [given.text]
        spelled = [Spelled(model.entries_of(line)[0], []) for line in lines if line]
    least = 1 if model.once is not None else 2
    kept = [one for one in spelled if len(one.numbers) >= least]
    numbers = [number for one in kept for number in one.numbers]
    if len(numbers) < 2:
        raise ValueError(
            f"Your model knows fewer than two {kind_of(model)} of {given.about or 'your text'}."
            f" {'Choose another column' if given.table else 'Type a longer one'}"
        )
    known = model.vocabulary or ()
    symbols = [known[number] for number in numbers]
    places = _places(examined, model, kept, symbols, apart=apart)
    found = _reading(model, given, kept, symbols, places, apart=apart)
    short = len(spelled) - len(kept)
    if not short:
        return found
    ones = "line" if given.table is None else "sequence"
    few = f"{short:,} {ones}{'' if short == 1 else 's'} with fewer than {least} known"
    return replace(found, about=f"{found.about}, without {few} {kind_of(model)}")


def _places(
    examined: Examined, model: FileModel, kept: list[Spelled], symbols: list[str], *, apart: bool
) -> list[int]:
    """Return where each sequence begins among all entries, and where the last one ends.

    Raises:
        ValueError: if one of several sequences is too long, or the model is too wide.
    """
    at_once = max(2, READ_AT_ONCE.high // examined.width)
    longest = min(READ_IN_ONE_GO.high, at_once)
    if apart:
        counts = [len(one.numbers) for one in kept]
        _check_lengths(model, counts)
        places = [0, *np.cumsum(counts[:OWN_SEQUENCES]).tolist()]
    else:
        places = cut_text(symbols, longest)
    while len(places) > 2 and padded_steps(places) * examined.width > READ_AT_ONCE.high:
        places.pop()
    check_size(examined, padded_steps(places))
    return places


def _check_lengths(model: FileModel, counts: list[int]) -> None:
    """Check that no sequence is too long.

    Raises:
        ValueError: if one is.
    """
    most, what = READ_IN_ONE_GO.high, kind_of(model)
    if max(counts) > most:
        raise ValueError(
            f"One of your sequences has {max(counts):,} {what}. This page reads each sequence in"
            f" one go, up to {most:,} {what}. Break it into several"
        )


def _reading(
    model: FileModel,
    given: Given,
    kept: list[Spelled],
    symbols: list[str],
    places: list[int],
    *,
    apart: bool,
) -> Reading:
    """Return the recording of the sequences between ``places``, with what is said about them."""
    numbers = [number for one in kept for number in one.numbers]
    rows = [row for one in kept for row in one.rows]
    pieces = [slice(*ends) for ends in pairwise(places)]
    read, entries = _in_sequences(model, numbers[: places[-1]], pieces)
    of_lines = apart and given.table is None
    names = tuple(one.name for one in kept[: len(pieces)])
    cut = (
        0 if model.once is not None or (apart and len(pieces) >= FEWEST) else stretch_of(places[-1])
    )
    columns = {} if given.table is None else (given.table.columns or {})
    begins = "" if apart else where_counts_begin(symbols, places, table=given.table is not None)
    if of_lines and len(pieces) > 1:
        begins = LINES if model.once is None else BY_SCORE
    return Reading(
        record(model.module, read),
        [symbols[piece] for piece in pieces],
        [[model.label(number) for number in numbers[piece]] for piece in pieces],
        _about(model, given, places, len(numbers), apart=apart),
        more=_more(model, given, cut, apart=apart),
        begins=begins,
        names=names if any(names) else (),
        columns={
            name: padded([labels[rows[piece]] for piece in pieces])
            for name, labels in columns.items()
        },
        **score_of(model, given, read, entries, stretch=cut),
    )


def _more(model: FileModel, given: Given, cut: int, *, apart: bool) -> str:
    """Return how to get enough sequences, or stretches of ``cut`` steps, for an interval."""
    if given.table is not None and (apart or not cut):
        return MORE_NAMED
    if given.table is not None:
        return MORE_CELLS.format(kind_of(model))
    return MORE_TEXT.format(kind_of(model)) if cut else MORE_LINES


def _about(model: FileModel, given: Given, places: list[int], entries: int, *, apart: bool) -> str:
    """Return what is read, as the end of a sentence."""
    kind, count = kind_of(model), places[-1]
    left = f"the first {count:,} of {entries:,} {kind} of " * (count < entries)
    each = ", one for each line of it" * (apart and given.table is None)
    where = given.about if given.table is not None else "your text"
    return f"{amount_of(places)}, from {left}{where}{each}, in your model's {kind}"


def _of_table(model: FileModel, table: GivenTable) -> list[Spelled]:
    """Return the sequences of a table, in the order in which they begin."""
    found = [
        Spelled([], [], name) for name in table.names or [""] * (int(table.sequence.max()) + 1)
    ]
    for row, (cell, number) in enumerate(zip(table.cells, table.sequence.tolist(), strict=True)):
        entries = model.entries_of(cell)[0]
        found[number].numbers.extend(entries)
        found[number].rows.extend([row] * len(entries))
    return found


def _in_sequences(
    model: FileModel, numbers: list[int], pieces: list[slice]
) -> tuple["Tensor | PackedSequence", Entries]:
    """Return pieces of a text as the module takes them, and as entries (T, B)."""
    from torch.nn.utils.rnn import pack_sequence

    features = model.opened.features(numbers)
    entries = np.full((max(p.stop - p.start for p in pieces), len(pieces)), -1, np.int64)
    for k, piece in enumerate(pieces):
        entries[: piece.stop - piece.start, k] = numbers[piece]
    if len(pieces) == 1:
        return features[pieces[0], None], entries
    return pack_sequence([features[piece] for piece in pieces], enforce_sorted=False), entries
