"""Cards T1, T2, T3, T3b and T12: which cells learn which tasks, and how far back they reach."""

from collections.abc import Callable, Mapping

from gatesviz.experiments.experiment import Experiment, Trial
from gatesviz.experiments.horizon import LENGTHS, REACH_SEEDS, latch, ratio
from gatesviz.experiments.known import trained
from gatesviz.experiments.known.card import Band, Card, Results, Values
from gatesviz.experiments.known.trained import CELLS, HORIZON, SEEDS
from gatesviz.experiments.result import Result

Value = Callable[[Result], float]


def rows(experiment: Experiment, names: Mapping[str, object]) -> dict[str, tuple[Trial, ...]]:
    """Return name -> its trials in order of the seeds; names vary fastest in the grid."""
    trials = experiment.trials
    return {name: trials[k :: len(names)] for k, name in enumerate(names)}


def values(results: Results, trials: tuple[Trial, ...], value: Value) -> tuple[float, ...]:
    """Return ``value`` of each result, for the trials that have one."""
    return tuple(value(results[trial]) for trial in trials if trial in results)


def scores(
    experiment: Experiment, results: Results, prefix: str = ""
) -> dict[str, tuple[float, ...]]:
    """Return cell -> the last score of each run."""
    trials = rows(experiment, CELLS)
    return {
        f"{prefix}{name}": values(results, trials[name], lambda result: result.score)
        for name in trials
    }


def frontier(results: Results) -> Values:
    """Measure T3: for each row and seed the longest T so that all T up to it were solved, or 0.

    A seed counts when all its lengths have results.
    """
    trials = {trial.spec: trial for trial in trained.horizon().trials}
    frontiers: dict[str, tuple[float, ...]] = {}
    for row in HORIZON:
        longest = []
        for seed in range(SEEDS):
            runs = [results.get(trials[latch(row, length, seed)]) for length in LENGTHS]
            known = [run for run in runs if run is not None]
            if len(known) == len(LENGTHS):
                longest.append(float(_longest([run.solved_at is not None for run in known])))
        frontiers[row] = tuple(longest)
    return frontiers


def _longest(solved: list[bool]) -> int:
    count = solved.index(False) if False in solved else len(solved)
    return LENGTHS[count - 1] if count else 0


def reaches(results: Results) -> Values:
    """Measure T3b: for each row ‖∂L/∂x₁‖ / ‖∂L/∂x_T‖ of five untrained models at T = 50."""
    seeds = range(REACH_SEEDS)
    return {row: tuple(ratio(latch(row, 50, seed)) for seed in seeds) for row in HORIZON}


def equal_parameters(results: Results) -> Values:
    """Measure T12: the scores on both tasks."""
    order = scores(trained.equal_order(), results, "order: ")
    return {**order, **scores(trained.equal_adding(), results, "adding: ")}


def units(experiment: Experiment) -> str:
    """Return the hidden units of each cell, in words."""
    specs = {name: trials[0].spec for name, trials in rows(experiment, CELLS).items()}
    return ", ".join(f"{name} {spec.actual_hidden_size}" for name, spec in specs.items())


def _bands(prefix: str = "", **bounds: tuple[float, float]) -> tuple[Band, ...]:
    return tuple(Band(f"{prefix}{name}", *bounds[name], count=SEEDS) for name in CELLS)


_SOLVED, _UNSOLVED = (0.99, 1.0), (0.0, 0.35)
_ADDED, _NOT_ADDED = (0.0, 0.01), (0.13, 10.0)
_SCORED_WHEN = "The score is taken when the {}, or else after the last update."
_LATCH = "Recall the first letter, A or B, after T steps of noise. 16 hidden units, batch 32"

