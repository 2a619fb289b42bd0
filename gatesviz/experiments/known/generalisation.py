"""Cards T5, T6 and T7: cells on texts longer than the training texts."""

from functools import cache
from typing import TYPE_CHECKING

from gatesviz.experiments.known import trained
from gatesviz.experiments.known.card import Band, Card, Results, Values
from gatesviz.experiments.known.learning import rows, values
from gatesviz.experiments.known.trained import CELLS, FORGET_GATES, SEEDS
from gatesviz.experiments.result import Result

if TYPE_CHECKING:
    from gatesviz.tasks import Batch

TESTED_AT = 200
STREAMS, STREAM_STEPS, EARLY = 8, 2_000, 200
"""Number of test texts, steps of each, and how many of these steps count as early."""


def counting(results: Results) -> Values:
    """Measure T5: the largest n up to which every aⁿbⁿ is right, for each run."""
    trials = rows(trained.counting(), CELLS)
    return {name: values(results, trials[name], _largest) for name in trials}


def parity(results: Results) -> Values:
    """Measure T6: the accuracy over texts of 200 steps, for each run."""
    trials = rows(trained.parity(), CELLS)
    return {name: values(results, trials[name], _score_at_length) for name in trials}


def stream(results: Results) -> Values:
    """Measure T7: for each run the accuracy at closing letters, the largest |c| and its growth."""
    measured: dict[str, tuple[float, ...]] = {}
    for name, trials in rows(trained.stream(), FORGET_GATES).items():
        numbers = [stream_numbers(results[trial]) for trial in trials if trial in results]
        names = (name, f"largest |c|, {name}", f"growth of |c|, {name}")
        measured |= dict(zip(names, zip(*numbers, strict=True), strict=False))
    return measured


def stream_numbers(result: Result) -> tuple[float, float, float]:
    """Measure a trained model on the texts of `endless`, from a zero state.

    Returns:
        The accuracy at closing letters; the largest |c| of any unit at any step; and that |c|
        divided by the largest |c| of the first `EARLY` steps.
    """
    import numpy as np
    import torch

    from gatesviz.recordings import record
    from gatesviz.training import TrainedModel

    spec, batch = result.trial.spec, endless()
    module, readout = TrainedModel(spec, result.updates, result.weights).modules()
    recording = record(module, batch.inputs)
    with torch.no_grad():
        accuracy = spec.learned.score(readout(torch.from_numpy(recording.output)), batch)
    c = np.abs(recording.trace().states["c"])
    return accuracy, float(c.max()), float(c.max() / c[: EARLY + 1].max())


