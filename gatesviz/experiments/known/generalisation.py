"""T5, T6 and T7: what a cell does on texts longer than those it learnt from."""

from functools import cache
from typing import TYPE_CHECKING

from gatesviz.experiments.known import trained
from gatesviz.experiments.known.card import Band, Card, Found, Measured
from gatesviz.experiments.known.learning import rows, values
from gatesviz.experiments.known.trained import CELLS, FORGET_GATES, SEEDS
from gatesviz.experiments.result import Result

if TYPE_CHECKING:
    from gatesviz.tasks import Batch

TESTED_AT = 200
STREAMS, STREAM_STEPS, EARLY = 8, 2_000, 200
"""Endless texts that are tested, how much of each is read, and what of that is its beginning."""


def counting(found: Found) -> Measured:
    """Return T5: the largest n up to which every aⁿbⁿ is right, for each run."""
    told = rows(trained.counting(), CELLS)
    return {name: values(found, told[name], _largest) for name in told}


def parity(found: Found) -> Measured:
    """Return T6: the share of steps right on texts of 200, for each run."""
    told = rows(trained.parity(), CELLS)
    return {name: values(found, told[name], _score_at_length) for name in told}


def stream(found: Found) -> Measured:
    """Return T7: for each run the share of closing letters, the largest |c| and how it grew."""
    told: dict[str, tuple[float, ...]] = {}
    for name, trials in rows(trained.stream(), FORGET_GATES).items():
        read = [along(found[trial]) for trial in trials if trial in found]
        kinds = (name, f"largest |c|, {name}", f"its growth, {name}")
        told |= dict(zip(kinds, zip(*read, strict=True), strict=False))
    return told


def along(result: Result) -> tuple[float, float, float]:
    """Return how a trained model does on the texts of `endless`, read from a zero state.

    The share of closing letters told right; the largest |c| of any unit at any step; and how many
    times the largest of the first `EARLY` steps that is.
    """
    import numpy as np
    import torch

    from gatesviz.recordings import record
    from gatesviz.training import TrainedModel

    spec, batch = result.trial.spec, endless()
    module, readout = TrainedModel(spec, result.updates, result.weights).modules()
    recording = record(module, batch.inputs)
    with torch.no_grad():
        share = spec.learned.score(readout(torch.from_numpy(recording.output)), batch)
    c = np.abs(recording.trace().states["c"])
    return share, float(c.max()), float(c.max() / c[: EARLY + 1].max())


@cache
def endless() -> "Batch":
    """Return `STREAMS` texts of `STREAM_STEPS` steps, put together of parts that continue."""
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
        title="An LSTM counts well beyond what it was taught; a GRU and a tanh RNN do not.",
        source="Gers & Schmidhuber 2001; Weiss, Goldberg & Yahav 2018.",
        setting=(
            "the legal next letters of S aⁿbⁿ T, n up to 10; 4 units, batch 16, Adam 0.01, clip 1,"
            " 3,000 updates, seeds 0 to 2"
        ),
        expected="LSTM well beyond 10, GRU and RNN about 10",
        values="the largest n up to 100 for which all aⁿbⁿ up to it are wholly right",
        bands=(
            Band("RNN", 0, 12, wanted=SEEDS),
            Band("LSTM", 13, 100, wanted=SEEDS),
            Band("GRU", 0, 12, wanted=SEEDS),
        ),
        _measure=counting,
        experiments=(trained.counting(),),
    ),
    Card(
        key="T6",
        title="An RNN and an LSTM keep the parity of texts ten times as long as they learnt from.",
        source=(
            "Grazzi et al. 2024, abstract: linear RNNs with eigenvalues in [0, 1] cannot do parity."
        ),
        setting=(
            "parity at every step of 20; 16 units, batch 64, Adam 0.005, clip 1, 3,000 updates,"
            f" seeds 0 to 2; tested at {TESTED_AT} steps"
        ),
        expected="RNN and LSTM 1.0; the GRU is shown",
        values=f"share of the {TESTED_AT} steps told right in 256 texts",
        bands=(
            Band("RNN", 0.995, 1, wanted=SEEDS),
            Band("LSTM", 0.995, 1, wanted=SEEDS),
            Band("GRU", wanted=SEEDS),
        ),
        _measure=parity,
        experiments=(trained.parity(),),
        not_covered=(
            "That a minGRU, such a linear RNN, stays at one half: torch.nn has none, so it is not"
            " trained here."
        ),
    ),
    Card(
        key="T7",
        title="On an endless stream an LSTM needs its forget gate.",
        source=(
            "Gers, Schmidhuber & Cummins 2000, continual embedded Reber grammar; setting and"
            " numbers at second hand, from a public program in NumPy (0.997 with, 0.55 without)."
        ),
        setting=(
            "the legal next letters of an endless text, in chunks of 72 steps that are whole"
            " strings, six on average; 12 units, 8 texts side by side, Adam 0.01, clip 5, 2,000"
            " updates with the state carried over, forget bias 1, input and output gate biases −1,"
            f" seeds 0 to 2; tested from a zero state on {STREAMS} texts of {STREAM_STEPS:,} steps"
        ),
        expected="with a forget gate at least 0.98; without, about one half, and c grows",
        values=(
            "share of closing letters told right; largest |c| of any unit at any step; how many"
            f" times the largest |c| of the first {EARLY} steps that is"
        ),
        bands=(
            Band("with a forget gate", 0.98, 1, wanted=SEEDS),
            Band("without one", 0.3, 0.7, wanted=SEEDS),
            *(
                Band(f"{what}, {name}", wanted=SEEDS)
                for what in ("largest |c|", "its growth")
                for name in FORGET_GATES
            ),
        ),
        _measure=stream,
        experiments=(trained.stream(),),
        not_covered=(
            "The paper's own network, with memory blocks and squashing functions that torch.nn does"
            " not have, trained by plain gradient descent; and that c grows without bound, of which"
            " the growth here is only shown."
        ),
    ),
)
