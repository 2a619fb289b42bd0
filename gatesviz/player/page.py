"""Write the player as one HTML file that opens offline, for slides, a course page or an email."""

import base64
import html
import re
from collections.abc import Sequence

from gatesviz.player.assets import asset, script, style
from gatesviz.player.payload import Panel, Selection, legible, payload

_PLACE = re.compile(r"<!--(\w+)-->|/\*(\w+)\*/")


def to_html(
    panels: Sequence[Panel], *, title: str = "gatesviz", select: Selection | None = None
) -> str:
    """Return an HTML page with the player and its data, which loads nothing from elsewhere.

    Raises:
        ValueError: if `payload` raises it.
    """
    parts = {
        "title": html.escape(legible(title)),
        "style": style(),
        "script": script(),
        "payload": base64.b64encode(payload(panels, select=select)).decode("ascii"),
    }
    return _PLACE.sub(lambda match: parts[match[1] or match[2]], asset("page.html"))
