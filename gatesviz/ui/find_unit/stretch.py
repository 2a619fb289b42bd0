"""A stretch of one sequence: chosen in a player or in number fields, which follow each other."""

from dataclasses import replace

import streamlit as st

from gatesviz.detective import Stretch
from gatesviz.player.payload import Panel, Selection, payload
from gatesviz.sequences.characters import is_character
from gatesviz.ui.fields import write_unbound
from gatesviz.ui.find_unit.parameters import BEGIN, END
from gatesviz.ui.find_unit.ranking import Ranking
from gatesviz.ui.notices import sentence
from gatesviz.ui.player import move, opening, stage

PLAYER = "find-unit"
_AGREED, _NAMED = "find-unit stretch", "find-unit stretch of the page"
"""In the session: what player and fields both show, and what the page sent to the player."""

Steps = tuple[int, int]


def choose_stretch(ranking: Ranking) -> Stretch | None:
    """Draw the fields and the player; return the stretch, or None if it ends before it begins.

    The fields aren't bound, because the player writes the address, too.
    """
    steps = len(ranking.reading.labels[ranking.index])
    columns = st.columns(2)
    with columns[0]:
        begin = int(BEGIN.draw_unbound(max_value=steps - 1))
    with columns[1]:
        end = int(END.draw_unbound(max_value=steps - 1))
    _write_link()
    if end < begin:
        st.text(f"The segment ends at step {end}, before it begins. Choose a later last step.")
        return None
    _draw_player(ranking, (begin, end))
    return Stretch(begin, end + 1, ranking.index)


def _write_link() -> None:
    """Write both ends into the address.

    The browser sends the player's move with the address that it has then, which can be older than
    the fields.
    """
    held = {field: st.session_state[field.key] for field in (BEGIN, END)}
    write_unbound({f.key: "" if at == f.default else str(at) for f, at in held.items()})


def _draw_player(ranking: Ranking, chosen: Steps) -> None:
    try:
        data = payload([_panel(ranking)], select=_place(ranking, chosen))
    except ValueError as error:  # too many values
        st.text(f"The player can't show this sequence. {sentence(error)}")
        return
    stage(data, key=PLAYER, above=_write_link, on_stretch=_follow)


def _panel(ranking: Ranking) -> Panel:
    examined, reading = ranking.examined, ranking.reading
    trace = reading.recording.trace(examined.layer, examined.direction).sample(ranking.index)
    labels = reading.labels[ranking.index]
    written = reading.texts is not None
    letters = written and all(map(is_character, labels))
    title = examined.cell.name
    return Panel(trace, labels, title=title, text=letters, words=written and not letters)


def _place(ranking: Ranking, chosen: Steps) -> Selection:
    """Return where the player opens. It moves only if the fields, or a link, name other steps."""
    agreed = st.session_state.get(_AGREED)
    if chosen != agreed:
        if agreed is not None:
            move(PLAYER, step=chosen[0])
        st.session_state[_AGREED] = st.session_state[_NAMED] = chosen
    lane = ranking.examined.cell.kept_state
    own = Selection(step=chosen[0], lane=lane, unit=ranking.best.unit)
    return replace(opening(PLAYER, own), stretch=st.session_state[_NAMED])


def _follow(stretch: Steps) -> bool:
    """Write the stretch of the player into the fields; return whether it is another one."""
    if stretch == st.session_state.get(_AGREED):
        return False
    st.session_state[_AGREED] = stretch
    st.session_state[BEGIN.key], st.session_state[END.key] = stretch
    return True
