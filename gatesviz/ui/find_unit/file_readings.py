"""Many sequences for the model of a file: texts in its entries, or numbers, and their score."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gatesviz.detective import Probe, properties
from gatesviz.detective.scores import NextEntry, NextValue, SameAnswer
from gatesviz.experiments.statistics import FEWEST
from gatesviz.experiments.what_if import FRESH
from gatesviz.limits import READ_AT_ONCE, SEED
from gatesviz.recordings import record
from gatesviz.tasks import TASKS
from gatesviz.tasks.characters import CHARACTERS
from gatesviz.tasks.characters import text as english_text
from gatesviz.tasks.texts import held_out_from
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.find_unit.given import Given, sources
from gatesviz.ui.find_unit.models import Examined
from gatesviz.ui.find_unit.parameters import OWN_TEXT, RANDOM, WAVES
from gatesviz.ui.find_unit.reading import Reading, numbered

if TYPE_CHECKING:
    from torch import Tensor

Entries = NDArray[np.int64]
STEPS, SHORT = 60, 10
"""The most steps of a sequence that is cut from a longer one, and the fewest for an interval."""
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
        count = examined.sequences(STEPS)
        _check_size(examined, count * STEPS)
        drawn = np.random.default_rng(FRESH + SEED.low)
        entries = drawn.integers(model.entries, size=(STEPS, count))
        where = "entries drawn at random"
    elif given.source == OWN_TEXT:
        entries, where = _own(examined, model, given.text), "your text"
    elif model.by_characters:
        entries, where = _in_characters(examined, model), "an English text about Python"
    else:
        entries, where = _in_words(examined, model), "an English text about Python"
    _check_size(examined, entries.size)
    read = model.opened.features(entries.ravel().tolist()).reshape(*entries.shape, -1)
    known = model.vocabulary
    what = "" if known is None or given.source == RANDOM else ", in your model's "
    what += ("characters" if model.by_characters else "words") if what else ""
    steps, count = entries.shape
    return Reading(
        record(model.module, read),
        None if known is None else [[known[k] for k in sample] for sample in entries.T.tolist()],
        [[model.label(k) for k in sample] for sample in entries.T.tolist()],
        f"{_amount(count, steps)}, from {where}{what}",
        **_score(model, given, read, entries),
    )


def _own(examined: Examined, model: FileModel, text: str) -> Entries:
    """Return the reader's text in the model's entries, cut into sequences: (T, B).

    Raises:
        ValueError: if the model knows fewer than two of its entries.
    """
    numbers, _ = model.entries_of(text)
    if len(numbers) < 2:
        what = "characters" if model.by_characters else "words"
        raise ValueError(f"Your model knows fewer than two {what} of your text. Type a longer one")
    return _cut(np.array(numbers, np.int64), examined.sequences(STEPS))


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
    return _cut(np.array(numbers, np.int64), examined.sequences(STEPS))


def _numbers(examined: Examined, model: FileModel) -> Reading:
    """Return waves, stretches of a series or a table, or random numbers."""
    import torch

    given = examined.given or Given(sources(model)[0])
    if given.values is not None:
        values = _cut(given.values, examined.sequences(STEPS))
        where = given.about
    elif given.source == WAVES:
        task = TASKS["wave"]
        count = examined.sequences(task.length)
        generator = torch.Generator().manual_seed(FRESH + SEED.low)
        values = task.batch(generator, count, task.length, held_out=True).inputs.numpy()
        where = f"the task “{task.title}”"
    else:
        count = examined.sequences(STEPS)
        _check_size(examined, count * STEPS)
        drawn = np.random.default_rng(FRESH + SEED.low)
        values = drawn.standard_normal((STEPS, count, model.size))
        where = "numbers drawn at random, with mean 0 and standard deviation 1"
    _check_size(examined, values.shape[0] * values.shape[1])
    read = torch.from_numpy(values).to(next(model.module.parameters()).dtype)
    return Reading(
        record(model.module, read),
        None,
        numbered(values),
        f"{_amount(values.shape[1], len(values))}, from {where}",
        **_score(model, given, read, None),
    )


def _score(
    model: FileModel, given: Given, read: "Tensor", entries: Entries | None
) -> dict[str, Any]:
    """Return the probe of a reading, and the name and the unit of its score; {} without any.

    The next entry of a text, or the next value of a series, is the right answer. Elsewhere the
    answers are compared with what the unchanged model answers.
    """
    readout = model.opened.readout
    if readout is None:
        return {}
    parts = model.module, readout, read
    if entries is not None and model.predicts and given.source != RANDOM:
        name = "bits per character" if model.by_characters else "bits per word"
        return {"probe": Probe(*parts, NextEntry(entries), "lower"), "metric": name}
    if given.forecasts:
        score = NextValue(read.double().numpy())
        return {"probe": Probe(*parts, score, "lower"), "metric": "mean error of the forecast"}
    if model.kind not in ("choice", "set"):
        return {}
    answers = readout(_output(model, read))
    same = SameAnswer.reading(answers, several=model.kind == "set")
    return {"probe": Probe(*parts, same), "metric": "unchanged answers", "unit": "%"}


def _output(model: FileModel, read: "Tensor") -> "Tensor":
    import torch

    with torch.no_grad():
        output: Tensor = torch.from_numpy(record(model.module, read).output)
    return output


def _cut(values: NDArray[Any], most: int) -> NDArray[Any]:
    """Return a long sequence (N, …) as up to ``most`` sequences: (T, B, …).

    They have `STEPS` steps or a little less, so that few values are left: fewer than B, or those
    beyond ``most`` sequences. If an interval needs more sequences, they are shorter, but not below
    `SHORT` steps.
    """
    count = -(-len(values) // STEPS)
    if len(values) >= FEWEST * SHORT:
        count = max(count, FEWEST)
    count = min(most, count)
    steps = min(STEPS, len(values) // count)
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
