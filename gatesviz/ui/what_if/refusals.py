"""Why edits of a link don't fit a model, in the words of the page: its layers count from 1."""

from gatesviz.cells import Cell
from gatesviz.recordings.edit_text import edits_from_text
from gatesviz.ui.notices import sentence

REMOVE = "Remove these edits in the player, or choose a model that has"


def explain_refusal(cell: Cell, layers: int, text: str, error: ValueError) -> str:
    """Return why the edits in ``text`` don't fit a model: letters or layers that it lacks, or else
    the ``error``.
    """
    letters = dict.fromkeys(part[:1] for part in text.split(","))
    has = [*(gate.letter for gate in cell.gates), *reversed(cell.states), "x"]
    if lacking := [letter for letter in letters if letter and letter not in has]:
        return (
            f"The {cell.name} has no {' and no '.join(lacking)}, only {', '.join(has)}. {REMOVE}"
            " them."
        )
    try:
        deepest = max(edit.layer for edit in edits_from_text(text))
    except ValueError:
        return sentence(error)
    if deepest >= layers:
        only = "only one layer" if layers == 1 else f"only layers 1 to {layers}"
        return f"This model has no layer {deepest + 1}, {only}. {REMOVE} this layer."
    return sentence(error)
