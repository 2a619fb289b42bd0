"""Measures of the first three lessons against independent loops over torch's cells."""

import math

import pytest
import torch

from gatesviz.fresh import fresh
from gatesviz.lessons import lesson, measured
from gatesviz.lessons.measures import fading
from gatesviz.lessons.measures.state import MODEL
from gatesviz.presets import PRESETS
from gatesviz.theme import written
from gatesviz.trained import load_trained
from gatesviz.ui.inside.parameters import INPUT


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


def test_the_unit_whose_memory_tells_two_letters_apart() -> None:
    """The view of the lesson shows this unit, so the reader sees the difference."""
    found = measured("same_last_input")
    memory = [memory_of(text).numpy()[0] for text in ("A......?", "C......?")]
    unit = int(abs(memory[0] - memory[1]).argmax())
    assert found.numbers["unit"] == str(unit) == lesson("memory").steps[1].query["u"]
    shown = [float(found.numbers[name].replace("−", "-")) for name in ("one_c", "other_c")]
    assert shown == [round(float(one[unit]), 3) for one in memory]


def memory_of(text: str) -> torch.Tensor:
    """Return c (1, H) of torch.nn.LSTM after ``text``."""
    model = load_trained(MODEL)
    assert model.vocabulary is not None
    with torch.no_grad():
        rows = [model.vocabulary.index(letter) for letter in text]
        return model.module(torch.eye(len(model.vocabulary))[rows])[1][1]  # type: ignore[no-any-return]


def test_the_input_gate_of_another_unit() -> None:
    """At the first step there is no h, so the gate is σ of one column of weights and the biases."""
    module, vocabulary = load_trained(MODEL).module, load_trained(MODEL).vocabulary
    assert vocabulary is not None
    weights = {name: value.detach() for name, value in module.named_parameters()}
    sums = weights["weight_ih_l0"][:, vocabulary.index("A")]
    sums = sums + weights["bias_ih_l0"] + weights["bias_hh_l0"]
    assert measured("gate_opens gate=i unit=1").numbers["letter"] == f"{sums[1].sigmoid():.3f}"


def steps_until_little(
    cell: str, forget_bias: float | None, erased: int = fading.ERASED
) -> int | None:
    """Return after how many steps an erased state makes less than 1 % of its difference."""
    module = fresh(cell, 3, fading.UNITS, seed=fading.SEED, forget_bias=forget_bias).double()
    make = torch.nn.LSTMCell if cell == "lstm" else torch.nn.RNNCell
    one = make(3, fading.UNITS).double()
    one.load_state_dict({k.removesuffix("_l0"): v for k, v in module.state_dict().items()})
    runs = []
    with torch.no_grad():
        for erase in (False, True):
            h, c = torch.zeros(2, 1, fading.UNITS, dtype=torch.double)
            kept = []
            for step, letter in enumerate(fading.TEXT):
                x = torch.eye(3, dtype=torch.double)[[".AB".index(letter)]]
                if cell == "lstm":
                    h, c = one(x, (h, c))
                else:
                    h = one(x, h)
                if erase and step == erased:
                    h, c = 0 * h, 0 * c
                kept.append(c if cell == "lstm" else h)
            runs.append(torch.cat(kept)[erased:])
    shares = (runs[0] - runs[1]).norm(dim=-1)
    return next((k for k, share in enumerate(shares / shares[0]) if share < 0.01), None)


def test_how_fast_a_difference_fades() -> None:
    steps = {name: steps_until_little(*each) for name, each in fading.NETWORKS.items()}
    assert steps["biased"] is None
    found = measured("longest_memory")
    assert found.right == "biased"
    assert (found.numbers["rnn"], found.numbers["lstm"]) == (str(steps["rnn"]), str(steps["lstm"]))
    assert measured("difference_fades").numbers["steps"] == str(steps["rnn"])
    later = steps_until_little("rnn_tanh", None, erased=10)
    assert measured("difference_fades erased=10").numbers["steps"] == str(later)
    rights = [measured(f"difference_fades network={name}").right for name in steps]
    assert rights == ["soon", "soon", "stays"]
    assert measured("difference_fades network=biased").sentence.endswith("it has even grown.")


def test_why_the_difference_grows_with_forget_bias_5() -> None:
    """By the LSTM's own equations in float64. The change in i·g outweighs what f lets fade."""
    module = fresh("lstm", 3, fading.UNITS, seed=fading.SEED, forget_bias=5.0).double()
    w, u = module.weight_ih_l0.detach(), module.weight_hh_l0.detach()
    bias = (module.bias_ih_l0 + module.bias_hh_l0).detach()
    h, c = torch.zeros(2, 2, fading.UNITS, dtype=torch.double)  # the two readings
    parts = dict.fromkeys(("f", "forgetting", "content"), torch.zeros(fading.UNITS))
    for step, letter in enumerate(fading.TEXT):
        a = w[:, ".AB".index(letter)] + h @ u.T + bias
        i, f, o = (a.chunk(4, 1)[k].sigmoid() for k in (0, 1, 3))
        new = i * a.chunk(4, 1)[2].tanh()
        if step > fading.ERASED:
            parts = {name: f[0] * part for name, part in parts.items()}
            parts["forgetting"] = parts["forgetting"] + (f[0] - f[1]) * c[1]
            parts["content"] = parts["content"] + new[0] - new[1]
        c = f * c + new
        h = o * c.tanh()
        if step == fading.ERASED:
            h[1], c[1] = 0 * h[1], 0 * c[1]
            first = parts["f"] = c[0] - c[1]
    torch.testing.assert_close(sum(parts.values()), c[0] - c[1])
    left = {name: float(part.norm() / first.norm()) for name, part in parts.items()}
    assert left["content"] > left["f"] > 5 * left["forgetting"]
    numbers = measured("longest_memory").numbers
    assert float(numbers["grown"]) == pytest.approx(
        float((c[0] - c[1]).norm() / first.norm()), abs=0.05
    )
    assert numbers["by_f"] == f"{100 * left['f']:.0f} %"


