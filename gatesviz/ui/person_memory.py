"""What a browser's person has solved, kept over reloads: no account, and nothing on the disk.

The process holds it in memory, by the cookie that tells browsers apart. So it is gone when the
browser closes or the server restarts. Streamlit's caches would not do: they can be cleared.
"""

import threading
from collections import OrderedDict

import streamlit as st

from gatesviz.limits import REMEMBERED_PERSONS
from gatesviz.ui.persons import person

_LOCK = threading.Lock()
_PERSONS: OrderedDict[str, dict[str, dict[str, str]]] = OrderedDict()


def remembered(kind: str) -> dict[str, str]:
    """Return the texts of one kind that this person keeps, by name; change it to keep more.

    A browser without the cookie keeps them for its session only. Of more than
    `limits.REMEMBERED_PERSONS` people, those who came first are forgotten.
    """
    who = person()
    if not who:
        kept: dict[str, str] = st.session_state.setdefault(f"remembered {kind}", {})
        return kept
    with _LOCK:
        own = _PERSONS.setdefault(who, {})
        _PERSONS.move_to_end(who)
        while len(_PERSONS) > REMEMBERED_PERSONS:
            _PERSONS.popitem(last=False)
        return own.setdefault(kind, {})
