"""Measures of the lesson on states: what a network still knows, and what is lost with its state."""

from typing import TYPE_CHECKING

import numpy as np

from gatesviz.lessons.finding import Finding
from gatesviz.sequences import parse_text
from gatesviz.trained import PackagedModel, load_trained

if TYPE_CHECKING:
    from gatesviz.recordings import Edit, Recording

MODEL = "recall-lstm"
CLEAR = 0.9
"""An answer with at least this probability counts as given."""


def same_last_input(first: str = "A......?", second: str = "C......?") -> Finding:
    """Measure whether the model answers two texts differently that end with the same character.

    "differ" is right if each answer is the text's own capital letter, "same" if both are equal.
    """
    model = load_trained(MODEL)
    answers = [_last_answer(model, _read(model, text)) for text in (first, second)]
    (one, one_sure), (other, other_sure) = answers
    right = "same" if one == other else "differ"
    numbers = {"one": one, "one_sure": one_sure, "other": other, "other_sure": other_sure}
    sentence = (
        f"After “{first}” the model answers {one} ({one_sure}). After “{second}” it answers {other}"
        f" ({other_sure}). Both times its last input is “{first[-1]}”."
    )
    return Finding(right, numbers, sentence)


def erased_state(text: str = "A......?", letters: str = "hc") -> Finding:
    """Measure the answer at the last step with states set to 0 one step earlier.

    "kept" is right if the answer stays, "nothing" if the model now answers "nothing", and "other"
    if it names something else.
    """
    from gatesviz.recordings import Edit

    model, step = load_trained(MODEL), len(text) - 2
    before, before_sure = _last_answer(model, _read(model, text))
    edits = tuple(Edit(letter, 0.0, step) for letter in letters)
    after, after_sure = _last_answer(model, _read(model, text, edits))
    right = {before: "kept", "nothing": "nothing"}.get(after, "other")
    numbers = {"before": before, "before_sure": before_sure, "after": after}
    numbers |= {"after_sure": after_sure, "step": str(step)}
    states = " and ".join(letters)
    sentence = (
        f"With {states} set to 0 after step {step}, the model answers {after} ({after_sure})."
        f" Before, it answered {before} ({before_sure})."
    )
    return Finding(right, numbers, sentence)


def _read(model: PackagedModel, text: str, edits: "tuple[Edit, ...]" = ()) -> "Recording":
    """Return the recording of ``text``, one character a step."""
    import torch

    from gatesviz.recordings import record

    values = parse_text(text, model.vocabulary, strict=True).values
    return record(model.module, torch.from_numpy(np.asarray(values, np.float32)), edits=edits)


def _last_answer(model: PackagedModel, recording: "Recording") -> tuple[str, str]:
    """Return the most likely answer after the last step, and its probability in percent."""
    shares = model.answers(recording.output)[-1]
    best = int(shares.argmax())
    return model.answer_names[best], f"{100 * shares[best]:.0f} %"
