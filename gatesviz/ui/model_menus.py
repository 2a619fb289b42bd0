"""The menus of a model file: what its shapes leave open is asked, one question a menu.

Each function asks one question and returns the answer, or the model with it. The answers are kept,
and put into the link, by `gatesviz.ui.file_choices`.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import streamlit as st

from gatesviz.cells import find_cell
from gatesviz.limits import TYPED_CHARACTERS
from gatesviz.sequences.characters import shown
from gatesviz.ui.file_answers import (
    CLASSES,
    MEANINGS,
    REALS,
    UNSURE_READOUT,
    YES_OR_NO,
)
from gatesviz.ui.file_choices import begin_part, select
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.held_models import Held
from gatesviz.ui.notices import refuse, sentence
from gatesviz.ui.widget_memory import carry, remember

if TYPE_CHECKING:
    from gatesviz.model_files import OpenedModel, PartChoices
    from gatesviz.model_files.answers import ReadoutInput

NUMBERS, ONE_HOT = "numbers", "one-hot entries of a vocabulary"
NONE = "none"
EACH_STEP = "at each step, the output of that step"
ONCE = "once, the final states h_n"
LAST_STEP = "the output of the last step only"
LAST_HELP = (
    "Many classifiers use only the output of the last step, output[:, -1] or h_n[-1]. Then the"
    " answer at an earlier step is what the model answers if the sequence ends there. The numbers"
    " are the same."
)
READS_HELP = (
    "A layer after both directions can read both at each step. Or it reads the forward state of the"
    " last step and the backward state of the first step, once. PyTorch:"
    " torch.cat([h_n[-2], h_n[-1]], -1)."
)
UNNAMED = (
    "The file doesn't say which entry is which character or word. It would say so with a mapping"
    " such as {'a': 0, 'b': 1} in the checkpoint, under a name such as “stoi”. Paste the"
    " vocabulary."
)
INSTEAD = (
    "Or choose the input “numbers” and type the numbers of entries, whole numbers from 0 to {:,}."
)
_ACTIVATIONS = {"rnn_tanh": "tanh", "rnn_relu": "relu"}
_UNFIT = "vocabulary refused"


def refused_vocabulary() -> str:
    """Return why the pasted vocabulary doesn't fit the file, as a sentence; "" if it isn't so."""
    found: str = st.session_state.get(_UNFIT, "")
    return found


def of_menus(note: str) -> str:
    """Return a note of the opened model with the page's menus in place of Python's arguments."""
    for argument, menu in (("embedding=", "The model reads"), ("readout=", "Readout")):
        note = note.replace(f"with {argument}.", f"in the menu “{menu}”.")
    return note


def forget_refusal() -> None:
    """Forget why an earlier vocabulary didn't fit."""
    st.session_state.pop(_UNFIT, None)


def choose_part(held: Held) -> "PartChoices":
    """Ask which recurrent part of the file to open, if there are several."""
    by_label = {f"{shown(one.name, 40)}: {one.sizes}": one for one in held.parts}
    if len(held.parts) == 1:
        return held.parts[0]
    label = select("Recurrent part", [*by_label], "file part")
    part = by_label[label or next(iter(by_label))]
    begin_part(part.name, () if _likely_input(part) else (NUMBERS, ONE_HOT))
    return part


def _likely_input(part: "PartChoices") -> str | None:
    """Return what the part reads, if its file or its size shows that; None if it doesn't."""
    likely = part.embedding or (ONE_HOT if part.spelled else None)
    return NUMBERS if likely is None and part.input_size == 1 else likely


def choose_cell(part: "PartChoices") -> str | None:
    """Ask for the cell if the weights don't show it; None if it isn't chosen yet."""
    if len(part.cells) == 1:
        return part.cells[0]
    names = {find_cell(key).short: key for key in part.cells}
    unsure = part.cells[0].startswith("rnn")
    label = select(
        "Nonlinearity of the RNN" if unsure else "Cell",
        [*names],
        "file cell",
        format_func=lambda short: _ACTIVATIONS.get(names[short], short),
        index=None if part.cell is None else part.cells.index(part.cell),
        placeholder="Choose tanh or relu",
    )
    return names.get(label or "")


def choose_input(part: "PartChoices", *, table: bool) -> str | None:
    """Ask what the model reads; begin with numbers if it was opened with a ``table``."""
    options = [*part.embeddings, ONE_HOT, NUMBERS]
    likely = _likely_input(part) or (NUMBERS if table else None)
    return select(
        "The model reads",
        options,
        "file input",
        format_func=lambda name: (
            name if name in (NUMBERS, ONE_HOT) else f"entries of {shown(name, 40)}"
        ),
        index=None if likely is None else options.index(likely),
        placeholder="Choose it",
    )


