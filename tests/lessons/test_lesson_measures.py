"""Measures of lessons 4 to 12 against loops in NumPy, torch's own cells, and closed forms."""

import math
import re
from pathlib import Path

import numpy as np
import plotly.data
import pytest
import torch

from gatesviz.experiments.changes import network
from gatesviz.experiments.claims import CLAIMS
from gatesviz.experiments.claims.release import released_runs
from gatesviz.experiments.horizon import latch, reach
from gatesviz.experiments.known import CARDS
from gatesviz.experiments.known.release import released
from gatesviz.experiments.statistics import share
from gatesviz.experiments.what_if import fresh_sequences
from gatesviz.export.views.gradients import _flows, _settings
from gatesviz.fresh import fresh
from gatesviz.gradients import forget_bias_of, forget_half_life
from gatesviz.lessons import lesson, measured
from gatesviz.lessons.finding import listed
from gatesviz.lessons.measures import breaking, forecast, gru, shapes
from gatesviz.lessons.measures.gru import INPUT, STATE
from gatesviz.lessons.measures.way_back import UNITS, noise
from gatesviz.recordings import record
from gatesviz.recordings.edit_text import edits_from_text
from gatesviz.sequences import parse_text
from gatesviz.tasks.stock import load as load_prices
from gatesviz.tasks.temperature import load as load_temperature
from gatesviz.theme import written
from gatesviz.trained import load_trained
from gatesviz.training import TrainedModel
from gatesviz.training.samples import held_out
from gatesviz.ui.inside.moment import Walk
from gatesviz.ui.what_if.models import recorded

KNOWN = Path(__file__).parents[2] / "docs" / "known-results.md"


def sigmoid(a: float) -> float:
    return 1 / (1 + math.exp(-a))


@pytest.mark.parametrize(
    ("preset", "right", "z", "n"),
    [
        ("keep", "keeps", sigmoid(6), math.tanh(INPUT + 0.5 * (STATE + 0.5))),
        ("replace", "replaces", sigmoid(-6), math.tanh(INPUT)),
    ],
)
def test_the_update_gate(preset: str, right: str, z: float, n: float) -> None:
    found = measured(f"update_gate preset={preset}")
    assert found.right == right
    assert found.numbers["z"] == f"{z:.3f}"
    assert found.numbers["n"] == f"{n:.3f}"
    assert found.numbers["old"] == f"{STATE:.3f}"  # the same digits as the new state
    assert found.numbers["new"] == f"{(1 - z) * n + z * STATE:.3f}"


def test_the_reset_gate_and_the_published_forms() -> None:
    r = sigmoid(-6)
    apart = math.tanh(-1 + r * (2 * STATE + 0.5)) - math.tanh(-1 + r * (0.5 - 2 * STATE))
    found = measured("reset_gate")
    assert (found.right, found.numbers["effect_closed"]) == ("input", written(apart))
    assert measured("published_forms").right == "one"
    assert measured("flipped_signs").right == "swapped"
    before = measured("published_forms").numbers["before"]
    assert measured("flipped_signs").numbers["unflipped"] == before
    assert measured("gru_size").numbers["share"] == "0.75"
    assert "3/4 as many" in measured("gru_size").sentence
    assert measured("gru_size").right == "three_quarters"


def three_forms(b: float, *, flipped: bool = False) -> list[float]:
    """Return how far h′ of the swapped form and of the one with r first is from PyTorch's form.

    In a loop over the two units of the preset "reset", whose second unit has x with the other sign.
    """
    far = [0.0, 0.0]
    h = [STATE, -STATE]
    r = [sigmoid(6 * INPUT), sigmoid(-6 * INPUT)]
    for k, x in enumerate((INPUT, -INPUT)):
        z = sigmoid(-1)
        n = math.tanh(x + r[k] * (2 * h[k] - h[1 - k] + b))
        first = math.tanh(x + 2 * r[k] * h[k] - r[1 - k] * h[1 - k] + b)
        new = (1 - z) * n + z * h[k]
        z = 1 - z if flipped else z
        far[0] = max(far[0], abs(z * n + (1 - z) * h[k] - new))
        far[1] = max(far[1], abs((1 - z) * first + z * h[k] - new))
    return far


