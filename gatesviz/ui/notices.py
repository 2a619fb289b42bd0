"""Notices for the reader: ignored parts of a link, and inputs that cannot be read.

Text from users is shown with ``st.text``, which has no Markdown. In Markdown, backslashes could not
stop Streamlit from turning addresses into links, ``->`` into arrows and names into icons.
"""

from collections.abc import Callable, Mapping

import streamlit as st

from gatesviz.sequences import GapError
from gatesviz.ui.links import Parameter, complaints, unused
from gatesviz.ui.uploads import forget_gone

MOST = 5
UNUSED = "The page doesn't use all of the link."
_NOTICES, _LINK = "ignored in the link", "the link as it came"
_PENDING, _WAITING = "settings of the link to be judged", "the page waits for a file"
_NOTED, _TOLD = "ignored since the last page", "ignored so far"


def run_with_notices(
    run: Callable[[], None],
    known: Mapping[str, Parameter],
    bound: Mapping[str, Parameter],
    elsewhere: Mapping[str, str],
) -> None:
    """Run a page, and list above it which parts of the reader's link were ignored.

    Streamlit removes unusable values from the address, so the link is checked before the page runs.
    ``bound`` are the parameters of widgets, whose values are compared afterwards. A setting whose
    widget waits for a file (see `note_waiting`) is judged once the widget is there. ``elsewhere``
    has the settings that only other pages read, see `complaints`.
    """
    above = st.container()
    first = _LINK not in st.session_state
    if first:
        st.session_state[_LINK] = {k: st.query_params.get_all(k) for k in st.query_params}
        st.session_state[_NOTICES] = complaints(st.session_state[_LINK], known, elsewhere)
        st.session_state[_PENDING] = st.session_state[_LINK]
    st.session_state[_WAITING] = False
    run()
    forget_gone()
    _judge_link(bound)
    st.session_state[_NOTICES] += st.session_state.pop(_NOTED, [])
    if st.session_state[_NOTICES]:
        with above.container(border=True):
            _show()


def _judge_link(bound: Mapping[str, Parameter]) -> None:
    """Note which settings of the link don't fit the others, each once."""
    pending = st.session_state.get(_PENDING, {})
    if not pending:
        return
    held = {name: st.session_state[name] for name in bound if name in st.session_state}
    waits = {k: v for k, v in pending.items() if st.session_state[_WAITING] and k not in held}
    judged = {k: v for k, v in pending.items() if k not in waits}
    st.session_state[_NOTICES] += unused(judged, bound, held)
    st.session_state[_PENDING] = waits


def note_waiting() -> None:
    """Note that the page waits for a file, and draws further widgets once it has one."""
    st.session_state[_WAITING] = True


def note_ignored(notice: str) -> None:
    """Add a sentence to the list of `run_with_notices`, once in a session."""
    told: set[str] = st.session_state.setdefault(_TOLD, set())
    if notice not in told:
        told.add(notice)
        st.session_state.setdefault(_NOTED, []).append(notice)


def refuse(error: Exception) -> None:
    """Show an error as a sentence, next to its control."""
    st.error("That could not be read.")
    lines = sentence(error).split("\n")
    code = [line.strip() for line in lines if line.startswith("  ")]
    st.text("\n".join(line for line in lines if not line.startswith("  ")))
    if code:
        st.code("\n".join(code), language="python", wrap_lines=True)


def sentence(error: Exception | str) -> str:
    """Return an error or a message as a sentence with a capital letter and a full stop."""
    text = str(error)
    if isinstance(error, GapError):
        text = f"{error.gap}. Fill gaps with the last value, or choose another column"
    code = text.rpartition("\n")[2].startswith("  ")  # lines to copy, which a full stop would break
    end = "" if code or text.endswith((".", "!", "?", "…")) else "."
    return text[:1].upper() + text[1:] + end


def _show() -> None:
    st.write(f"**{UNUSED}**")
    notices = st.session_state[_NOTICES]
    for notice in notices[:MOST]:
        st.text(notice)
    if len(notices) > MOST:
        st.text(f"… and {len(notices) - MOST} more.")
    st.button("Dismiss", key="seen", on_click=_forget)


def _forget() -> None:
    st.session_state[_NOTICES] = []
