"""The part "Share this page": you choose what the link carries."""

from collections.abc import Iterable, Mapping

import streamlit as st

from gatesviz.ui.classroom.addresses import only_here, origins
from gatesviz.ui.classroom.membership import KEY as TEACH
from gatesviz.ui.classroom.membership import ROOM
from gatesviz.ui.guesses import GUESSES
from gatesviz.ui.lessons.address import CHOSEN, RECORD
from gatesviz.ui.locks import ALL, HIDE, LOCK, drawn, joined
from gatesviz.ui.menu import address
from gatesviz.ui.page_parts import SHARE
from gatesviz.ui.page_settings import FIELDS
from gatesviz.ui.presenter import PRESENT

NEVER = frozenset((ROOM, TEACH, RECORD, CHOSEN, HIDE, LOCK, PRESENT))
"""Parameters that a shared link gets only if they are chosen here, or never."""
ABOUT = (
    "The link opens this page with all its settings. It can hide or lock controls. Readers see"
    " hidden ones with *Show everything*, unless you also lock them. A page opened from the menu"
    " shows and unlocks all controls."
)

NOT_THE_FILE = (
    "The link doesn't carry your model file or a pasted vocabulary. Send the file, too. Anyone who"
    " opens the link has to upload it."
)


@st.fragment
def draw_sharing(page: str) -> None:
    """Draw the expander. Its content is drawn when it opens."""
    box = st.expander("Share this page", on_change="rerun", key=SHARE)
    if box.open:
        with box:
            _draw_choices(page)


def _draw_choices(page: str) -> None:
    st.markdown(ABOUT)
    if "file" in st.query_params:
        st.markdown(f"**{NOT_THE_FILE}**")
    fields = {key: one.label for key, one in FIELDS.get(page, {}).items() if key in drawn()}
    labels = {ALL: "all controls", **{k: v for k, v in fields.items() if k not in GUESSES and v}}
    hide = _choose("Hide these controls", f"share {HIDE} {page}", labels)
    lock = _choose("Lock these values", f"share {LOCK} {page}", labels)
    guesses = bool(GUESSES & set(st.query_params)) and st.checkbox(
        "Show my guesses (readers then see the results)", key="share guesses"
    )
    present = st.checkbox("Open the page in presentation mode", key="share present")
    query = shared_query(
        st.query_params.to_dict(), hide=hide, lock=lock, guesses=guesses, present=present
    )
    origin = "" if only_here() else origins()[0]
    st.code(link(page, query, origin), language=None, wrap_lines=True)
    if only_here():
        st.caption(
            "Only this computer can open this server's pages. To share links, start the app with"
            " `HOST=0.0.0.0 make run`."
        )


def _choose(title: str, key: str, labels: Mapping[str, str]) -> list[str]:
    """Let the reader choose controls; return their keys. Another view may have other controls."""
    if key in st.session_state:
        st.session_state[key] = [one for one in st.session_state[key] if one in labels]

    def label(one: str) -> str:
        return labels.get(one, one)

    return st.multiselect(title, list(labels), format_func=label, key=key)


def shared_query(
    query: Mapping[str, str],
    *,
    hide: Iterable[str] = (),
    lock: Iterable[str] = (),
    guesses: bool = False,
    present: bool = False,
) -> dict[str, str]:
    """Return the parameters of a link.

    Args:
        query: those of the page.
        hide, lock: keys of controls, or `ALL`.
        guesses: whether the link carries guesses.
        present: whether the page opens for a projector.
    """
    left = NEVER if guesses else NEVER | GUESSES
    kept = {name: text for name, text in query.items() if name not in left}
    for name, keys in ((HIDE, tuple(hide)), (LOCK, tuple(lock))):
        if keys:
            kept[name] = ALL if ALL in keys else joined(keys)
    return kept | ({PRESENT: "1"} if present else {})


def link(page: str, query: Mapping[str, str], origin: str) -> str:
    """Return the whole address; without an ``origin``, that of the reader's browser."""
    here = origin or (st.context.url or "").split("?")[0].rstrip("/").rpartition("/")[0]
    return f"{here}/{address(page, query).removeprefix('./')}"
