"""A table that the reader brings: uploaded or pasted."""

import streamlit as st

from gatesviz.limits import UPLOAD_BYTES, megabytes
from gatesviz.sequences import Table, parse_table, read_table
from gatesviz.ui.keeping import keep, kept
from gatesviz.ui.uploads import content, outcome_of

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
    kept(pasted)
    text = st.text_area("Pasted table", key=pasted, height=96, label_visibility="collapsed")
    keep(pasted)
    if uploaded is not None and text:
        st.write("The uploaded file is used; take it away to use what is pasted.")
    if uploaded is not None:
        return outcome_of(read_table, content(uploaded), uploaded.name)
    return outcome_of(parse_table, text) if text else None


def show_refusals(table: Table) -> None:
    """Name the columns that cannot be chosen, and why."""
    if table.refused:
        st.text(table.refusals())
