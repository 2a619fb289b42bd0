"""Open a model file: the recurrent part as a module, with what surrounds it."""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from gatesviz.cells import CELLS, find_cell
from gatesviz.fresh import unfilled, with_memory
from gatesviz.limits import MODEL_BYTES, MODEL_WEIGHTS
from gatesviz.model_files import keras_reader, onnx_reader, safetensors_reader, torch_reader
from gatesviz.model_files.contents import Contents, Matrix, Part, listed, quoted, shown
from gatesviz.model_files.hdf5 import Source
from gatesviz.model_files.surroundings import Name, find_embedding, find_readout
from gatesviz.model_files.vocabulary import Given, vocabulary_of
from gatesviz.recordings.atomic_write import check_path
from gatesviz.tasks import Continuation
from gatesviz.tasks.writing import write_letters

if TYPE_CHECKING:
    from gatesviz.fresh import Module

DIRECTORY_BYTES = 2_000_000
"""Most bytes of a zip archive's table of contents: about 100 a file."""


@dataclass(frozen=True, eq=False)
class OpenedModel:
    """A model from a file.

    V entries of the vocabulary, I inputs, D·P outputs of the module, O answers.

    Attributes:
        module: a torch.nn module, or a `StepModule` for a cell that torch.nn lacks; in evaluation
            mode.
        part: the name of the module in the file.
        embedding: (V, I), if the file has one.
        readout: from D·P to O, if the file has one.
        vocabulary: V texts in order, if known.
        notes: what is opened, what is assumed and what is left alone, in sentences.
    """

    module: "Module"
    part: str
    embedding: nn.Embedding | None
    readout: nn.Linear | None
    vocabulary: tuple[str, ...] | None
    notes: tuple[str, ...]

    def features(self, text: "str | list[int] | list[str]") -> Tensor:
        """Return the inputs of `module` for a sequence, (T, I).

        Args:
            text: entries of the vocabulary, as a list or as one text that consists of them; or
                their numbers. The embedding turns them into vectors. Without one they are one-hot.

        Raises:
            ValueError: if the vocabulary lacks an entry, or there is none.
        """
        entries = self._split(text) if isinstance(text, str) else text
        numbers = torch.tensor([self._number(entry) for entry in entries], dtype=torch.int64)
        size = self.module.input_size
        if self.embedding is None:
            return nn.functional.one_hot(numbers, size).to(next(self.module.parameters()).dtype)
        with torch.no_grad():
            found: Tensor = self.embedding(numbers)
        return found

    def continue_text(
        self, prompt: str, letters: int = 200, *, temperature: float = 0.7, seed: int = 0
    ) -> Continuation:
        """Return ``letters`` letters that the model writes after ``prompt``.

        The readout's numbers are taken as logits of the next character. The same arguments give
        the same text: see `gatesviz.tasks.continue_text`.

        Raises:
            ValueError: if the model reads in both directions, has no readout for each character of
                its vocabulary, or an argument is outside its limit.
        """
        known, readout = self.vocabulary, self.readout
        if known is None or readout is None or readout.out_features != len(known):
            raise ValueError(
                "expected a model with a vocabulary and a readout that has an answer for each entry"
            )
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
        nonlinearity: "tanh" or "relu" of an RNN. Shapes don't show it.
        batch_first: layout of the module's inputs and outputs. Shapes don't show it.
        vocabulary: the entries in order: a JSON or text file, a text that consists of them, a list,
            or a mapping to numbers. By default the checkpoint's own, if it has one.
        embedding, readout: names of the embedding and of the linear layer after the module, where
            several fit. False opens the model without one.

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
    budget = MODEL_WEIGHTS.high - size_of(chosen)
    if budget < 0:
        raise ValueError(
            f"{shown(file)}{chosen.where} has {size_of(chosen):,} weights, expected up to"
            f" {MODEL_WEIGHTS.high:,}"
        )
    notes = [_found(chosen, key, file), *chosen.notes, *contents.notes]
    matrices: list[Matrix | None] = []
    for found in (inputs, outputs):
        matrix, note = found
        size = 0 if matrix is None else matrix.weight.shape[0] * matrix.weight.shape[1]
        if matrix is not None and size > budget:
            note = f"{quoted(matrix.name)} was left alone: it has {size:,} weights."
            matrix, size = None, 0
        budget -= size
        matrices.append(matrix)
        notes += [note] if note else []
    module = module_of(chosen, key, batch_first)
    first, last = matrices
    sizes = [inputs.matrix.weight.shape[0]] if inputs.matrix is not None else [chosen.input_size]
    words, source = vocabulary_of(vocabulary, sizes, contents.extras)
    notes += [source] if source else []
    notes += [f"Left alone: {why}." for why in contents.problems.values()]
    notes += _left_alone(contents, chosen, matrices)
    return OpenedModel(
        module, chosen.name, embedding_of(first), linear_of(last), words, tuple(notes)
    )  # fmt: skip


