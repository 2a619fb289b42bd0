"""The sidebar: which models are measured, and what they read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from gatesviz.limits import (
    FORGET_BIAS,
    GRADIENT_STEPS,
    HALF_TRAINED,
    HIDDEN,
    SEED,
    SPECTRAL_RADIUS,
    Limit,
)
from gatesviz.sequences.characters import shown
from gatesviz.tasks import TASKS as EVERY_TASK
from gatesviz.ui.feed.readers import fed_text
from gatesviz.ui.fields import Field
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.folds import fold
from gatesviz.ui.gradients.parameters import (
    ACTIVATION_FIELD,
    ACTIVATIONS,
    AT_FIELD,
    BIAS_FIELD,
    BIASES,
    DEFAULT,
    DURING,
    EXPLODING,
    FED_FIELD,
    FOLDED,
    FORGET_FIELD,
    FRESH,
    GUESS_FIELD,
    HALF,
    HALF_LIFE,
    HIDDEN_FIELD,
    HORIZON,
    LATCH,
    NOISE,
    RADIUS_FIELD,
    RECURRENT_FIELD,
    SEED_FIELD,
    SET_BIAS,
    SIDEBAR,
    STEPS_FIELD,
    TASK_FIELD,
    TASKS,
    TEXT,
    TEXT_FIELD,
    TITLES,
    UPDATES_FIELD,
    WAVE,
    WEIGHTS,
    WEIGHTS_FIELD,
    YOURS,
    ZEROS,
)
from gatesviz.ui.model_handoff import handed, handed_alone, name_in_link, offer_training
from gatesviz.ui.model_upload import FILE, choose_file, name_file_in_link
from gatesviz.ui.page_parts import draw_parts
from gatesviz.ui.text_box import draw_text

_WANTED, _FED_FOR = "gradient weights wanted", "model of the gradient input"
FILE_STATES = 40_000
"""Steps × units of all layers of a model from a file. Its gradients take some seconds then."""


@dataclass(frozen=True)
class Settings:
    """The models whose gradients are measured. Plain, so it is also a cache key.

    Attributes:
        weights: one of `parameters.WEIGHTS`.
        length: T.
        seed: of fresh weights, noise, a short run, and the sample that a trained model reads.
        hidden_size, recurrent, radius, activation, fed: of fresh models: the hidden units, how
            W_hh is made, its spectral radius, the RNN's nonlinearity, and the input.
        bias, forget_bias: of fresh LSTMs.
        task, updates: of trained and half-trained models.
        keys: of the reader's own models, one a cell, or of the model of a file; empty before there
            is one.
        text: what the model of a file reads, if that is a text.
    """

    weights: str = FRESH
    length: int = 50
    seed: int = 0
    hidden_size: int = 32
    recurrent: str = DEFAULT
    radius: float = 1.0
    activation: str = ACTIVATIONS[0]
    fed: str = NOISE
    bias: str = BIASES[0]
    forget_bias: float = 1.0
    task: str = TASKS[0]
    updates: int = 100
    keys: tuple[str, ...] = ()
    text: str = ""


def draw_settings(view: str) -> Settings:
    """Draw the widgets that have an effect in this view and return the settings."""
    if view in (HALF_LIFE, HORIZON, EXPLODING):
        st.write("This view has no sidebar settings. Your settings for other views are kept.")
        keep(SIDEBAR)
        return Settings()
    weights = _weights()
    if view == DURING:
        st.write("This view shows gradients while models train. Here L is the training loss.")
        return _of_run(weights)
    if weights == YOURS:
        return _yours()
    if weights == FRESH:
        return _fresh()
    if weights == FILE:
        return _of_file()
    task = _task(weights)
    updates = HALF_TRAINED.check(UPDATES_FIELD.draw()) if weights == HALF else 0
    return Settings(weights, _length(EVERY_TASK[task].lengths), _seed(), task=task, updates=updates)


ALONE = (
    "“Vanishing gradients” doesn't take your trained models. It measures gradients along the cell"
    " alone, and with a convolution or attention they take other ways, too. Train again without"
    " both to measure them."
)


def _weights() -> str:
    st.session_state.setdefault(_WANTED, st.query_params.get(WEIGHTS_FIELD.key))
    yours = bool(handed_alone())
    if handed() and not yours:
        st.text(ALONE)
    weights: str = WEIGHTS_FIELD.draw(
        options=[w for w in WEIGHTS if w != YOURS or yours],
        on_change=lambda: st.session_state.update({_WANTED: None}),
    )
    name_in_link(weights == YOURS)
    if st.session_state[_WANTED] == YOURS and not handed():
        offer_training()
    if weights != FILE:
        name_file_in_link(False)
    return weights


def keep(fields: Sequence[Field]) -> None:
    """Keep the values of fields that aren't drawn in this view, also those from the link."""
    for field in fields:
        text = st.query_params.get(field.key)
        if field.key in st.session_state:
            st.session_state[field.key] = st.session_state[field.key]
        elif text is not None and not field.takes.problem(text):
            st.session_state[field.key] = field.from_link(text)


