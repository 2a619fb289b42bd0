"""A model from a file, as the pages use it: what it reads, and what its answers mean."""

from collections.abc import Sequence as Ordered
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gatesviz.cells import CELLS
from gatesviz.limits import FEATURES, PLAYER_VALUES, STEPS, TYPED_CHARACTERS
from gatesviz.player.payload import Answers
from gatesviz.sequences import Sequence, visible
from gatesviz.sequences.characters import shown
from gatesviz.sequences.respelling import respell
from gatesviz.tasks import Continuation
from gatesviz.tasks.batches import Kind
from gatesviz.tasks.readouts import linear_readout
from gatesviz.traces import Array

if TYPE_CHECKING:
    from torch import Tensor

    from gatesviz.fresh import Module
    from gatesviz.model_files import OpenedModel

EXAMPLE = "to see a gate, feed it a sequence"
MOST = PLAYER_VALUES.high - 500_000
"""Most values of inputs, gates and states for a player, which also gets answers and weights."""
LISTED = 100
"""Entries of a vocabulary that the page lists."""
PUNCTUATION = ".,;:!?'\"()[]{}<>`*_-–—“”‘’…"
UNKNOWN = ("<unk>", "[UNK]", "<UNK>", "UNK", "unk")
CLASSES, YES_OR_NO = "one of {} classes (softmax)", "{} answers, each yes or no (sigmoid)"
MEANINGS = (CLASSES, YES_OR_NO)
"""What several answers of a readout can mean. Its weights don't show it."""


