"""What a player shows: a trace a panel, with what a readout says and where a loss pulls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from gatesviz.traces import Array, Trace


@dataclass(frozen=True, eq=False)
class Answers:
    """What a readout says at each step.

    Attributes:
        names: O names.
        values: (T, O); probabilities, or plain values.
        question: what is asked, in a few words: "the first symbol".
        targets: what is right. (T,): the number where O is 1, else the index of the right name;
            or (T, O): above 1/2 for each name that belongs to the right set. NaN at a step where
            nothing is right or wrong.
    """

    names: tuple[str, ...]
    values: Array
    question: str = ""
    targets: Array | None = None

    @property
    def kind(self) -> str:
        """What an answer is: "number", "choice" of one name, or a "set" of names."""
        if len(self.names) == 1:
            return "number"
        return "set" if self.targets is not None and self.targets.ndim == 2 else "choice"

    def check(self, steps: int) -> None:
        """Raise ValueError where the arrays do not fit the names and ``steps``."""
        wide = (steps, len(self.names))
        if self.values.shape != wide:
            raise ValueError(f"answers have shape {self.values.shape}, expected {wide}")
        if self.targets is None:
            return
        if self.targets.shape not in ((steps,), wide):
            given = self.targets.shape
            raise ValueError(f"targets have shape {given}, expected {(steps,)} or {wide}")
        indices = self.targets[~np.isnan(self.targets)] if self.kind == "choice" else ()
        for index in indices:
            if index not in range(len(self.names)):
                raise ValueError(
                    f"target {index:g} given, an index of {len(self.names)} names wanted"
                )


@dataclass(frozen=True, eq=False)
class Panel:
    """One trace as one column of a player.

    Attributes:
        trace: of one sample: unbatched.
        labels: T labels of the time axis; step numbers where None.
        title: above the column; the cell's name where empty.
        text: whether the labels are the characters of a text.
        features: I names of the inputs.
        answers: what a readout makes of h, if there is one.
        gradients: letter of a state -> (T + 1, H), the derivative of the loss by it, with the
            rows of `Trace.states`; some or all of the states, or none.

    Raises:
        ValueError: if the trace is batched, or labels, features, answers or gradients do not
            fit it.
    """

    trace: Trace
    labels: Sequence[str] | None = None
    title: str = ""
    text: bool = False
    features: Sequence[str] | None = None
    answers: Answers | None = None
    gradients: Mapping[str, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        steps, size = self.trace.inputs.shape[0], self.trace.inputs.shape[-1]
        if self.trace.batched:
            raise ValueError("a player shows one sample: pass trace.sample(index)")
        if self.labels is not None and len(self.labels) != steps:
            raise ValueError(f"{len(self.labels)} labels given for {steps} steps")
        if self.features is not None and len(self.features) != size:
            raise ValueError(f"{len(self.features)} feature names given for input size {size}")
        if self.answers is not None:
            self.answers.check(steps)
        for letter, gradient in self.gradients.items():
            if letter not in self.trace.states:
                raise ValueError(
                    f"gradient by {letter!r} given, one of {list(self.trace.states)} wanted"
                )
            if gradient.shape != (expected := self.trace.states[letter].shape):
                raise ValueError(
                    f"gradient by {letter!r} has shape {gradient.shape}, expected {expected}"
                )
