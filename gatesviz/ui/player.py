"""The player as a Streamlit component."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from gatesviz.player.assets import script, style

_HOST = """
export default function ({ data, parentElement, setStateValue }) {
  let root = parentElement.querySelector(".gv-player");
  if (!root) {
    root = document.createElement("div");
    parentElement.append(root);
  }
  showPlayer(root, data, {
    ownsPage: true,
    select: (selection) => setStateValue("selection", selection),
  });
  return () => removePlayer(root);
}
"""

_component = st.components.v2.component("gatesviz_player", js=script() + _HOST, css=style())


def player(data: bytes, *, key: str, on_select: Callable[[], None]) -> Any:
    """Draw the player on a payload of `gatesviz.player.payload`.

    Where the reader comes to rest is in ``st.session_state[key]["selection"]``, a mapping of
    step, unit, panel and lane, and ``on_select`` is called when it changes.
    """
    return _component(data=data, key=key, on_selection_change=on_select)
