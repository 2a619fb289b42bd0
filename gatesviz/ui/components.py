"""Parts of a page that our own JavaScript draws in the browser.

Streamlit sends the code of a component with each of its messages. The player's code is a hundred
times as large as one update of a run. So one component without data loads all code, once, from the
server's file, and every part is a few lines that call this code.
"""

import json
from functools import cache
from typing import Any

import streamlit as st

from gatesviz.player.assets import MODULES, asset, module
from gatesviz.strict_json import finite
from gatesviz.ui.code_file import CodeFile

_STYLED = (
    *("player", "sketch", "learned", "curves", "growth", "picture", "lesson", "links", "opening"),
    *("board", "room", "stretches", "presenter", "sheet", "showcontrols"),
)
_STYLES = {name: asset(f"{name}.css") for name in _STYLED}
_OTHERS = (
    *("sketch", "learned", "curves", "growth", "picture", "addresses"),
    *("lessonscroll", "lessonanswers", "lessonparts", "lesson", "sliders"),
    *("links", "openingstage", "opening", "live", "board", "lockedsettings", "roomcontrols"),
    *("room", "stretches", "presenter"),
    *("sheet", "showcontrols", "pagemenu", "mounts"),
)
_OFFER = """
if (!globalThis.gatesviz) { closeMenuAfterChoice(); leaveLessonByMenu(); keepSheetOpen(); }
globalThis.gatesviz = (name, component) => mountPart(name, component, STYLES);
dispatchEvent(new Event("gatesviz"));
"""
_LOAD = """
const sign = document.createElement("p");
sign.role = "alert";
sign.style.cssText = "position: fixed; inset: auto 0 0; margin: 0; padding: 8px 16px;"
  + " color: #fff; background: #7a1f00";
let over = false;

/**
 * Load the code. A server that starts again answers later. A proxy may add a path that only the
 * page's address shows.
 */
async function load() {
  const places = [ADDRESS, `.${NAME}`, `..${NAME}`].map((place) => new URL(place, location.href));
  for (let tries = 0; !over; tries += 1) {
    for (const place of new Set(places.map(String))) {
      try {
        await import(tries ? `${place}?${tries}` : place);
        return sign.remove();
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // a fault in the code stays
      }
    }
    if (tries === 3) document.body.append(sign);
    sign.textContent = "The server doesn’t send the pictures of this page. The page keeps trying.";
    await new Promise((done) => setTimeout(done, 1000 * Math.min(30, 2 ** tries)));
  }
}
export default function () {
  load();
  return () => { over = true; sign.remove(); };
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
CODE = CodeFile(
    f"const STYLES = {json.dumps(_STYLES)};\n"
    + module(*MODULES, *(f"{name}.js" for name in _OTHERS))
    + _OFFER
)
"""The code of all parts. A server that has its route saves each session from a large message."""
_KEY = "gatesviz-parts"
HIDDEN = f".st-key-{_KEY} {{ display: none; }}"
"""CSS that hides the component that loads the code."""


def bring() -> None:
    """Load the code of all parts. Call this once in a run of a page, before the parts."""
    _bringer(CODE.served)(key=_KEY)


@cache
def _bringer(served: bool) -> Any:
    """Return the component that loads the code from its address, or that carries it."""
    if served:
        names = f"const ADDRESS = {json.dumps(CODE.address)}, NAME = {json.dumps(CODE.name)};"
        js = f"{names}{_LOAD}"
    else:
        js = f"{CODE.text}export default function () {{}}"
    return st.components.v2.component("gatesviz_parts", js=js)


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