CARDS = (
    Card(
        key="T1",
        title="Gated cells learn the order of two distant marks. A tanh RNN doesn't.",
        source="Hochreiter & Schmidhuber 1997, experiment 6a.",
        setting=(
            "Texts of 50 letters. One mark, X or Y, is at one of steps 3 to 12, a second at one of"
            " steps 25 to 40. The answer is one of XX, XY, YX, YY. 8 hidden units, batch 32, Adam"
            " 0.01, clip 1, LSTM forget bias 1, at most 1,500 updates, seeds 0 to 2."
            f" {_SCORED_WHEN.format('accuracy first reaches 0.99')}"
        ),
        expected="Accuracy: LSTM and GRU at least 0.99, RNN at most 0.35.",
        values="accuracy on 256 held-out texts",
        bands=_bands(RNN=_UNSOLVED, LSTM=_SOLVED, GRU=_SOLVED),
        _measure=lambda results: scores(trained.order(), results),
        experiments=(trained.order(),),
    ),
    Card(
        key="T2",
        title="Gated cells learn to add two marked numbers. A tanh RNN stays at the baseline.",
        source=(
            "Hochreiter & Schmidhuber 1997, experiment 4, but with numbers in [0, 1], the sum as"
            " the answer, and one mark in each half."
        ),
        setting=(
            "T = 50, 32 hidden units, batch 32, Adam 0.005, clip 1, at most 2,000 updates, seeds 0"
            f" to 2. {_SCORED_WHEN.format('error first falls to 0.01')} Baseline: always answering"
            " 1 gives a mean squared error of 1/6."
        ),
        expected="Mean squared error: LSTM and GRU at most 0.01, RNN at least 0.13.",
        values="mean squared error on 256 held-out sequences",
        bands=_bands(RNN=_NOT_ADDED, LSTM=_ADDED, GRU=_ADDED),
        _measure=lambda results: scores(trained.adding(), results),
        experiments=(trained.adding(),),
    ),
    Card(
        key="T3",
        title=(
            "The forget bias decides over how many steps an LSTM can learn to remember. Expected:"
            " with forget bias 1, it doesn't learn to remember for 50 steps, and neither does an"
            " RNN."
        ),
        source=(
            "Bengio, Simard & Frasconi 1994 (the latch task); Jozefowicz, Zaremba & Sutskever 2015"
            " (forget bias; we know this result only from a text that cites the paper); Tallec &"
            " Ollivier 2018 (chrono). Chrono sets each forget bias to the logarithm of a random"
            " number from 1 to T − 1, and the input gate's bias to its negative. We did not check"
            " the rule for the input gate against the paper."
        ),
        setting=(
            f"{_LATCH}, Adam 0.005, clip 1, at most 1,000 updates, T = 10, 20, 50 and 100, seeds"
            " 0 to 2."
        ),
        expected=(
            "Longest T solved. RNN, GRU and LSTM with b = 0: 10 or 20 steps. LSTM with b = 1: 20"
            " steps. LSTM with b = 5: 50 or 100 steps. LSTM with chrono: 100 steps."
        ),
        values="longest T that is solved (accuracy ≥ 0.99) together with all shorter ones",
        bands=tuple(
            Band(row, low, high, count=SEEDS)
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
        title=(
            "Before training, only an LSTM with a large forget bias has a gradient that reaches"
            " far back."
        ),
        source=(
            "First seen in our own measurements, so the expectation is not from a paper. Cells and"
            " biases as in T3."
        ),
        setting=f"{_LATCH}, T = 50, untrained weights, float64, {REACH_SEEDS} seeds.",
        expected=(
            "The reach (the gradient at the first step, divided by that at the last step) is at"
            " most 1e-8 for the RNN, the GRU and the LSTM with b = 0. It is larger with b = 1,"
            " larger again with chrono, and largest with b = 5. The reach before training doesn't"
            " tell which cells solve T3, because training changes it."
        ),
        values="reach ‖∂L/∂x₁‖ / ‖∂L/∂x_T‖",
        bands=tuple(
            Band(row, low, high, count=REACH_SEEDS)
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
        title=(
            "With about the same number of parameters, gated cells still do far better than a tanh"
            " RNN."
        ),
        source=(
            "Chung, Gulcehre, Cho & Bengio 2014, abstract: gated units do better than tanh units,"
            " and GRU and LSTM are comparable. We test this on the tasks of cards T1 and T2."
        ),
        setting=(
            "Tasks and settings of cards T1 (order) and T2 (adding). Each cell's number of hidden"
            " units is chosen so that its number of parameters is closest to the LSTM's. Hidden"
            f" units for order: {units(trained.equal_order())}. For adding:"
            f" {units(trained.equal_adding())}."
        ),
        expected="The ranges of cards T1 and T2. Whether GRU or LSTM is better depends on the"
        " task.",
        values="order: accuracy; adding: mean squared error",
        bands=(
            *_bands("order: ", RNN=_UNSOLVED, LSTM=_SOLVED, GRU=_SOLVED),
            *_bands("adding: ", RNN=_NOT_ADDED, LSTM=_ADDED, GRU=_ADDED),
        ),
        _measure=equal_parameters,
        experiments=(trained.equal_order(), trained.equal_adding()),
    ),
)
