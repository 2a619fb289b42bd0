"""Sentences that relate numbers on cases in which an obvious wording is false."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from gatesviz.experiments import Unfolding, horizon_map
from gatesviz.figures import (
    Curve,
    flow_curves,
    flow_curves_alt,
    flow_heatmap,
    flow_heatmap_alt,
    horizon_squares,
    horizon_squares_alt,
    input_curves_alt,
    written,
)
from gatesviz.fresh import fresh
from gatesviz.ui.gradients import (
    backward,
    horizon,
    inputs,
    question,
    sentences,
    training_reach,
    views,
)
from gatesviz.ui.gradients.measurements import Measured, measured
from gatesviz.ui.gradients.settings import Settings
from tests.ui.test_gradients import charts, open_gradients, words

STEPS = 100


def of(name: str, module: Any, x: torch.Tensor) -> Measured:
    return Measured(name, module, x, None, linear=False)


@pytest.fixture(scope="module")
def exploding() -> Measured:
    """A tanh RNN at rest with W = 1e4·I: k steps back the norm is √3 · 1e4ᵏ.

    Float64 holds that up to k = 77.
    """
    module = nn.RNN(1, 3)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
        module.weight_hh_l0.copy_(1e4 * torch.eye(3))
    return of("RNN", module, torch.zeros(STEPS, 1))


def cancelling() -> Measured:
    """An LSTM whose two paths point apart at the first state: W_ho = −50 turns ∂L/∂c round."""
    module = nn.LSTM(1, 1)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
        module.bias_ih_l0[:] = torch.tensor([0.0, 2.0, 1.0, 0.0])  # i, f, g, o
        module.weight_hh_l0[:] = torch.tensor([[0.0], [0.0], [-3.0], [0.0]])
    return of("LSTM", module, torch.zeros(3, 1))


def test_parts_that_cancel_are_not_said_to_be_the_rest_of_a_sum() -> None:
    one = cancelling()
    carry, gates = (float(one.layer.paths[k][0, 0]) for k in ("carry", "gates"))
    total = float(one.layer.gradients["c"][0, 0])
    assert carry * gates < 0
    assert carry + gates == pytest.approx(total, rel=1e-12)
    assert abs(total) < max(abs(carry), abs(gates))
    told, theory = sentences.describe_paths(one), sentences.describe_theory(one)
    assert theory is not None
    whole = float(one.layer.norms["c"][-1])
    for value in (carry, gates, total):
        assert written(abs(value) / whole) in told
    assert (
        "The two parts point partly against each other (the cosine of their angle is −1). So the"
        f" total is smaller than {written(max(abs(carry), abs(gates)) / whole)}." in told
    )
    assert (
        "Along c, the path that doesn't go through W_hh, we measured"
        f" {written(abs(carry) / whole)} (see “Two paths” below). The part through the gates partly"
        " cancels it." in theory
    )
    assert "the rest" not in told + theory


@pytest.mark.parametrize("bias", ["PyTorch's default", "forget bias", "chrono"])
def test_the_parts_are_told_as_the_vectors_are(bias: str) -> None:
    for seed in range(3):
        settings = Settings(length=50, hidden_size=8, bias=bias, forget_bias=3.0, seed=seed)
        for one in measured(settings)[1:]:
            carry, gates = (one.layer.paths[k][0] for k in ("carry", "gates"))
            np.testing.assert_allclose(carry + gates, one.layer.gradients[one.carried][0])
            cancel = float(carry @ gates) < 0
            assert ("against each other" in sentences.describe_paths(one)) == cancel
            longer = max(np.linalg.norm(carry), np.linalg.norm(gates))
            shorter = np.linalg.norm(carry + gates) < longer
            whole = one.layer.norms[one.carried][-1]
            shorter &= written(np.linalg.norm(carry + gates) / whole) != written(longer / whole)
            assert ("total is smaller" in sentences.describe_paths(one)) == (cancel and shorter)


def test_a_total_that_looks_like_its_longer_part_is_not_said_to_be_smaller() -> None:
    one = replace(cancelling())
    carry, gates, total = 2.4e-6, 6.74e-4, 6.73e-4
    one.__dict__["paths"] = {"carry": np.array([carry]), "gates": np.array([gates])}
    one.__dict__["left"], one.__dict__["together"] = {"c": np.array([total])}, -0.42
    told, theory = sentences.describe_paths(one), sentences.describe_theory(one)
    assert theory is not None
    assert "6.7·10⁻⁴ of the gradient is left: 2.4·10⁻⁶ came along c, 6.7·10⁻⁴ through" in told
    assert told.endswith("against each other (the cosine of their angle is −0.42).")
    assert theory.endswith(" The part through the gates is longer, and points partly against it.")


def test_a_gradient_that_first_falls_and_then_grows_is_not_said_to_be_halved() -> None:
    one = replace(cancelling())
    one.__dict__["left"] = {"c": np.array([8.0, 0.25, 0.5, 1.0])}
    told = sentences.describe_flow(one)
    assert "is halved **1 step back**. 3 steps back, it is **8** times as long" in told
    assert "Before the first step, it is **8** times as long" in question.compare_guess(
        one, "never"
    )


def test_a_measured_zero_is_not_written_as_a_small_number() -> None:
    one = replace(cancelling())
    one.__dict__["left"] = {"c": np.array([0.0, 0.25, 0.5, 1.0])}
    told = question.compare_curve(one, np.array([1e-12, 0.25, 0.5, 1.0]))
    assert told.startswith("Your curve is off by a factor of 1 on average")
    assert "Values beyond the pad count as its edge." in told
    assert "10⁻³⁰⁰" not in told


def test_an_exploding_gradient_is_said_to_overflow_and_where(exploding: Measured) -> None:
    assert exploding.lost == 78
    for told in (
        sentences.describe_flow(exploding),
        question.compare_guess(exploding, "never"),
        question.compare_guess(exploding, "20"),
        question.compare_curve(exploding, np.ones(STEPS + 1)),
    ):
        assert "overflows **78 steps back**, at the state after step 22" in told
        assert "One step earlier, it is 1.0·10³⁰⁸ times as long" in told
        assert "It explodes; it doesn't vanish." in told
        assert "right" not in told
        assert "not quite" not in told
    assert "RNN overflows 78 steps back" in sentences.rank([exploding])
    assert "You guessed “the first”. The gradient overflows at **step" in inputs.compare_guess(
        with_inputs(exploding), "the first"
    )
    assert "it is **1.0·10⁴** times as long" in backward.compare_guess(exploding, "50 %")
    assert backward.nearest_share(exploding) is None


@pytest.mark.parametrize(("weight", "nearest"), [(0.3, "25 %"), (0.7, "75 %"), (1.1, "100 %")])
def test_the_share_nearest_to_the_result_is_right(weight: float, nearest: str) -> None:
    module = nn.RNN(1, 1, nonlinearity="relu")
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(weight)
    assert backward.nearest_share(of("RNN", module, torch.ones(4, 1))) == nearest


def test_the_measured_curve_is_drawn_on_the_scale_of_the_pad(exploding: Measured) -> None:
    assert question.measured_curve(exploding) == ()
    module = nn.RNN(1, 1, nonlinearity="relu")
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(0.5)
    one = of("RNN", module, torch.ones(30, 1))
    heights = [height / 100 for height in question.measured_curve(one)]
    assert question.shares(heights, one.steps) == pytest.approx(
        0.5 ** np.arange(30, -1, -1), rel=0.08
    )


def with_inputs(one: Measured) -> Measured:
    """The same with weights for its input: ∂L/∂x is no number where the gradient is none."""
    module = nn.RNN(1, 3)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
        module.weight_hh_l0.copy_(1e4 * torch.eye(3))
        module.weight_ih_l0.fill_(1)
    return of("RNN", module, torch.zeros(one.steps, 1))


def test_the_chart_has_a_gap_and_a_mark_where_the_gradient_overflows(exploding: Measured) -> None:
    curve = Curve("RNN, h", exploding.left["h"], "rnn_tanh")
    figure = flow_curves([curve])
    line, mark = figure.data
    assert np.isnan(line.y[: STEPS - 78 + 1]).all()
    assert np.isfinite(line.y[STEPS - 78 + 1 :]).all()
    assert float(mark.x[0]) == 78
    [label] = figure.layout.annotations
    assert (label.text, label.x) == ("RNN, h<br>overflows", 77)
    assert label.y == pytest.approx(308, abs=0.1)
    assert float(mark.y[0]) == pytest.approx(1e308, rel=1e-6)
    assert figure.layout.yaxis.range[1] <= 308.25
    assert "RNN, h: overflows 78 steps back, at the state after step 22" in flow_curves_alt([curve])


def test_during_training_the_row_has_a_gap_and_a_mark(exploding: Measured) -> None:
    norms = np.stack([np.full(STEPS + 1, 0.5), exploding.layer.norms["h"]])
    known = Unfolding((0, 7), {"h": norms})
    heat, mark = flow_heatmap(known).data
    assert np.isfinite(heat.z[0]).all()
    assert np.isnan(heat.z[1][: STEPS - 78 + 1]).all()
    assert (list(mark.x), list(mark.y), mark.name) == ([22], [1], "the gradient overflows")
    assert "after 7 updates, it overflows 78 steps back" in flow_heatmap_alt(known)
    assert "overflows **78 steps back**" in training_reach.compare_guess(known, "h", "shrinks")
    assert training_reach.right_course(known, "h") is None


def test_a_course_that_is_zero_throughout_stays() -> None:
    known = Unfolding((0, 7), {"h": np.array([[0.0, 1.0], [0.0, 1.0]])})
    assert training_reach.compare_guess(known, "h", "stays the same").startswith(
        "You guessed “stays the same”: right. The share **stays the same**"
    )


def test_the_horizon_says_overflow_and_not_reach() -> None:
    known = horizon_map({}, (horizon.ROW,), (horizon.LENGTH,))
    assert known.overflow.tolist() == [[-1]]
    lost = replace(known, reach=np.array([[np.nan]]), overflow=np.array([[30]]))
    assert "gradient overflows 30 steps back" in horizon_squares_alt(lost)
    assert "**overflows** 30 steps back" in horizon.compare_guess(lost, "yes")
    assert horizon.right_word(known) is None
    run = replace(known, tried=np.array([[True]]), solved=np.array([[False]]))
    assert horizon.right_word(run) == "no"
    heat, text = horizon_squares(lost).data
    assert np.isnan(heat.z).all()
    assert "overflow" in text.text[0].split("<br>")
    assert "gradient overflows 30 steps back" in text.customdata[0]
    assert "overflow: not a finite number at step 1" in input_curves_alt(
        {"RNN": np.array([np.nan, np.inf, 1.0])}
    )


def test_the_page_says_it_in_its_answer_and_its_chart(
    exploding: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    lstm = of("LSTM", fresh("lstm", 1, 3, seed=0), torch.zeros(STEPS, 1))
    monkeypatch.setattr(views, "measured", lambda *_: [exploding, lstm])
    app = open_gradients(grshow="true")
    assert "**RNN.** The gradient overflows **78 steps back**" in words(app)
    assert "RNN, h<br>overflows" in str(charts(app)[0])
    app = open_gradients(grview="backward, step by step", grcell="RNN", grback="50 %")
    assert "it is **1.0·10⁴** times as long" in words(app)
