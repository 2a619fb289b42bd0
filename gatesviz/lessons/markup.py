"""The Markdown of lessons: paragraphs, lists, **bold**, *emphasis*, `code` and [links](page?…).

The page and the browser draw its parts as text nodes, so no text becomes HTML.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

Look = Literal["plain", "strong", "em", "code", "link"]
_SPAN = re.compile(
    r"\*\*(?P<strong>[^*`\[\]]+)\*\*|(?<!\w)\*(?=\S)(?P<em>[^*`\[\]]+)(?<=\S)\*(?!\w)|`(?P<code>[^`]+)`"
    r"|\[(?P<link>[^\]*`]+)\]\((?P<href>[^)\s]+)\)"
)
_FOREIGN = {
    r"^\s*#": "a heading (a step begins with ##)",
    r"<[a-zA-Z/!]": "HTML",
    r"!\[": "a picture",
    r"^\s*\|": "a table",
    r"\$": "a formula",
    r"^\s*\d+[.)] ": "a numbered list",
    r"^\s*>": "a quotation",
    r"\]\((?![a-z_]*\?|[a-z_]+\)|https://)": "a link that leads to no page of the app",
}
"""What these texts may not hold -> its name."""


class Part(NamedTuple):
    """A piece of a paragraph that has one look."""

    text: str
    look: Look = "plain"
    href: str = ""


class Block(NamedTuple):
    """A paragraph, or an item of a list."""

    kind: Literal["paragraph", "item"]
    parts: tuple[Part, ...]


def blocks(text: str) -> tuple[Block, ...]:
    """Return the paragraphs and items of ``text``.

    Raises:
        ValueError: if it holds Markdown that lessons don't have; the message names it.
    """
    for foreign, name in _FOREIGN.items():
        if found := re.search(foreign, re.sub("`[^`]*`", "`c`", text), re.MULTILINE):
            raise ValueError(
                f"“{found[0].strip()}” begins {name}. Use paragraphs, lists with “- ”, **bold**,"
                " *emphasis*, `code` and [links](page?key=value)"
            )
    made: list[Block] = []
    kept = text.strip().replace(" %", "\u00a0%")  # a number and its unit stay on one line
    for paragraph in re.split(r"\n\s*\n", kept):
        lines = [line.strip() for line in paragraph.strip().splitlines()]
        whole = [" ".join(lines)] if not lines or lines[0][:2] != "- " else _items(lines)
        kind: Literal["paragraph", "item"] = (
            "item" if lines and lines[0][:2] == "- " else "paragraph"
        )
        made += (Block(kind, tuple(_parts(one))) for one in whole if one)
    return tuple(made)


def plain(text: str) -> str:
    """Return ``text`` without its marks."""
    return "\n\n".join("".join(part.text for part in block.parts) for block in blocks(text))


def _items(lines: list[str]) -> list[str]:
    """Return the items of a list; a line without "- " continues the item above."""
    items: list[str] = []
    for line in lines:
        if line.startswith("- "):
            items.append(line[2:])
        else:
            items[-1] += f" {line}"
    return items


def _parts(line: str) -> Iterator[Part]:
    end = 0
    for span in _SPAN.finditer(line):
        if span.start() > end:
            yield Part(line[end : span.start()])
        look: Look = span.lastgroup if span.lastgroup != "href" else "link"  # type: ignore[assignment]
        yield Part(span[look], look, span["href"] or "")
        end = span.end()
    if end < len(line):
        yield Part(line[end:])
