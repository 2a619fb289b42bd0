"""Which unit tracks a property: the settings, the ranking and its two charts."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from gatesviz.detective import Tracked
from gatesviz.detective.labels import is_missing, label_text
from gatesviz.detective.properties import typed_labels, typed_rows
from gatesviz.detective.tracking import MEASURES, is_weak, tie_text, tied
from gatesviz.detective.values import values_of
from gatesviz.figures import unit_bars, unit_bars_alt, unit_lane, unit_lane_alt
from gatesviz.sequences.characters import shown
from gatesviz.ui import charts
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.find_unit.models import Examined
from gatesviz.ui.find_unit.parameters import (
    DEPTH,
    IN_TABLE,
    LABEL_COLUMN,
    LABELS,
    OWN,
    OWN_TEXT,
    POSITION,
    PROPERTY,
    QUOTES,
    SEQUENCE,
    TABLE,
    TEXT,
)
from gatesviz.ui.find_unit.places import compared_elsewhere, place_named, rank_place
from gatesviz.ui.find_unit.properties import constant, fitting, labels
from gatesviz.ui.find_unit.reading import Reading
from gatesviz.ui.find_unit.readings import read_given, read_many, read_own
from gatesviz.ui.notices import sentence
from gatesviz.ui.text_box import draw_text

MEANINGS = {
    MEASURES["number"]: (
        "The chart shows |r|, where r is the correlation of the unit's state and the property. |r|"
        " is 1 if the relation is exactly linear, and 0 without a linear relation."
    ),
    MEASURES["yes or no"]: (
        "2·|AUC − ½| is 1 if the unit's value separates both labels completely, and 0 if it says"
        " nothing about them."
    ),
    MEASURES["class"]: (
        "η² is the share of the unit's variance that the label explains, from 0 to 1."
    ),
}
"""Name of a measure -> what it says."""

ROOM = 20
"""Steps of a sequence whose labels a narrow chart has room for."""
_FIRST, _FIRST_COLUMN = "find-unit first property", "find-unit first column"


@dataclass(frozen=True, eq=False)
class Ranking:
    """Units in the order in which they track a property.

    Attributes:
        examined: the model.
        name: of the property.
        reading: what the model read.
        many: sequences for other measurements; None if there are none for this model.
        labels: (T, B).
        ranked: the unit that tracks best first.
        index: of the sequence that is shown.
        column: the column of a table that the property is, or "".
        elsewhere: whether a unit of another layer or direction tracks better, as a sentence; "" for
            a model with one of each.
    """

    examined: Examined
    name: str
    reading: Reading
    many: Reading | None
    labels: NDArray[Any]
    ranked: tuple[Tracked, ...]
    index: int
    column: str = ""
    elsewhere: str = ""

    @property
    def place(self) -> str:
        """The layer and the direction of the units, where a model has several: " of layer 2"."""
        recording = self.reading.recording
        return place_named(recording, self.examined.layer, self.examined.direction)

    @property
    def called(self) -> str:
        """The property's name for a text: that of a column is its author's, so it's no Markdown."""
        return shown(self.column, 40) if self.column else self.name

    @property
    def best(self) -> Tracked:
        """The unit that tracks the property best."""
        return self.ranked[0]

    @property
    def rankable(self) -> tuple[int, ...]:
        """The units that have a measure, the best one first."""
        return tuple(each.unit for each in self.ranked if not math.isnan(each.measure))

    @property
    def values(self) -> NDArray[np.floating]:
        """The compared state after each step, (T, B, units)."""
        trace = self.reading.recording.trace(self.examined.layer, self.examined.direction)
        return values_of(trace, self.examined.cell.kept_state)


def choose_ranking(examined: Examined) -> Ranking | str:
    """Draw the menu of properties and return the ranking, or a sentence on what is missing.

    Draw this in the sidebar.
    """
    read, many = None, None
    try:
        many = read_many(examined)
        read = read_given(examined) or many
    except ValueError as error:
        if examined.vocabulary is None or not _other_text(examined):
            return sentence(error)
        st.text(sentence(error))
    name = _choose_property(fitting(examined, read))
    try:
        if (
            name == OWN
            and examined.vocabulary is not None
            and (read is None or _other_text(examined))
        ):
            return _of_text(examined, many)
        assert read is not None  # else the menu has only your own labels of a text
        column = _choose_column(read) if name == IN_TABLE else ""
        index = choose_sequence(read)
        given = _typed(read, index) if name == OWN else read.columns[column] if column else None
        given = labels(name, examined, read) if given is None else given
        return _ranking(examined, name, read, many, given, index, column)
    except ValueError as error:
        return sentence(error)


