"""What a link may say. Widgets bound to the address bar read it; here it is checked and judged.

Streamlit drops a value that a bound widget cannot hold without a word; a reader of a mistyped or
outdated link should know, so each page declares its parameters and `complaints` tells.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gatesviz.limits import LINK_PARAMETERS, Limit, Span

SHOWN = 40
IGNORED = "ignored"
"""The parameter by which the server says how many parameters a link had, where it had too many."""


@dataclass(frozen=True)
class Choice:
    """One of these words, exactly.

    Attributes:
        options: words that the widget offers.
        former: an option's earlier wording -> the option, so that old links keep working.
    """

    options: tuple[str, ...]
    former: Mapping[str, str] = field(default_factory=dict)

    def problem(self, text: str) -> str | None:
        """Return what is wrong with ``text``, or None."""
        if self.option(text) in self.options:
            return None
        return f"one of {', '.join(self.options)} is allowed"

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
        return None if text.lower() in ("true", "false") else "true or false is allowed"

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
        return None if inside else f"a number from {low:g} to {high:g} is allowed"

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
        return f"a whole number from {low:,} to {high:,} is allowed"

    def means(self, text: str, value: object) -> bool:
        """Return whether a widget that holds ``value`` holds what ``text`` says."""
        return isinstance(value, int | float) and _number(text) == value


@dataclass(frozen=True)
class Text:
    """Text up to a length, which ``read`` accepts; without that it is checked where it is read.

    ``read`` raises ValueError, with a sentence, for what it does not accept.
    """

    most: int
    read: Callable[[str], object] | None = None

    def problem(self, text: str) -> str | None:
        """Return what is wrong with ``text``, or None."""
        if len(text) > self.most:
            return f"at most {self.most:,} characters are allowed"
        try:
            if self.read is not None:
                self.read(text)
        except ValueError as error:
            return str(error)
        return None

    def means(self, text: str, value: object) -> bool:
        """Return whether a widget that holds ``value`` holds what ``text`` says."""
        return value == text


def _number(text: str) -> float:
    """Return the number that ``text`` is, as widgets read it; NaN if it is none."""
    try:
        return float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        return math.nan


Parameter = Choice | Switch | Whole | Number | Text


def complaints(query: Mapping[str, Sequence[str]], known: Mapping[str, Parameter]) -> list[str]:
    """Return a sentence for each parameter of a link that is not used as it stands.

    ``query`` maps a name to all its values. What is not complained of is used.
    """
    found = []
    for name, values in query.items():
        if name == IGNORED and values[-1].isdecimal() and len(values[-1]) < 10:
            count, most = int(values[-1]), LINK_PARAMETERS.high
            found.append(
                f"The link was ignored: it has {count:,} parameters, at most {most:,} are allowed."
            )
            continue
        if name not in known:
            found.append(f"{_shown(name)} is not a parameter of this page, so it was ignored.")
            continue
        problem = known[name].problem(values[-1])
        if len(values) > 1:
            found.append(f"{name} is given {len(values)} times: not more than one was used.")
        elif problem:
            found.append(f"{name}={_shown(values[-1])} was ignored: {problem}.")
    return found


def unused(
    query: Mapping[str, Sequence[str]],
    known: Mapping[str, Parameter],
    held: Mapping[str, object],
) -> list[str]:
    """Return a sentence for each parameter that is right by itself but was not used.

    ``held`` maps the names of the widgets that were drawn to their values. Some choices go only
    with others: a layer with as many layers, a trained model with the cells that it ships for.
    """
    return [
        f"{name}={_shown(values[-1])} was not used: it does not go with the other choices."
        for name, values in query.items()
        if name in known
        and len(values) == 1
        and not known[name].problem(values[0])
        and not (name in held and known[name].means(values[0], held[name]))
    ]


def reworded(query: Mapping[str, Sequence[str]], known: Mapping[str, Parameter]) -> dict[str, str]:
    """Return name -> option for each parameter of a link that gives an option's earlier wording."""
    return {
        name: takes.option(values[0])
        for name, values in query.items()
        if isinstance(takes := known.get(name), Choice)
        and len(values) == 1
        and values[0] in takes.former
    }


def _shown(text: str) -> str:
    """Return ``text`` short and with nothing invisible in it."""
    visible = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text[: SHOWN + 1])
    return f"{visible[:SHOWN]}…" if len(visible) > SHOWN else visible
