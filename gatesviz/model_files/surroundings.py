"""Find the embedding before a recurrent part and the linear layer after it, by shape and name."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal, NamedTuple

from gatesviz.model_files.contents import Contents, Matrix, Part, listed, quoted
from gatesviz.model_files.layer_names import named_embedding, named_readout
from gatesviz.model_files.roles import (
    AFTER,
    BEFORE,
    NOT_KNOWN,
    Roles,
    belongs,
    is_row,
    is_square,
    side_of_part,
    unnamed,
)

WHOLE = (
    "In Python, gatesviz.record_inside(model) records the recurrent layers while your whole model"
    " runs."
)
_SEVERAL, EMBEDDING = "Several matrices fit as the embedding", "Choose one with embedding=."
Name = str | Literal[False] | None
"""The name of a matrix; None to choose by shape and name; False for none."""


class Found(NamedTuple):
    """A matrix with a note on it; or no matrix, with a note if it is worth one."""

    matrix: Matrix | None
    note: str


def find_embedding(contents: Contents, part: Part, name: Name, roles: Roles = NOT_KNOWN) -> Found:
    """Return the embedding whose vectors have the part's input size.

    ``roles`` says which of the matrices is one where shapes and names don't.

    Raises:
        ValueError: if there is none with this ``name``.
    """
    if name is False:
        return Found(None, "")
    fits, square = embeddings_that_fit(contents, part), list[str]()
    side = partial(side_of_part, contents, part)
    if name is None:  # a linear layer without bias has the shape of an embedding
        fits = [one for one in fits if not is_row(contents, one)]
        unclear = [one for one in unnamed(contents, part) if not is_row(contents, one)]
        square = [one.name for one in unclear if is_square(part, one)]
        names = {one.name for one in unclear}
        fits = [one for one in fits if named_embedding(one.name) or not named_readout(one.name)]
        fits = [one for one in fits if one.name not in names]
        late = [one.name for one in belonging(contents, part, fits) if side(one.name) == AFTER]
        plain = [one.name for one in unclear if not is_square(part, one)]
        early = [one for one in plain if side(one) == BEFORE]
        if early and len(late) == len(belonging(contents, part, fits)) > 0 and not roles.spelled:
            return Found(None, f"{_SEVERAL}: {listed([*early, *late], 4)}. {EMBEDDING}")
        if roles.embedding and (roles.spelled or not belonging(contents, part, fits)):
            fits = [roles.embedding]
    found = _chosen(contents, part, fits, name, "embedding", named_embedding)
    if found.matrix is None:
        return found if found.note else Found(None, _asked(square, roles))
    rows, columns = found.matrix.weight.shape
    note = f"{quoted(found.matrix.name)} is the embedding: V={rows}, I={columns}."
    if name is None and roles.placed and found.matrix is roles.embedding:
        note += (
            " The file lists it before the module. If another matrix is the embedding, choose it"
            " with embedding=."
        )
    return Found(found.matrix, note + _between(contents, part, part.input_size, "embedding"))


def _asked(square: list[str], roles: Roles) -> str:
    """Return which matrices could be the embedding, and what to do; "" if none could."""
    names = [*roles.unsure, *square]
    if not names:
        return ""
    if len(roles.unsure) == 0:
        told = f"{listed(names, 3)} could be the embedding, or a linear layer without a bias."
        return f"{told} To use it as the embedding, choose it with embedding=."
    if len(names) > 1:
        return f"{_SEVERAL}: {listed(names, 4)}. {EMBEDDING}"
    return (
        f"{listed(names)} could be the embedding or the readout. To use it as the embedding,"
        " choose it with embedding=. To use it as the readout, choose it with readout=."
    )


def find_readout(
    contents: Contents,
    part: Part,
    name: Name,
    *,
    taken: Matrix | Literal[False] | None,
    roles: Roles = NOT_KNOWN,
) -> Found:
    """Return the linear layer that reads the part's output.

    Args:
        contents: of the file.
        part: the recurrent part.
        name: of the layer, if the caller chose one.
        taken: the embedding; False if the caller says that there is none, None if none is known.
        roles: which of the matrices is a readout where shapes and names don't show it.

    Raises:
        ValueError: if there is none with this ``name``.
    """
    if name is False:
        return Found(None, "")
    fits = readouts_that_fit(contents, part)
    table = taken.name if taken else None
    free = [one for one in fits if one.name != table]
    if name is None:
        fits = [one for one in free if one.bias is not None]
        fits = fits or _without_bias(contents, part, free, roles, taken)
    found = _chosen(contents, part, fits, name, "readout", named_readout)
    if found.matrix is None:
        return found
    rows, columns = found.matrix.weight.shape
    if found.matrix.followed:
        return _followed(found.matrix, name)
    after = [one.name for one in following(contents, part, found.matrix, table)]
    if after:
        first = quoted(found.matrix.name)
        count = "two" if len(after) == 1 else f"{1 + len(after)}"
        told = (
            f"{first} and {listed(after, 3)} are {count} linear layers after the module. The file"
            " doesn't say what stands between them"
        )
        if name is None:
            return Found(None, f"{told}, so no answers are shown. {WHOLE}")
        return Found(found.matrix, f"{told}. The values of {first} aren't the model's answers.")
    note = f"{quoted(found.matrix.name)} is the readout: from {columns} to {rows}."
    if name is None and found.matrix.name == roles.readout:
        note += (
            " The file lists it after the module. If it is the embedding, choose it with"
            " embedding=."
        )
    parts = [
        each for each, one in contents.parts.items()
        if one is not part and one.output_size == part.output_size
    ]  # fmt: skip
    if name is None and parts and found.matrix.reads is None:
        note += f" The file doesn't say which part it reads: {listed(parts, 3)} fits, too."
    return Found(found.matrix, note + _between(contents, part, part.output_size, "readout"))


def _without_bias(
    contents: Contents,
    part: Part,
    free: Sequence[Matrix],
    roles: Roles,
    taken: Matrix | Literal[False] | None,
) -> list[Matrix]:
    """Return the layers without a bias that can be the readout, if it is known which are none.

    Args:
        contents: of the file.
        part: the recurrent part.
        free: the layers that fit and aren't the embedding.
        roles: what is known of those without a usual name.
        taken: as of `find_readout`.
    """
    ordered = not taken or side_of_part(contents, part, taken.name) != AFTER
    unclear = {one.name: one for one in unnamed(contents, part)}
    return [
        one
        for one in free
        if one.name not in unclear
        or one.name == roles.readout
        or (
            taken is not None
            and not is_square(part, one)
            and not (ordered and side_of_part(contents, part, one.name) == BEFORE)
        )
    ]


def _followed(readout: Matrix, name: Name) -> Found:
    """Return a readout whose values go on, as the file shows; no matrix without its ``name``."""
    after, first = readout.followed or (), quoted(readout.name)
    they, them = ("changes", "it") if len(after) == 1 else ("change", "them")
    told = f"{listed(after, 3)} {they} the values of {first}. gatesviz doesn't compute {them}"
    if name is None:
        return Found(None, f"{told}, so no answers are shown. {WHOLE}")
    return Found(readout, f"{told}: the answers are those without {them}.")


def following(
    contents: Contents, part: Part, readout: Matrix, embedding: str | None = None
) -> list[Matrix]:
    """Return the linear layers that can read what ``readout`` gives, by sizes.

    There is none where the file shows how its layers are connected. The ``embedding`` isn't one,
    nor is a layer that reads the part's output. The order in a file counts only for a layer that
    can also be before the part: some formats sort names.
    """
    if readout.followed is not None:
        return []
    names, rows = [one.name for one in contents.linears], readout.weight.shape[0]
    tables = {one.name for one in contents.embeddings if named_embedding(one.name)}
    if rows == part.output_size:
        return []
    fits = [
        one
        for place, one in enumerate(contents.linears)
        if one.weight.shape[1] == rows
        and one.name not in tables | {readout.name, embedding}
        and (one.weight.shape[0] != part.input_size or place > names.index(readout.name))
    ]
    return belonging(contents, part, fits)


def others(
    contents: Contents, part: Part, *, gives: int | None = None, takes: int | None = None
) -> list[str]:
    """Return the normalisations, attentions and convolutions with these sizes."""
    return [
        name
        for name, (taken, given) in contents.others.items()
        if gives in (None, given) and takes in (None, taken) and belongs(contents, part, name)
    ]


def _between(contents: Contents, part: Part, size: int, what: str) -> str:
    """Return that layers of this size may be next to the matrix, after a space, or ""."""
    sizes = {"gives": size} if what == "embedding" else {"takes": size}
    names = others(contents, part, **sizes)
    if not names:
        return ""
    them = "it" if len(names) == 1 else "them"
    return (
        f" {listed(names, 3)} could stand between the module and the {what}. The numbers shown are"
        f" those without {them}."
    )


def _rivals(contents: Contents, part: Part, matrix: Matrix, what: str) -> list[str]:
    """Return other parts that could be between the part and a matrix, by order and sizes."""
    if matrix.reads is not None:
        return []
    names = [*contents.parts]
    here = names.index(part.name)
    found = []
    for place, (name, other) in enumerate(contents.parts.items()):
        if what == "readout":
            between = place > here and other.input_size == part.output_size
            between = between and other.output_size == part.output_size
        else:
            between = place < here and other.output_size == part.input_size
            between = between and other.input_size == part.input_size
        same = contents.places.get(name) == contents.places.get(part.name)
        if between and same and belonging(contents, other, [matrix]):
            found.append(name)
    return found


def embeddings_that_fit(contents: Contents, part: Part) -> list[Matrix]:
    """Return the matrices whose rows have the part's input size."""
    return [one for one in contents.embeddings if one.weight.shape[1] == part.input_size]


