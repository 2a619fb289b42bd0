"""The user's own data: columns to forecast, or a text to continue. Links don't carry it.

All pages draw the same widgets, so data from one page is there on the others.
"""

from functools import partial

import streamlit as st

from gatesviz.limits import (
    FEATURES,
    LEARNT_CELLS,
    LEARNT_CHARACTERS,
    LEARNT_VALUES,
    TYPED_TEXT,
    UPLOAD_BYTES,
    megabytes,
)
from gatesviz.sequences import Table, parse_table, read_table
from gatesviz.sequences.encodings import decoded
from gatesviz.sequences.files import kind_of
from gatesviz.training import OwnData, own_columns, own_text
from gatesviz.ui.uploads import content, outcome_of
from gatesviz.ui.widget_memory import remember, restore

MEGABYTES = megabytes(UPLOAD_BYTES)
NOTHING = "Upload a table, or paste one. Its first row holds the column names."


def bring_table(pasted: str, *, file: str) -> Table | None:
    """Draw the widgets and return the table, or None before there is one.

    ``pasted`` and ``file`` are the keys of the widgets.

    Raises:
        ValueError: if the input is not a table.
    """
    uploaded = st.file_uploader(
        "Table: CSV, JSON or plain numbers", max_upload_size=MEGABYTES, key=file
    )
    st.write(f"The file may have up to {MEGABYTES} MB. Or paste the table here:")
    restore(pasted)
    text = st.text_area("Pasted table", key=pasted, height=96, label_visibility="collapsed")
    remember(pasted)
    if uploaded is not None and text:
        st.write("The uploaded file is used. Remove it to use the pasted table.")
    if uploaded is not None:
        return outcome_of(read_table, content(uploaded), uploaded.name)
    return outcome_of(parse_table, text) if text else None


def show_refusals(table: Table) -> None:
    """List the columns that cannot be chosen, with reasons."""
    if table.refused:
        st.text(table.refusals())


SERIES, TEXT = "A column of your own", "A text of your own"
WANTED = {
    SERIES: "Upload a table, or paste one. Its first row holds the column names",
    TEXT: f"Upload or paste a text of at least {LEARNT_CHARACTERS.low} characters",
}
"""What to ask for, by title."""
_STORED = "own data"


def choose_own(title: str) -> OwnData | None:
    """Draw the widgets and return the data: the latest, or None before there is any.

    Raises:
        ValueError: if a model cannot learn from the data.
    """
    st.write("Your data stays in this session. A link to this page doesn't contain it.")
    data = _series() if title == SERIES else _text()
    if data is not None:
        take(data)
        return data
    last: OwnData | None = st.session_state.get(_key(title))
    if last is None:
        st.info(f"{WANTED[title]}.")
    else:
        st.write("Your last data is still used.")
    return last


def take(data: OwnData) -> str:
    """Store ``data`` as the latest, and return its title."""
    title = title_of(data)
    st.session_state[_key(title)] = data
    return title


def title_of(data: OwnData) -> str:
    """Return the title of ``data``: that of a column or that of a text."""
    return TEXT if isinstance(data.content, str) else SERIES


def offer_own(data: OwnData) -> None:
    """Draw the download button for the file that a script reads."""
    st.download_button(
        "Your data for the script", partial(own_file, data), "own.txt", "text/plain",
        key="own file", on_click="ignore",
        help="The script reads own.txt from the folder where you run it.",
    )  # fmt: skip
    st.text("The script reads your data from own.txt. Keep both files in one folder.")


def own_file(data: OwnData) -> bytes:
    """Return that file: the text, or lines of numbers separated by spaces."""
    if isinstance(data.content, str):
        return data.content.encode()
    rows = data.values.reshape(-1, 1 + len(data.input_names)).tolist()
    return "".join(" ".join(map(repr, row)) + "\n" for row in rows).encode()


def _series() -> OwnData | None:
    table = bring_table("own pasted", file="own table")
    if table is None:
        return None
    first = table.numeric.index(table.first)
    column = st.selectbox("Column to forecast", table.numeric, first, key="own column")
    inputs = _inputs(table, column)
    fill = st.checkbox("Fill gaps with the last value", key="own fill")
    for note in table.notes:
        st.text(note)
    rows = min(LEARNT_VALUES.high, LEARNT_CELLS.high // (1 + len(inputs)))
    cut = rows if len(table.rows) > rows and _first_only(rows, "rows") else None
    data, notes = own_columns(table, column, inputs, fill=fill, rows=cut)
    how_read = (table.how_read(name) for name in (column, *data.input_names))
    for note in filter(None, (*how_read, *notes)):
        st.text(note)
    return data


def _inputs(table: Table, column: str) -> list[str]:
    """Draw the menu of further input columns, and list the columns that cannot be chosen."""
    others = [name for name in table.numeric if name != column]
    chosen: list[str] = []
    if others:
        st.session_state["own inputs"] = [
            name for name in st.session_state.get("own inputs", []) if name in others
        ]
        chosen = st.multiselect(
            "Also read these columns", others, key="own inputs", max_selections=FEATURES.high - 1,
            placeholder="None: only the forecast column is read",
            help="At each step the model reads these columns, too. It still forecasts one"
            " column. Its score is compared with a linear forecast that reads the same columns.",
        )  # fmt: skip
    show_refusals(table)
    return chosen


def _text() -> OwnData | None:
    file = st.file_uploader("Text file", max_upload_size=MEGABYTES, key="own text file")
    st.write("Or type or paste it here:")
    restore("own text")
    typed = st.text_area("Own text", key="own text", height=96, label_visibility="collapsed")
    remember("own text")
    text = outcome_of(decoded, content(file))[0] if file is not None else typed
    if not text:
        return None
    if file is None and len(text) > TYPED_TEXT.high:
        most = f"but at most {TYPED_TEXT.high:,} can be pasted"
        raise ValueError(f"the text has {len(text):,} characters, {most}: upload it as a file")
    if kind_of(text[: TYPED_TEXT.high]) != "text":
        st.text(f"This looks like numbers. To forecast them, choose “{SERIES}”.")
    if len(text) > LEARNT_CHARACTERS.high and _first_only(LEARNT_CHARACTERS.high, "characters"):
        text = text[: LEARNT_CHARACTERS.high]
    return outcome_of(own_text, text)


def _first_only(most: int, what: str) -> bool:
    return st.checkbox(f"Use only the first {most:,} {what}", key=f"own first {what}")


def _key(title: str) -> str:
    return f"{_STORED} {title}"
