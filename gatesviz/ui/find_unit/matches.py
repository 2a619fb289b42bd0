"""Where else the units of a stretch are active: the most similar stretches of other sequences."""

import re
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from gatesviz.detective import Match, Stretch, active_units, find
from gatesviz.detective.labels import label_text
from gatesviz.limits import THRESHOLD
from gatesviz.sequences.characters import shown
from gatesviz.ui.components import part
from gatesviz.ui.find_unit.parameters import LEVEL, ONLY
from gatesviz.ui.find_unit.ranking import Ranking
from gatesviz.ui.find_unit.reading import Reading
from gatesviz.ui.find_unit.stretch import choose_stretch
from gatesviz.ui.notices import sentence

_component = part("stretches")
MOST, AROUND = 8, 4
"""Matches that are shown, and the steps shown before and after a stretch."""
PRINCIPLE = (
    "**Principle.** Units that are active together may track one property. If so, the segments in"
    " which they are active have something in common. Look at many of them before you name the"
    " property."
)
SOURCES = (
    "Source of the idea: LSTMVis, a tool that also finds similar segments (Strobelt et al. 2018)."
)


def explained(ranking: Ranking) -> str:
    """Return what the view does, which value is compared with the threshold, and its range."""
    letter, values = ranking.examined.cell.kept_state, ranking.values
    finite = values[np.isfinite(values)]
    ends = f"{finite.min():.3g} to {finite.max():.3g}".replace("-", "−") if finite.size else "?"
    return (
        "Choose a segment of the sequence. A unit is active if its"
        f" |{letter}| is at least the threshold below. The page finds the units that stay active,"
        f" with {letter} of one sign, through the whole segment. Then it finds other segments with"
        " the same active units."
        f" In these sequences, {letter} ranges from {ends}."
    )


def show_matches(ranking: Ranking) -> None:
    """Draw the chosen stretch, the units that are active in it, and the most similar stretches."""
    stretch = choose_stretch(ranking)
    if stretch is None:
        return
    left, right = st.columns(2)
    with left:
        level = float(LEVEL.draw())
    with right:
        typed = ONLY.draw()
    try:
        THRESHOLD.check(level)
        active, found = search(ranking, stretch, level, units_of(typed))
    except ValueError as error:
        st.text(sentence(error))
        return
    tables = [table(ranking, stretch, "The chosen segment"), *map(partial(_row, ranking), found)]
    searched = sum(len(reading.labels) for reading in readings(ranking))
    amount = "1 sequence" if searched == 1 else f"{searched:,} sequences"
    st.write(f"{units_on(active)} We searched {amount}.")
    st.write(
        "**The chosen segment and the most similar ones**"
        if found
        else "No other segment shares an active unit."
    )
    if found:
        st.caption(
            "Similarity is the number of units that are active in both segments, divided by the"
            " number that are active in at least one of the two."
        )
    _component(data={"stretches": tables}, key="similar stretches")


def readings(ranking: Ranking) -> list[Reading]:
    """Return what is searched: first what is ranked, then the page's own sequences."""
    own, many = ranking.reading, ranking.many
    return [own] if many is None or many is own else [own, many]


def search(
    ranking: Ranking, stretch: Stretch, level: float, units: tuple[int, ...] | None = None
) -> tuple[dict[int, int], tuple[Match, ...]]:
    """Return the units that are active in ``stretch``, and the most similar stretches.

    ``units`` are the compared ones; None compares all.

    Raises:
        ValueError: if no compared unit is active, or a unit doesn't exist.
    """
    examined = ranking.examined
    states: dict[str, Any] = {
        "threshold": level,
        "letter": examined.cell.kept_state,
        "layer": examined.layer,
        "direction": examined.direction,
    }
    recordings = [reading.recording for reading in readings(ranking)]
    found = find(recordings, stretch, units, **states, most=MOST)
    active = active_units(recordings[0], stretch, **states)
    return {u: sign for u, sign in active.items() if units is None or u in units}, found


def units_of(typed: str) -> tuple[int, ...] | None:
    """Return the numbers of units that the reader typed; None if there are none.

    Raises:
        ValueError: if one of them isn't a whole number.
    """
    parts = re.findall(r"[^\s,;]+", typed)
    for one in parts:
        if not re.fullmatch(r"[0-9]{1,6}", one):
            raise ValueError(f"“{shown(one, 24)}” isn't the number of a unit. Write 0, 3")
    return tuple(dict.fromkeys(map(int, parts))) or None


def units_on(active: dict[int, int]) -> str:
    """Return which units are active, as a sentence: first the positive ones."""
    named = []
    for word, sign in (("positive", 1), ("negative", -1)):
        if units := [str(unit) for unit, side in active.items() if side == sign]:
            value = "value" if len(units) == 1 else "values"
            named.append(f"unit{'s' if len(units) > 1 else ''} {', '.join(units)} ({word} {value})")
    return f"Active during this segment: {' and '.join(named)}."


def _row(ranking: Ranking, match: Match) -> dict[str, Any]:
    """Return the table of a match, with its similarity in the title."""
    shared = ", ".join(map(str, match.shared))
    return table(
        ranking, match.stretch, f"similarity {match.similarity:.2f}, shared units {shared}"
    )


def table(ranking: Ranking, stretch: Stretch, about: str) -> dict[str, Any]:
    """Return the steps, the inputs and the labels of a stretch, for `stretches.js`.

    Some steps before and after it are shown, too.
    """
    reading = readings(ranking)[stretch.recording]
    symbols = reading.labels[stretch.sample]
    first, last = max(0, stretch.start - AROUND), min(len(symbols), stretch.stop + AROUND)
    rows = [("step", [str(t) for t in range(first, last)]), ("input", symbols[first:last])]
    if stretch.recording == 0:
        column = ranking.labels[first:last, stretch.sample]
        rows.append((ranking.called, [label_text(label) for label in column]))
    return {
        "title": f"{_named(ranking, reading, stretch.sample)}: {about}",
        "rows": rows,
        "start": stretch.start - first,
        "stop": stretch.stop - first,
    }


def _named(ranking: Ranking, reading: Reading, sample: int) -> str:
    """Return the name of a sequence. Where two readings are searched, the reader's is "your"."""
    if ranking.many is None or reading is ranking.many:
        return reading.named(sample)
    return "Your text" if len(reading.labels) == 1 else f"Your sequence {sample}"
