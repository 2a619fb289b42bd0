"""T5, T6 and T7: what a cell does on texts longer than those it learnt from."""

from gatesviz.experiments.known import trained
from gatesviz.experiments.known.card import Band, Card, Found, Measured
from gatesviz.experiments.known.learning import rows, values
from gatesviz.experiments.known.trained import CELLS, SEEDS
from gatesviz.experiments.result import Result

TESTED_AT = 200


def counting(found: Found) -> Measured:
    """Return T5: the largest n up to which every aⁿbⁿ is right, for each run."""
    told = rows(trained.counting(), CELLS)
    return {name: values(found, told[name], _largest) for name in told}


def parity(found: Found) -> Measured:
    """Return T6: the share of steps right on texts of 200, for each run."""
    told = rows(trained.parity(), CELLS)
    return {name: values(found, told[name], _score_at_length) for name in told}


def _largest(result: Result) -> float:
    from gatesviz.tasks import largest_n
    from gatesviz.training import Model

    module, readout = Model(result.trial.spec, result.updates, result.weights).modules()
    return float(largest_n(lambda inputs: readout(module(inputs)[0])))


def _score_at_length(result: Result) -> float:
    import torch

    from gatesviz.training import Model
    from gatesviz.training.samples import generator
    from gatesviz.training.seeds import HELD_OUT, SCORED_SAMPLES

    task = result.trial.spec.learned
    module, readout = Model(result.trial.spec, result.updates, result.weights).modules()
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
        source="Gers, Schmidhuber & Cummins 2000, continual embedded Reber grammar.",
        setting=(
            "12 units, Adam 0.01, 2,000 chunks of 6 strings with the state carried over, forget"
            " bias 1, input and output gate biases −1"
        ),
        expected="with a forget gate at least 0.98; without, about one half, and c grows",
        values="share of closing letters told right",
        bands=(Band("with a forget gate", 0.98, 1), Band("without one", 0.3, 0.7)),
        _measure=lambda found: {},
        not_covered=(
            "Nothing of it is run: torch.nn has no LSTM without a forget gate, and training here"
            " begins every text at a state of zero."
        ),
    ),
)