def test_the_three_forms_differ_also_without_a_bias() -> None:
    forms, flipped = measured("published_forms").numbers, measured("flipped_signs").numbers
    assert [forms["swapped"], forms["before"]] == [written(value) for value in three_forms(0.5)]
    assert forms["before_without"] == written(three_forms(0)[1])
    assert flipped["before"] == written(three_forms(0.5, flipped=True)[1])
    assert flipped["unflipped_swapped"] == forms["swapped"]
    assert three_forms(0.5, flipped=True)[0] < 1e-12


def test_the_steps_on_the_three_forms_show_what_is_measured() -> None:
    three, cards = lesson("gru").steps[3:5]
    assert three.check
    assert three.check.measure == "published_forms"
    assert cards.measure == "flipped_signs"
    for step in (three, cards):
        assert (step.query["inset"], step.query["inunits"]) == (gru.PICTURE, str(gru.PICTURE_UNITS))
    assert Walk().h == gru.OLD


def test_shapes() -> None:
    found = measured("longer_sequence")
    assert found.right == "output"
    weights = 4 * 5 * (len(set("to see a gate")) + 5 + 2)
    assert found.numbers["weights"] == f"{weights}"
    assert found.numbers["output_longer"] == "(27, 1, 5)"
    assert measured("any_units").right == "free"
    assert measured("two_directions").numbers["both"] == f"{2 * weights}"
    assert measured("two_directions").right == "own"
    assert (measured("last_row").right, measured("last_row").numbers["h_n"]) == ("h_n", "0")
    assert measured("last_row").numbers["c_n"] != "0"
    assert measured("next_batch").right == "zero"
    assert measured("next_batch").numbers["passed"] != "0"


def test_the_shapes_of_the_last_step_are_those_of_its_picture() -> None:
    """Two layers, both directions: (T, B, D·H) and (L·D, B, H)."""
    numbers, step = measured("stacked_shapes").numbers, lesson("shapes").steps[5]
    assert step.measure == "stacked_shapes"
    picture = {"layers": numbers["layers"], "both": "true", "hidden": "5", "text": shapes.TEXT}
    assert picture.items() <= step.query.items()
    assert [numbers[name] for name in ("x", "output", "h_n")] == [
        "(13, 1, 7)",
        "(13, 1, 10)",
        "(4, 1, 5)",
    ]
    assert numbers["c_n"] == numbers["h_n"]


def test_the_backward_half_of_the_last_output() -> None:
    found = measured("read_backward")
    assert found.right == "one"
    assert found.numbers["backward"] == found.numbers["first_row"] == "0"
    assert found.numbers["others"] == "12"
    module = fresh("lstm", 7, 5, bidirectional=True, seed=0)
    places = ["_aegost".index(c) for c in "to_see_a_gate"]
    other = [*((place + 1) % 7 for place in places[:-1]), places[-1]]
    with torch.no_grad():
        read, changed = (module(torch.eye(7)[each])[0][-1] for each in (places, other))
    moved = float((read - changed)[:5].abs().max())
    assert float(found.numbers["forward"]) == pytest.approx(moved, rel=5e-3)
    assert [one != two for one, two in zip(places, other, strict=True)] == [True] * 12 + [False]
    inputs = torch.eye(7)[places].requires_grad_()
    module(inputs)[0][-1, 5:].sum().backward()
    assert inputs.grad is not None
    reached = inputs.grad.abs().sum(1) > 0
    assert reached.tolist() == [False] * 12 + [True]


def test_the_texts_of_the_lesson_on_shapes_share_one_layer() -> None:
    """The steps show the measured texts and units, and the same characters: the same weights."""
    shown = {step.query["text"] for step in lesson("shapes").steps}
    assert shown == {shapes.TEXT, shapes.TWICE_TEXT}
    assert {step.query["hidden"] for step in lesson("shapes").steps} == {str(shapes.UNITS)}
    first, second = (parse_text(text) for text in (shapes.TEXT, shapes.TWICE_TEXT))
    assert first.features == second.features
    assert {"_".join(first.features)} == {" _a_e_g_o_s_t"}


@pytest.mark.parametrize(
    ("radius", "right", "left"),
    [(0.9, "vanishes", "0.515 %"), (1.0, "stays", "1 times"), (1.1, "explodes", "117 times")],
)
def test_a_linear_gradient(radius: float, right: str, left: str) -> None:
    """One value has one rounding in text, verdict and in the sentence next to the chart."""
    found = measured(f"linear_gradient radius={radius:g}")
    assert found.right == right
    power = math.exp(50 * math.log(radius))
    assert float(left.split()[0]) == pytest.approx(power * (100 if "%" in left else 1), rel=5e-3)
    assert found.numbers["left"] == found.numbers["power"] == left


