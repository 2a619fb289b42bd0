"""What trained models lose when a gate or their memory is changed: known result T13, and recall.

The sequences are those of the page *What if?*, so the numbers are the same as there.
"""

from functools import cache

from gatesviz.experiments.changes import Change, Model, edited_step, everywhere, negated
from gatesviz.experiments.outcomes import LOST, SAME, WORSE, WRONG, outcome
from gatesviz.experiments.what_if import Row, measure
from gatesviz.lessons.finding import Finding, first_place
from gatesviz.recordings import Edit, Recording
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


def closed_both() -> Finding:
    """Measure what f = i = 0 at the middle step does: "same", "worse", "lost" or "wrong".

    The numbers ``sequence``, ``letter`` and ``named`` are the first sequence of the page *What if?*
    with a wrong answer, its letter, and the letter that the model then names. The number ``i_o`` is
    the score with two other gates closed at that step: i = o = 0.
    """
    found = _change("latch", "f = i = 0")
    others = _model("latch").task.score_text(_row("latch", "i = o = 0").score)
    numbers = {**found.numbers, **_first_wrong("f = i = 0"), "i_o": others}
    return Finding(found.right, numbers, found.sentence)


def cleared_h(model: str = "latch") -> Finding:
    """Measure what h = 0 after the middle step does: "same", "worse", "lost" or "wrong"."""
    return _change(model, "h = 0")


def closed_output_gate() -> Finding:
    """Measure what o = 0 at steps 25 to 30 does: "same", "worse", "lost" or "wrong"."""
    found = _change("latch", "o = 0")
    return Finding(found.right, {**found.numbers, "last": str(LAST)}, found.sentence)


def negated_memory() -> Finding:
    """Measure what changing the sign of c does: "same", "worse", "lost" or "wrong".

    The number ``old_h`` is the score with the sign of c changed while h of that step stays. In
    ``edits``, the change of the page's first sequence is written for a link.
    """
    found = _change("latch", "−c")
    alone = _model("latch").task.score_text(_row("latch", "−c, old h").score)
    numbers = {**found.numbers, "old_h": alone, "edits": _turned_in_a_link()}
    return Finding(found.right, numbers, found.sentence)


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
        f" which always names the most common letter: {numbers['guessing']}.",
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
        "i = o = 0": everywhere("io", 0.0, step),
        "h = 0": everywhere("h", 0.0, step),
        "o = 0": everywhere("o", 0.0, range(step, LAST + 1)),
        "−c": negated("c", step),
        "−c, old h": _turned_alone(step),
    }


@cache
def _first_wrong(name: str) -> dict[str, str]:
    """Return the first sequence of *What if?* whose answer a change makes wrong, in numbers."""
    from gatesviz.experiments.changes import network
    from gatesviz.experiments.what_if import fresh_sequences
    from gatesviz.recordings import record

    model = _model("latch")
    net, batch = network(model), fresh_sequences(model)
    inputs = net.features(batch.inputs)
    plain = record(net.module, inputs[:, 0])
    output = record(net.module, inputs, edits=_changes(edited_step(model))[name].edits(plain))
    named = model.answers(output.output)[-1].argmax(-1)
    letters = batch.targets[-1].numpy()
    missing = f"{name}: all answers are right. Choose a change that makes some answers wrong."
    first = first_place(named != letters, missing)
    names = model.task.answer_names
    letter, answer = names[int(letters[first])], names[int(named[first])]
    return {"sequence": str(first), "letter": letter, "named": answer}


@cache
def _turned_in_a_link() -> str:
    """Return the edits that flip the sign of c in the first sequence of the page *What if?*."""
    from gatesviz.experiments.changes import network
    from gatesviz.experiments.what_if import fresh_sequences
    from gatesviz.recordings import record
    from gatesviz.recordings.edit_text import edits_to_text

    model = _model("latch")
    step, net = edited_step(model), network(model)
    inputs = net.features(fresh_sequences(model).inputs[:, [0]])[:, 0]
    c = record(net.module, inputs).trace().after("c")[step]
    return edits_to_text(
        Edit("c", round(-float(value), 2), step, unit) for unit, value in enumerate(c)
    )


def _turned_alone(step: int) -> Change:
    """Return the change that flips the sign of c after ``step`` and keeps h of that step."""

    def edits(recording: Recording) -> tuple[Edit, ...]:
        trace = recording.trace()
        c, h = (trace.after(letter)[step] for letter in "ch")
        return Edit("c", -c, step), Edit("h", h, step)

    return Change(f"c negated at step {step}, h kept", edits)


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
    from gatesviz.experiments.changes import network
    from gatesviz.experiments.what_if import fresh_sequences
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
