"""What the page says about a unit that was switched off: its score, the verdict and the table."""

import re

from gatesviz.detective import Ablation
from gatesviz.detective.scores import ReadsFinal
from gatesviz.experiments.statistics import FEWEST, counted
from gatesviz.ui.find_unit.file_scores import BITS, MOVED, UNCHANGED
from gatesviz.ui.find_unit.parameters import BETTER, SAME, WORSE
from gatesviz.ui.find_unit.ranking import Ranking
from gatesviz.ui.guesses import with_verdict

TOO_FEW = "too few to tell"
ROWS = 10
"""Rows of the table."""
MEANINGS = {
    UNCHANGED: "the share of {}s with the same answer as before; ",
    MOVED: "how far the readout's numbers move; ",
    BITS + "character": "−log₂ of the next character's probability, after a softmax; ",
    BITS + "word": "−log₂ of the next word's probability, after a softmax; ",
}
"""Name of a score -> what it is, before "higher is better"."""


def score_named(ranking: Ranking) -> str:
    """Return the name of the score, what it means where it isn't known, and which way is better."""
    many, task = ranking.many, ranking.examined.task
    if many is not None and many.probe is not None:
        name, better = many.metric, many.probe.better
    else:
        assert task is not None  # else there is no plan
        name, better = re.split("[,:]", task.metric)[0], task.better
    once = many is not None and many.probe is not None and isinstance(many.probe[1], ReadsFinal)
    meaning = MEANINGS.get(name, "").format("sequence" if once else "step")
    return f"{name} ({meaning}{better} is better)"


def result(one: Ablation) -> str | None:
    """Return which of `GUESSES` is right: the interval of the harm decides. None without one."""
    if not one.harm.known:
        return None
    return WORSE if one.harm.low > 0 else BETTER if one.harm.high < 0 else SAME


def answer(one: Ablation, guess: str, more: str = "") -> str:
    """Return whether the guess is right, with the scores.

    Args:
        one: what breaks without the unit.
        guess: one of `GUESSES`.
        more: how to get enough sequences or stretches for an interval, as a sentence.
    """
    right, unit = result(one), one.harm.unit
    scores = f"{one.score_text(one.unchanged)} → {one.score_text(one.score)}"
    sequences = counted(one.harm.n, unit)
    numbers = f"{one.metric} **{scores}** without unit {one.unit} ({one.harm_text}; {sequences})."
    if right is None:
        are = "is" if one.harm.n == 1 else "are"
        few = f"{sequences} {are} too few to tell: at least {FEWEST} are needed."
        return " ".join(part for part in (few, more, f"Measured: {numbers}") if part)
    return with_verdict("Yes," if guess == right else "Not quite,", f"{right}: {numbers}")


def bars(found: list[Ablation]) -> str:
    """Return what the bars of the chart are, after a space, or why there are none."""
    unit = found[0].harm.unit
    if any(one.harm.known for one in found):
        over = ""
        if unit == "stretch":
            over = f" over {found[0].harm.n:,} stretches of the text"
        return f" The bar is a 95 % interval{over} (bootstrap): the true value is likely inside."
    return f" Fewer than {counted(FEWEST, unit)} give no interval, so no bar is drawn."


def rows(ranking: Ranking, found: list[Ablation]) -> list[dict[str, str]]:
    """Return rows of the most harmful losses, the worst first, and one of the best unit."""
    tracked = {each.unit: each for each in ranking.ranked}
    order = sorted(found, key=lambda one: (-one.harm.estimate, one.unit))
    shown = [one for one in order if one.unit == ranking.best.unit or one in order[:ROWS]]
    return [
        {
            "Unit": str(one.unit),
            f"tracks it, {ranking.best.name}": f"{tracked[one.unit].measure:.2f}",
            f"{one.metric} without it": one.score_text(one.score),
            "result": result(one) or TOO_FEW,
        }
        for one in shown
    ]