@dataclass(frozen=True, eq=False)
class FileModel:
    """A model that the reader uploaded.

    Attributes:
        key: differs for other weights or other choices, for caches.
        opened: the model.
        spelled: whether it reads entries of a vocabulary, not numbers.
        means: what its answers mean, one of `MEANINGS`; "" if it wasn't chosen.
    """

    key: str
    opened: "OpenedModel"
    spelled: bool
    means: str = ""

    @property
    def module(self) -> "Module":
        """The recurrent part; time first, evaluation mode."""
        return self.opened.module

    @property
    def cell(self) -> str:
        """Key of `gatesviz.cells.CELLS`."""
        own = getattr(self.module, "cell", None)
        return own if isinstance(own, str) else str(self.module.mode).lower()

    @property
    def vocabulary(self) -> tuple[str, ...] | None:
        """The entries that it reads; None if it reads numbers, or if they aren't known."""
        return self.opened.vocabulary if self.spelled else None

    @property
    def entries(self) -> int:
        """V, how many different entries it can read."""
        embedding = self.opened.embedding
        return self.module.input_size if embedding is None else embedding.num_embeddings

    @property
    def by_characters(self) -> bool:
        """Whether each entry of its vocabulary is one character."""
        return self.vocabulary is not None and all(len(entry) == 1 for entry in self.vocabulary)

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
        joined = " ".join(map(_label, self.vocabulary[:LISTED]))
        rest = len(self.vocabulary) - LISTED
        more = f" and {rest:,} more" if rest > 0 else ""
        return f"Your model reads these {what}, each {how}: {joined}{more}"

    @property
    def example(self) -> str:
        """A first text: a sentence in its characters, or its first entries."""
        known = self.vocabulary or ()
        if self.by_characters:
            text = respell(EXAMPLE, known).text
            return text if len(text) > len(EXAMPLE) // 2 else "".join(known[:30])
        return " ".join([entry for entry in known if not set(entry) & set("<[ ")][:12])

    @property
    def writes(self) -> bool:
        """Whether it predicts the next character of its own vocabulary."""
        return self.by_characters and self.predicts

    @property
    def predicts(self) -> bool:
        """Whether it has an answer for each entry that it can read, and reads onward only."""
        readout = self.opened.readout
        return (
            self.spelled
            and readout is not None
            and readout.out_features == self.entries
            and not self.module.bidirectional
        )

    def read_text(self, text: str, *, cut: bool = False) -> Sequence:
        """Return a text as numbers of entries, (T, 1).

        Args:
            text: characters, or words between spaces.
            cut: use only the first steps of a longer text.

        Raises:
            ValueError: if the vocabulary isn't known or lacks a word, or the text is too short or
                too long.
        """
        known = self.vocabulary
        if known is None:
            raise ValueError(self._no_text())
        TYPED_CHARACTERS.check(len(text))
        notes: list[str] = []
        entries = self.split(text)
        if self.by_characters:
            respelled = respell(text, known)
            entries, notes = [*respelled.text], [*respelled.notes]
            if text and not entries:
                raise ValueError(f"the model knows no character of “{shown(text, 24)}”")
        if cut and len(entries) > STEPS.high:
            notes.append(f"Cut: the first {STEPS.high:,} of {len(entries):,} entries are used.")
            entries = entries[: STEPS.high]
        STEPS.check(len(entries))
        numbers, unknown = self._numbered(entries)
        if unknown:
            stand_in = _label(known[self._unknown])
            notes.append(f"Read as {stand_in}, because the model doesn't know them: {unknown}.")
        labels = tuple(map(self.label, numbers))
        return _entries(numbers, labels, f"Text “{shown(text, 24)}”", tuple(notes))

    def label(self, number: int) -> str:
        """Return the label of an entry: its text, or its number without a vocabulary."""
        return str(number) if self.vocabulary is None else _label(self.vocabulary[number])

    def split(self, text: str) -> list[str]:
        """Return the entries of a text: its characters, or its words."""
        return [*text] if self.by_characters else text.split()

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
        return tuple(map(_label, self.vocabulary))

    def answers(self, output: Array) -> Answers | None:
        """Return the readout's answers for the module's output (T, D·P); None without any."""
        import torch

        readout, kind = self.opened.readout, self.kind
        if readout is None or kind is None:
            return None
        with torch.no_grad():
            values = readout(torch.from_numpy(output).to(readout.weight.dtype))
            if kind == "choice":
                values = values.softmax(-1)
            elif kind == "set":
                values = values.sigmoid()
        count = readout.out_features
        names = tuple(map(_label, self.vocabulary or ()))
        if len(names) != count:
            names = ("value",) if count == 1 else tuple(f"class {k}" for k in range(count))
        targets = np.full((len(values), count), np.nan) if kind == "set" else None
        browser = linear_readout(readout, kind)
        return Answers(names, values.numpy(), "Your readout answers", targets, browser)

    @property
    def kind(self) -> Kind | None:
        """What its answers are; None if there are none, too many, or the meaning isn't chosen."""
        readout = self.opened.readout
        if readout is None or readout.out_features > FEATURES.high:
            return None
        if readout.out_features == 1:
            return "number"
        if self.spelled and readout.out_features == self.entries:
            return "choice"
        kinds: dict[str, Kind] = {CLASSES: "choice", YES_OR_NO: "set"}
        return kinds.get(self.means)

    @property
    def undecided(self) -> int:
        """How many answers its readout has, if their meaning has to be chosen; else 0."""
        readout = self.opened.readout
        if readout is None or not 1 < readout.out_features <= FEATURES.high:
            return 0
        chosen = self.spelled and readout.out_features == self.entries
        return 0 if chosen else readout.out_features

    def continue_text(
        self, prompt: str, letters: int = 200, *, temperature: float = 0.7, seed: int = 0
    ) -> Continuation:
        """Return what the model writes after ``prompt``: see `OpenedModel.continue_text`."""
        return self.opened.continue_text(prompt, letters, temperature=temperature, seed=seed)

    @property
    def scored(self) -> int:
        """How many answers it has at each step, if they can be compared with other ones; else 0."""
        readout = self.opened.readout
        known = readout is not None and (self.predicts or self.kind is not None)
        return readout.out_features if readout is not None and known else 0

    def entries_of(self, text: str) -> tuple[list[int], int]:
        """Return the entries of a text, and how many characters or words of it aren't known.

        A word that isn't known is read without its capitals and its punctuation. If that isn't
        known either, it is the entry for unknown words, or left out where there is none.

        Raises:
            ValueError: if the vocabulary isn't known.
        """
        known = self.vocabulary
        if known is None:
            raise ValueError(self._no_text())
        places = {entry: number for number, entry in enumerate(known)}
        if self.by_characters:
            read = respell(text, known).text
            return [places[character] for character in read], len(text) - len(read)
        found, unknown, stand_in = list[int](), 0, self._unknown
        for word in text.split():
            plain = word.strip(PUNCTUATION)
            ways = (word, word.casefold(), plain, plain.casefold())
            number = next((places[way] for way in ways if way in places), -1)
            unknown += number < 0
            if max(number, stand_in) >= 0:
                found.append(number if number >= 0 else stand_in)
        return found, unknown

    def text_of(self, sequence: Sequence) -> str:
        """Return the text that `read_text` turned into a sequence."""
        assert self.vocabulary is not None
        return "".join(self.vocabulary[int(number)] for number in sequence.values[:, 0])

    @property
    def _unknown(self) -> int:
        known = self.vocabulary or ()
        return next((known.index(entry) for entry in UNKNOWN if entry in known), -1)

    def _numbered(self, entries: Ordered[str]) -> tuple[list[int], str]:
        places = {entry: number for number, entry in enumerate(self.vocabulary or ())}
        unknown = list(dict.fromkeys(entry for entry in entries if entry not in places))
        listed = ", ".join(f"“{shown(entry, 24)}”" for entry in unknown[:8])
        listed += f" and {len(unknown) - 8:,} more" if len(unknown) > 8 else ""
        if unknown and self._unknown < 0:
            raise ValueError(f"the model doesn't know {listed}. Use words of its vocabulary")
        return [places.get(entry, self._unknown) for entry in entries], listed

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
        return _entries(numbers, labels, sequence.title, sequence.notes)

    def _no_text(self) -> str:
        if self.spelled:
            return (
                "the model can't read a text yet, because its vocabulary isn't known. Paste its"
                " vocabulary"
            )
        return "the model can't read a text: it reads numbers. Choose another input"


def _entries(
    numbers: Ordered[int], labels: tuple[str, ...], title: str, notes: tuple[str, ...]
) -> Sequence:
    values = np.array(numbers, np.float32).reshape(-1, 1)
    return Sequence(values, labels, ("entry",), "text", title, notes)


def _label(entry: str) -> str:
    """Return a vocabulary's entry as a label: hidden characters made visible, long words cut."""
    return visible(entry) if len(entry) == 1 else shown(entry, 24)
