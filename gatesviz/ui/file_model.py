"""A model from a file, as the pages use it: what it reads. `FileAnswers` has its answers."""

from collections.abc import Sequence as Ordered
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gatesviz.cells import CELLS
from gatesviz.limits import PLAYER_VALUES, STEPS, TYPED_CHARACTERS
from gatesviz.sequences import Sequence
from gatesviz.sequences.characters import shown
from gatesviz.sequences.respelling import respell
from gatesviz.tasks import Continuation
from gatesviz.ui.entries import Entries, label_of
from gatesviz.ui.file_answers import FileAnswers

if TYPE_CHECKING:
    from torch import Tensor

MOST = PLAYER_VALUES.high - 500_000
"""Most values of inputs, gates and states for a player, which also gets answers and weights."""
LISTED = 100
"""Entries of a vocabulary that the page lists."""


@dataclass(frozen=True, eq=False)
class FileModel(FileAnswers):
    """A model that the reader uploaded: what it reads, and as a `FileAnswers` what it answers."""

    @property
    def cell(self) -> str:
        """Key of `gatesviz.cells.CELLS`."""
        own = getattr(self.module, "cell", None)
        return own if isinstance(own, str) else str(self.module.mode).lower()

    @property
    def by_characters(self) -> bool:
        """Whether each entry of its vocabulary is one character."""
        return self.vocabulary is not None and self._known.by_characters

    @property
    def by_words(self) -> bool:
        """Whether it reads words of a known vocabulary."""
        return self.vocabulary is not None and not self.by_characters

    @property
    def size(self) -> int:
        """How many numbers a sequence needs at each step."""
        return 1 if self.spelled else self.module.input_size

    @property
    def code(self) -> str:
        """Cell and sizes for a link: see `gatesviz.ui.model_upload`."""
        m = self.module
        return f"{self.cell}-{m.input_size}-{m.hidden_size}-{m.num_layers}-{1 + m.bidirectional}"

    @property
    def reads(self) -> str:
        """What it reads, as a sentence."""
        if not self.spelled:
            size = self.module.input_size
            return f"Your model reads {size:,} number{'' if size == 1 else 's'} at each step."
        how = "as a vector of its embedding" if self.opened.embedding is not None else "one-hot"
        if self.vocabulary is None:
            return f"Your model reads numbers of entries, 0 to {self.entries - 1:,}, each {how}."
        what = "characters" if self.by_characters else "words"
        joined = " ".join(map(label_of, self.vocabulary[:LISTED]))
        rest = len(self.vocabulary) - LISTED
        more = f" and {rest:,} more" if rest > 0 else ""
        return f"Your model reads these {what}, each {how}: {joined}{more}"

    @property
    def example(self) -> str:
        """A first text: a sentence in its characters, or its first entries."""
        return self._known.example

    @property
    def writes(self) -> bool:
        """Whether it predicts the next character of its own vocabulary."""
        return self.by_characters and self.predicts

    def read_text(self, text: str, *, cut: bool = False) -> Sequence:
        """Return a text as numbers of entries, (T, 1).

        Args:
            text: characters, or words between spaces.
            cut: use only the first steps of a longer text.

        Raises:
            ValueError: if the vocabulary isn't known or lacks a word, or the text is too short or
                too long.
        """
        known = self._entries()
        TYPED_CHARACTERS.check(len(text))
        notes: list[str] = []
        entries = known.split(text)
        if known.by_characters:
            respelled = respell(text, known.vocabulary)
            entries, notes = [*respelled.text], [*respelled.notes]
            if text and not entries:
                raise ValueError(f"the model knows no character of “{shown(text, 24)}”")
        if cut and len(entries) > STEPS.high:
            notes.append(f"Cut: the first {STEPS.high:,} of {len(entries):,} entries are used.")
            entries = entries[: STEPS.high]
        STEPS.check(len(entries))
        numbers, unknown = known.number(entries)
        if unknown:
            stand_in = known.label(known.stand_in)
            notes.append(f"Read as {stand_in}, because the model doesn't know them: {unknown}.")
        labels = tuple(map(self.label, numbers))
        return _sequence(numbers, labels, f"Text “{shown(text, 24)}”", tuple(notes))

    def label(self, number: int) -> str:
        """Return the label of an entry: its text, or its number without a vocabulary."""
        return str(number) if self.vocabulary is None else label_of(self.vocabulary[number])

    def split(self, text: str) -> list[str]:
        """Return the entries of a text: its characters, or its words."""
        return self._known.split(text) if self.vocabulary else text.split()

    def read(self, sequence: Sequence) -> Sequence:
        """Return a sequence as the model takes it.

        Raises:
            ValueError: if it has another number of features, values that are no entries, or too
                many steps for a player.
        """
        steps, m = sequence.steps, self.module
        sizes = len(CELLS[self.cell].gates) + len(CELLS[self.cell].states)
        units = m.hidden_size * m.num_layers * (1 + m.bidirectional)
        values = steps * (units * sizes + m.input_size)
        if values > MOST:
            most = MOST * steps // values
            raise ValueError(
                f"{steps:,} steps of this model have {values:,} values of inputs, gates and states,"
                f" expected up to {MOST:,}. Use up to {most:,} steps"
            )
        if sequence.kind == "text" and self.spelled:
            return sequence
        if self.spelled:
            return self._read_numbers(sequence)
        if sequence.kind == "text":
            raise ValueError(self._no_text())
        if sequence.size != m.input_size:
            raise ValueError(
                f"the model reads {m.input_size:,} numbers at each step, and this input has"
                f" {sequence.size:,}. Choose the input “table” and as many columns"
            )
        return sequence

    def inputs(self, sequence: Sequence) -> "Tensor":
        """Return the module's inputs (T, I) for a sequence of `read` or `read_text`."""
        import torch

        if self.spelled:
            return self.opened.features([int(number) for number in sequence.values[:, 0]])
        kind = next(self.module.parameters()).dtype
        return torch.from_numpy(sequence.values.copy()).to(kind)

    def features(self, sequence: Sequence) -> tuple[str, ...] | None:
        """Return the I names of the module's inputs; None for the numbers of an embedding."""
        if not self.spelled:
            return sequence.features
        if self.opened.embedding is not None or self.vocabulary is None:
            return None
        return tuple(map(label_of, self.vocabulary))

    def continue_text(
        self, prompt: str, letters: int = 200, *, temperature: float = 0.7, seed: int = 0
    ) -> Continuation:
        """Return what the model writes after ``prompt``: see `OpenedModel.continue_text`."""
        return self.opened.continue_text(prompt, letters, temperature=temperature, seed=seed)

    def entries_of(self, text: str) -> tuple[list[int], int]:
        """Return the entries of a text, and how many characters or words of it aren't known.

        A word that isn't known is read without its capitals and its punctuation. If that isn't
        known either, it is the entry for unknown words, or left out where there is none.

        Raises:
            ValueError: if the vocabulary isn't known.
        """
        return self._entries().find(text)

    def knows(self, text: str, share: float) -> bool:
        """Return whether it knows this share of a text, and at least two of its entries.

        Raises:
            ValueError: if the vocabulary isn't known.
        """
        numbers, unknown = self.entries_of(text)
        return len(numbers) > 1 and unknown <= (1 - share) * len(self.split(text))

    def text_of(self, sequence: Sequence) -> str:
        """Return the text that `read_text` turned into a sequence."""
        return self.joined([int(number) for number in sequence.values[:, 0]])

    def joined(self, numbers: Ordered[int]) -> str:
        """Return a text of entries: characters, or words with a space between them."""
        assert self.vocabulary is not None
        between = "" if self.by_characters else " "
        return between.join(self.vocabulary[number] for number in numbers)

    def _entries(self) -> Entries:
        if self.vocabulary is None:
            raise ValueError(self._no_text())
        return self._known

    @cached_property
    def _known(self) -> Entries:
        return Entries(self.vocabulary or ())  # finding a word in it needs an index, made once

    def _read_numbers(self, sequence: Sequence) -> Sequence:
        values = sequence.values[:, 0]
        wrong = (values != np.rint(values)) | (values < 0) | (values >= self.entries)
        if sequence.size > 1 or wrong.any():
            got = f"{values[wrong.argmax()]:g} at step {wrong.argmax()}" if wrong.any() else "more"
            raise ValueError(
                f"the model reads the number of one entry at each step, a whole number from 0 to"
                f" {self.entries - 1:,}. This input has {got}"
            )
        numbers = [int(value) for value in values]
        labels = tuple(map(self.label, numbers))
        return _sequence(numbers, labels, sequence.title, sequence.notes)

    def _no_text(self) -> str:
        if self.spelled:
            return (
                "the model can't read a text yet, because its vocabulary isn't known. Paste its"
                " vocabulary"
            )
        return "the model can't read a text: it reads numbers. Choose another input"


def _sequence(
    numbers: Ordered[int], labels: tuple[str, ...], title: str, notes: tuple[str, ...]
) -> Sequence:
    values = np.array(numbers, np.float32).reshape(-1, 1)
    return Sequence(values, labels, ("entry",), "text", title, notes)
