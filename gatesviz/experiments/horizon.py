"""The memory-horizon map: how far back a fresh cell's gradient reaches, and what it then learns.

The setting is the latch problem of Bengio, Simard & Frasconi 1994: one of two letters, then noise,
and at the end the question which letter it was. Each cell has 16 units, learns from 32 sequences at
a time with Adam at 0.005 and gradients cut at norm 1, for at most 1,000 updates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gatesviz.experiments.experiment import Experiment, grid
from gatesviz.experiments.result import Result
from gatesviz.limits import SEED
from gatesviz.training import TrainingSpec
from gatesviz.training.threads import alone

if TYPE_CHECKING:
    from gatesviz.training import TrainedModel

SETTINGS: Mapping[str, Any] = {
    "task": "latch",
    "hidden_size": 16,
    "batch_size": 32,
    "learning_rate": 0.005,
    "clip": 1.0,
}
ROWS: Mapping[str, Mapping[str, Any]] = {
    "RNN": {"cell": "rnn_tanh"},
    "GRU": {"cell": "gru"},
    "LSTM, b = 0": {"cell": "lstm", "forget_bias": 0.0},
    "LSTM, b = 1": {"cell": "lstm", "forget_bias": 1.0},
    "LSTM, b = 2": {"cell": "lstm", "forget_bias": 2.0},
    "LSTM, b = 5": {"cell": "lstm", "forget_bias": 5.0},
    "LSTM, chrono": {"cell": "lstm", "chrono": True},
}
"""b is the forget gate's bias (Gers et al. 2000); chrono as in Tallec & Ollivier 2018."""
LENGTHS = (10, 20, 50, 100)
UPDATES = 1_000
REACH_SEEDS = 5
Reals = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class HorizonMap:
    """What is known of every square, R rows by L lengths.

    Attributes:
        rows: R names, keys of `ROWS`.
        lengths: L numbers of steps.
        reach: (R, L) before training: ‖∂L/∂x₁‖ / ‖∂L/∂x_T‖, see `reach`.
        overflow: (R, L) how many steps back the gradient of a fresh model is first not finite,
            for the first seed where it is; -1 where it never is.
        predicted: (R, L) σ(b)^(T − 1), see `predicted`; NaN where there is no such theory.
        solved, tried: (R, L) whole numbers: in how many runs, of how many that are finished, the
            task was solved.
        updates: (R, L) the median of the updates that the solved runs took; NaN if none is.
    """

    rows: tuple[str, ...]
    lengths: tuple[int, ...]
    reach: Reals
    overflow: NDArray[np.int64]
    predicted: Reals
    solved: NDArray[np.int64]
    tried: NDArray[np.int64]
    updates: Reals


def latch(row: str, length: int, seed: int) -> TrainingSpec:
    """Return the run of one square.

    Raises:
        ValueError: if ``row`` is no key of `ROWS`, or ``length`` or ``seed`` is not allowed.
    """
    if row not in ROWS:
        raise ValueError(f"row is {row!r}, one of {'; '.join(ROWS)} is wanted")
    return TrainingSpec(**{**SETTINGS, **ROWS[row], "length": length, "seed": SEED.check(seed)})


def horizon_experiment(
    rows: Sequence[str] = tuple(ROWS), lengths: Sequence[int] = LENGTHS, seeds: int = 1
) -> Experiment:
    """Return the experiment: every row at every length, with seeds 0 to ``seeds`` − 1.

    Short sequences come first, so that the picture fills quickly.
    """
    axes = (
        [{"length": length} for length in sorted(lengths)],
        [{"seed": seed} for seed in range(seeds)],
        [ROWS[row] for row in rows],
    )
    question = "Does a cell learn what its fresh gradient reaches?"
    return Experiment("memory-horizon", question, grid(SETTINGS, *axes), UPDATES)


