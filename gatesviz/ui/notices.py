"""What a reader should know: which parts of the link were not used, and what cannot be read.

Text from people is shown with ``st.text``, which has no Markdown: beyond what a backslash can
stop, Streamlit makes links of addresses, arrows of ``->`` and icons of names.
"""

from collections.abc import Callable, Mapping

import streamlit as st

from gatesviz.ui.links import Parameter, complaints, reworded, unused
from gatesviz.ui.uploads import forget_gone

MOST = 5
_TOLD, _CAME = "ignored in the link", "the link as it came"


def run_and_tell(
    run: Callable[[], None], known: Mapping[str, Parameter], bound: Mapping[str, Parameter]
) -> None:
    """Run a page, and say above it what of the link the reader came by was not used.

    Streamlit takes an unusable value out of the address, so the link is judged as it came in;
    ``bound`` are the parameters of widgets, which are asked afterwards what they hold.
    """
    above = st.container()
    first = _CAME not in st.session_state
    if first:
        st.session_state[_CAME] = {k: st.query_params.get_all(k) for k in st.query_params}
        st.session_state[_TOLD] = complaints(st.session_state[_CAME], known)
        # Streamlit takes an unknown option out of the address and leaves what is set here.
        st.session_state.update(reworded(st.session_state[_CAME], bound))
    run()
    forget_gone()
    if first:
        held = {name: st.session_state[name] for name in bound if name in st.session_state}
        st.session_state[_TOLD] += unused(st.session_state[_CAME], bound, held)
    if st.session_state[_TOLD]:
        with above.container(border=True):
            _tell()


def refuse(error: Exception) -> None:
    """Show an error as a sentence, beside the control that it is about."""
    st.error("That could not be read.")
    st.text(sentence(error))


def sentence(error: Exception | str) -> str:
    """Return what an error or a message says, from a capital letter to a full stop."""
    text = str(error)
    end = "" if text.endswith((".", "!", "?", "…")) else "."
    return text[:1].upper() + text[1:] + end


def _tell() -> None:
    st.write("**Part of the link was not used.**")
    told = st.session_state[_TOLD]
    for sentence in told[:MOST]:
        st.text(sentence)
    if len(told) > MOST:
        st.text(f"… and {len(told) - MOST} more.")
    st.button("I see", key="seen", on_click=_forget)


def _forget() -> None:
    st.session_state[_TOLD] = []
