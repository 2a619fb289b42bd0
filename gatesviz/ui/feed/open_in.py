"""Open in…: links from the model of your file to the other pages that take it."""

from collections.abc import Mapping

import streamlit as st

from gatesviz.ui.feed.first_input import first_source
from gatesviz.ui.feed.models import Setup
from gatesviz.ui.feed.parameters import SOURCE, TEXT
from gatesviz.ui.feed.readers import fed_text
from gatesviz.ui.file_choices import linked_choices
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.find_unit.parameters import MODEL as FIND_MODEL
from gatesviz.ui.gradients.parameters import TEXT_FIELD as GRADIENTS_TEXT
from gatesviz.ui.gradients.parameters import WEIGHTS_FIELD
from gatesviz.ui.model_handoff import draw_open_in
from gatesviz.ui.model_upload import FILE
from gatesviz.ui.what_if.parameters import MODEL
from gatesviz.ui.widget_memory import remembered


def offer_pages(setup: Setup) -> None:
    """Draw a link to each page that takes the model, if it is that of a file."""
    model = setup.file
    if model is None:
        return
    file = {"file": model.code, **linked_choices()}
    draw_open_in(
        {
            "What if?": ("what_if", {MODEL.key: FILE, **_input(model), **file}),
            "Find the unit": ("find_unit", {FIND_MODEL.key: FILE, **file}),
            "Vanishing gradients": ("gradients", {WEIGHTS_FIELD.key: FILE, **_text(model), **file}),
        }
    )


def _input(model: FileModel) -> Mapping[str, str]:
    """Return the parameters of the chosen input, as the page would write them into its address.

    If the page changed its address itself, Back would need a second click.
    """
    source, text = str(st.session_state[SOURCE.key]), remembered(TEXT.key)
    found = {} if source == first_source(model) else {SOURCE.key: source}
    return found | ({TEXT.key: text} if source == "text" and text != model.example else {})


def _text(model: FileModel) -> Mapping[str, str]:
    """Return the text for *Vanishing gradients*, if the reader typed one that the model knows."""
    text = fed_text(model)
    return {GRADIENTS_TEXT.key: text} if text else {}
