"""The look that every picture shares: one colour and one range for each gate, everywhere.

Colours are Okabe and Ito's (2008), which stay apart for colour-blind readers; their contrast
on white or black is too low for text, so a letter always stands beside a colour.
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
