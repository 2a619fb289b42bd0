"""What a lesson is made of. `gatesviz.lessons.parser` reads one from its text file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

HIDDEN_PARTS = (
    *("answers", "words", "cell", "change", "chosen", "controls", "results", "details", "stepping"),
)
"""What a step can hide of a player: what the readout answers, the sentence about the step with the
equations, the diagram of the cell, the row of the change, and the chosen row with the colours of
the letters. And the controls of the step, the results that a page shows once the questions have an
answer, and what it says beside its picture. And "stepping", in steps that look at one step only:
the buttons of *Inside the cell* that take a further step, and the player's.

The readout's answers and the row of the change appear with the first result, as its evidence. Other
parts wait until no question of the step is open."""
_NUMBER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


@dataclass(frozen=True)
class Check:
    """A question with options. A measurement decides which one is right.

    Attributes:
        question: what is asked.
        options: key -> the answer, in the order of the file.
        measure: which measure decides: see `gatesviz.lessons.measures`. "" if ``right`` is stored.
        right: the key of the right option, where nothing can be measured. "" otherwise.
        refute: key of a wrong option -> what the measurement shows against it.
        reason: the second question, "Why?", which is asked after the answer.
        sibling: another question of the same kind, which is asked after a wrong answer.
        place: decides where the right option stands (`shown_order`). None keeps the file's order.
    """

    question: str
    options: Mapping[str, str]
    measure: str = ""
    right: str = ""
    refute: Mapping[str, str] = field(default_factory=dict)
    reason: "Check | None" = None
    sibling: "Check | None" = None
    place: int | None = None

    def shown_order(self, right: str) -> list[str]:
        """Return the keys of the options as they are shown, so that no place is always right.

        Authors write the right option first. A stored one moves to its place. Where a measurement
        decides, options are often a scale, from little to much: it is only turned round.

        Args:
            right: the key of the right option.
        """
        keys = list(self.options)
        if self.place is None:
            return keys
        wanted = self.place % len(keys)
        if self.right:
            keys.remove(right)
            keys.insert(wanted, right)
            return keys
        before, behind = (abs(each.index(right) - wanted) for each in (keys, keys[::-1]))
        turned = behind < before or (behind == before and self.place // len(keys) % 2 == 1)
        return keys[::-1] if turned else keys


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
        hide: parts of the page, of `HIDDEN_PARTS`, that wait for the first result or until the
            check is answered. Without a check, the step doesn't show them. It never shows “results”
            and “details”.
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
    hide: tuple[str, ...] = ()


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

    @property
    def goal(self) -> str:
        """What follows "You can" in `after`, for a list under such a heading."""
        return self.after.removeprefix("You can ")


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
