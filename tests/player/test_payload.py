"""What a player is sent: exact to 1e-4, small, the same for the same, and text stays text.

What the browser computes from is exact to float32.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load
from torch import nn

from gatesviz.limits import PLAYER_VALUES
from gatesviz.player import network
from gatesviz.player import payload as module
from gatesviz.player.payload import Answers, Panel, Readout, Selection, payload
from gatesviz.recordings import record
from gatesviz.traces import Array, Trace
from tests.player.making import by_hand, quiet, recorded, traces


def unpacked(data: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return the model and the arrays as a reader of the payload finds them."""
    size = int.from_bytes(data[:8], "little")
    model = json.loads(json.loads(data[8 : 8 + size])["__metadata__"]["player"])
    scales = {
        f"{index}.{name}": scale
        for index, panel in enumerate(model["panels"])
        for name, scale in panel["arrays"].items()
    }
    tensors = load(data)
    assert tensors.keys() == scales.keys()
    return model, {name: tensors[name].astype(np.float64) * scales[name] for name in tensors}


def held(trace: Trace) -> Mapping[str, Array]:
    """Return everything a trace holds, by the names of the payload."""
    return {"x": trace.inputs, **trace.gates, **trace.states, **trace.weights}


def with_gate(trace: Trace, name: str, array: Array) -> Trace:
    return replace(trace, gates=dict(trace.gates) | {name: array.astype(np.float32)})


@pytest.mark.parametrize("name", traces())
def test_every_array_arrives_to_a_ten_thousandth(name: str) -> None:
    trace = traces()[name]
    _, arrays = unpacked(payload([Panel(trace)]))
    more = {f"0.first.{name}" for name in trace.states}
    finer = {name for name in arrays if name.endswith(".residual")}
    assert arrays.keys() - finer == {f"0.{name}" for name in held(trace)} | more
    for key, array in held(trace).items():
        assert arrays[f"0.{key}"].shape == array.shape
        np.testing.assert_allclose(arrays[f"0.{key}"], array, rtol=0, atol=1e-4, err_msg=key)


@pytest.mark.parametrize("name", traces())
def test_what_the_browser_computes_from_is_exact(name: str) -> None:
    trace = traces()[name]
    model, arrays = unpacked(payload([Panel(trace)]))
    for key, array in {"x": trace.inputs, **trace.weights}.items():
        np.testing.assert_array_equal(arrays[f"0.{key}"], array.astype(np.float32), err_msg=key)
    row, every = (0 if trace.direction == "forward" else -1), model["panels"][0]["engine"]["every"]
    for key, state in trace.states.items():
        first = state[row].astype(np.float32)
        np.testing.assert_array_equal(arrays[f"0.first.{key}"], first, err_msg=key)
        finer = arrays[f"0.{key}"][:: every.get(key, 1)] + arrays.get(f"0.{key}.residual", 0)
        np.testing.assert_allclose(finer, state[:: every.get(key, 1)], rtol=0, atol=5e-7)


def test_whole_numbers_are_sent_small_and_exact() -> None:
    for array, kind in ((np.eye(3), np.int8), ([[300.0]], np.int16), ([[0.5]], np.float32)):
        packed, scale = network.exact(np.array(array))
        assert (packed.dtype, scale) == (kind, 1.0)
        np.testing.assert_array_equal(packed, array)
    for odd in (np.nan, np.inf, 1e30):
        packed, _ = network.exact(np.array([[1.0, odd]]))
        np.testing.assert_array_equal(packed, np.array([[1.0, odd]], np.float32))


LARGE = nn.GRU(2, 3, num_layers=2, bidirectional=True)


@pytest.mark.parametrize("place", [(0, "forward"), (1, "backward")])
def test_the_whole_network_is_sent(place: Any) -> None:
    found, weight = recorded(LARGE).recording, np.ones((2, 6))
    answers = Answers(("a", "b"), np.zeros((12, 2)), readout=Readout(weight, weight[:, 0], "set"))
    panel = Panel(found.traces[place], network=found.traces, answers=answers)
    model, arrays = unpacked(payload([panel]))
    engine = model["panels"][0]["engine"]
    assert (engine["place"], engine["alone"], engine["readout"]) == ([*place], "", "set")
    assert engine["passes"] == [[*key] for key in found.traces]
    for (layer, direction), trace in found.traces.items():
        start = "0." if (layer, direction) == place else f"0.{layer}.{direction}."
        for name, array in trace.weights.items():
            np.testing.assert_array_equal(arrays[start + name], array)
    given = arrays["0.network.x" if place[0] else "0.x"]
    np.testing.assert_array_equal(given, found.trace(0).inputs)
    np.testing.assert_array_equal(arrays["0.readout.weight"], weight)


