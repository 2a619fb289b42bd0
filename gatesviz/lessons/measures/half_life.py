"""The half-life of a forget bias: how many steps until half of the cell state is left."""

from gatesviz.experiments.known.decay import forgetting
from gatesviz.experiments.training_reach import LENGTH, shipped_courses
from gatesviz.gradients import forget_bias_of, forget_decay, forget_half_life
from gatesviz.lessons.finding import Finding, listed
from gatesviz.lessons.measures.known_results import known_rows
from gatesviz.theme import written

NEAR = 0.02


def half_life_at(bias: float) -> Finding:
    """Measure the half-life of an LSTM with zero weights and this forget bias.

    Returns:
        Right is "s" and the whole number of steps that is nearest: "s1", "s2", "s5", "s103".
    """
    left, measured = forgetting(bias)
    numbers = {
        "bias": f"{bias:g}",
        "f": f"{float(forget_decay(bias, 1)):.3f}",
        "half": f"{measured:.3g}",
        "left": written(left),
        "theory": f"{forget_half_life(bias):.3g}",
    }
    return Finding(
        f"s{measured:.0f}",
        numbers,
        f"With forget bias {bias:g}, f is {numbers['f']}. The half-life is {numbers['half']}"
        f" {'step' if numbers['half'] == '1' else 'steps'}. After 50 steps, {numbers['left']} of c"
        " is left.",
    )


def bias_for(steps: float) -> Finding:
    """Find the forget bias whose half-life is ``steps``, and measure it.

    Returns:
        Right is "b" and the whole number nearest to the bias: "b1", "b4", "b10".
    """
    bias = round(forget_bias_of(steps), 2)  # as the page's slider
    _, measured = forgetting(bias)
    numbers = {"steps": f"{steps:g}", "bias": f"{bias:g}", "half": f"{measured:.3g}"}
    return Finding(
        f"b{bias:.0f}",
        numbers,
        f"Forget bias {numbers['bias']} gives a half-life of {numbers['half']} steps. With two"
        f" decimals, this is the nearest to {steps:g} steps.",
    )


def one_more() -> Finding:
    """Find out what adding 1 to a forget bias of 4 does to the half-life.

    Returns:
        Right is "times" if the half-life grows by a factor near e, "plus" if it grows by 1 step,
        "double" if it doubles.
    """
    halves = [forgetting(bias)[1] for bias in (4.0, 5.0)]
    factor = halves[1] / halves[0]
    apart = {
        "times": abs(halves[1] - 2.718 * halves[0]),
        "double": abs(halves[1] - 2 * halves[0]),
        "plus": abs(halves[1] - halves[0] - 1),
    }
    numbers = {"at_4": f"{halves[0]:.3g}", "at_5": f"{halves[1]:.3g}", "factor": f"{factor:.2f}"}
    return Finding(
        min(apart, key=lambda name: apart[name]),
        numbers,
        f"With forget bias 4 the half-life is {numbers['at_4']} steps. With 5 it is"
        f" {numbers['at_5']} steps, {numbers['factor']} times as long.",
    )


def learnt_lengths(steps: int = 50) -> Finding:
    """Read from known result T3 how far LSTMs with forget biases 0, 1 and 5 learnt to remember.

    Args:
        steps: over how many the LSTM with forget bias 1 must remember: 10, 20, 50 or 100.

    Returns:
        Right is "no" if forget bias 1 learnt ``steps`` steps with none of the seeds, "yes" with
        all, else "some".
    """
    rows = known_rows("T3")
    numbers = {
        name: listed(f"{value:g}" for value in rows[row])
        for name, row in (
            ("rnn", "RNN"),
            ("b_0", "LSTM, b = 0"),
            ("b_1", "LSTM, b = 1"),
            ("b_5", "LSTM, b = 5"),
            ("chrono", "LSTM, chrono"),
        )
    }
    tried = [value >= LENGTH for value in rows["RNN"]]
    numbers |= {"rnn_tried": str(len(tried)), "rnn_learnt": str(sum(tried)), **_reach_in_training()}
    reached = [value >= steps for value in rows["LSTM, b = 1"]]
    return Finding(
        "yes" if all(reached) else "some" if any(reached) else "no",
        numbers,
        "We tried 10, 20, 50 and 100 steps, in three runs each. The LSTMs remembered for"
        f" {numbers['b_0']} steps with forget bias 0, for {numbers['b_1']} steps with bias 1, and"
        f" for {numbers['b_5']} steps with bias 5.",
    )


def _reach_in_training() -> dict[str, str]:
    """Return the least of the largest reaches of all runs that learnt, and the most with bias 1."""
    runs = shipped_courses()
    learnt = [one.largest for one in runs if one.solved_at is not None]
    usual = [one for one in runs if one.cell == "LSTM, b = 1"]
    return {
        "runs": str(len(runs)),
        "seeds": str(len(usual)),
        "least": written(min(learnt)),
        "most": written(max(one.largest for one in usual)),
        "usual_learnt": str(sum(one.solved_at is not None for one in usual) or "none"),
    }
