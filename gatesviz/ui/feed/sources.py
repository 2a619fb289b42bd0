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
from gatesviz.ui.feed.first_input import follow_model, take_next_source
from gatesviz.ui.feed.models import Setup, choose_models
from gatesviz.ui.feed.opening import begins_with_opened_file
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
from gatesviz.ui.feed.readers import (
    follow_example,
    follow_link,
    follow_text,
    forget_note,
    note,
    without_last_line_break,
)
from gatesviz.ui.feed.sketch import sketch
from gatesviz.ui.feed.tables import STANDARD, NothingYetError, scaled, table
from gatesviz.ui.feed.waiting import lacking, unspelled
from gatesviz.ui.fields import Field
from gatesviz.ui.model_handoff import handed
from gatesviz.ui.model_upload import FILE, missing_choice
from gatesviz.ui.notices import refuse
from gatesviz.ui.uploads import content
from gatesviz.ui.widget_memory import carry, remember, restore

EXAMPLE = "to see a gate, feed it a sequence"
SEPARATORS = re.compile(r"[\s,;]+")
WITHOUT_PERIOD = ("random walk", "pulse", "step")
SPEAK = (
    "Press the microphone button and speak for a second or more. Each step is the loudness of one"
    " short part of the recording."
)
_READABLE, _EXAMPLE = "last readable", "example of numbers"
ENTRIES = 8
"""Numbers of entries to begin with, or more."""


def draw_settings() -> tuple[Setup, Sequence | None]:
    """Draw the widgets of source and model; return both, None before the first valid input.

    An invalid input gets its error beside the widget, and the last valid one stays on screen.
    """
    if begins_with_opened_file("feed"):
        st.session_state[WEIGHT.key] = FILE
    take_next_source()
    source = SOURCE.draw(options=(*SOURCES, SAMPLE) if handed() else SOURCES)
    if source == "text":
        follow_text()
    above, below = st.container(), st.container()
    with below:
        setup = choose_models(
            reads_text=source == "text", sample=source == SAMPLE, table=source == "table"
        )
    follow_link()
    follow_model(setup.file, source)
    with above:
        return read_source(source, setup, _READABLE)


def read_source(source: str, setup: Setup, readable: str) -> tuple[Setup, Sequence | None]:
    """Draw the widgets of a source; return the setup and the sequence, or the last valid ones.

    ``readable``: where the session keeps these.
    """
    try:
        sequence = OF_SETUP[source](setup) if source in OF_SETUP else NUMERIC[source]()
        if setup.file is not None:
            sequence = setup.file.read(sequence)
    except NothingYetError as instruction:
        st.info(str(instruction))
        other = setup.file is not None and not _is_shown(setup, readable)
        asked = setup.weights == FILE and bool(missing_choice())
        wordless = lacking(setup) == "vocabulary"
        return (setup, None) if other or asked or wordless else last_readable(setup, readable)
    except ValueError as error:
        refuse(error)
        return last_readable(setup, readable)
    if setup.weights == FILE and setup.file is None:
        return (setup, None) if missing_choice() else last_readable(setup, readable)
    for remark in (*sequence.notes, *foreign(setup, source, sequence)):
        st.text(remark)
    st.session_state[readable] = setup, sequence
    return setup, sequence


def last_readable(setup: Setup, readable: str) -> tuple[Setup, Sequence | None]:
    """Return the last valid setup and sequence, and say so; ``setup`` if there are none.

    ``readable``: where the session keeps them.
    """
    if readable not in st.session_state:
        return setup, None
    last: tuple[Setup, Sequence] = st.session_state[readable]
    if last[0].weights == FILE and last[0].file is None:  # two other files were opened since
        return setup, None
    what = "input" if _is_shown(setup, readable) else "model and input"
    st.write(f"The player still shows the last valid {what}.")
    return last


def _is_shown(setup: Setup, readable: str) -> bool:
    """Return whether the last valid setup has the models of this one."""
    last = st.session_state.get(readable)
    of = ("cells", "weights", "keys")
    return last is not None and all(getattr(last[0], one) == getattr(setup, one) for one in of)


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
        " answers may be bad, because it has never seen such numbers.",
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
        "drawing": "the line that you drew",
        "table": "a column of your table",
        "microphone": "loudness",
    }.get(source, "another wave")


def typed_text(setup: Setup) -> Sequence:
    """Return the typed text, respelled in the characters that the model knows."""
    known, file = setup.known, setup.file
    example = known.example if known else file.example if file else EXAMPLE
    follow_example(example)
    text = without_last_line_break(_typed(TEXT, example, on_change=forget_note))
    if note():
        st.text(note())
    if file is not None and unspelled(file):
        raise NothingYetError("Your model is open. Paste its vocabulary below to read a text.")
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


def _numbers_of(setup: Setup) -> Sequence:
    """Return the typed numbers; at first, a model that reads entries gets numbers of entries."""
    if setup.file is None or not setup.file.spelled:
        return typed_numbers()
    entries = setup.file.entries
    return typed_numbers(" ".join(str(k % entries) for k in range(max(ENTRIES, min(entries, 12)))))


def typed_numbers(example: str = NUMBER_ROW.default) -> Sequence:
    """Return the typed numbers. ``example`` replaces another model's if that is unchanged."""
    before = st.session_state.get(_EXAMPLE, NUMBER_ROW.default)
    restore(NUMBER_ROW.key)
    if before != example and st.session_state.get(NUMBER_ROW.key) == before:
        st.session_state[NUMBER_ROW.key] = example
    st.session_state[_EXAMPLE] = example
    text = _typed(NUMBER_ROW, example)
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
    return scaled(series(key, min(start, length - steps), steps), STANDARD)


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


OF_SETUP: Mapping[str, Callable[[Setup], Sequence]] = {
    "text": typed_text,
    "table": table,
    "numbers": _numbers_of,
}
"""Sources that depend on the model."""
NUMERIC: Mapping[str, Callable[[], Sequence]] = {
    "wave": generated,
    "drawing": drawing,
    "real series": real_series,
    "microphone": microphone,
    SAMPLE: sample,
}


def _typed(field: Field, value: str, **changes: Any) -> str:
    """Draw a text box and return its text, which stays while another source is chosen."""
    carry(field.key)
    text: str = field.draw(value=value, **changes)
    remember(field.key)
    return text
