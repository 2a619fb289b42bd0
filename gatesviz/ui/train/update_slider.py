"""The widgets that choose which weights, probe and layer the page shows."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gatesviz.engine import View
from gatesviz.limits import RUN_UPDATES
from gatesviz.traces import Direction
from gatesviz.training import TrainingSpec
from gatesviz.ui.fields import Field
from gatesviz.ui.locks import ALL, is_locked
from gatesviz.ui.train.parameters import (
    AT,
    DIRECTION,
    DIRECTIONS,
    LAYER,
    LAYERS_SHOWN,
    NAMES,
    OTHER_AT,
    SAMPLE,
    TWO,
)
from gatesviz.ui.train.settings import Settings

EVERY = 1.0  # seconds between two looks of the player
LATEST = RUN_UPDATES.high
"""Stands for the latest update of each run; no run makes more."""
_FOLLOW, _MADE, _SLIDER = "train follow", "train made", f"train {AT.key}"
_HELP = (
    "Weights are stored before the first update, after powers of two, at even distances, and for"
    " the latest update. You see the nearest stored update at or before the slider."
)


@dataclass(frozen=True)
class Place:
    """What the page shows.

    Attributes:
        updates: one update, or two of the same cell side by side.
        cells: the cells.
        sample: the probe, from 0.
        layer: from 0; -1 is the last.
        direction: of the layer.
        followed: whether the slider follows a run that continues; see `draw_followed`.
    """

    updates: tuple[int, ...]
    cells: tuple[str, ...]
    sample: int
    layer: int = -1
    direction: Direction = "forward"
    followed: bool = False


def choose_place(settings: Settings, views: Mapping[str, View]) -> Place:
    """Draw the widgets. The link has their updates, except the latest.

    Before there is a run, only the probe and the layer can be chosen.
    """
    if not any(view.state for view in views.values()):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            sample, (layer, direction) = SAMPLE.draw(), _layer(settings.spec)
        return Place((LATEST,), tuple(settings.specs), int(sample) - 1, layer, direction)
    busy = any(view.busy for view in views.values())
    made = max(1, *(view.updates for view in views.values()))
    end = max(made, *(view.end for view in views.values())) if busy else made
    left, right = st.columns([4, 1])
    sliders, row = left.container(), left.container(horizontal=True, vertical_alignment="bottom")
    with right:
        sample = SAMPLE.draw()
    with row:
        two = TWO.draw()
    st.session_state.setdefault(_FOLLOW, AT.key not in st.query_params)
    row.toggle(
        "Follow the run", key=_FOLLOW, on_change=_unfollow, disabled=not busy,
        help="Show the latest weights while a run continues. Off: the slider stays where it is.",
    )  # fmt: skip
    updates = [_update(sliders, end, busy=busy)]
    if two:
        updates.append(_slider(sliders, OTHER_AT, end))
    with row:
        layer, direction = _layer(settings.spec)
        cells = (_one(views),) if two else tuple(views)
    followed = busy and st.session_state[_FOLLOW]
    return Place(tuple(updates), cells, int(sample) - 1, layer, direction, followed)


def draw_followed(views: Mapping[str, View]) -> None:
    """Draw the slider where the runs are. Call this where the runs are drawn again and again."""
    made = max((view.updates for view in views.values()), default=0)
    st.session_state[_MADE] = made
    st.slider(AT.label, 0, max(1, made), made, disabled=True, help=_HELP)


def look_at(update: int) -> None:
    """Move the slider to ``update`` and leave it there. Call this in a callback."""
    st.session_state[_SLIDER], st.session_state[_FOLLOW] = update, False


def model_name(spec: TrainingSpec, layer: int, direction: Direction) -> str:
    """Return "LSTM, layer 2 backward", without a layer or direction if there is only one."""
    parts = [f"layer {layer % spec.layers + 1}"] if spec.layers > 1 else []
    parts += [direction] if spec.bidirectional else []
    return ", ".join([NAMES[spec.cell], *([" ".join(parts)] if parts else [])])


def _update(left: DeltaGenerator, end: int, *, busy: bool) -> int:
    """Return the update of the slider, or `LATEST` while it follows the run."""
    if busy and st.session_state[_FOLLOW]:
        st.query_params.pop(AT.key, None)
        return LATEST
    if st.session_state[_FOLLOW]:
        st.session_state[_SLIDER] = end
    value = _slider(left, AT, end, busy=busy)
    if not busy:
        st.session_state[_MADE] = value
    return LATEST if st.session_state[_FOLLOW] else value


def _slider(left: DeltaGenerator, field: Field, end: int, *, busy: bool = True) -> int:
    """Draw a slider that keeps its value when its end moves. A bound slider would lose it."""
    name = field.key
    key, text = f"train {name}", st.query_params.get(name, "")
    if key not in st.session_state:
        st.session_state[key] = (
            field.default if field.takes.problem(text) else field.from_link(text)
        )
    st.session_state[key] = min(st.session_state[key], end)
    args = (key, 0 if busy else end)
    value: int = left.slider(field.label, 0, end, key=key, help=_HELP, on_change=_moved, args=args)
    if field is AT and st.session_state[_FOLLOW]:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = str(value)
    return value


def _moved(key: str, end: int) -> None:
    if key == _SLIDER:
        st.session_state[_FOLLOW] = st.session_state[key] == end > 0


def _unfollow() -> None:
    """Leave the slider at the update on screen."""
    if not st.session_state[_FOLLOW]:
        st.session_state[_SLIDER] = st.session_state.get(_MADE, 0)


def _layer(spec: TrainingSpec) -> tuple[int, Direction]:
    layer, direction = -1, DIRECTIONS[0]
    if spec.layers > 1:
        known = LAYERS_SHOWN[: spec.layers]
        layer = int(LAYER.draw(options=known, default=known[-1])) - 1
    if spec.bidirectional:
        direction = DIRECTION.draw()
    return min(layer, spec.layers - 1), direction


def _one(views: Mapping[str, View]) -> str:
    """Draw the menu of the cell whose two updates are compared."""
    names = {NAMES[cell]: cell for cell in views}
    if len(names) == 1:
        return next(iter(views))
    chosen = st.segmented_control(
        "Cell", list(names), default=next(iter(names)), required=True, disabled=is_locked(ALL)
    )
    return names[chosen or next(iter(names))]
