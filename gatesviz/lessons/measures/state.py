"""Measures of the lesson on states: what a network still knows, and what is lost with its state."""

from typing import TYPE_CHECKING

import numpy as np

from gatesviz.lessons.finding import Finding, shown
from gatesviz.sequences import parse_text
from gatesviz.trained import PackagedModel, load_trained

if TYPE_CHECKING:
    from gatesviz.recordings import Edit, Recording

MODEL = "recall-lstm"


def same_last_input(first: str = "A......?", second: str = "C......?") -> Finding:
    """Measure whether the model answers two texts differently that end with the same character.

    "differ" is right if each answer is the text's own capital letter, "same" if both are equal. The
    numbers also give c of the unit that differs most, after the last step, as in the picture.
    """
    model = load_trained(MODEL)
    recordings = [read(model, text) for text in (first, second)]
    (one, one_share), (other, other_share) = (last_answer(model, each) for each in recordings)
    one_c, other_c = (each.trace().states["c"][-1] for each in recordings)
    unit = int(abs(one_c - other_c).argmax())
    one_sure, other_sure = _percent(one_share), _percent(other_share)
    right = "same" if one == other else "differ"
    numbers = {"one": one, "one_sure": one_sure, "other": other, "other_sure": other_sure}
    numbers |= {"unit": str(unit), "one_c": shown(one_c[unit])}
    numbers |= {"other_c": shown(other_c[unit])}
    sentence = (
        f"After “{first}”, the model answers {one} and is {one_sure} sure. After “{second}”, it"
        f" answers {other} and is {other_sure} sure. The last input is “{first[-1]}” each time."
    )
    return Finding(right, numbers, sentence)


def erased_state(text: str = "A......?", letters: str = "hc") -> Finding:
    """Measure the answer at the last step with states set to 0 one step earlier.

    "kept" is right if the answer stays, "nothing" if the model now answers "nothing", and "other"
    if it names something else.
    """
    from gatesviz.recordings import Edit

    model, step = load_trained(MODEL), len(text) - 2
    before, before_share = last_answer(model, read(model, text))
    edits = tuple(Edit(letter, 0.0, step) for letter in letters)
    after, after_share = last_answer(model, read(model, text, edits))
    before_sure, after_sure = _percent(before_share), _percent(after_share)
    right = {before: "kept", "nothing": "nothing"}.get(after, "other")
    numbers = {"before": before, "before_sure": before_sure, "after": after}
    numbers |= {"after_sure": after_sure, "step": str(step)}
    numbers["only_h"] = last_answer(model, read(model, text, (Edit("h", 0.0, step),)))[0]
    states = " and ".join(letters)
    sentence = (
        f"With {states} set to 0 after step {step}, the model answers {after} and is {after_sure}"
        f" sure. Without this change, it answers {before} and is {before_sure} sure."
    )
    return Finding(right, numbers, sentence)


def new_text(text: str = ".......?") -> Finding:
    """Measure the answer to a text without a letter, read from a state of zeros.

    "nothing" is right if the model answers "nothing", "sure" if it names a letter with at least
    90 %, and "guess" if it names one with less.
    """
    model = load_trained(MODEL)
    answer, share = last_answer(model, read(model, text))
    right = "nothing" if answer == "nothing" else "sure" if share >= 0.9 else "guess"
    numbers = {"answer": answer, "sure": _percent(share)}
    sentence = f"After “{text}”, the model answers {answer} and is {numbers['sure']} sure."
    return Finding(right, numbers, sentence)


def read(model: PackagedModel, text: str, edits: "tuple[Edit, ...]" = ()) -> "Recording":
    """Return the recording of ``text``, one character a step."""
    import torch

    from gatesviz.recordings import record

    values = parse_text(text, model.vocabulary, strict=True).values
    return record(model.module, torch.from_numpy(np.asarray(values, np.float32)), edits=edits)


def last_answer(model: PackagedModel, recording: "Recording") -> tuple[str, float]:
    """Return the most likely answer after the last step, and its probability."""
    shares = model.answers(recording.output)[-1]
    best = int(shares.argmax())
    return model.answer_names[best], float(shares[best])


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
