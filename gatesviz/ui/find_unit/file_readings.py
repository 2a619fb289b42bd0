"""Many sequences for the model of a file: an English text in its entries, or random ones."""

import numpy as np

from gatesviz.detective import properties
from gatesviz.experiments.what_if import FRESH
from gatesviz.limits import SEED
from gatesviz.recordings import record
from gatesviz.tasks import TASKS
from gatesviz.tasks.characters import CHARACTERS
from gatesviz.tasks.characters import text as english_text
from gatesviz.tasks.texts import held_out_from
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.find_unit.amounts import amount, check_size, cut_rows
from gatesviz.ui.find_unit.file_scores import Entries, score_of
from gatesviz.ui.find_unit.given import Given, sources
from gatesviz.ui.find_unit.long_text import CUT, STRETCH
from gatesviz.ui.find_unit.models import Examined
from gatesviz.ui.find_unit.number_readings import read_numbers
from gatesviz.ui.find_unit.parameters import ENGLISH, OWN_TEXT, RANDOM, TABLE
from gatesviz.ui.find_unit.reading import Reading
from gatesviz.ui.find_unit.text_readings import kind_of, read_texts

FEW = (
    "Your model knows too few {} of the English text of this page. Choose “your own text” or"
    " “random inputs”, under “Examine the units on”"
)


def read_file(examined: Examined, model: FileModel) -> Reading:
    """Return the sequences that the reader chose for the model of a file.

    Raises:
        ValueError: if there are none, or if the model is too wide.
    """
    given = examined.given or Given(sources(model)[0])
    if given.problem:
        raise ValueError(given.problem)
    if not model.spelled:
        return read_numbers(examined, model, given)
    if given.source in (OWN_TEXT, TABLE) and model.vocabulary is not None:
        return read_texts(examined, model, given)
    return _entries_read(examined, model, given)


def _entries_read(examined: Examined, model: FileModel, given: Given) -> Reading:
    """Return stretches of the English text, or random entries."""
    if given.source == RANDOM or model.vocabulary is None:
        count = examined.sequences(STRETCH)
        check_size(examined, count * STRETCH)
        drawn = np.random.default_rng(FRESH + SEED.low)
        entries = drawn.integers(model.entries, size=(STRETCH, count))
        where = "entries drawn at random"
    elif model.by_characters:
        entries, where = _in_characters(examined, model), "an English text about Python"
    else:
        entries, where = _in_words(examined, model), "an English text about Python"
    check_size(examined, entries.size)
    read = model.opened.features(entries.ravel().tolist()).reshape(*entries.shape, -1)
    known = model.vocabulary
    what = "" if known is None or given.source == RANDOM else f", in your model's {kind_of(model)}"
    steps, count = entries.shape
    return Reading(
        record(model.module, read),
        None if known is None else [[known[k] for k in sample] for sample in entries.T.tolist()],
        [[model.label(k) for k in sample] for sample in entries.T.tolist()],
        f"{amount(count, steps)}, from {where}{what}",
        begins=CUT if given.source == ENGLISH else "",
        **score_of(model, given, read, entries),
    )


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
    check_size(examined, count * task.length)
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
    return cut_rows(np.array(numbers, np.int64), examined.sequences(STRETCH))
