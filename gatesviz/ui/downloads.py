"""What the reader takes home of a chart: pictures, a page, its numbers, and how they are made."""

import re
from collections.abc import Callable, Iterable, Sequence
from csv import QUOTE_ALL, writer
from io import StringIO
from numbers import Integral, Real

import numpy as np
import streamlit as st

from gatesviz.ui.components import part

Make = Callable[[], str]

CONTROL = ("\t", "\r", "\n")
FORMULA = re.compile(r"(^|[;\t\r\n])(\s*)(?=[=+\-@＝＋－＠])")
"""Where a spreadsheet begins a formula: at the start of a cell, or after what it may split at."""
_picture = part("picture")


def offer(
    name: str,
    *,
    chart: str,
    page: Make | None = None,
    csv: Make | None = None,
    script: Make | None = None,
) -> None:
    """Draw the buttons below a chart; each file is made when its button is pressed.

    PNG and SVG are what the browser shows just then, zoomed or not; no server makes them.

    Args:
        name: letters, digits and dashes: the files are called gatesviz-``name``.
        chart: the key of its ``st.plotly_chart``; once on a page. Streamlit tells keys apart by
            their ASCII letters and digits alone.
        page: makes the HTML file (`gatesviz.figures.page.to_page`).
        csv: makes the table (`table`).
        script: makes the Python that measures it again.

    Raises:
        ValueError: if ``name`` holds anything else.
    """
    if not re.fullmatch(r"[\w-]+", name, re.ASCII):
        raise ValueError(f"name is {name!r}, letters, digits and dashes are wanted")
    st.write("**Take it with you**")
    with st.container(horizontal=True):
        taken = {"chart": chart, "name": f"gatesviz-{name}"}
        _picture(key=f"take picture {chart}", data=taken, width="content")
        for label, make, ending, kind, told in (
            ("HTML", page, "html", "text/html", "The chart in one file that opens offline."),
            ("CSV", csv, "csv", "text/csv", "The numbers that the chart shows."),
            ("Script", script, "py", "text/x-python", "Python that measures this again."),
        ):
            if make is not None:
                st.download_button(
                    label, make, f"gatesviz-{name}.{ending}", kind,
                    key=f"take {ending} {chart}", on_click="ignore", help=told,
                )  # fmt: skip


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a CSV table, every cell of it quoted.

    Cells are texts (`safe`), numbers, written so that reading them gives the same float64, NumPy's
    among them, true or false, and None, which leaves its cell empty.

    Raises:
        TypeError: if a cell is anything else.
        ValueError: if a row has not a cell for each column.
    """
    out = StringIO()
    lines = writer(out, quoting=QUOTE_ALL)
    lines.writerow(map(safe, columns))
    for number, row in enumerate(rows, 1):
        if len(row) != len(columns):
            cells = f"row {number} has {len(row)} cells"
            raise ValueError(f"{cells}, one for each of {len(columns)} columns is wanted")
        lines.writerow(map(_cell, row))
    return out.getvalue()


def safe(text: str) -> str:
    """Return ``text`` so that no spreadsheet computes it: with an apostrophe before a formula.

    Where a comma is the decimal mark, spreadsheets split a line at every semicolon, quoted or not
    by their rules, so a formula after one gets its apostrophe, too.
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
    raise TypeError(f"cell is {value!r}, a text, a number, true, false or None is wanted")
