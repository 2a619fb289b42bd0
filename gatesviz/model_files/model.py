"""Open a model file: the recurrent part as a module, with what surrounds it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from gatesviz.cells import find_cell
from gatesviz.fresh import plain_defaults
from gatesviz.limits import MODEL_WEIGHTS
from gatesviz.model_files.answers import (
    UNSURE,
    ReadoutInput,
    names_of_answers,
    read_by,
    readout_input_of,
)
from gatesviz.model_files.contents import Contents, Matrix, Part, listed, quoted, shown
from gatesviz.model_files.formats import read_contents
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
from gatesviz.model_files.surroundings import (
    NOTHING,
    WHOLE,
    Found,
    LeftOut,
    Name,
    find_embedding,
    find_readout,
    left_out,
    unseen,
)
from gatesviz.model_files.vocabulary import Given, vocabulary_of
from gatesviz.recordings.atomic_write import check_path
from gatesviz.tasks import Continuation
from gatesviz.tasks.writing import write_letters

if TYPE_CHECKING:
    from gatesviz.fresh import Module
    from gatesviz.recordings import Recording


FIRST_STATE = (
    "The module starts from zeros. If another part gives it its first state, as an encoder usually"
    " does for a decoder, the numbers shown are not those of the whole model."
)


@dataclass(frozen=True, eq=False)
class OpenedModel:
    """A model from a file.

    V entries of the vocabulary, I inputs, D·P outputs of the module, O answers.

    Attributes:
        module: a torch.nn module, or a `StepModule` for a cell that torch.nn lacks; in evaluation
            mode.
        part: the name of the module in the file.
        embedding: (V, I), if the file has one.
        readout: from D·P to O, if the file has one; with its activation, if that is one of each
            number alone, such as "relu".
        vocabulary: V texts in order, if known.
        notes: what is opened, what is assumed and what is ignored, in sentences.
        readout_input: what the readout reads: "output" at each step, or "h_n", the final states of
            the last layer, once; None where neither the file nor the caller says so.
        answer_names: the names of the O answers, if the file has a list of them.
        embedding_name, readout_name: their names in the file, "" for none.
        activation: what the file says is applied to the readout's values, such as "relu"; "" if
            nothing or unknown. A "softmax" or a "sigmoid" isn't part of `readout` and `answers`.
        left_out: names of layers that aren't opened, though they stand, or by their sizes could
            stand, before the module or its readout. The gates or answers are those without them.
            A first state of the file that isn't zero is one, too.
    """

    module: "Module"
    part: str
    embedding: nn.Embedding | None
    readout: nn.Linear | None
    vocabulary: tuple[str, ...] | None
    notes: tuple[str, ...]
    readout_input: ReadoutInput | None = "output"
    answer_names: tuple[str, ...] | None = None
    embedding_name: str = ""
    readout_name: str = ""
    activation: str = ""
    left_out: LeftOut = NOTHING

    def answers(self, recording: "Recording") -> Tensor:
        """Return what the readout gives for a recording of `module`, without softmax or sigmoid.

        Args:
            recording: of `gatesviz.record`.

        Returns:
            The recording's output with O numbers in place of its D·P, such as (T, O) or (T, B, O);
            or (O,) or (B, O) if the readout reads the final states.

        Raises:
            ValueError: if there is no readout, or what it reads isn't known.
        """
        if self.readout is None:
            raise ValueError("the model has no readout. Choose one with open_model(…, readout=…)")
        if self.readout_input is None:
            raise ValueError(UNSURE)
        return read_by(self.readout, recording, self.readout_input)

    def features(self, text: "str | list[int] | list[str] | Tensor") -> Tensor:
        """Return the inputs of `module` for a sequence, (T, I).

        Args:
            text: entries of the vocabulary, as a list or as one text that consists of them; or
                their numbers, as a list, an array or a tensor (T,). The embedding turns them into
                vectors. Without one they are one-hot.

        Raises:
            TypeError: if it is something else.
            ValueError: if the vocabulary lacks an entry, or there is none.
        """
        entries = self._split(text) if isinstance(text, str) else _listed_entries(text)
        numbers = torch.tensor([self._number(entry) for entry in entries], dtype=torch.int64)
        size = self.module.input_size
        if self.embedding is None:
            return nn.functional.one_hot(numbers, size).to(next(self.module.parameters()).dtype)
        with torch.no_grad():
            found: Tensor = self.embedding(numbers)
        return found

    @property
    def other_answers(self) -> str:
        """Why the readout doesn't predict the next entry, as a sentence; "" if it may do so."""
        if self.answer_names is not None and self.answer_names != self.vocabulary:
            return "The file's names of the answers aren't the entries of the vocabulary."
        if self.activation not in ("", "linear", "softmax"):
            return f"The readout's activation is {quoted(self.activation)}, not a softmax."
        return ""

    def continue_text(
        self, prompt: str, letters: int = 200, *, temperature: float = 0.7, seed: int = 0
    ) -> Continuation:
        """Return ``letters`` letters that the model writes after ``prompt``.

        The readout's numbers are taken as logits of the next character. The same arguments give
        the same text: see `gatesviz.tasks.continue_text`. What the vocabulary lacks in ``prompt``
        is respelled or left out: a capital letter, for example, is read as a small one.

        Raises:
            ValueError: if the model reads in both directions, has no readout for each character of
                its vocabulary, its answers are something else, or an argument is outside its limit.
        """
        known, readout = self.vocabulary, self.readout
        if known is None or readout is None or readout.out_features != len(known):
            raise ValueError(
                "expected a model with a vocabulary and a readout that has an answer for each"
                " entry. Pass a missing vocabulary to open_model(…, vocabulary=…)"
            )
        if why := self.other_answers:
            raise ValueError(f"expected logits of the next character. {why}")
        if max(map(len, known)) > 1 or self.module.bidirectional:
            raise ValueError("expected single characters and a module that reads in one direction")

        def logits(indices: list[int], state: Any) -> tuple[Tensor, Any]:
            hidden, state = self.module(self.features(indices), state)
            return readout(hidden[-1]), state

        return write_letters(known, logits, prompt, letters, temperature, seed)

    def _split(self, text: str) -> list[str]:
        if not text:
            raise ValueError("text: it is empty, expected at least one entry")
        if self.vocabulary is None:
            raise ValueError("text: the vocabulary isn't known. Pass vocabulary= to open_model")
        if max(map(len, self.vocabulary)) == 1:
            return [*text]
        return text.split()

    def _number(self, entry: "str | int") -> int:
        count = self.module.input_size if self.embedding is None else len(self.embedding.weight)
        if isinstance(entry, str):
            if self.vocabulary is None or entry not in self.vocabulary:
                raise ValueError(f"text: {quoted(entry)} isn't in the vocabulary")
            return self.vocabulary.index(entry)
        if not 0 <= entry < count:
            raise ValueError(f"text: expected numbers from 0 to {count - 1}, got {entry}")
        return int(entry)


