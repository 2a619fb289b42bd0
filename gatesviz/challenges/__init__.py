"""Challenges: set the weights of a tiny cell so that it does what a description says.

    >>> [one.title for one in challenges()]              # doctest: +SKIP
    >>> grade(challenge("latch"), "lstm", 1, weights)    # doctest: +SKIP

text file → parser → challenge → sequences (hidden inputs) → grading (torch.nn) → completion
"""

import functools
from importlib.resources import files

from gatesviz.challenges.challenge import Challenge, Fewest, Machine, Smallest
from gatesviz.challenges.completion import challenge_code, read_challenge_code
from gatesviz.challenges.grading import Failure, Grade, Sizes, grade, grade_sizes
from gatesviz.challenges.parser import ChallengeError, read_challenge
from gatesviz.names import did_you_mean

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
    texts = files("gatesviz.challenges").joinpath("texts")
    paths = sorted(
        (path for path in texts.iterdir() if path.name.endswith(".md")), key=lambda path: path.name
    )
    return tuple(
        read_challenge(path.name.removesuffix(".md").partition("_")[2], path.read_text("utf-8"))
        for path in paths
    )


def challenge(name: str) -> Challenge:
    """Return the challenge ``name``.

    Raises:
        ValueError: if there is none; the sentence lists those there are.
    """
    known = {each.name: each for each in challenges()}
    if name not in known:
        hint = did_you_mean(name, known)
        raise ValueError(f"no challenge {name!r}; expected one of {', '.join(known)}{hint}")
    return known[name]
