"""Colours of the gates and states, and the notation of numbers, the same in all pictures.

The palette is that of Okabe and Ito (2008), which colour-blind readers can tell apart. Its contrast
on white or black is too low for text, so each colour comes with a letter.
"""

import math
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
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def written(value: float) -> str:
    """Return a number as people write it: 0.0125, 3.2·10⁻⁷, 1,234, 0."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else {math.inf: "∞", -math.inf: "−∞"}.get(value, "unknown")
    if 1e-3 <= abs(value) < 1e4:
        return (f"{value:.3g}" if abs(value) < 999.5 else f"{value:,.0f}").replace("-", "−")
    digits, _, exponent = f"{value:.1e}".partition("e")
    return f"{digits.replace('-', '−')}·{power(int(exponent))}"


def power(exponent: int) -> str:
    """Return 10 to the ``exponent``, as in 10⁻⁵."""
    return "10" + str(exponent).translate(_SUPERSCRIPTS)
