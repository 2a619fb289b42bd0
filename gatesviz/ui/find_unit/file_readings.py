"""Many sequences for the model of a file: texts in its entries, or numbers, and their score."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gatesviz.detective import properties
from gatesviz.experiments.statistics import FEWEST
from gatesviz.experiments.what_if import FRESH
from gatesviz.limits import READ_AT_ONCE, READ_IN_ONE_GO, SEED
from gatesviz.recordings import record
from gatesviz.tasks import TASKS
from gatesviz.tasks.characters import CHARACTERS
from gatesviz.tasks.characters import text as english_text
from gatesviz.tasks.texts import held_out_from
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.find_unit.file_scores import Entries, score_of
from gatesviz.ui.find_unit.given import Given, sources
from gatesviz.ui.find_unit.long_text import (
    CUT,
    CUT_NUMBERS,
    LINES,
    MORE_LINES,
    MORE_ROWS,
    MORE_TEXT,
    SHORT,
    STRETCH,
    amount_of,
    cut_text,
    padded,
    where_counts_begin,
)
from gatesviz.ui.find_unit.models import Examined
from gatesviz.ui.find_unit.parameters import (
    ENGLISH,
    MOST_SEQUENCES,
    OWN_TEXT,
    RANDOM,
    WAVES,
)
from gatesviz.ui.find_unit.reading import Reading, numbered

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn.utils.rnn import PackedSequence

FEW = (
    "Your model knows too few {} of the English text of this page. Choose “your own text” or"
    " “random inputs”, under “The units are examined on”"
)


def read_file(examined: Examined, model: FileModel) -> Reading:
    """Return the sequences that the reader chose for the model of a file.

    Raises:
        ValueError: if there are none, or if the model is too wide.
    """
    given = examined.given or Given(sources(model)[0])
    if given.problem:
        raise ValueError(given.problem)
    return _entries_read(examined, model, given) if model.spelled else _numbers(examined, model)


def _entries_read(examined: Examined, model: FileModel, given: Given) -> Reading:
    """Return stretches of a text, or random entries."""
    if given.source == RANDOM or model.vocabulary is None:
        count = examined.sequences(STRETCH)
        _check_size(examined, count * STRETCH)
        drawn = np.random.default_rng(FRESH + SEED.low)
        entries = drawn.integers(model.entries, size=(STRETCH, count))
        where = "entries drawn at random"
    elif given.source == OWN_TEXT:
        return _own(examined, model, given)
    elif model.by_characters:
        entries, where = _in_characters(examined, model), "an English text about Python"
    else:
        entries, where = _in_words(examined, model), "an English text about Python"
    _check_size(examined, entries.size)
    read = model.opened.features(entries.ravel().tolist()).reshape(*entries.shape, -1)
    known = model.vocabulary
    what = "" if known is None or given.source == RANDOM else f", in your model's {_kind(model)}"
    steps, count = entries.shape
    return Reading(
        record(model.module, read),
        None if known is None else [[known[k] for k in sample] for sample in entries.T.tolist()],
        [[model.label(k) for k in sample] for sample in entries.T.tolist()],
        f"{_amount(count, steps)}, from {where}{what}",
        begins=CUT if given.source == ENGLISH else "",
        **score_of(model, given, read, entries),
    )


def _own(examined: Examined, model: FileModel, given: Given) -> Reading:
    """Return the reader's text: in one go, or as few sequences as its length allows.

    A model with one answer for a sequence reads each line as a sequence of its own.

    Raises:
        ValueError: if the model knows fewer than two of its entries, or is too wide.
    """
    lines = given.text.splitlines() if model.once is not None else [given.text]
    numbers = [number for line in lines for number in model.entries_of(line)[0]]
    if len(numbers) < 2:
        raise ValueError(
            f"Your model knows fewer than two {_kind(model)} of your text. Type a longer one"
        )
    known = model.vocabulary or ()
    symbols = [known[number] for number in numbers]
    at_once = max(2, READ_AT_ONCE.high // examined.width)
    by_line = model.once is not None
    longest = min(READ_IN_ONE_GO.high, at_once)
    places = _line_ends(model, lines) if by_line else cut_text(symbols, longest)
    while len(places) > 2 and padded(places) * examined.width > READ_AT_ONCE.high:
        places.pop()
    _check_size(examined, padded(places))
    count, pieces = places[-1], [slice(*ends) for ends in pairwise(places)]
    read, entries = _in_sequences(model, numbers, pieces)
    left = f"the first {count:,} of {len(numbers):,} {_kind(model)} of " * (count < len(numbers))
    each = ", one for each line of it" * by_line
    return Reading(
        record(model.module, read),
        [symbols[piece] for piece in pieces],
        [[model.label(number) for number in numbers[piece]] for piece in pieces],
        f"{amount_of(places)}, from {left}your text{each}, in your model's {_kind(model)}",
        more=MORE_LINES if by_line else MORE_TEXT.format(_kind(model)),
        begins=LINES if by_line and len(pieces) > 1 else where_counts_begin(symbols, places),
        **score_of(model, given, read, entries),
    )


def _line_ends(model: FileModel, lines: list[str]) -> list[int]:
    """Return where each line begins among the entries of all, and where the last one ends.

    A line in which the model knows no entry is no sequence.

    Raises:
        ValueError: if a line is too long.
    """
    counts = [count for line in lines if (count := len(model.entries_of(line)[0]))]
    if max(counts) > READ_IN_ONE_GO.high:
        raise ValueError(
            f"A line of your text has {max(counts):,} {_kind(model)}. This page reads each line in"
            f" one go, up to {READ_IN_ONE_GO.high:,} {_kind(model)}. Break the line"
        )
    return [0, *np.cumsum(counts[:MOST_SEQUENCES]).tolist()]


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


def _kind(model: FileModel) -> str:
    return "characters" if model.by_characters else "words"


def _in_characters(examined: Examined, model: FileModel) -> Entries:
    """Return stretches of the English text in the model's characters: (T, B).

    All are as long as the shortest of them.

    Raises:
        ValueError: if the model knows hardly any of these characters, or is too wide.
    """
    import torch

    task = TASKS["characters"]
    count = examined.sequences(task.length)
    generator = torch.Generator().manual_seed(FRESH + SEED.low)
    inputs = task.batch(generator, count, task.length, held_out=True).inputs
    _check_size(examined, count * task.length)
    texts = properties.spell(inputs.numpy(), task.vocabulary or ())
    found = [model.entries_of("".join(text))[0] for text in texts]
    shortest = min(map(len, found))
    if shortest < task.length // 2:
        raise ValueError(FEW.format("characters"))
    return np.array([numbers[:shortest] for numbers in found], np.int64).T


def _in_words(examined: Examined, model: FileModel) -> Entries:
    """Return stretches of the English text in the model's words: (T, B).

    Raises:
        ValueError: if the model knows fewer than half of its words.
    """
    letters = english_text()
    held_out = "".join(CHARACTERS[k] for k in letters[held_out_from(len(letters)) :].tolist())
    numbers, unknown = model.entries_of(held_out)
    if unknown > len(held_out.split()) // 2:
        raise ValueError(FEW.format("words"))
    return _cut(np.array(numbers, np.int64), examined.sequences(STRETCH))


def _numbers(examined: Examined, model: FileModel) -> Reading:
    """Return waves, stretches of a series or a table, or random numbers."""
    import torch

    given = examined.given or Given(sources(model)[0])
    if given.values is not None:
        values = _cut(given.values, examined.sequences(STRETCH))
        where = given.about
    elif given.source == WAVES:
        task = TASKS["wave"]
        count = examined.sequences(task.length)
        generator = torch.Generator().manual_seed(FRESH + SEED.low)
        values = task.batch(generator, count, task.length, held_out=True).inputs.numpy()
        where = f"the task “{task.title}”"
    else:
        count = examined.sequences(STRETCH)
        _check_size(examined, count * STRETCH)
        drawn = np.random.default_rng(FRESH + SEED.low)
        values = drawn.standard_normal((STRETCH, count, model.size))
        where = "numbers drawn at random, with mean 0 and standard deviation 1"
    _check_size(examined, values.shape[0] * values.shape[1])
    read = torch.from_numpy(values).to(next(model.module.parameters()).dtype)
    return Reading(
        record(model.module, read),
        None,
        numbered(values),
        f"{_amount(values.shape[1], len(values))}, from {where}",
        more=MORE_ROWS if given.values is not None else "",
        begins=CUT_NUMBERS if given.values is not None and values.shape[1] > 1 else "",
        **score_of(model, given, read, None),
    )


def _cut(values: NDArray[Any], most: int) -> NDArray[Any]:
    """Return a long sequence (N, …) as up to ``most`` sequences: (T, B, …).

    They have `STRETCH` steps or a little less, so that few values are left: fewer than B, or those
    beyond ``most`` sequences. If an interval needs more sequences, they are shorter, but not below
    `SHORT` steps.
    """
    count = -(-len(values) // STRETCH)
    if len(values) >= FEWEST * SHORT:
        count = max(count, FEWEST)
    count = min(most, count)
    steps = min(STRETCH, len(values) // count)
    apart = values[: steps * count].reshape(count, steps, *values.shape[1:])
    return np.ascontiguousarray(np.swapaxes(apart, 0, 1))


def _amount(count: int, steps: int) -> str:
    return f"{count:,} sequence{'' if count == 1 else 's'} of {steps} steps"


def _check_size(examined: Examined, steps: int) -> None:
    """Check how many numbers ``steps`` of all sequences take, before any is made.

    Raises:
        ValueError: if they are too many for this page.
    """
    width = examined.width
    if steps * width > READ_AT_ONCE.high:
        own = ". Choose the property “your own labels” and type a text"
        instead = own if examined.vocabulary else ""
        raise ValueError(
            f"Your model has {width:,} inputs, states or answers at each step. {steps:,} steps of"
            f" it are too many for this page, which keeps up to {READ_AT_ONCE.high:,}"
            f" numbers{instead}"
        )
