"""The cell under the hand: its kind, its size, a preset, and every weight by itself."""

from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.limits import SEED
from gatesviz.ui.inside import session
from gatesviz.ui.inside.presets import FRESH, OWN, PRESETS, preset_values
from gatesviz.ui.inside.weights import CELL_KEYS, FARTHEST, UNITS, Handle, Values, handles

T = TypeVar("T")


@dataclass(frozen=True)
class Setup:
    """The cell that the reader has chosen.

    Attributes:
        label: as the reader knows it: a key of `weights.CELL_KEYS`.
        units: 1 or 2.
        preset: a key of ``PRESETS[label]``.
        weights: one number for each of `weights.handles`.
    """

    label: str
    units: int
    preset: str
    weights: Values

    @property
    def cell(self) -> str:
        """The key in `gatesviz.cells.CELLS`."""
        return CELL_KEYS[self.label]


def choose_cell() -> Setup:
    """Draw the widgets of the cell and return the choice."""
    label = _choose_one("Cell", list(CELL_KEYS), "incell")
    units = UNITS.check(_choose_one("Units", list(range(UNITS.low, UNITS.high + 1)), "inunits"))
    session.begin(label, units)
    preset = st.selectbox(
        "Weights",
        list(PRESETS[label]),
        key="inset",
        bind="query-params",
        on_change=session.forget_notices,
    )
    seed = SEED.low
    if preset == FRESH:
        seed = st.number_input("Seed", SEED.low, SEED.high, key="inseed", bind="query-params")
    st.write(PRESETS[label][preset].meaning)
    setup = Setup(label, units, preset, _weights(label, units, preset, SEED.check(int(seed))))
    _draw_weights(setup)
    return setup


def _choose_one(title: str, options: list[T], key: str) -> T:
    """Draw a row of buttons of which one is always pressed; the first, to begin with."""
    chosen = st.segmented_control(
        title,
        options,
        default=options[0],
        key=key,
        bind="query-params",
        required=True,
        on_change=session.forget_notices,
    )
    return options[0] if chosen is None else chosen


def own(setup: Setup) -> Values | None:
    """Return the weights, where the reader has made them."""
    return setup.weights if setup.preset == OWN else None


def _weights(label: str, units: int, preset: str, seed: int) -> Values:
    own = session.own_weights(label, units) if preset == OWN else None
    return own or preset_values(label, units, preset, seed=seed)


def _draw_weights(setup: Setup) -> None:
    """Draw one gate's weights, a column a unit."""
    blocks = CELLS[setup.cell].blocks
    block = blocks[0]
    if len(blocks) > 1:
        block = _choose_one("Weights of gate", list(blocks), "ingate")
    numbered = list(enumerate(handles(setup.cell, setup.units)))
    for unit, column in enumerate(st.columns(setup.units)):
        with column:
            if setup.units > 1:
                st.write(f"to unit {unit}")
            for index, handle in numbered:
                if (handle.block, handle.unit) == (block, unit):
                    _draw_weight(setup, index, handle)


def _draw_weight(setup: Setup, index: int, handle: Handle) -> None:
    key = f"inside weight {'_'.join(map(str, handle))}"
    st.session_state[key] = setup.weights[index]

    def moved() -> None:
        value = round(float(st.session_state[key]), 4)
        if abs(value) <= FARTHEST:
            before, after = setup.weights[:index], setup.weights[index + 1 :]
            rounded = tuple(round(weight, 4) for weight in (*before, value, *after))
            session.forget_notices()
            session.keep_own(setup.label, setup.units, rounded)
            st.session_state["inset"] = OWN

    name = handle.name if setup.units > 1 else handle.name.replace("h0", "h")
    st.slider(name, -FARTHEST, FARTHEST, step=0.1, key=key, on_change=moved)
