"""The settings of every page, by the page's name."""

from collections.abc import Container, Iterable, Mapping

import streamlit as st

from gatesviz.ui.challenges import KEY as CHALLENGE
from gatesviz.ui.compare.parameters import FIELDS as COMPARE_FIELDS
from gatesviz.ui.compare.parameters import PARAMETERS as COMPARE
from gatesviz.ui.feed.parameters import FIELDS as FEED_FIELDS
from gatesviz.ui.feed.parameters import PARAMETERS as FEED
from gatesviz.ui.fields import Field
from gatesviz.ui.find_unit.parameters import FIELDS as FIND_UNIT_FIELDS
from gatesviz.ui.find_unit.parameters import PARAMETERS as FIND_UNIT
from gatesviz.ui.gradients.parameters import FIELDS as GRADIENTS_FIELDS
from gatesviz.ui.gradients.parameters import PARAMETERS as GRADIENTS
from gatesviz.ui.inside.parameters import FIELDS as INSIDE_FIELDS
from gatesviz.ui.inside.parameters import PARAMETERS as INSIDE
from gatesviz.ui.links import Choice, Parameter
from gatesviz.ui.menu import MENU
from gatesviz.ui.train.parameters import FIELDS as TRAIN_FIELDS
from gatesviz.ui.train.parameters import PARAMETERS as TRAIN
from gatesviz.ui.what_if.parameters import FIELDS as WHAT_IF_FIELDS
from gatesviz.ui.what_if.parameters import PARAMETERS as WHAT_IF

SETTINGS: Mapping[str, Mapping[str, Parameter]] = {
    "feed": FEED,
    "inside": INSIDE,
    "train": TRAIN,
    "what_if": WHAT_IF,
    "find_unit": FIND_UNIT,
    "gradients": GRADIENTS,
    "compare": COMPARE,
}
"""Name of a page -> its settings, without the player's."""
FIELDS: Mapping[str, Mapping[str, Field]] = {
    page: {field.key: field for field in fields}
    for page, fields in {
        "feed": FEED_FIELDS,
        "inside": INSIDE_FIELDS,
        "train": tuple(TRAIN_FIELDS.values()),
        "what_if": WHAT_IF_FIELDS,
        "find_unit": FIND_UNIT_FIELDS,
        "gradients": GRADIENTS_FIELDS,
        "compare": COMPARE_FIELDS,
    }.items()
}
"""Name of a page -> key -> the row of each control that has one."""
EVERY_SETTING: Mapping[str, Parameter] = {
    key: takes for settings in SETTINGS.values() for key, takes in settings.items()
}
"""The settings of all pages."""
_READS_ALSO: Mapping[str, Mapping[str, Parameter]] = {
    "train": {CHALLENGE: INSIDE[CHALLENGE]},
    **dict.fromkeys(("what_if", "find_unit", "gradients"), FEED),
}
"""Name of a page -> settings of another page that it reads, too: inputs for the model of a file."""


def settings_of(page: str) -> Mapping[str, Parameter]:
    """Return the settings that a link to this page may have; all if it has none of its own."""
    if page not in SETTINGS:
        return EVERY_SETTING
    return {**SETTINGS[page], **_READS_ALSO.get(page, {})}


def pages_of_others(page: str) -> dict[str, str]:
    """Return key -> the title of its page, for each setting that this page doesn't read."""
    titles = {entry.name: entry.title for entry in MENU}
    mine = settings_of(page)
    return {
        key: titles[other]
        for other, settings in SETTINGS.items()
        for key in settings
        if key not in mine
    }


def settings_in_words(page: str, without: Container[str]) -> str:
    """Return the settings of a page that differ from their defaults, as the session holds them.

    Nothing that the user typed as a text is in it.

    Args:
        page: its name.
        without: the keys of those that don't count.
    """
    held = [
        (field, st.session_state.get(field.key, field.default))
        for field in FIELDS.get(page, {}).values()
        if field.key not in without
    ]
    return in_words((field, value) for field, value in held if value != field.default)


def in_words(values: Iterable[tuple[Field, object]]) -> str:
    """Return settings and their values, as in "Hidden units: 12; Bidirectional: on".

    A text, or another value that isn't the app's own, is left out.
    """
    return "; ".join(
        f"{field.label}: {text}" for field, value in values if (text := _text(field, value))
    )


def _text(field: Field, value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    known = isinstance(field.takes, Choice) and value in field.takes.options
    return str(value) if known else ""
