"""Which weights, probe and layer are looked at: sliders over what is made, or the latest."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gatesviz.engine import View
from gatesviz.limits import RUN_UPDATES
from gatesviz.traces import Direction
from gatesviz.training import TrainingSpec
from gatesviz.ui.train import session
from gatesviz.ui.train.parameters import DIRECTIONS, LAYERS_SHOWN, NAMES, PARAMETERS, SAMPLES
from gatesviz.ui.train.settings import Settings

EVERY = 1.0  # seconds
LATEST = RUN_UPDATES.high
"""The update that is asked for where a run is followed: no run makes more."""
_FOLLOW, _MADE = "train follow", "train made"
_HELP = (
    "Weights are kept before the first update, after powers of two and at even distances, and"
    " those of now; the nearest kept ones before the slider are shown."
)


@dataclass(frozen=True)
class Place:
    """What is looked at.

    Attributes:
        updates: after which ones: one, or two of the same cell side by side.
        cells: whose gates.
        sample: which probe, from 0.
        layer: from 0; -1 is the last.
        direction: in which the layer reads.
    """

    updates: tuple[int, ...]
    cells: tuple[str, ...]
    sample: int
    layer: int = -1
    direction: Direction = "forward"


def choose_place(settings: Settings, views: Mapping[str, View]) -> Place:
    """Draw the widgets. Their updates are in the link, but for the latest."""
    busy = any(view.busy for view in views.values())
    made = max(1, *(view.updates for view in views.values()))
    end = max(made, *(view.end for view in views.values())) if busy else made
    left, right = st.columns([4, 1])
    sliders, row = left.container(), left.container(horizontal=True, vertical_alignment="bottom")
    sample = right.segmented_control(
        "Probe", SAMPLES, default=SAMPLES[0], key="trsample", bind="query-params", required=True,
        help="A probe is a sequence to look at, never trained on. These four are the same for every"
        " run of this task and length.",
    )  # fmt: skip
    two = row.toggle("Two updates", key="trtwo", bind="query-params")
    st.session_state.setdefault(_FOLLOW, "trat" not in st.query_params)
    row.toggle(
        "Follow the run", key=_FOLLOW, on_change=_unfollow, disabled=not busy,
        help="Show the latest weights while a run goes on. Off: the slider stays where it is.",
    )  # fmt: skip
    updates = [_update(settings, sliders, end, busy=busy)]
    if two:
        updates.append(_slider(sliders, "Beside it", "trb", end))
    with row:
        layer, direction = _layer(settings.spec)
        cells = (_one(views),) if two else tuple(views)
    return Place(tuple(updates), cells, int(sample or SAMPLES[0]) - 1, layer, direction)


def look_at(update: int) -> None:
    """Call in a callback: the slider goes to ``update`` and stays there."""
    st.session_state["train trat"], st.session_state[_FOLLOW] = update, False


def named(spec: TrainingSpec, layer: int, direction: Direction) -> str:
    """Return "LSTM, layer 2 backward", as far as there are several."""
    told = [f"layer {layer % spec.layers + 1}"] if spec.layers > 1 else []
    told += [direction] if spec.bidirectional else []
    return ", ".join([NAMES[spec.cell], *([" ".join(told)] if told else [])])


def _update(settings: Settings, left: DeltaGenerator, end: int, *, busy: bool) -> int:
    """Return the update of the slider; at its end the latest, whatever each run has made."""
    if busy and st.session_state[_FOLLOW]:
        st.query_params.pop("trat", None)
        with left:
            _following(settings)
        return LATEST
    if st.session_state[_FOLLOW]:
        st.session_state["train trat"] = end
    value = _slider(left, "After update", "trat", end, busy=busy)
    if not busy:
        st.session_state[_MADE] = value
    return LATEST if st.session_state[_FOLLOW] else value


def _following(settings: Settings) -> None:
    @st.fragment(run_every=session.unhurried(EVERY))
    def body() -> None:
        made = max((view.updates for view in session.views(settings).values()), default=0)
        st.session_state[_MADE] = made
        st.slider("After update", 0, max(1, made), made, disabled=True, help=_HELP)

    body()


def _slider(left: DeltaGenerator, label: str, name: str, end: int, *, busy: bool = True) -> int:
    """Draw a slider that keeps its value where its end moves; a bound one would forget it."""
    key, told = f"train {name}", st.query_params.get(name, "")
    if key not in st.session_state:
        st.session_state[key] = 0 if PARAMETERS[name].problem(told) else int(float(told))
    st.session_state[key] = min(st.session_state[key], end)
    args = (key, 0 if busy else end)
    value: int = left.slider(label, 0, end, key=key, help=_HELP, on_change=_moved, args=args)
    if name == "trat" and st.session_state[_FOLLOW]:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = str(value)
    return value


def _moved(key: str, end: int) -> None:
    if key == "train trat":
        st.session_state[_FOLLOW] = st.session_state[key] == end > 0


def _unfollow() -> None:
    """Leave the slider at what is shown."""
    if not st.session_state[_FOLLOW]:
        st.session_state["train trat"] = st.session_state.get(_MADE, 0)


def _layer(spec: TrainingSpec) -> tuple[int, Direction]:
    layer, direction = -1, DIRECTIONS[0]
    if spec.layers > 1:
        known = LAYERS_SHOWN[: spec.layers]
        layer = int(st.segmented_control(
            "Layer shown", known, default=known[-1], key="trlayer", bind="query-params",
            required=True,
        ) or known[-1]) - 1  # fmt: skip
    if spec.bidirectional:
        direction = st.segmented_control(
            "Direction shown", DIRECTIONS, default=DIRECTIONS[0], key="trdir", bind="query-params",
            required=True,
        ) or DIRECTIONS[0]  # fmt: skip
    return min(layer, spec.layers - 1), direction


def _one(views: Mapping[str, View]) -> str:
    """Let the reader choose the cell whose two updates are compared."""
    names = {NAMES[cell]: cell for cell in views}
    if len(names) == 1:
        return next(iter(views))
    chosen = st.segmented_control("Of the", list(names), default=next(iter(names)), required=True)
    return names[chosen or next(iter(names))]
