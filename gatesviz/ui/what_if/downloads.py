"""The download of free play: a script that makes the same edits."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from gatesviz.recordings import Edit
from gatesviz.training import TrainedModel
from gatesviz.ui.what_if.models import FLAGSHIP, Subject

_OF_T13 = """\
trial = CARDS["T13"].trials[0]
result = released([trial])[trial]
model = gv.TrainedModel(trial.spec, result.updates, result.weights)"""


def offer_script(subject: Subject, edits: Sequence[Edit], index: int) -> None:
    """Draw the button of a script, which is for models that come with gatesviz."""
    if subject.key == FLAGSHIP or not isinstance(subject.model, TrainedModel):
        st.download_button(
            "Download these edits as a script",
            partial(to_script, subject, edits, index),
            "gatesviz-what-if.py",
            "text/x-python",
            on_click="ignore",
            help="A Python script that makes the same edits with gv.record and measures them.",
        )


def to_script(subject: Subject, edits: Sequence[Edit], index: int) -> str:
    """Return a script that records sequence ``index`` with ``edits`` and measures their score."""
    imports, made = "", f"model = gv.load_trained({subject.key!r})"
    if subject.key == FLAGSHIP:
        made = _OF_T13
        imports = (
            "from gatesviz.experiments.known import CARDS\n"
            "from gatesviz.experiments.known.release import released\n"
        )
    lines = "\n".join(f"    {_call(edit)}," for edit in edits)
    return f'''"""Edits of a trained model, made on the page "What if?" of gatesviz."""

import gatesviz as gv
{imports}from gatesviz.experiments.what_if import fixed, fresh_sequences, measure, network

{made}
edits = [
{lines}
]
inputs = fresh_sequences(model, {subject.sequences}).inputs[:, {index}]
module = network(model).module
plain, edited = gv.record(module, inputs), gv.record(module, inputs, edits=edits)
print(edited)
for name, recording in (("without", plain), ("with", edited)):
    print(name, "edits, at the last step:", model.answers(recording.output)[-1].round(3))
for row in measure(model, [fixed(edits)], sequences={subject.sequences}):
    before, after = model.task.describe_score(row.unchanged), model.task.score_text(row.score)
    print(f"over {{row.sequences}} sequences: {{before}} -> {{after}}")
'''


def _call(edit: Edit) -> str:
    """Return the Python expression of an edit, of numbers and fixed words only."""
    parts = edit.to_dict()
    places = "".join(f", {k}={_numbers(parts[k])}" for k in ("steps", "units") if parts[k])
    return (
        f"gv.Edit({parts['letter']!r}, {parts['value']!r}{places}, layer={parts['layer']},"
        f" direction={parts['direction']!r})"
    )


def _numbers(numbers: Sequence[int] | None) -> str:
    if numbers is None:
        return "None"
    numbers = list(numbers)
    together = numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    if together and len(numbers) > 2:
        return f"range({numbers[0]}, {numbers[-1] + 1})"
    return repr(numbers)
