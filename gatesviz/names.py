"""Names that don't exist: the nearest one that does, and mappings that say which ones they have."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TypeVar

V = TypeVar("V")
CLOSE = 0.5
"""The least likeness of a suggestion, from 0 to 1, as `difflib` counts it."""


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Return ". Did you mean 'lstm'?" with the one of ``known`` that is most like ``name``.

    Small and capital letters are the same here, and so are spaces, hyphens and underscores. Returns
    "" if none is like it.
    """
    if not isinstance(name, str):
        return ""
    by_plain = {_plain(each): each for each in known}
    close = get_close_matches(_plain(name), by_plain, 1, CLOSE)
    return f". Did you mean {by_plain[close[0]]!r}?" if close else ""


def _plain(name: str) -> str:
    return name[:100].lower().replace("-", " ").replace("_", " ")


class Named(dict[str, V]):
    """A dictionary name -> value. For an unknown name, the KeyError lists the names that exist.

    Args:
        values: the values by name.
        kind: what a name stands for, such as "gate".
        owner: what the values belong to, such as "the GRU".
        elsewhere: names in another dictionary -> where to find them, for the KeyError.
    """

    def __init__(
        self,
        values: Mapping[str, V],
        kind: str,
        owner: str,
        elsewhere: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(values)
        self._kind, self._owner, self._elsewhere = kind, owner, dict(elsewhere or {})

    def __missing__(self, name: object) -> V:
        """Raise the KeyError."""
        text = f"there is no {self._kind} {name!r}"
        if name in self._elsewhere:
            raise KeyError(f"{text}: {name!r} is in {self._elsewhere[str(name)]}")
        names = ", ".join(map(repr, self)) or "none"
        raise KeyError(f"{text}: {self._owner} has {names}{did_you_mean(name, self)}")
