"""Where the ranked units are: their layer and direction, and whether units elsewhere track better.

The page ranks one layer in one direction. Its sentences say which, where a model has several.
"""

import hashlib
import math
from typing import Any

import streamlit as st
from numpy.typing import NDArray

from gatesviz.detective import Tracked, rank
from gatesviz.recordings import Recording
from gatesviz.traces import Direction
from gatesviz.ui.script_turns import step_aside

Place = tuple[int, Direction]
"""A layer, from 0, and a direction."""
CLEAR = 0.005
"""How much larger another measure must be: two decimals are on screen."""


def place_named(recording: Recording, layer: int, direction: Direction) -> str:
    """Return " of layer 2", " of layer 2, forward direction", or "" for a model with one place."""
    both = len(recording.directions) > 1
    if recording.layers == 1:
        return f" of the {direction} direction" if both else ""
    return f" of layer {layer + 1}" + (f", {direction} direction" if both else "")


def rank_place(
    key: str, recording: Recording, labels: NDArray[Any], letter: str, place: Place
) -> tuple[Tracked, ...]:
    """Return `gatesviz.rank` of one layer in one direction, cached.

    ``key`` identifies the recording.
    """
    return _ranked(_with_labels(key, labels), recording, labels, letter, *place)


def _with_labels(key: str, labels: NDArray[Any]) -> str:
    """Return a key of a recording and of labels, which may be a million texts."""
    found = hashlib.sha256(repr((key, labels.shape, str(labels.dtype))).encode())
    is_text = labels.dtype.kind == "O"
    found.update(repr(labels.tolist()).encode() if is_text else labels.tobytes())
    return found.hexdigest()


@st.cache_resource(max_entries=64, ttl=1800, show_spinner=False)
def _ranked(
    key: str,
    _recording: Recording,
    _labels: NDArray[Any],
    letter: str,
    layer: int,
    direction: Direction,
) -> tuple[Tracked, ...]:
    step_aside()  # two labels are compared by an order of all steps, which takes a while
    return rank(_recording, _labels, letter, layer, direction)


def compared_elsewhere(key: str, recording: Recording, labels: NDArray[Any], best: Tracked) -> str:
    """Return whether a unit of another layer or direction tracks better, as a sentence, or "".

    Args:
        key: identifies the recording.
        recording: of all layers.
        labels: (T, B).
        best: the unit that tracks them best in its layer and direction.
    """
    here = best.layer, best.direction
    places = [place for place in recording.traces if place != here]
    if not places:
        return ""
    both = _with_labels(key, labels)
    others = [_ranked(both, recording, labels, best.letter, *place)[0] for place in places]
    measured = [one for one in others if not math.isnan(one.measure)]
    if not measured or math.isnan(best.measure):
        return ""
    other = max(measured, key=lambda one: one.measure)
    if other.measure > best.measure + CLEAR:
        place = place_named(recording, other.layer, other.direction)
        return (
            f"Unit {other.unit}{place} tracks it better ({other.name} = {other.measure:.2f})."
            f" To examine it, choose {_widgets(other, here)} in the sidebar."
        )
    what = "layer" if recording.layers > 1 else "direction"
    what += " or direction" * (recording.layers > 1 and len(recording.directions) > 1)
    return f"No unit of another {what} tracks it clearly better."


def _widgets(other: Tracked, here: Place) -> str:
    layer = f"layer {other.layer + 1}" if other.layer != here[0] else ""
    direction = f"the direction “{other.direction}”" if other.direction != here[1] else ""
    return " and ".join(filter(None, (layer, direction)))
