"""Check the parameters of a link. Widgets that are bound to the address bar read the values.

Streamlit silently drops values that a bound widget cannot hold. The reader of a mistyped or
outdated link should know, so each page declares its parameters and `complaints` lists the problems.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gatesviz.limits import LINK_PARAMETERS, Limit, Span

SHOWN = 40
IGNORED = "ignored"
"""The parameter with which the server reports how many parameters were too many."""


@dataclass(frozen=True)
class Choice:
    """One of these words.

    Attributes:
        options: the words of the widget.
        former: earlier wording of an option -> the option, so that old links still work.
    """

    options: tuple[str, ...]
    former: Mapping[str, str] = field(default_factory=dict)

    def problem(self, text: str) -> str | None:
        """Return what is wrong with ``text``, or None."""
        if self.option(text) in self.options:
            return None
        return f"expected one of {', '.join(f'“{one}”' for one in self.options)}"

    def means(self, text: str, value: object) -> bool:
        """Return whether a widget that holds ``value`` holds what ``text`` says."""
        return str(value) == self.option(text)

    def option(self, text: str) -> str:
        """Return the option that ``text`` names, by its present or an earlier wording."""
        return self.former.get(text, text)


@dataclass(frozen=True)
class Switch:
    """On or off."""

    def problem(self, text: str) -> str | None:
        """Return what is wrong with ``text``, or None."""
        return None if text.lower() in ("true", "false") else "expected true or false"

    def means(self, text: str, value: object) -> bool:
        """Return whether a widget that holds ``value`` holds what ``text`` says."""
        return str(value).lower() == text.lower()


@dataclass(frozen=True)
class Number:
    """A finite number in a closed range."""

    span: Span

    def problem(self, text: str) -> str | None:
        """Return what is wrong with ``text``, or None."""
        low, high = self.span.low, self.span.high
        inside = low <= _number(text) <= high
        return None if inside else f"expected a number from {low:g} to {high:g}"

    def means(self, text: str, value: object) -> bool:
        """Return whether a widget that holds ``value`` holds what ``text`` says."""
        return isinstance(value, int | float) and _number(text) == value


@dataclass(frozen=True)
class Whole:
    """A whole number within a limit."""

    limit: Limit

    def problem(self, text: str) -> str | None:
        """Return what is wrong with ``text``, or None."""
        low, high = self.limit.low, self.limit.high
        number = _number(text)
        if low <= number <= high and number.is_integer():
            return None
        return f"expected a whole number from {low:,} to {high:,}"

    def means(self, text: str, value: object) -> bool:
        """Return whether a widget that holds ``value`` holds what ``text`` says."""
        return isinstance(value, int | float) and _number(text) == value


@dataclass(frozen=True)
class Text:
    """Text up to a length.

    ``read`` raises a ValueError for a text that is not accepted. Without ``read``, the page checks
    the text. ``rest`` returns the usable part of a text that ``read`` doesn't accept.
    """

    most: int
    read: Callable[[str], object] | None = None
    rest: Callable[[str], str] | None = None

    def problem(self, text: str) -> str | None:
        """Return what is wrong with ``text``, or None."""
        if len(text) > self.most:
            return f"expected at most {self.most:,} characters"
        try:
            if self.read is not None:
                self.read(text)
        except ValueError as error:
            return str(error)
        return None

    def usable(self, text: str) -> str:
        """Return ``text``, its usable part, or "" where nothing can be used."""
        if self.problem(text) is None:
            return text
        return self.rest(text) if self.rest is not None and len(text) <= self.most else ""

    def means(self, text: str, value: object) -> bool:
        """Return whether a widget that holds ``value`` holds what ``text`` says."""
        return value == text


def _number(text: str) -> float:
    """Return ``text`` as a number, as widgets read it, or NaN if it is not a number."""
    try:
        return float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        return math.nan


Parameter = Choice | Switch | Whole | Number | Text


def complaints(
    query: Mapping[str, Sequence[str]],
    known: Mapping[str, Parameter],
    elsewhere: Mapping[str, str] | None = None,
) -> list[str]:
    """Return a sentence for each parameter of a link that was ignored.

    Args:
        query: a name -> all its values.
        known: the parameters that the page reads.
        elsewhere: the name of a setting that only another page reads -> the title of that page.
    """
    found = []
    for name, values in query.items():
        if name == IGNORED and values[-1].isdecimal() and len(values[-1]) < 10:
            count, most = int(values[-1]), LINK_PARAMETERS.high
            found.append(
                f"The link was ignored: it has {count:,} parameters, and at most {most:,}"
                " are allowed."
            )
            continue
        if name not in known and elsewhere and name in elsewhere:
            found.append(f"“{name}” was ignored: it is a setting of the page “{elsewhere[name]}”.")
            continue
        if name not in known:
            no = f"“{_shown(name)}” was ignored: this page has no setting with that name."
            found.append(no + _taker(values[-1], known))
            continue
        problem = known[name].problem(values[-1])
        if len(values) > 1:
            found.append(f"{name} appears {len(values)} times in the link: at most one was used.")
        elif problem:
            whole = f"{name}={_shown(values[-1])}"
            takes = known[name]
            what = (
                f"Part of {whole}"
                if isinstance(takes, Text) and takes.usable(values[-1])
                else whole
            )
            found.append(f"{what} was ignored: {problem.rstrip('.')}.")
    return found


def _taker(text: str, known: Mapping[str, Parameter]) -> str:
    """Return the one setting that has ``text`` among its options, as a question after a space."""
    takers = [k for k, v in known.items() if isinstance(v, Choice) and text in v.options]
    return f" Did you mean {takers[0]}={text}?" if len(takers) == 1 else ""


def unused(
    query: Mapping[str, Sequence[str]],
    known: Mapping[str, Parameter],
    held: Mapping[str, object],
) -> list[str]:
    """Return a sentence for each valid parameter that does not fit the other settings.

    ``held`` maps the names of the drawn widgets to their values. For example, layer 3 needs three
    layers.
    """
    return [
        f"{name}={_shown(values[-1])} was not used, because it doesn't fit the other settings."
        for name, values in query.items()
        if name in known
        and len(values) == 1
        and not known[name].problem(values[0])
        and not (name in held and known[name].means(values[0], held[name]))
    ]


def reworded(query: Mapping[str, Sequence[str]], known: Mapping[str, Parameter]) -> dict[str, str]:
    """Return name -> option for each parameter of a link with an earlier wording of an option."""
    return {
        name: takes.option(values[0])
        for name, values in query.items()
        if isinstance(takes := known.get(name), Choice)
        and len(values) == 1
        and values[0] in takes.former
    }


def _shown(text: str) -> str:
    """Return ``text`` cut short, with invisible characters escaped."""
    visible = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text[: SHOWN + 1])
    return f"{visible[:SHOWN]}…" if len(visible) > SHOWN else visible