def by_hand(bias: float | None) -> tuple[torch.Tensor, float, float]:
    """Return f of each unit, and ‖∂L/∂c_0‖ / ‖∂L/∂c_T‖ of a loop over all paths and along c."""
    module = fresh("lstm", 1, UNITS, forget_bias=bias, seed=0).double()
    weights = [p.detach() for p in module.parameters()]
    first = torch.zeros(UNITS, dtype=torch.float64, requires_grad=True)
    h, c, gates = torch.zeros(UNITS, dtype=torch.float64), first, []
    for x in noise().double():
        i, f, g, o = (weights[0] @ x + weights[1] @ h + weights[2] + weights[3]).chunk(4)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        gates.append(f.sigmoid())
    [total], [last] = (torch.autograd.grad(h.sum(), [s], retain_graph=True) for s in (first, c))
    f = torch.stack(gates).detach()
    along = last * f.prod(0)
    return f.mean(0), float(total.norm() / last.norm()), float(along.norm() / last.norm())


@pytest.mark.parametrize(("bias", "right"), [(None, "vanishes"), (5.0, "fades")])
def test_the_gradient_of_a_fresh_lstm(bias: float | None, right: str) -> None:
    found = measured("fresh_lstm" if bias is None else f"fresh_lstm bias={bias:g}")
    forget, total, along = by_hand(bias)
    assert found.right == right
    assert found.numbers["f"] == f"{forget.mean():.3f}"
    assert found.numbers["power"] == written(math.prod([float(found.numbers["f"])] * 50))
    least, most = min(forget.tolist()), max(forget.tolist())
    assert (found.numbers["least_f"], found.numbers["most_f"]) == (f"{least:.3f}", f"{most:.3f}")
    percent = {True: f"{100 * along:.3g} %", False: written(along)}[along >= 0.01]  # as the options
    assert (found.numbers["total"], found.numbers["left"]) == (written(total), percent)
    assert found.sentence.endswith(f" {percent} of the gradient along c is left.")
    theory = 100 * float(torch.tensor(bias).sigmoid() ** 50) if bias is not None else 0
    assert found.numbers.get("theory") == (f"{theory:.3g} %" if theory else None)


def test_the_factor_along_the_cell_state() -> None:
    found = measured("carried_factor")
    assert found.right == "f"
    assert found.numbers["f"] == f"{by_hand(None)[0].mean():.3f}"
    drawn, f = measured("drawn_factor"), sigmoid(-8 * INPUT + 4)
    assert drawn.right == "f"
    assert drawn.numbers["factor"] == drawn.numbers["f"] == f"{f:.3f}"
    assert drawn.numbers["slope"] == f"{f * (1 - f):.3f}"
    assert measured("three_cells").numbers["lstm"] == written(by_hand(None)[1])


@pytest.mark.parametrize(("bias", "right"), [(0, "s1"), (1, "s2"), (2, "s5")])
def test_half_lives(bias: int, right: str) -> None:
    found = measured(f"half_life_at bias={bias}")
    assert found.right == right
    assert found.numbers["half"] == f"{math.log(0.5) / math.log(sigmoid(bias)):.3g}"
    assert found.numbers["left"] == written(sigmoid(bias) ** 50)


def test_a_bias_for_a_number_of_steps() -> None:
    for steps, right in ((50, "b4"), (100, "b5")):
        found = measured(f"bias_for steps={steps}")
        bias = round(-math.log(2 ** (1 / steps) - 1), 2)  # the slider has two decimals
        assert (found.right, found.numbers["bias"]) == (right, f"{bias:g}")
        assert found.numbers["half"] == f"{math.log(0.5) / math.log(sigmoid(bias)):.3g}"
        assert forget_half_life(forget_bias_of(steps)) == pytest.approx(steps)
    assert measured("one_more").right == "times"
    for wrong in (0.0, -1.0, math.inf, math.nan):
        with pytest.raises(
            ValueError, match="half_life: expected a finite number of steps above 0"
        ):
            forget_bias_of(wrong)