def _choose_property(options: tuple[str, ...]) -> str:
    """Draw the menu of properties."""
    held, before = st.session_state.get(PROPERTY.key), st.session_state.get(_FIRST)
    st.session_state[_FIRST] = options[0]
    usual = held == before != options[0]  # the page chose it
    free = before == OWN or PROPERTY.key not in st.query_params  # else a link or the reader did
    if (usual and free) or held not in (None, *options):
        st.session_state[PROPERTY.key] = options[0]  # of another model, or of another input
    return str(PROPERTY.draw(options=options, index=0))


def _choose_column(reading: Reading) -> str:
    """Draw the menu of the columns of the table."""
    options, key = [*reading.columns], LABEL_COLUMN.key
    held, before = st.session_state.get(key), st.session_state.get(_FIRST_COLUMN)
    st.session_state[_FIRST_COLUMN] = options[0]
    usual = held == before != options[0] and key not in st.query_params  # the page chose it
    if usual or held not in (None, *options):
        st.session_state[key] = options[0]  # of another table, or another column is first now
    return str(LABEL_COLUMN.draw(options=options, index=0))


def choose_sequence(reading: Reading) -> int:
    """Draw the number of the sequence that is shown, and return it."""
    index = int(SEQUENCE.draw(max_value=len(reading.labels) - 1))
    if reading.names:
        st.text(f"Shown: {reading.named(index)}.")
    return index


def _of_text(examined: Examined, many: Reading | None) -> Ranking:
    """Draw the text and its labels, and return the ranking of the units on it."""
    example = _example(examined)
    reading = read_own(examined, draw_text(TEXT, example) or example)
    return _ranking(examined, OWN, reading, many, _typed(reading, 0), 0)


def _other_text(examined: Examined) -> bool:
    """Return whether your own labels belong to another text than the one that the units read.

    A link from before names both texts.
    """
    if examined.vocabulary is None:
        return False
    reads_yours = examined.given is not None and examined.given.source in (OWN_TEXT, TABLE)
    return not reads_yours or TEXT.key in st.query_params


def _typed(reading: Reading, index: int) -> NDArray[Any]:
    """Draw the field of typed labels and return them, (T, B).

    One line for each sequence labels all of them. Else the labels are those of sequence ``index``,
    and the others have none.
    """
    typed = LABELS.draw()
    symbols, count = reading.labels[index], len(reading.labels)
    lines = [line for line in typed.splitlines() if line.strip()]
    if not lines:
        which = f" sequence {index}" if count > 1 else ""
        rows = f". Or write {count:,} lines, one for each sequence" if count > 1 else ""
        raise ValueError(
            f"Write {len(symbols):,} labels, one for each step of{which}: {' '.join(symbols)}{rows}"
        )
    lengths = [len(labels) for labels in reading.labels]
    if len(lines) == count > 1:
        return typed_rows(lines, lengths)
    row = typed_labels(typed, len(symbols))
    found = np.full((max(lengths), count), None, object)
    found[: len(row), index] = row
    return found


def _example(examined: Examined) -> str:
    if isinstance(examined.model, FileModel):
        return examined.model.example
    return examined.model.task.example


def _ranking(
    examined: Examined,
    name: str,
    reading: Reading,
    many: Reading | None,
    given: NDArray[Any],
    index: int,
    column: str = "",
) -> Ranking:
    if not _changes(given.ravel().tolist()):
        raise ValueError(constant(examined, column or name, given))
    letter, place = examined.cell.kept_state, (examined.layer, examined.direction)
    recording, key = reading.recording, repr((examined.key, reading.about, reading.labels))
    if examined.given is not None:
        key += examined.given.key
    ranked = rank_place(key, recording, given, letter, place)
    elsewhere = compared_elsewhere(key, recording, given, ranked[0])
    return Ranking(examined, name, reading, many, given, ranked, index, column, elsewhere)


