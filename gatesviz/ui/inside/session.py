"""Values of the page that have no widget of their own: your weights, the walk, and undo.

A link holds them as rows of numbers, which are read and written here.
"""

from dataclasses import replace

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.limits import HAND_STEPS
from gatesviz.presets import OWN, PRESETS, presets
from gatesviz.tiny_cell import FARTHEST, Values, handles
from gatesviz.ui.fields import write_unbound
from gatesviz.ui.inside.moment import FARTHEST_C, Walk, from_text, to_text
from gatesviz.ui.inside.parameters import CHALLENGE, INPUT, NO_CHALLENGE, PRESET

WALK, EARLIER, OWN_WEIGHTS, NOTICES = (
    f"inside {word}" for word in ("walk", "earlier", "own weights", "notices")
)
_DEFAULT = Walk()


def begin(cell: str, units: int) -> None:
    """Read the link once in a session. An invalid value becomes a notice and the default."""
    if WALK in st.session_state:
        return
    st.session_state[NOTICES] = []
    st.session_state.setdefault(OWN_WEIGHTS, {})
    preset = st.query_params.get("inset")
    if preset is not None and preset not in presets(cell):
        if any(preset in names for names in PRESETS.values()):
            note(f"inset={preset} was ignored: the {CELLS[cell].in_sentences} has no such preset.")
    elif preset == OWN:
        count = len(handles(cell, units))
        weights = _read("inw", (count,), FARTHEST)
        if weights:
            keep_own(cell, units, weights)
    elif "inw" in st.query_params:
        note("inw was ignored: your own weights also need inset=own in the link.")
    walk = Walk(
        h=_pair(_read("inh", (1, 2), 1.0), _DEFAULT.h),
        c=_pair(_read("inc", (1, 2), FARTHEST_C), _DEFAULT.c),
        past=_read("inpast", tuple(range(1, HAND_STEPS.high + 1)), 3.0) or (),
    )
    st.session_state[WALK] = walk
    st.session_state[EARLIER] = [
        (replace(walk, past=walk.past[:k]), walk.past[k]) for k in range(len(walk.past))
    ]


def forget() -> None:
    """Forget the walk, so that the link is read again. Your own weights stay."""
    for name in (WALK, EARLIER):
        st.session_state.pop(name, None)


def _read(name: str, counts: tuple[int, ...], farthest: float) -> Values | None:
    text = st.query_params.get(name)
    if text is None:
        return None
    try:
        return from_text(name, text, counts, farthest)
    except ValueError as problem:
        note(str(problem))
        return None


def _pair(values: Values | None, otherwise: tuple[float, float]) -> tuple[float, float]:
    known = values or ()
    return (*known, *otherwise[len(known) :])  # type: ignore[return-value]


def note(sentence: str) -> None:
    """Add a sentence to the notices, which stay until a setting changes."""
    st.session_state[NOTICES].append(sentence)


def notices() -> list[str]:
    """Return the current notices."""
    sentences: list[str] = st.session_state[NOTICES]
    return sentences


def forget_notices() -> None:
    """Remove all notices."""
    st.session_state[NOTICES] = []


def walk() -> Walk:
    """Return the current walk."""
    current: Walk = st.session_state[WALK]
    return current


def go(new: Walk, x: float) -> None:
    """Replace the walk by ``new``. Undo returns to the current walk and to ``x``."""
    forget_notices()
    st.session_state[EARLIER] = [*st.session_state[EARLIER], (walk(), x)][-2 * HAND_STEPS.high :]
    st.session_state[WALK] = new


def start_over() -> None:
    """Begin a new walk with the usual input and state. Undo returns to the current one."""
    if WALK in st.session_state:
        go(Walk(), float(st.session_state[INPUT.key]))
        st.session_state[INPUT.key] = INPUT.default
        st.query_params["t"] = "0"


def stay(new: Walk) -> None:
    """Replace the walk by ``new`` without an entry for undo."""
    forget_notices()
    st.session_state[WALK] = new


def go_back() -> float:
    """Undo the last change of the walk and return the x of that time."""
    forget_notices()
    *earlier, (before, x) = st.session_state[EARLIER]
    st.session_state[EARLIER], st.session_state[WALK] = earlier, before
    was: float = x
    return was


def can_go_back() -> bool:
    """Return whether there is a change to undo."""
    return bool(st.session_state[EARLIER])


def own_weights(cell: str, units: int) -> Values | None:
    """Return your own weights for this cell, or None."""
    own: dict[tuple[str, int], Values] = st.session_state[OWN_WEIGHTS]
    return own.get((cell, units))


def keep_own(cell: str, units: int, weights: Values) -> None:
    """Save weights as your own for this cell."""
    st.session_state[OWN_WEIGHTS] = st.session_state[OWN_WEIGHTS] | {(cell, units): weights}


def has_challenge() -> bool:
    """Return whether a challenge is chosen, also if its menu isn't drawn yet."""
    held = st.session_state.get(CHALLENGE.key) or st.query_params.get(CHALLENGE.key)
    return held not in (None, NO_CHALLENGE)


def write_link(cell: str, weights: Values | None) -> None:
    """Write preset, x, walk, and your own ``weights`` if they are used, into the address bar."""
    current, x, preset = walk(), float(st.session_state[INPUT.key]), st.session_state[PRESET.key]
    parameters = {
        INPUT.key: to_text((x,) if x != INPUT.default else ()),
        PRESET.key: preset if preset != next(iter(presets(cell))) else "",
        "inw": to_text(weights or ()),
        "inh": to_text(current.h if current.h != _DEFAULT.h else ()),
        "inc": to_text(current.c if current.c != _DEFAULT.c else ()),
        "inpast": to_text(current.past),
    }
    write_unbound(parameters)
