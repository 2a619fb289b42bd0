"""What the page remembers beside its widgets: own weights, the walk, and the way back.

These values do not fit one widget each, so a link carries them as rows of numbers, written here.
"""

from dataclasses import replace

import streamlit as st

from gatesviz.limits import HAND_STEPS
from gatesviz.ui.inside.moment import FARTHEST_C, Walk, from_text, to_text
from gatesviz.ui.inside.presets import OWN, PRESETS
from gatesviz.ui.inside.weights import CELL_KEYS, FARTHEST, Values, handles

WALK, EARLIER, OWN_WEIGHTS, NOTICES = (
    f"inside {word}" for word in ("walk", "earlier", "own weights", "notices")
)
_DEFAULT = Walk()


def begin(label: str, units: int) -> None:
    """Read the link, once a session. What it gets wrong is noted, and the default used."""
    if WALK in st.session_state:
        return
    st.session_state[NOTICES] = []
    st.session_state[OWN_WEIGHTS] = {}
    preset = st.query_params.get("inset")
    if preset is not None and preset not in PRESETS[label]:
        if any(preset in presets for presets in PRESETS.values()):
            note(f"inset={preset} was ignored: the {label} has no such preset.")
    elif preset == OWN:
        count = len(handles(CELL_KEYS[label], units))
        weights = _read("inw", (count,), FARTHEST)
        if weights:
            keep_own(label, units, weights)
    elif "inw" in st.query_params:
        note("inw was ignored: weights of your own need inset=own beside them.")
    walk = Walk(
        h=_pair(_read("inh", (1, 2), 1.0), _DEFAULT.h),
        c=_pair(_read("inc", (1, 2), FARTHEST_C), _DEFAULT.c),
        past=_read("inpast", tuple(range(1, HAND_STEPS.high + 1)), 3.0) or (),
    )
    st.session_state[WALK] = walk
    st.session_state[EARLIER] = [
        (replace(walk, past=walk.past[:k]), walk.past[k]) for k in range(len(walk.past))
    ]


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
    given = values or ()
    return (*given, *otherwise[len(given) :])  # type: ignore[return-value]


def note(sentence: str) -> None:
    """Keep a sentence for the reader, until something is changed by hand."""
    st.session_state[NOTICES].append(sentence)


def notices() -> list[str]:
    """Return the sentences kept."""
    kept: list[str] = st.session_state[NOTICES]
    return kept


def forget_notices() -> None:
    """Drop the sentences: the reader has gone on."""
    st.session_state[NOTICES] = []


def walk() -> Walk:
    """Return the walk as it stands."""
    current: Walk = st.session_state[WALK]
    return current


def go(new: Walk, x: float) -> None:
    """Go on to ``new``; undo leads back to the walk as it was, and to ``x``."""
    forget_notices()
    st.session_state[EARLIER] = [*st.session_state[EARLIER], (walk(), x)][-2 * HAND_STEPS.high :]
    st.session_state[WALK] = new


def stay(new: Walk) -> None:
    """Replace the walk by ``new``, with nothing to take back."""
    forget_notices()
    st.session_state[WALK] = new


def go_back() -> float:
    """Take the last change of the walk back; return the x that stood there then."""
    forget_notices()
    *earlier, (before, x) = st.session_state[EARLIER]
    st.session_state[EARLIER], st.session_state[WALK] = earlier, before
    was: float = x
    return was


def can_go_back() -> bool:
    """Tell whether there is a change to take back."""
    return bool(st.session_state[EARLIER])


def own_weights(label: str, units: int) -> Values | None:
    """Return the reader's own weights for this cell, if there are any."""
    kept: dict[tuple[str, int], Values] = st.session_state[OWN_WEIGHTS]
    return kept.get((label, units))


def keep_own(label: str, units: int, weights: Values) -> None:
    """Keep weights as the reader's own for this cell."""
    st.session_state[OWN_WEIGHTS] = st.session_state[OWN_WEIGHTS] | {(label, units): weights}


def write_link(weights: Values | None) -> None:
    """Put the walk, and own ``weights`` where they are used, into the address bar."""
    current = walk()
    wanted = {
        "inw": weights or (),
        "inh": current.h if current.h != _DEFAULT.h else (),
        "inc": current.c if current.c != _DEFAULT.c else (),
        "inpast": current.past,
    }
    for name, values in wanted.items():
        if not values:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != to_text(values):
            st.query_params[name] = to_text(values)
