"""What a step of a lesson shows on its static page: players, charts, tables and sentences."""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gatesviz.figures.svg import to_svg
from gatesviz.player.payload import Selection


@dataclass(frozen=True)
class Slider:
    """A slider that sets numbers of a player's network.

    Attributes:
        label: what it sets.
        low, high, by, value: its range, its step and where it begins.
        places: each the name of an array in the payload, a row and a column.
    """

    label: str
    low: float
    high: float
    by: float
    value: float
    places: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Walk:
    """The limits of a tiny cell that goes on step by step: its most steps, its largest input."""

    most: int
    reach: float


@dataclass(frozen=True, eq=False)
class Player:
    """A player.

    Attributes:
        data: of `gatesviz.player.payload`.
        select: where it begins.
        sliders: numbers of its network that can be set.
        walk: of a tiny cell; None for any other model.
        reads: inputs, one number a step, that the browser reads instead of the recorded ones.
    """

    data: bytes
    select: Selection
    sliders: tuple[Slider, ...] = ()
    walk: Walk | None = None
    reads: tuple[float, ...] = ()


@dataclass(frozen=True)
class Still:
    """A chart, a table or sentences as HTML. Its text has been escaped."""

    html: str


@dataclass(frozen=True, eq=False)
class Option:
    """One state of a view.

    Attributes:
        name: of the state in the menu.
        parts: from top to bottom.
    """

    name: str
    parts: tuple[Player | Still, ...]


@dataclass(frozen=True, eq=False)
class View:
    """The view of one step.

    Attributes:
        options: states that the reader can choose; the view has no menu if there is only one.
        choice: what the menu chooses.
        begin: index of the first option shown.
        note: what the page can't show, and where it can be seen; "" for none.
        opens: whether the step is done in the app, so that the note ends with how to open it.
    """

    options: tuple[Option, ...]
    choice: str = ""
    begin: int = 0
    note: str = ""
    opens: bool = False


def single(*parts: Player | Still, note: str = "") -> View:
    """Return a view with one state."""
    return View((Option("", parts),), note=note)


def prose(*sentences: str) -> Still:
    """Return paragraphs. ``**bold**`` becomes strong, everything else is text."""
    bold = (re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", html.escape(s)) for s in sentences)
    return Still("".join(f"<p>{text}</p>" for text in bold))


def chart(figure: Any, alt: str) -> Still:
    """Return a figure of `gatesviz.figures` with a description."""
    return Still(f'<figure class="chart" tabindex="0">{to_svg(figure, alt)}</figure>')


def table(rows: Sequence[Mapping[str, str]], caption: str) -> Still:
    """Return a table with a row for each mapping, which all have the same keys."""
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in rows[0])
    body = "".join(f"<tr>{_cells(row.values())}</tr>" for row in rows)
    return Still(
        f'<div class="scroll" tabindex="0" role="region" aria-label="{html.escape(caption)}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cells(values: Iterable[str]) -> str:
    first, *others = (html.escape(value) for value in values)
    return f'<th scope="row">{first}</th>' + "".join(f"<td>{value}</td>" for value in others)
