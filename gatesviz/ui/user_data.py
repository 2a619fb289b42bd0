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
from gatesviz.sequences.characters import shown
from gatesviz.sequences.encodings import decoded
from gatesviz.sequences.files import kind_of
from gatesviz.sequences.json_rows import json_problem
from gatesviz.training import OwnData, own_columns, own_text, table_of
from gatesviz.training.script_parts import OWN_FILE
from gatesviz.ui.uploads import content, outcome_of
from gatesviz.ui.widget_memory import remember, remembered, restore

MEGABYTES = megabytes(UPLOAD_BYTES)
_TABLE = (
    "Upload or paste a table, usually with one row for each step. The first row may hold the column"
    " names"
)
NOTHING = f"{_TABLE}."


def bring_table(pasted: str, *, file: str, worded: bool = False) -> Table | None:
    """Draw the widgets and return the table, or None before there is one.

    ``pasted`` and ``file`` are the keys of the widgets; ``worded`` is as for `read_table`.

    Raises:
        ValueError: if the input is not a table.
    """
    uploaded = st.file_uploader(
        "Upload a file: CSV, JSON or plain numbers",
        max_upload_size=MEGABYTES,
        key=file,
    )
    st.write("Or paste the table here:")
    restore(pasted)
    text = st.text_area("Pasted table", key=pasted, height=96, label_visibility="collapsed")
    remember(pasted)
    if uploaded is not None and text:
        st.write("The uploaded file is used. Remove it to use the pasted table.")
    if uploaded is not None:
        return outcome_of(read_table, content(uploaded), uploaded.name, worded=worded)
    return outcome_of(parse_table, text, worded=worded) if text else None


def show_refusals(table: Table) -> None:
    """List the columns that cannot be chosen, with reasons."""
    if table.refused:
        st.text(table.refusals())


SERIES, TEXT = "Forecast a column of your own table", "Predict the next character of your text"
WANTED = {
    SERIES: _TABLE,
    TEXT: f"Upload or paste a text of at least {LEARNT_CHARACTERS.low} characters",
}
"""What to ask for, by title."""
_STORED, _BACK = "own data", "own brought back "
_OPTIONS = "own column options"
_INPUTS = {SERIES: ("own table", "own pasted"), TEXT: ("own text file", "own text")}
"""Keys of the widgets for a file and for a typed text, by title."""


def choose_own(title: str) -> OwnData | None:
    """Draw the widgets and return the data, or None before there is any.

    Data from another page or from a saved run is used until other data is brought.

    Raises:
        ValueError: if a model cannot learn from the data.
    """
    st.write("Your data stays in this session. A link to this page doesn't contain it.")
    data = _series() if title == SERIES else _text()
    if data is None:
        st.info(f"{WANTED[title]}.")
        return None
    take(data)
    return data


def take(data: OwnData) -> str:
    """Store ``data`` as the latest, and return its title."""
    title = title_of(data)
    st.session_state[_key(title)] = data
    return title


def bring_back(data: OwnData) -> None:
    """Use ``data`` until other data is uploaded or typed. Call this in a callback."""
    title = take(data)
    st.session_state[_BACK + title] = (data, _given(title))
    if title == SERIES:
        _set_columns(data)


def _brought_back(title: str) -> OwnData | None:
    """Return the data of `bring_back`, or None if other data was uploaded or typed since then.

    If nothing was uploaded or typed here, it is the last data, from another page.
    """
    given = _given(title)
    if not any(given) and _BACK + title not in st.session_state and _key(title) in st.session_state:
        st.session_state[_BACK + title] = (st.session_state[_key(title)], given)
    data, before = st.session_state.get(_BACK + title, (None, given))
    if before != given:
        del st.session_state[_BACK + title]
        return None
    found: OwnData | None = data
    return found


def _given(title: str) -> tuple[str, str]:
    """Return the id of the uploaded file, and the typed text."""
    upload, typed = _INPUTS[title]
    file = st.session_state.get(upload)
    return getattr(file, "file_id", ""), remembered(typed)


def _set_columns(data: OwnData) -> None:
    st.session_state["own column"] = data.title
    st.session_state["own inputs"] = list(data.input_names)
    st.session_state[_OPTIONS] = None


def _column(options: tuple[str, ...], first: str | None) -> str | None:
    """Draw the menu of the column to forecast; ``first`` is chosen where the options are new.

    None: nothing is chosen.
    """
    known = st.session_state.get(_OPTIONS, ())  # None after `_set_columns`
    new = known is not None and known != options
    if new or st.session_state.get("own column") not in options:
        st.session_state["own column"] = first
    st.session_state[_OPTIONS] = options
    return st.selectbox(
        "Column to forecast", options, None, key="own column", placeholder="Choose a column"
    )


