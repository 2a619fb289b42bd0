"""What a vocabulary shows of the matrices that can be an embedding: it has as many entries."""

from collections.abc import Iterable

from gatesviz.model_files.contents import Contents, Matrix, Part
from gatesviz.model_files.layer_names import named_embedding, named_readout
from gatesviz.model_files.roles import Roles, belongs, is_square, roles_of, unnamed
from gatesviz.model_files.vocabulary import Given, vocabulary_of


def spelled_roles(contents: Contents, part: Part, vocabulary: Given) -> Roles:
    """Return which unnamed matrices are an embedding or a readout, with the vocabulary's help.

    Args:
        contents: of the file.
        part: the recurrent part.
        vocabulary: what the caller passed; None to look for it in the checkpoint.
    """
    unclear = [one for one in unnamed(contents, part) if not is_square(part, one)]
    if vocabulary is None:
        sizes = dict.fromkeys(one.weight.shape[0] for one in unclear)
        return roles_of(contents, part, _spelled(None, sizes, contents, part))
    tables = [one for one in contents.embeddings if _can_be_table(contents, part, one)]
    sizes = dict.fromkeys(one.weight.shape[0] for one in tables)
    spelled = _spelled(vocabulary, {**sizes, part.input_size: None}, contents, part)
    fits = [one for one in tables if one.weight.shape[0] in spelled]
    if len(fits) == len(spelled) == 1 and part.input_size not in spelled:
        return Roles(fits[0], spelled=True)
    return roles_of(contents, part, spelled)


def _can_be_table(contents: Contents, part: Part, matrix: Matrix) -> bool:
    """Return whether a matrix can be the embedding of a part, by its sizes and its name."""
    fits = matrix.weight.shape[1] == part.input_size and not matrix.apart
    named = named_embedding(matrix.name) or not named_readout(matrix.name)
    return fits and named and belongs(contents, part, matrix.name)


def _spelled(vocabulary: Given, sizes: Iterable[int], contents: Contents, part: Part) -> list[int]:
    """Return which of the sizes the vocabulary has."""
    return [size for size in sizes if _has_entries(vocabulary, size, contents, part)]


def _has_entries(vocabulary: Given, size: int, contents: Contents, part: Part) -> bool:
    """Return whether the vocabulary has this number of entries."""
    try:
        words, _ = vocabulary_of(
            vocabulary,
            [size],
            contents.extras,
            embedded=False,
            answers=size,
            reader=[part.name],
        )
    except (ValueError, TypeError, OSError):  # said where it is opened
        return False
    return words is not None