def readouts_that_fit(contents: Contents, part: Part) -> list[Matrix]:
    """Return the linear layers that read as many values as the part has outputs.

    Layers that others can follow are among them.
    """
    return [
        one
        for one in contents.linears
        if one.weight.shape[1] == part.output_size and (one.reads is None or part.name in one.reads)
    ]


def belonging(contents: Contents, part: Part, fits: Sequence[Matrix]) -> list[Matrix]:
    """Return the layers that belong to a part rather than to another one, by their names."""
    return [one for one in fits if belongs(contents, part, one.name)]


def _chosen(
    contents: Contents,
    part: Part,
    fits: Sequence[Matrix],
    name: str | None,
    what: str,
    usual: Callable[[str], bool],
) -> Found:
    if name is not None:
        for one in fits:
            if one.name == name:
                return Found(one, "")
        choices = ", ".join(quoted(one.name) for one in fits) or "none: no matrix has its size"
        several = "one of " if len(fits) > 1 else ""
        raise ValueError(f"{what}: expected {several}{choices}, got {quoted(name)}")
    apart = [one.name for one in fits if one.apart]
    fits = belonging(contents, part, [one for one in fits if not one.apart])
    if apart and not fits:
        return Found(
            None,
            f"{listed(apart, 3)} could be the {what}, but other layers are between. To use it"
            f" without them, choose it with {what}=.",
        )
    near = [one for one in fits if one.place == contents.places.get(part.name)] or fits
    named = [one for one in near if usual(one.name)] or near
    if len(named) == 1:
        rivals = _rivals(contents, part, named[0], what)
        if not rivals:
            return Found(named[0], "")
        return Found(
            None,
            f"{quoted(named[0].name)} fits as the {what}, but {listed(rivals, 3)} could come"
            f" between. If not, choose it with {what}=.",
        )
    if not named:
        return Found(None, "")
    several = ", ".join(quoted(one.name) for one in named[:4])
    return Found(None, f"Several matrices fit as the {what}: {several}. Choose one with {what}=.")
