"""What the presets promise."""

import math

import numpy as np
import pytest

from gatesviz.presets import preset_module, presets
from gatesviz.ui.inside.moment import Walk
from gatesviz.ui.inside.parameters import CELL_KEYS
from gatesviz.ui.inside.step import recorded
from tests.ui.inside.moments import moment

EVERY_PRESET = [(name, preset) for name, cell in CELL_KEYS.items() for preset in presets(cell)]


def one_step(label: str, preset: str, x: float) -> tuple[float, float]:
    """The state c, or h, of unit 0 before and after one step."""
    here = moment(label, 1, preset, x=x, walk=Walk(h=(0.5, 0), c=(0.7, 0)))
    states = recorded(here).states["c" if label == "LSTM" else "h"][:, 0]
    return float(states[0]), float(states[1])


@pytest.mark.parametrize("x", [-3.0, 0.0, 3.0])
@pytest.mark.parametrize("label", ["LSTM", "GRU"])
def test_keep_keeps_and_replace_replaces(label: str, x: float) -> None:
    old, new = one_step(label, "keep", x)
    assert new == pytest.approx(old, abs=0.01)
    old, new = one_step(label, "replace", x)
    assert new == pytest.approx(math.tanh(x), abs=0.01)


@pytest.mark.parametrize("label", ["LSTM", "GRU"])
def test_switch_replaces_for_a_large_x_only(label: str) -> None:
    old, new = one_step(label, "switch", -1.0)
    assert new == pytest.approx(old, abs=0.01)
    _, from_one = one_step(label, "switch", 3.0)
    assert from_one == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(("x", "by"), [(1.0, 1), (-1.0, -1), (0.0, 0)])
def test_count_counts(x: float, by: int) -> None:
    old, new = one_step("LSTM", "count", x)
    assert new - old == pytest.approx(by, abs=0.01)


def test_average_moves_by_the_share_it_names() -> None:
    old, new = one_step("GRU", "average", 1.0)
    assert (new - old) / (math.tanh(1.0) - old) == pytest.approx(0.12, abs=0.005)


def test_reset_shuts_the_past_out_for_a_negative_x() -> None:
    here = moment("GRU", 1, "reset", x=-3.0)
    assert recorded(here).gates["r"][-1, 0] < 1e-6


def test_the_rnn_presets_hold_fade_and_flip() -> None:
    def course(preset: str) -> np.ndarray:
        here = moment("RNN", 1, preset, x=0.0, walk=Walk(h=(0.9, 0), past=(0.0,) * 20))
        return recorded(here).states["h"][:, 0]

    assert course("hold").min() > 0.8
    assert abs(course("fade")[-1]) < 0.01
    assert np.all(np.diff(course("fade")) < 0)
    assert np.all(course("flip")[1:] * course("flip")[:-1] < 0)


@pytest.mark.parametrize(("label", "preset"), EVERY_PRESET)
def test_with_two_units_the_second_is_the_first_with_x_turned_round(
    label: str, preset: str
) -> None:
    if preset in ("fresh", "own") or (label == "GRU" and preset in ("switch", "keep", "reset")):
        return  # drawn at random, or units that hear each other
    start = Walk(h=(0.3, 0.3), c=(0.3, 0.3))
    both = recorded(moment(label, 2, preset, x=0.8, walk=start)).states["h"][-1]
    turned = recorded(moment(label, 2, preset, x=-0.8, walk=start)).states["h"][-1]
    np.testing.assert_allclose(both, turned[::-1], atol=1e-6)


def test_a_presets_module_has_its_weights_at_pytorchs_places() -> None:
    state = preset_module("gru", "reset").state_dict()  # rows r, z, n
    expected = {
        "weight_ih_l0": [[6.0], [0.0], [1.0]],
        "weight_hh_l0": [[0.0], [0.0], [2.0]],
        "bias_ih_l0": [0.0, -1.0, 0.0],
        "bias_hh_l0": [0.0, 0.0, 0.5],
    }
    assert {name: value.tolist() for name, value in state.items()} == expected
