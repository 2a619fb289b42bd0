"""A table that the reader brings: uploaded or pasted."""

import streamlit as st

from gatesviz.limits import UPLOAD_BYTES
from gatesviz.sequences import Table, parse_table, read_table
from gatesviz.ui.keeping import keep, kept

MEGABYTES = UPLOAD_BYTES.high // 1_000_000
NOTHING = "Bring a table: upload a CSV file, or paste rows with a header."


def bring_table(pasted: str, *, file: str | None = None) -> Table | None:
    """Draw the widgets and return the table; None where nothing is brought yet.

    ``pasted`` and ``file`` are the keys of the widgets.

    Raises:
        ValueError: if what is brought is no table.
    """
    uploaded = st.file_uploader(
        "CSV file", type=["csv", "txt", "tsv"], max_upload_size=MEGABYTES, key=file
    )
    st.write(f"At most {MEGABYTES} MB. Or paste it here:")
    kept(pasted)
    text = st.text_area("Pasted table", key=pasted, height=96, label_visibility="collapsed")
    keep(pasted)
    if uploaded is not None and text:
        st.write("The uploaded file is used; take it away to use what is pasted.")
    if uploaded is not None:
        return _uploaded(uploaded.getvalue(), uploaded.name)
    return _pasted(text) if text else None


@st.cache_data(max_entries=8, ttl=3600, show_spinner="Reading the table…")
def _uploaded(data: bytes, name: str) -> Table:
    return read_table(data, name)


@st.cache_data(max_entries=8, ttl=3600, show_spinner=False)
def _pasted(text: str) -> Table:
    return parse_table(text)
