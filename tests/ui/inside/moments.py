"""Moments to test with."""

from dataclasses import replace

from gatesviz.presets import preset_values
from gatesviz.ui.inside.moment import Moment, Walk
from gatesviz.ui.inside.parameters import CELL_KEYS

EVERY_CELL = [(label, units) for label in CELL_KEYS for units in (1, 2)]


def moment(label: str, units: int, preset: str = "fresh", **changes: object) -> Moment:
    """A cell with the weights of a preset, two steps into a walk."""
    values = preset_values(CELL_KEYS[label], units, preset, seed=3)
    start = Moment(CELL_KEYS[label], units, values, Walk(past=(1.0, -0.5)), 0.75)
    return replace(start, **changes)