_NO_RUN = "This view needs the record of a training run. Fresh and trained models come without one."
_FILE_NO_RUN = "The model of your file has no record of a training run."


def _of_run(weights: str) -> Settings:
    """Return the settings of a view that follows runs; half-trained weights and yours have some."""
    keep([field for field in SIDEBAR if field is not WEIGHTS_FIELD])
    if weights == YOURS:
        return Settings(YOURS)
    none = _FILE_NO_RUN if weights == FILE else _NO_RUN
    if weights != HALF and handed_alone():
        st.text(f"{none} This view shows your runs.")
        return Settings(YOURS)
    if weights == HALF:
        task, updates = _task(HALF), HALF_TRAINED.check(UPDATES_FIELD.draw())
        return Settings(HALF, seed=_seed(), task=task, updates=updates)
    title = EVERY_TASK[LATCH].title
    st.text(f"{none} So you train a new model of each cell here, on “{title}”.")
    return Settings(HALF, seed=_seed(), task=LATCH)


def _task(weights: str) -> str:
    titles = [title for title, key in TITLES.items() if weights == HALF or key in TASKS]
    if st.session_state.get(TASK_FIELD.key, titles[0]) not in titles:
        del st.session_state[TASK_FIELD.key]  # kept from a view that offers more tasks
    task = TITLES[TASK_FIELD.draw(options=titles)]
    st.text(EVERY_TASK[task].asks)
    return task


def _fresh() -> Settings:
    _length(GRADIENT_STEPS)
    _seed()
    size, weights, gate = FOLDED
    with fold(size, FOLDED[size]):
        for field in FOLDED[size]:
            field.draw(on_change=draw_parts)
    with fold(weights, FOLDED[weights]):
        recurrent = RECURRENT_FIELD.draw()
        if recurrent != DEFAULT:
            RADIUS_FIELD.draw(on_change=draw_parts)
        ACTIVATION_FIELD.draw(on_change=draw_parts)
    with fold(gate, FOLDED[gate]):
        bias = BIAS_FIELD.draw()
        if bias == SET_BIAS:
            FORGET_FIELD.draw(on_change=draw_parts)
    return present(Settings(FRESH, recurrent=recurrent, bias=bias))


MOVE_PARTS = tuple(
    field.key
    for field in (
        *(STEPS_FIELD, SEED_FIELD, HIDDEN_FIELD, RADIUS_FIELD, FORGET_FIELD),
        *(ACTIVATION_FIELD, FED_FIELD),
    )
)
"""Settings that change no other control and no text in the sidebar."""


def present(settings: Settings) -> Settings:
    """Return ``settings`` with the present values of `MOVE_PARTS`, for fresh or trained weights.

    A part of the page that is drawn alone has the settings of when the whole page was drawn.
    """
    held = st.session_state
    found = replace(
        settings,
        length=GRADIENT_STEPS.check(held[STEPS_FIELD.key]),
        seed=SEED.check(held[SEED_FIELD.key]),
    )
    if settings.weights != FRESH:
        return found
    if settings.recurrent != DEFAULT:
        found = replace(found, radius=SPECTRAL_RADIUS.check(held[RADIUS_FIELD.key]))
    if settings.bias == SET_BIAS:
        found = replace(found, forget_bias=FORGET_BIAS.check(held[FORGET_FIELD.key]))
    return replace(
        found,
        hidden_size=HIDDEN.check(held[HIDDEN_FIELD.key]),
        activation=held[ACTIVATION_FIELD.key],
        fed=held[FED_FIELD.key],
    )


