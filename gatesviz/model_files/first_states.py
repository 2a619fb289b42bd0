"""First states that a state dict has: learned ones, or those of the last sequence."""

import re
from collections.abc import Mapping
from math import prod

from gatesviz.model_files.contents import Contents, Part, Stored, levels

_STATE = r"(?:h|c|hx|cx|hid|hidden|cell|state)(?:_?states?)?"
FIRST_STATE = re.compile(
    rf"(?!weight|bias|[wb]_)(?:.*_)?(?:{_STATE}_?(?:0|init(?:ial)?|start)"
    rf"|(?:init(?:ial)?|start|learned)_?{_STATE}_?0?)|[hc]x|(?:hidden|cell)(?:_states?)?|states?",
    re.IGNORECASE | re.DOTALL,
)
"""The last part of the name of a first state, such as "h0", "init_hidden" or "cell_init"."""


def named_states(container: str, tensors: Mapping[str, Stored]) -> dict[str, Stored]:
    """Return the tensors of a container whose names say that they are first states."""
    return {
        f"{container}.{name}".removeprefix("."): stored
        for name, stored in tensors.items()
        if FIRST_STATE.fullmatch(name.rpartition(".")[2])
    }


def first_states(contents: Contents, part: Part) -> list[str]:
    """Return the names of first states that aren't zero, which the opened module doesn't have."""
    ways = 1 + part.bidirectional
    counts = {k * n for k in (1, part.layers) for n in (1, ways)}
    counts |= {2 * count for count in counts}  # h and c in one tensor
    found = []
    for name, stored in contents.states.items():
        *rest, size = stored.shape or (0,)
        fits = size in (part.hidden_size, part.state_size) and prod(rest) in counts
        home = contents.homes[name]
        if fits and levels(part.name)[: len(home)] == home and not _is_zero(stored):
            found.append(name)
    return found


def _is_zero(stored: Stored) -> bool:
    try:
        return not bool(stored.load().any())
    except ValueError:  # values that can't be used aren't zeros
        return False
