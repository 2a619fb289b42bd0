"""Weight norm, spectral norm and what else computes a weight, against the module that was saved."""

from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize

import gatesviz as gv


def check(path: Path, rnn: nn.Module, **more) -> None:
    """Check that the file of a module in evaluation mode opens as a module with its output."""
    torch.save(nn.ModuleDict({"rnn": rnn.eval()}).state_dict(), path)
    x = torch.randn(9, rnn.input_size, generator=torch.Generator().manual_seed(1))
    x = x.to(next(rnn.parameters()).dtype)
    with torch.no_grad():
        wanted = rnn(x)[0]
    found = gv.record(gv.open_model(path, **more).module, x).output
    torch.testing.assert_close(torch.from_numpy(found), wanted, rtol=0, atol=1e-6)


@pytest.mark.parametrize("dim", [0, 1])
@pytest.mark.parametrize("size", [1, 2, 3, 16])
def test_the_spectral_norm_of_a_square_weight_is_that_of_its_own_dimension(tmp_path, dim, size):
    """With ``dim=1``, u and v change places, and both have the same shape."""
    for seed in range(5):
        torch.manual_seed(seed)
        rnn = nn.RNN(size, size).double()
        parametrizations.spectral_norm(rnn, "weight_hh_l0", dim=dim)
        check(tmp_path / "m.pt", rnn, nonlinearity="tanh")


@pytest.mark.parametrize("dim", [0, 1])
def test_the_spectral_norm_of_a_trained_weight_is_found_though_its_vectors_are_older(tmp_path, dim):
    torch.manual_seed(0)
    rnn = nn.RNN(12, 12)
    parametrizations.spectral_norm(rnn, "weight_hh_l0", dim=dim)
    optimiser = torch.optim.Adam(rnn.parameters(), 0.01)
    for _ in range(30):
        x = torch.randn(5, 12)
        optimiser.zero_grad()
        (rnn(x)[0] - x.roll(1, 0)).square().mean().backward()
        optimiser.step()
    check(tmp_path / "m.pt", rnn, nonlinearity="tanh")


def test_vectors_that_fit_neither_way_are_refused(tmp_path):
    rnn = nn.RNN(16, 16)
    parametrizations.spectral_norm(rnn, "weight_hh_l0")
    weights = rnn.state_dict()
    weights["parametrizations.weight_hh_l0.0._u"] = nn.functional.normalize(torch.randn(16), dim=0)
    weights["parametrizations.weight_hh_l0.0._v"] = nn.functional.normalize(torch.randn(16), dim=0)
    torch.save(weights, tmp_path / "m.pt")
    with pytest.raises(ValueError, match=r"^'weight_hh_l0' can't be computed: its u and v don't"):
        gv.open_model(tmp_path / "m.pt", nonlinearity="tanh")


class Scaled(nn.Module):
    """A second parametrization, with a tensor of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(3.0))

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        return self.factor * weight


@pytest.mark.parametrize("first", ["weight_norm", "spectral_norm"])
def test_a_second_parametrization_of_a_weight_is_refused(tmp_path, first):
    lstm = nn.LSTM(3, 4)
    getattr(parametrizations, first)(lstm, "weight_hh_l0")
    check(tmp_path / "m.pt", lstm)
    parametrize.register_parametrization(lstm, "weight_hh_l0", Scaled())
    torch.save(nn.ModuleDict({"lstm": lstm}).state_dict(), tmp_path / "m.pt")
    with pytest.raises(ValueError, match=r"^'lstm.weight_hh_l0' can't be computed") as refused:
        gv.open_model(tmp_path / "m.pt")
    assert "the file also has '.1.factor' of it. Remove what computes it" in str(refused.value)
    parametrize.remove_parametrizations(lstm, "weight_hh_l0")  # as the sentence says
    check(tmp_path / "m.pt", lstm)


def test_a_mask_beside_a_spectral_norm_is_not_ignored(tmp_path):
    lstm = nn.LSTM(3, 4)
    nn.utils.spectral_norm(lstm, "weight_hh_l0")
    lstm(torch.zeros(2, 3))
    weights = lstm.state_dict()
    weights["weight_hh_l0_mask"] = torch.zeros(16, 4)
    torch.save(weights, tmp_path / "m.pt")
    with pytest.raises(ValueError, match=r"the file also has '_mask' of it"):
        gv.open_model(tmp_path / "m.pt")


def test_a_bias_with_the_vectors_of_a_spectral_norm_is_refused(tmp_path):
    weights = nn.LSTM(3, 4).state_dict()
    start = "parametrizations.bias_hh_l0."
    weights[f"{start}original"] = weights.pop("bias_hh_l0")
    weights |= {f"{start}0._u": torch.ones(16), f"{start}0._v": torch.tensor(1.0)}
    torch.save(weights, tmp_path / "m.pt")
    with pytest.raises(ValueError, match=r"'bias_hh_l0' has shape \(16,\), which has no spectral"):
        gv.open_model(tmp_path / "m.pt")
