"""Titles of tasks in older links. A link keeps its meaning for ever."""

from collections.abc import Mapping

from gatesviz.tasks import TASKS
from gatesviz.ui.user_data import SERIES, TEXT

FORMER_TITLES: Mapping[str, str] = {
    former: TASKS[key].title
    for former, key in {
        "As many b as a": "anbn",
        "Count letters: as many b as a": "anbn",
        "Even or odd": "parity",
        "Foretell a stock's price": "stock",
        "Foretell a stream of strings": "reber",
        "Foretell the temperature": "temperature",
        "Guess the next character": "characters",
        "Predict the letters of a Reber grammar": "reber",
        "Read a digit row by row": "digits",
        "Remember a letter": "recall",
        "Tell the order of two marks": "temporal_order",
    }.items()
} | {
    "A column of your own": SERIES,
    "A text of your own": TEXT,
    "Predict a text of your own": TEXT,
}
"""Earlier title -> today's."""
