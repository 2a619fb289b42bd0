"""Find the embedding before a recurrent part and the linear layer after it, by shape and name."""

import re
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from gatesviz.model_files.contents import Around, Contents, Matrix, Part, levels, listed, quoted
from gatesviz.model_files.first_states import first_states

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[A-Z]")
"""A word of a name: "lmHead.out_1" has lm, Head and out."""
_ADDED = "layers?|lm|to|hid(?:den)?|h|w|table|matrix|vec(?:tor)?s?"
"""What names add to a word without a mark between them, as in "outputlayer"."""


def _any_of(words: str) -> re.Pattern[str]:
    """Return the pattern of a whole word that consists of some of ``words`` and of `_ADDED`."""
    return re.compile(rf"(?:{_ADDED})*(?:{words})(?:{words}|{_ADDED})*", re.IGNORECASE)


_EMBEDDING = _any_of(
    "emb(?:s|d|ed|eds|edder|edding|eddings)?|wte|lookup|encod(?:e|er|ing)|char(?:acter)?s?"
    "|tok(?:en)?s?|(?:sub)?words?|letters?|symbols?"
)
_READOUT = _any_of(
    "fcs?|lin(?:ear)?s?|out(?:put)?s?|readouts?|heads?|decod(?:e|ers?)"
    "|class(?:es|if|ify|ifiers?|ifications?)?|cls|clf|proj(?:s|ect|ections?|ectors?)?|logits?"
    "|denses?|final|pred(?:s|ict|ictions?|ictors?)?|generators?"
)
_TO = re.compile(
    r"(?:^|[._])(?:h|hid|hidden)2(?!(?:h|hid|hidden)(?:$|[\W\d_]))|(?:^|[._])to_", re.IGNORECASE
)
"""The beginning of a readout's name such as h2o, hidden2tag or to_vocab. h2h leads back to h."""


def _named_embedding(name: str) -> bool:
    return any(_EMBEDDING.fullmatch(word) for word in _WORD.findall(name))


def _named_readout(name: str) -> bool:
    return bool(_TO.search(name)) or any(_READOUT.fullmatch(w) for w in _WORD.findall(name))


WHOLE = (
    "In Python, gatesviz.record_inside(model) records the recurrent layers while your whole model"
    " runs."
)
Name = str | Literal[False] | None
"""The name of a matrix; None to choose by shape and name; False for none."""


class LeftOut(NamedTuple):
    """Names of layers that aren't opened, by where they stand or, by their sizes, could stand.

    Attributes:
        before: between the embedding or the input and the module; also first states of the module.
        after: between the module and the readout.
    """

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


NOTHING = LeftOut()


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
    square = dict[str, None]()
    if name is None:  # a linear layer without bias has the shape of an embedding
        near = _belonging(contents, part, fits)
        square = {one.name: None for one in near if _unclear(contents, part, one)}
        fits = [one for one in fits if _named_embedding(one.name) or not _named_readout(one.name)]
        fits = [one for one in fits if one.name not in square]
    found = _chosen(contents, part, fits, name, "embedding", _named_embedding)
    if found.matrix is None and not found.note and square:
        told = f"{listed([*square], 3)} could be the embedding, or a linear layer without a bias."
        return Found(None, f"{told} To use it as the embedding, choose it with embedding=.")
    if found.matrix is None:
        return found
    rows, columns = found.matrix.weight.shape
    note = f"{quoted(found.matrix.name)} is the embedding: V={rows}, I={columns}."
    return Found(found.matrix, note + _between(contents, part, part.input_size, "embedding"))


def _unclear(contents: Contents, part: Part, matrix: Matrix) -> bool:
    """Return whether neither the shape nor the name shows if a matrix is an embedding.

    A square matrix can just as well be a linear layer without a bias, before the part or after it.
    """
    square = matrix.weight.shape == (part.input_size, part.input_size)
    named = _named_embedding(matrix.name) or _named_readout(matrix.name)
    return square and not named and matrix.name in contents.either


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
        fits = [one for one in others if one.bias is not None]
        fits = fits or [one for one in others if not _unclear(contents, part, one)]
    found = _chosen(contents, part, fits, name, "readout", _named_readout)
    if found.matrix is None:
        return found
    rows, columns = found.matrix.weight.shape
    if found.matrix.followed:
        return _followed(found.matrix, name)
    after = [one.name for one in following(contents, part, found.matrix)]
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
    parts = [
        each for each, one in contents.parts.items()
        if one is not part and one.output_size == part.output_size
    ]  # fmt: skip
    if name is None and parts and found.matrix.reads is None:
        note += f" The file doesn't say which part it reads: {listed(parts, 3)} fits, too."
    return Found(found.matrix, note + _between(contents, part, part.output_size, "readout"))


def _followed(readout: Matrix, name: Name) -> Found:
    """Return a readout whose values go on, as the file shows; no matrix without its ``name``."""
    after, first = readout.followed or (), quoted(readout.name)
    they, them = ("changes", "it") if len(after) == 1 else ("change", "them")
    told = f"{listed(after, 3)} {they} the values of {first}. gatesviz doesn't compute {them}"
    if name is None:
        return Found(None, f"{told}, so no answers are shown. {WHOLE}")
    return Found(readout, f"{told}: the answers are those without {them}.")


