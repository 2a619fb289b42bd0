"""Open a model file: its recurrent module, embedding, readout and vocabulary."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from gatesviz.cells import find_cell
from gatesviz.fresh import plain_defaults
from gatesviz.limits import MODEL_WEIGHTS
from gatesviz.model_files.answers import (
    BACKWARDS,
    ReadoutInput,
    names_of_answers,
    readout_input_of,
)
from gatesviz.model_files.contents import (
    RESET_ASSUMED,
    Contents,
    Matrix,
    Part,
    listed,
    quoted,
    shown,
)
from gatesviz.model_files.formats import read_contents
from gatesviz.model_files.left_out import unopened
from gatesviz.model_files.opened import OpenedModel
from gatesviz.model_files.parts import (
    cell_of,
    choose_part,
    embedding_of,
    in_one_precision,
    is_computed,
    linear_of,
    module_of,
    size_of,
)
from gatesviz.model_files.spelled import spelled_roles
from gatesviz.model_files.surroundings import WHOLE, Found, Name, find_embedding, find_readout
from gatesviz.model_files.vocabulary import Given, vocabulary_of
from gatesviz.recordings.atomic_write import check_path

if TYPE_CHECKING:
    from gatesviz.fresh import Module

FIRST_STATE = (
    "The module starts from zeros. If another part gives it its first state, as an encoder usually"
    " does for a decoder, the numbers shown are not those of the whole model."
)


@plain_defaults()
def open_model(
    path: str | Path,
    *,
    part: str | None = None,
    cell: str | None = None,
    nonlinearity: str | None = None,
    batch_first: bool = False,
    vocabulary: Given = None,
    embedding: Name = None,
    readout: Name = None,
    readout_input: ReadoutInput | None = None,
) -> OpenedModel:
    """Open a model file: return its recurrent module, embedding, readout and vocabulary.

    Formats are PyTorch's state dicts and checkpoints that hold one, safetensors, Keras
    (``.keras``, ``.h5``, ``.weights.h5``; needs h5py) and ONNX (needs onnx). Nothing in the file
    is run. Cell, sizes, layers, directions, bias and projection follow from the shapes.

    Args:
        path: path of the file.
        part: name of the recurrent part, if the file has several.
        cell: key of `gatesviz.cells.CELLS`. Pass it if the file doesn't name the cell or names the
            wrong one. For example, weights in PyTorch's GRU layout open as "gru" unless you pass
            "gru_reset_before".
        nonlinearity: "tanh" or "relu" of an RNN, which shapes don't show. Default: the
            checkpoint's hyperparameter of this name, if it has one.
        batch_first: layout of the module's inputs and outputs. Shapes don't show it.
        vocabulary: the entries in order: a file, a text, a list, or a mapping to or from numbers,
            as `read_vocabulary` takes them. Default: the checkpoint's own, if it is clear which of
            its entries that is: see `gatesviz.model_files.vocabulary.vocabulary_of`.
        embedding, readout: names of the embedding and of the linear layer after the module. Needed
            if several fit, or if other layers come between. False opens the model without one.
        readout_input: what the readout reads of a bidirectional module, if the file doesn't say:
            "output" at each step, or "h_n", the final states (forward of the last step, backward
            of the first step). Shapes don't show it.

    Raises:
        TypeError: if an argument has the wrong type.
        ValueError: if the file is damaged, could run code, or holds no recurrent part; or if an
            argument is needed. The message says what to do.
        OSError: if the file can't be opened.
        ModuleNotFoundError: if the format needs a package that isn't installed.
    """
    check_path(path)
    if not isinstance(batch_first, bool):
        raise TypeError(f"batch_first: expected True or False, got {quoted(batch_first)}")
    contents = read_contents(file := Path(path))
    chosen = choose_part(contents, part, file)
    key = cell_of(chosen, cell, nonlinearity)
    around = _around(contents, chosen, embedding, readout, vocabulary, file)
    module = module_of(chosen, key, batch_first)
    return _opened(contents, chosen, module, around, vocabulary, readout_input, file, key)


def _around(
    contents: Contents, part: Part, embedding: Name, readout: Name, vocabulary: Given, path: Path
) -> "_Around":
    """Return the embedding and the readout of a part, as far as they can be opened.

    Raises:
        ValueError: if there is none of a given name, or the part is too large.
    """
    roles = spelled_roles(contents, part, vocabulary)
    first = find_embedding(contents, part, embedding, roles)
    known: Matrix | Literal[False] | None = False if embedding is False else first.matrix
    last = find_readout(contents, part, readout, taken=known, roles=roles)
    table, linear = _within_budget(part, [first, _computed(last)], path)
    entries = part.input_size if first.matrix is None else first.matrix.weight.shape[0]
    reader = [part.name] if first.matrix is None else [part.name, first.matrix.name]
    return _Around(table, linear, entries, reader, embedded=first.matrix is not None)


class _Around(NamedTuple):
    """What is opened with a part, and what its vocabulary has to fit.

    ``embedded`` and ``entries`` are those of the file, also where the embedding is too large.
    """

    embedding: Found
    readout: Found
    entries: int
    reader: list[str]
    embedded: bool


def _opened(
    contents: Contents,
    part: Part,
    module: "Module",
    around: _Around,
    vocabulary: Given,
    readout_input: ReadoutInput | None,
    path: Path,
    cell: str,
) -> OpenedModel:
    """Return a part's module with its embedding, readout, vocabulary and notes."""
    first, last = around.embedding.matrix, around.readout.matrix
    table, linear = embedding_of(first), linear_of(last)
    mixed = in_one_precision(module, table, linear)
    try:
        words, source = vocabulary_of(
            vocabulary,
            [around.entries],
            contents.extras,
            embedded=around.embedded,
            answers=0 if linear is None else linear.out_features,
            reader=around.reader,
        )
    except ValueError as error:
        if around.embedded or not around.embedding.note:
            raise
        raise ValueError(f"{error}. {around.embedding.note}") from None
    reads, remark = readout_input_of(part, readout_input, last)
    answers, named = names_of_answers(contents.extras, linear)
    left, sentences = unopened(contents, part, [first, last])
    about = around.embedding.note, around.readout.note, mixed, remark, source, named, *sentences
    return OpenedModel(
        module,
        part.name,
        table,
        linear,
        words,
        (_found(part, cell, path), *_notes(contents, part, cell, about, [first, last])),
        reads,
        answers,
        embedding_name="" if first is None else first.name,
        readout_name="" if last is None else last.name,
        activation="" if last is None else last.activation,
        left_out=left,
        backwards=part.backwards,
    )


