"""What a name in a checkpoint says: of a vocabulary, of answers, of one side of a translation."""

import re
from collections.abc import Sequence

_NAMES = re.compile(
    r"vocab|itos|stoi|(char|letter|token|word|id|idx|index|ix|int)s?_?(to|2)_?\w+|"
    r"(^|\.)((all_?)?(chars|letters|tokens|words|symbols|characters)|alphabet|dictionary"
    r"|[ctw]2[inx]|[inx]2[ctw]|(char|letter|token|word)_?(map(ping)?|ind(ex|ices)))$",
    re.IGNORECASE,
)
_INTO = re.compile(r"(^|[\W_])(id|idx|index|ix|int)s?_?(to|2)_?(?P<what>[a-z]+)", re.IGNORECASE)
_READ = re.compile(
    r"char|letter|tok|word|vocab|symbol|text|entr|(ch|chr|sym|str|string|[clstw])s?$", re.IGNORECASE
)
"""What a name such as "ix_to_char" says about an entry that is read; "idx2mood" may be answers."""
CLASS_NAMES = ("classes", "class_names", "labels", "label_names", "target_names")
"""Usual names of a list with the names of the answers."""
_ANSWERS = (
    "label", "class", "tag", "target", "output", "answer", "categor",
    "intent", "sentiment", "genre",
)  # fmt: skip
"""How the words of a name begin that is of answers, such as "label2id", not of what is read."""
_WORD = re.compile("[A-Z]?[a-z]+|[A-Z]+")
_SIDES = {
    "source": {"src", "source", "enc", "encoder", "input", "inputs"},
    "target": {"tgt", "trg", "target", "dec", "decoder", "output", "outputs"},
}
"""Words of names that belong to one of the two texts of a translation."""


def is_vocabulary_name(name: str) -> bool:
    """Return whether a checkpoint usually has its vocabulary or its classes under this name."""
    usual = name in CLASS_NAMES or _NAMES.search(name)
    return bool(usual) and name.isidentifier() and len(name) <= 20


def is_usual(name: str, as_many: bool) -> bool:
    """Return whether a vocabulary usually has this name, also where there are ``as_many`` answers.

    Then "idx2mood" names answers just as well as entries.
    """
    into = _INTO.search(name) if as_many else None
    return bool(_NAMES.search(name)) and (into is None or bool(_READ.match(into["what"])))


def is_of_answers(name: str) -> bool:
    """Return whether the last part of a name says that it is about answers."""
    words = _WORD.findall(name.rpartition(".")[2])
    return any(word.lower().startswith(_ANSWERS) for word in words)


def side_of(name: str) -> str:
    """Return whether a name speaks of the "source" or the "target" of a translation; else ""."""
    words = {word.lower() for word in _WORD.findall(name)}
    found = [side for side, usual in _SIDES.items() if words & usual]
    return found[0] if len(found) == 1 else ""


def side_of_reader(names: Sequence[str]) -> str:
    """Return the side of the first name that has one: the part's, else its embedding's."""
    return next(filter(None, map(side_of, names)), "")


def can_be_read(name: str, side: str) -> bool:
    """Return whether a name may be that of the vocabulary: names of answers aren't.

    A decoder reads what it answers. So its vocabulary can be that of the target.

    Args:
        name: of a value in the checkpoint.
        side: of the part that reads.
    """
    target = side == side_of(name) == "target" and _NAMES.search(name)
    return bool(target) or not is_of_answers(name)
