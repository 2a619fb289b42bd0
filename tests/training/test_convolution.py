"""The convolution in front: torch's own, looking back and never ahead."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from gatesviz.training import advance, start
from gatesviz.training.conv_attention import CausalConvolution
from gatesviz.training.samples import probe
from tests.training.making import small

SPEC = small(convolution=3)


def test_a_window_of_three_on_paper():
    convolution = CausalConvolution(1, 2, 3)
    with torch.no_grad():
        convolution.weight.copy_(torch.tensor([[[1.0, 10, 100]], [[-1, -1, -1]]]))
        convolution.bias.copy_(torch.tensor([0.5, 7]))
    inputs = torch.tensor([1.0, 2, 3, 4]).reshape(4, 1, 1)
    told = convolution(inputs)[:, 0]
    # 100 for the step itself, 10 and 1 for the two before it; what is below 0 is cut off
    assert told[:, 0].tolist() == [100.5, 210.5, 321.5, 432.5]
    assert told[:, 1].tolist() == [6, 4, 1, 0]


def test_it_is_torchs_with_zeros_in_front():
    state = start(SPEC)
    inputs, weights = probe(SPEC).inputs, state.weights
    shape = (4, SPEC.learned.input_size, 3)
    weight = torch.tensor(weights[-np.prod(shape) - 4 : -4].reshape(shape))
    padded = torch.cat([torch.zeros(2, *inputs.shape[1:]), inputs]).permute(1, 2, 0)
    told = functional.conv1d(padded, weight, torch.tensor(weights[-4:])).clamp(0)
    torch.testing.assert_close(state.model.features(inputs), told.permute(2, 0, 1))


def test_without_one_the_features_are_the_inputs():
    inputs = probe(small()).inputs
    assert torch.equal(start(small()).model.features(inputs.numpy()), inputs)


@pytest.mark.parametrize("attention", [False, True])
def test_a_step_changes_no_answer_before_it(attention):
    spec = small(convolution=3, attention=attention, length=12, layers=2)
    model, inputs = advance(start(spec), 3)[0].model, probe(spec).inputs
    answers = model.outputs(inputs)
    for t in range(12):
        changed = inputs.clone()
        changed[t] += 1
        other = model.outputs(changed)
        torch.testing.assert_close(other[:t], answers[:t])
        assert not torch.allclose(other[t], answers[t], atol=1e-6)
        features = (model.features(changed) != model.features(inputs)).any(-1).any(-1)
        assert not features[:t].any()
        assert not features[t + 3 :].any()


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn_tanh"])
def test_every_cell_reads_as_many_channels(cell):
    """Cells of one size read as much, though they differ in units."""
    spec = small(cell=cell, convolution=2, hidden_size=16, equal="parameters")
    assert start(spec).module().input_size == spec.input_size == 16
    assert start(spec).module().hidden_size == spec.actual_hidden_size


def test_first_weights_are_within_torchs_bounds_and_drawn_last():
    """With I channels nothing else changes its size, so all else begins as without."""
    size, k = small().learned.input_size, 5
    plain = start(small(hidden_size=size, chrono=True)).weights
    weights = start(small(hidden_size=size, chrono=True, convolution=k)).weights
    np.testing.assert_array_equal(weights[: plain.size], plain)
    drawn = np.abs(weights[plain.size :])
    assert drawn.size == size * (size * k + 1)
    assert drawn.max() == pytest.approx(1 / (size * k) ** 0.5, rel=0.02)
    assert drawn.max() <= np.float32(1 / (size * k) ** 0.5)
