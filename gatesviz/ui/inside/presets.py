"""Ready-made weights, each of which shows one thing that a cell can do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from gatesviz.ui.inside.weights import CELL_KEYS, Handle, Values, fresh_values, handles


class Row(NamedTuple):
    """What one gate of a unit listens to.

    Attributes:
        x, h: the weights of the input and of the unit's own state.
        b: the bias.
        across: the weight of the other unit's state, where there are two.
        bh: the GRU's b_hn.
    """

    x: float = 0.0
    h: float = 0.0
    b: float = 0.0
    across: float = 0.0
    bh: float = 0.0


@dataclass(frozen=True)
class Preset:
    """A set of weights.

    Attributes:
        meaning: what the cell does with them, in a sentence.
        rows: gate -> what it listens to. With two units, unit 1 is the same with x turned round.
    """

    meaning: str
    rows: Mapping[str, Row] = field(default_factory=dict)


FRESH, OWN = "fresh", "own"
_FRESH = Preset("As PyTorch starts: drawn from the seed, and not trained.")
_OWN = Preset("Your own: the weights as you left them.")

PRESETS: Mapping[str, Mapping[str, Preset]] = {
    "LSTM": {
        "switch": Preset(
            "A large x replaces the memory; a small or a negative one leaves it alone.",
            {"i": Row(x=8, b=-4), "f": Row(x=-8, b=4), "g": Row(x=2, h=0.5), "o": Row(b=4)},
        ),
        "keep": Preset(
            "f is near 1 and i near 0: the memory stays, whatever x says.",
            {"i": Row(b=-6), "f": Row(b=6), "g": Row(x=1), "o": Row(b=4)},
        ),
        "replace": Preset(
            "f is near 0 and i near 1: the memory holds the last input only.",
            {"i": Row(b=6), "f": Row(b=-6), "g": Row(x=1), "o": Row(b=6)},
        ),
        "count": Preset(
            "f and i are near 1 and g is the sign of x: c goes up by one for x = 1, down for −1.",
            {"i": Row(b=8), "f": Row(b=8), "g": Row(x=8), "o": Row(b=8)},
        ),
        FRESH: _FRESH,
        OWN: _OWN,
    },
    "GRU": {
        "switch": Preset(
            "A large x replaces the state; a small or a negative one leaves it alone.",
            {"z": Row(x=-8, b=4), "n": Row(x=2, h=1, across=-1, bh=0.5)},
        ),
        "keep": Preset(
            "z is near 1: the state stays, whatever x says.",
            {"z": Row(b=6), "n": Row(x=1, h=1, across=-1, bh=0.5)},
        ),
        "replace": Preset(
            "z and r are near 0: the state is the tanh of the last input.",
            {"r": Row(b=-6), "z": Row(b=-6), "n": Row(x=1)},
        ),
        "average": Preset(
            "z stands at 0.88: each step moves the state by 12 % towards the tanh of x.",
            {"r": Row(b=-6), "z": Row(b=2), "n": Row(x=1)},
        ),
        "reset": Preset(
            "A negative x closes r: the candidate is then made without the old state.",
            {"r": Row(x=6), "z": Row(b=-1), "n": Row(x=1, h=2, across=-1, bh=0.5)},
        ),
        FRESH: _FRESH,
        OWN: _OWN,
    },
    "RNN": {
        "hold": Preset(
            "h feeds itself so strongly that it stays up or down, until a large x pushes it over.",
            {"h": Row(x=3, h=2)},
        ),
        "fade": Preset(
            "What was put in fades: less than 70 % of the old state is passed on at each step.",
            {"h": Row(x=1, h=0.7)},
        ),
        "replace": Preset("The old state is not heard: h is the tanh of x.", {"h": Row(x=1)}),
        "flip": Preset(
            "h feeds itself with the opposite sign, and so changes sides at each step.",
            {"h": Row(x=1, h=-2)},
        ),
        FRESH: _FRESH,
        OWN: _OWN,
    },
}


def preset_values(label: str, units: int, name: str, *, seed: int) -> Values:
    """Return the weights of a preset for the cell that the reader knows as ``label``.

    ``seed`` is that of "fresh". "own" has no weights by itself: it gets those of the first preset.
    """
    cell = CELL_KEYS[label]
    if name == FRESH:
        return fresh_values(cell, units, seed)
    if name == OWN:
        name = next(iter(PRESETS[label]))
    rows = PRESETS[label][name].rows
    return tuple(
        float(_value(rows.get(handle.block, Row()), handle)) for handle in handles(cell, units)
    )


def _value(row: Row, handle: Handle) -> float:
    if handle.source == "x":
        return -row.x if handle.unit else row.x
    if handle.source == "b":
        return row.b
    if handle.source == "bh":
        return row.bh
    return row.h if handle.source == f"h{handle.unit}" else row.across
