"""The readout that looks back: torch's own attention, and never ahead."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from gatesviz.training import advance, start
from gatesviz.training.conv_attention import AttentiveReadout
from gatesviz.training.samples import probe
from tests.training.making import small

SPEC = small(attention=True, layers=2, bidirectional=True)


def h_of(spec):
    """Return a model after some updates, and its h on the probe."""
    model = advance(start(spec), 5)[0].model
    with torch.no_grad():
        return model, model.module()(model.features(probe(spec).inputs))[0]


@pytest.mark.parametrize("spec", [SPEC, small(attention=True, convolution=2, cell="gru")])
def test_it_is_torchs_attention(spec):
    model, h = h_of(spec)
    readout = model.readout()
    states = h.transpose(0, 1)
    queries = states @ readout.score.weight  # row t is h_tᵀ W_a
    mixed = functional.scaled_dot_product_attention(
        queries, states, states, is_causal=True, scale=1
    )
    told = torch.cat([h, mixed.transpose(0, 1)], -1) @ readout.weight.T + readout.bias
    torch.testing.assert_close(model.outputs(probe(spec).inputs), told, atol=1e-6, rtol=1e-5)


def test_two_steps_on_paper():
    readout = AttentiveReadout(1, 1)
    with torch.no_grad():
        readout.score.weight.fill_(2)
        readout.weight.copy_(torch.tensor([[10.0, 1]]))
        readout.bias.fill_(100)
    h = torch.tensor([1.0, -1]).reshape(2, 1, 1)
    looks = np.exp([-2, 2]) / np.exp([-2, 2]).sum()  # h₂ W_a h₁ = −2 and h₂ W_a h₂ = 2
    told = readout.attention(h).detach().numpy()
    np.testing.assert_allclose(told, [[[1, 0], looks]], rtol=1e-6)
    answers = readout(h).detach().numpy().ravel()
    np.testing.assert_allclose(answers, [111, 90 + looks[0] - looks[1]], rtol=1e-6)


def test_its_weights_are_shares_of_what_has_been():
    model, h = h_of(SPEC)
    told = model.attention(probe(SPEC).inputs)
    assert (told.shape, told.dtype) == ((4, 8, 8), np.float32)
    np.testing.assert_allclose(told.sum(-1), 1, rtol=1e-6)
    assert (told[:, *np.triu_indices(8, 1)] == 0).all()
    assert (told[:, *np.tril_indices(8)] > 0).all()
    with torch.no_grad():
        np.testing.assert_array_equal(model.readout().attention(h).numpy(), told)


def test_a_model_without_it_says_so():
    with pytest.raises(ValueError, match="the model has no attention: its readout sees one step"):
        start(small()).model.attention(probe(small()).inputs)


def test_first_weights_are_within_torchs_bounds_and_drawn_last():
    plain, spec = start(small()), small(attention=True)
    weights, count = start(spec).weights, spec.parameter_count
    np.testing.assert_array_equal(weights[:count], plain.weights[:count])
    answers = spec.learned.output_size
    readout, score = np.split(np.abs(weights[count:]), [answers * (2 * 4 + 1)])
    for part, fan in ((readout, 8), (score, 4)):
        assert part.max() <= np.float32(1 / fan**0.5)
        assert part.max() > 0.8 / fan**0.5
    assert score.size == 16
