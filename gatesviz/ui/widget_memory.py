"""Set the value of a widget, and remember it while the widget is not on the page.

Streamlit forgets the value of a widget that is not drawn. A typed text should still be there when
the user returns to its source.
"""

import math

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

_PREFIX, _COUNT, _PAGE = "remembered ", "number of the slider ", "page that drew "


def restore(key: str) -> None:
    """Restore the value of the widget ``key``. Call this before drawing it."""
    if key not in st.session_state and _PREFIX + key in st.session_state:
        st.session_state[key] = st.session_state[_PREFIX + key]


def carry(key: str) -> None:
    """Restore the value of a widget that several pages draw. Call this before drawing it.

    In the first run of a page, the session still holds the value for the widget of the page before.
    Streamlit would begin the new page's widget without it. If the link names the widget, nothing is
    done.
    """
    restore(key)
    context = get_script_run_ctx()
    page = None if context is None else context.page_script_hash
    new = st.session_state.get(_PAGE + key) != page and key not in st.query_params
    if new and key in st.session_state:
        st.session_state[key] = st.session_state[key]
    st.session_state[_PAGE + key] = page


def remember(key: str) -> None:
    """Store the value of the widget ``key``. Call this after drawing it."""
    st.session_state[_PREFIX + key] = st.session_state[key]


def forget(key: str) -> None:
    """Forget the value that `remember` stored for the widget ``key``."""
    st.session_state.pop(_PREFIX + key, None)


def forget_remembered() -> None:
    """Forget all values that `remember` stored."""
    for name in map(str, list(st.session_state)):
        if name.startswith(_PREFIX):
            del st.session_state[name]


def slider_key(name: str, value: float) -> str:
    """Return the key of a slider that the page sets to ``value`` before drawing it.

    A slider that holds ``value`` keeps its key. Otherwise the slider becomes a new widget. Setting
    the old one would not do: a message that the browser sends in that moment still has the old
    value, which would look like a move of the user. Its ``on_change`` must do nothing when its key
    is no longer the `current_key`. Differences below 1e-6 come from float32.
    """
    count: int = st.session_state.get(f"{_COUNT}{name}", 0)
    held = st.session_state.get(_numbered(name, count))
    if held is None and count == 0:
        st.session_state[name] = value
    elif held is None or not math.isclose(held, value, rel_tol=1e-6, abs_tol=1e-6):
        count += 1
        st.session_state[f"{_COUNT}{name}"] = count
        st.session_state[_numbered(name, count)] = value
    return _numbered(name, count)


def current_key(name: str) -> str:
    """Return the key that `slider_key` returned last."""
    return _numbered(name, st.session_state.get(f"{_COUNT}{name}", 0))


def _numbered(name: str, count: int) -> str:
    return f"{name} #{count}" if count else name


def remembered(key: str) -> str:
    """Return the text of the widget ``key``, also while it is not on the page; "" if none."""
    return str(st.session_state.get(key, st.session_state.get(_PREFIX + key, "")) or "")
