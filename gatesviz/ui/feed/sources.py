"""Where the sequence comes from: one function a source, each its widgets and its sequence."""

import re
from collections.abc import Callable, Mapping

import numpy as np
import streamlit as st

from gatesviz.limits import NOISE, PERIOD, SEED, STEPS
from gatesviz.sequences import (
    SCALES,
    SERIES,
    WAVES,
    Sequence,
    Table,
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
from gatesviz.training import TrainedModel, probe
from gatesviz.ui.feed.models import Setup, choose_models
from gatesviz.ui.feed.parameters import SAMPLE, SAMPLES, SOURCES
from gatesviz.ui.feed.sketch import sketch
from gatesviz.ui.model_handoff import handed
from gatesviz.ui.notices import refuse
from gatesviz.ui.uploads import content
from gatesviz.ui.user_data import NOTHING, bring_table, show_refusals
from gatesviz.ui.widget_memory import remember, restore

EXAMPLE = "to see a gate, feed it a sequence"
SEPARATORS = re.compile(r"[\s,;]+")
_READABLE = "last readable"
NUMBERS = "0 0 1 0 0 0 -1 0 0 0 0.5 0.5 0 0 0 -0.5 -0.5 0 0 0 1 -1 1 -1 0 0 0 0"


def draw_settings() -> tuple[Setup, Sequence | None]:
    """Draw the widgets of source and model; return both, None where nothing was readable yet.

    What is wrong with an input is said beside it, and the last readable one stays on screen.
    """
    options = (*SOURCES, SAMPLE) if handed() else SOURCES
    source = st.selectbox("What goes in", options, key="src", bind="query-params")
    above, below = st.container(), st.container()
    with below:
        setup = choose_models(
            reads_text=source == "text", sample=source == SAMPLE, table=source == "table"
        )
    with above:
        try:
            sequence = OF_SETUP[source](setup) if source in OF_SETUP else NUMERIC[source]()
        except ValueError as error:
            refuse(error)
            return _last_readable(setup)
        for note in sequence.notes:
            st.text(note)
    st.session_state[_READABLE] = setup, sequence
    return setup, sequence


def _last_readable(setup: Setup) -> tuple[Setup, Sequence | None]:
    if _READABLE not in st.session_state:
        return setup, None
    st.write("The player still shows the last input that could be read.")
    last: tuple[Setup, Sequence] = st.session_state[_READABLE]
    return last


def typed_text(setup: Setup) -> Sequence:
    """Let the reader type a text; characters the model does not know are replaced visibly."""
    known = setup.known
    example = known.example if known else EXAMPLE
    follow_example(example)
    length = f"One character a step: {STEPS.low} to {STEPS.high:,}."
    text = _typed("Text", "text", example, length)
    if known and known.vocabulary:
        letters = " ".join(map(visible, known.vocabulary))
        st.text(f"{known.task.asks} {known.task.answer} It reads: {letters}")
    return parse_text(text, known.vocabulary if known else None, cut=_cut(len(text)))


def follow_example(example: str) -> None:
    """Put a new model's example where the old model's still stands as it was."""
    before = st.session_state.get("example")
    if before != example and before is not None and st.session_state.get("text") == before:
        st.session_state["text"] = example
    st.session_state["example"] = example


def typed_numbers() -> Sequence:
    """Let the reader type numbers."""
    length = f"{STEPS.low} to {STEPS.high:,}, with spaces or commas between them."
    text = _typed("Numbers", "num", NUMBERS, length)
    cut = _cut(len(SEPARATORS.split(text.strip())))
    try:
        return parse_numbers(text, cut=cut)
    except TwoReadingsError as error:
        commas = st.selectbox(
            "Commas between digits", error.readings, index=None, key="commas", bind="query-params",
            placeholder="Choose what they do",
        )  # fmt: skip
        if commas is None:
            raise
    return parse_numbers(text, cut=cut, commas=commas)


def generated() -> Sequence:
    """Let the reader shape a wave."""
    shape = st.selectbox("Shape", list(WAVES), key="shape", bind="query-params")
    st.write(WAVES[shape].description)
    steps = _steps(80)
    low, high = float(PERIOD.low), float(PERIOD.high)
    period = st.slider("Period in steps", low, high, 20.0, key="period", bind="query-params")
    low, high = float(NOISE.low), float(NOISE.high)
    noise = st.slider("Noise", low, high, 0.0, key="noise", bind="query-params")
    seed = 0
    if noise or shape == "random walk":
        low, high = SEED.low, SEED.high
        seed = st.number_input("Seed of the noise", low, high, 0, key="wseed", bind="query-params")
    PERIOD.check(period)
    NOISE.check(noise)
    return wave(shape, steps, period=period, noise=noise, seed=seed)


def drawing() -> Sequence:
    """Let the reader draw a line."""
    return drawn(sketch(), _steps(60))


def real_series() -> Sequence:
    """Let the reader choose a stretch of a real series."""
    titles = {known.title: key for key, known in SERIES.items()}
    title = st.selectbox("Series", list(titles), key="series", bind="query-params")
    key = titles[title]
    st.write(f"One step is a {SERIES[key].every}; in {SERIES[key].unit}. {SERIES[key].source}.")
    length = series_length(key)
    steps = min(_steps(100), length)
    start = st.slider("First row", 0, length - STEPS.low, 0, key="start", bind="query-params")
    return _scaled(series(key, min(start, length - steps), steps), "standard")


def table(setup: Setup) -> Sequence:
    """Let the reader bring a column of a table, or all that the reader's own model reads."""
    found, known = bring_table("pasted", file="table"), setup.known
    if found is None:
        raise ValueError(NOTHING)
    if isinstance(known, TrainedModel) and known.columns:
        st.text(f"{known.task.asks} {known.task.answer}")
        return _columns(found, known, *_rows(found))
    first = found.numeric.index(found.first)
    column = st.selectbox("Column", found.numeric, first, key="column", bind="query-params")
    show_refusals(found)
    cut, fill = _rows(found)
    return _scaled(found.sequence(column, cut=cut, fill=fill), "standard")


def _rows(found: Table) -> tuple[bool, bool]:
    """Ask whether too many rows shall be cut, and whether gaps shall be filled."""
    fill = st.checkbox("Carry the last value over gaps", key="fill", bind="query-params")
    return len(found.rows) > STEPS.high and _first_only("rows", "rows"), fill


def _columns(found: Table, model: TrainedModel, cut: bool, fill: bool) -> Sequence:
    """Return the columns that ``model`` reads, scaled as the model has learnt them.

    Raises:
        ValueError: if the table lacks one of them, or its rows are no sequence.
    """
    lacking = [name for name in model.columns if name not in found.numeric]
    if lacking:
        told = ", ".join(f"“{shown(name, 60)}”" for name in lacking[:8])
        raise ValueError(
            f"your model reads {len(model.columns)} columns by their names, and this table has no"
            f" column of numbers {told}: bring a table like the one it was trained on"
        )
    parts = [found.sequence(name, cut=cut, fill=fill) for name in model.columns]
    rows = np.column_stack([found.values(name, fill=fill) for name in model.columns])
    scaled = model.standardised(rows[: parts[0].steps])
    notes = dict.fromkeys(note for part in parts for note in part.notes)
    scale = "Each column is scaled by its mean and its deviation in your model's training rows."
    title = f"{found.name}, {len(parts)} columns"
    return Sequence(scaled, parts[0].labels, model.task.features, "numbers", title, (*notes, scale))


def microphone() -> Sequence:
    """Let the reader speak; what goes in is the loudness."""
    sound = st.audio_input("Say something: its loudness is fed to the cell", key="sound")
    steps = _steps(80)
    if sound is None:
        raise ValueError("Record a second or more: the loudness of each stretch is one step.")
    return _scaled(loudness(content(sound), steps), "unit")


def sample() -> Sequence:
    """Let the reader choose one of the sequences that *Train live* shows its gates on."""
    k = st.segmented_control(
        "Sample", SAMPLES, default=SAMPLES[0], key="sample", bind="query-params", required=True
    )
    model = handed()[0]
    st.text(f"{model.task.asks} {model.task.answer}")
    values = probe(model.spec).inputs[:, int(k or SAMPLES[0]) - 1].numpy()
    if model.vocabulary is None:
        labels = tuple(map(str, range(len(values))))
        return Sequence(values, labels, model.task.features, "numbers", model.task.title)
    labels = tuple(visible(model.vocabulary[i]) for i in values.argmax(-1))
    return Sequence(values, labels, model.vocabulary, "text", model.task.title)


OF_SETUP: Mapping[str, Callable[[Setup], Sequence]] = {"text": typed_text, "table": table}
"""Sources that depend on what reads them."""
NUMERIC: Mapping[str, Callable[[], Sequence]] = {
    "numbers": typed_numbers,
    "wave": generated,
    "drawing": drawing,
    "real series": real_series,
    "microphone": microphone,
    SAMPLE: sample,
}


def _steps(default: int) -> int:
    return st.slider("Steps", STEPS.low, STEPS.high, default, key="steps", bind="query-params")


def _typed(label: str, key: str, value: str, length: str) -> str:
    """Draw a box to type in, whose text stays while another source is chosen."""
    restore(key)
    text = st.text_area(label, value=value, key=key, bind="query-params", height=96, help=length)
    remember(key)
    return text or ""


def _cut(length: int) -> bool:
    """Ask whether too long an input shall be cut; only then is it."""
    return length > STEPS.high and _first_only("steps", "cut")


def _first_only(what: str, key: str) -> bool:
    return st.checkbox(f"Use only the first {STEPS.high:,} {what}", key=key, bind="query-params")


def _scaled(sequence: Sequence, default: str) -> Sequence:
    how = st.selectbox(
        "Scale",
        SCALES,
        index=SCALES.index(default),
        key="scale",
        bind="query-params",
        help="Values far from 0 drive every gate to its end; standard has mean 0 and deviation 1.",
    )
    return sequence.scaled(how)
