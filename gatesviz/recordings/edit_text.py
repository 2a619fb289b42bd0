"""Edits as the short text of a link: ``f@25=0,c@10-19.u3=-1``. The player reads and writes it, too.

One edit is ``letter[.lN][.b][@from[-to]][.uN[.uN…]]=value``: ``.lN`` is the layer (0 if missing),
``.b`` the backward direction, ``@`` the steps (all if missing) and ``.uN`` a unit (all if missing).
Commas join edits.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from reprlib import repr as shortened
from typing import Any

import numpy as np

from gatesviz.cells import Cell
from gatesviz.limits import EDIT_TEXT, EDITS, STEPS
from gatesviz.recordings.edits import Edit

_EDIT = re.compile(
    r"(?P<letter>[a-z])(?:\.l(?P<layer>[0-9]{1,2}))?(?P<backward>\.b)?"
    r"(?:@(?P<first>[0-9]{1,6})(?:-(?P<last>[0-9]{1,6}))?)?"
    r"(?P<units>(?:\.u[0-9]{1,5})*)"
    r"=(?P<value>-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]{1,3})?)"
)


def edits_from_text(text: str) -> tuple[Edit, ...]:
    """Return the edits in ``text``; the empty text has none.

    Steps, units and layers are not compared with a model here: `record` does so.

    Raises:
        TypeError: if it is not a string.
        ValueError: if it is something else than edits, or too long; the sentence quotes the first
            wrong part.
    """
    if not isinstance(text, str):
        raise TypeError(f"edits: expected a text, got {shortened(text)}")
    EDIT_TEXT.check(len(text))
    parts = text.split(",") if text else []
    EDITS.check(len(parts))
    return tuple(map(_from_text, parts))


def readable_edits(text: str) -> str:
    """Return the edits in ``text`` that can be read, as text; "" for none or too many."""
    parts = text.split(",")
    if len(parts) > EDITS.high:
        return ""
    return ",".join(part for part in parts if _readable(part))


def _readable(part: str) -> bool:
    try:
        _from_text(part)
    except ValueError:
        return False
    return True


def _from_text(part: str) -> Edit:
    found = _EDIT.fullmatch(part)
    if found is None:
        raise ValueError(
            f"edit {shortened(part)}: expected a letter, steps and a value, as in f@25=0 or"
            " c@10-19.u3=-1"
        )
    steps = None
    if found["first"] is not None:
        first = int(found["first"])
        last = first if found["last"] is None else int(found["last"])
        if not first <= last < STEPS.high:
            raise ValueError(
                f"edit {shortened(part)}: expected steps from 0 to {STEPS.high - 1}, the smaller"
                " number first"
            )
        steps = range(first, last + 1)
    try:
        return Edit(
            found["letter"],
            float(found["value"]),
            steps,
            [int(unit) for unit in found["units"].split(".u")[1:]] or None,
            int(found["layer"] or 0),
            "backward" if found["backward"] else "forward",
        )
    except ValueError as error:
        raise ValueError(f"edit {shortened(part)}: {error}") from None


def edits_to_text(edits: Iterable[Edit], layers: int = 1) -> str:
    """Return the text that `edits_from_text` reads back.

    Separate steps become several edits, and an array becomes one for each step and unit.

    Args:
        layers: the layers of the module, for a layer that counts from the last one.

    Raises:
        ValueError: if steps or units count from the end, if an array holds values for each sample,
            or if the text is too long for a link.
    """
    parts = [part for edit in edits for part in _to_text(edit.to_dict(layers))]
    EDITS.check(len(parts))
    text = ",".join(parts)
    EDIT_TEXT.check(len(text))
    return text


def _to_text(edit: Mapping[str, Any]) -> list[str]:
    head = edit["letter"] + (f".l{edit['layer']}" if edit["layer"] else "")
    head += ".b" if edit["direction"] == "backward" else ""
    steps, units, values = edit["steps"], edit["units"], np.asarray(edit["value"])
    if values.ndim == 0:
        where = "".join(f".u{unit}" for unit in units or ())
        return [f"{head}{when}{where}={_number(float(values))}" for when in _runs(steps)]
    if values.ndim > 2:
        raise ValueError("edits: a link holds one value for all samples, not one for each")
    rows = np.atleast_2d(values)
    size = (
        len(rows) if steps is None else len(steps),
        rows.shape[1] if units is None else len(units),
    )
    rows = np.broadcast_to(rows, size)
    whens = (
        [""] if steps is None and len(rows) == 1 else [f"@{s}" for s in steps or range(len(rows))]
    )
    wheres = [""] if units is None and size[1] == 1 else [f".u{u}" for u in units or range(size[1])]
    return [
        f"{head}{when}{where}={_number(value)}"
        for when, row in zip(whens, rows.tolist(), strict=True)
        for where, value in zip(wheres, row, strict=True)
    ]


def _runs(steps: Sequence[int] | None) -> list[str]:
    """Return ``steps`` as "@3" and "@5-9", or "" for all."""
    if steps is None:
        return [""]
    runs: list[list[int]] = []
    for step in sorted(steps):
        if runs and step == runs[-1][-1] + 1:
            runs[-1].append(step)
        else:
            runs.append([step])
    return [f"@{run[0]}" if len(run) == 1 else f"@{run[0]}-{run[-1]}" for run in runs]


def _number(value: float) -> str:
    """Return the shortest text that is read as the same number; "+" would be a space in a link."""
    text = repr(value).removesuffix(".0").replace("e+", "e").replace("e-0", "e-")
    return "0" if text == "-0" else text


def describe_edits(edits: Sequence[Edit], layers: int = 1, most: int = 2) -> str:
    """Return the first edits in words and how many more there are; "" without edits."""
    words = [edit.describe(layers) for edit in edits[:most]]
    return "; ".join([*words, *([f"{len(edits) - most} more"] if len(edits) > most else [])])


def range_warnings(edits: Sequence[Edit], cell: str | Cell) -> tuple[str, ...]:
    """Return each `Edit.range_warning` of ``edits`` once."""
    return tuple(dict.fromkeys(filter(None, (edit.range_warning(cell) for edit in edits))))
