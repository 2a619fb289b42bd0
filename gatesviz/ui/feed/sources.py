"""Inputs of the page: each source draws its widgets and returns its sequence."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from gatesviz.limits import NOISE, PERIOD, STEPS
from gatesviz.sequences import (
    SERIES,
    WAVES,
    Sequence,
    TwoReadingsError,
    drawn,
    loudness,
    parse_numbers,
    parse_text,
    series,
    series_length,
    visible,
    wave,
)
from gatesviz.sequences.characters import shown
from gatesviz.sequences.respelling import respell
from gatesviz.training import TrainedModel, probe
from gatesviz.ui.feed.models import Setup, choose_models
from gatesviz.ui.feed.parameters import (
    COMMA,
    CUT,
    FIRST_ROW,
    LENGTH,
    NOISE_FIELD,
    NOISE_SEED,
    NUMBER_ROW,
    PERIOD_FIELD,
    REAL_SERIES,
    SAMPLE,
    SAMPLE_NUMBER,
    SCALE,
    SCALINGS,
    SHAPE,
    SHAPES,
    SOURCE,
    SOURCES,
    TEXT,
    WEIGHT,
)
from gatesviz.ui.feed.readers import follow_example, follow_link, follow_text, forget_note, note
from gatesviz.ui.feed.sketch import sketch
from gatesviz.ui.feed.tables import NothingYetError, scaled, table
from gatesviz.ui.fields import Field
from gatesviz.ui.model_handoff import handed
from gatesviz.ui.model_upload import FILE, MISSING, file_of_link
from gatesviz.ui.notices import refuse
from gatesviz.ui.opened_file import opened_file
from gatesviz.ui.uploads import content
from gatesviz.ui.widget_memory import remember, restore

EXAMPLE = "to see a gate, feed it a sequence"
SEPARATORS = re.compile(r"[\s,;]+")
WITHOUT_PERIOD = ("random walk", "pulse", "step")
SPEAK = (
    "Press the microphone and speak for a second or more. Each step is the loudness of one short"
    " part of the recording."
)
_READABLE, _BEGUN = "last readable", "begun with opened file"


def draw_settings() -> tuple[Setup, Sequence | None]:
    """Draw the widgets of source and model; return both, None before the first valid input.

    An invalid input gets its error beside the widget, and the last valid one stays on screen.
    """
    _begin_with_opened_file()
    source = SOURCE.draw(options=(*SOURCES, SAMPLE) if handed() else SOURCES)
    if source == "text":
        follow_text()
    above, below = st.container(), st.container()
    with below:
        setup = choose_models(
            reads_text=source == "text", sample=source == SAMPLE, table=source == "table"
        )
    follow_link()
    with above:
        try:
            sequence = OF_SETUP[source](setup) if source in OF_SETUP else NUMERIC[source]()
            if setup.file is not None:
                sequence = setup.file.read(sequence)
        except NothingYetError as instruction:
            st.info(str(instruction))
            return _last_readable(setup)
        except ValueError as error:
            refuse(error)
            return _last_readable(setup)
        if setup.weights == FILE and setup.file is None:
            return _last_readable(setup)
        for note in (*sequence.notes, *foreign(setup, source, sequence)):
            st.text(note)
    st.session_state[_READABLE] = setup, sequence
    return setup, sequence


def _begin_with_opened_file() -> None:
    """Choose what ``gatesviz open`` was given, in a new session without a link."""
    given = opened_file()
    if given is None or _BEGUN in st.session_state:
        return
    st.session_state[_BEGUN] = True
    if st.query_params:
        return
    st.session_state[WEIGHT.key], st.session_state[SOURCE.key] = FILE, given.source
    if given.text:
        st.session_state[TEXT.key] = given.text


def lacking(setup: Setup) -> str:
    """Return what the page waits for."""
    return "model" if setup.weights == FILE and setup.file is None else "input"


def waiting(setup: Setup) -> str:
    """Return in a sentence what the page waits for. On a phone the sidebar is closed."""
    lacks, named = lacking(setup), file_of_link()
    if lacks == "model" and named:
        return f"{MISSING.format(named)} The upload is in the sidebar."
    return f"There is no {lacks} yet. Follow the instruction in the sidebar."


def _last_readable(setup: Setup) -> tuple[Setup, Sequence | None]:
    if _READABLE not in st.session_state:
        return setup, None
    what = "model and input" if lacking(setup) == "model" else "input"
    st.write(f"The player still shows the last valid {what}.")
    last: tuple[Setup, Sequence] = st.session_state[_READABLE]
    return last


def keep_readable(setup: Setup) -> None:
    """Store a setup with which only a part of the page is drawn: the input is the same."""
    if _READABLE in st.session_state:
        st.session_state[_READABLE] = setup, st.session_state[_READABLE][1]


def foreign(setup: Setup, source: str, sequence: Sequence) -> tuple[str, ...]:
    """Return a note if the model was trained on other numbers than it reads here, else ()."""
    known = setup.known
    if known is None or sequence.kind == "text" or source == SAMPLE:
        return ()
    if isinstance(known, TrainedModel):
        if known.columns or known.task.title == sequence.title:
            return ()
        trained_on = f"“{known.task.title}”"
    elif source == "wave" and sequence.title.startswith("Sine"):
        return ()
    else:
        trained_on = "sine waves"
    return (
        f"This model was trained on {trained_on}. Here it reads {_what(source, sequence)}. Its"
        " answers may be bad, because it never saw such numbers.",
    )


def _what(source: str, sequence: Sequence) -> str:
    """Return in a few words which numbers a sequence holds."""
    if source == "real series":
        title = st.session_state[REAL_SERIES.key]
        scaled = {
            "standard": ". After scaling, 1 means one standard deviation",
            "unit": ", scaled to the range −1 to 1",
        }
        how = SCALINGS[st.session_state[SCALE.key]]
        return f"“{title}”{scaled.get(how, '')}"
    return {
        "numbers": "the numbers in the box",
        "drawing": "the line on the pad",
        "table": "a column of your table",
        "microphone": "loudness",
    }.get(source, "another wave")


def typed_text(setup: Setup) -> Sequence:
    """Return the typed text, respelled in the characters that the model knows."""
    known, file = setup.known, setup.file
    example = known.example if known else file.example if file else EXAMPLE
    follow_example(example)
    text = _typed(TEXT, example, on_change=forget_note)
    if note():
        st.text(note())
    if file is not None:
        st.text(file.reads)
        return file.read_text(text, cut=len(file.split(text)) > STEPS.high and CUT.draw())
    if known and known.vocabulary:
        letters = " ".join(map(visible, known.vocabulary))
        st.text(f"{known.task.explanation} The model knows these characters: {letters}")
        return _respelled(text, known.vocabulary)
    return parse_text(text, cut=len(text) > STEPS.high and CUT.draw())


def _respelled(text: str, vocabulary: tuple[str, ...]) -> Sequence:
    """Return ``text`` in the characters of a vocabulary; its notes say what was changed.

    Raises:
        ValueError: if no character is left.
    """
    read = respell(text, vocabulary)
    if text and not read.text:
        raise ValueError(f"the model knows no character of “{shown(text, 24)}”")
    cut = len(read.text) > STEPS.high and CUT.draw()
    sequence = parse_text(read.text, vocabulary, cut=cut)
    return replace(sequence, notes=(*read.notes, *sequence.notes))


def typed_numbers() -> Sequence:
    """Return the typed numbers."""
    text = _typed(NUMBER_ROW, NUMBER_ROW.default)
    cut = len(SEPARATORS.split(text.strip())) > STEPS.high and CUT.draw()
    try:
        return parse_numbers(text, cut=cut)
    except TwoReadingsError as error:
        commas = COMMA.draw(options=error.readings)
        if commas is None:
            raise
    return parse_numbers(text, cut=cut, commas=commas)


def generated() -> Sequence:
    """Return a wave of the chosen shape."""
    shape = SHAPES[SHAPE.draw()]
    st.write(WAVES[shape].description)
    steps = LENGTH.draw()
    period = PERIOD_FIELD.default if shape in WITHOUT_PERIOD else PERIOD_FIELD.draw()
    noise = NOISE_FIELD.draw()
    seed = int(NOISE_SEED.draw()) if noise or shape == "random walk" else 0
    PERIOD.check(period)
    NOISE.check(noise)
    return wave(shape, steps, period=period, noise=noise, seed=seed)


def drawing() -> Sequence:
    """Return the line that was drawn on the pad."""
    return drawn(sketch(), LENGTH.draw(value=60))


def real_series() -> Sequence:
    """Return a stretch of a real series."""
    titles = {known.title: key for key, known in SERIES.items()}
    key = titles[REAL_SERIES.draw()]
    st.write(f"One step is one {SERIES[key].every}. Unit: {SERIES[key].unit}.")
    length = series_length(key)
    steps = min(LENGTH.draw(value=100), length)
    start = FIRST_ROW.draw(max_value=length - STEPS.low)
    return scaled(series(key, min(start, length - steps), steps), "mean 0, deviation 1")


def microphone() -> Sequence:
    """Return the loudness of a recorded sound."""
    sound = st.audio_input("Record a sound. The cell reads its loudness.", key="sound")
    steps = LENGTH.draw(value=80)
    if sound is None:
        raise NothingYetError(SPEAK)
    return scaled(loudness(content(sound), steps), "−1 to 1")


def sample() -> Sequence:
    """Return one of the held-out sequences whose gates *Train live* shows."""
    k = int(SAMPLE_NUMBER.draw())
    model = handed()[0]
    st.text(model.task.explanation)
    inputs = probe(model.spec).inputs[:, k - 1]
    values, letters = inputs.numpy(), model.task.letters(inputs)
    if letters is None or model.vocabulary is None:
        labels = tuple(map(str, range(len(values))))
        return Sequence(values, labels, model.task.features, "numbers", model.task.title)
    return Sequence(values, letters, model.vocabulary, "text", model.task.title)


OF_SETUP: Mapping[str, Callable[[Setup], Sequence]] = {"text": typed_text, "table": table}
"""Sources that depend on the model."""
NUMERIC: Mapping[str, Callable[[], Sequence]] = {
    "numbers": typed_numbers,
    "wave": generated,
    "drawing": drawing,
    "real series": real_series,
    "microphone": microphone,
    SAMPLE: sample,
}


def _typed(field: Field, value: str, **changes: Any) -> str:
    """Draw a text box and return its text, which stays while another source is chosen."""
    restore(field.key)
    text: str = field.draw(value=value, **changes)
    remember(field.key)
    return text
