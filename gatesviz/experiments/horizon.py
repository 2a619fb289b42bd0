"""The memory-horizon map: how far back a fresh cell's gradient reaches, and what it then learns.

The task is the latch problem of Bengio, Simard & Frasconi 1994: read one of two letters, then
noise, and name the letter at the end. Each cell has 16 units. It trains on batches of 32 with Adam
at 0.005 and gradients clipped at norm 1, for at most 1,000 updates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gatesviz.cells import CELLS
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
    """The results for every square, R rows by L lengths.

    Attributes:
        rows: R names, keys of `ROWS`.
        lengths: L numbers of steps.
        reach: (R, L) before training: ‖∂L/∂x₁‖ / ‖∂L/∂x_T‖, see `reach`.
        overflow: (R, L) how many steps back the gradient of a fresh model is first not finite, for
            the first seed that overflows; -1 if none does.
        predicted: (R, L) σ(b)^(T − 1), see `predicted`; NaN for cells without a forget gate.
        solved, tried: (R, L) int64: the number of runs that solved the task, and of all runs.
        updates: (R, L) the median number of updates of the runs that solved the task, else NaN.
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
    """Return the settings of the run of one square.

    Raises:
        ValueError: if ``row`` is not a key of `ROWS`, or ``length`` or ``seed`` is not allowed.
    """
    if row not in ROWS:
        raise ValueError(f"row: expected one of {'; '.join(ROWS)}, got {row!r}")
    return TrainingSpec(**{**SETTINGS, **ROWS[row], "length": length, "seed": SEED.check(seed)})


def horizon_experiment(
    rows: Sequence[str] = tuple(ROWS), lengths: Sequence[int] = LENGTHS, seeds: int = 1
) -> Experiment:
    """Return the experiment with every row at every length, with seeds 0 to ``seeds`` − 1.

    Short sequences come first, so that the map fills quickly.
    """
    axes = (
        [{"length": length} for length in sorted(lengths)],
        [{"seed": seed} for seed in range(seeds)],
        [ROWS[row] for row in rows],
    )
    question = "Does a cell learn what its gradient reaches before training?"
    return Experiment("memory-horizon", question, grid(SETTINGS, *axes), UPDATES)


def horizon_map(
    results: Mapping[TrainingSpec, Result],
    rows: Sequence[str] = tuple(ROWS),
    lengths: Sequence[int] = LENGTHS,
    seeds: int = 1,
) -> HorizonMap:
    """Return the map for the ``results`` so far. The reach is measured once in each process."""
    shape = (len(rows), len(lengths))
    reals = {name: np.full(shape, np.nan) for name in ("reach", "predicted", "updates")}
    solved, tried, lost = (np.zeros(shape, np.int64) for _ in range(3))
    for r, row in enumerate(rows):
        for k, length in enumerate(lengths):
            specs = [latch(row, length, seed) for seed in range(seeds)]
            known = [results[spec] for spec in specs if spec in results]
            counts = [result.solved_at for result in known if result.solved_at is not None]
            solved[r, k], tried[r, k] = len(counts), len(known)
            reals["updates"][r, k] = np.median(counts) if counts else np.nan
            reals["reach"][r, k] = reach(specs[0])
            lost[r, k] = overflow(specs[0])
            reals["predicted"][r, k] = predicted(specs[0])
    return HorizonMap(
        tuple(rows), tuple(lengths), solved=solved, tried=tried, overflow=lost, **reals
    )


@lru_cache(maxsize=5_000)
def _fresh_norms(spec: TrainingSpec) -> Reals:
    """Return `input_norms` of the fresh model of ``spec``."""
    from gatesviz.training import start

    return input_norms(start(spec).model)


def overflow(spec: TrainingSpec, seeds: int = REACH_SEEDS) -> int:
    """Return how many steps back the gradient of a fresh model is first not finite; -1 if never.

    Of the ``seeds`` fresh models of `reach`, the first one that overflows counts.
    """
    from gatesviz import gradients

    lost = [int(gradients.overflow(_fresh_norms(replace(spec, seed=k)))) for k in range(seeds)]
    return next((lag for lag in lost if lag >= 0), -1)


@lru_cache(maxsize=1_000)
def reach(spec: TrainingSpec, seeds: int = REACH_SEEDS) -> float:
    """Return how much of the gradient reaches the first step before training.

    ‖∂L/∂x₁‖ / ‖∂L/∂x_T‖ on the first batch of the run, over samples and features together: the
    median of ``seeds`` fresh models, each with its own batch. In float64, since float32 gives
    exactly 0 about 100 steps back.
    """
    return float(np.median([ratio(replace(spec, seed=seed)) for seed in range(seeds)]))


def predicted(spec: TrainingSpec) -> float:
    """Return what the forget bias alone predicts: σ(b)^(T − 1), from x₁ to x_T.

    It is the product of T − 1 forget gates without input and state. If the biases of the units
    differ, it is the mean over the units of the spec's seed. NaN for cells without a forget gate.
    """
    description = CELLS[spec.cell]
    forget = description.biases.forget
    if forget is None:
        return float("nan")
    from gatesviz.training import start

    module, H = start(spec).module(), spec.actual_hidden_size
    parts = (module.get_parameter(name).detach() for name in ("bias_ih_l0", "bias_hh_l0"))
    at = description.blocks.index(forget) * H
    biases = sum(part[at : at + H].double().numpy() for part in parts)
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
    """Return ‖∂L/∂x_t‖, (T,), on the first batch of the run, over samples and features together."""
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