def accuracy(change: str) -> float:
    """Return the accuracy of T13's LSTM in a loop over LSTMCell, with a change at step 25."""
    trial = CARDS["T13"].trials[0]
    result = released([trial])[trial]
    model = TrainedModel(trial.spec, result.updates, result.weights)
    net, batch = network(model), fresh_sequences(model, steps=[25])
    w = [p.detach() for p in net.module.parameters()]
    h = c = torch.zeros(batch.inputs.shape[1], 16)
    for step, x in enumerate(batch.inputs):
        i, f, g, o = (x @ w[0].T + h @ w[1].T + w[2] + w[3]).chunk(4, -1)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        here = step == 25
        f = f * (not (here and "f" in change))
        i = i * (not (here and "i" in change))
        o = o * (not ((25 <= step <= 30 and change == "o") or (here and change == "io")))
        c = f * c + i * g
        old_h = o * c.tanh()
        c = c * (-1 if here and "−c" in change else 1)
        h = o * c.tanh() * (not (here and change == "h"))
        h = old_h if here and change == "−c, old h" else h
    with torch.no_grad():
        return float((net.readout(h).argmax(-1) == batch.targets[-1]).double().mean())


@pytest.mark.parametrize(
    ("measure", "change", "right"),
    [
        ("closed_forget_gate", "f", "same"),
        ("closed_both", "fi", "lost"),
        ("cleared_h", "h", "same"),
        ("closed_output_gate", "o", "same"),
        ("negated_memory", "−c", "wrong"),
    ],
)
def test_broken_gates(measure: str, change: str, right: str) -> None:
    found = measured(measure)
    assert found.right == right
    assert found.numbers["after"] == f"{100 * accuracy(change):.3g} %"
    assert found.numbers["step"] == "25"  # those of `accuracy`
    assert found.numbers.get("last", "30") == "30"


def test_two_changes_can_do_no_harm() -> None:
    """Against “two changes always do more harm than one”: i and o are two gates."""
    assert measured("closed_both").numbers["i_o"] == f"{100 * accuracy('io'):.3g} %" == "100 %"


def test_c_decides_and_not_h() -> None:
    found = measured("negated_memory").numbers["old_h"]
    assert found == f"{100 * accuracy('−c, old h'):.3g} %" == "0 %"


def test_the_sequence_whose_answer_is_wrong_with_two_closed_gates() -> None:
    """The sequences before it are answered rightly, by luck."""
    trial = CARDS["T13"].trials[0]
    result = released([trial])[trial]
    model = TrainedModel(trial.spec, result.updates, result.weights)
    net, batch = network(model), fresh_sequences(model)
    edits = edits_from_text("f@25=0,i@25=0")
    found = measured("closed_both").numbers
    for k in range(int(found["sequence"]) + 1):
        run = record(net.module, net.features(batch.inputs[:, [k]])[:, 0], edits=edits)
        named = int(model.answers(run.output[:, None])[-1, 0].argmax())
        right = int(batch.targets[-1, k])
        assert (named == right) == (k < int(found["sequence"]))
    assert (found["letter"], found["named"]) == ("AB"[right], "AB"[named])


def test_the_link_to_the_turned_memory_makes_the_model_name_the_other_letter() -> None:
    trial = CARDS["T13"].trials[0]
    result = released([trial])[trial]
    model = TrainedModel(trial.spec, result.updates, result.weights)
    net, batch = network(model), fresh_sequences(model)
    edits = edits_from_text(measured("negated_memory").numbers["edits"])
    run = record(net.module, net.features(batch.inputs[:, [0]])[:, 0], edits=edits)
    answer = int(model.answers(run.output[:, None])[-1, 0].argmax())
    assert answer == 1 - int(batch.targets[-1, 0])


def test_the_model_that_does_not_repair_its_memory() -> None:
    assert measured("closed_forget_gate model=recall").right == "lost"
    found, model = measured("two_models"), load_trained("recall-lstm")
    inputs = fresh_sequences(model, steps=[20]).inputs
    with torch.no_grad():
        h = model.module(inputs[:20])[0][-1]
        w = [p[: model.hidden_size] for p in model.module.parameters()]
        i = (inputs[20] @ w[0].T + h @ w[1].T + w[2] + w[3]).sigmoid()
    assert found.right == "writes"
    assert found.numbers["i_recall"] == f"{float(i.mean()):.2g}"


