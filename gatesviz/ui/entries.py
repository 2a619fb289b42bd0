"""A text as entries of a model's vocabulary: its characters, or its words."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from gatesviz.sequences import visible
from gatesviz.sequences.characters import shown
from gatesviz.sequences.respelling import respell

EXAMPLE = "to see a gate, feed it a sequence"
REPEATED = 12
"""Words of a first text, and how often it holds a single entry."""
PUNCTUATION = ".,;:!?'\"()[]{}<>`*_-–—“”‘’…"
UNKNOWN = ("<unk>", "[UNK]", "<UNK>", "UNK", "unk")


@dataclass(frozen=True)
class Entries:
    """The entries that a model can read.

    Attributes:
        vocabulary: them, in the order of their numbers.
    """

    vocabulary: tuple[str, ...]

    @cached_property
    def by_characters(self) -> bool:
        """Whether each entry is one character."""
        return all(len(entry) == 1 for entry in self.vocabulary)

    @cached_property
    def stand_in(self) -> int:
        """The number of the entry for unknown words, or −1 if there is none."""
        places = self._places
        return next((places[entry] for entry in UNKNOWN if entry in places), -1)

    @property
    def example(self) -> str:
        """A first text: a sentence in these characters, or the first entries; one entry repeats."""
        if self.by_characters:
            text = respell(EXAMPLE, self._known).text
            first = self.vocabulary[:30]
            return text if len(text) > len(EXAMPLE) // 2 else "".join(_repeated(first))
        words = [entry for entry in self.vocabulary if entry.split() == [entry]]
        usual = [word for word in words if not set(word) & set("<[")]
        return " ".join(_repeated((usual or words)[:REPEATED]))

    def split(self, text: str) -> list[str]:
        """Return the entries of a text, known or not: its characters, or its words."""
        return [*text] if self.by_characters else text.split()

    def find(self, text: str) -> tuple[list[int], int]:
        """Return the numbers of a text's entries, and how many of them aren't known.

        A word that isn't known is read without its capitals and its punctuation. If that isn't
        known either, it is the entry for unknown words, or left out where there is none.
        """
        places = self._places
        if self.by_characters:
            read = respell(text, self._known).text
            return [places[character] for character in read], len(text) - len(read)
        found, unknown, stand_in = list[int](), 0, self.stand_in
        for word in text.split():
            plain = word.strip(PUNCTUATION)
            ways = (word, word.casefold(), plain, plain.casefold())
            number = next((places[way] for way in ways if way in places), -1)
            unknown += number < 0
            if max(number, stand_in) >= 0:
                found.append(number if number >= 0 else stand_in)
        return found, unknown

    def number(self, entries: Sequence[str]) -> tuple[list[int], str]:
        """Return the numbers of ``entries``, and a list of those that aren't known, as a text.

        Raises:
            ValueError: if one isn't known and there is no entry for unknown words.
        """
        places, stand_in = self._places, self.stand_in
        unknown = list(dict.fromkeys(entry for entry in entries if entry not in places))
        listed = ", ".join(f"“{shown(entry, 24)}”" for entry in unknown[:8])
        listed += f" and {len(unknown) - 8:,} more" if len(unknown) > 8 else ""
        if unknown and stand_in < 0:
            raise ValueError(f"the model doesn't know {listed}. Use words of its vocabulary")
        return [places.get(entry, stand_in) for entry in entries], listed

    def label(self, number: int) -> str:
        """Return an entry as a label."""
        return label_of(self.vocabulary[number])

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.vocabulary)  # `respell` takes one as it is

    @cached_property
    def _places(self) -> dict[str, int]:
        return {entry: number for number, entry in enumerate(self.vocabulary)}


def _repeated(entries: Sequence[str]) -> Sequence[str]:
    """Return the entries, or a single one `REPEATED` times: a sequence has several steps."""
    return [*entries] * REPEATED if len(entries) == 1 else entries


def label_of(entry: str) -> str:
    """Return an entry with hidden characters made visible, and cut if it is long."""
    return visible(entry) if len(entry) == 1 else shown(entry, 24)
