"""What the pages say of layers of your file that gatesviz doesn't open, beside its numbers."""

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.ui.file_model import FileModel

EXACT = (
    "In Python, `gatesviz.record_inside(model)` records the recurrent layers while your whole model"
    " runs."
)
NOTICE = "Your file has layers that aren't used here. The {} shown are those without them. {}"
VERDICT = "All of this is for your model without the layers that aren't used here."


def warn_of_left_out(
    model: FileModel | None, gates: str = "gates", answers: str = "answers"
) -> None:
    """Warn, above a model's numbers, that layers before or after it are left out, if some are.

    Args:
        model: of the file.
        gates: what the page shows of the module: layers before it would change that.
        answers: what the page shows of the readout; layers after the module would change that.
    """
    if model is None or not (names := left_out(model)):
        return
    shown = [gates] if model.opened.left_out.before else []
    shown += [answers] if model.readout is not None and answers != gates else []
    st.warning(NOTICE.format(" and ".join(shown) or gates, EXACT))
    st.text(names)  # they are of the file


def left_out(model: FileModel) -> str:
    """Return which layers are left out and where they belong, as sentences; "" if none."""
    from gatesviz.model_files.contents import listed

    before, after = model.opened.left_out
    some, module = [], CELLS[model.cell].in_sentences
    if before:
        some.append(f"Could stand before the {module}: {listed(before)}.")
    if after and model.readout is not None:
        some.append(f"Could stand before the readout: {listed(after)}.")
    return " ".join(some)


def without_them(model: FileModel | None, *, gates: bool = False) -> str:
    """Return a sentence for a verdict on a model with layers left out, or "".

    ``gates``: whether the verdict is on gates alone, which layers after the module don't change.
    """
    if model is None or not left_out(model) or (gates and not model.opened.left_out.before):
        return ""
    return VERDICT
