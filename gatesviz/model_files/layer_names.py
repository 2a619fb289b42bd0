"""Usual names of an embedding and of a readout, word by word."""

import re

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[A-Z]")
"""A word of a name: "lmHead.out_1" has lm, Head and out."""
_ADDED = "layers?|lm|to|hid(?:den)?|h|w|table|matrix|vec(?:tor)?s?"
"""What names add to a word without a mark between them, as in "outputlayer"."""


def _any_of(words: str) -> re.Pattern[str]:
    """Return the pattern of a whole word that consists of some of ``words`` and of `_ADDED`."""
    return re.compile(rf"(?:{_ADDED})*(?:{words})(?:{words}|{_ADDED})*", re.IGNORECASE)


_EMBEDDING = _any_of(
    "emb(?:s|d|ed|eds|edder|edding|eddings)?|wte|lookup|encod(?:e|er|ing)|char(?:acter)?s?"
    "|tok(?:en)?s?|(?:sub)?words?|letters?|symbols?"
)
_READOUT = _any_of(
    "fcs?|lin(?:ear)?s?|out(?:put)?s?|readouts?|heads?|decod(?:e|ers?)"
    "|class(?:es|if|ify|ifiers?|ifications?)?|cls|clf|proj(?:s|ect|ections?|ectors?)?|logits?"
    "|denses?|final|pred(?:s|ict|ictions?|ictors?)?|generators?"
)
_TO = re.compile(
    r"(?:^|[._])(?:h|hid|hidden)2(?!(?:h|hid|hidden)(?:$|[\W\d_]))|(?:^|[._])to_", re.IGNORECASE
)
"""The beginning of a readout's name such as h2o, hidden2tag or to_vocab. h2h leads back to h."""


def named_embedding(name: str) -> bool:
    """Return whether a name is usual for an embedding, such as "token_emb"."""
    return any(_EMBEDDING.fullmatch(word) for word in _WORD.findall(name))


def named_readout(name: str) -> bool:
    """Return whether a name is usual for a readout, such as "lmHead" or "hidden2tag"."""
    return bool(_TO.search(name)) or any(_READOUT.fullmatch(w) for w in _WORD.findall(name))
