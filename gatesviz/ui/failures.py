"""The message for an unexpected error. The details are in the server's log."""

import streamlit as st

UNEXPECTED = (
    "Something unexpected went wrong. Reload the page to continue with the settings in its address."
    " The server's log has the details."
)


def tell_unexpected(error: Exception) -> bool:
    """Show `UNEXPECTED` after ``error`` has ended a page. Streamlit has logged the error.

    Return True, so that Streamlit does not show the error itself. With ``client.showErrorDetails``
    set to "full", return False: a developer sees the error in the page.
    """
    if str(st.get_option("client.showErrorDetails")).lower() in ("full", "true"):
        return False
    st.error(UNEXPECTED)
    return True
