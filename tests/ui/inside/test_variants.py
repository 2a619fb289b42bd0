"""Which way round is z? Held against torch.nn.GRUCell and formulas written out here."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from gatesviz.cells import GRU
from gatesviz.tiny_cell import handles, module_of
from gatesviz.traces import Trace
from gatesviz.ui.inside import variants
from gatesviz.ui.inside.direction import compare_guess, which_agree
from gatesviz.ui.inside.moment import Moment, Walk
from gatesviz.ui.inside.parameters import Z_GUESSES
from gatesviz.ui.inside.step import recorded
from tests.ui.inside.moments import moment


def test_only_one_way_of_writing_the_gru_equals_pytorch() -> None:
    here = moment("GRU", 2, "reset")
    trace = recorded(here)
    ours, swapped, before = variants.variants(here, trace)
    r, z, n = (trace.gates[letter][-1].astype(float) for letter in "rzn")
    h = trace.before("h")[-1].astype(float)
    module = module_of("gru", 2, here.weights)
    w_in, w_hn = module.weight_ih_l0.detach().numpy()[4:], module.weight_hh_l0.detach().numpy()[4:]
    b_in, b_hn = module.bias_ih_l0.detach().numpy()[4:], module.bias_hh_l0.detach().numpy()[4:]
    early = np.tanh(w_in[:, 0] * here.x + b_in + w_hn @ (r * h) + b_hn)
    np.testing.assert_allclose(ours.h, (1 - z) * n + z * h, atol=1e-6)
    np.testing.assert_allclose(swapped.h, z * n + (1 - z) * h, atol=1e-6)
    np.testing.assert_allclose(before.h, (1 - z) * early + z * h, atol=1e-6)
    cell = nn.GRUCell(1, 2)
    cell.load_state_dict({k.removesuffix("_l0"): v for k, v in module.state_dict().items()})
    theirs = cell(torch.tensor([here.x]), torch.tensor(h, dtype=torch.float32)).detach().numpy()
    for variant, same in ((ours, True), (swapped, False), (before, False)):
        assert variant.same is same
        assert variant.difference == pytest.approx(np.abs(variant.h - theirs).max(), abs=1e-7)


def gru_with(units: int = 1, **values: float) -> tuple[Moment, Trace]:
    """A GRU with the given weights, written block_source, 0.5 where none is given."""
    weights = tuple(
        values.get(f"{handle.block}_{handle.source.rstrip('01')}", 0.5)
        for handle in handles("gru", units)
    )
    here = Moment("gru", units, weights, Walk(h=(values.get("h", 0.3), 0.2)), 0.75)
    return here, recorded(here)


@pytest.mark.parametrize(
    ("values", "which", "reason"),
    [
        ({"z_x": 0, "z_h": 0, "z_b": 0}, 1, "z is 0.5"),
        ({"n_bh": 0}, 2, "one unit and b_hn = 0"),
        ({"r_b": 40}, 2, "r is 1"),
        ({"n_bh": 0, "n_h": 0}, 2, "does not reach the candidate"),
        ({"z_b": 40}, 2, "z is 1"),
        ({"n_bh": 0, "h": 0}, 2, "the old h is 0"),
    ],
)
def test_where_two_ways_agree_the_page_says_why(
    values: dict[str, float], which: int, reason: str
) -> None:
    here, trace = gru_with(**values)
    found = variants.variants(here, trace)
    assert found[which].same
    sentence = which_agree(here, trace, found)
    assert reason in sentence
    assert "Only one" not in sentence


def test_z_swapped_agrees_where_the_candidate_is_the_old_state() -> None:
    values = {"r_b": 40, "n_x": 0, "n_h": 0, "n_bh": 0, "n_bi": math.atanh(0.3)}
    here, trace = gru_with(**values)
    found = variants.variants(here, trace)
    assert found[1].same
    assert "equals the old h" in variants.why_swapped_agrees(trace)


def test_two_units_with_the_same_r_may_reset_on_either_side() -> None:
    here, trace = gru_with(units=2, n_bh=0)
    assert variants.variants(here, trace)[2].same
    assert "the same in both units" in variants.why_reset_agrees(here, trace)


def test_the_formulas_are_those_of_the_cell() -> None:
    here = moment("GRU", 1)
    shown = variants.variants(here, recorded(here))[0].latex
    flat = shown.replace("&", "").replace("\\\\", "").replace("\\qquad", "")
    assert "".join(GRU.gate("n").latex.split()) in "".join(flat.split())


@pytest.mark.parametrize("units", [1, 2])
def test_pytorch_itself_answers_what_z_does(units: int) -> None:
    here = moment("GRU", units)
    trace = recorded(here)
    opened = variants.with_open_z(here, trace)
    assert recorded(opened).gates["z"][-1].shape == (units,)
    made = variants.torch_step(opened, trace)
    np.testing.assert_allclose(made, trace.before("h")[-1], atol=1e-4)
    kept = "PyTorch **keeps** the old state"
    assert compare_guess(here, trace, Z_GUESSES[0]).startswith(f"Yes. {kept}.")
    assert compare_guess(here, trace, Z_GUESSES[1]).startswith(f"Not quite. {kept}.")
