"""Each handle is the number that the equations mean by its name."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from gatesviz.fresh import fresh
from gatesviz.tiny_cell import Handle, fresh_values, handles, module_of
from gatesviz.ui.inside.moment import Moment, Walk
from gatesviz.ui.inside.parameters import CELL_KEYS
from gatesviz.ui.inside.step import agreement, recorded
from tests.ui.inside.moments import EVERY_CELL, moment


def sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))


@pytest.mark.parametrize(("label", "units"), EVERY_CELL)
def test_each_handle_is_the_number_its_equation_names(label: str, units: int) -> None:
    here = moment(label, units)
    w = dict(zip(handles(here.cell, units), here.weights, strict=True))
    h, c = list(here.walk.h[:units]), list(here.walk.c[:units])

    def heard(block: str, unit: int, old: list[float]) -> float:
        return sum(w[Handle(block, unit, f"h{k}")] * old[k] for k in range(units))

    def fed(block: str, unit: int, x: float) -> float:
        bias = "bi" if Handle(block, unit, "bi") in w else "b"
        return w[Handle(block, unit, "x")] * x + w[Handle(block, unit, bias)]

    for x in here.inputs:
        old, new = h, []
        for unit in range(units):
            a = {k: fed(k, unit, x) + heard(k, unit, old) for k in here_blocks(here)}
            if label == "LSTM":
                c[unit] = sigmoid(a["f"]) * c[unit] + sigmoid(a["i"]) * math.tanh(a["g"])
                new.append(sigmoid(a["o"]) * math.tanh(c[unit]))
            elif label == "GRU":
                r, z = sigmoid(a["r"]), sigmoid(a["z"])
                past = heard("n", unit, old) + w[Handle("n", unit, "bh")]
                n = math.tanh(fed("n", unit, x) + r * past)
                new.append((1 - z) * n + z * old[unit])
            elif label == "GRU, r first":
                reset = [
                    sigmoid(fed("r", k, x) + heard("r", k, old)) * old[k] for k in range(units)
                ]
                n = math.tanh(fed("n", unit, x) + heard("n", unit, reset))
                z = sigmoid(a["z"])
                new.append((1 - z) * n + z * old[unit])
            else:
                new.append(math.tanh(a["h"]))
        h = new
    trace = recorded(here)
    np.testing.assert_allclose(trace.states["h"][-1], h, atol=1e-6)
    if label == "LSTM":
        np.testing.assert_allclose(trace.states["c"][-1], c, atol=1e-6)


def here_blocks(here: Moment) -> set[str]:
    return {handle.block for handle in handles(here.cell, here.units)}


@pytest.mark.parametrize(("label", "units"), EVERY_CELL)
def test_fresh_weights_make_the_cell_that_pytorch_starts_with(label: str, units: int) -> None:
    cell = CELL_KEYS[label]
    ours, theirs = (
        module_of(cell, units, fresh_values(cell, units, 7)),
        fresh(cell, 1, units, seed=7),
    )
    x = torch.linspace(-2, 2, 9)[:, None]
    with torch.inference_mode():
        torch.testing.assert_close(ours(x)[0], theirs(x)[0], atol=1e-6, rtol=0)


def test_a_wrong_number_of_weights_is_refused() -> None:
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        module_of("lstm", 1, (1.0,) * 11)


@pytest.mark.parametrize(("label", "units"), EVERY_CELL)
def test_the_recording_agrees_with_pytorch_run_both_ways(label: str, units: int) -> None:
    here = moment(label, units, walk=Walk(past=tuple(np.linspace(-3, 3, 30))))
    trace = recorded(here)
    measured = agreement(here, trace)
    assert measured.module < 1e-6
    assert measured.cell < 1e-6
    other = recorded(replace(here, weights=tuple(1.1 * value for value in here.weights)))
    assert agreement(here, other).module > 1e-3
    assert agreement(here, other).cell > 1e-3


def test_making_cells_leaves_the_global_generator_alone() -> None:
    torch.manual_seed(0)
    before = torch.get_rng_state()
    here = moment("GRU", 2)
    agreement(here, recorded(here))
    assert torch.equal(before, torch.get_rng_state())
