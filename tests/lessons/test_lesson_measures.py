"""Measures of lessons 4 to 12 against loops in NumPy, torch's own cells, and closed forms."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from gatesviz.experiments.known import CARDS
from gatesviz.experiments.known.release import released
from gatesviz.experiments.statistics import share
from gatesviz.experiments.what_if import fresh_sequences, network
from gatesviz.fresh import fresh
from gatesviz.gradients import forget_bias_of, forget_half_life
from gatesviz.lessons import measured
from gatesviz.lessons.finding import listed
from gatesviz.lessons.measures import forecast
from gatesviz.lessons.measures.gru import INPUT, STATE, WEIGHTS
from gatesviz.lessons.measures.way_back import UNITS, noise
from gatesviz.tasks.stock import load as load_prices
from gatesviz.tasks.temperature import load as load_temperature
from gatesviz.theme import written
from gatesviz.trained import load_trained
from gatesviz.training import TrainedModel
from gatesviz.training.samples import held_out
from gatesviz.ui.inside.presets import PRESETS

KNOWN = Path(__file__).parents[2] / "docs" / "known-results.md"


def sigmoid(a: float) -> float:
    return 1 / (1 + math.exp(-a))


@pytest.mark.parametrize("preset", WEIGHTS)
def test_the_gru_has_the_weights_of_the_page(preset: str) -> None:
    rows = {
        f"{name}{gate}": value
        for gate, row in PRESETS["gru"][preset].rows.items()
        for name, value in (("W_i", row.x), ("W_h", row.h), ("b_", row.b), ("b_h", row.bh))
        if value
    }
    assert dict(WEIGHTS[preset]) == rows


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
    assert found.numbers["z"] == f"{z:.4f}"
    assert found.numbers["n"] == f"{n:.3f}"
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
    assert measured("gru_size").right == "three_quarters"


def test_shapes() -> None:
    found = measured("longer_sequence")
    assert found.right == "output"
    weights = 4 * 5 * (3 + 5 + 2)
    assert found.numbers["weights"] == f"{weights}"
    assert found.numbers["output_longer"] == "(14, 2, 5)"
    assert measured("any_units").right == "free"
    assert measured("two_directions").numbers["both"] == f"{2 * weights}"
    assert measured("two_directions").right == "own"
    assert (measured("last_row").right, measured("last_row").numbers["h_n"]) == ("h_n", "0")
    assert measured("last_row").numbers["c_n"] != "0"
    assert measured("next_batch").right == "zero"
    assert measured("next_batch").numbers["passed"] != "0"


def test_the_backward_half_of_the_last_output() -> None:
    found = measured("read_backward")
    assert found.right == "one"
    assert found.numbers["backward"] == found.numbers["first_row"] == "0"
    module = fresh("lstm", 3, 5, bidirectional=True, seed=0)
    inputs = torch.randn(7, 2, 3, generator=torch.Generator().manual_seed(0)).requires_grad_()
    module(inputs)[0][-1, :, 5:].sum().backward()
    assert inputs.grad is not None
    reached = inputs.grad.abs().sum((1, 2)) > 0
    assert reached.tolist() == [False] * 6 + [True]


@pytest.mark.parametrize(
    ("radius", "right"), [(0.9, "vanishes"), (1.0, "stays"), (1.1, "explodes")]
)
def test_a_linear_gradient(radius: float, right: str) -> None:
    found = measured(f"linear_gradient radius={radius:g}")
    assert found.right == right
    assert found.numbers["left"] == found.numbers["power"] == written(radius**50)


def by_hand(bias: float | None) -> tuple[float, float, float]:
    """Return the mean f, and ‖∂L/∂c_0‖ / ‖∂L/∂c_T‖ of a loop over all paths and along c."""
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
    return float(f.mean()), float(total.norm() / last.norm()), float(along.norm() / last.norm())


@pytest.mark.parametrize(("bias", "right"), [(None, "vanishes"), (5.0, "fades")])
def test_the_gradient_of_a_fresh_lstm(bias: float | None, right: str) -> None:
    found = measured("fresh_lstm" if bias is None else f"fresh_lstm bias={bias:g}")
    forget, total, along = by_hand(bias)
    assert found.right == right
    assert found.numbers["f"] == f"{forget:.3f}"
    assert (found.numbers["total"], found.numbers["left"]) == (written(total), written(along))


def test_the_factor_along_the_cell_state() -> None:
    found = measured("carried_factor")
    assert found.right == "f"
    assert found.numbers["factor"] == found.numbers["f"] == f"{by_hand(None)[0]:.3f}"
    assert measured("slope_bound").right == "above"
    assert measured("slope_bound").numbers["quarter"] == written(0.25**50)
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
        bias = -math.log(2 ** (1 / steps) - 1)
        assert (found.right, found.numbers["bias"]) == (right, f"{bias:.3g}")
        assert found.numbers["half"] == str(steps)
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
        o = o * (not (25 <= step <= 30 and change == "o"))
        c = (f * c + i * g) * (-1 if here and change == "−c" else 1)
        h = o * c.tanh() * (not (here and change == "h"))
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


def test_counting() -> None:
    assert measured("count_by_hand").right == "back"
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
    assert measured("repeated_input").numbers["gate"] == f"{sigmoid(8):.4f}"
    assert measured("room").numbers["in_h"] == written(float(np.tanh(np.float32(101)) - 1))
    assert measured("room").right == "c"


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


def test_a_list_is_read_as_one_says_it() -> None:
    assert listed(["1"]) == "1"
    assert listed(["1", "2"]) == "1 and 2"
    assert listed(str(n) for n in (1, 2, 3)) == "1, 2 and 3"


def test_seeds_disagree() -> None:
    found = measured("three_seeds")
    assert found.right == "differ"
    assert [found.numbers[name] for name in ("first", "second", "third")] == [
        "49 %",
        "99 %",
        "63 %",
    ]
    assert "about 0.5 (0.3 to 0.7) without" in CARDS["T7"].expected
    assert (found.numbers["low"], found.numbers["high"]) == ("30 %", "70 %")
    assert measured("over_tasks").right == "task"
    assert measured("fewer_updates task=adding").right == "gru"
    assert measured("fewer_updates task=counting").right == "lstm"


def test_how_many_seeds_are_enough() -> None:
    exact = share(1, 1)
    found = measured("one_success")
    assert (found.numbers["low"], found.numbers["high"]) == (f"{100 * exact.low:.1f} %", "100 %")
    for count, right in ((3, "few"), (5, "few"), (6, "enough")):
        found = measured(f"enough_seeds count={count}")
        throws = np.indices((2,) * count).reshape(count, -1)
        agree = np.isin(throws.sum(0), (0, count)).mean()
        assert found.right == right
        assert float(found.numbers["chance"].split()[0]) == pytest.approx(100 * agree, abs=0.5)


def long_gradients() -> int:
    """Follow the clipped descent with autograd; return how often the gradient is longer than ½."""
    place, count = torch.tensor([5.5, -2.5], dtype=torch.float64), 0
    for _ in range(200):
        place = place.detach().requires_grad_()
        h = torch.tensor(0.5, dtype=torch.float64)
        for _ in range(50):
            h = (place[0] * h + place[1]).sigmoid()
        (gradient,) = torch.autograd.grad((h - 0.7) ** 2, place)
        count += bool(gradient.norm() > 0.5)
        place = place - 0.1 * gradient * min(1.0, 0.5 / float(gradient.norm()))
    return count


def test_clipping() -> None:
    assert measured("plain_descent").right == "thrown"
    assert measured("clipped_descent").right == "falls"
    assert measured("clipped_descent").numbers["steep"] == str(long_gradients())
    assert measured("clipped_direction").right == "length"
    assert measured("clipped_direction").numbers["after"] == "1"
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
    with pytest.raises(ValueError, match="series: expected one of walk, stock, temperature, got"):
        measured("nearest_value series=gold")
