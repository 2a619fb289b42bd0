"""A figure as one HTML file that opens offline, for slides, a course page or an e-mail."""

import html
from string import Template

import plotly.graph_objects as go

from gatesviz.figures.style import FONT, INK, PAPER, Theme
from gatesviz.player.payload import legible

CONFIG = {
    "displaylogo": False,
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "responsive": True,
}
_PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:">
<title>$title</title>
<style>
:root { color-scheme: $theme; }
body { margin: 0; padding: 16px; background: $paper; color: $ink; font: 16px/1.5 $font; }
main { max-width: 1500px; margin: 0 auto; }
h1 { font-size: 24px; line-height: 1.3; margin: 0 0 12px; }
figure { margin: 0; }
figcaption { max-width: 75ch; margin-top: 12px; }
</style>
</head>
<body>
<main>
<h1>$title</h1>
<figure>
$chart
<figcaption>$alt</figcaption>
</figure>
</main>
</body>
</html>
""")


def to_page(figure: go.Figure, *, title: str, alt: str, theme: Theme) -> str:
    """Return an HTML page with the figure and plotly.js inside, about 5 MB.

    Args:
        figure: drawn for ``theme``.
        title: of the page, as text.
        alt: the content of the figure in words; every reader sees it below the figure.
        theme: the colours of the page.

    Raises:
        TypeError: if ``title`` or ``alt`` is not a string.
        ValueError: if ``theme`` is neither light nor dark.
    """
    if theme not in PAPER:
        raise ValueError(f"theme: expected 'light' or 'dark', got {theme!r}")
    chart = figure.to_html(config=CONFIG, include_plotlyjs=True, full_html=False, div_id="chart")
    return _PAGE.substitute(
        title=_escaped("title", title),
        alt=_escaped("alt", alt),
        theme=theme,
        paper=PAPER[theme],
        ink=INK[theme],
        font=FONT,
        chart=chart,
    )


def _escaped(name: str, text: str) -> str:
    if not isinstance(text, str):
        raise TypeError(f"{name}: expected a string, got {text!r}")
    return html.escape(legible(text))