def read_contents(path: Path) -> Contents:
    """Return what a file holds, by the format that its first bytes show.

    Raises:
        ValueError, OSError, ModuleNotFoundError: as `open_model`.
    """
    with path.open("rb") as file:
        start = file.read(16)
    size = path.stat().st_size
    if size == 0:
        raise ValueError(f"{shown(path)} is empty: expected a model file")
    if size > MODEL_BYTES.high:
        raise ValueError(
            f"{shown(path)} has {size:,} bytes, expected up to {MODEL_BYTES.high:,}. Save only the"
            " state dict"
        )
    if start.startswith(b"PK\x03\x04"):
        return _from_zip(path)
    if start[8:9] == b"{" and int.from_bytes(start[:8], "little") < 1 << 40:
        return safetensors_reader.read(path)  # its length may begin as a pickle does
    if start.startswith(b"\x89HDF\r\n\x1a\n"):
        return keras_reader.read_weights(Source(path))
    if start.startswith(b"\x80"):
        return torch_reader.read_old(path)
    if path.suffix.lower() == ".onnx" or (
        start.startswith(b"\x08") and start[2:3] in b"\x12\x3a\x42"
    ):
        return onnx_reader.read(path)
    raise ValueError(
        f"{shown(path)} has an unknown format: expected a state dict of PyTorch (.pt, .pth, .ckpt,"
        " .bin), safetensors, Keras (.keras, .h5) or ONNX (.onnx)"
    )


def _from_zip(path: Path) -> Contents:
    _check_directory(path)
    try:
        with zipfile.ZipFile(path) as archive:
            if torch_reader.is_torch_zip(archive.namelist()):
                return torch_reader.read_zip(path, archive)
            if keras_reader.is_keras_zip(archive.namelist()):
                return keras_reader.read_zip(path, archive)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, OSError) as error:
        raise ValueError(f"{shown(path)} is a damaged archive: {error}"[:300]) from error
    raise ValueError(f"{shown(path)} is a zip archive, but no model of PyTorch or Keras")


