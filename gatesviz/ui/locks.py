"""Controls that the link hides or locks: ``?hide=seed.cell&lock=text`` or ``?lock=all``.

Both belong to the address alone. A page that is opened from the menu hides and locks nothing.
"""

from collections.abc import Iterable

import streamlit as st

HIDE, LOCK = "hide", "lock"
ALL = "all"
BETWEEN = "."
_DRAWN = "drawn fields"


def joined(keys: Iterable[str]) -> str:
    """Return keys of controls as a link has them."""
    return BETWEEN.join(keys)


def named(parameter: str) -> frozenset[str]:
    """Return the keys that a parameter of the address names. `ALL` is one of them."""
    return frozenset(st.query_params.get(parameter, "").split(BETWEEN)) - {""}


def is_locked(key: str) -> bool:
    """Return whether the link locks the control ``key``."""
    return LOCK in st.query_params and bool(named(LOCK) & {key, ALL})


def begin_drawing() -> None:
    """Forget which controls are drawn. Call this at the start of each run."""
    st.session_state[_DRAWN] = set()


def note_drawn(key: str) -> None:
    """Note that the control ``key`` is on the page."""
    st.session_state.setdefault(_DRAWN, set()).add(key)


def drawn() -> frozenset[str]:
    """Return the keys of the controls that are on the page."""
    return frozenset(st.session_state.get(_DRAWN, ()))