def test_a_trained_memory() -> None:
    found = measured("trained_memory dots=30")
    model = load_trained("recall-rnn")
    named, sure = 0, 1.0
    for letter in "ABCD":
        ids = [(model.vocabulary or ()).index(each) for each in f"{letter}{'.' * 30}?"]
        with torch.no_grad():
            output, _ = model.module(torch.eye(len(model.vocabulary or ()))[ids])
            shares = model.readout(output[-1]).softmax(-1)
        named += model.answer_names[int(shares.argmax())] == letter
        sure = min(sure, float(shares.max()))
    assert found.numbers["sure"] == f"{str(100 * sure)[:4]} %"  # rounded down, as a bound is
    assert (found.numbers["named"], found.right) == (str(named), "yes")


def one_step_by_hand(step: int, **gates: float) -> dict[str, float]:
    """Return the gates and states of unit 0 after a step of the lesson's text, with set gates."""
    model = load_trained(MODEL)
    weights = {k.removesuffix("_l0"): v.double() for k, v in model.module.state_dict().items()}
    h, c = torch.zeros(2, model.module.hidden_size, dtype=torch.double)
    values: dict[str, float] = {}
    for k, letter in enumerate("A......?"[: step + 1]):
        x = torch.eye(9, dtype=torch.double)[(model.vocabulary or ()).index(letter)]
        rows = weights["weight_ih"] @ x + weights["bias_ih"] + weights["weight_hh"] @ h
        i, f, g, o = (rows + weights["bias_hh"]).chunk(4)
        now = {"i": i.sigmoid(), "f": f.sigmoid(), "g": g.tanh(), "o": o.sigmoid()}
        if k == step:
            for letter_of_gate, value in gates.items():
                now[letter_of_gate][0] = value
        c = now["f"] * c + now["i"] * now["g"]
        h = now["o"] * c.tanh()
        values = {k: float(v[0]) for k, v in {**now, "c": c, "h": h}.items()}
    return values


def closed_in_all_units() -> tuple[str, str]:
    """Return the answer of a loop to the lesson's text with f = 0 in all units at step 3."""
    model = load_trained(MODEL)
    size = model.module.hidden_size
    cell = torch.nn.LSTMCell(model.module.input_size, size)
    cell.load_state_dict({k.removesuffix("_l0"): v for k, v in model.module.state_dict().items()})
    h, c = torch.zeros(2, 1, size)
    with torch.no_grad():
        for step, letter in enumerate("A......?"):
            x = torch.eye(9)[[(model.vocabulary or ()).index(letter)]]
            kept = c * (step != 3)  # no gate reads c, so f = 0 is the same as an old c of 0
            h, c = cell(x, (h, kept))
        shares = model.readout(h).softmax(-1)[0]
    return model.answer_names[int(shares.argmax())], f"{100 * float(shares.max()):.0f} %"


def test_the_gates_of_one_unit() -> None:
    for gate in "io":
        numbers = measured(f"gate_opens gate={gate}").numbers
        assert numbers["letter"] == f"{one_step_by_hand(0)[gate]:.3f}"
        assert numbers["question"] == f"{one_step_by_hand(7)[gate]:.3f}"
    for value, right in ((1.0, "keeps"), (0.5, "part"), (0.0, "erases")):
        found = measured(f"forget_gate value={value}")
        after = one_step_by_hand(3, f=value)["c"]
        assert (found.right, found.numbers["after"]) == (right, written(round(after, 3)))
    assert (found.numbers["named"], found.numbers["sure"]) == closed_in_all_units()
    found = measured("closing_gate")
    assert found.right == "o"
    assert found.numbers["opened"] == written(round(one_step_by_hand(3, o=1.0)["h"], 3))
    assert found.numbers["h_f"] == written(round(one_step_by_hand(3, f=1.0)["h"], 3))
    added = one_step_by_hand(3)
    assert measured("written_at_dots").numbers["added"] == f"{added['i'] * added['g']:.3f}"


def test_no_gate_of_torch_reads_c() -> None:
    """With equal x and h, h′ / tanh(c′) is the output gate for every c."""
    cell = torch.nn.LSTMCell(9, 6)
    x, h = torch.randn(1, 9), torch.zeros(1, 6)
    with torch.no_grad():
        shown = [cell(x, (h, torch.full((1, 6), c))) for c in (0.5, 1.0)]
    one, other = (h / c.tanh() for h, c in shown)
    assert torch.allclose(one, other, atol=1e-5)
    found = measured("gates_read")
    assert found.right == "h"
    rows = PRESETS["lstm"]["switch"].rows  # what the page shows
    f = 1 / (1 + math.exp(-(rows["f"].x * INPUT.default + rows["f"].h * 0.5 + rows["f"].b)))
    assert (found.numbers["most"], found.numbers["moved"]) == ("0", f"{f:.3f}")


def test_a_new_text_starts_from_zero() -> None:
    answer, share = last_answer(".......?")
    found = measured("new_text")
    assert (found.right, found.numbers["answer"]) == ("guess", answer)
    assert found.numbers["sure"] == f"{100 * share:.0f} %"
