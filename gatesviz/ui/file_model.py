"""A model from a file, as the pages use it: what it reads, and what its answers mean."""

from collections.abc import Sequence as Ordered
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gatesviz.cells import CELLS
from gatesviz.limits import FEATURES, PLAYER_VALUES, STEPS, TYPED_CHARACTERS
from gatesviz.player.payload import Answers
from gatesviz.sequences import Sequence
from gatesviz.sequences.characters import shown
from gatesviz.sequences.respelling import respell
from gatesviz.tasks import Continuation
from gatesviz.tasks.batches import Kind
from gatesviz.tasks.readouts import linear_readout
from gatesviz.traces import Array
from gatesviz.ui.entries import Entries, label_of
from gatesviz.ui.shares import probability

if TYPE_CHECKING:
    from torch import Tensor, nn

    from gatesviz.fresh import Module
    from gatesviz.model_files import OpenedModel
    from gatesviz.recordings import Recording

MOST = PLAYER_VALUES.high - 500_000
"""Most values of inputs, gates and states for a player, which also gets answers and weights."""
LISTED = 100
"""Entries of a vocabulary that the page lists."""
CLASSES, YES_OR_NO = "one of {} classes (softmax)", "{} answers, each yes or no (sigmoid)"
REALS = "{} numbers"
UNSURE_READOUT = (
    "The file doesn't show whether the readout reads both directions at each step, or the final"
    " states once. The answers differ. To see them, choose “The readout reads” in the sidebar."
)
EACH_STEP_READ = (
    "As you chose, the readout reads both directions at each step. A model that reads the final"
    " states h_n has another answer: change “The readout reads” in the sidebar."
)
READ_ONCE = (
    "The readout reads the final states once: the forward state of the last step and the backward"
    " state of the first step. So it gives one answer for the whole sequence."
)
LAST_STEP_READ = (
    "The readout reads the last step only. Its answer at an earlier step is what the model answers"
    " if the sequence ends there."
)
NAMED = 5
"""Answers that a sentence names."""
DECIDED = {"softmax": CLASSES, "sigmoid": YES_OR_NO}
"""What a file says is applied to the readout's values -> what its answers mean.

After any other activation, several answers are `REALS`.
"""
MEANINGS = (CLASSES, YES_OR_NO, REALS)
"""What several answers of a readout can mean. Its weights don't show it."""


