"""Settings whose answer is known on paper, or measured elsewhere."""

import numpy as np
import pytest
import torch
from torch import nn

from gatesviz.fresh import fresh
from gatesviz.gradients import (
    forget_decay,
    forget_half_life,
    gradient_flow,
    half_life,
    influence,
    singular_values,
    spectral_decay,
)
from gatesviz.recordings import record
from gatesviz.training import TrainingSpec, start

T = 50


def last(y):
    return y[-1].sum()


def rnn(radius: float, seed: int = 0, orthogonal: bool = False, n: int = 64) -> nn.RNN:
    module = fresh("rnn_tanh", n, n, seed=seed).double()
    dice = np.random.default_rng(seed)
    W = dice.normal(size=(n, n))
    W = np.linalg.qr(W)[0] if orthogonal else W / np.abs(np.linalg.eigvals(W)).max()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
        module.weight_hh_l0.copy_(torch.from_numpy(radius * W))
        module.weight_ih_l0.copy_(torch.eye(n))
    return module


@pytest.mark.parametrize(("radius", "ratio"), [(0.9, 5.15378e-3), (1.0, 1.0), (1.1, 117.391)])
def test_x2_a_linear_rnn_decays_by_its_radius(radius, ratio):
    """Without inputs h stays 0 and tanh' is 1: the cell is linear."""
    flow = gradient_flow(rnn(radius, orthogonal=True), torch.zeros(T, 64).double(), last)
    norms = flow.norms["h"]
    np.testing.assert_allclose(norms[0] / norms[-1], ratio, rtol=1e-5)
    np.testing.assert_allclose(norms[::-1] / norms[-1], spectral_decay(radius, range(T + 1)))
    values = singular_values(flow.layer().trace)
    np.testing.assert_allclose(values[::-1, 0], spectral_decay(radius, range(T + 1)))


def test_x3_tanh_vanishes_at_radius_one_and_the_ratio_grows_with_it():
    bands = {0.9: (1e-15, 1e-9), 1.0: (1e-14, 1e-7), 1.5: (1e-6, 1), 2.0: (0.1, 1e4)}
    bands[4.0] = (1e4, 1e11)
    x = torch.from_numpy(np.random.default_rng(1).normal(size=(T, 64)))
    ratios = []
    for radius, (low, high) in bands.items():
        norms = gradient_flow(rnn(radius), x, last).norms["h"]
        ratios.append(norms[0] / norms[-1])
        assert low < ratios[-1] < high
    assert ratios == sorted(ratios)


@pytest.mark.parametrize(
    ("bias", "decay", "steps"),
    [(0, 8.88e-16, 1), (1, 1.58e-7, 2.21), (2, 1.75e-3, 5.46), (5, 0.7148, 103)],
)
def test_x4_an_lstm_without_weights_forgets_by_its_bias(bias, decay, steps):
    module = fresh("lstm", 4, 8, forget_bias=bias)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if name.startswith("weight"):
                parameter.zero_()
    flow = gradient_flow(module, torch.zeros(3 * T, 4), last)
    norms = flow.norms["c"]
    np.testing.assert_allclose(norms[2 * T] / norms[-1], decay, rtol=5e-3)
    np.testing.assert_allclose(norms[::-1] / norms[-1], forget_decay(bias, range(3 * T + 1)))
    np.testing.assert_allclose(half_life(norms), steps, rtol=5e-3)
    np.testing.assert_allclose(half_life(norms), forget_half_life(bias), rtol=1e-9)
    np.testing.assert_array_equal(flow.paths["gates"], 0)
    np.testing.assert_array_equal(flow.norms["h"][:-1], 0)


def test_x5_a_fresh_lstm_forgets_half_in_one_step():
    trace = record(fresh("lstm", 4, 64), torch.zeros(1, 4)).trace()
    forget = float(trace.gates["f"].mean())
    assert forget == pytest.approx(0.5, abs=0.02)
    bias = np.log(forget / (1 - forget))
    assert forget_half_life(bias) == pytest.approx(1, abs=0.06)
    flow = gradient_flow(fresh("lstm", 4, 64), torch.zeros(T, 4), last)
    carry = np.linalg.norm(flow.paths["carry"], axis=-1)
    assert half_life(carry) == pytest.approx(1, abs=0.1)


def test_t3b_before_training_the_reach_already_ranks_the_cells():
    ways = {
        "rnn": {"cell": "rnn_tanh"},
        "gru": {"cell": "gru"},
        "b0": {"forget_bias": 0.0},
        "b1": {"forget_bias": 1.0},
        "chrono": {"chrono": True},
        "b5": {"forget_bias": 5.0},
    }
    found = {}
    for name, way in ways.items():
        ratios = []
        for seed in range(5):
            spec = TrainingSpec(task="latch", length=T, seed=seed, batch_size=4, **way)
            module = start(spec).module()
            noise = torch.randint(2, 6, (T, 8), generator=torch.Generator().manual_seed(seed))
            noise[0] = noise[0] % 2
            flow = gradient_flow(module, nn.functional.one_hot(noise, 6).float(), last)
            by_step = np.linalg.norm(flow.inputs, axis=(1, 2))
            ratios.append(by_step[0] / by_step[-1])
        found[name] = float(np.median(ratios))
    assert max(found["rnn"], found["gru"], found["b0"]) < 1e-7
    assert 1e-6 < found["b1"] < 1e-2 < found["chrono"] < 1 < found["b5"]


def test_float32_underflows_where_float64_does_not():
    module, x = fresh("lstm", 2, 4, forget_bias=-3.0), torch.zeros(100, 2)
    assert gradient_flow(module, x, last, dtype=torch.float32).norms["c"][0] == 0
    assert gradient_flow(module, x, last).norms["c"][0] > 0


@pytest.mark.parametrize("at_once", [1, 1_000_000])
def test_influence_is_one_gradient_for_each_output(monkeypatch, at_once):
    monkeypatch.setattr("gatesviz.gradients.backprop._VALUES_AT_ONCE", at_once)
    module = fresh("gru", 3, 4, layers=2, bidirectional=True)
    x = torch.from_numpy(np.random.default_rng(0).normal(size=(6, 2, 3))).float()
    found = influence(module, x, lambda y: y[:, 1, :2])
    assert found.shape == (6, 2, 6, 2)
    for step, unit in [(0, 0), (3, 1), (5, 0)]:
        flow = gradient_flow(module, x, lambda y, at=(step, 1, unit): y[at])
        np.testing.assert_allclose(found[step, unit], np.linalg.norm(flow.inputs, axis=-1))
    assert not found[..., 0].any()
