"""Why a run stops by itself: a code in a file, a sentence on a page.

A file may come from anyone, so what it says is never shown. It holds a code, such as "loss nan" or
"gradient 3e+19", and the sentence is made from that.
"""

import math
import re
from typing import Any, Literal

Quantity = Literal["loss", "gradient"]

LARGEST_NORM = 1.8e19
"""Of a gradient; the square of a larger one does not fit into float32."""
_NAMES: dict[Quantity, str] = {"loss": "a loss of", "gradient": "a gradient of norm"}
_IN_WORDS = re.compile(r"update [\d,]{1,9} came to (a [a-z ]{1,20}) ([-+.\w]{1,12}), .{1,200}")
"""The sentence itself, which files of version 0.2 and before hold in place of the code."""


def stops(quantity: Quantity, value: float) -> bool:
    """Return whether a run stops before an update with such a loss or norm of its gradient."""
    if quantity == "loss":
        return not math.isfinite(value)
    return not value < LARGEST_NORM


def why_stopped(update: int, quantity: Quantity, value: float) -> str:
    """Return the sentence for `State.stopped`.

    Args:
        update: the number of the update that was not made, from 1.
        quantity, value: as in `stops`, which is true of them.
    """
    beyond = ", whose square does not fit into float32" if math.isfinite(value) else ""
    return (
        f"update {update:,} came to {_NAMES[quantity]} {value:g}{beyond}, so training stopped and"
        " the weights before it are kept: a smaller learning rate may help"
    )


def written_stop(stopped: str | None, updates: int) -> str | None:
    """Return the code of ``stopped``, a sentence of `why_stopped` after ``updates``; None for None.

    Raises:
        ValueError: if it is another sentence.
    """
    if stopped is None:
        return None
    code = _code(stopped)
    if code is None or why_stopped(updates + 1, *code) != stopped:
        raise ValueError(f"stopped is {stopped[:80]!r}, which no run of {updates:,} updates says")
    return f"{code[0]} {code[1]:g}"


def read_stop(written: Any, updates: int) -> str | None:
    """Return the sentence of a code that `written_stop` returned.

    Raises:
        ValueError: if it is not such a code.
    """
    if written is None:
        return None
    code = _code(written) if isinstance(written, str) else None
    if code is None:
        raise ValueError(
            f"stopped is {str(written)[:80]!r}, expected null, 'loss' or 'gradient' and the number"
            " that stopped the run"
        )
    return why_stopped(updates + 1, *code)


def _code(text: str) -> tuple[Quantity, float] | None:
    """Return what a code, or a sentence, says; None if it is neither."""
    name, _, number = text.partition(" ")
    if match := _IN_WORDS.fullmatch(text):
        name, number = match[1], match[2]
    for quantity, words in _NAMES.items():
        if name in (quantity, words) and re.fullmatch(r"nan|-?inf|\d(\.\d{1,5})?e\+\d\d", number):
            value = float(number)
            return (quantity, value) if stops(quantity, value) else None
    return None