def _listed_entries(given: object) -> "list[str | int]":
    """Return a list of entries or their numbers; an array or a tensor (T,) is one, too.

    Raises:
        TypeError: if it is no such list.
        ValueError: if it is empty.
    """
    found: Any = given.tolist() if isinstance(given, Tensor | np.ndarray) else given
    if not isinstance(found, Sequence) or not all(map(_is_entry, found)):
        array = isinstance(given, Tensor | np.ndarray)
        got = f"shape {np.shape(found)}" if array else quoted(given)
        raise TypeError(
            "text: expected a text, or a list of entries or of their whole numbers, got " + got
        )
    if not found:
        raise ValueError("text: it is empty, expected at least one entry")
    return [one if isinstance(one, str) else int(one) for one in found]


def _is_entry(one: object) -> bool:
    whole = isinstance(one, Tensor) and not one.ndim and not one.is_floating_point()
    return whole or isinstance(one, str | int | np.integer)


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
    """Open a model file and return its recurrent part as a module, with what surrounds it.

    Formats are PyTorch's state dicts and checkpoints that hold one, safetensors, Keras
    (``.keras``, ``.h5``, ``.weights.h5``; needs h5py) and ONNX (needs onnx). Nothing in the file
    is run. Cell, sizes, layers, directions, bias and projection follow from the shapes.

    Args:
        path: of the file.
        part: name of the recurrent part, if the file has several.
        cell: key of `gatesviz.cells.CELLS`, where the file doesn't say or says otherwise: a GRU of
            PyTorch's layout opens as "gru" unless this is "gru_reset_before".
        nonlinearity: "tanh" or "relu" of an RNN. Shapes don't show it. By default the checkpoint's
            hyperparameter of this name, if it has one.
        batch_first: layout of the module's inputs and outputs. Shapes don't show it.
        vocabulary: the entries in order: a file, a text that consists of them or holds a list or
            mapping as JSON or Python prints it, a list, or a mapping to or from numbers. By
            default the checkpoint's own: a list, text or mapping with as many entries as the model
            reads, under a name such as "vocab", "itos" or "alphabet"; else the only mapping
            between texts and 0 … V − 1, in either direction, whatever its name, unless that
            speaks of answers, such as labels or tags. If there are V answers, too, such a mapping
            of words isn't taken: it could name these.
            Of "src_vocab" and "trg_vocab", an encoder reads the first and a decoder the second. If
            mappings differ and no name says which is read, none is taken.
        embedding, readout: names of the embedding and of the linear layer after the module, where
            several fit. False opens the model without one.
        readout_input: what the readout reads of a bidirectional module, where the file doesn't say:
            "output" at each step, or "h_n", the final states (forward of the last step, backward
            of the first step). Shapes don't show it.

    Raises:
        TypeError: if an argument has the wrong type.
        ValueError: if the file is damaged, could run code, or holds no recurrent part; or if an
            argument is needed. The sentence says what to do.
        OSError: if the file can't be opened.
        ModuleNotFoundError: if the format needs a package that isn't installed.
    """
    check_path(path)
    file = Path(path)
    contents = read_contents(file)
    chosen = choose_part(contents, part, file)
    key = cell_of(chosen, cell, nonlinearity)
    inputs = find_embedding(contents, chosen, embedding)
    outputs = find_readout(contents, chosen, readout, taken=inputs.matrix)
    within = _within_budget(chosen, [inputs, _computed(outputs)], file)
    module = module_of(chosen, key, batch_first)
    first, last = (found.matrix for found in within)
    sizes = [inputs.matrix.weight.shape[0]] if inputs.matrix is not None else [chosen.input_size]
    embedded = inputs.matrix is not None
    table, linear = embedding_of(first), linear_of(last)
    mixed = in_one_precision(module, table, linear)
    count = 0 if linear is None else linear.out_features
    words, source = vocabulary_of(
        vocabulary,
        sizes,
        contents.extras,
        embedded=embedded,
        answers=count,
        reader=[chosen.name, *([inputs.matrix.name] if inputs.matrix is not None else [])],
    )
    reads, remark = readout_input_of(chosen, readout_input, last)
    answers, named = names_of_answers(contents.extras, linear)
    more = mixed, remark, source, named
    notes = (_found(chosen, key, file), *_notes(contents, chosen, within, *more))
    return OpenedModel(
        module,
        chosen.name,
        table,
        linear,
        words,
        notes,
        reads,
        answers,
        embedding_name="" if first is None else first.name,
        readout_name="" if last is None else last.name,
        activation="" if last is None else last.activation,
        left_out=left_out(contents, chosen, [first, last]),
    )


def _notes(contents: Contents, part: Part, around: list[Found], *more: str) -> list[str]:
    """Return what the part and the file say, and what is used of it and what isn't."""
    notes = [*part.notes, *contents.notes, *(found.note for found in around), *more]
    notes += unseen(contents, part, [found.matrix for found in around])
    if len(contents.parts) > 1 and not any("starts from given" in note for note in part.notes):
        notes.append(FIRST_STATE)
    notes += [f"Ignored: {why}." for why in contents.problems.values()]
    notes += _ignored(contents, part, [found.matrix for found in around])
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
