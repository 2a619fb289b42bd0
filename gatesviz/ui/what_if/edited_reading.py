"""What the model of a file reads with edits: recorded once, for the sentences and the player."""

from dataclasses import replace

import streamlit as st

from gatesviz.recordings import record
from gatesviz.recordings.edit_text import edits_from_text
from gatesviz.ui.feed.recordings import Reading, key_of
from gatesviz.ui.script_turns import step_aside
from gatesviz.ui.what_if.models import FileSubject


def edited_reading(subject: FileSubject, text: str) -> Reading:
    """Return the recording with the edits in ``text``, and its answers.

    All layers and directions that can be shown share it, and so do all sessions. Don't change it.

    Raises:
        ValueError: if an edit does not fit the model or its input.
    """
    assert subject.sequence is not None
    setup = replace(subject.setup, layer=0, direction="forward")
    return _edited_reading(f"{key_of(subject.sequence, setup)} {text}", subject, text)


@st.cache_resource(max_entries=8, ttl=1800, show_spinner=False)
def _edited_reading(key: str, _subject: FileSubject, _text: str) -> Reading:
    sequence, model = _subject.sequence, _subject.setup.file
    assert sequence is not None
    assert model is not None
    step_aside()  # a large model reads for a while
    recording = record(model.module, model.inputs(sequence), edits=edits_from_text(_text))
    return Reading(recording, model.answers(recording.output))
