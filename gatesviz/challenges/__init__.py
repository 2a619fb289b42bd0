"""Challenges: set the weights of a tiny cell so that it does what a description says.

    >>> [one.title for one in challenges()]              # doctest: +SKIP
    >>> grade(challenge("latch"), "lstm", 1, weights)    # doctest: +SKIP

text file → parser → challenge → sequences (hidden inputs) → grading (torch.nn) → completion
"""

import functools

from gatesviz.challenges.challenge import Challenge, Fewest, Machine, Smallest
from gatesviz.challenges.completion import challenge_code, read_challenge_code
from gatesviz.challenges.grading import Failure, Grade, Sizes, grade, grade_sizes
from gatesviz.challenges.parser import ChallengeError, read_challenge
from gatesviz.lessons.text_files import find_named, numbered_texts

__all__ = [
    "Challenge",
    "ChallengeError",
    "Failure",
    "Fewest",
    "Grade",
    "Machine",
    "Sizes",
    "Smallest",
    "challenge",
    "challenge_code",
    "challenges",
    "grade",
    "grade_sizes",
    "read_challenge_code",
]


@functools.cache
def challenges() -> tuple[Challenge, ...]:
    """Return all challenges, the easiest first.

    Raises:
        ChallengeError: if a file has a fault.
    """
    return tuple(read_challenge(name, text) for name, text in numbered_texts("gatesviz.challenges"))


def challenge(name: str) -> Challenge:
    """Return the challenge ``name``.

    Raises:
        ValueError: if there is none; the sentence lists those there are.
    """
    return find_named("challenge", name, challenges())
