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
    "cell": ({"cell": "lstmx"}, "cell: expected one of .*, got 'lstmx'"),
    "direction": ({"direction": "up"}, "direction: expected 'forward' or 'backward', got 'up'"),
    "inputs": (
        {"inputs": numbers(T)},
        r"inputs: expected shape \(T, B, I\) or \(T, I\), got \(4,\)",
    ),
    "gates": ({"gates": {}}, r"gates: expected \['r', 'z', 'n'\], got \[\]"),
    "order": (
        {"gates": dict.fromkeys("zrn", numbers(T, B, H))},
        r"gates: expected \['r', 'z', 'n'\], got \['z', 'r', 'n'\]",
    ),
    "steps": (
        {"gates": dict.fromkeys("rzn", numbers(T + 1, B, H))},
        r"gate 'r': expected shape \(4, 2, 5\), got \(5, 2, 5\)",
    ),
    "rows": (
        {"states": {"h": numbers(T, B, H)}},
        r"state 'h': expected shape \(5, 2, 5\), got \(4, 2, 5\)",
    ),
    "states": ({"states": {"c": numbers(T + 1, B, H)}}, r"states: expected \['h'\], got \['c'\]"),
    "projected": (
        lstm(2) | {"states": {"h": numbers(T + 1, B, H), "c": numbers(T + 1, B, H)}},
        r"state 'h': expected shape \(5, 2, 2\), got \(5, 2, 5\)",
    ),
    "c": (
        lstm(2) | {"states": {"h": numbers(T + 1, B, 2), "c": numbers(T + 1, B, 2)}},
        r"state 'c': expected shape \(5, 2, 5\), got \(5, 2, 2\)",
    ),
    "no weights": ({"weights": {}}, r"weights: expected 'weight_ih', too, got \[\]"),
    "one matrix": (
        {"weights": {"weight_ih": numbers(3 * H, I)}},
        r"weights: expected 'weight_hh', too, got \['weight_ih'\]",
    ),
    "flat weights": (
        {"weights": {"weight_ih": numbers(3 * H), "weight_hh": numbers(3 * H, H)}},
        r"weight_ih: expected two axes, got shape \(15,\)",
    ),
    "width of inputs": (
        {"inputs": numbers(T, B, I + 1)},
        r"weight_ih: expected shape \(15, 4\), got \(15, 3\)",
    ),
    "rows of weights": (
        {"weights": {"weight_ih": numbers(3 * H, I), "weight_hh": numbers(2 * H, H)}},
        r"weight_hh: expected shape \(15, 5\), got \(10, 5\)",
    ),
    "lengths": ({"lengths": np.array([4])}, r"lengths: expected shape \(2,\), got shape \(1,\)"),
    "one length": ({"lengths": np.array(4)}, r"lengths: expected shape \(2,\), got shape \(\)"),
}


def test_unbatched_inputs_have_no_lengths(trace):
    with pytest.raises(ValueError, match="lengths: expected None, since the inputs are unbatched"):
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
    with pytest.raises(IndexError, match=f"sample {index} does not exist: samples are 0 to 1"):
        trace.sample(index)
    with pytest.raises(IndexError, match="sample 1 does not exist: the inputs were unbatched"):
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
