"""A task: where its samples come from, and how an answer is judged."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

from gatesviz.limits import STEPS, Limit
from gatesviz.tasks import losses
from gatesviz.tasks.batches import Batch, Kind

if TYPE_CHECKING:
    from torch import Generator, Tensor

Sample = Callable[["Generator", int, int, bool], Batch]
Score = Callable[["Tensor", Batch], float]
Answer = Callable[[Batch], "Tensor"]


@dataclass(frozen=True)
class Task:
    """Something to learn. It can be pickled, and two that were made alike make the same samples.

    Attributes:
        key: its name in files and links.
        title, asks, answer: for the reader; what goes in and what must come out, a sentence each.
        source: who posed it, how it differs from that, and where `solved_at` comes from.
        vocabulary: the characters it reads, one-hot in this order; None where it reads numbers.
        features: the I names of the numbers it reads at a step; unused with a vocabulary.
        answer_names: the O answers; one name means that the answer is a number.
        several: whether the answer is a set of names and not a single one.
        metric: the name of the score; a comma or colon starts a detail.
        unit: "%" for a share from 0 to 1 that pages show in per cent; else a unit, or "".
        better: whether a higher or a lower score is better.
        solved_at: the score from which on the task counts as solved.
        baseline_formula: the score of the best answer that is always the same, in words.
        length: T that models are trained and scored at.
        shortest, longest: which T are allowed.
        example: an input that shows what matters; numbers are separated by spaces, and steps by
            semicolons where a step has several.
        forecasts: whether the answer at a step is the next value of the first thing it reads. A
            bidirectional model has already read it.
        learns: which steps training looks at, see `losses.Learns`.
        needs: a library beside gatesviz's own, and what to say where it lacks; None otherwise.
    """

    key: str
    title: str
    asks: str
    answer: str
    source: str
    vocabulary: tuple[str, ...] | None
    answer_names: tuple[str, ...]
    metric: str
    better: Literal["higher", "lower"]
    solved_at: float
    baseline_formula: str
    length: int
    example: str
    _sample: Sample
    _score: Score
    _constant: Answer
    _measures: tuple[tuple[str, Score], ...] = ()
    _references: tuple[tuple[str, Answer], ...] = ()
    features: tuple[str, ...] = ("value",)
    several: bool = False
    shortest: int = STEPS.low
    longest: int = STEPS.high
    forecasts: bool = False
    learns: losses.Learns = "balanced"
    needs: tuple[str, str] | None = None
    unit: str = ""
    _stream: Sample | None = None

    def __repr__(self) -> str:
        return f"Task({self.key!r}, {self.title!r})"

    @property
    def input_size(self) -> int:
        """I."""
        return len(self.features if self.vocabulary is None else self.vocabulary)

    @property
    def output_size(self) -> int:
        """O."""
        return len(self.answer_names)

    @property
    def kind(self) -> Kind:
        """What an answer is: "number", "choice" or "set"."""
        if self.several:
            return "set"
        return "number" if self.output_size == 1 else "choice"

    @property
    def feeds_back(self) -> bool:
        """Whether its answer is all of the next input, so that a model can run freely."""
        if self.kind == "choice":
            return self.answer_names == self.vocabulary
        return self.kind == "number" and self.vocabulary is None and self.input_size == 1

    @property
    def reads_answers(self) -> bool:
        """Whether the next input holds the answer, so that a bidirectional model has read it."""
        return self.forecasts or self.feeds_back

    @property
    def continuing(self) -> bool:
        """Whether it makes samples that can follow each other, as parts of one endless stream."""
        return self._stream is not None

    @property
    def lengths(self) -> Limit:
        """The range of T."""
        return Limit(f"steps of “{self.title}”", self.shortest, self.longest)

    @property
    def missing(self) -> str:
        """A sentence that tells what has to be installed first; "" where nothing has."""
        if self.needs is None or find_spec(self.needs[0]) is not None:
            return ""
        return f"“{self.title}” {self.needs[1]}"

    def batch(
        self,
        generator: "Generator",
        batch: int,
        length: int,
        *,
        held_out: bool = False,
        continuing: bool = False,
    ) -> Batch:
        """Return ``batch`` samples of ``length`` steps, drawn from ``generator``.

        Args:
            held_out: take data that training never sees; tasks that generate theirs make new
                samples anyway.
            continuing: make samples each of which can follow any other, of this batch or of
                another one.

        Raises:
            ValueError: if ``batch`` is below 1, ``length`` outside `lengths`, or the task is not
                `continuing` though that is asked for.
            ModuleNotFoundError: if a library is `missing`.
        """
        if batch < 1:
            raise ValueError(f"{batch} samples of {length} steps asked for, at least 1 is wanted")
        self.lengths.check(length)
        if self.missing:
            raise ModuleNotFoundError(self.missing)
        sample = self._stream if continuing else self._sample
        if sample is None:
            raise ValueError(f"the samples of “{self.title}” cannot follow each other")
        return sample(generator, batch, length, held_out)

    def loss(self, output: "Tensor", batch: Batch) -> "Tensor":
        """Return what training makes small, for the readout's ``output`` (T, B, O).

        See `losses.loss`: the squared error of a number, cross-entropy otherwise.
        """
        return losses.loss(output, batch, self.kind, self.learns)

    def baseline_loss(self, batch: Batch) -> float:
        """Return the least loss that any constant answer has on ``batch``."""
        constant = losses.least_constant(batch, self.kind, self.learns, self.output_size)
        return float(self.loss(constant, batch))

    def answers(self, output: "Tensor") -> "Tensor":
        """Return what the readout's ``output`` (..., O) says, in the order of `answer_names`.

        A number as it is; the probability of each choice; or for each member of a set the
        probability that it belongs to it.
        """
        if self.kind == "number":
            return output
        return output.sigmoid() if self.kind == "set" else output.softmax(-1)

    def score(self, output: "Tensor", batch: Batch) -> float:
        """Return the score of the readout's ``output`` (T, B, O), in units of `metric`."""
        return self._score(output, batch)

    def measures(self, output: "Tensor", batch: Batch) -> dict[str, float]:
        """Return the score under the name of its metric, then what else is measured."""
        told = {name: measure(output, batch) for name, measure in self._measures}
        return {self.metric: self.score(output, batch)} | told

    def baseline(self, batch: Batch) -> float:
        """Return the score of the best constant answer on ``batch``: see `baseline_formula`."""
        return self._score(self._constant(batch), batch)

    def references(self, batch: Batch) -> dict[str, float]:
        """Return the scores of answers that need no network, by name; the constant one first."""
        told = {name: self._score(answer(batch), batch) for name, answer in self._references}
        return {"always the same answer": self.baseline(batch)} | told

    def describe_score(self, score: float) -> str:
        """Return the score with its name and unit, as in "accuracy 98.3 %"; three digits.

        A share below 1 never rounds up to 100 %.
        """
        name = re.split("[,:]", self.metric)[0]
        if not math.isfinite(score):
            return f"{name} not finite"
        if self.unit == "%":
            per_cent = min(100 * score, 99.9) if score < 1 else 100.0
            return f"{name} {per_cent:.3g} %"
        if name.startswith("bits"):
            return f"{score:.3g} {name}"
        return f"{name} {score:.3g} {self.unit}".rstrip()

    def solved(self, score: float) -> bool:
        """Return whether ``score`` reaches `solved_at`."""
        return score >= self.solved_at if self.better == "higher" else score <= self.solved_at

    def beats(self, score: float, other: float) -> bool:
        """Return whether ``score`` is better than ``other``."""
        return score > other if self.better == "higher" else score < other
