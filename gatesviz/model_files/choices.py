"""What a file leaves open: its recurrent parts, and for each the cells and matrices that fit."""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from gatesviz.cells import CELLS
from gatesviz.model_files.contents import Contents, Part
from gatesviz.model_files.formats import read_contents
from gatesviz.model_files.parts import size_of
from gatesviz.model_files.spelled import spelled_roles
from gatesviz.model_files.surroundings import (
    embeddings_that_fit,
    find_embedding,
    find_readout,
    following,
    readouts_that_fit,
)
from gatesviz.model_files.vocabulary import vocabulary_of

MOST_PARTS, MOST = 100, 20
"""How many recurrent parts are listed, and how many matrices for each."""


@dataclass(frozen=True)
class PartChoices:
    """One recurrent part of a file, and the arguments with which `open_model` can open it.

    Attributes:
        name: for ``part``; "" if its tensors have no prefix.
        sizes: cell and sizes in a few words.
        weights: how many weights it has.
        input_size: I.
        cells: for ``cell``: the keys that fit its shapes, or the only one if the file names it.
        cell: which of them `open_model` takes without an argument; None if it asks.
        embeddings, readouts: for ``embedding`` and ``readout``: the names that fit.
        embedding, readout: which of them `open_model` takes without an argument; None if none.
        spelled: whether the file has a vocabulary with an entry for each input.
        backwards: whether it reads a sequence from its last step to its first.
    """

    name: str
    sizes: str
    weights: int
    input_size: int
    cells: tuple[str, ...]
    embeddings: tuple[str, ...]
    readouts: tuple[str, ...]
    embedding: str | None
    readout: str | None
    spelled: bool
    cell: str | None = None
    backwards: bool = False


def choices_of(path: str | Path) -> tuple[PartChoices, ...]:
    """Return what has to be chosen to open a model file; one entry for each recurrent part.

    No weight is read.

    Raises:
        ValueError, OSError, ModuleNotFoundError: as `open_model`.
    """
    contents = read_contents(Path(path))
    return tuple(_of_part(contents, part) for part in islice(contents.parts.values(), MOST_PARTS))


def _of_part(contents: Contents, part: Part) -> PartChoices:
    roles = spelled_roles(contents, part, None)
    embedding = find_embedding(contents, part, None, roles).matrix
    readout = find_readout(contents, part, None, taken=embedding, roles=roles).matrix
    table = None if embedding is None else embedding.name
    inputs = [one.name for one in embeddings_that_fit(contents, part)]
    last = [
        one
        for one in readouts_that_fit(contents, part)
        if not (one.followed or following(contents, part, one, table))
    ]
    outputs = [one.name for one in last]
    answers = 0 if readout is None else readout.weight.shape[0]
    words, _ = vocabulary_of(
        None,
        [part.input_size],
        contents.extras,
        embedded=False,
        answers=answers,
        reader=[part.name],
    )
    return PartChoices(
        part.name,
        part.sizes,
        size_of(part),
        part.input_size,
        _cells(part),
        tuple(inputs[:MOST]),
        tuple(outputs[:MOST]),
        embedding.name if embedding is not None else None,
        readout.name if readout is not None else None,
        words is not None,
        part.cell,
        part.backwards,
    )


def _cells(part: Part) -> tuple[str, ...]:
    """Return the keys of the cells that the part can be, the likeliest first."""
    if part.cell is not None and (part.declared or part.state_size != part.hidden_size):
        return (part.cell,)
    fits = [cell.key for cell in CELLS.values() if len(cell.blocks) == part.blocks]
    return tuple(sorted(fits, key=lambda key: key != part.cell))
