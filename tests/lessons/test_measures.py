"""Measures against an independent loop over torch.nn.LSTMCell."""

import pytest
import torch

from gatesviz.lessons import measured
from gatesviz.lessons.measures.state import MODEL
from gatesviz.trained import load_trained


def last_answer(text: str, erased: str = "") -> tuple[str, float]:
    """Return the answer of an LSTMCell at the last step, with states erased one step earlier."""
    model = load_trained(MODEL)
    cell = torch.nn.LSTMCell(model.module.input_size, model.module.hidden_size)
    cell.load_state_dict({k.removesuffix("_l0"): v for k, v in model.module.state_dict().items()})
    h, c = torch.zeros(2, 1, model.module.hidden_size)
    assert model.vocabulary is not None
    with torch.no_grad():
        for step, letter in enumerate(text):
            x = torch.eye(len(model.vocabulary))[[model.vocabulary.index(letter)]]
            h, c = cell(x, (h, c))
            if step == len(text) - 2:
                c = c * ("c" not in erased)
                h = h * (not erased)  # an erased c leaves h = o·tanh(0)
        shares = model.readout(h).softmax(-1)[0]
    return model.answer_names[int(shares.argmax())], float(shares.max())


@pytest.mark.parametrize("letters", ["hc", "h", "c"])
def test_an_erased_state(letters: str) -> None:
    found = measured(f"erased_state letters={letters}")
    (before, before_sure), (after, after_sure) = (
        last_answer("A......?"),
        last_answer("A......?", letters),
    )
    assert (found.numbers["before"], found.numbers["after"]) == (before, after)
    assert found.numbers["before_sure"] == f"{100 * before_sure:.0f} %"
    assert found.numbers["after_sure"] == f"{100 * after_sure:.0f} %"
    assert found.right == {before: "kept", "nothing": "nothing"}.get(after, "other")


def test_the_same_last_input() -> None:
    found = measured("same_last_input first=B.? second=D.....?")
    assert (found.numbers["one"], found.numbers["other"]) == ("B", "D")
    assert found.right == "differ"
    assert f"{100 * last_answer('B.?')[1]:.0f} %" in found.sentence
    assert measured("same_last_input first=B.? second=B..?").right == "same"
