"""The sidebar: the cell, its size, a preset, and a slider for every weight."""

from dataclasses import dataclass

import streamlit as st

from gatesviz.cells import CELLS, GRU
from gatesviz.limits import SEED
from gatesviz.presets import FRESH, OWN, preset_values, presets
from gatesviz.tiny_cell import FARTHEST, UNITS, Handle, Values, handles
from gatesviz.ui.cell_names import explain_name
from gatesviz.ui.inside import session
from gatesviz.ui.inside.moment import shortest
from gatesviz.ui.inside.parameters import (
    CELL,
    CELL_KEYS,
    GATE,
    PRESET,
    SEED_FIELD,
    UNIT_COUNT,
    VIEW,
    Z_VIEW,
)
from gatesviz.ui.locks import SETS, is_locked
from gatesviz.ui.widget_memory import current_key, slider_key

SWITCHED = "This question is about the GRU's gate z. So the page has switched to the GRU."


@dataclass(frozen=True)
class Setup:
    """The chosen cell.

    Attributes:
        cell: key of `gatesviz.cells.CELLS`.
        units: 1 or 2.
        preset: a key of `presets.presets`.
        weights: one number for each of `gatesviz.tiny_cell.handles`.
    """

    cell: str
    units: int
    preset: str
    weights: Values


def choose_cell() -> Setup:
    """Draw the widgets of the cell and return the choice."""
    switched = _switch_to_gru()
    cell = CELL_KEYS[CELL.draw(on_change=session.forget_notices)]
    if cell != GRU.key and VIEW.key not in st.session_state and _linked(VIEW.key) == Z_VIEW:
        st.rerun()  # a link's cell can be replaced only once its widget exists
    explain_name(cell)
    units = UNITS.check(UNIT_COUNT.draw(on_change=session.forget_notices))
    session.begin(cell, units)
    if switched:
        session.note(SWITCHED)
    known = presets(cell)
    preset = PRESET.draw_unbound(options=list(known), index=0, on_change=session.forget_notices)
    seed = SEED_FIELD.draw() if preset == FRESH else SEED.low
    st.write(f"Weights “{preset}”: {known[preset].meaning}")
    setup = Setup(cell, units, preset, _weights(cell, units, preset, SEED.check(int(seed))))
    _draw_weights(setup)
    return setup


def _linked(key: str) -> str | None:
    return st.query_params.get(key)


def _switch_to_gru() -> bool:
    """Choose the GRU if the view about z needs it; return whether the cell changed."""
    view, cell = (
        st.session_state.get(field.key, st.query_params.get(field.key)) for field in (VIEW, CELL)
    )
    if view != Z_VIEW or cell == GRU.short or CELL.key not in st.session_state:
        return False
    st.session_state[CELL.key] = GRU.short
    return True


def own(setup: Setup) -> Values | None:
    """Return the weights if you changed them, else None."""
    return setup.weights if setup.preset == OWN else None


def _weights(cell: str, units: int, preset: str, seed: int) -> Values:
    own = session.own_weights(cell, units) if preset == OWN else None
    return own or preset_values(cell, units, preset, seed=seed)


def _draw_weights(setup: Setup) -> None:
    """Draw the sliders of one gate's weights, one column for each unit."""
    blocks = CELLS[setup.cell].blocks
    block = blocks[0]
    if len(blocks) > 1:
        block = GATE.draw(options=blocks, on_change=session.forget_notices)
    numbered = list(enumerate(handles(setup.cell, setup.units)))
    with st.container(key=f"{SETS} weights"):
        columns = st.columns(setup.units)
    for unit, column in enumerate(columns):
        with column:
            if setup.units > 1:
                st.write(f"to unit {unit}")
            for index, handle in numbered:
                if (handle.block, handle.unit) == (block, unit):
                    _draw_weight(setup, index, handle)


def _draw_weight(setup: Setup, index: int, handle: Handle) -> None:
    key = slider_key(handle.key, setup.weights[index])

    def moved() -> None:
        if key != current_key(handle.key):
            return  # the browser did not know yet that the page had set it
        value = shortest(float(st.session_state[key]))
        if abs(value) <= FARTHEST:
            own = session.own_weights(setup.cell, setup.units)
            kept = own if own and st.session_state[PRESET.key] == OWN else setup.weights
            weights = [shortest(weight) for weight in kept]
            weights[index] = value
            session.forget_notices()
            session.keep_own(setup.cell, setup.units, tuple(weights))
            st.session_state[PRESET.key] = OWN

    name = handle.name if setup.units > 1 else handle.name.replace("h0", "h")
    st.slider(
        name, -FARTHEST, FARTHEST, step=0.1, key=key, on_change=moved,
        disabled=is_locked(PRESET.key),
    )  # fmt: skip
