"""Tell an embedding from a readout without a bias where both fit a recurrent part by their shapes.

With I inputs and as many outputs, a matrix (N, I) can be an embedding of N entries or a linear
layer with N answers. Three things can show which: its name, the size of a vocabulary, and its
place in the file. PyTorch keeps the order in which a class defines its layers, and most classes
define the embedding before the recurrent layer and the readout after it.
"""

from collections.abc import Collection
from typing import NamedTuple

from gatesviz.model_files.contents import Contents, Matrix, Part, levels
from gatesviz.model_files.layer_names import named_embedding, named_readout

BEFORE, AFTER = "before", "after"


class Roles(NamedTuple):
    """What is known of the matrices that can be the embedding or the readout of a part.

    Attributes:
        embedding: the one that is the embedding, if that is known.
        readout: name of the one that isn't an embedding, because it comes after the part; or "".
        unsure: names of those for which the file doesn't show it.
        placed: whether only the place in the file shows which one the embedding is.
        spelled: whether the embedding is the only matrix with as many rows as the vocabulary that
            the caller passed has entries.
    """

    embedding: Matrix | None = None
    readout: str = ""
    unsure: tuple[str, ...] = ()
    placed: bool = False
    spelled: bool = False


NOT_KNOWN = Roles()


def belongs(contents: Contents, part: Part, name: str) -> bool:
    """Return whether no other part shares more of a layer's name.

    "decoder.out" belongs to "decoder.rnn" and not to "encoder.rnn"; "out" may belong to both.
    """
    home = contents.homes[name]
    return levels(part.name)[: len(home)] == home


def is_square(part: Part, matrix: Matrix) -> bool:
    """Return whether a matrix could also be a linear layer before a part or next to it."""
    return matrix.weight.shape == (part.input_size, part.input_size)


def is_row(contents: Contents, matrix: Matrix) -> bool:
    """Return whether a matrix has one row, and neither its name nor the format says embedding.

    A table of one entry would tell nothing, but a layer with one answer, such as the score of an
    attention, has this shape.
    """
    alone = matrix.weight.shape[0] == 1 and matrix.name in contents.either
    return alone and not named_embedding(matrix.name)


def unnamed(contents: Contents, part: Part) -> list[Matrix]:
    """Return the matrices of which neither the shape nor the name shows if they are embeddings.

    A square matrix is among them, whatever the part gives.
    """
    return [
        one
        for one in contents.embeddings
        if one.name in contents.either
        and one.weight.shape[1] == part.input_size
        and (part.input_size == part.output_size or is_square(part, one))
        and not (named_embedding(one.name) or named_readout(one.name))
        and belongs(contents, part, one.name)
    ]


def side_of_part(contents: Contents, part: Part, name: str) -> str:
    """Return whether a matrix is `BEFORE` or `AFTER` a part in the file; "" if that says nothing.

    Some formats sort names. So a place counts only if the part's own weights are in the order of
    PyTorch, which isn't that of the alphabet.
    """
    here, there = contents.order.get(part.name), contents.order.get(name)
    if here is None or there is None or here[0] != there[0]:
        return ""
    return BEFORE if there < here else AFTER


def roles_of(contents: Contents, part: Part, spelled: Collection[int]) -> Roles:
    """Return what the unnamed matrices of a part are, as far as vocabulary and order show it.

    Args:
        contents: of the file.
        part: the recurrent part.
        spelled: how many entries the vocabulary has; empty if there is none.
    """
    found = unnamed(contents, part)
    squares = [one for one in found if is_square(part, one)]
    plain = [one for one in found if not is_square(part, one)]
    tables = [one for one in plain if one.weight.shape[0] in spelled] if spelled else plain
    sides = {one.name: side_of_part(contents, part, one.name) for one in found}
    answered = _has_readout(contents, part)
    tables = [  # a row is no embedding, and before the part or beside a readout no readout either
        one
        for one in tables
        if not (is_row(contents, one) and (sides[one.name] == BEFORE or answered))
    ]
    before = [one for one in tables if sides[one.name] == BEFORE]
    after = [one for one in tables if sides[one.name] == AFTER]
    unknown = [one for one in tables if not sides[one.name]]
    rivals = [one for one in squares if sides[one.name] != AFTER]
    if spelled and len(tables) == 1 and not after:
        return Roles(tables[0])
    if len(before) == 1 and not unknown and (spelled or not rivals):
        return Roles(before[0], placed=True)
    if not before and not after and len(unknown) == 1 and answered and not rivals:
        return Roles(unknown[0])
    if not before and not unknown and len(after) == 1 and not answered:
        return Roles(None, after[0].name)
    return Roles(unsure=tuple(one.name for one in tables))


def _has_readout(contents: Contents, part: Part) -> bool:
    """Return whether the file has a readout that can't be an embedding, by its bias or name."""
    return any(
        one.weight.shape[1] == part.output_size
        and (one.bias is not None or (named_readout(one.name) and not named_embedding(one.name)))
        and belongs(contents, part, one.name)
        for one in contents.linears
    )