def _check_directory(path: Path) -> None:
    """Check the size of a zip archive's table of contents, before it is read."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 70_000))
        tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    long = tail.rfind(b"PK\x06\x06")  # for archives with more than 65,535 files or 4 GB
    size = int.from_bytes(tail[end + 12 : end + 16], "little") if end >= 0 else 0
    if size == 0xFFFF_FFFF:
        size = int.from_bytes(tail[long + 40 : long + 48], "little") if long >= 0 else size
    if size > DIRECTORY_BYTES:
        raise ValueError(
            f"{shown(path)} is an archive with a table of contents of {size:,} bytes, expected up"
            f" to {DIRECTORY_BYTES:,}"
        )


def choose_part(contents: Contents, part: str | None, path: Path) -> Part:
    """Return the recurrent part with this name, or the only one.

    Raises:
        ValueError: if there is none, or several without a name; the sentence names the choices.
    """
    parts = contents.parts
    if part is not None and not isinstance(part, str):
        raise TypeError(f"part: expected a name, got {quoted(part)}")
    if part is not None and part in parts:
        return parts[part]
    if part is not None and part in contents.problems:
        raise ValueError(contents.problems[part])
    if part is None and len(parts) == 1:
        return next(iter(parts.values()))
    choices = "; ".join(f"{quoted(name)} ({one.sizes})" for name, one in list(parts.items())[:8])
    choices += f" and {len(parts) - 8} more" if len(parts) > 8 else ""
    if part is None:
        raise ValueError(
            f"{shown(path)} has {len(parts)} recurrent parts: {choices}. Choose one with part="
        )
    raise ValueError(f"part: {shown(path)} has no {quoted(part)}, expected one of {choices}")


def cell_of(part: Part, cell: str | None, nonlinearity: str | None) -> str:
    """Return the key of the part's cell, from the arguments where shapes can't decide.

    Raises:
        ValueError: if an argument is needed or doesn't fit the shapes.
    """
    if nonlinearity not in (None, "tanh", "relu"):
        raise ValueError(f"nonlinearity: expected 'tanh' or 'relu', got {quoted(nonlinearity)}")
    if cell is not None:
        key = f"rnn_{nonlinearity or 'tanh'}" if cell == "rnn" and nonlinearity else cell
        fits = [known.key for known in CELLS.values() if len(known.blocks) == part.blocks]
        if key not in fits:
            name = quoted(part.name) if part.name else "the recurrent part"
            raise ValueError(
                f"cell: {name} has {part.blocks} blocks of {part.hidden_size} rows:"
                f" expected {' or '.join(map(repr, fits))}, got {quoted(cell)}"
            )
        return find_cell(key).key
    if part.cell is not None:
        if nonlinearity is not None and part.cell not in ("rnn_tanh", "rnn_relu"):
            name = find_cell(part.cell).name
            raise ValueError(f"nonlinearity: the {name} has none to choose, expected None")
        return part.cell
    if nonlinearity is None:
        name = quoted(part.name) if part.name else "The recurrent part"
        raise ValueError(
            f"{name} is an RNN, and its weights don't show whether it uses tanh or"
            " relu. Pass nonlinearity='tanh' or nonlinearity='relu'"
        )
    return f"rnn_{nonlinearity}"


def module_of(part: Part, cell: str, batch_first: bool) -> "Module":
    """Return the part as a module with the cell ``cell``, in evaluation mode.

    Raises:
        ValueError: if a weight can't be used; the sentence names it.
    """
    options: dict[str, Any] = {"num_layers": part.layers, "bidirectional": part.bidirectional}
    options |= {"bias": part.bias, "batch_first": bool(batch_first)}
    if part.state_size != part.hidden_size:
        options["proj_size"] = part.state_size
    module = unfilled(cell, part.input_size, part.hidden_size, **options)
    wide = part.weights["weight_hh_l0"].load().dtype
    module = module.to(wide)
    with torch.no_grad():
        for name, stored in part.weights.items():
            getattr(module, name).copy_(stored.load())
    return module.eval()


def embedding_of(matrix: Matrix | None) -> nn.Embedding | None:
    """Return an embedding with these weights."""
    if matrix is None:
        return None
    weight = matrix.weight.load().clone()  # the file may be mapped into memory
    return nn.Embedding(weight.shape[0], weight.shape[1], _weight=weight).eval()


def linear_of(matrix: Matrix | None) -> nn.Linear | None:
    """Return a linear layer with these weights."""
    if matrix is None:
        return None
    weight = matrix.weight.load()
    outputs, inputs = weight.shape
    linear = nn.Linear(inputs, outputs, bias=matrix.bias is not None, device="meta")
    linear = with_memory(linear).to(weight.dtype)
    with torch.no_grad():
        linear.weight.copy_(weight)
        if matrix.bias is not None:
            linear.bias.copy_(matrix.bias.load())
    return linear.eval()


def size_of(part: Part) -> int:
    """Return how many weights the part has."""
    total = 0
    for stored in part.weights.values():
        size = 1
        for length in stored.shape:
            size *= length
        total += size
    return total


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


def _left_alone(contents: Contents, part: Part, used: list[Matrix | None]) -> list[str]:
    taken = {matrix.name for matrix in used if matrix is not None}
    others = {one.name: None for one in (*contents.embeddings, *contents.linears)}
    left = [name for name in [*contents.parts, *others] if name not in taken | {part.name}]
    left += contents.left
    return [f"Left alone: {listed(left)}."] if left else []