def choose_readout(part: "PartChoices", reads: str | None) -> str | Literal[False] | None:
    """Return the readout, False for none, or None if none fits: the notes then say why.

    A matrix that the reader chose as the embedding, ``reads``, isn't the readout.
    """
    fits = [name for name in part.readouts if name != reads]
    if len(part.readouts) < 2 and part.readout is not None and fits:
        return part.readout
    if not fits:
        return None
    options = [*fits, NONE]
    index = options.index(part.readout if part.readout in fits else NONE)
    label = select("Readout", options, "file readout", index=index, format_func=_short)
    return False if label == NONE else label


def with_vocabulary(opened: "OpenedModel") -> "OpenedModel":
    """Ask for the vocabulary, and return the model with it, or as it is."""
    from gatesviz.model_files import read_vocabulary
    from gatesviz.model_files.vocabulary import PASS

    several = [note.removesuffix(PASS) for note in opened.notes if note.endswith(PASS)]
    unsure = f"{several[0]} Paste the right one." if several else UNNAMED
    opened = replace(opened, notes=tuple(one for one in opened.notes if not one.endswith(PASS)))
    count = (
        opened.module.input_size if opened.embedding is None else opened.embedding.num_embeddings
    )
    carry("file vocabulary")
    text = st.text_area(
        f"Vocabulary: {count:,} entries in order",
        key="file vocabulary",
        height=96,
        max_chars=TYPED_CHARACTERS.high,
        help="Paste a list or a mapping as Python or JSON prints it, one entry a line, or a line"
        " with all characters. Entry 0 comes first.",
    )
    remember("file vocabulary")
    if not text:
        st.text(f"{unsure} {INSTEAD.format(count - 1)}")
        return opened
    try:
        return replace(opened, vocabulary=tuple(read_vocabulary(text, [count])))
    except (ValueError, TypeError) as error:
        refuse(error)
        st.session_state[_UNFIT] = sentence(error)
        return opened


def _with_last_step(model: FileModel) -> FileModel:
    """Ask whether the readout of one direction reads each step or the last one only."""
    from gatesviz.model_files.answers import FINAL, OUTPUT, READS_LAST

    if model.predicts:  # the next entry, so each step counts
        return model
    label = select(
        "The readout reads",
        [EACH_STEP, LAST_STEP],
        "file reads",
        index=int(READS_LAST in model.opened.notes),
        words={EACH_STEP: OUTPUT, LAST_STEP: FINAL},
        help=LAST_HELP,
    )
    return replace(model, last=label == LAST_STEP, key=f"{model.key} {label}")


def with_readout_input(model: FileModel) -> FileModel:
    """Ask what the readout reads, if the file doesn't say.

    With both directions, until that is chosen the model has no answers, since they could be those
    of another model.
    """
    from gatesviz.model_files.answers import FINAL, OUTPUT, READS_FINAL, READS_OUTPUT, UNSURE

    opened, label = model.opened, ""
    if opened.readout is None:
        return model
    if not opened.module.bidirectional:
        return _with_last_step(model)
    reads = opened.readout_input
    if reads is None:
        label = (
            select(
                "The readout reads",
                [EACH_STEP, ONCE],
                "file reads",
                index=None,
                words={EACH_STEP: OUTPUT, ONCE: FINAL},
                placeholder="Choose it to see the answers",
                help=READS_HELP,
            )
            or ""
        )
        chosen: dict[str, ReadoutInput] = {EACH_STEP: OUTPUT, ONCE: FINAL}
        reads = chosen.get(label)
    once = opened.readout if reads == FINAL else None
    told = {None: UNSURE_READOUT, OUTPUT: READS_OUTPUT, FINAL: READS_FINAL}[reads]
    notes = tuple(told if note == UNSURE else note for note in opened.notes)
    kept = replace(opened, readout=opened.readout if reads == OUTPUT else None, notes=notes)
    return replace(model, opened=kept, once=once, unsure=reads is None, key=f"{model.key} {label}")


def with_meaning(model: FileModel) -> FileModel:
    """Ask what the readout's answers mean, if its file and its shape leave that open."""
    known, readout = model.decided, model.readout
    if known and readout is not None and (known == YES_OR_NO or readout.out_features > 1):
        return replace(model, means=known)
    if not model.undecided:
        return model
    label = select(
        "The readout gives",
        [*MEANINGS],
        "file meaning",
        format_func=lambda means: means.format(model.undecided),
        index=None,
        words={CLASSES: "classes", YES_OR_NO: "yes-no", REALS: "numbers"},
        placeholder="Choose it to see the answers",
    )
    return replace(model, means=label or "", key=f"{model.key} {label}")


def _short(name: str) -> str:
    return shown(name, 60)
