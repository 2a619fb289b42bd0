"""Show the player in a notebook through anywidget (the optional extra ``notebook``)."""

import functools
from collections.abc import Sequence
from typing import Any

from gatesviz.player.assets import script, style
from gatesviz.player.payload import Panel, Selection, payload

_HOST = """
export default {
  render({ model, el }) {
    const select = (selection) => { model.set("selection", selection); model.save_changes(); };
    const show = () => {
      const data = model.get("payload");
      showPlayer(el, new Uint8Array(data.buffer, data.byteOffset, data.byteLength), { select });
    };
    model.on("change:payload", show);
    show();
    return () => { model.off("change:payload", show); removePlayer(el); };
  },
};
"""


def widget(panels: Sequence[Panel], *, select: Selection | None = None) -> Any:
    """Return an anywidget that plays the panels.

    The trait ``selection`` follows the reader: ``{"step", "unit", "panel", "lane",
    "edits"}`` and its settings. Set the
    trait ``payload`` to other bytes of `payload` to show them at the same step and unit.

    Raises:
        ImportError: if anywidget is not installed; the message says how to install it.
        ValueError: if `payload` raises it.
    """
    names = ", ".join(panel.title or panel.trace.kind.name for panel in panels)
    steps = panels[0].trace.steps if panels else 0
    return _widget_class()(
        payload=payload(panels, select=select), described=f"Player({names}, T={steps})"
    )


@functools.cache
def _widget_class() -> Any:
    try:
        import anywidget
        import traitlets
    except ImportError as error:
        raise ImportError(
            "the player in a notebook needs anywidget; run pip install 'gatesviz[notebook]'"
        ) from error

    class PlayerWidget(anywidget.AnyWidget):
        _esm = script() + _HOST
        _css = style()
        payload = traitlets.Bytes().tag(sync=True)
        selection = traitlets.Dict().tag(sync=True)
        described = traitlets.Unicode("Player")

        def __repr__(self) -> str:
            return str(self.described)

    return PlayerWidget