def horizon_map(
    results: Mapping[TrainingSpec, Result],
    rows: Sequence[str] = tuple(ROWS),
    lengths: Sequence[int] = LENGTHS,
    seeds: int = 1,
) -> HorizonMap:
    """Return the map, as far as the results go. The reach is measured here, once a process."""
    shape = (len(rows), len(lengths))
    told = {name: np.full(shape, np.nan) for name in ("reach", "predicted", "updates")}
    solved, tried, lost = (np.zeros(shape, np.int64) for _ in range(3))
    for r, row in enumerate(rows):
        for k, length in enumerate(lengths):
            specs = [latch(row, length, seed) for seed in range(seeds)]
            known = [results[spec] for spec in specs if spec in results]
            took = [result.solved_at for result in known if result.solved_at is not None]
            solved[r, k], tried[r, k] = len(took), len(known)
            told["updates"][r, k] = np.median(took) if took else np.nan
            told["reach"][r, k] = reach(specs[0])
            lost[r, k] = overflow(specs[0])
            told["predicted"][r, k] = predicted(specs[0])
    return HorizonMap(
        tuple(rows), tuple(lengths), solved=solved, tried=tried, overflow=lost, **told
    )


@lru_cache(maxsize=5_000)
def _fresh_norms(spec: TrainingSpec) -> Reals:
    """Return `input_norms` of the fresh model of ``spec``."""
    from gatesviz.training import start

    return input_norms(start(spec).model)


def overflow(spec: TrainingSpec, seeds: int = REACH_SEEDS) -> int:
    """Return how many steps back the gradient of a fresh model is first not finite; -1 if never.

    Of ``seeds`` fresh models, as in `reach`, it is that of the first one where it is.
    """
    from gatesviz import gradients

    lost = [int(gradients.overflow(_fresh_norms(replace(spec, seed=k)))) for k in range(seeds)]
    return next((lag for lag in lost if lag >= 0), -1)


@lru_cache(maxsize=1_000)
def reach(spec: TrainingSpec, seeds: int = REACH_SEEDS) -> float:
    """Return how much of the gradient arrives at the first step, before training.

    ‖∂L/∂x₁‖ / ‖∂L/∂x_T‖ on a first batch of the run, in float64, over samples and features at
    once: the median of ``seeds`` fresh models with their own batches. In float32 it would be
    exactly 0 from a lag of about 100 on.
    """
    return float(np.median([ratio(replace(spec, seed=seed)) for seed in range(seeds)]))


def predicted(spec: TrainingSpec) -> float:
    """Return what the forget gate's bias alone says: σ(b)^(T − 1), from x₁ to x_T.

    It is the product of T − 1 forget gates that see neither input nor state, their mean over the
    units where the biases differ, as drawn for the spec's seed. NaN for cells without that gate.
    """
    if spec.cell != "lstm":
        return float("nan")
    from gatesviz.training import start

    module, H = start(spec).module(), spec.actual_hidden_size
    parts = (module.get_parameter(name).detach() for name in ("bias_ih_l0", "bias_hh_l0"))
    biases = sum(part[H : 2 * H].double().numpy() for part in parts)
    return float(np.mean((1 / (1 + np.exp(-biases))) ** (spec.length - 1)))


def ratio(spec: TrainingSpec) -> float:
    """Return ‖∂L/∂x₁‖ / ‖∂L/∂x_T‖ of one fresh model, on the first batch of its run."""
    return _ratio(_fresh_norms(spec))


def ratio_of(model: "TrainedModel") -> float:
    """Return ‖∂L/∂x₁‖ / ‖∂L/∂x_T‖ of ``model``, on the first batch of its run, in float64."""
    return _ratio(input_norms(model))


def _ratio(norms: Reals) -> float:
    with np.errstate(all="ignore"):
        return float(norms[0] / norms[-1])


def input_norms(model: "TrainedModel") -> Reals:
    """Return ‖∂L/∂x_t‖, (T,), on the first batch of the run, over samples and features at once."""
    from gatesviz.gradients import gradient_flow, norm
    from gatesviz.training.samples import drawn, generator
    from gatesviz.training.spec import SAMPLES

    spec, task = model.spec, model.spec.learned
    with alone():
        module, readout = model.modules()
        readout, batch = readout.double(), drawn(spec, generator(SAMPLES + spec.seed))
        flow = gradient_flow(module, batch.inputs, lambda h: task.loss(readout(h), batch))
    norms: Reals = norm(flow.inputs, (1, 2)).astype(np.float64, copy=False)
    return norms
