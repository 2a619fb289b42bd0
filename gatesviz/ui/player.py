"""The player on a page. Its position comes from the link, and the link follows it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import streamlit as st

from gatesviz.cells import compared, letters
from gatesviz.limits import EDIT_TEXT, STEPS, Limit
from gatesviz.player.page import to_html
from gatesviz.player.payload import ORDERS, SPANS, SPEEDS, Panel, Selection
from gatesviz.ui.components import part
from gatesviz.ui.lessons.address import by_history, is_of_another_step
from gatesviz.ui.links import Choice, Parameter, Switch, Text, Whole

_component = part("player")
_OPENS, _LAST, _TURN = " opens", " last", "players turn"
_AGAIN = "players need the whole page"
_WRITTEN = "player's position in the address"
"""In the session: the key of the player that wrote it last, and what it wrote."""


def player(data: bytes, *, key: str, on_select: Callable[[], None]) -> Any:
    """Draw the player on a payload of `gatesviz.player.payload`.

    ``st.session_state[key]["selection"]`` maps step, unit, panel and lane to the reader's last
    choice. ``on_select`` is called when it changes.
    """
    return _component(data=data, key=key, on_selection_change=on_select)


def _read_edits(text: str) -> None:
    """Raise a ValueError if ``text`` doesn't say edits."""
    from gatesviz.recordings.edit_text import edits_from_text

    edits_from_text(text)


def _readable_edits(text: str) -> str:
    from gatesviz.recordings.edit_text import readable_edits

    return readable_edits(text)


EDITS_TEXT = Text(EDIT_TEXT.high, _read_edits, _readable_edits)
ROWS = ("x", *letters(), "y", "dh", "dc")


def _read_rows(text: str) -> None:
    """Raise a ValueError if ``text`` doesn't name rows."""
    if unknown := [row for row in text.split("_") if row and row not in ROWS]:
        names = ", ".join(ROWS)
        raise ValueError(f"{unknown[0]!r} is no row; expected some of {names} joined by _")


PARAMETERS: Mapping[str, Parameter] = {
    "t": Whole(Limit("step", 0, STEPS.high - 1)),
    "u": Whole(Limit("unit", 0, 4_095)),
    "p": Whole(Limit("panel", 0, max(len(compared()), 3) - 1)),
    "g": Choice(ROWS),
    "order": Choice(ORDERS),
    "show": Choice(tuple(map(str, SPANS))),
    "speed": Choice(tuple(map(str, SPEEDS))),
    "sums": Switch(),
    "back": Switch(),
    "until": Whole(Limit("letters shown", 0, STEPS.high)),
    "rows": Text(60, _read_rows),
    "edits": EDITS_TEXT,
}
_READ: Mapping[type, Callable[[str], Any]] = {
    str: str,
    int: lambda text: int(float(text)),
    bool: lambda text: text.lower() == "true",
}
_FIELDS = {
    "t": "step",
    "u": "unit",
    "p": "panel",
    "g": "lane",
    "order": "order",
    "show": "span",
    "speed": "speed",
    "sums": "sums",
    "back": "reverse",
    "until": "until",
    "rows": "rows",
    "edits": "edits",
}


def opening(key: str, own: Selection) -> Selection:
    """Return where the player ``key`` opens: the link's position, else the last one, else ``own``.

    The position stays the same while the player is on the page. A changed one would change the
    payload, which would be sent and drawn again at every click.
    """
    opened = f"{key}{_OPENS}"
    if key not in st.session_state or opened not in st.session_state:
        query = {k: st.query_params[k] for k in _FIELDS if len(st.query_params.get_all(k)) == 1}
        others = _of_another_player(key, query)
        own = replace(own, turn=st.session_state.get(_TURN, 0))
        place = linked({} if others else query, st.session_state.get(_last(key), own))
        st.session_state[opened] = place
        standing(key)[:] = [place]
        if place != own or others:
            st.session_state[_last(key)] = place
            _write(key, {name: str(getattr(place, field)) for name, field in _FIELDS.items()})
    selection: Selection = st.session_state[opened]
    return selection


def move(key: str, *, playing: bool = False, **place: Any) -> None:
    """Move the player ``key`` to another position when it is drawn next.

    ``place`` names fields of `Selection`; the others keep their values. With ``playing``, it plays
    from there.
    """
    opened, last = f"{key}{_OPENS}", st.session_state.get(_last(key), Selection())
    before = st.session_state.get(opened, last)
    st.session_state[opened] = replace(last, **place, playing=playing, turn=before.turn + 1)
    st.session_state[_last(key)] = replace(last, **place)
    standing(key)[:] = [st.session_state[_last(key)]]
    _write(key, {name: str(place[field]) for name, field in _FIELDS.items() if field in place})


