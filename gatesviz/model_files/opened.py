"""A model from a file: its recurrent module, embedding, readout and vocabulary."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from gatesviz.model_files.answers import UNSURE, ReadoutInput, read_by
from gatesviz.model_files.contents import quoted
from gatesviz.model_files.left_out import NOTHING, LeftOut
from gatesviz.tasks import Continuation
from gatesviz.tasks.writing import write_letters

if TYPE_CHECKING:
    from gatesviz.fresh import Module
    from gatesviz.recordings import Recording


@dataclass(frozen=True, eq=False)
class OpenedModel:
    """A model from a file.

    The vocabulary has V entries. The module has I inputs and D·P outputs (D directions, P the size
    of h). The readout gives O answers.

    Attributes:
        module: a torch.nn module, or a `StepModule` for a cell that torch.nn lacks; in evaluation
            mode.
        part: the name of the module in the file.
        embedding: (V, I), if the file has one.
        readout: a layer from D·P to O, if the file has one. It includes the file's activation,
            such as "relu" or "tanh", but no softmax or sigmoid.
        vocabulary: V strings in order, if known.
        notes: what is opened, what is assumed and what is ignored, in sentences.
        readout_input: what the readout reads: "output" at each step, or "h_n", the final states of
            the last layer, once; None where neither the file nor the caller says so.
        answer_names: the names of the O answers, if the file has a list of them.
        embedding_name, readout_name: names of both in the file, "" for none.
        activation: what the file says is applied to the readout's values, such as "relu"; "" if
            nothing or unknown.
        left_out: names of unopened layers that are before the module or its readout, or whose
            sizes would fit there. Gates and answers are computed without them. `left_out.before`
            also names an initial state that isn't zero.
        backwards: whether the model reads a sequence from its last step to its first. `features`
            then returns the steps in that order. Reverse other inputs of `module` yourself.
    """

    module: "Module"
    part: str
    embedding: nn.Embedding | None
    readout: nn.Linear | None
    vocabulary: tuple[str, ...] | None
    notes: tuple[str, ...]
    readout_input: ReadoutInput | None = "output"
    answer_names: tuple[str, ...] | None = None
    embedding_name: str = ""
    readout_name: str = ""
    activation: str = ""
    left_out: LeftOut = NOTHING
    backwards: bool = False

    def answers(self, recording: "Recording") -> Tensor:
        """Return what the readout gives for a recording of `module`, without softmax or sigmoid.

        Args:
            recording: the result of `gatesviz.record` for `module`.

        Returns:
            The recording's output with O numbers in place of its D·P, such as (T, O) or (T, B, O);
            or (O,) or (B, O) if the readout reads the final states.

        Raises:
            ValueError: if there is no readout, or what it reads isn't known.
        """
        if self.readout is None:
            raise ValueError("the model has no readout. Choose one with open_model(…, readout=…)")
        if self.readout_input is None:
            raise ValueError(UNSURE)
        return read_by(self.readout, recording, self.readout_input)

    def features(self, text: "str | list[int] | list[str] | Tensor") -> Tensor:
        """Return the inputs of `module` for a sequence, (T, I), in the order in which it reads.

        If the model reads backwards, row 0 is the last entry.

        Args:
            text: entries of the vocabulary, as a list or as one text that consists of them; or
                their numbers, as a list, an array or a tensor (T,). The embedding turns them into
                vectors. Without one they are one-hot.

        Raises:
            TypeError: if it is something else.
            ValueError: if the vocabulary lacks an entry, or there is none.
        """
        entries = self._split(text) if isinstance(text, str) else _listed_entries(text)
        weight, size = next(self.module.parameters()), self.module.input_size
        read = [self._number(entry) for entry in entries]
        if self.backwards:
            read.reverse()
        numbers = torch.tensor(read, dtype=torch.int64, device=weight.device)
        if self.embedding is None:
            return nn.functional.one_hot(numbers, size).to(weight.dtype)
        with torch.no_grad():
            found: Tensor = self.embedding(numbers)
        return found

    @property
    def other_answers(self) -> str:
        """Why the readout doesn't predict the next entry, as a sentence; "" if it may do so."""
        if self.answer_names is not None and self.answer_names != self.vocabulary:
            return "The file's names of the answers aren't the entries of the vocabulary."
        if self.activation not in ("", "linear", "softmax"):
            return f"The readout's activation is {quoted(self.activation)}, not a softmax."
        return ""

    def continue_text(
        self, prompt: str, letters: int = 200, *, temperature: float = 0.7, seed: int = 0
    ) -> Continuation:
        """Return ``letters`` letters that the model writes after ``prompt``.

        The readout's numbers are taken as logits of the next character. The same arguments give
        the same text: see `gatesviz.tasks.continue_text`. Characters of ``prompt`` that the
        vocabulary lacks are replaced or left out. For example, a capital letter is read as a small
        one.

        Raises:
            ValueError: if the model reads backwards or in both directions, has no readout for each
                character of its vocabulary, its answers are something else, or an argument is
                outside its limit.
        """
        known, readout = self.vocabulary, self.readout
        if known is None or readout is None or readout.out_features != len(known):
            raise ValueError(
                "expected a model with a vocabulary and a readout that has an answer for each"
                " entry. Pass a missing vocabulary to open_model(…, vocabulary=…)"
            )
        if why := self.other_answers:
            raise ValueError(f"expected logits of the next character. {why}")
        if max(map(len, known)) > 1 or self.module.bidirectional:
            raise ValueError("expected single characters and a module that reads in one direction")
        if self.backwards:
            raise ValueError(
                "expected a model that reads from the first step to the last. This one reads"
                " backwards, so it can't continue a text"
            )

        def logits(indices: list[int], state: Any) -> tuple[Tensor, Any]:
            hidden, state = self.module(self.features(indices), state)
            return readout(hidden[-1]), state

        return write_letters(known, logits, prompt, letters, temperature, seed)

    def _split(self, text: str) -> list[str]:
        if not text:
            raise ValueError("text: it is empty, expected at least one entry")
        if self.vocabulary is None:
            raise ValueError("text: the vocabulary isn't known. Pass vocabulary= to open_model")
        if max(map(len, self.vocabulary)) == 1:
            return [*text]
        return text.split()

    def _number(self, entry: "str | int") -> int:
        count = self.module.input_size if self.embedding is None else len(self.embedding.weight)
        if isinstance(entry, str):
            if self.vocabulary is None or entry not in self.vocabulary:
                raise ValueError(f"text: {quoted(entry)} isn't in the vocabulary")
            return self.vocabulary.index(entry)
        if not 0 <= entry < count:
            raise ValueError(f"text: expected numbers from 0 to {count - 1}, got {entry}")
        return int(entry)


def _listed_entries(given: object) -> "list[str | int]":
    """Return a list of entries or their numbers; an array or a tensor (T,) is one, too.

    Raises:
        TypeError: if it is not such a list.
        ValueError: if it is empty.
    """
    found: Any = given.tolist() if isinstance(given, Tensor | np.ndarray) else given
    if not isinstance(found, Sequence) or not all(map(_is_entry, found)):
        array = isinstance(given, Tensor | np.ndarray)
        got = f"shape {np.shape(found)}" if array else quoted(given)
        raise TypeError(
            "text: expected a text, or a list of entries or of their whole numbers, got " + got
        )
    if not found:
        raise ValueError("text: it is empty, expected at least one entry")
    return [one if isinstance(one, str) else int(one) for one in found]


def _is_entry(one: object) -> bool:
    whole = isinstance(one, Tensor) and not one.ndim and not one.is_floating_point()
    return whole or isinstance(one, str | int | np.integer)