def _notes(
    contents: Contents, part: Part, cell: str, about: Iterable[str], used: list[Matrix | None]
) -> list[str]:
    """Return what the part and the file say, what is said ``about`` it, and what isn't used."""
    backwards = [BACKWARDS.format(quoted(part.name))] if part.backwards else []
    notes = [*part.notes, *backwards, *contents.notes, *about]
    if cell != part.cell:  # the caller chose it
        notes = [note for note in notes if note != RESET_ASSUMED]
    if len(contents.parts) > 1 and not any("starts from given" in note for note in part.notes):
        notes.append(FIRST_STATE)
    notes += [f"Ignored: {why}." for why in contents.problems.values()]
    notes += _ignored(contents, part, used)
    return [note for note in notes if note]


def _within_budget(part: Part, around: list[Found], path: Path) -> list[Found]:
    """Return the matrices around a part, without those that are too large to be opened with it.

    Raises:
        ValueError: if the part itself is too large.
    """
    budget = MODEL_WEIGHTS.high - size_of(part)
    if budget < 0:
        raise ValueError(
            f"{shown(path)}{part.where} has {size_of(part):,} weights, expected up to"
            f" {MODEL_WEIGHTS.high:,}"
        )
    within = []
    for found in around:
        matrix = found.matrix
        size = 0 if matrix is None else matrix.weight.shape[0] * matrix.weight.shape[1]
        if matrix is not None and size > budget:
            note = f"{quoted(matrix.name)} is ignored: it has {size:,} weights."
            found, size = Found(None, note), 0
        budget -= size
        within.append(found)
    return within


def _computed(found: Found) -> Found:
    """Return a readout, or a note if gatesviz doesn't compute the activation of its answers."""
    matrix = found.matrix
    if matrix is None or is_computed(matrix.activation):
        return found
    why = (
        f"{quoted(matrix.name)} is the readout, but gatesviz doesn't compute its activation"
        f" {quoted(matrix.activation)}. So no answers are shown. {WHOLE}"
    )
    return Found(None, why)


def _found(part: Part, cell: str, path: Path) -> str:
    name = find_cell(cell).name
    where = f"{quoted(part.name)} of {shown(path)}" if part.name else shown(path)
    projected = f", P={part.state_size}" if part.state_size != part.hidden_size else ""
    layers = f"{part.layers} layer{'s' if part.layers > 1 else ''}"
    return (
        f"{where} is opened as {name}: I={part.input_size}, H={part.hidden_size}{projected},"
        f" {layers}{', both directions' if part.bidirectional else ''}"
        f"{'' if part.bias else ', no bias'}."
    )


def _ignored(contents: Contents, part: Part, used: list[Matrix | None]) -> list[str]:
    taken = {matrix.name for matrix in used if matrix is not None}
    others = {one.name: None for one in (*contents.embeddings, *contents.linears)}
    left = [name for name in [*contents.parts, *others] if name not in taken | {part.name}]
    left += contents.left
    return [f"Ignored: {listed(left)}."] if left else []
