"""The properties that fit a model, and their labels for what it reads."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from numpy.typing import NDArray

from gatesviz.detective import properties
from gatesviz.detective.labels import is_missing, label_text
from gatesviz.sequences.characters import shown
from gatesviz.ui.find_unit.models import Examined
from gatesviz.ui.find_unit.parameters import (
    ANSWER,
    DEPTH,
    IN_TABLE,
    LETTER,
    OWN,
    OWN_TEXT,
    POSITION,
    PROPERTIES,
    QUOTES,
)
from gatesviz.ui.find_unit.reading import Reading

Labels = NDArray[Any]
BRACKETS = ("()", "[]", "{}")
QUOTE = '"'
CHANGES = {DEPTH: "brackets", QUOTES: "quotation marks"}
"""Name of a property -> what a text needs for it to change."""


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


def constant(examined: Examined, name: str, given: NDArray[Any]) -> str:
    """Return what to do where the property is the same at every step, as a sentence."""
    known = [label for label in given.ravel().tolist() if not is_missing(label)]
    if name == OWN:
        return "All your labels are the same. Write at least two different ones"
    found = f"is “{label_text(known[0])}” at every step" if known else "has no value at any step"
    change = "Choose another input under “Examine the units on”"
    if examined.given is not None and examined.given.source == OWN_TEXT:
        change = f"Type a text with {CHANGES.get(name, 'other words')} under “Text to read”"
    return (
        f"The property “{shown(name, 40)}” {found} of what the model reads, so no unit can track"
        f" it. {change}, or choose another property"
    )