def title_of(data: OwnData) -> str:
    """Return the title of ``data``: that of a column or that of a text."""
    return TEXT if isinstance(data.content, str) else SERIES


def offer_own(data: OwnData) -> None:
    """Draw the download button for the file that a script reads."""
    st.download_button(
        "Your data for the script", partial(own_file, data), OWN_FILE, "text/plain",
        key="own file", on_click="ignore",
        help=f"The script reads {OWN_FILE} from the folder where you run it.",
    )  # fmt: skip
    st.text(f"The script reads your data from {OWN_FILE}. Run it in the folder of that file.")


def own_file(data: OwnData) -> bytes:
    """Return that file: the text, or lines of numbers separated by spaces."""
    if isinstance(data.content, str):
        return data.content.encode()
    rows = data.values.reshape(-1, 1 + len(data.input_names)).tolist()
    return "".join(" ".join(map(repr, row)) + "\n" for row in rows).encode()


def _series() -> OwnData | None:
    table, back, refusal = None, None, None
    try:
        table = bring_table("own pasted", file="own table")
    except ValueError as error:
        refusal = error
    back = _brought_back(SERIES)
    if back is not None and (table is None or not _is_part(back, table)):
        return _columns_of(back, table is not None or refusal is not None)
    if refusal is not None:
        raise refusal
    return None if table is None else _columns(table)


def _columns(table: Table) -> OwnData:
    """Let the reader choose columns of an uploaded or pasted table."""
    st.session_state.pop(_BACK + SERIES, None)
    stopped = bool(table.refused) and not table.worthwhile
    column = _column(table.numeric, None if stopped else table.first)
    if column is None:
        raise ValueError(f"{table.not_worthwhile()} Choose a column to forecast it all the same")
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


def _columns_of(back: OwnData, beside: bool) -> OwnData:
    """Let the reader choose columns of data that was brought back.

    Args:
        back: the data.
        beside: whether a table was also uploaded or pasted, which is not used.
    """
    table = table_of(back)
    names = ", ".join(f"“{shown(name)}”" for name in table.numeric)
    columns = "column" if len(table.numeric) == 1 else "columns"
    other = " Change the table above to use it instead." if beside else ""
    st.text(f"Data in use: {len(table.rows):,} rows, {columns} {names}.{other}")
    if "own column" not in st.session_state:  # the reader comes from another page
        last = st.session_state[_key(SERIES)]
        _set_columns(last if last.title in table.numeric else back)
    column = _column(table.numeric, back.title) or back.title
    data, notes = own_columns(table, column, _inputs(table, column))
    for note in notes:
        st.text(note)
    return data


def _is_part(data: OwnData, table: Table) -> bool:
    """Return whether these columns of the table are the data."""
    fill = bool(st.session_state.get("own fill"))
    try:
        return own_columns(table, data.title, data.input_names, fill=fill)[0] == data
    except ValueError:
        return False


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
    st.write("Or write your text here:")
    restore("own text")
    typed = st.text_area("Own text", key="own text", height=96, label_visibility="collapsed")
    remember("own text")
    if (back := _brought_back(TEXT)) is not None:
        text = str(back.content)
        other = " Change the text above to use it instead." if file is not None or typed else ""
        st.text(f"Text in use: {len(text):,} characters. It begins “{shown(text, 24)}”.{other}")
        return back
    text = outcome_of(decoded, content(file))[0] if file is not None else typed
    if not text:
        return None
    if file is None and len(text) > TYPED_TEXT.high:
        most = f"but at most {TYPED_TEXT.high:,} can be pasted"
        raise ValueError(f"the text has {len(text):,} characters, {most}: upload it as a file")
    if file is not None and (problem := json_problem(text, file.name)):
        st.text(f"{problem}. It is read as text.")
    if kind_of(text[: TYPED_TEXT.high]) != "text":
        st.text(f"This looks like numbers. To forecast them, choose “{SERIES}”.")
    if len(text) > LEARNT_CHARACTERS.high and _first_only(LEARNT_CHARACTERS.high, "characters"):
        text = text[: LEARNT_CHARACTERS.high]
    return outcome_of(own_text, text)


def _first_only(most: int, what: str) -> bool:
    return st.checkbox(f"Use only the first {most:,} {what}", key=f"own first {what}")


def _key(title: str) -> str:
    return f"{_STORED} {title}"
