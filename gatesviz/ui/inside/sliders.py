"""The page's sliders, and the number of the network that each one holds.

While a slider moves, the browser computes the step from this number; see `player/sliders.js`.
"""

import math
import re
from typing import NamedTuple

from gatesviz.tiny_cell import handles, place_of
from gatesviz.traces import Trace
from gatesviz.ui.inside.moment import Moment
from gatesviz.ui.widget_memory import current_key

FARTHEST_H, USUAL_C = 1.0, 5.0
INPUT_SLIDER = "inside input"
"""The name of the slider of x for `slider_key`."""

Place = tuple[str, int, int]
"""The name of an array in the player's payload, a row and a column."""


class Slot(NamedTuple):
    """A slider of the old state."""

    name: str  # "h" or "c"
    unit: int
    value: float  # before the step

    @property
    def reach(self) -> float:
        """The slider spans from minus this to this."""
        if self.name == "h":
            return FARTHEST_H
        return max(USUAL_C, float(math.ceil(abs(self.value))))

    @property
    def key(self) -> str:
        """Its name for `slider_key`. A slider with another range is another widget."""
        wider = f" within {self.reach:g}" if self.reach > USUAL_C else ""
        return f"inside old {self.name}{self.unit}{wider}"


def state_slots(trace: Trace) -> list[Slot]:
    """Return the sliders of the states before the last step of ``trace``."""
    return [
        Slot(name, unit, float(trace.before(name)[-1, unit]))
        for name in trace.states
        for unit in range(trace.hidden_size)
    ]


def slider_places(moment: Moment, trace: Trace) -> dict[str, Place]:
    """Return the CSS class of each slider's element -> the place of its number.

    A first state means: the network begins at the last step with this state.
    """
    places: dict[str, Place] = {current_key(INPUT_SLIDER): ("x", trace.steps - 1, 0)}
    for slot in state_slots(trace):
        places[current_key(slot.key)] = (f"first.{slot.name}", slot.unit, 0)
    for handle in handles(moment.cell, moment.units):
        name, index = place_of(moment.cell, moment.units, handle)
        places[current_key(handle.key)] = (name, index[0], index[1] if len(index) > 1 else 0)
    return {_class_of(key): place for key, place in places.items()}


def _class_of(key: str) -> str:
    """Return the class that Streamlit gives the element of a widget with this key."""
    return "st-key-" + re.sub(r"[^a-zA-Z0-9_-]", "-", key.strip())
