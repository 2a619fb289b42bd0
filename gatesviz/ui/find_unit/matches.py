"""Where else the units of a stretch are on: the most similar stretches of other sequences."""

from typing import Any

import streamlit as st

from gatesviz.detective import Match, Stretch, active_units, find
from gatesviz.detective.labels import label_text
from gatesviz.limits import THRESHOLD
from gatesviz.ui.components import part
from gatesviz.ui.find_unit.parameters import BEGIN, END, LEVEL
from gatesviz.ui.find_unit.ranking import Ranking
from gatesviz.ui.find_unit.readings import Reading
from gatesviz.ui.notices import sentence

_component = part("stretches")
MOST, AROUND = 8, 4
"""Matches that are shown, and the steps shown before and after a stretch."""
PRINCIPLE = (
    "**Principle.** A group of units has a meaning if the places where they are on together are"
    " alike. Look at many places before you name it."
)
SOURCES = "The match view of LSTMVis (Strobelt et al. 2018) asks the same question."


def show_matches(ranking: Ranking) -> None:
    """Draw the chosen stretch, the units that are on in it, and the most similar stretches."""
    many = ranking.many
    if many is None:
        st.write("There are no other sequences to search.")
        return
    index = ranking.index if ranking.reading is many else 0
    steps = len(many.labels[index])
    columns = st.columns(3)
    with columns[0]:
        begin = int(BEGIN.draw(max_value=steps - 1))
    with columns[1]:
        end = int(END.draw(max_value=steps - 1))
    with columns[2]:
        level = float(LEVEL.draw())
    if end < begin:
        st.text(f"The stretch ends at step {end}, before it begins. Choose a later last step.")
        return
    st.write("**The stretch**")
    chosen = Stretch(begin, end + 1, index)
    _component(
        data={"stretches": [table(ranking, many, chosen, f"Sequence {index}")]}, key="stretch"
    )
    try:
        THRESHOLD.check(level)
        active, found = search(ranking, many, (begin, end + 1, index), level)
    except ValueError as error:
        st.text(sentence(error))
        return
    st.write(f"{units_on(active)} {len(many.labels)} sequences were searched.")
    show_found(ranking, many, found)


def search(
    ranking: Ranking, many: Reading, stretch: tuple[int, int, int], level: float
) -> tuple[dict[int, int], tuple[Match, ...]]:
    """Return the units that are on in ``stretch``, and the most similar stretches.

    Raises:
        ValueError: if no unit is on.
    """
    examined = ranking.examined
    states: dict[str, Any] = {
        "threshold": level,
        "letter": examined.cell.kept_state,
        "layer": examined.layer,
        "direction": examined.direction,
    }
    found = find(many.recording, stretch, **states, most=MOST)
    return active_units(many.recording, stretch, **states), found


def units_on(active: dict[int, int]) -> str:
    """Return which units are on, as a sentence: first the positive ones."""
    named = []
    for word, sign in (("positive", 1), ("negative", -1)):
        if units := [str(unit) for unit, side in active.items() if side == sign]:
            value = "value" if len(units) == 1 else "values"
            named.append(f"unit{'s' if len(units) > 1 else ''} {', '.join(units)} ({word} {value})")
    return f"On during this stretch: {' and '.join(named)}."


def show_found(ranking: Ranking, many: Reading, found: tuple[Match, ...]) -> None:
    """Draw the matches side by side, each with its labels."""
    if not found:
        st.write("No other stretch shares a unit that is on.")
        return
    st.write("**The most similar stretches**")
    tables = [
        table(
            ranking,
            many,
            match.stretch,
            f"Sequence {match.stretch.sample}: similarity {match.similarity:.2f}, shared units"
            f" {', '.join(map(str, match.shared))}",
        )
        for match in found
    ]
    _component(data={"stretches": tables}, key="similar stretches")


def table(ranking: Ranking, many: Reading, stretch: Stretch, title: str) -> dict[str, Any]:
    """Return the steps, the inputs and the labels of a stretch, for `stretches.js`.

    Some steps before and after it are shown, too.
    """
    symbols = many.labels[stretch.sample]
    first, last = max(0, stretch.start - AROUND), min(len(symbols), stretch.stop + AROUND)
    rows = [("step", [str(t) for t in range(first, last)]), ("input", symbols[first:last])]
    if ranking.reading is many:
        column = ranking.labels[first:last, stretch.sample]
        rows.append((ranking.name, [label_text(label) for label in column]))
    return {
        "title": title,
        "rows": rows,
        "start": stretch.start - first,
        "stop": stretch.stop - first,
    }
