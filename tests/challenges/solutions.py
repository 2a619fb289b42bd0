"""Weights within the sliders' range that solve each challenge, and weights that nearly do."""

from gatesviz.tiny_cell import Row, Values, values_of

Cell = tuple[str, int, Values]
WRITE = Row(x=10, b=-7)
OPEN = Row(b=10)


def cell(key: str, units: int = 1, **rows: Row) -> Cell:
    """Return a cell as `grade` takes it: its key, its units and its weights."""
    return key, units, values_of(key, units, rows)


SOLUTIONS: dict[str, list[Cell]] = {
    "latch": [
        cell("lstm", i=Row(x=10, b=-8), f=OPEN, g=OPEN, o=OPEN),
        cell("lstm", 2, i=Row(x=10, b=-8), f=OPEN, g=OPEN, o=OPEN),
    ],
    "stop-sign": [
        cell("lstm", i=WRITE, f=Row(x=10, b=6.5), g=OPEN, o=OPEN),
        cell("rnn_tanh", h=Row(x=10, h=6, b=-2)),
    ],
    "first-mark": [cell("rnn_tanh", h=Row(x=3, h=5))],
    "toggle": [cell("lstm", i=WRITE, f=Row(x=-10, b=7), g=Row(h=-10, b=5), o=OPEN)],
    "count": [cell("lstm", i=Row(b=-2), f=OPEN, g=Row(x=10), o=OPEN)],
    "forget-bias": [cell("lstm", i=WRITE, f=Row(b=4.4), g=OPEN, o=OPEN)],
}
NEAR_MISSES: dict[str, list[Cell]] = {
    "latch": [
        cell("lstm", i=WRITE, f=OPEN, g=OPEN, o=OPEN),  # noise of 0.4 gets in
        cell("lstm", i=Row(x=10, b=-8), f=Row(b=3), g=OPEN, o=OPEN),  # forgets
        cell("gru", z=Row(x=-8, b=4), n=Row(x=2, h=1, bh=0.5)),  # the preset "switch"
    ],
    "stop-sign": [
        cell("lstm", i=WRITE, f=OPEN, g=OPEN, o=OPEN),  # a latch
        cell("lstm", i=WRITE, f=Row(x=10, b=3), g=OPEN, o=OPEN),  # noise closes f
        cell("rnn_tanh", h=Row(x=3, h=2)),  # the preset "hold": noise decides the start
    ],
    "first-mark": [cell("rnn_tanh", h=Row(x=3, h=2))],  # a later mark flips it
    "toggle": [cell("lstm", i=WRITE, f=Row(x=-10, b=7), g=OPEN, o=OPEN)],  # writes 1 at every mark
    "count": [
        cell("lstm", i=Row(b=-1.5), f=OPEN, g=Row(x=10), o=OPEN),  # on at 4
        cell("lstm", i=Row(b=-2.3), f=OPEN, g=Row(x=10), o=OPEN),  # never on
        cell("lstm", i=Row(b=-2), f=Row(b=4), g=Row(x=10), o=OPEN),  # forgets
    ],
    "forget-bias": [cell("lstm", i=WRITE, f=Row(b=4.3), g=OPEN, o=OPEN)],
}
