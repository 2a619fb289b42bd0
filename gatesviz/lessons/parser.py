"""Read a lesson from its text file, and say what is wrong with it in one sentence.

The file begins with TOML between two lines ``+++``: title, minutes, after, and builds_on if it
needs earlier lessons. Each step is a heading ``## Title``, a block of TOML fenced as
```` ```toml ````, and a text. A line ``---`` separates the text from what follows after the check.
`gatesviz/lessons/texts/01_memory.md` has everything else.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from functools import partial
from hashlib import sha256
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from gatesviz.lessons.lesson import HIDDEN_PARTS, Check, Lesson, Step
from gatesviz.lessons.markup import blocks, plain
from gatesviz.lessons.measures import find_measure

MOST_WORDS, MOST_MINUTES = 90, 15
FRONT = re.compile(r"\+\+\+\n(.*?)\n\+\+\+\n(.*)", re.DOTALL)
"""TOML between two lines ``+++``, then the rest of a file."""
_STEP = re.compile(r"```toml\n(.*?)\n```\n?(.*)", re.DOTALL)
_PAGE = re.compile("[a-z_]+")
_KEY = re.compile("[A-Za-z_][A-Za-z0-9_]*")
_FOLLOWS = re.compile(r"^---\s*$", re.MULTILINE)
T = TypeVar("T")


class LessonError(ValueError):
    """A fault in a lesson's file. The message names the file and the step."""


def read_lesson(name: str, source: str) -> Lesson:
    """Return the lesson in ``source``.

    Args:
        name: its name in links, which is also part of every message.
        source: the text of the file.

    Raises:
        LessonError: if the file has a fault.
    """
    found = FRONT.fullmatch(source)
    if found is None:
        raise LessonError(f"{name}: expected TOML between two lines +++ at the top")
    front = _at(name, lambda: _front(found[1]))
    before, *parts = re.split(r"^## ", found[2], flags=re.MULTILINE)
    if before.strip() or not parts:
        raise LessonError(f"{name}: expected a heading “## …” for each step after the second +++")
    steps = []
    turn = sha256(name.encode()).digest()[0]  # so lessons don't all begin with the same place
    for number, part in enumerate(parts, 1):
        title, _, body = part.partition("\n")
        where = f"{name}, step {number} (“{title.strip()}”)"
        turn += 1
        steps.append(_at(where, partial(_step, title.strip(), body, turn)))
    builds_on = tuple(front.get("builds_on", ()))
    return Lesson(name, front["title"], front["minutes"], front["after"], tuple(steps), builds_on)


def _at(where: str, read: Callable[[], T]) -> T:
    """Return what ``read`` returns; its error says where it was."""
    try:
        return read()
    except ValueError as error:
        raise LessonError(f"{where}: {error}") from None


def _front(text: str) -> Mapping[str, Any]:
    front = tomllib.loads(text)
    kinds = {"title": str, "minutes": int, "after": str, "builds_on": list}
    expect_keys(front, kinds, ("title", "minutes", "after"))
    for name in front.get("builds_on", ()):
        if not isinstance(name, str):
            raise ValueError(f"builds_on: expected names in quotation marks, got {name!r}")
    if not 1 <= front["minutes"] <= MOST_MINUTES:
        raise ValueError(f"minutes = {front['minutes']}: expected 1 to {MOST_MINUTES}")
    return front


def _step(title: str, body: str, place: int) -> Step:
    found = _STEP.fullmatch(body.strip())
    if found is None:
        raise ValueError("expected a block ```toml … ``` right after the heading, then a text")
    block = tomllib.loads(found[1])
    kinds = {"view": str, "show": list, "hide": list, "look": str, "measure": str}
    kinds["check"] = dict
    expect_keys(block, kinds, ("view",))
    page, query = _view(block["view"])
    text, *follows = (part.strip() for part in _FOLLOWS.split(found[2]))
    if len(follows) > 1:
        raise ValueError("expected at most one line ---")
    _prose(text, "the text")
    check = _check(block["check"], "check", place) if "check" in block else None
    if follows:
        if check is None:
            raise ValueError("there is no check, so nothing can follow it: remove the line ---")
        _prose(follows[0], "the text after ---")
    if block.get("measure"):
        find_measure(block["measure"])
    return Step(
        title=title,
        page=page,
        query=query,
        show=_show(block.get("show", [])),
        look=_line(block, "look"),
        text=text,
        follows="".join(follows),
        measure=block.get("measure", ""),
        check=check,
        hide=_hide(block.get("hide", [])),
    )


