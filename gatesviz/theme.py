"""Colours of the gates and states, the same in all pictures.

The palette is that of Okabe and Ito (2008), which colour-blind readers can tell apart. Its contrast
on white or black is too low for text, so each colour comes with a letter.
"""

from collections.abc import Mapping

COLOURS: Mapping[str, str] = {
    "f": "#D55E00",  # vermilion
    "i": "#009E73",  # green
    "g": "#CC79A7",  # purple
    "n": "#CC79A7",
    "o": "#0072B2",  # blue
    "r": "#E69F00",  # orange
    "z": "#56B4E9",  # sky blue
    "c": "#A6761D",  # ochre: the cell state
    "h": "#1B9E9E",  # teal: the hidden state
    "x": "#777777",  # the input
}
