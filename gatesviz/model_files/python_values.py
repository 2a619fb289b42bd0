"""Values as Python and NumPy print them: lists, tuples and dicts of texts and whole numbers.

Nothing is executed. Before `ast.literal_eval` sees a text, a regular expression accepts its parts:
texts in quotes, whole numbers, brackets, commas and colons. Of NumPy's ``np.str_('a')``, only the
value inside is kept. The depth is bounded, because a deep text could exhaust the stack of Python's
parser.
"""

import ast
import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from gatesviz.model_files.contents import quoted

INCOMPLETE = "it begins as a list or mapping, but isn't a complete one in JSON or Python"
DEPTH = 8
"""Brackets inside each other."""
MOST = 2_000_000
"""Characters. Python's syntax tree takes up to a hundred bytes for each."""
_NAME = re.compile(r"\s*[A-Za-z_][\w.]*\s*(?::[^=\n]{0,80})?=(?!=)\s*")
_WRAPPER = re.compile(r"\s*[A-Za-z_][\w.]*\(\s*(?=[\[({])")
_DTYPE = re.compile(r",\s*dtype=[\w.<>=|'\"\[\]]{1,40}\s*$")
_TEXT = r"[bBuU]?(?:'(?:[^'\\\n]|\\.)*+'|\"(?:[^\"\\\n]|\\.)*+\")"
_NUMBER = r"-?\d{1,12}(?![\w.])"
_PART = re.compile(
    rf"(?P<space>\s+)|(?P<text>{_TEXT})|(?P<number>{_NUMBER})"
    rf"|(?:np|numpy)\.(?:str_\((?P<scalar>{_TEXT})\)|u?int(?:\d+|_|p)\((?P<whole>{_NUMBER})\))"
    r"|(?P<open>[\[({])|(?P<close>[\])}])|(?P<mark>[,:])",
    re.DOTALL,
)
_KINDS = {"scalar": "text", "whole": "number"}
_BEGINS = re.compile(
    r"\s*[\[({]\s*(?:[bBuU]?['\"]|-?\d+\s*[,:\])}]|[\[({]\s*['\"\d]|[\w.]+\(['\"]"
    r"|(?:np|numpy)\.\w+\(-?\d)"
)


class RepeatedKeyError(ValueError):
    """A mapping has a key twice, so one of its entries would be lost."""


def bare(text: str) -> str:
    """Return ``text`` without a name in front, as in ``stoi = {…}``, or a wrapper around it.

    A wrapper is a call with one collection, as Python prints ``OrderedDict({…})``, or NumPy
    ``array([…], dtype='<U1')``.
    """
    begun = _NAME.sub("", text, count=1) if _NAME.match(text) else text
    if (wrapper := _WRAPPER.match(begun)) and begun.rstrip().endswith(")"):
        begun = _DTYPE.sub("", begun.rstrip()[wrapper.end() : -1])
    return begun if begun.lstrip()[:1] in ("[", "(", "{") else text


def looks_printed(text: str) -> bool:
    """Return whether ``text`` begins as a list, tuple or dict does in JSON or Python."""
    return bool(_BEGINS.match(text))


def python_value(text: str) -> object:
    """Return the list, tuple, dict or set that ``text`` holds, as Python or NumPy prints it.

    Raises:
        RepeatedKeyError: if a mapping has a key twice; Python keeps only the last one.
        ValueError: if it holds anything else, or is too long or too deep.
    """
    if len(text) > MOST:
        raise ValueError(f"it has {len(text):,} characters, expected up to {MOST:,}")
    plain = "".join(_plain_parts(text.strip()))
    try:
        tree = ast.parse(plain, mode="eval")
        value: object = ast.literal_eval(tree)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise ValueError(INCOMPLETE) from None
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            _check_keys(key.value for key in node.keys if isinstance(key, ast.Constant))
    return value


def json_value(text: str) -> Any:
    """Return what ``text`` holds in JSON.

    Raises:
        RepeatedKeyError: if a mapping has a key twice; `json.loads` keeps only the last one.
        ValueError, RecursionError: if it isn't JSON.
    """
    return json.loads(text, object_pairs_hook=_mapping)


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        _check_keys(key for key, _ in pairs)
    return found


def _check_keys(keys: Iterable[object]) -> None:
    for key, count in Counter(keys).most_common(1):
        if count > 1:
            raise RepeatedKeyError(f"{quoted(key)} occurs twice, expected different keys")


def _plain_parts(text: str) -> list[str]:
    """Return the parts of a text, without NumPy's names of types.

    NumPy prints the texts of an array without commas. Python would join them, so commas are added.

    Raises:
        ValueError: if a part is of another kind, too many brackets are open, or a comma is missing.
    """
    parts, position, depth, before = list[str](), 0, 0, ""
    marks = missing = 0
    while position < len(text):
        part = _PART.match(text, position)
        if part is None:
            raise ValueError(INCOMPLETE)
        kind = part.lastgroup or ""
        depth += (kind == "open") - (kind == "close")
        if depth > DEPTH:
            raise ValueError(f"it has more than {DEPTH} brackets inside each other")
        if kind != "space":
            kind = _KINDS.get(kind, kind)
            marks += kind == "mark"
            if kind == before == "text":
                missing += 1
                parts.append(",")
            before = kind
        parts.append(part[part.lastgroup or 0])
        position = part.end()
    if marks and missing:
        raise ValueError(INCOMPLETE)
    return parts