def test_the_input_gate_is_almost_closed_between_a_letter_and_its_question() -> None:
    """At all such characters, not only at the changed step. At “?”, it opens in some units."""
    model = load_trained("recall-lstm")
    inputs = fresh_sequences(model, steps=[20]).inputs
    i = torch.from_numpy(record(model.module, inputs).trace().gates["i"])
    read = inputs.argmax(-1)
    between, asked = i[(read >= 4) & (read <= 7)], i[read == 8]  # x, y, z and dots; "?"
    assert between.max() < 0.1
    assert (
        f"{float(between.mean()):.1g}" == f"{float(measured('two_models').numbers['i_recall']):.1g}"
    )
    assert asked.mean() > 0.1
    [text] = [step.text for step in lesson("breaking").steps if "{i_recall}" in step.text]
    assert "between a letter and its “?”, its input gate is almost closed" in text
    assert "at the changed step, its mean is {i_recall}" in text


def test_counting() -> None:
    assert measured("count_by_hand").right == "back"
    c = 0.0
    for step in range(80):
        c = sigmoid(8) * c + sigmoid(8) * math.tanh(8) * (1 if step < 40 else -1)
        if step == 39:
            assert measured("drawn_count").numbers["drawn_top"] == f"{c:.3g}"
    assert abs(c) < 1
    assert measured("drawn_count").right == "back"
    assert "less than one count from 0" in measured("drawn_count").sentence
    assert measured("drawn_count").numbers["drawn_gate"] == f"{100 / (1 + math.exp(-8)):.2f} %"
    assert float(measured("drawn_count").numbers["drawn_end"].replace("−", "-")) == round(c, 2)
    assert measured("largest_state").right == "one"
    c = h = 0.0
    for step in range(80):
        c = sigmoid(8) * c + sigmoid(8) * math.tanh(8)
        h = sigmoid(2) * h + (1 - sigmoid(2)) * math.tanh(1)
        if step == 39:
            assert measured("repeated_input").numbers["c_40"] == f"{c:.3g}"
            assert measured("repeated_input").numbers["h_40"] == f"{h:.3g}"
    assert measured("repeated_input").numbers["c_80"] == f"{c:.3g}"
    assert measured("repeated_input").numbers["h_80"] == f"{h:.3g}"
    assert measured("repeated_input").right == "lstm"
    assert measured("repeated_input").numbers["gate"] == f"{100 * sigmoid(8):.2f} %"
    assert measured("room").numbers["in_h"] == written(float(np.tanh(np.float32(101)) - 1))
    assert measured("room").right == "c"


def each_of(text: str) -> list[str]:
    """Return the parts of "1, 2 and 3"."""
    return re.split(", | and ", text)


@pytest.mark.parametrize("seed", range(3))
def test_why_a_trained_lstm_stops_counting(seed: int) -> None:
    """A loop over LSTMCell on the first text that the LSTM gets wrong, unit by unit."""
    found = measured("inexact_counts")
    assert found.right == "inexact"
    for f, up, down in zip(*(each_of(found.numbers[k]) for k in ("f", "up", "down")), strict=True):
        assert 0.98 < float(f) < 1  # as the text says in words
        assert up != down
    lstms = [one for one in CARDS["T5"].trials if one.spec.cell == "lstm"]
    [trial] = [one for one in lstms if one.spec.seed == seed]
    result = released([trial])[trial]
    module = TrainedModel(trial.spec, result.updates, result.weights).module()
    cell = torch.nn.LSTMCell(4, 4)
    cell.load_state_dict({k.removesuffix("_l0"): v for k, v in module.state_dict().items()})
    n = 1 + int(each_of(measured("beyond_training").numbers["lstm"])[seed])
    state, kept, gates = (torch.zeros(4), torch.zeros(4)), [], []
    w = dict(cell.named_parameters())
    with torch.no_grad():
        for letter in "S" + n * "a" + n * "b":
            x = torch.eye(4)["Sab".index(letter)]
            sums = w["weight_ih"] @ x + w["weight_hh"] @ state[0] + w["bias_ih"] + w["bias_hh"]
            gates.append(sums[4:8].sigmoid())  # PyTorch's order is i, f, g, o
            state = cell(x, state)
            kept.append(state[1])
    c = torch.stack(kept)
    up, down, missed = (c[n] - c[0]) / n, (c[n] - c[2 * n]) / n, (c[2 * n] - c[0]).abs()
    unit = int(torch.where(up * down > 0, torch.minimum(up.abs(), down.abs()), 0).argmax())
    for name, value in (("up", up), ("down", down), ("missed", missed)):
        assert each_of(found.numbers[name])[seed] == f"{abs(float(value[unit])):.2f}"
    f = float(torch.stack(gates[1:]).mean(0)[unit])
    assert each_of(found.numbers["f"])[seed] == f"{f:.3f}"