@cache
def endless() -> "Batch":
    """Return `STREAMS` texts of `STREAM_STEPS` steps, joined from parts that continue."""
    import torch

    from gatesviz.tasks import TASKS, Batch
    from gatesviz.training.samples import generator
    from gatesviz.training.spec import HELD_OUT

    task, draws = TASKS["reber"], generator(HELD_OUT)
    length = task.lengths.high
    parts = [
        task.batch(draws, STREAMS, length, continuing=True) for _ in range(STREAM_STEPS // length)
    ]
    return Batch(*(torch.cat(tensors) for tensors in zip(*parts, strict=True)))


def _largest(result: Result) -> float:
    from gatesviz.tasks import largest_n
    from gatesviz.training import TrainedModel

    module, readout = TrainedModel(result.trial.spec, result.updates, result.weights).modules()
    return float(largest_n(lambda inputs: readout(module(inputs)[0])))


def _score_at_length(result: Result) -> float:
    import torch

    from gatesviz.training import TrainedModel
    from gatesviz.training.samples import generator
    from gatesviz.training.spec import HELD_OUT, SCORED_SAMPLES

    task = result.trial.spec.learned
    module, readout = TrainedModel(result.trial.spec, result.updates, result.weights).modules()
    batch = task.batch(generator(HELD_OUT), SCORED_SAMPLES, TESTED_AT, held_out=True)
    with torch.no_grad():
        return task.score(readout(module(batch.inputs)[0]), batch)


CARDS = (
    Card(
        key="T5",
        title="An LSTM counts clearly further than in training. A GRU and an RNN don't.",
        source="Gers & Schmidhuber 2001; Weiss, Goldberg & Yahav 2018.",
        setting=(
            "A training text is S, then n letters a, then n letters b, with n up to 10. The"
            " letter T fills the rest. (Here, T is not the number of steps.) At each step up to the"
            " last b, the model names all letters that may come next: a, b or T. 4 hidden units,"
            " batch 16, Adam 0.01, clip 1, 3,000 updates, seeds 0 to 2."
        ),
        expected="Largest n: LSTM at least 13, GRU and RNN at most 12.",
        values="largest n, up to 100, such that all texts up to this n are right at every step",
        bands=(
            Band("RNN", 0, 12, count=SEEDS),
            Band("LSTM", 13, 100, count=SEEDS),
            Band("GRU", 0, 12, count=SEEDS),
        ),
        _measure=counting,
        experiments=(trained.counting(),),
    ),
    Card(
        key="T6",
        title=(
            "An RNN and an LSTM compute parity (is the number of ones even or odd?) on texts ten"
            " times longer than the training texts."
        ),
        source=(
            "Grazzi et al. 2024, abstract: linear RNNs with eigenvalues in [0, 1] can't compute"
            " parity."
        ),
        setting=(
            "At each step of a text of zeros and ones, say whether the number of ones so far is"
            " even or odd. 20 steps, 16 hidden units, batch 64, Adam 0.005, clip 1, 3,000 updates,"
            f" seeds 0 to 2. Tested on texts of {TESTED_AT} steps."
        ),
        expected="Accuracy: RNN and LSTM at least 0.995. The GRU has no expected range.",
        values=f"accuracy over all {TESTED_AT} steps of 256 texts",
        bands=(
            Band("RNN", 0.995, 1, count=SEEDS),
            Band("LSTM", 0.995, 1, count=SEEDS),
            Band("GRU", count=SEEDS),
        ),
        _measure=parity,
        experiments=(trained.parity(),),
        not_covered=(
            "A minGRU is a linear RNN with eigenvalues in [0, 1], so it should stay at accuracy"
            " 0.5. torch.nn has no minGRU, so it is not trained here."
        ),
    ),
    Card(
        key="T7",
        title="Expected: without a forget gate, an LSTM fails on an endless stream.",
        source=(
            "Gers, Schmidhuber & Cummins 2000, on an endless text that follows fixed rules (the"
            " continual embedded Reber grammar). Setting and numbers are from a public NumPy"
            " program, not from the paper (accuracy 0.997 with a forget gate, 0.55 without)."
        ),
        setting=(
            "An endless text consists of short strings. In each string, the second letter appears"
            " again just before the last one. We call it the closing letter. At each step, the"
            " model names the letters that may come next. It is trained on chunks of 72 steps, each"
            " with six whole strings on average. The state is carried over from one chunk to the"
            " next. 12 hidden units, batch 8, Adam 0.01, clip 5, 2,000 updates, seeds 0 to 2."
            " Biases: forget gate 1, input and output gate −1. Tested from a zero state on"
            f" {STREAMS} texts of {STREAM_STEPS:,} steps."
        ),
        expected="Accuracy at least 0.98 with a forget gate, about 0.5 (0.3 to 0.7) without.",
        values=(
            "accuracy at closing letters; largest |c| of any unit at any step; growth: the largest"
            f" |c| at any step divided by the largest |c| in the first {EARLY} steps"
        ),
        bands=(
            Band("with a forget gate", 0.98, 1, count=SEEDS),
            Band("without a forget gate", 0.3, 0.7, count=SEEDS),
            *(
                Band(f"{what}, {name}", count=SEEDS)
                for what in ("largest |c|", "growth of |c|")
                for name in FORGET_GATES
            ),
        ),
        _measure=stream,
        experiments=(trained.stream(),),
        not_covered=(
            "In the paper's network, several memory cells share one set of gates, and functions"
            " other than tanh are used. torch.nn has neither. The paper's network is trained with"
            " plain gradient descent. Without a forget gate, c should grow. We measure this growth,"
            " but it has no expected range."
        ),
    ),
)
