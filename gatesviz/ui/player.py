"""The player on a page: opened where the link says, followed by the link, saved as a file."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

import streamlit as st

from gatesviz.limits import STEPS, Limit
from gatesviz.player.payload import ORDERS, SPANS, SPEEDS, Selection
from gatesviz.ui.components import part
from gatesviz.ui.links import Choice, Parameter, Switch, Whole

_component = part("player")


def player(data: bytes, *, key: str, on_select: Callable[[], None]) -> Any:
    """Draw the player on a payload of `gatesviz.player.payload`.

    Where the reader comes to rest is in ``st.session_state[key]["selection"]``, a mapping of
    step, unit, panel and lane, and ``on_select`` is called when it changes.
    """
    return _component(data=data, key=key, on_selection_change=on_select)


PARAMETERS: Mapping[str, Parameter] = {
    "t": Whole(Limit("step", 0, STEPS.high - 1)),
    "u": Whole(Limit("unit", 0, 4_095)),
    "p": Whole(Limit("panel", 0, 2)),
    "g": Choice(("x", "f", "i", "g", "c", "o", "h", "r", "z", "n", "y", "dh", "dc")),
    "order": Choice(ORDERS),
    "show": Choice(tuple(map(str, SPANS))),
    "speed": Choice(tuple(map(str, SPEEDS))),
    "sums": Switch(),
    "back": Switch(),
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
}


def opening(key: str, own: Selection) -> Selection:
    """Return where the player ``key`` opens: the link's place, the reader's last, the page's own.

    The answer stays the same for as long as the player is on the page: another one would be
    another payload, sent and drawn anew at every click.
    """
    opened = f"{key} opens"
    if key not in st.session_state or opened not in st.session_state:
        query = {k: st.query_params[k] for k in _FIELDS if len(st.query_params.get_all(k)) == 1}
        place = linked(query, st.session_state.get(_rests(key), own))
        st.session_state[opened] = place
        if place != own:
            st.session_state[_rests(key)] = place
            _write({name: str(getattr(place, field)) for name, field in _FIELDS.items()})
    selection: Selection = st.session_state[opened]
    return selection


def move(key: str, **place: Any) -> None:
    """Take the reader of the player ``key`` to another place, when it is drawn next.

    ``place`` names fields of `Selection`; the others stay as they are.
    """
    opened, rest = f"{key} opens", st.session_state.get(_rests(key), Selection())
    before = st.session_state.get(opened, rest)
    st.session_state[opened] = replace(rest, **place, playing=False, turn=before.turn + 1)
    st.session_state[_rests(key)] = replace(rest, **place)
    _write({name: str(place[field]) for name, field in _FIELDS.items() if field in place})


def linked(query: Mapping[str, str], own: Selection) -> Selection:
    """Return the place that a link names; what it leaves out or mistypes is as in ``own``.

    A link that names a step does not play by itself.
    """
    kinds = {field: type(value) for field, value in asdict(Selection()).items()}
    told: dict[str, Any] = {}
    for name, field in _FIELDS.items():
        if name in query and not PARAMETERS[name].problem(query[name]):
            text = query[name]
            told[field] = _READ[kinds[field]](text)
    return replace(own, playing=own.playing and "step" not in told, **told)


@st.fragment
def stage(data: bytes, *, key: str) -> None:
    """Draw the player; a click in it reruns this alone and writes the place into the link."""

    def follow() -> None:
        told = st.session_state[key].get("selection") or {}
        place = {name: str(told.get(field, "")) for name, field in _FIELDS.items()}
        usable = {k: text for k, text in place.items() if not PARAMETERS[k].problem(text)}
        st.session_state[_rests(key)] = linked(usable, Selection())
        _write(usable)

    player(data, key=key, on_select=follow)


def _write(place: Mapping[str, str]) -> None:
    """Put into the link what differs from a player's own; the step always, since it stops it."""
    own = asdict(Selection())
    for name, text in place.items():
        if name == "t" or text != str(own[_FIELDS[name]]):
            st.query_params[name] = text
        elif name in st.query_params:
            del st.query_params[name]


def _rests(key: str) -> str:
    return f"{key} rests"
