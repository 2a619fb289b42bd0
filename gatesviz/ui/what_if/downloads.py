"""The downloads of free play: scripts that make the same edits."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from gatesviz.player.payload import Selection
from gatesviz.recordings import Edit
from gatesviz.recordings.edit_text import edits_from_text
from gatesviz.sequences import Sequence as InputSequence
from gatesviz.training import TrainedModel
from gatesviz.ui.edit_scripts import MOST, edit_lines, run_lines, script_of_file
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.train.downloads import run_file_name
from gatesviz.ui.train.parameters import NAMES
from gatesviz.ui.what_if.models import FLAGSHIP, RECORDED_KEY, Subject

_T13_IMPORTS = """\
from gatesviz.experiments.known import CARDS
from gatesviz.experiments.known.release import released
"""
_OF_T13 = """\
trial = CARDS["T13"].trials[0]
result = released([trial])[trial]
model = gv.TrainedModel(trial.spec, result.updates, result.weights)"""
_RECORDED_IMPORTS = "from gatesviz.lessons.measures.forecast import shipped\n"
_OF_RECORDED = """\
result = shipped({series!r})[0]
model = gv.TrainedModel(result.trial.spec, result.updates, result.weights)"""


def offer_script(subject: Subject, edits: Sequence[Edit], index: int) -> None:
    """Draw the button of a script."""
    needs = ""
    if _is_own(subject):
        needs = (
            f" It reads your model from {run_file_name(subject.model.cell)}. Download this file on"
            f" Train live with the button “{NAMES[subject.model.cell]}: run”."
        )
    st.download_button(
        "Download these edits as a script",
        partial(to_script, subject, edits, index),
        "gatesviz-what-if.py",
        "text/x-python",
        on_click="ignore",
        help=f"A Python script that makes the same edits with gv.record and measures them.{needs}",
    )


def offer_file_script(
    model: FileModel, sequence: InputSequence, stands: Sequence[Selection]
) -> None:
    """Draw the button of a script, unless the input is too long to be written into one.

    Args:
        model, sequence: the model and what it reads.
        stands: where the player stands when the button is pressed; see `standing`.
    """
    if sequence.values.size > MOST:
        return
    st.download_button(
        "Download these edits as a script",
        lambda: script_of_file(model, sequence, edits_from_text(stands[0].edits), page="What if?"),
        "gatesviz-what-if.py",
        "text/x-python",
        on_click="ignore",
        help="A Python script that makes the same edits with gv.record. Run it with the path of"
        " your model file.",
    )


def to_script(subject: Subject, edits: Sequence[Edit], index: int) -> str:
    """Return a script that records sequence ``index`` with ``edits`` and measures their score.

    A model of your own is read from the file of its run, in the folder where the script is run.
    """
    standard, imports, made = _model(subject)
    return f'''"""Edits of a trained model, made on the page "What if?" of gatesviz."""

{standard}import gatesviz as gv
{imports}from gatesviz.experiments.changes import fixed, network
from gatesviz.experiments.what_if import fresh_sequences, measure

{made}
edits = [
{edit_lines(edits)}
]
net = network(model)
inputs = net.features(fresh_sequences(model, {subject.sequences}).inputs[:, [{index}]])[:, 0]
plain, edited = gv.record(net.module, inputs), gv.record(net.module, inputs, edits=edits)
print(edited)
for name, recording in (("without", plain), ("with", edited)):
    answers = model.answers(recording.output[:, None])[:, 0]
    last = dict(zip(model.task.answer_names, answers[-1].round(3).tolist()))
    print(name, "edits, at the last step:", last)
for row in measure(model, [fixed(edits)], sequences={subject.sequences}):
    before, after = model.task.describe_score(row.unchanged), model.task.score_text(row.score)
    print(f"over {{row.sequences}} sequences: {{before}} -> {{after}}")
'''


def _is_own(subject: Subject) -> bool:
    shipped = subject.key == FLAGSHIP or subject.key.startswith(RECORDED_KEY)
    return isinstance(subject.model, TrainedModel) and not shipped


def _model(subject: Subject) -> tuple[str, str, str]:
    """Return the standard library's imports, those of gatesviz, and what makes ``model``."""
    if subject.key == FLAGSHIP:
        return "", _T13_IMPORTS, _OF_T13
    if subject.key.startswith(RECORDED_KEY):
        series = subject.key.removeprefix(RECORDED_KEY)
        return "", _RECORDED_IMPORTS, _OF_RECORDED.format(series=series)
    if not isinstance(subject.model, TrainedModel):
        return "", "", f"model = gv.load_trained({subject.key!r})"
    return run_lines(subject.model)
