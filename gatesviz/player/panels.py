"""Panels of a player: one trace each, with a readout's answers and the gradients of a loss."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from gatesviz.traces import Array, Direction, Trace

Follows = Literal[
    "number", "choice", "set",
    "relu", "tanh", "softplus", "softsign", "exponential", "elu", "selu", "silu",
]  # fmt: skip
"""What follows a readout's sums: see `Readout`."""


@dataclass(frozen=True, eq=False)
class Readout:
    """The weights that turn h into answers, so that a browser can compute them again.

    D directions, P the size of h, O answers.

    Attributes:
        weight: (O, D·P).
        bias: (O,).
        kind: what follows the sum: nothing for a "number", softmax for a "choice", a sigmoid for
            each name of a "set"; else the function of each number.
    """

    weight: Array
    bias: Array
    kind: Follows


def answers_opening(names: Sequence[str]) -> str:
    """Return the words before the answer of a trained model: a number, or probabilities."""
    return "The model answers" if len(names) == 1 else "The model gives these probabilities:"


@dataclass(frozen=True, eq=False)
class Answers:
    """A readout's answers at each step.

    Attributes:
        names: O names.
        values: (T, O); probabilities, or plain values.
        question: the words before an answer, such as "The readout answers".
        targets: the expected answers. (T,): the number where O is 1, else the index of the
            expected name; or (T, O): above 1/2 for each name in the expected set. NaN at a step
            without an expected answer.
        readout: the weights, if a linear readout of h after the step gave the answers.
        forecasts: whether the answer is the next value of the first input. The player then draws
            the last value, too: the forecast that needs no network.
        numbers: whether several answers are numbers, and not probabilities.
    """

    names: tuple[str, ...]
    values: Array
    question: str = ""
    targets: Array | None = None
    readout: Readout | None = None
    forecasts: bool = False
    numbers: bool = False

    @property
    def kind(self) -> str:
        """The type of answer: a "number" or several, a "choice" of one name, or a "set"."""
        if len(self.names) == 1 or self.numbers:
            return "number"
        return "set" if self.targets is not None and self.targets.ndim == 2 else "choice"

    def check(self, steps: int) -> None:
        """Raise ValueError if the arrays do not fit the names and ``steps``."""
        wide = (steps, len(self.names))
        if self.values.shape != wide:
            raise ValueError(f"answers have shape {self.values.shape}, expected {wide}")
        if self.readout is not None and len(self.readout.weight) != len(self.names):
            rows = len(self.readout.weight)
            raise ValueError(f"readout has {rows} rows of weights, expected {len(self.names)}")
        if self.targets is None:
            return
        if self.targets.shape not in ((steps,), wide):
            shape = self.targets.shape
            raise ValueError(f"targets have shape {shape}, expected {(steps,)} or {wide}")
        indices = self.targets[~np.isnan(self.targets)] if self.kind == "choice" else ()
        for index in indices:
            if index not in range(len(self.names)):
                raise ValueError(f"expected targets from 0 to {len(self.names) - 1}, got {index:g}")


@dataclass(frozen=True, eq=False)
class Written:
    """The end of a text that the model wrote itself, one letter a step.

    Attributes:
        first: the step of its first letter.
        temperature: at which its letters were drawn.
        chances: (T − first,), the probability with which each letter was drawn.
    """

    first: int
    temperature: float
    chances: Array


@dataclass(frozen=True, eq=False)
class Panel:
    """One trace as one column of a player.

    Attributes:
        trace: the trace of one sample, unbatched.
        labels: T labels of the time axis; step numbers if None.
        title: the heading of the column; the cell's name if empty.
        text: whether the labels are the characters of a text.
        words: whether they are the words of a text.
        features: I names of the inputs.
        answers: a readout's answers, if there is a readout.
        gradients: letter of a state -> (T + 1, H), the gradient of the loss with respect to it,
            with the rows of `Trace.states`. Some states, all or none.
        network: (layer, direction) -> trace of one sample, as `Recording.traces`: the whole
            network to which ``trace`` belongs. Without it the browser computes only ``trace``.
        edits: the edits with which the network was recorded, each as `Edit.to_dict` writes it.
        written: the letters of the text that the model wrote, if it wrote any.

    Raises:
        ValueError: if the trace is batched, if labels, features, answers, gradients or written
            letters do not fit it, or if the network doesn't hold it.
    """

    trace: Trace
    labels: Sequence[str] | None = None
    title: str = ""
    text: bool = False
    features: Sequence[str] | None = None
    answers: Answers | None = None
    gradients: Mapping[str, Array] = field(default_factory=dict)
    network: Mapping[tuple[int, Direction], Trace] | None = None
    edits: Sequence[Mapping[str, Any]] = ()
    written: Written | None = None
    words: bool = False

    @property
    def place(self) -> tuple[int, Direction]:
        """The layer, from 0, and the direction of the trace; layer 0 without a network."""
        for place, trace in (self.network or {}).items():
            if trace is self.trace:
                return place
        return 0, self.trace.direction

    def __post_init__(self) -> None:
        steps, size = self.trace.inputs.shape[0], self.trace.inputs.shape[-1]
        if self.trace.batched:
            raise ValueError("expected an unbatched trace; pass trace.sample(index)")
        if self.network and not any(trace is self.trace for trace in self.network.values()):
            raise ValueError("the network doesn't hold the trace; pass one of its traces")
        if self.labels is not None and len(self.labels) != steps:
            raise ValueError(f"expected {steps} labels, one a step, got {len(self.labels)}")
        if self.features is not None and len(self.features) != size:
            raise ValueError(f"expected {size} feature names, got {len(self.features)}")
        if self.answers is not None:
            self.answers.check(steps)
        if self.written is not None:
            first, count = self.written.first, len(self.written.chances)
            if not self.text or first < 1 or first + count != steps:
                raise ValueError(
                    f"expected written letters at the end of a text of {steps} steps, got"
                    f" {count} from step {first}"
                )
        for letter, gradient in self.gradients.items():
            if letter not in self.trace.states:
                raise ValueError(
                    f"expected gradients of {list(self.trace.states)}, got one of {letter!r}"
                )
            if gradient.shape != (expected := self.trace.states[letter].shape):
                raise ValueError(
                    f"gradient of {letter!r} has shape {gradient.shape}, expected {expected}"
                )
