"""Find the embedding before a recurrent part and the linear layer after it, by shape and name."""

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import Literal, NamedTuple

from gatesviz.model_files.contents import Contents, Matrix, Part, levels, quoted

_EMBEDDING = re.compile(r"emb|wte|lookup|encoder|char|token|word", re.IGNORECASE)
_READOUT = re.compile(
    r"fc|lin|out|head|decod|class|proj|logit|dense|final|pred|generator|h2o|hid2|to_", re.IGNORECASE
)


Name = str | Literal[False] | None
"""The name of a matrix; None to choose by shape and name; False for none."""


class Found(NamedTuple):
    """A matrix with a note on it; or no matrix, with a note if it is worth one."""

    matrix: Matrix | None
    note: str


def find_embedding(contents: Contents, part: Part, name: Name) -> Found:
    """Return the embedding whose vectors have the part's input size.

    Raises:
        ValueError: if there is none with this ``name``.
    """
    if name is False:
        return Found(None, "")
    fits = embeddings_that_fit(contents, part)
    found = _chosen(contents, part, fits, name, "embedding", _EMBEDDING)
    if found.matrix is None:
        return found
    rows, columns = found.matrix.weight.shape
    return Found(
        found.matrix, f"{quoted(found.matrix.name)} is the embedding: V={rows}, I={columns}."
    )


def find_readout(contents: Contents, part: Part, name: Name, *, taken: object) -> Found:
    """Return the linear layer that reads the part's output.

    Raises:
        ValueError: if there is none with this ``name``.
    """
    if name is False:
        return Found(None, "")
    fits = readouts_that_fit(contents, part)
    others = [one for one in fits if not (isinstance(taken, Matrix) and one.name == taken.name)]
    if name is None:
        fits = [one for one in others if one.bias is not None] or others
    found = _chosen(contents, part, fits, name, "readout", _READOUT)
    if found.matrix is None:
        return found
    rows, columns = found.matrix.weight.shape
    return Found(
        found.matrix, f"{quoted(found.matrix.name)} is the readout: from {columns} to {rows}."
    )


def embeddings_that_fit(contents: Contents, part: Part) -> list[Matrix]:
    """Return the matrices whose rows have the part's input size."""
    return [one for one in contents.embeddings if one.weight.shape[1] == part.input_size]


def readouts_that_fit(contents: Contents, part: Part) -> list[Matrix]:
    """Return the linear layers that read as many values as the part has outputs."""
    return [one for one in contents.linears if one.weight.shape[1] == part.output_size]


def _belongs(contents: Contents, part: Part, matrix: Matrix) -> bool:
    """Return whether no other part shares more of its name with the matrix.

    "decoder.out" belongs to "decoder.rnn" and not to "encoder.rnn"; "out" may belong to both.
    """

    own, name = levels(part.name), levels(matrix.name)
    shared = sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(own, name, strict=False))
    )
    return shared == len(name) or name[: shared + 1] not in contents.beginnings


def _chosen(
    contents: Contents,
    part: Part,
    fits: Sequence[Matrix],
    name: str | None,
    what: str,
    usual: re.Pattern[str],
) -> Found:
    if name is not None:
        for one in fits:
            if one.name == name:
                return Found(one, "")
        choices = ", ".join(quoted(one.name) for one in fits) or "none: no matrix has its size"
        raise ValueError(f"{what}: expected one of {choices}, got {quoted(name)}")
    fits = [one for one in fits if _belongs(contents, part, one)]
    near = [one for one in fits if one.place == contents.places.get(part.name)] or fits
    named = [one for one in near if usual.search(one.name)] or near
    if len(named) == 1:
        return Found(named[0], "")
    if not named:
        return Found(None, "")
    several = ", ".join(quoted(one.name) for one in named[:4])
    return Found(None, f"Several matrices fit as the {what}: {several}. Choose one with {what}=.")
