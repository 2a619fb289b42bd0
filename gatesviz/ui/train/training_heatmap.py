"""A heatmap of one gate over the whole run: a row for each stored update, a column per step."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.engine import View, engine
from gatesviz.limits import RUN_UPDATES, STEPS
from gatesviz.tasks import Batch
from gatesviz.traces import Array, Direction
from gatesviz.training import TrainingSpec, probe
from gatesviz.ui import player
from gatesviz.ui.components import part
from gatesviz.ui.script_turns import step_aside
from gatesviz.ui.train import session
from gatesviz.ui.train.parameters import GATE, GATES, NAMES, PICTURE, UNIT
from gatesviz.ui.train.pictures import packed, run_probe
from gatesviz.ui.train.settings import Settings
from gatesviz.ui.train.stored_weights import model_at, stored_updates
from gatesviz.ui.train.update_slider import Place, look_at, model_name

EVERY = 2.0  # seconds
FEW = 12
"""So many rows are recorded while other sessions wait; with more, they go first."""
MANY = 12
"""With more sessions on the server, a heatmap waits for a click: its rows are recordings."""
_KEY, _ROWS, _GO, _ASKED = "growth", "growth rows", "growth go", "growth asked for"
_component = part("growth")
Rows = dict[tuple[Any, ...], Array]


@dataclass(frozen=True)
class Look:
    """The choice of what the heatmap shows.

    Attributes:
        letter: a gate or a state.
        unit, sample: from 0.
        layer, direction: as in `Place`.
    """

    letter: str
    unit: int
    sample: int
    layer: int = -1
    direction: Direction = "forward"


def growth(settings: Settings, views: Mapping[str, View], place: Place) -> None:
    """Draw a heatmap of each cell that has the chosen gate and unit. It grows with its run."""
    if not any(view.state for view in views.values()):
        return
    st.header("How a gate changed while the model learnt")
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="large")
    with row:
        if not PICTURE.draw():
            return
        look = _choose_look(views, place)
    if engine().present() > MANY and not st.session_state.get(_ASKED):
        st.text("Many people use this server now, so the heatmap waits for your click.")
        st.button("Draw the heatmap", on_click=lambda: st.session_state.update({_ASKED: True}))
        return
    busy = any(view.busy for view in views.values())

    @st.fragment(run_every=session.unhurried(EVERY) if busy else None)
    def body() -> None:
        if st.session_state.pop(_GO, False):
            st.rerun()  # the slider and the player are outside this fragment
        now = session.views(settings)
        shown = {cell: view for cell, view in now.items() if _has(view.spec, look)}
        pictures = [picture(view, look, place.updates) for view in shown.values() if view.state]
        cells = [cell for cell, view in shown.items() if view.state]
        if pictures:
            _component(
                data={"pictures": pictures},
                key=_KEY,
                on_place_change=lambda: _go(cells, look, place),
            )
        elif not shown:
            st.text(f"No cell on this page has {look.letter} in a unit {look.unit}.")

    body()


def _go(cells: list[str], look: Look, place: Place) -> None:
    """Follow a click in a heatmap: its update on the slider, its time step in the player."""
    match (st.session_state.get(_KEY) or {}).get("place"):
        case {"picture": int(picture), "update": int(update), "step": int(step)} if (
            0 <= picture < len(cells)
            and RUN_UPDATES.low <= update <= RUN_UPDATES.high
            and 0 <= step < STEPS.high
        ):
            pass
        case _:  # a browser can send anything
            return
    cell = cells[picture]
    look_at(update)
    panel = place.cells.index(cell) * len(place.updates) if cell in place.cells else 0
    player.move("train", step=step, unit=look.unit, lane=look.letter, panel=panel)
    st.session_state[_GO] = True


def letters(cell: str) -> tuple[str, ...]:
    """Return the letters of a cell's gates and states."""
    kind = CELLS[cell]
    return (*(gate.letter for gate in kind.gates), *kind.states)


def _has(spec: TrainingSpec, look: Look) -> bool:
    return look.letter in letters(spec.cell) and look.unit < spec.actual_hidden_size


def _choose_look(views: Mapping[str, View], place: Place) -> Look:
    known = [letter for letter in GATES if any(letter in letters(cell) for cell in views)]
    most = max(view.spec.actual_hidden_size for view in views.values()) - 1
    letter = GATE.draw(options=known)
    unit = min(int(UNIT.draw(max_value=most, width=140)), most)
    return Look(letter, unit, place.sample, place.layer, place.direction)


def picture(view: View, look: Look, shown: tuple[int, ...]) -> dict[str, Any]:
    """Return the heatmap of a run; ``shown`` are the updates that the player shows."""
    spec, updates, batch = view.spec, stored_updates(view), probe(view.spec)
    rows = np.stack([row[:, look.unit] for row in _rows(view, look, batch)])
    ends = {gate.letter: (gate.low, gate.high) for gate in CELLS[spec.cell].gates}
    largest = float(np.abs(rows[np.isfinite(rows)]).max(initial=0.0))
    own = (-1.0, 1.0) if look.letter == "h" else (-largest, largest)
    low, high = ends.get(look.letter, own)
    return {
        "title": f"{model_name(spec, look.layer, look.direction)}, {look.letter} of unit"
        f" {look.unit}, probe {look.sample + 1}",
        "updates": list(updates),
        "steps": rows.shape[1],
        **_packed(rows, low, high or 1.0),
        "means": [float(rows[0].mean()), float(rows[-1].mean())],
        "labels": spec.learned.letters(batch.inputs[:, look.sample]),
        "shown": [max(u for u in updates if u <= at) for at in shown],
        "low": low,
        "high": high or 1.0,
        "signed": low < 0,
    }


def _packed(rows: Array, low: float, high: float) -> dict[str, Any]:
    """Return rows as 16-bit numbers, less than half of their digits. Digits can be NaN."""
    if np.isfinite(rows).all():
        return {"packed": packed(rows, low, high, 16)}
    return {"rows": [[round(float(value), 3) for value in row] for row in rows]}


def _rows(view: View, look: Look, batch: Batch) -> list[Array]:
    """Return a gate or state (T, H) at each stored update, recording only new ones.

    The session stores the rows of every run on the page, for one letter and probe at a time: at
    most 64 arrays a run. A row depends only on its weights, so a repeated run finds its rows.
    """
    held: dict[TrainingSpec, tuple[Look, Rows]] = st.session_state.setdefault(_ROWS, {})
    about = replace(look, unit=0)
    before, known = held.get(view.spec, (about, {}))
    if before != about:
        known = {}
    keys: list[tuple[Any, ...]] = [
        (update, tuple(change for change in view.history.rates if change[0] <= update))
        for update in stored_updates(view)
    ]
    if sum(key not in known for key in keys) > FEW:
        step_aside()
    now: Rows = {
        key: known[key] if key in known else _record(view, key[0], look, batch) for key in keys
    }
    held[view.spec] = (about, now)
    for spec in list(held)[: -len(NAMES)]:
        del held[spec]
    return list(now.values())


def _record(view: View, update: int, look: Look, batch: Batch) -> Array:
    recording, _ = run_probe(model_at(view, update), batch, look.sample)
    trace = recording.trace(look.layer, look.direction)
    gate = trace.gates.get(look.letter)
    return gate if gate is not None else trace.after(look.letter)
