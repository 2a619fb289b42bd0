"""What a page says when something unexpected goes wrong; the details are in the server's log."""

import streamlit as st

UNEXPECTED = (
    "Something unexpected went wrong. Reload the page to continue with the settings in its address."
    " The server's log says what happened."
)


def tell_unexpected(error: Exception) -> bool:
    """Show `UNEXPECTED` where ``error`` ended a page; Streamlit has put ``error`` into the log.

    Returns True, at which Streamlit shows nothing of the error itself. A developer who sets
    ``client.showErrorDetails`` to "full" sees it in the page.
    """
    if str(st.get_option("client.showErrorDetails")).lower() in ("full", "true"):
        return False
    st.error(UNEXPECTED)
    return True
