"""Scripts that make a player's edits again. Text from a file is in them only as its `repr`."""

import textwrap
from collections.abc import Iterable, Mapping
from collections.abc import Sequence as Ordered

from gatesviz.recordings import Edit
from gatesviz.sequences import Sequence
from gatesviz.tasks.batches import Kind
from gatesviz.training import TrainedModel
from gatesviz.ui.file_answers import NAMED, REALS
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.train.downloads import run_file_name
from gatesviz.ui.train.parameters import NAMES

MOST, VOCABULARY = 5_000, 50_000
"""Numbers of an input that a script holds, and characters of the expressions of a vocabulary."""
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


def run_lines(model: TrainedModel) -> tuple[str, str, str]:
    """Return the lines of a script that read ``model`` from the file of its run.

    They are imports of the standard library, imports of gatesviz, and what makes ``model``.
    """
    file, name = run_file_name(model.cell), NAMES[model.cell]
    made = _OF_A_RUN.format(file=file, name=name, updates=model.updates)
    return "from pathlib import Path\n\n", _RUN_IMPORTS, made


def script_of_file(model: FileModel, sequence: Sequence, edits: Ordered[Edit], *, page: str) -> str:
    """Return a script that records ``sequence`` with and without ``edits``, made on ``page``.

    It prints the answers that the page shows, as it shows them. It opens the file that its user
    names, with the choices of the page.
    """
    vocabulary = _vocabulary(model)
    arguments = _arguments(model, written=bool(vocabulary))
    return f'''"""Edits of the model of a file, made on the page "{page}" of gatesviz."""

import sys

{"" if model.spelled else _TORCH}import gatesviz as gv

if len(sys.argv) != 2:
    raise SystemExit(f"Usage: python {{sys.argv[0]}} MODEL_FILE")
{vocabulary}opened = gv.open_model(
    sys.argv[1],
{textwrap.indent(arguments, "    ")}
)
numbers = [
{_rows(sequence)}
]
inputs = {_inputs(model)}
edits = [
{edit_lines(edits)}
]
plain, edited = gv.record(opened.module, inputs), gv.record(opened.module, inputs, edits=edits)
print(edited)
{_answers(model)}'''


_TORCH = "import torch\n\n"
_BARE = """\
for name, recording in (("without", plain), ("with", edited)):
    print(name, "edits, output h at the last step:", recording.output[-1].round(3))
"""
_UNSURE = f"""\
# The file doesn't show what the readout reads of both directions, so its answers aren't printed.
# To print opened.answers(recording), add readout_input="output" or "h_n" to open_model.
{_BARE}"""
_RAW = """\
# The readout's numbers as they are: choose on the page what they mean, or apply softmax or sigmoid.
for name, recording in (("without", plain), ("with", edited)):
    values = opened.answers(recording){at}.numpy()
    print(name, "edits, the readout's numbers{when}:", values)
"""
_NAMED = """\
names = {names}
for name, recording in (("without", plain), ("with", edited)):
    values = opened.answers(recording){at}{decided}
    first = {first}[:{most}]
    said = ", ".join(f"{{names[k]}}: {{values[k]:.5g}}" for k in first)
    print(name, "edits, {what}{when}:", said)
"""
_DECIDED: Mapping[Kind, str] = {"choice": ".softmax(-1)", "set": ".sigmoid()", "number": ""}


def _arguments(model: FileModel, *, written: bool) -> str:
    """Return the arguments of ``open_model`` that the page's choices make, one a line.

    ``written``: whether the script has the vocabulary.
    """
    opened = model.opened
    found: dict[str, object] = {"part": opened.part, "cell": model.cell}
    found["embedding"] = opened.embedding_name if opened.embedding is not None else False
    if model.unsure or model.readout is not None:
        found["readout"] = opened.readout_name
    else:
        found["readout"] = False
    if model.readout is not None and model.module.bidirectional:
        found["readout_input"] = "output" if model.once is None else "h_n"
    lines = [f"{name}={literal(value)}," for name, value in found.items()]
    return "\n".join([*lines, "vocabulary=vocabulary,"] if written else lines)


