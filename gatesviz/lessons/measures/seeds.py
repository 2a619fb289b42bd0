"""Known results that differ by seed or by task, and how many seeds are enough."""

import re

from gatesviz.experiments.known import CARDS, trained
from gatesviz.experiments.known.learning import rows
from gatesviz.experiments.known.release import released
from gatesviz.experiments.statistics import FEWEST, LEVEL
from gatesviz.lessons.finding import Finding, listed
from gatesviz.lessons.measures.known_results import known_rows
from gatesviz.tasks import TASKS

SOLVED, GUESSED = 0.98, 0.7


def three_seeds() -> Finding:
    """Read known result T7: an LSTM without a forget gate, trained with three seeds.

    Returns:
        Right is "differ" if some seeds solve the task and others don't, "all" or "none".
    """
    name = "without a forget gate"
    values = known_rows("T7")[name]
    [band] = [band for band in CARDS["T7"].bands if band.row == name]
    expected = {"low": f"{100 * band.low:.0f} %", "high": f"{100 * band.high:.0f} %"}
    expected["needed"] = f"{100 * SOLVED:.0f} %"
    expected["string"] = _string()
    solved = [value >= SOLVED for value in values]
    first, second, third = (f"{100 * value:.3g} %" for value in values)
    return Finding(
        "all" if all(solved) else "differ" if any(solved) else "none",
        {"first": first, "second": second, "third": third, "solved": str(sum(solved))} | expected,
        f"Right answers without a forget gate: {first} with seed 0, {second} with seed 1 and"
        f" {third} with seed 2.",
    )


def _string() -> str:
    """Return the first string with BT … TE in the example of known result T7's task."""
    found = re.search("BT[BTPSXVE]+?ETE", TASKS["reber"].example)
    assert found is not None
    return found[0]


def fewer_updates(task: str = "adding") -> Finding:
    """Read from a known result which cell needs fewer updates to solve a task, seed by seed.

    Args:
        task: "adding" (known result T2) or "counting" (T5).

    Returns:
        Right is "gru" or "lstm" if the same cell is faster with every seed, else "depends".
    """
    times = _updates(task)
    gru, lstm = (list(times[cell].values()) for cell in ("GRU", "LSTM"))
    faster = {"gru" if a < b else "lstm" for a, b in zip(gru, lstm, strict=True)}
    numbers = {"gru": listed(f"{n:,}" for n in gru), "lstm": listed(f"{n:,}" for n in lstm)}
    return Finding(
        faster.pop() if len(faster) == 1 else "depends",
        numbers,
        f"Updates until the task was solved, one number for each seed. GRU: {numbers['gru']}."
        f" LSTM: {numbers['lstm']}.",
    )


def over_tasks() -> Finding:
    """Find out whether one cell needs fewer updates on both tasks.

    Returns:
        Right is "gru" or "lstm", or "task" if it depends on the task.
    """
    adding, counting = fewer_updates("adding"), fewer_updates("counting")
    right = adding.right if adding.right == counting.right else "task"
    by_task = {"adding": adding, "counting": counting}
    numbers = {
        f"{cell}_{task}": found.numbers[cell]
        for task, found in by_task.items()
        for cell in ("gru", "lstm")
    }
    return Finding(
        right,
        numbers,
        "Updates until the task was solved, one number for each seed. Adding: GRU"
        f" {numbers['gru_adding']}; LSTM {numbers['lstm_adding']}. Counting: GRU"
        f" {numbers['gru_counting']}; LSTM {numbers['lstm_counting']}.",
    )


def enough_seeds(count: int = 3) -> Finding:
    """Find out whether this many seeds that all agree give a 95 % interval.

    The numbers ``low`` and ``high`` are the exact 95 % interval for the share of all runs that
    succeed, if ``count`` of ``count`` runs succeed.

    Returns:
        Right is "few" if they can't, "enough" if they can.
    """
    chance = 2 * 0.5**count
    enough = chance <= 1 - LEVEL
    numbers = {
        "seeds": str(count),
        "chance": f"{100 * chance:.0f} %" if chance >= 0.1 else f"{100 * chance:.1f} %",
        "fewest": str(FEWEST),
    } | _share_after_successes(count)
    than = "less" if enough else "more"
    return Finding(
        "enough" if enough else "few",
        numbers,
        f"If the two cells were equally good, all {count} seeds would still agree in {than} than"
        f" {100 * (1 - LEVEL):.0f} % of all cases.",
    )


def one_success() -> Finding:
    """Give the exact 95 % interval for the share of runs that succeed, after 1 success in 1 run.

    Returns:
        Right is "wide" if the interval is wider than half of all shares, else "narrow".
    """
    numbers = _share_after_successes(1)
    return Finding(
        "wide" if 1 - _least_share(1) > 0.5 else "narrow",
        numbers,
        f"After one success in one run, the share of all runs that succeed may be anything from"
        f" {numbers['low']} to {numbers['high']} (95 % interval).",
    )


def _share_after_successes(count: int) -> dict[str, str]:
    """Return the 95 % interval for the share of all runs that succeed, after so many successes."""
    return {"low": f"{100 * _least_share(count):.1f} %", "high": "100 %"}


def _least_share(count: int) -> float:
    """Return the share p with pⁿ = 2.5 %, the lower end of the interval for n of n successes."""
    return float(((1 - LEVEL) / 2) ** (1 / count))  # Clopper & Pearson 1934


def _updates(task: str) -> dict[str, dict[int, float]]:
    """Return cell -> seed -> updates until the task was solved."""
    experiment = {"adding": trained.adding, "counting": trained.counting}[task]()
    results, names = released(experiment.trials), trained.CELLS
    found: dict[str, dict[int, float]] = {}
    for name, trials in rows(experiment, names).items():
        solved = {trial.spec.seed: results[trial].solved_at for trial in trials}
        found[name] = {seed: at for seed, at in solved.items() if at is not None}
    return found
