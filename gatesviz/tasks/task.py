"""A task: its samples, its loss and its score."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

from gatesviz.limits import STEPS, Limit
from gatesviz.sequences.characters import visible
from gatesviz.tasks import losses, scores
from gatesviz.tasks.batches import Batch, Kind

if TYPE_CHECKING:
    from torch import Generator, Tensor

Sample = Callable[["Generator", int, int, bool], Batch]
Score = Callable[["Tensor", Batch], float]
Answer = Callable[[Batch], "Tensor"]


@dataclass(frozen=True)
class Task:
    """A task to learn. It can be pickled; the copy makes the same samples.

    Attributes:
        key: its name in files and links.
        title: for a menu.
        asks, answer: what a sample shows, and what the model must do: a sentence or two each.
        source: where it comes from, how it differs from that, and when it counts as solved.
        vocabulary: the characters it reads, one-hot in this order; None where it reads numbers.
        features: the I names of the numbers it reads at a step; unused with a vocabulary.
        answer_names: the O possible answers; a single name means a number.
        several: whether an answer is a set of names.
        metric: the name of the score; a comma or colon starts a detail.
        unit: "%" for a share from 0 to 1 that pages show in per cent; else a unit, or "".
        better: whether a higher or a lower score is better.
        solved_at: the score at which the task counts as solved.
        constant_answer: the best constant answer, in words.
        scored: which of several answers the score counts, as in "at the question marks"; "" where
            that needs no word.
        constant_name: what it is called among other `references`.
        length: the usual T.
        shortest, longest: the range of T.
        example: a typical input; spaces separate numbers, and semicolons steps of several
            numbers.
        forecasts: whether the answer is the next value of the first feature, which a bidirectional
            model has already read.
        learns: the steps that training uses, see `losses.Learns`.
        needs: the name of an optional library, and the end of a sentence for when it is missing.
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
    constant_answer: str
    length: int
    example: str
    _sample: Sample
    _score: Score
    _constant: Answer
    _measures: tuple[tuple[str, Score], ...] = ()
    _references: tuple[tuple[str, Answer], ...] = ()
    scored: str = ""
    features: tuple[str, ...] = ("value",)
    several: bool = False
    shortest: int = STEPS.low
    longest: int = STEPS.high
    forecasts: bool = False
    learns: losses.Learns = "balanced"
    needs: tuple[str, str] | None = None
    unit: str = ""
    constant_name: str = "best constant answer"
    _stream: Sample | None = None

    def __repr__(self) -> str:
        return f"Task({self.key!r}, {self.title!r})"

    @property
    def explanation(self) -> str:
        """What a sample shows, and what the model must do, for a page."""
        return f"{self.asks} The model's task: {self.answer[:1].lower()}{self.answer[1:]}"

    @property
    def input_size(self) -> int:
        """I."""
        return len(self.features if self.vocabulary is None else self.vocabulary)

    def letters(self, inputs: "Tensor") -> tuple[str, ...] | None:
        """Return the letters that one sample (T, I) reads, made visible; None for numbers."""
        if self.vocabulary is None:
            return None
        return tuple(visible(self.vocabulary[k]) for k in inputs.argmax(-1).tolist())

    @property
    def output_size(self) -> int:
        """O."""
        return len(self.answer_names)

    @property
    def kind(self) -> Kind:
        """The kind of answer: "number", "choice" or "set"."""
        if self.several:
            return "set"
        return "number" if self.output_size == 1 else "choice"

    @property
    def feeds_back(self) -> bool:
        """Whether the answer is the whole next input, so that a model can run freely."""
        if self.kind == "choice":
            return self.answer_names == self.vocabulary
        return self.kind == "number" and self.vocabulary is None and self.input_size == 1

    @property
    def reads_answers(self) -> bool:
        """Whether the next input holds the answer, so that a bidirectional model has read it."""
        return self.forecasts or self.feeds_back

    @property
    def continuing(self) -> bool:
        """Whether samples can follow each other as parts of one endless stream."""
        return self._stream is not None

    @property
    def lengths(self) -> Limit:
        """The range of T."""
        return Limit(f"steps of “{self.title}”", self.shortest, self.longest)

    @property
    def missing(self) -> str:
        """A sentence that says what to install first; "" where nothing is missing."""
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
            held_out: use data that training never sees. Generated samples are always new.
            continuing: make samples that can follow each other, within and between batches.

        Raises:
            ValueError: if ``batch`` is below 1; if ``length`` is outside `lengths`; or if
                ``continuing`` is True for a task that is not `continuing`.
            ModuleNotFoundError: if a library is `missing`.
        """
        if batch < 1:
            raise ValueError(f"batch: expected at least 1 sample, got {batch}")
        self.lengths.check(length)
        if self.missing:
            raise ModuleNotFoundError(self.missing)
        sample = self._stream if continuing else self._sample
        if sample is None:
            raise ValueError(f"the samples of “{self.title}” can't follow each other")
        return sample(generator, batch, length, held_out)

    def loss(self, output: "Tensor", batch: Batch) -> "Tensor":
        """Return the training loss of the readout's ``output`` (T, B, O), a scalar.

        See `losses.loss`: the squared error of a number, cross-entropy otherwise.
        """
        return losses.loss(output, batch, self.kind, self.learns)

    def baseline_loss(self, batch: Batch) -> float:
        """Return the least loss of any constant answer on ``batch``."""
        constant = losses.least_constant(batch, self.kind, self.learns, self.output_size)
        return float(self.loss(constant, batch))

    def answers(self, output: "Tensor") -> "Tensor":
        """Return the answers in the readout's ``output`` (..., O), in the order of `answer_names`.

        A number; the probability of each choice; or the probability that each name is in the set.
        """
        if self.kind == "number":
            return output
        return output.sigmoid() if self.kind == "set" else output.softmax(-1)

    def score(self, output: "Tensor", batch: Batch) -> float:
        """Return the score of the readout's ``output`` (T, B, O), in units of `metric`."""
        return self._score(output, batch)

    def counted(self, batch: Batch) -> "Tensor":
        """Return how much each sample counts in `score`, (B,): see `score_power`."""
        return scores.counted(self._score, batch)

    @property
    def score_power(self) -> int:
        """p in `score` = (Σ wᵢ·sᵢᵖ / Σ wᵢ)^(1/p): w is `counted`, s are the samples' scores."""
        return scores.power(self._score)

    def measures(self, output: "Tensor", batch: Batch) -> dict[str, float]:
        """Return the score by the name of its metric, then further measures."""
        further = {name: measure(output, batch) for name, measure in self._measures}
        return {self.metric: self.score(output, batch)} | further

    def baseline(self, batch: Batch) -> float:
        """Return the score of the best constant answer on ``batch``: see `constant_answer`."""
        return self._score(self._constant(batch), batch)

    def references(self, batch: Batch) -> dict[str, float]:
        """Return the scores of answers without a network, by name; the best constant one first."""
        others = {name: self._score(answer(batch), batch) for name, answer in self._references}
        return {self.constant_name: self.baseline(batch)} | others

    def describe_score(self, score: float) -> str:
        """Return the score with its name and unit, as in "accuracy 98.3 %"."""
        name, text = re.split("[,:]", self.metric)[0], self.score_text(score)
        if name.startswith("bits"):
            return f"{text} {name}"
        unit = self.unit if self.unit != "%" and math.isfinite(score) else ""
        return f"{name} {text} {unit}".rstrip()

    def score_text(self, score: float) -> str:
        """Return the score in three digits, a share in per cent.

        A share below 1 never rounds up to 100 %.
        """
        if not math.isfinite(score):
            return "not finite"
        if self.unit != "%":
            return f"{score:.3g}"
        return f"{min(100 * score, 99.9) if score < 1 else 100.0:.3g} %"

    def solved(self, score: float) -> bool:
        """Return whether ``score`` reaches `solved_at`."""
        return score >= self.solved_at if self.better == "higher" else score <= self.solved_at

    def solved_beside(self, score: float, references: Mapping[str, float]) -> bool:
        """Return whether ``score`` reaches `solved_at` and beats each of ``references``, too."""
        return self.solved(score) and all(self.beats(score, each) for each in references.values())

    def beats(self, score: float, other: float) -> bool:
        """Return whether ``score`` is better than ``other``."""
        return score > other if self.better == "higher" else score < other
