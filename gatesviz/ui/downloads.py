"""Download buttons below a chart: pictures, an HTML page, its numbers and a script."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from csv import QUOTE_ALL, writer
from io import StringIO
from numbers import Integral, Real

import numpy as np
import streamlit as st

from gatesviz.ui.components import part

Make = Callable[[], str]

CONTROL = ("\t", "\r", "\n")
FORMULA = re.compile(r"(^|[;\t\r\n])(\s*)(?=[=+\-@＝＋－＠])")
"""Where a spreadsheet may begin a formula: at the start of a cell, or after a separator."""
OFFER = "gatesviz-offer"
"""How the keys of rows of download buttons begin. Lessons and presentations hide these rows."""
_picture = part("picture")


@contextmanager
def download_row(name: str) -> Iterator[None]:
    """Draw the heading of a row of download buttons, which the block draws; ``name`` is a key."""
    with st.container(key=f"{OFFER}-{name}"):
        st.write("**Download**")
        with st.container(horizontal=True):
            yield


def offer(
    name: str,
    *,
    chart: str,
    page: Make | None = None,
    csv: Make | None = None,
    script: Make | None = None,
) -> None:
    """Draw the buttons below a chart. Each file is made when its button is pressed.

    The browser makes PNG and SVG from the chart as it is shown, including the zoom.

    Args:
        name: letters, digits and dashes; the files are called gatesviz-``name``.
        chart: the key of its ``st.plotly_chart``, unique on a page even if only ASCII letters and
            digits are compared, as Streamlit does.
        page: makes the HTML file (`gatesviz.figures.page.to_page`).
        csv: makes the table (`table`).
        script: makes a Python script that computes it again.

    Raises:
        ValueError: if ``name`` holds other characters.
    """
    if not re.fullmatch(r"[\w-]+", name, re.ASCII):
        raise ValueError(f"name: expected letters, digits and dashes, got {name!r}")
    with download_row(chart):
        picture = {"chart": chart, "name": f"gatesviz-{name}"}
        _picture(key=f"take picture {chart}", data=picture, width="content")
        for label, make, ending, kind, help_text in (
            ("HTML", page, "html", "text/html", "The chart in one HTML file that opens offline."),
            ("CSV", csv, "csv", "text/csv", "The numbers in the chart."),
            ("Script", script, "py", "text/x-python", "A Python script that computes this again."),
        ):
            if make is not None:
                st.download_button(
                    label, make, f"gatesviz-{name}.{ending}", kind,
                    key=f"take {ending} {chart}", on_click="ignore", help=help_text,
                )  # fmt: skip


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a CSV table in which every cell is quoted.

    Cells are texts (made `safe`), numbers (NumPy's too, written so that reading them gives the same
    float64), true, false, or None for an empty cell.

    Raises:
        TypeError: if a cell has another type.
        ValueError: if a row does not have one cell for each column.
    """
    out = StringIO()
    lines = writer(out, quoting=QUOTE_ALL)
    lines.writerow(map(safe, columns))
    for number, row in enumerate(rows, 1):
        if len(row) != len(columns):
            cells = f"row {number} has {len(row)} cells"
            raise ValueError(f"{cells}, expected {len(columns)}, one for each column")
        lines.writerow(map(_cell, row))
    return out.getvalue()


def safe(text: str) -> str:
    """Return ``text`` with an apostrophe before a formula, so that no spreadsheet computes it.

    Where the comma is the decimal mark, spreadsheets split a line at every semicolon, even in
    quotes. So a formula after a semicolon gets an apostrophe, too.
    """
    text = FORMULA.sub(r"\1\2'", text)
    return f"'{text}" if text.startswith(CONTROL) else text


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return safe(value)
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, Integral):
        return repr(int(value))
    if isinstance(value, Real):
        return repr(float(value))
    raise TypeError(f"cell: expected a text, a number, true, false or None, got {value!r}")
