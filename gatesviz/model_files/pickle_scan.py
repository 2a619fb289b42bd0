"""Look through a pickle without running it, before torch's own reader gets it.

``torch.load(weights_only=True)`` runs no code of a file, but some of the functions it allows
allocate as much memory as the file asks for. So only what state dicts need may be named.
"""

import pickletools
from typing import IO, NamedTuple

from gatesviz.model_files.vocabulary_names import is_vocabulary_name

OPERATIONS = 150_000
"""Most operations of a pickle: a state dict needs about 50 a tensor, a vocabulary 3 an entry."""
WORDS = 4
"""Most names of a vocabulary that are kept."""

_NEEDED = {
    "collections OrderedDict",
    "collections Counter",
    "collections defaultdict",
    "torch._utils _rebuild_tensor",
    "torch._utils _rebuild_tensor_v2",
    "torch._utils _rebuild_tensor_v3",
    "torch._utils _rebuild_parameter",
    "torch._utils _rebuild_parameter_with_state",
    "torch.nn.parameter Parameter",
    "torch Size",
    "torch device",
    "torch.serialization _get_layout",
    "builtins set",
    "__builtin__ set",
}
_FIRST = ("weight_hh_l0", "weight_hh")
"""Endings of a name that each recurrent part has once."""
_FOUND_IN = (
    *("state_dict", "model_state_dict", "model", "net", "network", "weights", "params", "state"),
)


class TooManyOperationsError(ValueError):
    """A pickle is too long. The message names the limit."""


class Scan(NamedTuple):
    """What a pickle names.

    Attributes:
        foreign: "module.name" of each class or function that state dicts don't need; "protocol 4"
            for those that a pickle of this protocol names.
        keys: those of `_FOUND_IN` that occur as text, in that order.
        numbers: the sum of all whole numbers above 1.
        end: where the pickle ends.
        parts: about how many recurrent parts it names.
        words: texts that are usual names of a vocabulary or of classes.
    """

    foreign: tuple[str, ...]
    keys: tuple[str, ...]
    numbers: int
    end: int
    parts: int
    words: tuple[str, ...] = ()


def scan(file: IO[bytes]) -> Scan:
    """Return what the pickle at the file's position names.

    Raises:
        TooManyOperationsError: if it has more than `OPERATIONS` operations.
        ValueError: if it is not a pickle, or damaged.
    """
    foreign: dict[str, None] = {}
    texts: set[str] = set()
    words: dict[str, None] = {}
    numbers, place, parts = 0, 0, 0
    for count, (operation, argument, position) in enumerate(pickletools.genops(file)):
        place = position or 0
        if count >= OPERATIONS:
            raise TooManyOperationsError(f"its pickle has more than {OPERATIONS:,} operations")
        if operation.name in ("GLOBAL", "INST"):
            if not _known(str(argument)):
                foreign[str(argument).replace(" ", ".")] = None
        elif operation.name == "STACK_GLOBAL":
            foreign["protocol 4"] = None  # its names are on the stack
        elif isinstance(argument, str):
            texts.add(argument) if argument in _FOUND_IN else None
            parts += argument.endswith(_FIRST)
            if len(words) < WORDS and is_vocabulary_name(argument):
                words[argument] = None
        elif type(argument) is int and "PUT" not in operation.name and argument > 1:
            numbers += argument if "GET" not in operation.name else 0
    keys = tuple(key for key in _FOUND_IN if key in texts)
    return Scan(tuple(foreign), keys, numbers, place + 1, parts, tuple(words))


def _known(name: str) -> bool:
    if name in _NEEDED:
        return True
    module, _, kind = name.partition(" ")
    return module == "torch" and (kind.endswith("Storage") or kind in _DTYPES)


_DTYPES = {
    *("float16", "bfloat16", "float32", "float64", "int8", "uint8", "int16", "int32", "int64"),
    *("bool", "strided", "contiguous_format", "preserve_format"),
}