def following(contents: Contents, part: Part, readout: Matrix) -> list[Matrix]:
    """Return the linear layers that can read what ``readout`` gives, by sizes.

    There is none where the file shows how its layers are connected. A layer that reads the part's
    output isn't one. The order in a file counts only for a layer that can also be before the part:
    some formats sort names.
    """
    if readout.followed is not None:
        return []
    names, rows = [one.name for one in contents.linears], readout.weight.shape[0]
    tables = {one.name for one in contents.embeddings if _named_embedding(one.name)}
    if rows == part.output_size:
        return []
    fits = [
        one
        for place, one in enumerate(contents.linears)
        if one.weight.shape[1] == rows
        and one.name not in tables | {readout.name}
        and (one.weight.shape[0] != part.input_size or place > names.index(readout.name))
    ]
    return _belonging(contents, part, fits)


def left_out(contents: Contents, part: Part, used: Sequence[Matrix | None]) -> LeftOut:
    """Return the layers that stand, or could stand, before the part or its readout.

    Args:
        contents: of the file.
        part: the recurrent part that is opened.
        used: the embedding and the readout that are opened with it.
    """
    readout, known = used[-1], contents.around.get(part.name, Around())
    linear = _unused(contents, part, used)
    before = _before(contents, part, linear)
    after = [one.name for one in _beside(part, linear) if _can_be_between(part, one)]
    before += _others(contents, part, gives=part.input_size)
    after += _others(contents, part, takes=part.output_size)
    if known.before is not None:
        before = [*known.before]
    if known.after is not None:  # a readout that isn't apart reads the part itself
        after = [*known.after] if readout is not None and readout.apart else []
    before += first_states(contents, part)
    return LeftOut(tuple(before), tuple(after) if readout is not None else ())


def _beside(part: Part, linear: Sequence[Matrix]) -> list[Matrix]:
    """Return the linear layers that take the part's output.

    A matrix without a bias can be an embedding of something else, too, unless its sizes or its name
    are those of a layer between the part and the readout.
    """
    return [
        one
        for one in linear
        if one.weight.shape[1] == part.output_size
        and (one.bias is not None or _named_readout(one.name) or _can_be_between(part, one))
    ]


def _can_be_between(part: Part, layer: Matrix) -> bool:
    """Return whether a layer can be an attention, or give the readout what the part gives."""
    return layer.weight.shape[0] in (1, part.output_size) or "att" in layer.name.lower()


def _others(
    contents: Contents, part: Part, *, gives: int | None = None, takes: int | None = None
) -> list[str]:
    """Return the normalisations, attentions and convolutions with these sizes."""
    return [
        name
        for name, (taken, given) in contents.others.items()
        if gives in (None, given) and takes in (None, taken) and _belongs(contents, part, name)
    ]


def _unused(contents: Contents, part: Part, used: Sequence[Matrix | None]) -> list[Matrix]:
    """Return the linear layers around a part that aren't opened."""
    taken = {one.name for one in used if one is not None}
    return [
        one
        for one in _belonging(contents, part, contents.linears)
        if one.name not in taken
        and (
            one.bias is not None
            or _named_readout(one.name)
            or (one.name in contents.either and not _named_embedding(one.name))
        )
    ]


def _before(contents: Contents, part: Part, linear: Sequence[Matrix]) -> list[str]:
    """Return which linear layers could come before the part.

    A forecast gives as many numbers as the part reads, so layers that read the part, or that can
    follow one, are none.
    """
    heads, later = set[int](), set[str]()
    for one in contents.linears:
        gives, takes = one.weight.shape
        if takes in heads:
            later.add(one.name)
        if takes == part.output_size != part.input_size:
            heads.add(gives)
            later.add(one.name)
    return [
        one.name
        for one in linear
        if one.weight.shape[0] == part.input_size and one.name not in later
    ]


def unseen(contents: Contents, part: Part, used: Sequence[Matrix | None]) -> list[str]:
    """Return sentences on first states and linear layers that are ignored."""
    others = _unused(contents, part, used)
    before = _before(contents, part, others)
    beside = [one.name for one in _beside(part, others)]
    known, readout = contents.around.get(part.name, Around()), used[-1]
    if known.before is not None:
        before = [name for name in before if name in known.before]
    if known.after is not None and not (readout is not None and readout.apart):
        beside = []
    notes = []
    if states := first_states(contents, part):
        notes.append(
            f"{listed(states, 3)} can be the first state of the module. Here it starts from zeros,"
            " so its numbers can differ from the model's."
        )
    if before:
        give, are = ("gives", "it is") if len(before) == 1 else ("give", "they are")
        notes.append(
            f"{listed(before, 3)} {give} {part.input_size} values and can come before the module,"
            f" but {are} ignored. If so, the module must be given those values, and the numbers"
            " shown aren't the whole model's."
        )
    if beside and readout is not None:
        take, are = ("takes", "it is") if len(beside) == 1 else ("take", "they are")
        notes.append(
            f"{listed(beside, 3)} {take} the module's {part.output_size} values, but {are} ignored."
            " If that is an attention or comes before the readout, the answers shown aren't the"
            " whole model's."
        )
    return notes


def _between(contents: Contents, part: Part, size: int, what: str) -> str:
    """Return that layers of this size may be next to the matrix, after a space, or ""."""
    sizes = {"gives": size} if what == "embedding" else {"takes": size}
    names = _others(contents, part, **sizes)
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
        if between and same and _belonging(contents, other, [matrix]):
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


def _belonging(contents: Contents, part: Part, fits: Sequence[Matrix]) -> list[Matrix]:
    return [one for one in fits if _belongs(contents, part, one.name)]


def _belongs(contents: Contents, part: Part, name: str) -> bool:
    """Return whether no other part shares more of a layer's name.

    "decoder.out" belongs to "decoder.rnn" and not to "encoder.rnn"; "out" may belong to both.
    """
    home = contents.homes[name]
    return levels(part.name)[: len(home)] == home


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
    fits = _belonging(contents, part, [one for one in fits if not one.apart])
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
