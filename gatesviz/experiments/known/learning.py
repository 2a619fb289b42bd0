"""T1, T2, T3, T3b and T12: what is learnt, and how far back."""

from collections.abc import Callable, Mapping

from gatesviz.experiments.experiment import Experiment, Trial
from gatesviz.experiments.horizon import LENGTHS, REACH_SEEDS, latch, ratio
from gatesviz.experiments.known import trained
from gatesviz.experiments.known.card import Band, Card, Found, Measured
from gatesviz.experiments.known.trained import CELLS, HORIZON, SEEDS
from gatesviz.experiments.result import Result

Value = Callable[[Result], float]


def rows(experiment: Experiment, names: Mapping[str, object]) -> dict[str, tuple[Trial, ...]]:
    """Return the trials of each name, in order of the seeds; names go fastest in the grid."""
    trials = experiment.trials
    return {name: trials[k :: len(names)] for k, name in enumerate(names)}


def values(found: Found, trials: tuple[Trial, ...], value: Value) -> tuple[float, ...]:
    """Return one number for each trial that has a result."""
    return tuple(value(found[trial]) for trial in trials if trial in found)


def scores(experiment: Experiment, found: Found, prefix: str = "") -> dict[str, tuple[float, ...]]:
    """Return the last score of every run, for each cell."""
    told = rows(experiment, CELLS)
    return {
        f"{prefix}{name}": values(found, told[name], lambda result: result.score) for name in told
    }


def frontier(found: Found) -> Measured:
    """Return T3: for each row and seed the longest T up to which every T was solved, else 0.

    A seed counts once all its lengths are known.
    """
    trials = {trial.spec: trial for trial in trained.horizon().trials}
    told: dict[str, tuple[float, ...]] = {}
    for row in HORIZON:
        longest = []
        for seed in range(SEEDS):
            runs = [found.get(trials[latch(row, length, seed)]) for length in LENGTHS]
            known = [run for run in runs if run is not None]
            if len(known) == len(LENGTHS):
                longest.append(float(_longest([run.solved_at is not None for run in known])))
        told[row] = tuple(longest)
    return told


def _longest(solved: list[bool]) -> int:
    count = solved.index(False) if False in solved else len(solved)
    return LENGTHS[count - 1] if count else 0


def reaches(found: Found) -> Measured:
    """Return T3b: for each row ‖∂L/∂x₁‖ / ‖∂L/∂x_T‖ of five fresh models at T = 50."""
    seeds = range(REACH_SEEDS)
    return {row: tuple(ratio(latch(row, 50, seed)) for seed in seeds) for row in HORIZON}


def equal_parameters(found: Found) -> Measured:
    """Return T12: the scores on both tasks."""
    order = scores(trained.equal_order(), found, "order: ")
    return {**order, **scores(trained.equal_adding(), found, "adding: ")}


def units(experiment: Experiment) -> str:
    """Return how many units each cell has."""
    specs = {name: trials[0].spec for name, trials in rows(experiment, CELLS).items()}
    return ", ".join(f"{name} {spec.actual_hidden_size}" for name, spec in specs.items())


def _bands(prefix: str = "", **bounds: tuple[float, float]) -> tuple[Band, ...]:
    return tuple(Band(f"{prefix}{name}", *bounds[name], wanted=SEEDS) for name in CELLS)


_TOLD, _NOT_TOLD = (0.99, 1.0), (0.0, 0.35)
_ADDED, _NOT_ADDED = (0.0, 0.01), (0.13, 10.0)
_LATCH = "A or B, then noise, and at the end which it was; 16 units, batch 32"

