"""The parts of a page that are drawn by our own JavaScript, which is brought to the browser once.

Streamlit sends a component's code along with every message about it: the player's is a hundred
times what changes when a run has gone on. So one component without data brings all of it, and a
part is a few lines that call what was brought.
"""

import json
from typing import Any

import streamlit as st

from gatesviz.player.assets import MODULES, asset, module
from gatesviz.strict_json import finite

_STYLES = {
    name: asset(f"{name}.css") for name in ("player", "sketch", "curves", "growth", "picture")
}
_BRING = """
export default function () {
  globalThis.gatesviz = (name, component) => mountPart(name, component, STYLES);
  dispatchEvent(new Event("gatesviz"));
}
"""
_CALL = """
export default function (component) {
  let over = false, remove = () => {};
  const mount = () => { if (!over) remove = globalThis.gatesviz(NAME, component); };
  if (globalThis.gatesviz) mount();
  else addEventListener("gatesviz", mount, { once: true });
  return () => { over = true; remove(); };
}
"""
_KEY = "gatesviz-parts"
HIDDEN = f".st-key-{_KEY} {{ display: none; }}"
"""The style that keeps what brings the code from taking a row of the page."""

_bringer = st.components.v2.component(
    "gatesviz_parts",
    js=f"const STYLES = {json.dumps(_STYLES)};\n"
    + module(*MODULES, "sketch.js", "curves.js", "growth.js", "picture.js", "mounts.js")
    + _BRING,
)


def bring() -> None:
    """Bring the code of every part; to be called once in a run of a page, before them."""
    _bringer(key=_KEY)


def part(name: str) -> Any:
    """Return the component ``name`` of ``mounts.js``; keyed, it changes in place.

    Its data may hold numbers that are not finite. JSON has none, so they come to the browser as
    null.
    """
    component = st.components.v2.component(
        f"gatesviz_{name}", js=_CALL.replace("NAME", json.dumps(name))
    )

    def draw(*, data: Any = None, **options: Any) -> Any:
        return component(data=finite(data), **options)

    return draw
