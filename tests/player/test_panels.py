"""Answers with targets and panels with gradients: what arrives, how small, what is refused."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from torch import nn

from gatesviz.player.panels import Answers, Panel
from gatesviz.player.payload import payload
from gatesviz.traces import Array, Trace
from tests.player.making import quiet, recorded, traces
from tests.player.test_payload import held, recorded_like_fresh, unpacked

STEPS = 30


def falling(trace: Trace) -> Mapping[str, Array]:
    """Gradients that fall by 300 decades, as over a long sequence."""
    draw = np.random.default_rng(1)
    sizes = 10.0 ** np.linspace(-300, 3, trace.steps + 1)[:, None]
    found = {k: draw.normal(size=v.shape) * sizes for k, v in trace.states.items()}
    found["h"][3], found["h"][4, 0] = 0.0, np.nan
    return found


@pytest.mark.parametrize("name", ["lstm", "gru, backward", "lstm, projected"])
def test_gradients_arrive_to_seven_digits_over_any_number_of_decades(name: str) -> None:
    trace = traces()[name]
    found = falling(trace)
    model, arrays = unpacked(payload([Panel(trace, gradients=found)]))
    shown = model["panels"][0]
    assert shown["gradients"] == list(found)
    for letter, array in found.items():
        powers = np.array(shown["exponents"][f"d{letter}"])[:, None]
        np.testing.assert_allclose(np.ldexp(arrays[f"0.d{letter}"], powers), array, rtol=1e-6)


@pytest.mark.parametrize("module", [nn.LSTM(1, 64), nn.GRU(1, 64), nn.RNN(1, 64)])
def test_with_gradients_it_keeps_within_its_bytes(module: Any) -> None:
    trace = recorded_like_fresh(module, steps=200)
    found = falling(trace)
    sent = sum(array.size for array in (*held(trace).values(), *found.values()))
    assert len(payload([Panel(trace, gradients=found)])) <= 2.8 * sent + 20_000


@pytest.mark.parametrize(
    ("names", "targets", "kind"),
    [
        ("a", np.linspace(-2, 2, STEPS), "number"),
        ("abc", np.arange(STEPS) % 3.0, "choice"),
        ("abc", np.arange(3 * STEPS).reshape(STEPS, 3) % 2.0, "set"),
    ],
)
def test_targets_arrive_and_say_what_they_are(names: str, targets: Array, kind: str) -> None:
    targets = np.array(targets)
    targets[4] = np.nan
    answers = Answers(tuple(names), np.zeros((STEPS, len(names))), "", targets)
    model, arrays = unpacked(payload([Panel(quiet(), answers=answers)]))
    assert model["panels"][0]["answers"]["kind"] == kind
    np.testing.assert_allclose(arrays["0.target"], targets, atol=1e-4)


def test_panels_state_their_time_axes_where_these_differ() -> None:
    first, second = (Panel(quiet(), labels=list(letter * STEPS)) for letter in "ab")
    text = Panel(quiet(), labels=list("a" * STEPS), text=True)
    same, _ = unpacked(payload([first, first]))
    assert same["labels"] == ["a"] * STEPS
    assert not any("labels" in panel for panel in same["panels"])
    model, _ = unpacked(payload([first, second, text]))
    assert [panel["labels"][0] for panel in model["panels"]] == ["a", "b", "a"]
    assert [panel["text"] for panel in model["panels"]] == [False, False, True]


def answered(targets: Array) -> Panel:
    return Panel(quiet(), answers=Answers(("a", "b"), np.zeros((STEPS, 2)), "", targets))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (
            lambda: answered(np.zeros(29)),
            r"^targets have shape \(29,\), expected \(30,\) or \(30, 2\)$",
        ),
        (lambda: answered(np.full(30, 2.0)), "^expected targets from 0 to 1, got 2$"),
        (lambda: answered(np.full(30, 0.5)), r"^expected targets from 0 to 1, got 0\.5$"),
        (
            lambda: Panel(recorded(nn.GRU(1, 2)).trace(), gradients={"c": np.zeros((13, 2))}),
            r"^expected gradients of \['h'\], got one of 'c'$",
        ),
        (
            lambda: Panel(quiet(), gradients={"c": np.zeros((30, 4))}),
            r"^gradient of 'c' has shape \(30, 4\), expected \(31, 4\)$",
        ),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(wrong: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        wrong()
