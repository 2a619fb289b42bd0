"""Every question of a step with its measured answer, and what refutes the wrong ones."""

from collections.abc import Iterator
from dataclasses import dataclass

from gatesviz.lessons.finding import Finding
from gatesviz.lessons.lesson import Check, Step, with_numbers
from gatesviz.lessons.measures import measured


@dataclass(frozen=True)
class WrongAnswer:
    """An option that people choose by mistake, and what the measurement shows against it."""

    text: str
    refutation: str

    @property
    def quoted(self) -> str:
        """The text as it stands within quotation marks: its own ones become single."""
        return self.text.translate(str.maketrans("“”", "‘’"))


@dataclass(frozen=True)
class AnsweredQuestion:
    """A question of a lesson, answered. Numbers stand in all texts.

    Attributes:
        question: what is asked.
        right: the right option.
        measured: the result that decides it, "" if nothing was measured.
        wrong: the wrong options that have a refutation, in the order of the file.
    """

    question: str
    right: str
    measured: str
    wrong: tuple[WrongAnswer, ...]


def answered_questions(step: Step) -> Iterator[AnsweredQuestion]:
    """Yield the questions of a step as they are asked: its own, the reason, then the sibling's."""
    return _of(step.check)


def _of(check: Check | None) -> Iterator[AnsweredQuestion]:
    if check is None:
        return
    found = measured(check.measure) if check.measure else Finding()
    yield _answered(check, found)
    if check.reason is not None:
        yield _answered(check.reason, found)
    yield from _of(check.sibling)


def _answered(check: Check, found: Finding) -> AnsweredQuestion:
    """Return one question; a reason without a measure reads the numbers of ``found``."""
    own = measured(check.measure) if check.measure else found
    right = check.right or own.right

    def told(text: str) -> str:
        return with_numbers(text, own.numbers)

    return AnsweredQuestion(
        told(check.question),
        told(check.options[right]),
        own.sentence if check.measure else "",
        tuple(
            WrongAnswer(told(text), told(check.refute[key]))
            for key, text in check.options.items()
            if key != right and key in check.refute
        ),
    )