def _yours() -> Settings:
    """Return the settings of the reader's own models, at the update that is chosen."""
    models = handed()
    end = max(model.history.updates for model in models)
    at = models[0].updates
    if end:
        if (kept := st.session_state.get(AT_FIELD.key)) is not None:
            st.session_state[AT_FIELD.key] = min(kept, end)
        at = AT_FIELD.draw(max_value=end, value=min(at, end))
    length = _length(models[0].task.lengths, models[0].spec.length)
    keys = tuple(model.key for model in models)
    return Settings(YOURS, length, _seed(), updates=at, keys=keys)


def _of_file() -> Settings:
    """Return the settings of the model of a file: what it reads, and for how many steps."""
    model = choose_file()
    name_file_in_link(True)
    if model is None:
        keep([*(field for field in SIDEBAR if field is not WEIGHTS_FIELD), GUESS_FIELD])
        return Settings(FILE)
    options = file_inputs(model)
    _begin_input(model, options)
    fed, text = FED_FIELD.draw(options=options, index=0), ""
    if fed == TEXT:
        text = _typed(model)
        st.text(_what_is_read(model, text))
    module = model.module
    width = module.hidden_size * module.num_layers * (1 + module.bidirectional)
    most = max(GRADIENT_STEPS.low, min(GRADIENT_STEPS.high, FILE_STATES // width))
    length = _length(Limit(GRADIENT_STEPS.name, GRADIENT_STEPS.low, most))
    return Settings(FILE, length, _seed(), fed=fed, keys=(model.key,), text=text)


def _typed(model: FileModel) -> str:
    """Draw the box of the text. It begins with the text that was read on *Feed a sequence*."""
    text = draw_text(TEXT_FIELD, model.example, begin=fed_text(model))
    if len(model.entries_of(text)[0]):
        return text
    st.text("The model knows no entry of this text, so it reads its example.")
    return model.example


def _what_is_read(model: FileModel, text: str) -> str:
    """Return what the model of a file reads of a text: the entries that it knows."""
    read = model.joined(model.entries_of(text)[0])
    told = f"It reads “{shown(read, 60)}”, repeated or cut so that there are T steps."
    if model.split(read) != model.split(text):
        what = "characters" if model.by_characters else "words"
        told += f" This is your text in the {what} that it knows."
    return told


def _begin_input(model: FileModel, options: Sequence[str]) -> None:
    """Let a model that is new on this page begin with its first input, if the link names none.

    Otherwise it would keep the input of fresh weights: noise, also where it reads a text.
    """
    new = st.session_state.get(_FED_FOR) != model.key and FED_FIELD.key not in st.query_params
    st.session_state[_FED_FOR] = model.key
    if new or st.session_state.get(FED_FIELD.key, options[0]) not in options:
        st.session_state[FED_FIELD.key] = options[0]  # the browser keeps what is only forgotten


def file_inputs(model: FileModel) -> list[str]:
    """Return what the model of a file can read on this page."""
    if not model.spelled:
        return [NOISE, ZEROS, WAVE]
    return [TEXT, NOISE] if model.vocabulary is not None and model.example else [NOISE]


def _length(allowed: Limit, usual: int = STEPS_FIELD.default) -> int:
    low, high = max(allowed.low, GRADIENT_STEPS.low), min(allowed.high, GRADIENT_STEPS.high)
    if (kept := st.session_state.get(STEPS_FIELD.key)) is not None:
        st.session_state[STEPS_FIELD.key] = min(max(kept, low), high)
    given = {"min_value": low, "max_value": high, "value": usual}
    length: int = STEPS_FIELD.draw(**given, on_change=draw_parts)
    return length


def _seed() -> int:
    return SEED.check(SEED_FIELD.draw(on_change=draw_parts))
