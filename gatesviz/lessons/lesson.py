"""What a lesson is made of. `gatesviz.lessons.parser` reads one from its text file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_NUMBER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


@dataclass(frozen=True)
class Check:
    """A question with options. A measurement decides which one is right.

    Attributes:
        question: what is asked.
        options: key -> the answer as it is shown, in this order.
        measure: which measure decides: see `gatesviz.lessons.measures`. "" if ``right`` is stored.
        right: the key of the right option, where nothing can be measured. "" otherwise.
        refute: key of a wrong option -> what the measurement shows against it.
        reason: the second question, "Why?", which is asked after the answer.
        sibling: another question of the same kind, which is asked after a wrong answer.
    """

    question: str
    options: Mapping[str, str]
    measure: str = ""
    right: str = ""
    refute: Mapping[str, str] = field(default_factory=dict)
    reason: "Check | None" = None
    sibling: "Check | None" = None


@dataclass(frozen=True)
class Step:
    """One step: a page of the app in a prepared state, and what to read and to answer about it.

    Attributes:
        title: its heading.
        page: the file name of the page without ``.py``: "feed", "what_if".
        query: the parameters of the page's link.
        show: keys of the controls that stay visible.
        look: one sentence: where to look. "" for none.
        text: what to read first, in the Markdown of `gatesviz.lessons.markup`.
        follows: what follows from it. It is shown once the check is answered.
        measure: the measure that gives the numbers of the texts. "" for none.
        check: the question of this step.
    """

    title: str
    page: str
    query: Mapping[str, str]
    show: tuple[str, ...]
    look: str
    text: str
    follows: str = ""
    measure: str = ""
    check: Check | None = None


@dataclass(frozen=True)
class Lesson:
    """One lesson.

    Attributes:
        name: its name in links.
        title: its heading.
        minutes: how long it takes.
        after: what you will be able to do, in one sentence.
        steps: in order.
        builds_on: names of earlier lessons whose words and results it uses.
    """

    name: str
    title: str
    minutes: int
    after: str
    steps: tuple[Step, ...]
    builds_on: tuple[str, ...] = ()


def named_numbers(text: str) -> tuple[str, ...]:
    """Return the names of the numbers that ``text`` asks for as ``{name}``."""
    return tuple(_NUMBER.findall(text))


def with_numbers(text: str, numbers: Mapping[str, str]) -> str:
    """Return ``text`` with a number in the place of each ``{name}``.

    Raises:
        ValueError: if there is no number of that name; the sentence lists those there are.
    """

    def number(found: re.Match[str]) -> str:
        name = found[1]
        if name not in numbers:
            known = ", ".join(numbers) or "none"
            raise ValueError(f"no number {{{name}}} was measured; the measure gives {known}")
        return numbers[name]

    return _NUMBER.sub(number, text)