@dataclass(frozen=True, eq=False)
class FileModel:
    """A model that the reader uploaded.

    Attributes:
        key: differs for other weights or other choices, for caches.
        opened: the model.
        spelled: whether it reads entries of a vocabulary, not numbers.
        means: what its answers mean, one of `MEANINGS`; "" if it wasn't chosen.
        once: the readout, if it reads the final states; `opened` then has none.
        unsure: whether what the readout reads is still to be chosen; `opened` then has none.
        last: whether the readout of one direction reads the last step only.
        pasted: whether its vocabulary was pasted, so that the file doesn't have it.
    """

    key: str
    opened: "OpenedModel"
    spelled: bool
    means: str = ""
    once: "nn.Linear | None" = None
    unsure: bool = False
    last: bool = False
    pasted: bool = False

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
        return self.vocabulary is not None and Entries(self.vocabulary).by_characters

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
        return Entries(self.vocabulary or ()).example

    @property
    def writes(self) -> bool:
        """Whether it predicts the next character of its own vocabulary."""
        return self.by_characters and self.predicts

    @property
    def predicts(self) -> bool:
        """Whether it has an answer for each entry that it can read, and reads onward only."""
        return self._by_entry(self.opened.readout) and not self.module.bidirectional

    def _by_entry(self, readout: "nn.Linear | None") -> bool:
        """Return whether a readout has an answer for each entry, as far as the file shows."""
        fits = readout is not None and readout.out_features == self.entries
        return self.spelled and fits and not self.opened.other_answers

    @property
    def decided(self) -> str:
        """What several answers mean, if the file says so, one of `MEANINGS`; else ""."""
        after = self.opened.activation
        return DECIDED.get(after, "" if after in ("", "linear") else REALS)

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
        return Entries(self.vocabulary).split(text) if self.vocabulary else text.split()

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

    def answers(self, output: Array) -> Answers | None:
        """Return the readout's answers for the module's output (T, D·P); None without any."""
        readout, kind = self.opened.readout, self.kind
        if readout is None or kind is None:
            return None
        values, count = self.answer_values(output, kind), readout.out_features
        names = tuple(map(self.answer_name, range(count)))
        targets = np.full((len(values), count), np.nan) if kind == "set" else None
        browser = linear_readout(readout, kind)
        several = kind == "number" and count > 1
        gives = "gives" if several else "answers"
        from_here = "From this step, your" if self._by_choice else "Your"
        question = f"{from_here} readout {gives}"
        if self.last:
            question = f"If the sequence ends here, your readout {gives}"
        if any(self.opened.left_out):
            question = f"Without the layers that aren't used, {question[0].lower()}{question[1:]}"
        return Answers(names, values, question, targets, browser, numbers=several)

    def about_answers(self, recording: "Recording") -> str:
        """Return what the readout reads, as sentences; "" for each step of one direction.

        If it reads the final states, its answer is among them.
        """
        if self.unsure:
            return UNSURE_READOUT
        if self.once is None:
            read = EACH_STEP_READ if self._by_choice else LAST_STEP_READ if self.last else ""
            return read if self.kind is not None else ""
        answer = self.answer_once(recording)
        if not answer:
            return READ_ONCE
        it = "Without the layers that aren't used, it" if any(self.opened.left_out) else "It"
        return f"{READ_ONCE} {it} answers {answer}. Your edits don't change this answer."

    def answer_once(self, recording: "Recording") -> str:
        """Return the answer of a readout of the final states, as "class 0: 70.2 %, …".

        It is "" if the readout reads each step, or if it isn't known what it gives.
        """
        kind = None if self.once is None else self._kind_of(self.once)
        if self.once is None or kind is None:
            return ""
        from gatesviz.model_files.answers import read_by

        values = _decided(read_by(self.once, recording, "h_n"), kind)
        order = range(len(values)) if kind == "number" else np.argsort(-values, kind="stable")
        written = "{:.4g}".format if kind == "number" else probability
        listed = [
            f"{self.answer_name(int(k))}: {written(float(values[k]))}" for k in [*order][:NAMED]
        ]
        more = f" and {len(values) - NAMED:,} more" if len(values) > NAMED else ""
        return f"{', '.join(listed)}{more}"

    def answer_values(self, output: Array, kind: Kind) -> Array:
        """Return the readout's answers (T, O) of this kind: probabilities, or numbers.

        Args:
            output: the module's output, (T, D·P).
            kind: what the answers mean.
        """
        import torch

        readout = self.opened.readout
        assert readout is not None
        with torch.no_grad():
            values = readout(torch.from_numpy(output).to(readout.weight.dtype))
        return _decided(values, kind)

    def answer_name(self, number: int) -> str:
        """Return the name of an answer: its name in the file, or such as "value" or "class 3"."""
        known, readout = self.vocabulary or (), self.readout
        count = 0 if readout is None else readout.out_features
        if self.opened.answer_names is not None:
            return label_of(self.opened.answer_names[number])
        if self.means == REALS:
            return f"number {number}"
        if len(known) == count:
            return label_of(known[number])
        if count == 1:
            return "probability" if self.means == YES_OR_NO else "value"
        return f"class {number}"

    @property
    def kind(self) -> Kind | None:
        """What its answers at each step are.

        None if there are none, too many, or the meaning isn't chosen.
        """
        return self._kind_of(self.opened.readout)

    def _kind_of(self, readout: "nn.Linear | None") -> Kind | None:
        if readout is None or readout.out_features > FEATURES.high:
            return None
        if readout.out_features == 1:
            return "set" if self.means == YES_OR_NO else "number"
        if self.means != YES_OR_NO and self._by_entry(readout):
            return "choice"
        kinds: dict[str, Kind] = {CLASSES: "choice", YES_OR_NO: "set", REALS: "number"}
        return kinds.get(self.means)

    @property
    def answer_kind(self) -> Kind | None:
        """What its answers at each step are, also where they are too many for the player."""
        return self.kind or ("choice" if self.predicts else None)

    @property
    def meaning(self) -> Kind | None:
        """What its answers are: those of each step, or the one for the whole sequence."""
        return self.answer_kind if self.once is None else self._kind_of(self.once)

    @property
    def readout(self) -> "nn.Linear | None":
        """Its readout, whatever it reads."""
        return self.opened.readout if self.once is None else self.once

    @property
    def _by_choice(self) -> bool:
        """Whether the reader chose that the readout reads both directions at each step."""
        return self.opened.readout is not None and self.opened.readout_input is None

    @property
    def undecided(self) -> int:
        """How many answers its readout has, if their meaning has to be chosen; else 0."""
        readout = self.readout
        if readout is None or not 1 < readout.out_features <= FEATURES.high:
            return 0
        return 0 if self._by_entry(readout) or self.decided else readout.out_features

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
        return Entries(self.vocabulary)

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


def _decided(values: "Tensor", kind: Kind) -> Array:
    """Return a readout's numbers as answers of this kind: probabilities, or the numbers."""
    if kind == "choice":
        values = values.softmax(-1)
    elif kind == "set":
        values = values.sigmoid()
    found: Array = values.numpy()
    return found
