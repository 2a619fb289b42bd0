"""The choices for a model file: menus that keep their value and put it into the link."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import streamlit as st

from gatesviz.ui.lessons.address import by_history
from gatesviz.ui.links import Parameter, Text
from gatesviz.ui.widget_memory import carry, forget, remember

KEYS = ("file part", "file cell", "file input", "file readout", "file reads", "file meaning")
"""Of the menus. The link's parameters have the same names with "_"."""
LONGEST = 80
"""Characters of a name that a link carries."""
PARAMETERS: Mapping[str, Parameter] = {key.replace(" ", "_"): Text(LONGEST) for key in KEYS}
_NUMBER, _PART = "model file number", "model file part"
_RENEWED = "model menus to renew"


def renew_menus() -> None:
    """Begin with new menus, for a file that was opened now."""
    if _NUMBER in st.session_state:  # the link was made for the first file
        forget_choices()
    st.session_state[_NUMBER] = st.session_state.get(_NUMBER, 0) + 1


def forget_choices() -> None:
    """Remove the choices from the link."""
    for name in PARAMETERS:
        if name in st.query_params:
            del st.query_params[name]


def begin_part(name: str, kept: Collection[str] = ()) -> None:
    """Forget what was chosen for another recurrent part of the same file.

    The menus then begin with what `gatesviz.open_model` takes for the part ``name``.

    Args:
        name: of the part that is chosen now.
        kept: choices of "file input" that stay, because the part has no default of its own.
    """
    number = st.session_state[_NUMBER]
    before = st.session_state.get(_PART)
    st.session_state[_PART] = number, name
    if before is None or before[0] != number or before[1] == name:
        return
    for key in KEYS:
        here = f"{key} {number}"
        if key == "file part" or (key == "file input" and st.session_state.get(here) in kept):
            continue
        forget(here)
        st.session_state.setdefault(_RENEWED, set()).add(here)
        if not by_history():  # a link that the reader followed has the choices for its part
            st.query_params.pop(key.replace(" ", "_"), None)


def linked_choices() -> dict[str, str]:
    """Return the choices that are in the link."""
    return {name: st.query_params[name] for name in PARAMETERS if name in st.query_params}


def select(
    label: str,
    options: Sequence[str],
    key: str,
    index: int | None = 0,
    words: Mapping[str, str] | None = None,
    **more: Any,
) -> str | None:
    """Draw a menu that keeps its choice while it is not on the page, and return the choice.

    A choice other than that of ``index`` is in the link.

    Args:
        label, options, index, more: as of `st.selectbox`.
        key: one of `KEYS`.
        words: option -> its word in a link, where that isn't the option itself.
    """
    name, key = key.replace(" ", "_"), f"{key} {st.session_state[_NUMBER]}"
    written = {one: (words or {}).get(one, one) for one in options}
    carry(key)
    linked = [one for one in options if written[one] == st.query_params.get(name)]
    begin = options.index(linked[0]) if linked else index
    renewed: set[str] = st.session_state.get(_RENEWED, set())
    anew = key in renewed or bool(linked and by_history())
    if key in st.session_state and (anew or st.session_state[key] not in options):
        # the browser keeps the value of a widget until it is given another one
        st.session_state[key] = None if begin is None else options[begin]
    renewed.discard(key)
    chosen: str | None = st.selectbox(label, options, begin, key=key, **more)
    remember(key)
    _write(name, chosen, None if index is None else options[index], written)
    return chosen


def _write(name: str, chosen: str | None, usual: str | None, written: Mapping[str, str]) -> None:
    """Put a choice into the link, or remove it where the page begins with it anyway."""
    word = "" if chosen is None or chosen == usual else written[chosen]
    if not word or len(word) > LONGEST:
        if name in st.query_params:
            del st.query_params[name]
    elif st.query_params.get(name) != word:
        st.query_params[name] = word