def test_a_large_network_and_one_with_dropout_are_sent_in_part(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    readout = Readout(np.ones((1, 3)), np.zeros(1), "number")
    answers = Answers(("a",), np.zeros((12, 1)), readout=readout)
    torch.manual_seed(0)
    dropped = recorded(nn.GRU(2, 3, num_layers=2, dropout=0.5)).recording.traces
    monkeypatch.setattr(network, "NETWORK_WEIGHTS", 150)
    large = recorded(nn.GRU(2, 3, num_layers=2)).recording.traces
    for traces_, reason in ((dropped, "dropout"), (large, "size")):
        if reason == "dropout":
            monkeypatch.setattr(network, "NETWORK_WEIGHTS", 10_000)
        for (layer, direction), trace in traces_.items():
            panel = Panel(trace, network=traces_, answers=answers)
            engine = unpacked(payload([panel]))[0]["panels"][0]["engine"]
            assert (engine["alone"], engine["passes"]) == (reason, [[layer, direction]])
            assert engine["readout"] == ("number" if layer else None)
        monkeypatch.setattr(network, "NETWORK_WEIGHTS", 100)


@pytest.mark.parametrize("name", traces())
def test_what_the_arithmetic_multiplies_adds_up(name: str) -> None:
    trace = traces()[name]
    _, arrays = unpacked(payload([Panel(trace)]))
    sent = replace(
        trace,
        inputs=arrays["0.x"],
        states={k: arrays[f"0.{k}"] for k in trace.states},
        weights={k: arrays[f"0.{k}"] for k in trace.weights},
    )
    for block, (from_input, from_state) in trace.products().items():
        for shown, true in zip(sent.products()[block], (from_input, from_state), strict=True):
            np.testing.assert_allclose(shown, true, rtol=0, atol=3e-4, err_msg=block)


@settings(max_examples=60)
@given(
    st.lists(st.floats(width=32, min_value=-7, max_value=7), min_size=1, max_size=30),
    st.sampled_from([1e-30, 1e-6, 1.0, 6.5 / 7, 100.0, 1e5]),
)
def test_any_finite_numbers_do(values: list[float], size: float) -> None:
    column = (np.array(values) * size).astype(np.float32)[:, None]
    trace = with_gate(by_hand([[0.0]] * len(values)), "f", column)
    _, arrays = unpacked(payload([Panel(trace)]))
    np.testing.assert_allclose(arrays["0.f"], column, rtol=1e-7, atol=1e-4)


def test_a_value_that_is_no_number_stays_one_and_harms_no_other() -> None:
    odd = np.array([[0.25], [np.nan], [np.inf], [-np.inf]], np.float32)
    trace = with_gate(by_hand([[0.0]] * 4), "f", odd)
    trace = replace(trace, inputs=odd, states=dict(trace.states) | {"h": np.vstack([odd, odd[:1]])})
    _, arrays = unpacked(payload([Panel(trace)]))
    np.testing.assert_array_equal(arrays["0.f"], odd)
    np.testing.assert_array_equal(arrays["0.x"], odd)
    np.testing.assert_array_equal(arrays["0.h"][:4], odd)


def test_a_float64_beyond_float32_becomes_infinite_without_a_word() -> None:
    trace = replace(quiet(), inputs=np.full((30, 1), 1e300))
    _, arrays = unpacked(payload([Panel(trace)]))
    assert np.isposinf(arrays["0.x"]).all()


def test_it_keeps_within_its_bytes() -> None:
    """The budget counts every value sent; gates and states alone must pay for all of it too."""
    module = nn.LSTM(1, 64)
    trace = recorded_like_fresh(module, steps=200)
    data, sent = payload([Panel(trace)]), sum(array.size for array in held(trace).values())
    assert len(data) <= 2.8 * sent + 20_000
    assert len(data) <= 2.8 * (200 * 64 * 6) + 20_000


def recorded_like_fresh(module: nn.LSTM, steps: int) -> Trace:
    """Record ``module`` with the weights that torch gave it, in torch's own range, but seeded."""
    generator = torch.Generator().manual_seed(1)
    bound = module.hidden_size**-0.5
    with torch.no_grad():
        for weight in module.parameters():
            weight.uniform_(-bound, bound, generator=generator)
    return record(module, torch.randn(steps, module.input_size, generator=generator)).trace()


def test_equal_panels_give_equal_bytes() -> None:
    first, second = (payload([Panel(traces()["gru"], title="a")]) for _ in range(2))
    assert first == second


def test_the_id_changes_with_the_numbers_and_not_with_the_selection() -> None:
    trace = traces()["gru"]
    other = with_gate(trace, "r", np.where(trace.gates["r"] > 0.5, 0.5, trace.gates["r"]))
    models = [
        unpacked(payload([Panel(shown)], select=select))[0]
        for shown, select in ((trace, None), (trace, Selection(step=3)), (other, None))
    ]
    assert models[0]["id"] == models[1]["id"] != models[2]["id"]
    assert models[1]["select"] == asdict(Selection(step=3))


def test_the_equations_are_the_cells() -> None:
    model, _ = unpacked(payload([Panel(trace) for trace in steps_alike()]))
    for shown, trace in zip(model["panels"], steps_alike(), strict=True):
        assert shown["equations"] == [[e.target, e.expression] for e in trace.kind.equations]
        assert [gate["letter"] for gate in shown["gates"]] == list(trace.gates)
        assert shown["convention"] == trace.kind.convention


def steps_alike() -> list[Trace]:
    return [traces()[name] for name in ("rnn", "lstm", "gru")]


def test_a_projection_stands_in_its_own_line() -> None:
    model, _ = unpacked(payload([Panel(traces()["lstm, projected"])]))
    assert model["panels"][0]["equations"][-2:] == [["m", "o * tanh(c')"], ["h'", "W_hr @ m"]]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (
            lambda: Panel(recorded(nn.GRU(1, 2), samples=2).trace()),
            "^expected an unbatched trace; pass trace.sample",
        ),
        (lambda: Panel(quiet(), labels=["a"]), "^expected 30 labels, one a step, got 1$"),
        (lambda: Panel(quiet(), features=["a", "b"]), "^expected 1 feature names, got 2$"),
        (
            lambda: Panel(quiet(), answers=Answers(("a", "b"), np.zeros((30, 3)))),
            r"answers have shape \(30, 3\), expected \(30, 2\)",
        ),
        (lambda: payload([]), "^expected at least one panel, got none$"),
        (
            lambda: payload([Panel(quiet()), Panel(quiet(steps=31))]),
            r"^expected panels with the same number of steps, got \[30, 31\]$",
        ),
    ],
)
def test_what_cannot_be_shown_is_refused_in_one_sentence(wrong: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        wrong()


def test_too_many_values_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    values = sum(array.size for array in unpacked(payload([Panel(quiet())]))[1].values())
    limit = replace(PLAYER_VALUES, high=values)
    monkeypatch.setattr(module, "PLAYER_VALUES", limit)
    assert payload([Panel(quiet())])
    monkeypatch.setattr(module, "PLAYER_VALUES", replace(limit, high=values - 1))
    with pytest.raises(ValueError, match=f"values in one player: {values:,} is outside"):
        payload([Panel(quiet())])


def test_many_weights_stay_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    trace = traces()["lstm, projected"]
    count = sum(weight.size for weight in trace.weights.values())
    monkeypatch.setattr(network, "WEIGHTS", count - 1)
    model, arrays = unpacked(payload([Panel(trace)]))
    assert model["panels"][0]["weights"] == count
    assert model["panels"][0]["engine"] is None
    assert {name for name in arrays if "weight" in name or "bias" in name} == set()
    assert model["panels"][0]["equations"][-1] == ["h'", "W_hr @ m"]


TEXTS = [
    "</script><script>alert(1)</script>",
    "\u2028\u2029",
    "\0",
    "👩\u200d👧",
    "é",
    "\\",
    '"',
    "<!--x-->",
]


@pytest.mark.parametrize("text", TEXTS)
def test_text_arrives_as_it_is(text: str) -> None:
    answers = Answers((text,), np.zeros((30, 1)), question=text)
    panel = Panel(quiet(), labels=[text] * 30, title=text, features=[text], answers=answers)
    model, _ = unpacked(payload([panel]))
    shown = model["panels"][0]
    assert model["labels"] == [text] * 30
    assert shown["title"] == shown["features"][0] == text
    assert shown["answers"] == {"names": [text], "question": text, "kind": "number"}


def test_half_a_surrogate_pair_is_replaced_visibly() -> None:
    model, _ = unpacked(payload([Panel(quiet(), labels=["a\ud83d"] * 30, title="\udc00")]))
    assert model["labels"][0] == "a\ufffd"
    assert model["panels"][0]["title"] == "\ufffd"


@pytest.mark.parametrize("steps", [2, module.EXACT_ANSWERS])
def test_small_probabilities_keep_their_order(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As those of a model that is sure of another answer. int16 has the same number for both."""
    monkeypatch.setattr(module, "EXACT_ANSWERS", module.EXACT_ANSWERS if steps == 2 else 0)
    values = np.float32([[0.99849, 0.00074767, 0.00075772]] * 2)
    trace = record(nn.GRU(1, 3), torch.zeros(2, 1)).trace()
    _, arrays = unpacked(payload([Panel(trace, answers=Answers(("a", "b", "c"), values))]))
    assert (arrays["0.y"] == values).all() == (steps == 2)
    assert (arrays["0.y"][0].argsort().tolist() == [1, 2, 0]) or steps > 2
    np.testing.assert_allclose(arrays["0.y"], values, rtol=0, atol=1e-4)
