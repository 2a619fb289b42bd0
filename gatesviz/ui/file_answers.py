"""What the readout of a model from a file gives, and what its numbers mean."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gatesviz.limits import FEATURES
from gatesviz.player.payload import Answers
from gatesviz.tasks.batches import Kind
from gatesviz.tasks.readouts import linear_readout
from gatesviz.traces import Array
from gatesviz.ui.entries import label_of
from gatesviz.ui.shares import probability

if TYPE_CHECKING:
    from torch import Tensor, nn

    from gatesviz.fresh import Module
    from gatesviz.model_files import OpenedModel
    from gatesviz.recordings import Recording

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
AFTER = {"choice": "softmax", "set": "sigmoid"}
"""What answers are -> the function that makes probabilities of a readout's numbers."""
NAMED = 5
"""Answers that a sentence names."""
DECIDED = {"softmax": CLASSES, "sigmoid": YES_OR_NO}
"""What a file says is applied to the readout's values -> what its answers mean.

After any other activation, several answers are `REALS`.
"""
MEANINGS = (CLASSES, YES_OR_NO, REALS)
"""What several answers of a readout can mean. Its weights don't show it."""


@dataclass(frozen=True, eq=False)
class FileAnswers:
    """A model from a file, and what it answers.

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
    def vocabulary(self) -> tuple[str, ...] | None:
        """The entries that it reads; None if it reads numbers, or if they aren't known."""
        return self.opened.vocabulary if self.spelled else None

    @property
    def entries(self) -> int:
        """V, how many different entries it can read."""
        embedding = self.opened.embedding
        return self.module.input_size if embedding is None else embedding.num_embeddings

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

    @property
    def readout(self) -> "nn.Linear | None":
        """Its readout, whatever it reads."""
        return self.opened.readout if self.once is None else self.once

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
    def gives(self) -> str:
        """The words before its answers, which say what they are; "" if that isn't known.

        A readout's own numbers are logits where a softmax or a sigmoid makes probabilities of them.
        """
        kind, readout = self.meaning, self.readout
        if kind is None or readout is None:
            return ""
        several = readout.out_features > 1
        what = "number" if kind == "number" else "probability"
        if several:
            what = "numbers" if kind == "number" else "probabilities"
        after = AFTER.get(kind) or getattr(readout, "activation", "")  # of an `ActivatedLinear`
        how = f" ({after})" if after else ""
        return f"gives {'these' if several else 'the'} {what}{how}{':' if several or how else ''}"

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

    @property
    def scored(self) -> int:
        """How many answers it has at each step, if they can be compared with other ones; else 0."""
        readout = self.opened.readout
        known = readout is not None and (self.predicts or self.kind is not None)
        return readout.out_features if readout is not None and known else 0

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
        from_here = "From this step, your" if self._by_choice else "Your"
        question = f"{from_here} readout {self.gives}"
        if self.last:
            question = f"If the sequence ends here, your readout {self.gives}"
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
        return f"{READ_ONCE} {it} {self.gives} {answer}. Your edits don't change this answer."

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


def _decided(values: "Tensor", kind: Kind) -> Array:
    """Return a readout's numbers as answers of this kind: probabilities, or the numbers."""
    if kind == "choice":
        values = values.softmax(-1)
    elif kind == "set":
        values = values.sigmoid()
    found: Array = values.numpy()
    return found