@pytest.mark.parametrize(
    ("measure", "number", "row"),
    [
        ("beyond_training", "lstm", "T5 LSTM"),
        ("beyond_training", "gru", "T5 GRU"),
        ("learnt_lengths", "rnn", "T3 RNN"),
        ("learnt_lengths", "b_1", "T3 LSTM, b = 1"),
        ("learnt_with_clipping", "b_0", "T3 LSTM, b = 0"),
        ("learnt_with_clipping", "chrono", "T3 LSTM, chrono"),
    ],
)
def test_known_results_are_those_of_the_document(measure: str, number: str, row: str) -> None:
    key, _, name = row.partition(" ")
    section = KNOWN.read_text("utf-8").partition(f"\n## {key}:")[2].partition("\n## ")[0]
    [line] = re.findall(rf"^\| {re.escape(name)} \|.*$", section, re.MULTILINE)
    assert measured(measure).numbers[number] == listed(line.split("|")[3].strip().split(", "))


@pytest.mark.parametrize(("steps", "right"), [(10, "yes"), (20, "yes"), (50, "no")])
def test_how_long_forget_bias_1_learns_to_remember(steps: int, right: str) -> None:
    """The document says 20, 20, 20."""
    assert measured(f"learnt_lengths steps={steps}").right == right


def test_what_the_reach_in_training_was() -> None:
    """Read from the table of the document: cell, seed, reach before, largest reach, …, solved."""
    text = (KNOWN.parent / "reach-while-learning.md").read_text("utf-8")
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if " | " in line][1:]
    learnt = [row[3] for row in rows if row[5] != "not solved"]
    usual = [row for row in rows if row[0] == "LSTM, b = 1"]
    found = measured("learnt_lengths").numbers
    assert found["least"] == min(learnt, key=float)
    plain = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
    as_number = {row[3]: float(row[3].replace("·10", "e").translate(plain)) for row in usual}
    assert found["most"] == max(as_number, key=as_number.__getitem__)
    assert {row[5] for row in usual} == {"not solved"}
    assert (found["runs"], found["rnn_tried"], found["rnn_learnt"]) == (str(len(rows)), "3", "2")
    assert found["seeds"] == str(len(usual))


def test_why_forget_bias_1_learns_20_steps_but_not_50() -> None:
    """As the refutation says. The RNN's reach is far smaller still, and yet it learnt more."""
    usual = {length: reach(latch("LSTM, b = 1", length, 0)) for length in (20, 50)}
    assert usual[20] > 100 * usual[50]
    assert reach(latch("RNN", 50, 0)) < 0.001 * usual[50]


def test_a_list_is_read_as_one_says_it() -> None:
    assert listed(["1"]) == "1"
    assert listed(["1", "2"]) == "1 and 2"
    assert listed(str(n) for n in (1, 2, 3)) == "1, 2 and 3"


def test_seeds_disagree() -> None:
    found = measured("three_seeds")
    assert found.right == "differ"
    assert [found.numbers[name] for name in ("first", "second", "third")] == [
        "49.4 %",
        "99.3 %",
        "62.7 %",
    ]
    assert "about 0.5 (0.3 to 0.7) without" in CARDS["T7"].expected
    assert (found.numbers["low"], found.numbers["high"]) == ("30 %", "70 %")
    assert measured("over_tasks").right == "task"
    assert measured("fewer_updates task=adding").right == "gru"
    assert measured("fewer_updates task=counting").right == "lstm"


def test_the_example_is_an_embedded_reber_string() -> None:
    """By the grammar's drawing in Hochreiter & Schmidhuber 1997, figure 3."""
    arcs = {"1T": "2", "1P": "3", "2S": "2", "2X": "4", "3T": "3", "3V": "5"}
    arcs |= {"4X": "3", "4S": "6", "5P": "4", "5V": "6"}
    string = measured("three_seeds").numbers["string"]
    assert (string[:3], string[-3:]) == ("BTB", "ETE")
    node = "1"
    for letter in string[3:-3]:
        node = arcs[node + letter]
    assert node == "6"


def test_how_many_seeds_are_enough() -> None:
    exact = share(1, 1)
    found = measured("one_success")
    assert (found.numbers["low"], found.numbers["high"]) == (f"{100 * exact.low:.1f} %", "100 %")
    for count, right in ((3, "few"), (5, "few"), (6, "enough")):
        found = measured(f"enough_seeds count={count}")
        assert found.numbers["low"] == f"{100 * share(count, count).low:.1f} %"
        throws = np.indices((2,) * count).reshape(count, -1)
        agree = np.isin(throws.sum(0), (0, count)).mean()
        assert found.right == right
        assert float(found.numbers["chance"].split()[0]) == pytest.approx(100 * agree, abs=0.5)


