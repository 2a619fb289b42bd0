"""Which packaged model reads a typed text: one that can't makes way for the character model."""

import functools

import streamlit as st

from gatesviz.sequences import visible
from gatesviz.trained import PackagedInfo, trained_info, trained_name, trained_names
from gatesviz.ui.entries import EXAMPLE
from gatesviz.ui.feed.parameters import CELL, CELL_CHOICES, FRESH, TEXT, UNPACKAGED, WEIGHT
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.opened_file import opened_file
from gatesviz.ui.widget_memory import remembered, restore

CHARACTERS = "characters"
"""The model that reads any text, after respelling it."""
PREFERRED = "preferred weights"
_EXAMPLE, _ASIDE, _NOTE = "example", "text set aside", "change of the reader"
_AGAIN, _CHOSEN = "link before a change of the reader", "characters were chosen"

packaged = functools.cache(trained_info)


def packaged_for(task: str, cells: tuple[str, ...]) -> tuple[PackagedInfo, ...]:
    """Return the packaged models of a task, one for each of the cells that has one."""
    return tuple(packaged(name) for cell in cells if (name := trained_name(task, cell)))


@functools.cache
def trained_tasks(cells: tuple[str, ...], *, reads_text: bool) -> tuple[str, ...]:
    """Return the tasks with a packaged model of each of the cells, for this kind of input."""
    found = []
    for task in dict.fromkeys(name.rsplit("-", 1)[0] for name in trained_names()):
        models = packaged_for(task, cells)
        if len(models) == len(cells) and reads_text == (models[0].vocabulary is not None):
            found.append(task)
    return tuple(found)


def reads(task: str, text: str) -> bool:
    """Return whether the packaged models of a task read ``text`` without an unknown character."""
    if task == CHARACTERS:
        return True
    name = next(name for name in trained_names() if name.startswith(f"{task}-"))
    return set(text) <= set(packaged(name).vocabulary or ())


def typed() -> str:
    """Return the text of the reader; "" while the text box holds a model's example."""
    text: str = st.session_state.get(TEXT.key, st.query_params.get(TEXT.key, ""))
    return "" if text == st.session_state.get(_EXAMPLE) else without_last_line_break(text)


def fed_text(model: FileModel) -> str:
    """Return the text that the reader typed for the model of a file; "" if it knows less than half.

    Other pages begin with this text. A model's example isn't typed. Before there is any, it is the
    text that ``gatesviz open`` was given.
    """
    given = opened_file()
    fed = remembered(TEXT.key) or ("" if given is None else given.text)
    return "" if fed in (EXAMPLE, model.example) or not model.knows(fed, 0.5) else fed


def without_last_line_break(text: str) -> str:
    """Return ``text`` without the line breaks at its end, where Enter leaves them by mistake."""
    return text.rstrip("\n")


def follow_text() -> None:
    """Choose the character model if the chosen packaged one can't read the typed text.

    Call this before the widgets of the model are drawn.
    """
    restore(TEXT.key)
    text, cells = typed(), _cells()
    tasks = trained_tasks(cells, reads_text=True)
    weights, linked = st.session_state.get(WEIGHT.key), False
    if weights is None:
        linked = bool({CELL.key, WEIGHT.key}.intersection(st.query_params))
        weights = st.query_params.get(WEIGHT.key)
        weights = weights if weights in (*tasks, *UNPACKAGED) else next(iter(tasks), FRESH)
    if not text or weights not in tasks or reads(weights, text):
        return
    if linked:  # a link decides the first values of its widgets, so they can change only then
        st.session_state[_AGAIN] = True
        return
    if CHARACTERS not in tasks:
        st.session_state[CELL.key] = _its_cell()
    st.session_state[WEIGHT.key] = st.session_state[PREFERRED] = CHARACTERS
    st.session_state[_CHOSEN] = st.session_state.get(_CHOSEN, 0) + 1
    known = " ".join(map(visible, packaged_for(weights, cells)[0].vocabulary or ()))
    st.session_state[_NOTE] = (
        f"The model “{weights}” knows only “{known}”, so the model “{CHARACTERS}” reads your text."
        f" To go back, choose “{weights}” in the menu “Model”."
    )


def follow_link() -> None:
    """Run the page again if the widgets of the model have not taken the choice of `follow_text`.

    They wait for the first values of a link. A link that is followed inside the app, or Back, sets
    even those that it doesn't name. Call this after the widgets of the model.
    """
    tries = st.session_state.get(_CHOSEN, 0)
    again = tries == 1 and st.session_state.get(WEIGHT.key) != CHARACTERS
    if not again:
        st.session_state.pop(_CHOSEN, None)
    if st.session_state.pop(_AGAIN, False) or again:
        st.rerun()


def exchange_text(weights: str) -> None:
    """Set a typed text aside if the newly chosen model can't read it, or take one back."""
    forget_note()
    text, aside = typed(), st.session_state.get(_ASIDE, "")
    trained = weights not in UNPACKAGED
    if trained and text and not reads(weights, text):
        st.session_state[_ASIDE] = text
        st.session_state[TEXT.key] = st.session_state[_EXAMPLE]  # `follow_example` replaces it
        st.session_state[_NOTE] = (
            f"The model “{weights}” can't read your text, so it reads its example. Your text comes"
            f" back with the model “{CHARACTERS}”."
        )
    elif aside and not text and (not trained or reads(weights, aside)):
        st.session_state[TEXT.key] = st.session_state.pop(_ASIDE)


def note() -> str:
    """Return a sentence if the model or the text was exchanged for the reader, else ""."""
    sentence: str = st.session_state.get(_NOTE, "")
    return sentence


def forget_note() -> None:
    """Forget the sentence: the reader has chosen something else."""
    st.session_state.pop(_NOTE, None)


def follow_example(example: str) -> None:
    """Replace the old model's example, if it is unchanged, by the new model's."""
    before = st.session_state.get(_EXAMPLE)
    if before != example and before is not None and st.session_state.get(TEXT.key) == before:
        st.session_state[TEXT.key] = example
    st.session_state[_EXAMPLE] = example


def _its_cell() -> str:
    """Return the cell of the character model, as the page names it."""
    return next(label for label, cells in CELL_CHOICES.items() if packaged_for(CHARACTERS, cells))


def _cells() -> tuple[str, ...]:
    label = st.session_state.get(CELL.key, st.query_params.get(CELL.key))
    return CELL_CHOICES.get(label, CELL_CHOICES[CELL.default])
