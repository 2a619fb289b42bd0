"""Presets: weights that each show one thing a cell can do."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gatesviz.cells import GRU, GRU_RESET_BEFORE, find_cell
from gatesviz.tiny_cell import Row, Values, fresh_values, module_of, values_of

if TYPE_CHECKING:
    from gatesviz.fresh import Module


@dataclass(frozen=True)
class Preset:
    """A set of weights.

    Attributes:
        meaning: one or two sentences on what the cell does with them.
        rows: gate -> its weights. With two units, unit 1 is the same with the sign of x reversed.
    """

    meaning: str
    rows: Mapping[str, Row] = field(default_factory=dict)


FRESH, OWN = "fresh", "own"
_FRESH = Preset("PyTorch's initialisation from this seed. Untrained.")
_OWN = Preset("Your own weights, set with the sliders.")


def _with_one_bias(preset: Preset) -> Preset:
    """Return a preset of the GRU for the GRU that resets before: its two biases of n are a sum."""
    rows = {block: row._replace(b=row.b + row.bh, bh=0.0) for block, row in preset.rows.items()}
    return replace(preset, rows=rows)


_OF_TORCH: Mapping[str, Mapping[str, Preset]] = {
    "lstm": {
        "switch": Preset(
            "x opens and closes the gates i and f.",
            {"i": Row(x=8, b=-4), "f": Row(x=-8, b=4), "g": Row(x=2, h=0.5), "o": Row(b=4)},
        ),
        "keep": Preset(
            "f is near 1 and i near 0, so the memory stays the same for every x.",
            {"i": Row(b=-6), "f": Row(b=6), "g": Row(x=1), "o": Row(b=4)},
        ),
        "replace": Preset(
            "f is near 0 and i near 1, so the memory holds only the last input.",
            {"i": Row(b=6), "f": Row(b=-6), "g": Row(x=1), "o": Row(b=6)},
        ),
        "count": Preset(
            "f and i are near 1 and g is the sign of x. c counts up for x = 1 and down for x = −1.",
            {"i": Row(b=8), "f": Row(b=8), "g": Row(x=8), "o": Row(b=8)},
        ),
    },
    "gru": {  # without z: the page asks what z = 1 does
        "switch": Preset(
            "x opens and closes the gate z.",
            {"z": Row(x=-8, b=4), "n": Row(x=2, h=1, across=-1, bh=0.5)},
        ),
        "keep": Preset(
            "The state stays the same for every x.",
            {"z": Row(b=6), "n": Row(x=1, h=1, across=-1, bh=0.5)},
        ),
        "replace": Preset(
            "The state is almost the tanh of the last input, whatever it was before.",
            {"r": Row(b=-6), "z": Row(b=-6), "n": Row(x=1)},
        ),
        "average": Preset(
            "Each step moves the state 12 % of the way towards the tanh of x.",
            {"r": Row(b=-6), "z": Row(b=2), "n": Row(x=1)},
        ),
        "reset": Preset(
            "A negative x closes r, so the candidate ignores the old state.",
            {"r": Row(x=6), "z": Row(b=-1), "n": Row(x=1, h=2, across=-1, bh=0.5)},
        ),
    },
    "rnn_tanh": {
        "hold": Preset(
            "h feeds back so strongly that it stays high or low until a large x flips it.",
            {"h": Row(x=3, h=2)},
        ),
        "fade": Preset(
            "The input fades: each step passes on less than 70 % of the old state.",
            {"h": Row(x=1, h=0.7)},
        ),
        "replace": Preset("The old state has weight 0: h is the tanh of x.", {"h": Row(x=1)}),
        "flip": Preset(
            "h feeds back with the opposite sign, so its sign changes at every step.",
            {"h": Row(x=1, h=-2)},
        ),
    },
}
PRESETS: Mapping[str, Mapping[str, Preset]] = {
    **_OF_TORCH,
    GRU_RESET_BEFORE.key: {
        name: _with_one_bias(preset) for name, preset in _OF_TORCH[GRU.key].items()
    },
}
"""Cell -> the presets that show what it can do."""


def presets(cell: str) -> dict[str, Preset]:
    """Return the presets of a cell by name. Every cell has "fresh" and "own".

    Raises:
        ValueError: if there is no such cell.
    """
    return {**PRESETS.get(find_cell(cell).key, {}), FRESH: _FRESH, OWN: _OWN}


def preset_values(cell: str, units: int, name: str, *, seed: int) -> Values:
    """Return the weights of a preset. ``seed`` is for "fresh". "own" starts like the first one."""
    known = presets(cell)
    if name == OWN:
        name = next(iter(known))
    if name == FRESH:
        return fresh_values(cell, units, seed)
    return values_of(cell, units, known[name].rows)


def preset_module(cell: str, name: str) -> "Module":
    """Return the torch.nn module with one input and one unit that has the weights of a preset.

    ``cell`` is a key of `gatesviz.cells.CELLS`. "fresh" is initialised from seed 0.
    """
    return module_of(cell, 1, preset_values(cell, 1, name, seed=0))