def test_the_card_of_the_lesson_has_six_seeds_that_agree() -> None:
    """The lesson “How many runs you need” opens it, and says so."""
    trials = CLAIMS["updates"].experiment().trials
    runs, least = released_runs(trials), dict[str, dict[int, float]]()
    for trial in trials:
        at = runs[trial].solved_at
        least.setdefault(trial.spec.cell, {})[trial.spec.seed] = math.inf if at is None else at
    assert len(least["gru"]) == len(least["lstm"]) == 6
    assert all(least["gru"][seed] < least["lstm"][seed] for seed in least["gru"])


def test_the_rnn_of_one_unit_has_the_same_factor_at_each_step() -> None:
    """Its view in the lesson “Backpropagation” shows what the question asks about."""
    step = lesson("way_back").steps[1]
    [left] = [one.left["h"] for one in _flows(_settings(step.query)) if one.name == "RNN"]
    assert len(left) == 51
    assert left[:-1] / left[1:] == pytest.approx(float(step.query["grrho"]))
    assert step.check is not None
    assert measured(step.check.measure).numbers["left"] == f"{written(100 * left[0])} %"


def norms_of_descent(clip: float) -> list[float]:
    """Follow the descent with autograd; return the norm of the gradient at each place."""
    place, norms = torch.tensor([5.5, -2.5], dtype=torch.float64), list[float]()
    for _ in range(201):
        place = place.detach().requires_grad_()
        h = torch.tensor(0.5, dtype=torch.float64)
        for _ in range(50):
            h = (place[0] * h + place[1]).sigmoid()
        (gradient,) = torch.autograd.grad((h - 0.7) ** 2, place)
        norms.append(float(gradient.norm()))
        place = place - 0.1 * gradient * min(1.0, clip / norms[-1])
    return norms


def test_clipping() -> None:
    assert measured("plain_descent").right == "thrown"
    assert measured("clipped_descent").right == "falls"
    long = sum(norm > 0.5 for norm in norms_of_descent(0.5)[:-1])
    assert measured("clipped_descent").numbers["steep"] == str(long)
    turned = measured("clipped_direction")
    assert turned.right == "length"
    assert turned.numbers["before"] == measured("plain_descent").numbers["steepest"]
    longest = max(norms_of_descent(math.inf))  # the cliff makes a rounding error larger
    assert float(turned.numbers["before"]) == pytest.approx(longest, rel=0.02)
    assert turned.numbers["after"] == turned.numbers["clip"] == "0.5"
    assert turned.numbers["angle"] == "0°"
    found = measured("vanished_gradient")
    assert found.right == "nothing"
    assert found.numbers["before"] == measured("three_cells").numbers["rnn"]
    assert float(found.numbers["factor"]) < 1


@pytest.mark.parametrize("series", forecast.SERIES)
def test_errors_of_forecasts(series: str) -> None:
    spec = forecast._specs()[series, 1]
    [result] = [r for r in forecast._results().values() if r.trial.spec == spec]
    batch = held_out(spec)
    module, readout = TrainedModel(spec, result.updates, result.weights).modules()
    with torch.no_grad():
        predictions = readout(module(batch.inputs)[0])[..., 0]
    found = forecast.errors(series, 1)
    assert found.model == pytest.approx(spec.learned.score(predictions[..., None], batch), rel=1e-6)
    assert found.repeat == pytest.approx(spec.learned.score(batch.inputs[..., :1], batch), rel=1e-6)
    behind = float(((predictions - batch.inputs[..., 0]).double() ** 2).mean().sqrt())
    assert found.behind == pytest.approx(behind, rel=1e-5)


def error_of_repeating_new_prices() -> float:
    """Return the RMSE of the last price, where the next one is above all prices in training."""
    batch, columns = held_out(forecast._specs()["stock", 0]), load_prices()
    last, following = batch.inputs[..., 0].double(), batch.targets.double()
    new = following > float(columns.values[: columns.cut].max())
    return float(((last - following)[new] ** 2).mean().sqrt())


