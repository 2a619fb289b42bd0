"""Card T13: what a trained LSTM does when a gate or its memory is changed at one step."""

from gatesviz.experiments.known import trained
from gatesviz.experiments.known.card import Band, Card, Results, Values
from gatesviz.experiments.known.trained import LATCH_SEEDS
from gatesviz.experiments.result import Result

SEQUENCES = 512
STEP, LAST = 25, 30
AS_TRAINED = "nothing changed"


def changed_memories(results: Results) -> Values:
    """Measure T13: for each change the accuracy of each seed."""
    trials = [trial for trial in trained.latch().trials if trial in results]
    found = [accuracies(results[trial]) for trial in trials]
    return {name: tuple(one[name] for one in found) for name in found[0]} if found else {}


def accuracies(result: Result) -> dict[str, float]:
    """Return change -> accuracy of the trained model on `SEQUENCES` new sequences."""
    from gatesviz.experiments.changes import everywhere, negated
    from gatesviz.experiments.what_if import measure
    from gatesviz.training import TrainedModel

    model = TrainedModel(result.trial.spec, result.updates, result.weights)
    changes = (
        everywhere("f", 0.0, STEP),
        everywhere("fi", 0.0, STEP),
        negated("c", STEP),
        everywhere("o", 0.0, range(STEP, LAST + 1)),
    )
    rows = [*measure(model, changes, sequences=SEQUENCES)]
    return {AS_TRAINED: rows[0].unchanged, **{row.name: row.score for row in rows}}


_RIGHT, _GUESSED, _WRONG = (0.99, 1.0), (0.4, 0.6), (0.0, 0.01)

CARDS = (
    Card(
        key="T13",
        title=(
            "If f is 0 for one step, an LSTM can still remember the letter. Its h still holds the"
            " letter, and i·g writes it back into c."
        ),
        source=(
            "First seen in our own measurements, so the expectation is not from a paper."
            " Initialisation: Tallec & Ollivier 2018 (chrono)."
        ),
        setting=(
            "Recall the first letter, A or B, after T = 50 steps of noise. LSTM with chrono"
            " initialisation, 16 hidden units, batch 32, Adam 0.005, clip 1, 1,000 updates, seeds 0"
            f" to {LATCH_SEEDS - 1}. Then each trained model reads {SEQUENCES} held-out sequences."
            f" At step {STEP}, we set f to 0, or set f and i to 0, or flip the sign of c. In"
            f" another test, we set o to 0 at steps {STEP} to {LAST}. Each change is made in all"
            " units."
        ),
        expected=(
            "With f = 0 at one step, or o = 0 at six steps, accuracy stays at least 0.99. With f ="
            " i = 0, the model guesses (accuracy 0.4 to 0.6). With the sign of c flipped, accuracy"
            " is at most 0.01."
        ),
        values="accuracy of the answer at the last step",
        bands=tuple(
            Band(name, low, high, count=LATCH_SEEDS)
            for name, (low, high) in {
                AS_TRAINED: _RIGHT,
                f"f = 0 at step {STEP}": _RIGHT,
                f"f = i = 0 at step {STEP}": _GUESSED,
                f"c negated at step {STEP}": _WRONG,
                f"o = 0 at steps {STEP} to {LAST}": _RIGHT,
            }.items()
        ),
        _measure=changed_memories,
        experiments=(trained.latch(),),
    ),
)
