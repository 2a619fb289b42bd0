"""The properties that fit a model, and their labels for what it reads."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from numpy.typing import NDArray

from gatesviz.detective import properties
from gatesviz.ui.find_unit.models import Examined
from gatesviz.ui.find_unit.parameters import (
    ANSWER,
    DEPTH,
    IN_TABLE,
    LETTER,
    OWN,
    POSITION,
    PROPERTIES,
    QUOTES,
)
from gatesviz.ui.find_unit.reading import Reading

Labels = NDArray[Any]
BRACKETS = ("()", "[]", "{}")
QUOTE = '"'


def letters_to_remember(examined: Examined) -> tuple[str, ...]:
    """Return the letters that are also answers of the task, in a model that doesn't predict."""
    task = examined.task
    if task is None or task.vocabulary is None or task.feeds_back:
        return ()
    found = tuple(letter for letter in task.vocabulary if letter in task.answer_names)
    return found if 2 <= len(found) < len(task.vocabulary) else ()


def fitting(examined: Examined, reading: Reading | None) -> tuple[str, ...]:
    """Return the properties of the menu. Without a ``reading``, only your own labels fit."""
    if reading is None:
        return (OWN,)
    known = examined.vocabulary or ()
    fits = {
        DEPTH: any(set(pair) <= set(known) for pair in BRACKETS),
        LETTER: bool(letters_to_remember(examined)),
        QUOTES: QUOTE in known,
        ANSWER: reading.expected is not None,
        IN_TABLE: bool(reading.columns),
        POSITION: True,
        OWN: bool(known) or reading.texts is None,
    }
    return tuple(name for name in PROPERTIES if fits[name])


def labels(name: str, examined: Examined, reading: Reading) -> Labels:
    """Return the labels of a property that is neither typed nor in a table, (T, B)."""
    if name == ANSWER:
        assert reading.expected is not None  # else the menu doesn't offer it
        return reading.expected
    texts = reading.texts or reading.labels
    of_text: Mapping[str, Callable[[Any], Labels]] = {
        POSITION: properties.position,
        DEPTH: properties.bracket_depth,
        QUOTES: properties.inside_quotes,
        LETTER: partial(properties.last_letter, letters=letters_to_remember(examined)),
    }
    return properties.for_texts(of_text[name], texts)