def _view(view: str) -> tuple[str, dict[str, str]]:
    """Return the page and the parameters of a link such as ``feed?cell=GRU&t=3``."""
    page, _, text = view.partition("?")
    if not _PAGE.fullmatch(page):
        raise ValueError(f"view = {view!r}: expected a page and its parameters: feed?cell=GRU&t=3")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text))
    except ValueError:
        raise ValueError(f"view = {view!r}: expected parameters key=value, joined by &") from None
    query = dict(pairs)
    if len(query) < len(pairs):
        raise ValueError(f"view = {view!r}: a parameter appears twice")
    return page, query


def _show(keys: list[Any]) -> tuple[str, ...]:
    if not all(isinstance(key, str) for key in keys):
        raise ValueError(f"show = {keys!r}: expected keys of controls, in quotation marks")
    return tuple(keys)


def _hide(parts: list[Any]) -> tuple[str, ...]:
    if unknown := [part for part in parts if part not in HIDDEN_PARTS]:
        raise ValueError(f"hide: no part {unknown[0]!r}; expected some of {list(HIDDEN_PARTS)}")
    return tuple(parts)


def _check(block: Mapping[str, Any], name: str, place: int) -> Check:
    """Return the check in ``block``; ``name`` is where it stands in the TOML: check.reason."""
    kinds = {"question": str, "options": dict, "measure": str, "right": str, "refute": dict}
    within = {"check": ("reason", "sibling"), "check.sibling": ("reason",)}.get(name, ())
    expect_keys(block, kinds | dict.fromkeys(within, dict), ("question", "options"), name)
    options = _texts(block["options"], f"{name}.options")
    if len(options) < 2:
        raise ValueError(f"{name}.options: expected at least two options, got {len(options)}")
    refute = _texts(block.get("refute", {}), f"{name}.refute")
    right, measure = block.get("right", ""), block.get("measure", "")
    if bool(right) == bool(measure):
        raise ValueError(f"{name}: expected either a measure or a stored right option, not both")
    if measure:
        find_measure(measure)
    for key in options:
        if not _KEY.fullmatch(key):
            raise ValueError(f"{name}.options: key {key!r}: expected a name such as yes")
    for key in (*refute, *([right] if right else [])):
        if key not in options:
            raise ValueError(f"{name}: no option {key!r}; expected one of {', '.join(options)}")
    if right and (left := options.keys() - refute.keys() - {right}):
        raise ValueError(f"{name}.refute: expected a sentence for {', '.join(sorted(left))}")
    return Check(
        question=_line(block, "question"),
        options=options,
        measure=measure,
        right=right,
        refute=refute,
        place=place,
        **{key: _check(block[key], f"{name}.{key}", place + 1) for key in within if key in block},
    )


def _texts(block: Mapping[str, Any], name: str) -> dict[str, str]:
    """Return key -> text of a table whose values are lines."""
    return {key: _line(block, key, f"{name}.") for key in block}


def _line(block: Mapping[str, Any], key: str, before: str = "") -> str:
    """Return a text of one paragraph, "" if there is none."""
    text = block.get(key, "")
    if not isinstance(text, str) or (key in block and not text.strip()):
        raise ValueError(f"{before}{key}: expected a text")
    if len(blocks(text)) > 1:
        raise ValueError(f"{before}{key}: expected one paragraph")
    return text.strip()


def _prose(text: str, name: str) -> None:
    words = len(plain(text).split())
    if not 1 <= words <= MOST_WORDS:
        raise ValueError(f"{name} has {words} words; expected 1 to {MOST_WORDS}")


def expect_keys(
    block: Mapping[str, Any], kinds: Mapping[str, type], needed: tuple[str, ...], name: str = ""
) -> None:
    """Raise a ValueError if a key of ``block`` is missing, unknown or of another type.

    Args:
        block: a table of TOML.
        kinds: key -> its type.
        needed: keys that must be there.
        name: what the table is called in the message.
    """
    before = f"{name}." if name else ""
    for key, value in block.items():
        if key not in kinds:
            raise ValueError(f"{before}{key}: unknown; expected {', '.join(kinds)}")
        if type(value) is not kinds[key]:
            raise ValueError(f"{before}{key}: expected {_NAMES[kinds[key]]}, got {value!r}")
    for key in needed:
        if key not in block:
            raise ValueError(f"{before}{key} is missing")


_NAMES = {
    str: "a text",
    int: "a whole number",
    float: "a number with a point",
    list: "a list",
    dict: "a table",
}
