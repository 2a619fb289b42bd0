"""Controls that the link hides or locks: ``?hide=seed.cell&lock=text`` or ``?lock=all``.

Both belong to the address alone. A page that is opened from the menu hides and locks nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import streamlit as st

HIDE, LOCK = "hide", "lock"
ALL = "all"
BETWEEN = "."
SETS = "gatesviz-sets"
"""How the key begins of what changes settings without being the row of one: a button, a slider of a
weight. When a teacher locks the settings of a class, it is locked with them."""
_DRAWN = "drawn fields"


@dataclass
class Drawing:
    """A run of a whole page.

    Attributes:
        locked: the keys that its link locks. Each look at the address takes a while.
        keys: of the controls that are on the page.
    """

    locked: frozenset[str]
    keys: set[str] = field(default_factory=set)


def joined(keys: Iterable[str]) -> str:
    """Return keys of controls as a link has them."""
    return BETWEEN.join(keys)


def named(parameter: str) -> frozenset[str]:
    """Return the keys that a parameter of the address names. `ALL` is one of them."""
    return frozenset(st.query_params.get(parameter, "").split(BETWEEN)) - {""}


def is_locked(key: str) -> bool:
    """Return whether the link locks the control ``key``."""
    locked = _drawing().locked
    return key in locked or ALL in locked


def begin_drawing() -> None:
    """Forget which controls are drawn. Call this at the start of each run of a whole page."""
    st.session_state[_DRAWN] = Drawing(named(LOCK))


def note_drawn(key: str) -> None:
    """Note that the control ``key`` is on the page."""
    _drawing().keys.add(key)


def drawn() -> frozenset[str]:
    """Return the keys of the controls that are on the page."""
    return frozenset(_drawing().keys)


def _drawing() -> Drawing:
    found: Drawing | None = st.session_state.get(_DRAWN)
    if found is None:
        found = st.session_state[_DRAWN] = Drawing(named(LOCK))
    return found
