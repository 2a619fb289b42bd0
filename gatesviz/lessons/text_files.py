"""Text files of a package, which are numbered in the order in which they are taught."""

from collections.abc import Iterable, Iterator
from importlib.resources import files
from typing import Protocol, TypeVar

from gatesviz.names import did_you_mean


class Named(Protocol):
    """Something with a name."""

    @property
    def name(self) -> str:
        """Its name in links."""


T = TypeVar("T", bound=Named)


def numbered_texts(package: str) -> Iterator[tuple[str, str]]:
    """Yield name and text of each file ``texts/NUMBER_NAME.md`` of ``package``, in order."""
    texts = files(package).joinpath("texts")
    for path in sorted(texts.iterdir(), key=lambda path: path.name):
        if path.name.endswith(".md"):
            yield path.name.removesuffix(".md").partition("_")[2], path.read_text("utf-8")


def find_named(kind: str, name: str, known: Iterable[T]) -> T:
    """Return the one of ``known`` that has ``name``; ``kind`` is what a message calls it.

    Raises:
        ValueError: if there is none; the sentence lists those there are.
    """
    by_name = {each.name: each for each in known}
    if name not in by_name:
        hint = did_you_mean(name, by_name)
        raise ValueError(f"no {kind} {name!r}; expected one of {', '.join(by_name)}{hint}")
    return by_name[name]
