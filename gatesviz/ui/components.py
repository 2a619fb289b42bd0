"""Parts of a page that our own JavaScript draws in the browser.

Streamlit sends the code of a component with each of its messages. The player's code is a hundred
times as large as one update of a run. So one component without data loads all code, once, and every
part is a few lines that call this code.
"""

import json
from typing import Any

import streamlit as st

from gatesviz.player.assets import MODULES, asset, module
from gatesviz.strict_json import finite

_STYLED = (
    *("player", "sketch", "learned", "curves", "growth", "picture", "lesson", "links", "opening"),
    *("board", "room", "stretches", "presenter", "sheet"),
)
_STYLES = {name: asset(f"{name}.css") for name in _STYLED}
_OTHERS = (
    *("sketch", "learned", "curves", "growth", "picture", "addresses", "lesson", "sliders"),
    *("links", "openingstage", "opening", "live", "board", "room", "stretches", "presenter"),
    *("sheet", "mounts"),
)
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
_CODE = module(*MODULES, *(f"{name}.js" for name in _OTHERS))
_KEY = "gatesviz-parts"
HIDDEN = f".st-key-{_KEY} {{ display: none; }}"
"""CSS that hides the component that loads the code."""

_bringer = st.components.v2.component(
    "gatesviz_parts",
    js=f"const STYLES = {json.dumps(_STYLES)};\n{_CODE}{_BRING}",
)


def bring() -> None:
    """Load the code of all parts. Call this once in a run of a page, before the parts."""
    _bringer(key=_KEY)


def part(name: str) -> Any:
    """Return the component ``name`` of ``mounts.js``. With a key, it is updated in place.

    JSON has no NaN and no infinity, so the browser receives null for them.
    """
    component = st.components.v2.component(
        f"gatesviz_{name}", js=_CALL.replace("NAME", json.dumps(name))
    )

    def draw(*, data: Any = None, **options: Any) -> Any:
        return component(data=finite(data), **options)

    return draw