def show_ranking(ranking: Ranking) -> None:
    """Draw the bars of all units, and the best unit over one sequence."""
    best, index = ranking.best, ranking.index
    st.text(ranked_sentence(ranking))
    if math.isnan(best.measure):
        return
    left, right = st.columns([2, 3])
    with left:
        figure = unit_bars(ranking.ranked, theme=charts.theme())
        charts.show(figure, unit_bars_alt(ranking.ranked), key="unit bars")
        st.caption(MEANINGS[best.name])
    with right:
        steps = len(ranking.reading.labels[index])
        values = ranking.values[:steps, index, best.unit]
        of_steps = [*ranking.labels[:steps, index]]
        named: dict[str, Any] = {"unit": best.unit, "letter": best.letter, "name": ranking.called}
        figure = unit_lane(
            values, of_steps, **named, steps=ranking.reading.labels[index], theme=charts.theme()
        )
        charts.show(figure, unit_lane_alt(values, of_steps, **named), key="unit lane")
        other = "" if _changes(of_steps) else _another(ranking)
        if len(of_steps) > ROOM:
            other += " Some labels don't fit. Point at a line to read them."
        st.caption(
            f"Sequence {index}: {best.letter} of unit {best.unit}, and the property at each"
            f" step.{other}"
        )


def ranked_sentence(ranking: Ranking) -> str:
    """Return which unit tracks the property best, and on what this was measured."""
    best = ranking.best
    if math.isnan(best.measure):
        return (
            f"No unit of {best.letter} can be ranked: each is constant, or has a value that isn't"
            " finite."
        )
    tie = tie_text(ranking.ranked, tied(ranking.ranked))
    units = f"{'the ' * bool(ranking.place)}{best.units} units{ranking.place}"
    return (
        f"Of {units}, unit {best.unit} tracks the property “{ranking.called}”"
        f" {how_closely(best)}.{way(ranking)}{tie and f' {tie}'}"
        f"{ranking.elsewhere and f' {ranking.elsewhere}'}"
        f" Measured on {ranking.reading.about}{_compared(ranking)}.{_begins(ranking)}"
    )


def _compared(ranking: Ranking) -> str:
    """Return how many steps have a label, after a space; "" for all steps of one sequence."""
    steps, known = ranking.best.steps, ranking.reading.labels
    return "" if len(known) == 1 and steps == len(known[0]) else f" ({steps:,} steps)"


def _begins(ranking: Ranking) -> str:
    """Return where the property is counted anew, as a sentence after a space, or ""."""
    begins = ranking.reading.begins
    return f" {begins}" if begins and ranking.name in (POSITION, DEPTH, QUOTES) else ""


def how_closely(best: Tracked) -> str:
    """Return that the best unit is the best, how close it is, and that it is weak if it is."""
    weak, perfect = (", but only weakly", ", where 1 is perfect") if is_weak(best) else ("", "")
    word = "correlation " if best.name == MEASURES["number"] else ""
    return f"best{weak} ({word}{best.name} = {best.measure:.2f}{perfect})"


def way(ranking: Ranking) -> str:
    """Return how the best unit moves with the property, as a sentence after a space, or ""."""
    best = ranking.best
    if not best.sign:
        return ""
    if best.name != MEASURES["yes or no"]:
        rises = best.sign > 0
        moves = "rises with the property" if rises else "falls as the property rises"
        return f" The {best.letter} of unit {best.unit} {moves}."
    two = sorted({label for label in ranking.labels.ravel().tolist() if not is_missing(label)})
    label = label_text(two[-1] if best.sign > 0 else two[0])
    return f" The {best.letter} of unit {best.unit} is higher where the property is “{label}”."


def _changes(labels: Iterable[object]) -> bool:
    """Return whether there are two different labels."""
    return len({label for label in labels if not is_missing(label)}) > 1


def _another(ranking: Ranking) -> str:
    """Return a sentence that names a sequence in which the property changes, or ""."""
    columns = enumerate(ranking.labels.T)
    index = next((k for k, column in columns if _changes(column)), None)
    return "" if index is None else f" It never changes here, but it does in sequence {index}."
