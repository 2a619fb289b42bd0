"""The download of free play: a script that makes the same edits."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from gatesviz.recordings import Edit
from gatesviz.training import TrainedModel
from gatesviz.ui.train.downloads import run_file_name
from gatesviz.ui.train.parameters import NAMES
from gatesviz.ui.what_if.models import FLAGSHIP, Subject

_T13_IMPORTS = """\
from gatesviz.experiments.known import CARDS
from gatesviz.experiments.known.release import released
"""
_OF_T13 = """\
trial = CARDS["T13"].trials[0]
result = released([trial])[trial]
model = gv.TrainedModel(trial.spec, result.updates, result.weights)"""
_RUN_IMPORTS = "from gatesviz.training import open_run\n"
_OF_A_RUN = """\
RUN = Path({file!r})
if not RUN.is_file():
    raise SystemExit(
        f"This script reads your model from {{RUN}}, which is not in {{Path.cwd()}}."
        " Download it on the page “Train live” with the button “{name}: run”."
    )
state, history = open_run(RUN)
model = state.model if state.updates == {updates} else history.model_at({updates})"""


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


def to_script(subject: Subject, edits: Sequence[Edit], index: int) -> str:
    """Return a script that records sequence ``index`` with ``edits`` and measures their score.

    A model of your own is read from the file of its run, in the folder where the script is run.
    """
    standard, imports, made = _model(subject)
    lines = "\n".join(f"    {_call(edit)}," for edit in edits)
    return f'''"""Edits of a trained model, made on the page "What if?" of gatesviz."""

{standard}import gatesviz as gv
{imports}from gatesviz.experiments.what_if import fixed, fresh_sequences, measure, network

{made}
edits = [
{lines}
]
net = network(model)
inputs = net.features(fresh_sequences(model, {subject.sequences}).inputs[:, [{index}]])[:, 0]
plain, edited = gv.record(net.module, inputs), gv.record(net.module, inputs, edits=edits)
print(edited)
for name, recording in (("without", plain), ("with", edited)):
    answers = model.answers(recording.output[:, None])[:, 0]
    print(name, "edits, at the last step:", answers[-1].round(3))
for row in measure(model, [fixed(edits)], sequences={subject.sequences}):
    before, after = model.task.describe_score(row.unchanged), model.task.score_text(row.score)
    print(f"over {{row.sequences}} sequences: {{before}} -> {{after}}")
'''


def _is_own(subject: Subject) -> bool:
    return isinstance(subject.model, TrainedModel) and subject.key != FLAGSHIP


def _model(subject: Subject) -> tuple[str, str, str]:
    """Return the standard library's imports, those of gatesviz, and what makes ``model``."""
    if subject.key == FLAGSHIP:
        return "", _T13_IMPORTS, _OF_T13
    if not isinstance(subject.model, TrainedModel):
        return "", "", f"model = gv.load_trained({subject.key!r})"
    cell = subject.model.cell
    made = _OF_A_RUN.format(
        file=run_file_name(cell), name=NAMES[cell], updates=subject.model.updates
    )
    return "from pathlib import Path\n\n", _RUN_IMPORTS, made


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
