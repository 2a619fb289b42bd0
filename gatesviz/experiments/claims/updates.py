"""Claims about whether a task is solved, and after how many updates."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise

from gatesviz.cells import GRU, LSTM, Cell
from gatesviz.experiments.claims.claim import Claim, Comparison, Point
from gatesviz.experiments.claims.comparisons import (
    cell_name,
    difference,
    fewer_updates,
    in_order,
    pairs,
    pick,
    points_of,
    update_points,
    with_and_without,
)
from gatesviz.experiments.claims.settings import TASKS, claim_experiment
from gatesviz.experiments.experiment import Experiment
from gatesviz.experiments.groups import Group
from gatesviz.experiments.statistics import Interval, Verdict, above, alike, below
from gatesviz.training import OwnData, TrainingSpec

LENGTHS = (10, 20, 40)
RATES = (0.001, 0.003, 0.01, 0.03, 0.1)
EQUAL = (0.8, 1.25)
ANY = tuple(TASKS)
Groups = tuple[Group, ...]


def _alike(measured: Interval, threshold: float, what: str) -> Verdict:
    return alike(measured, *EQUAL, what)


def _updates(groups: Groups) -> tuple[Comparison, ...]:
    return tuple(
        fewer_updates(pick(groups, a), pick(groups, b), below) for a, b in pairs(GRU, LSTM)
    )


def _equal(groups: Groups) -> tuple[Comparison, ...]:
    return tuple(
        fewer_updates(pick(groups, a, equal=equal), pick(groups, b, equal=equal), _alike)
        for a, b in pairwise(in_order(GRU, LSTM))
        for equal in ("parameters", "units")
    )


def _solved(groups: Groups, cell: str) -> dict[int, list[TrainingSpec]]:
    """Return seed -> the settings with which the cell solved the task, for complete seeds."""
    same_cell = [group for group in groups if group.spec.cell == cell]
    seeds = set.intersection(*(set(group.results) for group in same_cell))
    return {
        seed: [g.spec for g in same_cell if g.results[seed].solved_at is not None]
        for seed in sorted(seeds)
    }


def _differences(
    groups: Groups, what: str, count: Callable[[list[TrainingSpec]], int], *first: Cell
) -> tuple[Comparison, ...]:
    """Compare ``count`` of the settings that worked, seed by seed, for all pairs of cells."""
    counts = {
        cell: {seed: float(count(specs)) for seed, specs in _solved(groups, cell).items()}
        for cell in in_order(*first)
    }
    return tuple(
        difference(counts[a], counts[b], f"{what}, {cell_name(a)} − {cell_name(b)}", above)
        for a, b in pairs(*first)
    )


def _lengths(groups: Groups) -> tuple[Comparison, ...]:
    def longest(specs: list[TrainingSpec]) -> int:
        return max((spec.length for spec in specs), default=0)

    return _differences(groups, "longest solved length", longest, LSTM, GRU)


def _rates(groups: Groups) -> tuple[Comparison, ...]:
    return _differences(groups, "learning rates that work", len, GRU, LSTM)


def _solved_points(group: Group, setting: str) -> tuple[Point, ...]:
    """Return a point for each run: 1 if it solved the task, else 0."""
    solved = {seed: float(r.solved_at is not None) for seed, r in group.results.items()}
    return points_of(group, solved, float(getattr(group.spec, setting)))


def _grid(
    task: str | OwnData,
    seeds: int,
    *,
    key: str,
    question: str,
    choices: tuple[dict[str, object], ...],
) -> Experiment:
    return claim_experiment(key, question, task, seeds, choices)


def _listed(numbers: tuple[int, ...]) -> str:
    *most, last = map(str, numbers)
    return f"{', '.join(most)} or {last}"


CLAIMS = (
    Claim(
        key="updates",
        sentence="GRUs need fewer updates than LSTMs.",
        measures=(
            "We count the updates until the task is first solved on held-out samples. All cells"
            " have equal hidden units. Runs are scored every 25 updates, and after updates 1, 2, 4,"
            " 8 and so on. “Yes” means that the GRU needs fewer."
        ),
        x_name="",
        y_name="updates until solved",
        y_log=True,
        tasks=ANY,
        _experiment=partial(
            _grid, key="updates", question="Which cell needs the fewest updates?", choices=({},)
        ),
        _compare=_updates,
        _points=update_points,
        user_data=True,
    ),
    Claim(
        key="length",
        sentence="LSTMs remember for longer than GRUs.",
        former=("LSTMs hold longer dependencies than GRUs.",),
        measures=(
            f"We look for the largest number of steps, {_listed(LENGTHS)}, at which the task is"
            " solved within the allowed updates. All runs use PyTorch's default initialisation."
            " “Yes” means that the LSTM's number is larger than the GRU's."
        ),
        x_name="steps in a sequence",
        y_name="solved",
        tasks=("latch", "temporal_order", "adding"),
        _experiment=partial(
            _grid,
            key="length",
            question="Which cell remembers longest?",
            choices=tuple({"length": length} for length in LENGTHS),
        ),
        _compare=_lengths,
        _points=partial(_solved_points, setting="length"),
    ),
    Claim(
        key="rate",
        sentence="GRUs are less sensitive to the learning rate.",
        measures=(
            "We count the learning rates that solve the task within the allowed updates, out of"
            f" {', '.join(f'{r:g}' for r in RATES)}. “Yes” means that the GRU's count is"
            " larger than the LSTM's."
        ),
        x_name="learning rate",
        y_name="solved",
        x_log=True,
        tasks=("parity", "temporal_order", "latch"),
        _experiment=partial(
            _grid,
            key="rate",
            question="Which cell works with the most learning rates?",
            choices=tuple({"learning_rate": rate} for rate in RATES),
        ),
        _compare=_rates,
        _points=partial(_solved_points, setting="learning_rate"),
        user_data=True,
    ),
    Claim(
        key="equal",
        sentence="In practice, LSTMs and GRUs do equally well.",
        former=("In practice they do equally well.",),
        measures=(
            "We count updates until the task is solved, with equal parameters and with equal hidden"
            " units. “Yes” means that the ratio GRU / LSTM with equal parameters is between"
            f" {EQUAL[0]:g} and {EQUAL[1]:g}."
        ),
        x_name="",
        y_name="updates until solved",
        y_log=True,
        tasks=ANY,
        _experiment=partial(
            _grid,
            key="equal",
            question="Do LSTMs and GRUs do equally well?",
            choices=({"equal": "parameters"}, {"equal": "units"}),
        ),
        _compare=_equal,
        _points=update_points,
        user_data=True,
    ),
    Claim(
        key="layers",
        sentence="Two layers learn faster than one.",
        measures=(
            "We count updates until the task is solved, with one layer and with two layers of the"
            " same size. “Yes” means that the LSTM needs fewer updates with two layers."
        ),
        x_name="",
        y_name="updates until solved",
        y_log=True,
        tasks=ANY,
        _experiment=partial(
            _grid,
            key="layers",
            question="Does a second layer help?",
            choices=({"layers": 1}, {"layers": 2}),
        ),
        _compare=partial(with_and_without, setting="layers", more=2, less=1, judge=below),
        _points=update_points,
        user_data=True,
    ),
    Claim(
        key="bidirectional",
        sentence="A cell that reads in both directions learns with fewer updates.",
        former=(
            "Reading in both directions saves updates.",
            "Reading in both directions is better.",
            "Bidirectional reading helps.",
        ),
        measures=(
            "We count updates until the task is solved, reading forward and in both directions."
            " “Yes” means that the LSTM needs fewer updates when it reads in both directions. Most"
            " tasks want the answer at the last step. There, the backward direction has read that"
            " step only. The task “Even or odd number of ones” has an answer at every step."
        ),
        x_name="",
        y_name="updates until solved",
        y_log=True,
        tasks=ANY,
        _experiment=partial(
            _grid,
            key="bidirectional",
            question="Does reading backwards help?",
            choices=({"bidirectional": False}, {"bidirectional": True}),
        ),
        _compare=partial(
            with_and_without, setting="bidirectional", more=True, less=False, judge=below
        ),
        _points=update_points,
    ),
)
