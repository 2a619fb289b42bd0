"""What trained models lose when a gate or their memory is changed: known result T13, and recall.

The sequences are those of the page *What if?*, so the numbers are the same as there.
"""

from functools import cache

from gatesviz.experiments.outcomes import LOST, SAME, WORSE, WRONG, outcome
from gatesviz.experiments.what_if import (
    Change,
    Model,
    Row,
    edited_step,
    everywhere,
    measure,
    negated,
)
from gatesviz.lessons.finding import Finding
from gatesviz.trained import load_trained
from gatesviz.training import TrainedModel

KEYS = {SAME: "same", WORSE: "worse", LOST: "lost", WRONG: "wrong"}
"""Outcome -> the key of a check's option."""
LAST = 30
"""The last of the steps at which the output gate is closed, from step 25 on."""


def closed_forget_gate(model: str = "latch") -> Finding:
    """Measure what f = 0 at the middle step does: "same", "worse", "lost" or "wrong".

    Args:
        model: "latch", the LSTM of known result T13, or "recall", the packaged LSTM.
    """
    return _change(model, "f = 0")


def closed_both(model: str = "latch") -> Finding:
    """Measure what f = i = 0 at the middle step does: "same", "worse", "lost" or "wrong"."""
    return _change(model, "f = i = 0")


def cleared_h(model: str = "latch") -> Finding:
    """Measure what h = 0 after the middle step does: "same", "worse", "lost" or "wrong"."""
    return _change(model, "h = 0")


def closed_output_gate() -> Finding:
    """Measure what o = 0 at steps 25 to 30 does: "same", "worse", "lost" or "wrong"."""
    return _change("latch", "o = 0")


def negated_memory() -> Finding:
    """Measure what changing the sign of c does: "same", "worse", "lost" or "wrong"."""
    return _change("latch", "−c")


def two_models() -> Finding:
    """Compare the mean input gate of both LSTMs at the step where f is closed.

    Returns:
        Right is "writes" if the model that keeps its letter has the more open input gate, else
        "other".
    """
    gates = {name: _open_input(name) for name in ("latch", "recall")}
    scores = {name: _row(name, "f = 0").score for name in gates}
    keeper = max(scores, key=lambda name: scores[name])
    numbers = {f"i_{name}": f"{gate:.2g}" for name, gate in gates.items()}
    return Finding(
        "writes" if keeper == max(gates, key=lambda name: gates[name]) else "other",
        numbers,
        f"At that step, the mean input gate is {numbers['i_latch']} in the first model and"
        f" {numbers['i_recall']} in the second.",
    )


def _change(model: str, name: str) -> Finding:
    """Return the outcome of one change of one model, as keys of a check."""
    row, trained = _row(model, name), _model(model)
    result = outcome(trained.task, row)
    assert result is not None  # both models have learnt their tasks
    text = trained.task.score_text
    numbers = {
        "before": text(row.unchanged),
        "after": text(row.score),
        "guessing": text(row.constant),
        "left": _percent(row.left),
        "later": _percent(row.left_later),
        "sequences": f"{row.sequences:,}",
        "step": str(edited_step(trained)),
    }
    return Finding(
        KEYS[result],
        numbers,
        f"{row.name}: {numbers['after']} of the answers are right on {numbers['sequences']} new"
        f" sequences. Without the change: {numbers['before']}. Baseline,"
        f" which always names the most frequent letter: {numbers['guessing']}.",
    )


@cache
def _row(model: str, name: str) -> Row:
    trained = _model(model)
    [row] = measure(trained, [_changes(edited_step(trained))[name]])
    return row


def _changes(step: int) -> dict[str, Change]:
    return {
        "f = 0": everywhere("f", 0.0, step),
        "f = i = 0": everywhere("fi", 0.0, step),
        "h = 0": everywhere("h", 0.0, step),
        "o = 0": everywhere("o", 0.0, range(step, LAST + 1)),
        "−c": negated("c", step),
    }


@cache
def _model(name: str) -> Model:
    if name != "latch":
        return load_trained(f"{name}-lstm")
    from gatesviz.experiments.known import CARDS
    from gatesviz.experiments.known.release import released

    trial = CARDS["T13"].trials[0]
    result = released([trial])[trial]
    return TrainedModel(trial.spec, result.updates, result.weights)


def _open_input(name: str) -> float:
    """Return the mean of the input gate at the changed step."""
    from gatesviz.experiments.what_if import fresh_sequences, network
    from gatesviz.recordings import record

    step, net = edited_step(_model(name)), network(_model(name))
    inputs = fresh_sequences(_model(name), steps=[step]).inputs
    trace = record(net.module, net.features(inputs)).trace()
    return float(trace.gates["i"][step].mean())


def _percent(share: float | None) -> str:
    """Return a share in percent with one decimal, as on the page; "–" if there is none."""
    if share is None or share != share:
        return "–"
    return f"{100 * share:.1f} %".replace("-", "−")
