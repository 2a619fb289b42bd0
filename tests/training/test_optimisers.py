"""Flat updates against torch.optim, to the bit."""

import pytest
import torch

from gatesviz.training.optimisers import STEPS
from gatesviz.training.state import MOMENTS

ORACLES = {
    "adam": lambda p: torch.optim.Adam(p, lr=0.01, fused=True),
    "sgd": lambda p: torch.optim.SGD(p, lr=0.01),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.01),
}


@pytest.mark.parametrize("name", ORACLES)
def test_ten_updates_are_torchs(name):
    """The oracle holds the weights in tensors of awkward sizes, as a module does."""
    generator = torch.Generator().manual_seed(1)
    sizes = (1, 7, 64, 13 * 5)
    flat = torch.randn(sum(sizes), generator=generator)
    before = flat.clone()
    parameters = [torch.nn.Parameter(part.clone()) for part in flat.split(sizes)]
    oracle, moments = ORACLES[name](parameters), torch.zeros(MOMENTS[name], len(flat))
    for update in range(1, 11):
        gradient = torch.randn(len(flat), generator=generator) * 10.0 ** (update - 6)
        for parameter, part in zip(parameters, gradient.split(sizes), strict=True):
            parameter.grad = part.clone()
        oracle.step()
        STEPS[name](flat, gradient, moments, update, 0.01)
        assert torch.equal(flat, torch.cat([p.detach() for p in parameters]))
    assert not torch.isclose(flat, before).any()
