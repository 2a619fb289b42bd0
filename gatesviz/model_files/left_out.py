"""Layers next to a recurrent part that aren't opened, and what that means for the numbers."""

from collections.abc import Sequence
from typing import NamedTuple

from gatesviz.model_files.contents import Around, Contents, Matrix, Part, listed
from gatesviz.model_files.first_states import first_states
from gatesviz.model_files.layer_names import named_embedding, named_readout
from gatesviz.model_files.surroundings import belonging, others


class LeftOut(NamedTuple):
    """Names of layers that aren't opened, by where they stand or, by their sizes, could stand.

    Attributes:
        before: between the embedding or the input and the module; also first states of the module.
        after: between the module and the readout.
    """

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


NOTHING = LeftOut()


def unopened(
    contents: Contents, part: Part, used: Sequence[Matrix | None]
) -> tuple[LeftOut, list[str]]:
    """Return the layers that stand, or could stand, next to a part, and sentences on them.

    Where the file shows how its layers are connected, only what it shows counts.

    Args:
        contents: of the file.
        part: the recurrent part that is opened.
        used: the embedding and the readout that are opened with it.
    """
    readout, known = used[-1], contents.around.get(part.name, Around())
    linear, states = _unused(contents, part, used), first_states(contents, part)
    before, beside = _before(contents, part, linear), _beside(part, linear)
    standing = (*before, *others(contents, part, gives=part.input_size))
    if known.before is not None:
        standing, before = known.before, [name for name in before if name in known.before]
    after = tuple(one.name for one in beside if _can_be_between(part, one))
    after += tuple(others(contents, part, takes=part.output_size))
    if known.after is not None:
        after = known.after
        if readout is None or not readout.apart:  # it reads the part itself
            after, beside = (), []
    if readout is None:
        after, beside = (), []
    left = LeftOut((*standing, *states), after)
    return left, _sentences(part, states, before, [one.name for one in beside])


def _sentences(part: Part, states: list[str], before: list[str], beside: list[str]) -> list[str]:
    """Return sentences on first states and linear layers that are ignored."""
    notes = []
    if states:
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
    if beside:
        take, are = ("takes", "it is") if len(beside) == 1 else ("take", "they are")
        notes.append(
            f"{listed(beside, 3)} {take} the module's {part.output_size} values, but {are} ignored."
            " If that is an attention or comes before the readout, the answers shown aren't the"
            " whole model's."
        )
    return notes


def _beside(part: Part, linear: Sequence[Matrix]) -> list[Matrix]:
    """Return the linear layers that take the part's output.

    A matrix without a bias can be an embedding of something else, too, unless its sizes or its name
    are those of a layer between the part and the readout.
    """
    return [
        one
        for one in linear
        if one.weight.shape[1] == part.output_size
        and (one.bias is not None or named_readout(one.name) or _can_be_between(part, one))
    ]


def _can_be_between(part: Part, layer: Matrix) -> bool:
    """Return whether a layer can be an attention, or give the readout what the part gives."""
    return layer.weight.shape[0] in (1, part.output_size) or "att" in layer.name.lower()


def _unused(contents: Contents, part: Part, used: Sequence[Matrix | None]) -> list[Matrix]:
    """Return the linear layers around a part that aren't opened."""
    taken = {one.name for one in used if one is not None}
    return [
        one
        for one in belonging(contents, part, contents.linears)
        if one.name not in taken
        and (
            one.bias is not None
            or named_readout(one.name)
            or (one.name in contents.either and not named_embedding(one.name))
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
