"""A gate over the whole run at once: a row for each kept update, a column for each time step."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.engine import View
from gatesviz.player.assets import asset, module
from gatesviz.recordings import record
from gatesviz.training import History, probe
from gatesviz.ui.train.parameters import GATES, NAMES

_HOST = """
export default function ({ data, parentElement }) {
  let root = parentElement.querySelector(".gv-growth");
  if (!root) {
    root = document.createElement("div");
    parentElement.append(root);
  }
  showGrowth(root, data);
  return () => removeGrowth(root);
}
"""
_component = st.components.v2.component(
    "gatesviz_growth",
    js=module("dom.js", "colours.js", "growth.js") + _HOST,
    css=asset("growth.css"),
)


def growth(views: Mapping[str, View], sample: int) -> None:
    """Draw the pictures of the cells that have the chosen gate, once their runs rest."""
    if not st.toggle("One unit over the whole run", key="trpic", bind="query-params"):
        return
    if any(view.busy for view in views.values()):
        st.write("The picture is drawn when the runs rest.")
        return
    letter, unit = _choose(views)
    pictures = [
        _picture(view.history, letter, unit, sample)
        for cell, view in views.items()
        if letter in letters(cell)
    ]
    _component(data={"pictures": pictures}, key="growth")


def letters(cell: str) -> tuple[str, ...]:
    """Return the letters of a cell's gates and states."""
    kind = CELLS[cell]
    return (*(gate.letter for gate in kind.gates), *kind.states)


def _choose(views: Mapping[str, View]) -> tuple[str, int]:
    known = [letter for letter in GATES if any(letter in letters(cell) for cell in views)]
    most = min(view.spec.actual_hidden_size for view in views.values()) - 1
    left, right = st.columns([4, 1])
    letter = left.segmented_control(
        "Gate or state", known, default=known[0], key="trgate", bind="query-params", required=True
    )
    unit = right.number_input("Unit", 0, most, 0, key="trunit", bind="query-params")
    return letter or known[0], min(int(unit), most)


def _picture(history: History, letter: str, unit: int, sample: int) -> dict[str, Any]:
    spec, updates = history.spec, history.checkpoints
    rows = _rows(history, letter, unit, sample, repr((spec, history.updates, history.rates)))
    ends = {gate.letter: (gate.low, gate.high) for gate in CELLS[spec.cell].gates}
    largest = max(abs(value) for row in rows for value in row)
    low, high = ends.get(letter, (-1.0, 1.0) if letter == "h" else (-largest, largest))
    return {
        "title": f"{NAMES[spec.cell]}, {letter} of unit {unit}, probe {sample + 1}",
        "updates": list(updates),
        "rows": rows,
        "low": low,
        "high": high or 1.0,
        "signed": low < 0,
    }


@st.cache_data(max_entries=64, show_spinner="Recording the probe at every kept update…")
def _rows(_history: History, letter: str, unit: int, sample: int, key: str) -> list[list[float]]:
    """Return K rows of T values; ``key`` stands for the history."""
    inputs, found = probe(_history.spec).inputs[:, sample], []
    for update in _history.checkpoints:
        trace = record(_history.model_at(update).module(), inputs).trace()
        values = trace.gates[letter] if letter in trace.gates else trace.states[letter][1:]
        found.append([round(float(value), 3) for value in values[:, unit]])
    return found