def error_of_linear_forecast() -> float:
    """Return the RMSE of least squares on the last 1 to 8 temperatures, as many as there are."""
    columns, batch = load_temperature(), held_out(forecast._specs()["temperature", 0])
    known = columns.values[: columns.cut, 0].astype(np.float64)
    inputs, targets = (values.double().numpy() for values in (batch.inputs[..., 0], batch.targets))
    squares = []
    for step, following in enumerate(targets):
        lags = min(step + 1, 8)
        rows = [[*known[k - lags : k], 1.0] for k in range(lags, len(known))]
        if step < 8:
            weights = np.linalg.lstsq(np.array(rows), known[lags:])[0]
        forecasts = weights[:-1] @ inputs[step + 1 - lags : step + 1] + weights[-1]
        squares.append((forecasts - following) ** 2)
    return float(np.sqrt(np.mean(squares)))


def test_what_forecasts_are_worth() -> None:
    expected = {"walk": "alike", "stock": "worse", "temperature": "better"}
    for series, right in expected.items():
        assert measured(f"against_repeating series={series}").right == right
    found = measured("against_repeating series=temperature").numbers
    models = found["model"].replace(" and", ",").split(", ")
    assert found["linear"] == written(error_of_linear_forecast())
    assert float(found["linear"]) < min(map(float, models))  # as the lesson says
    assert measured("nearest_value series=walk").right == "last"
    assert measured("nearest_value series=temperature").right == "next"
    assert measured("sign_of_change series=walk").right == "chance"
    assert measured("new_values").right == "new"
    assert measured("new_values").numbers["repeat_above"] == written(
        error_of_repeating_new_prices()
    )
    prices = load_prices()
    batch = fresh_sequences(recorded("stock").model, recorded("stock").sequences)
    shown = batch.inputs[:, int(measured("new_values").numbers["sequence"]), 0].numpy()
    assert np.array_equal(shown, prices.values[84:104, 1])  # of Apple, the second company
    with pytest.raises(ValueError, match="series: expected one of walk, stock, temperature, got"):
        measured("nearest_value series=gold")


def test_the_weeks_of_the_stock_prices() -> None:
    """Find the first held-out value in the prices of the package plotly, whatever their scale."""
    prices = plotly.data.stocks()["AAPL"].to_numpy(dtype="float64")
    found = measured("new_values").numbers
    batch = fresh_sequences(recorded("stock").model, recorded("stock").sequences)
    shown = batch.inputs[:, int(found["sequence"]), 0].double().numpy()
    alike = [
        np.corrcoef(shown, prices[k : k + len(shown)])[0, 1]
        for k in range(len(prices) - len(shown) + 1)
    ]
    known = int(np.argmax(alike))
    assert alike[known] > 1 - 1e-9
    assert (found["weeks"], found["known"]) == (str(len(prices)), str(known))
    assert found["held"] == str(len(prices) - known)
    step = lesson("forecast").steps[2]
    assert (step.query["steps"], step.query["t"]) == (found["weeks"], found["known"])


def test_errors_in_a_list_have_equally_many_digits() -> None:
    assert forecast._listed([0.954, 0.8, 0.05401]) == "0.954, 0.800 and 0.0540"
    found = measured("against_repeating series=stock").numbers
    assert all(re.fullmatch(r"0\.[1-9]\d\d", one) for one in each_of(found["model"]))


def test_a_link_to_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="o = 0: all answers are right"):
        breaking._first_wrong.__wrapped__("o = 0")
    batch = fresh_sequences(recorded("stock").model, recorded("stock").sequences)
    moved = batch._replace(inputs=batch.inputs + 1)
    monkeypatch.setattr("gatesviz.experiments.what_if.fresh_sequences", lambda _: moved)
    with pytest.raises(ValueError, match="has the held-out prices of Apple"):
        forecast._sequence_of("Apple")


def test_steps_in_texts_and_links_are_those_of_the_measures() -> None:
    """The links are part of the texts, so the two have one source."""
    assert measured("erased_state").numbers["step"] == lesson("memory").steps[2].query["t"]
    for step in lesson("lstm").steps[2:4]:
        assert step.check is not None
        assert measured(step.check.measure).numbers["step"] == step.query["t"]
    written = lesson("lstm").steps[1]
    assert measured("written_at_dots").numbers["step"] == written.query["t"]
    assert f"step {written.query['t']}" in written.look
    texts = [step.follows for step in lesson("breaking").steps]
    edited = [text for text in texts if "edits=" in text]
    assert len(edited) == 4
    assert not any(re.search(r"@\d|step \d", text) for text in edited)