def literal(value: object, width: int = 80) -> str:
    """Return the expression of a text or a number; a long text in pieces, one a line.

    `repr` escapes quotes, line breaks and invisible characters, so no text ends the expression.
    """
    if not isinstance(value, str) or len(repr(value)) <= width:
        return repr(value)
    pieces = [repr(value[k : k + width // 10]) for k in range(0, len(value), width // 10)]
    return "(\n" + "\n".join(f"    {one}" for one in pieces) + "\n)"


def _vocabulary(model: FileModel) -> str:
    """Return the lines of the vocabulary if it was pasted, so that the file doesn't have it.

    "" if there is none, or it is too long for a script.
    """
    known = [repr(entry) for entry in model.vocabulary or ()]
    if not model.pasted or sum(map(len, known)) > VOCABULARY or max(map(len, known)) > 80:
        return ""
    return f"vocabulary = [\n{_filled(known)}\n]\n"


def _filled(items: Iterable[str]) -> str:
    """Return the indented lines of a list; an item keeps its spaces, unlike in `wrapped`."""
    lines = [""]
    for item in items:
        if lines[-1] and len(lines[-1]) + len(item) > 88:
            lines.append("")
        lines[-1] += f"{item}, " if lines[-1] else f"    {item}, "
    return "\n".join(line.rstrip() for line in lines)


def _answers(model: FileModel) -> str:
    """Return the lines that print the answers: of the last step, or the one of the sequence."""
    if model.unsure:
        return _UNSURE
    if model.readout is None:
        return _BARE
    at, when = ("", "") if model.once is not None else ("[-1]", " at the last step")
    kind = model.meaning
    if kind is None:
        return _RAW.format(at=at, when=when)
    number = kind == "number"
    return _NAMED.format(
        names=_names(model, model.readout.out_features),
        at=at,
        when=when,
        decided=_DECIDED[kind],
        first="range(len(values))" if number else "values.argsort(descending=True).tolist()",
        most=NAMED,
        what="the readout gives" if number else "probabilities",
    )


def _names(model: FileModel, count: int) -> str:
    """Return the expression of the answers' names, as `FileModel.answer_name` gives them."""
    if model.opened.answer_names is not None:
        return "[*map(repr, opened.answer_names)]"
    what = "number" if model.means == REALS else "class"
    numbered = f'[f"{what} {{k}}" for k in range({count})]'
    if model.means != REALS and count == len(model.vocabulary or ()):
        # one that was pasted on the page isn't in the file
        return f"[*map(repr, opened.vocabulary or ())] or {numbered}"
    return f"[{model.answer_name(0)!r}]" if what == "class" and count == 1 else numbered


def _inputs(model: FileModel) -> str:
    """Return the expression of the module's inputs (T, I)."""
    if model.spelled:
        return "opened.features(numbers)"
    return "torch.tensor(numbers, dtype=next(opened.module.parameters()).dtype)"


def _rows(sequence: Sequence) -> str:
    """Return the lines of a list: an entry of the vocabulary for each step, or a row of numbers."""
    if sequence.kind == "text":
        items = [str(int(number)) for number in sequence.values[:, 0]]
    else:
        items = [str(row) for row in sequence.values.tolist()]
    return wrapped(items)


def wrapped(items: Iterable[str]) -> str:
    """Return the indented lines of a list with the Python expressions in ``items``."""
    filled = textwrap.fill(", ".join(items), 94, break_long_words=False)
    return textwrap.indent(filled, "    ") + ","


def edit_lines(edits: Ordered[Edit]) -> str:
    """Return the lines of a list with the Python expressions of ``edits``."""
    return "\n".join(f"    {_call(edit)}," for edit in edits)


def _call(edit: Edit) -> str:
    """Return the Python expression of an edit, of numbers and fixed words only."""
    parts = edit.to_dict()
    places = "".join(f", {k}={_numbers(parts[k])}" for k in ("steps", "units") if parts[k])
    return (
        f"gv.Edit({parts['letter']!r}, {parts['value']!r}{places}, layer={parts['layer']},"
        f" direction={parts['direction']!r})"
    )


def _numbers(numbers: Ordered[int] | None) -> str:
    if numbers is None:
        return "None"
    numbers = list(numbers)
    together = numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    if together and len(numbers) > 2:
        return f"range({numbers[0]}, {numbers[-1] + 1})"
    return repr(numbers)
