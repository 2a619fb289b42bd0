"""The download of a script that records the sequence with the player's edits."""

from collections.abc import Mapping
from collections.abc import Sequence as Ordered
from functools import partial

import numpy as np

from gatesviz.cells import CELLS
from gatesviz.recordings import Edit
from gatesviz.sequences import Sequence
from gatesviz.tasks.batches import Kind
from gatesviz.trained import trained_name
from gatesviz.training import TrainedModel
from gatesviz.ui.edit_scripts import MOST, edit_lines, run_lines, script_of_file, wrapped
from gatesviz.ui.feed.models import Setup
from gatesviz.ui.feed.parameters import FRESH, YOURS
from gatesviz.ui.file_model import FileModel

_SCRIPT = '''"""Edits made on the page "Feed a sequence" of gatesviz."""

{standard}import torch

import gatesviz as gv
{imports}
{made}
inputs = {inputs}
edits = [
{edits}
]
plain, edited = gv.record(module, {read}), gv.record(module, {read}, edits=edits)
print(edited)
print("largest change of an output:", abs(edited.output - plain.output).max())
{answers}'''
_SHIFT_IMPORT = "from gatesviz.experiments.answer_shift import ROUNDING, answer_shift\n"
_ANSWERS = """\
names = {names}
before, after = (
    model.answers(one.output{batch}).reshape(len(inputs), -1) for one in (plain, edited)
)
shift = answer_shift(before, after, {kind!r})
moved = ~(shift.moved <= ROUNDING * {largest})  # a smaller move can come from rounding
changed = {changed}
for step, (was, now) in enumerate(zip(before, after)):
    if changed[step] or step == len(inputs) - 1:
        said = [{text} for one in (was, now)]
        print("answer at step", step, "without edits:", said[0], "with edits:", said[1])
"""
_OF_KIND: Mapping[Kind, Mapping[str, str]] = {
    "choice": {
        "largest": "1",
        "changed": "moved & shift.changed",
        "text": 'f"{names[one.argmax()]} {one.max():.3f}"',
    },
    "set": {
        "largest": "1",
        "changed": "moved & shift.changed",
        "text": '", ".join(n for n, p in zip(names, one) if p > 0.5) or "nothing"',
    },
    "number": {
        "largest": "abs(before).max()",
        "changed": "moved",
        "text": 'f"{names[0]} {one[0]:.6g}"',
    },
}
"""Kind of answers -> which answers the edits change, and how the script prints one."""


def can_be_written(sequence: Sequence, *, of_file: bool) -> bool:
    """Return whether a script can hold the sequence.

    ``of_file``: whether the model of a file reads it. Its script holds every number.
    """
    return sequence.values.size <= MOST or (not of_file and _entries(sequence) is not None)


def to_script(
    sequence: Sequence,
    setup: Setup,
    index: int,
    models: tuple[TrainedModel, ...],
    file: FileModel | None,
    edits: Ordered[Edit],
) -> str:
    """Return a script that records ``sequence`` with and without ``edits``. It needs no session.

    A model of your own is read from the file of its run, the model of a file from that file.

    Args:
        sequence, setup: what is read, and which models read it.
        index: of the model.
        models, file: your own models and the model of your file, if the setup has them.
        edits: those that the model can take.
    """
    if file is not None:
        return script_of_file(file, sequence, edits, page="Feed a sequence")
    fill = partial(_SCRIPT.format, inputs=_inputs(sequence), edits=edit_lines(edits))
    if setup.weights == YOURS:
        model = models[index]
        standard, imports, made = run_lines(model)
        made += "\nmodule = model.module()"
        answers = _answers(model.task.kind, "model.task.answer_names", "[:, None]")
        read = "model.features(inputs[:, None])[:, 0]"
        imports = _SHIFT_IMPORT + imports
        return fill(standard=standard, imports=imports, made=made, read=read, answers=answers)
    cell = setup.cells[index]
    if setup.weights == FRESH:
        imports, answers = "from gatesviz.fresh import fresh\n", ""
        made = f"module = fresh({_fresh_arguments(cell, sequence.size, setup)})"
    else:
        name = trained_name(setup.weights, cell)
        kind: Kind = "number" if len(setup.trained[index].answer_names) == 1 else "choice"
        imports, answers = _SHIFT_IMPORT, _answers(kind, "model.answer_names", "")
        made = f"model = gv.load_trained({name!r})\nmodule = model.module"
    return fill(standard="", imports=imports, made=made, read="inputs", answers=answers)


def _answers(kind: Kind, names: str, batch: str) -> str:
    """Return the lines that print every answer that the edits change, and the last one.

    Args:
        kind: of the answers.
        names, batch: the expressions of their names, and of the index that makes a batch.
    """
    return _ANSWERS.format(names=names, batch=batch, kind=kind, **_OF_KIND[kind])


def _fresh_arguments(cell: str, size: int, setup: Setup) -> str:
    bias = setup.forget_bias if CELLS[cell].biases.forget else None
    return (
        f"{cell!r}, {size}, {setup.hidden_size}, layers={setup.layers},"
        f" bidirectional={setup.bidirectional}, forget_bias={bias}, seed={setup.seed}"
    )


def _inputs(sequence: Sequence) -> str:
    """Return the expression of the inputs (T, I): numbers and fixed words only."""
    entries = _entries(sequence)
    if entries is not None:
        return f"torch.eye({sequence.size})[[\n{wrapped(map(str, entries))}\n]]"
    return f"torch.tensor([\n{wrapped(map(str, sequence.values.tolist()))}\n])"


def _entries(sequence: Sequence) -> list[int] | None:
    """Return the place of the 1 in each row, if every row is one-hot; else None."""
    places = sequence.values.argmax(axis=1)
    one_hot = np.eye(sequence.size, dtype=sequence.values.dtype)[places]
    return [int(place) for place in places] if np.array_equal(one_hot, sequence.values) else None