def forget_positions() -> None:
    """Move every player to the position in the link when it is drawn next, as on a cold visit."""
    turn = st.session_state.get(_TURN, 0)
    for name in [name for name in map(str, st.session_state) if name.endswith((_OPENS, _LAST))]:
        turn = max(turn, st.session_state.pop(name).turn)
    st.session_state.pop(_WRITTEN, None)
    st.session_state[_TURN] = turn + 1


def standing(key: str) -> list[Selection]:
    """Return a list with one position: where the reader last was in the player ``key``.

    It stays the same list, so a download, which is made without a session, finds it, too.
    """
    kept: list[Selection] = st.session_state.setdefault(f"{key} stands", [Selection()])
    return kept


def offer_player(panels: Sequence[Panel], *, key: str, title: str) -> None:
    """Draw the button that downloads the player ``key`` as one HTML file.

    The file opens where the reader last was, with the same edits.
    """
    stands = standing(key)
    st.download_button(
        "Download the player (one HTML file)",
        lambda: to_html(panels, title=f"{title} · gatesviz", select=at_rest(stands[0])),
        "gatesviz-player.html",
        "text/html",
        on_click="ignore",
        help="The file works offline. It opens at the step you see, with the changes you made."
        " Use it in slides, on a course page or in an email.",
    )


def at_rest(place: Selection) -> Selection:
    """Return ``place`` for a file: it doesn't play by itself."""
    return replace(place, playing=False, turn=0)


def linked(query: Mapping[str, str], own: Selection) -> Selection:
    """Return the position in a link, with ``own`` for what is missing or mistyped.

    Of the edits, those that can be read are kept. A link that names a step opens paused.
    """
    kinds = {field: type(value) for field, value in asdict(Selection()).items()}
    named: dict[str, Any] = {}
    if edits := query.get("edits"):
        query = {**query, "edits": EDITS_TEXT.usable(edits)}
    for name, field in _FIELDS.items():
        if name in query and not PARAMETERS[name].problem(query[name]):
            text = query[name]
            named[field] = _READ[kinds[field]](text)
    return replace(own, playing=own.playing and "step" not in named, **named)


@st.fragment
def stage(
    data: bytes,
    *,
    key: str,
    above: Callable[[], None] | None = None,
    on_stretch: Callable[[tuple[int, int]], bool] | None = None,
) -> None:
    """Draw the player. A click reruns only this fragment and writes the position into the link.

    ``above`` draws what follows the player's edits, which `standing` has, above it. ``on_stretch``
    gets the first and the last step of the stretch that the reader chose, and returns whether the
    whole page has to run again.
    """

    def follow() -> None:
        chosen = st.session_state[key].get("selection")
        if not isinstance(chosen, Mapping):  # sent by a browser, so it can be anything
            return
        if is_of_another_step() or by_history() or _is_old(key, chosen):
            return
        stretch = _stretch(chosen.get("stretch"))
        if on_stretch is not None and stretch:
            st.session_state[_AGAIN] = on_stretch(stretch)
        place = {name: str(chosen.get(field, "")) for name, field in _FIELDS.items()}
        usable = {k: text for k, text in place.items() if not PARAMETERS[k].problem(text)}
        st.session_state[_last(key)] = linked(usable, Selection())
        standing(key)[:] = [st.session_state[_last(key)]]
        _write(key, usable)

    if above is not None:
        above()
    player(data, key=key, on_select=follow)
    if st.session_state.pop(_AGAIN, False):
        st.rerun()


def _stretch(sent: object) -> tuple[int, int] | None:
    """Return the first and the last step that a browser sent; None if they are no stretch."""
    match sent:
        case [int(first), int(last)] if 0 <= first <= last < STEPS.high:
            return first, last
    return None


def _is_old(key: str, chosen: Mapping[Any, Any]) -> bool:
    """Return whether a player sent its choice before it learned that the page had moved it.

    It waits a moment before it sends. Its choice would write the place of before into the address.
    """
    opened = st.session_state.get(f"{key}{_OPENS}")
    return opened is None or bool(chosen.get("turn", opened.turn) != opened.turn)


def _write(key: str, place: Mapping[str, str]) -> None:
    """Write the position of the player ``key`` into the link, without defaults.

    The step is always written: it pauses.
    """
    own = asdict(Selection())
    for name, text in place.items():
        if name == "t" or text != str(own[_FIELDS[name]]):
            st.query_params[name] = text
        elif name in st.query_params:
            del st.query_params[name]
    written = {name: st.query_params[name] for name in _FIELDS if name in st.query_params}
    st.session_state[_WRITTEN] = key, written


def _of_another_player(key: str, query: Mapping[str, str]) -> bool:
    """Return whether another player wrote the position in the address, not a link."""
    writer, written = st.session_state.get(_WRITTEN, (key, {}))
    return bool(query) and writer != key and query == written


def _last(key: str) -> str:
    return f"{key}{_LAST}"
