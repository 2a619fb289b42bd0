import math

import numpy as np
import pytest
import torch

from gatesviz.fresh import fresh
from gatesviz.recordings import record

KINDS = {"rnn_tanh": "RNN", "rnn_relu": "RNN", "lstm": "LSTM", "gru": "GRU"}


@pytest.mark.parametrize("cell", KINDS)
def test_it_is_torchs_own_module_with_weights_from_the_seed_alone(cell: str) -> None:
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    one, same, other = (fresh(cell, 3, 5, layers=2, seed=seed) for seed in (4, 4, 5))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert type(one).__name__ == KINDS[cell]
    pairs = zip(one.parameters(), same.parameters(), other.parameters(), strict=True)
    for a, b, c in pairs:
        assert torch.equal(a, b)
        assert not torch.equal(a, c)
    assert record(one, torch.zeros(4, 3)).trace().cell == cell


def test_weights_are_uniform_in_the_range_of_torchs_constructor() -> None:
    """Oracle: torch.nn.LSTM's own draw has the same bound and the same standard deviation."""
    ours = torch.cat([p.detach().flatten() for p in fresh("lstm", 4, 64).parameters()])
    theirs = torch.cat([p.detach().flatten() for p in torch.nn.LSTM(4, 64).parameters()])
    assert float(ours.abs().max()) <= 1 / math.sqrt(64)
    np.testing.assert_allclose(ours.std(), theirs.std(), rtol=0.03)


def test_a_fresh_lstm_forgets_half_of_its_cell_in_a_step() -> None:
    """With x = h = 0 the forget gate of PyTorch's default weights is near one half."""
    trace = record(fresh("lstm", 4, 64), torch.zeros(1, 4)).trace()
    assert trace.gates["f"].mean() == pytest.approx(0.5, abs=0.02)


def test_the_forget_bias_is_the_sum_of_both() -> None:
    module = fresh("lstm", 1, 3, forget_bias=1.5)
    biases = module.bias_ih_l0 + module.bias_hh_l0
    assert torch.equal(biases[3:6], torch.full((3,), 1.5))
    assert not torch.isin(biases[:3], torch.tensor(1.5)).any()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"cell": "lstmx"}, "cell: expected one of .*, got 'lstmx'"),
        ({"hidden_size": 0}, "hidden units: 0 is outside the allowed range 1 to 64"),
        ({"hidden_size": 65}, "65 is outside"),
        ({"layers": 4}, "layers: 4 is outside"),
        ({"seed": -1}, "seed: -1 is outside"),
        ({"cell": "gru", "forget_bias": 1.0}, "GRU has no forget gate"),
    ],
)
def test_what_is_not_allowed_is_named(arguments: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        fresh(**({"cell": "lstm", "input_size": 1, "hidden_size": 2} | arguments))
