"""The player as a Streamlit component."""

from collections.abc import Callable
from typing import Any

from gatesviz.ui.parts import part

_component = part("player")


def player(data: bytes, *, key: str, on_select: Callable[[], None]) -> Any:
    """Draw the player on a payload of `gatesviz.player.payload`.

    Where the reader comes to rest is in ``st.session_state[key]["selection"]``, a mapping of
    step, unit, panel and lane, and ``on_select`` is called when it changes.
    """
    return _component(data=data, key=key, on_selection_change=on_select)
