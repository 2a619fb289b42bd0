"""Data of the reader's own: columns to forecast from, a text to continue. No link can carry it.

Every page that asks for it draws the same widgets, so what was brought to one is there on another.
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
NOTHING = "Bring a table: upload a file, or paste rows with a header."


def bring_table(pasted: str, *, file: str) -> Table | None:
    """Draw the widgets and return the table; None where nothing is brought yet.

    ``pasted`` and ``file`` are the keys of the widgets.

    Raises:
        ValueError: if what is brought is no table.
    """
    uploaded = st.file_uploader(
        "Table: CSV, JSON or numbers alone", max_upload_size=MEGABYTES, key=file
    )
    st.write(f"At most {MEGABYTES} MB. Or paste it here:")
    restore(pasted)
    text = st.text_area("Pasted table", key=pasted, height=96, label_visibility="collapsed")
    remember(pasted)
    if uploaded is not None and text:
        st.write("The uploaded file is used; take it away to use what is pasted.")
    if uploaded is not None:
        return outcome_of(read_table, content(uploaded), uploaded.name)
    return outcome_of(parse_table, text) if text else None


def show_refusals(table: Table) -> None:
    """Name the columns that cannot be chosen, and why."""
    if table.refused:
        st.text(table.refusals())


SERIES, TEXT = "A column of your own", "A text of your own"
WANTED = {
    SERIES: "Bring a table: upload a file, or paste rows with a header",
    TEXT: f"Bring a text of {LEARNT_CHARACTERS.low} characters or more",
}
"""What is to be brought for each."""
_KEPT = "own data"


def choose_own(title: str) -> OwnData | None:
    """Draw the widgets; None where nothing is brought yet. What was brought last stays.

    Raises:
        ValueError: if what is brought cannot be learnt.
    """
    st.write("Your data stays in this session: a link doesn't include it.")
    data = _series() if title == SERIES else _text()
    if data is not None:
        take(data)
        return data
    last: OwnData | None = st.session_state.get(_key(title))
    if last is None:
        st.info(f"{WANTED[title]}.")
    else:
        st.write("What you brought last is still used.")
    return last


def take(data: OwnData) -> str:
    """Keep ``data`` as what was brought last, and return the title that it goes under."""
    title = title_of(data)
    st.session_state[_key(title)] = data
    return title


def title_of(data: OwnData) -> str:
    """Return the title that ``data`` goes under."""
    return TEXT if isinstance(data.content, str) else SERIES


def offer_own(data: OwnData) -> None:
    """Draw the button for the file that a script of ``data`` reads."""
    st.download_button(
        "Your data for the script", partial(own_file, data), "own.txt", "text/plain",
        key="own file", on_click="ignore",
        help="The script reads own.txt in the folder where it is run.",
    )  # fmt: skip
    st.text("The script reads your data from own.txt: keep the two files together.")


def own_file(data: OwnData) -> bytes:
    """Return that file: a text, or a row of numbers a line with spaces between them."""
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
    fill = st.checkbox("Carry the last value over gaps", key="own fill")
    for note in table.notes:
        st.text(note)
    rows = min(LEARNT_VALUES.high, LEARNT_CELLS.high // (1 + len(inputs)))
    cut = rows if len(table.rows) > rows and _first_only(rows, "rows") else None
    data, notes = own_columns(table, column, inputs, fill=fill, rows=cut)
    how_read = (table.how_read(name, fill=fill) for name in (column, *data.input_names))
    for note in filter(None, (*how_read, *notes)):
        st.text(note)
    return data


def _inputs(table: Table, column: str) -> list[str]:
    """Draw the menu of the columns that are read beside ``column``, and say which cannot be."""
    others = [name for name in table.numeric if name != column]
    chosen: list[str] = []
    if others:
        st.session_state["own inputs"] = [
            name for name in st.session_state.get("own inputs", []) if name in others
        ]
        chosen = st.multiselect(
            "Also read these columns", others, key="own inputs", max_selections=FEATURES.high - 1,
            placeholder="None: the forecast reads its own column",
            help="At each step the model reads the column to forecast and these. It still"
            " forecasts one column, and its score is compared with a linear forecast that reads"
            " the same ones.",
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
        most = f"{TYPED_TEXT.high:,} can be pasted"
        raise ValueError(f"the text has {len(text):,} characters, {most}: upload it as a file")
    if kind_of(text[: TYPED_TEXT.high]) != "text":
        st.text(f"These look like numbers. To forecast them, choose “{SERIES}”.")
    if len(text) > LEARNT_CHARACTERS.high and _first_only(LEARNT_CHARACTERS.high, "characters"):
        text = text[: LEARNT_CHARACTERS.high]
    return outcome_of(own_text, text)


def _first_only(most: int, what: str) -> bool:
    return st.checkbox(f"Use only the first {most:,} {what}", key=f"own first {what}")


def _key(title: str) -> str:
    return f"{_KEPT} {title}"