CARDS = (
    Card(
        key="T1",
        title="Gated cells tell the order of two marks far apart; a tanh RNN does not.",
        source="Hochreiter & Schmidhuber 1997, experiment 6a.",
        setting=(
            "T = 50, 8 letters, X or Y at 3–12 and at 25–40, 4 classes; 8 units, batch 32, Adam"
            " 0.01, clip 1, LSTM's forget bias 1, at most 1,500 updates, seeds 0 to 2"
        ),
        expected="LSTM and GRU at least 0.99, RNN at most 0.35",
        values="share of 256 held-out texts told right, at the solution or at the end",
        bands=_bands(RNN=_NOT_TOLD, LSTM=_TOLD, GRU=_TOLD),
        _measure=lambda found: scores(trained.order(), found),
        experiments=(trained.order(),),
    ),
    Card(
        key="T2",
        title="Gated cells add two marked numbers; a tanh RNN stays at the baseline.",
        source=(
            "Hochreiter & Schmidhuber 1997, experiment 4, with numbers in [0, 1], the sum as the"
            " answer, and one mark in each half."
        ),
        setting=(
            "T = 50, 32 units, batch 32, Adam 0.005, clip 1, at most 2,000 updates, seeds 0 to 2;"
            " always answering 1 comes to 1/6"
        ),
        expected="LSTM and GRU below 0.01, RNN above 0.13",
        values="mean squared error on 256 held-out sequences, at the solution or at the end",
        bands=_bands(RNN=_NOT_ADDED, LSTM=_ADDED, GRU=_ADDED),
        _measure=lambda found: scores(trained.adding(), found),
        experiments=(trained.adding(),),
    ),
    Card(
        key="T3",
        title="How far an LSTM remembers moves with its forget bias, and 1 is not enough at 50.",
        source=(
            "Bengio, Simard & Frasconi 1994 (the latch); Jozefowicz, Zaremba & Sutskever 2015"
            " (forget bias; second hand); Tallec & Ollivier 2018 (chrono: b_f = ln U[1, T − 1];"
            " that b_i = −b_f is from memory)."
        ),
        setting=(
            f"{_LATCH}, Adam 0.005, clip 1, at most 1,000 updates, T = 10, 20, 50, 100, seeds 0"
            " to 2"
        ),
        expected=(
            "RNN, GRU and b = 0 end at 10 or 20, b = 1 at 20, b = 5 reaches 50 or 100, chrono 100"
        ),
        values="the longest T that is solved (99 % right), with all shorter ones",
        bands=tuple(
            Band(row, low, high, wanted=SEEDS)
            for row, (low, high) in {
                "RNN": (10, 20),
                "GRU": (10, 20),
                "LSTM, b = 0": (10, 20),
                "LSTM, b = 1": (20, 20),
                "LSTM, b = 5": (50, 100),
                "LSTM, chrono": (100, 100),
            }.items()
        ),
        _measure=frontier,
        experiments=(trained.horizon(),),
    ),
    Card(
        key="T3b",
        title="A fresh gradient reaches far back only in an LSTM whose forget bias is large.",
        source="Measured for this project; the cells and biases are those of T3.",
        setting=f"{_LATCH}, T = 50, fresh weights, float64, {REACH_SEEDS} seeds",
        expected=(
            "RNN, GRU and b = 0 below 1e-8, then b = 1, chrono and b = 5; this does not decide T3,"
            " as training moves the reach (reach-while-learning.md)"
        ),
        values="‖∂L/∂x₁‖ / ‖∂L/∂x_T‖ of each seed; the bands are for every one",
        bands=tuple(
            Band(row, low, high, wanted=REACH_SEEDS)
            for row, (low, high) in {
                "RNN": (0, 1e-8),
                "GRU": (0, 1e-8),
                "LSTM, b = 0": (0, 1e-8),
                "LSTM, b = 1": (1e-5, 1e-2),
                "LSTM, b = 5": (0.2, 20),
                "LSTM, chrono": (1e-3, 1),
            }.items()
        ),
        _measure=reaches,
    ),
    Card(
        key="T12",
        title="With equal parameters gated cells still do far better than a tanh RNN.",
        source=(
            "Chung, Gulcehre, Cho & Bengio 2014 (abstract: gated units do better than tanh, GRU and"
            " LSTM alike), here on T1 and T2."
        ),
        setting=(
            "T1 and T2 with as many units as bring each cell nearest to the LSTM's parameters;"
            f" order: {units(trained.equal_order())}; adding: {units(trained.equal_adding())}"
        ),
        expected="as T1 and T2; GRU against LSTM depends on the task",
        values="share of texts told right; mean squared error",
        bands=(
            *_bands("order: ", RNN=_NOT_TOLD, LSTM=_TOLD, GRU=_TOLD),
            *_bands("adding: ", RNN=_NOT_ADDED, LSTM=_ADDED, GRU=_ADDED),
        ),
        _measure=equal_parameters,
        experiments=(trained.equal_order(), trained.equal_adding()),
    ),
)
