"""The code at the end of a lesson: which lesson, how many right at first try, and a check sum.

    >>> read_code(completion_code("memory", 3, 4)).right    # doctest: +SKIP
    3

A course page can ask for it. It finds typing errors and a changed score. It is no proof of who
answered: anyone can run this function.
"""

import hashlib
import re
from base64 import b32encode
from dataclasses import dataclass

from gatesviz.lessons.grading import counted

_CODE = re.compile(r"([a-z_]{1,40})-(\d{1,2})-of-(\d{1,2})-([A-Z2-7]{5})")


@dataclass(frozen=True)
class Completion:
    """What a code says.

    Attributes:
        lesson: name of the lesson.
        right: how many questions were right at first try.
        questions: how many count.
    """

    lesson: str
    right: int
    questions: int


def completion_code(lesson: str, right: int, questions: int) -> str:
    """Return the code of a lesson with ``right`` of ``questions`` right at first try."""
    text = f"{lesson}-{right}-of-{questions}"
    return f"{text}-{check_sum(text)}"


def read_code(code: str) -> Completion:
    """Decode the ``code`` of a lesson.

    Raises:
        ValueError: if it is not a code, its checksum is wrong, or there is no such lesson.
    """
    from gatesviz.lessons import lesson

    found = _CODE.fullmatch(code.strip())
    if found is None:
        raise ValueError(f"{code[:60]!r} is no code; expected one such as memory-3-of-4-ABCDE")
    name, right, questions = found[1], int(found[2]), int(found[3])
    if check_sum(f"{name}-{right}-of-{questions}") != found[4]:
        raise ValueError(f"{code[:60]!r}: the check sum is wrong; copy the whole code again")
    count = len(counted(lesson(name)))
    if right > questions or questions != count:
        raise ValueError(f"{code[:60]!r}: the lesson {name!r} has {count} questions that count")
    return Completion(name, right, questions)


def check_sum(text: str) -> str:
    """Return five letters and digits that change with every character of ``text``."""
    return b32encode(hashlib.sha256(f"gatesviz {text}".encode()).digest())[:5].decode()
