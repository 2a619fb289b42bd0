"""A trace says what does not fit, and knows before from after."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from gatesviz.traces import Trace

T, B, I, H = 4, 2, 3, 5  # noqa: E741


def numbers(*shape: int) -> np.ndarray:
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape) / 100


@pytest.fixture
def trace() -> Trace:
    """A GRU's, made by hand: every size differs, every number too."""
    return Trace(
        cell="gru",
        direction="forward",
        inputs=numbers(T, B, I),
        gates={letter: numbers(T, B, H) + k for k, letter in enumerate("rzn")},
        states={"h": numbers(T + 1, B, H)},
        weights={
            "weight_ih": numbers(3 * H, I),
            "weight_hh": numbers(3 * H, H),
            "bias_ih": numbers(3 * H),
            "bias_hh": 2 * numbers(3 * H),
        },
    )


def lstm(size_of_h: int) -> dict:
    return {
        "cell": "lstm",
        "gates": dict.fromkeys("ifgo", numbers(T, B, H)),
        "states": {"h": numbers(T + 1, B, size_of_h), "c": numbers(T + 1, B, H)},
        "weights": {"weight_ih": numbers(4 * H, I), "weight_hh": numbers(4 * H, size_of_h)},
    }


WRONG = {
    "cell": ({"cell": "lstmx"}, "cell is 'lstmx', one of"),
    "direction": ({"direction": "up"}, "direction is 'up', 'forward' or 'backward' is wanted"),
    "inputs": ({"inputs": numbers(T)}, r"inputs has shape \(4,\), expected \(T, B, I\)"),
    "gates": ({"gates": {}}, r"gates are \[\], expected \['r', 'z', 'n'\]"),
    "order": (
        {"gates": dict.fromkeys("zrn", numbers(T, B, H))},
        r"gates are \['z', 'r', 'n'\], expected \['r', 'z', 'n'\]",
    ),
    "steps": (
        {"gates": dict.fromkeys("rzn", numbers(T + 1, B, H))},
        r"gate 'r' has shape \(5, 2, 5\), expected \(4, 2, 5\)",
    ),
    "rows": (
        {"states": {"h": numbers(T, B, H)}},
        r"state 'h' has shape \(4, 2, 5\), expected \(5, 2, 5\)",
    ),
    "states": ({"states": {"c": numbers(T + 1, B, H)}}, r"states are \['c'\], expected \['h'\]"),
    "projected": (
        lstm(2) | {"states": {"h": numbers(T + 1, B, H), "c": numbers(T + 1, B, H)}},
        r"state 'h' has shape \(5, 2, 5\), expected \(5, 2, 2\)",
    ),
    "c": (
        lstm(2) | {"states": {"h": numbers(T + 1, B, 2), "c": numbers(T + 1, B, 2)}},
        r"state 'c' has shape \(5, 2, 2\), expected \(5, 2, 5\)",
    ),
    "no weights": ({"weights": {}}, r"weights are \[\], 'weight_ih' is wanted too"),
    "one matrix": (
        {"weights": {"weight_ih": numbers(3 * H, I)}},
        r"weights are \['weight_ih'\], 'weight_hh' is wanted too",
    ),
    "flat weights": (
        {"weights": {"weight_ih": numbers(3 * H), "weight_hh": numbers(3 * H, H)}},
        r"weight_ih has shape \(15,\), expected two axes",
    ),
    "width of inputs": (
        {"inputs": numbers(T, B, I + 1)},
        r"weight_ih has shape \(15, 3\), expected \(15, 4\)",
    ),
    "rows of weights": (
        {"weights": {"weight_ih": numbers(3 * H, I), "weight_hh": numbers(2 * H, H)}},
        r"weight_hh has shape \(10, 5\), expected \(15, 5\)",
    ),
    "lengths": ({"lengths": np.array([4])}, r"lengths have shape \(1,\), expected \(2,\)"),
    "one length": ({"lengths": np.array(4)}, r"lengths have shape \(\), expected \(2,\)"),
}


def test_unbatched_inputs_have_no_lengths(trace):
    with pytest.raises(ValueError, match="expected none, as the inputs are unbatched"):
        replace(trace.sample(0), lengths=np.array(4))


@pytest.mark.parametrize(("change", "says"), WRONG.values(), ids=WRONG)
def test_what_does_not_fit_is_named(trace, change, says):
    with pytest.raises(ValueError, match=says):
        replace(trace, **change)


def test_sizes(trace):
    assert (trace.steps, trace.hidden_size, trace.batched) == (T, H, True)
    projected = replace(trace, **lstm(2))
    assert (projected.hidden_size, projected.states["h"].shape) == (H, (T + 1, B, 2))
    with pytest.raises(FrozenInstanceError):
        trace.cell = "lstm"


@pytest.mark.parametrize(("direction", "first"), [("forward", 0), ("backward", 1)])
def test_before_and_after(trace, direction, first):
    trace = replace(trace, direction=direction)
    h = trace.states["h"]
    for t in range(T):
        np.testing.assert_array_equal(trace.before("h")[t], h[t + first])
        np.testing.assert_array_equal(trace.after("h")[t], h[t + 1 - first])


def test_a_sample_is_unbatched(trace):
    for index in (1, -1):
        one = trace.sample(index)
        assert not one.batched
        assert one.steps == T
        np.testing.assert_array_equal(one.inputs, trace.inputs[:, 1])
        np.testing.assert_array_equal(one.gates["z"], trace.gates["z"][:, 1])
        np.testing.assert_array_equal(one.states["h"], trace.states["h"][:, 1])
    assert one.sample(0) is one


def test_a_sample_is_cut_to_its_length(trace):
    one = replace(trace, lengths=np.array([4, 2])).sample(1)
    assert (one.steps, one.lengths) == (2, None)
    np.testing.assert_array_equal(one.states["h"], trace.states["h"][:3, 1])
    np.testing.assert_array_equal(one.gates["n"], trace.gates["n"][:2, 1])


@pytest.mark.parametrize("index", [2, -3])
def test_no_such_sample(trace, index):
    with pytest.raises(IndexError, match=f"sample {index} asked for, 0 to 1 recorded"):
        trace.sample(index)
    with pytest.raises(IndexError, match="sample 1 asked for, but the inputs were unbatched"):
        trace.sample(0).sample(1)


def test_products_are_the_arithmetic(trace):
    products = trace.products()
    assert list(products) == ["r", "z", "n"]
    w, t, b, unit = trace.weights, 2, 1, 3
    for block, (from_input, from_state) in enumerate(products.values()):
        row = block * H + unit
        x, h = trace.inputs[t, b], trace.states["h"][t, b]
        assert from_input[t, b, unit] == pytest.approx(
            sum(float(w["weight_ih"][row, k]) * float(x[k]) for k in range(I))
            + float(w["bias_ih"][row])
        )
        assert from_state[t, b, unit] == pytest.approx(
            sum(float(w["weight_hh"][row, k]) * float(h[k]) for k in range(H))
            + float(w["bias_hh"][row])
        )
        assert from_input.dtype == np.float64
