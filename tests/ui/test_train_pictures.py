"""The live pictures of "Train live": the browser gets what a recording of the same weights has."""

import base64
import gc
import json
import weakref
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import streamlit as st
import torch

import gatesviz as gv
from gatesviz.training import History, TrainedModel, probe
from gatesviz.ui.train import live
from gatesviz.ui.train import pictures as module
from gatesviz.ui.train.pictures import picture
from gatesviz.ui.train.settings import Settings
from gatesviz.ui.train.update_slider import LATEST, Place
from tests.ui.test_train import click, drawn, fold, open_train, wait


def values(told: dict[str, Any], lane: dict[str, Any]) -> Any:
    """The values (T, H) of a lane as the browser unpacks them."""
    levels = np.frombuffer(base64.b64decode(lane["values"]), np.uint8)
    rows = levels.reshape(told["units"], -1).T.astype(float)
    return lane["low"] + (lane["high"] - lane["low"]) * rows / 255


def shares(answers: dict[str, Any], rows: int) -> Any:
    """The packed probabilities of the answers, (T, rows)."""
    return np.frombuffer(base64.b64decode(answers["values"]), np.uint8).reshape(rows, -1).T / 255


def check_lanes(told: dict[str, Any], model: TrainedModel, sample: int) -> None:
    inputs = probe(model.spec).inputs[:, sample]
    trace = gv.record(model.module(), inputs).trace()
    known = {**trace.gates, **{letter: trace.after(letter) for letter in trace.states}}
    assert {lane["letter"] for lane in told["lanes"]} >= set(trace.gates)
    for lane in told["lanes"]:
        expected = known[lane["letter"]]
        atol = (lane["high"] - lane["low"]) / 255 / 2 + 1e-6
        np.testing.assert_allclose(values(told, lane), expected, atol=atol, rtol=0)
        assert lane["mean"] == pytest.approx(float(expected.mean()), abs=6e-4)


def test_the_pictures_are_those_of_the_weights_before_and_after_training() -> None:
    app = open_train(trsample="2")
    before = drawn_pictures(app)
    assert [one["title"] for one in before] == ["LSTM before training", "RNN before training"]
    wait(click(app, "Train 10 updates"), made=10)
    after = drawn_pictures(app)
    assert [one["title"] for one in after] == ["LSTM after update 10", "RNN after update 10"]
    assert [lane["letter"] for lane in after[0]["lanes"]] == ["f", "i", "g", "o", "c"]
    assert [lane["letter"] for lane in after[1]["lanes"]] == ["h"]
    for cell, first, last in zip(("lstm", "rnn_tanh"), before, after, strict=True):
        history = fold(cell, 10)
        check_lanes(first, gv.start(history.spec).model, 1)
        check_lanes(last, TrainedModel(history.spec, 10, weights_after(history)), 1)
        batch, model = probe(history.spec), TrainedModel(history.spec, 10, weights_after(history))
        told = last["answers"]
        expected = model.outputs(batch.inputs[:, 1:2])[-1, 0].softmax(-1)
        np.testing.assert_allclose(told["values"], expected, atol=1e-3)
        assert (told["look"], told["target"]) == ("bars", int(batch.targets[-1, 1]))
    slider = app.slider(key="train trat").set_value(4).run()
    assert not slider.exception
    told = drawn_pictures(app)
    assert [one["title"] for one in told] == ["LSTM after update 4", "RNN after update 4"]
    check_lanes(told[0], fold("lstm", 10).model_at(4), 1)


def drawn_pictures(app: Any) -> list[dict[str, Any]]:
    assert drawn(app)
    sent = [json.loads(one.proto.json) for one in app.get("bidi_component") if one.proto.json]
    [told] = [data["pictures"] for data in sent if "charts" in data]
    return list(told)


def weights_after(history: History) -> Any:
    return history.weights[history.updates]


@cache
def trained(task: str, **settings: Any) -> TrainedModel:
    spec = gv.TrainingSpec(task=task, hidden_size=3, **settings)
    return gv.advance(gv.start(spec), 3)[0].model


@pytest.mark.parametrize("task", ["recall", "anbn", "characters", "wave", "adding", "temperature"])
def test_the_answers_are_drawn_beside_the_targets(task: str) -> None:
    model = trained(task, length=12)
    told = picture(model, Place((LATEST,), ("lstm",), 2))
    check_lanes(told, model, 2)
    answers, batch = told["answers"], probe(model.spec)
    expected = model.task.answers(model.outputs(batch.inputs[:, 2:3])[:, 0]).numpy()
    targets, mask = batch.targets[:, 2].numpy(), batch.mask[:, 2].numpy()
    last = int(np.flatnonzero(mask)[-1]) if model.task.learns == "scored" else 11
    assert answers["sentence"].startswith(f"Step {last}: predicted ")
    if task in ("wave", "adding", "temperature"):
        assert answers["look"] == "lines"
        np.testing.assert_allclose(answers["values"], expected[:, 0], rtol=1e-3)
        assert ("last" in answers) == (task == "temperature")  # the baseline of a forecast
        if task == "temperature":
            read = batch.inputs[:, 2, 0].numpy()
            np.testing.assert_allclose(answers["last"], read, rtol=1e-3)
        known = [value is not None for value in answers["targets"]]
        assert known == (mask.tolist() if task == "adding" else [True] * 12)
        np.testing.assert_allclose(
            np.array(answers["targets"])[known].astype(float), targets[known], rtol=1e-3
        )
        return
    if task == "characters":
        names = ["␣" if name == " " else name for name in model.task.answer_names]
        assert answers["look"] == "letters"
        assert answers["predicted"] == [names[k] for k in expected.argmax(-1)]
        assert answers["expected"] == [names[int(k)] for k in targets]
        np.testing.assert_allclose(shares(answers, 1)[:, 0], expected.max(-1), atol=2e-3)
        return
    assert answers["look"] == "rows"
    np.testing.assert_allclose(shares(answers, expected.shape[1]), expected, atol=2e-3)
    for step, framed in enumerate(answers["targets"]):
        if task == "recall":
            assert framed == [int(targets[step])]
        else:
            assert framed == (np.flatnonzero(targets[step]).tolist() if mask[step] else None)


def test_a_large_picture_leaves_out_steps_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    model = trained("recall", length=11)
    monkeypatch.setattr(module, "MOST_VALUES", 5 * 3 * 4)
    module._picture.cache_clear()
    told = picture(model, Place((LATEST,), ("lstm",), 0))
    module._picture.cache_clear()
    assert (told["steps"], told["every"]) == (11, 3)
    trace = gv.record(model.module(), probe(model.spec).inputs[:, 0]).trace()
    np.testing.assert_allclose(values(told, told["lanes"][0]), trace.gates["f"][::3], atol=2e-3)


def test_pictures_of_your_own_data_are_not_kept_for_other_sessions() -> None:
    spec = gv.TrainingSpec(task=gv.training.own_text("abc abd " * 40), hidden_size=3, length=6)
    settings, place = Settings({"lstm": spec}, 600), Place((LATEST,), ("lstm",), 0)
    before = module._picture.cache_info(), module._first_model.cache_info()
    [told] = module.pictures(settings, {}, place)
    check_lanes(told, gv.start(spec).model, 0)
    assert (module._picture.cache_info(), module._first_model.cache_info()) == before


def test_a_convolution_and_attention_are_part_of_the_picture() -> None:
    model = trained("latch", length=9, convolution=3, attention=True)
    told = picture(model, Place((LATEST,), ("lstm",), 1))
    inputs = probe(model.spec).inputs[:, 1:2]
    trace = gv.record(model.module(), model.features(inputs)[:, 0]).trace()
    np.testing.assert_allclose(values(told, told["lanes"][0]), trace.gates["f"], atol=2e-3)
    expected = model.outputs(inputs)[-1, 0].softmax(-1)
    np.testing.assert_allclose(told["answers"]["values"], expected, atol=1e-3)
    levels = np.frombuffer(base64.b64decode(told["attention"]["values"]), np.uint8)
    expected = torch.from_numpy(model.attention(inputs)[0])
    np.testing.assert_allclose(levels.reshape(9, 9) / 255, expected, atol=2e-3)
    best = int(expected[-1].argmax())
    share = f"{100 * float(expected[-1, best]):.0f} %"
    assert told["attention"]["sentence"] == f"The last step reads step {best} most: {share}."


def test_a_long_attention_ends_with_the_last_step_and_its_rows_add_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = trained("latch", length=11, attention=True)
    monkeypatch.setattr(module, "MOST_LOOKS", 4)
    inputs = probe(model.spec).inputs[:, 1]
    told = module._attention(model, inputs)
    weights = model.attention(inputs[:, None])[0]
    rows, parts = (1, 4, 7, 10), ((0, 2), (2, 5), (5, 8), (8, 11))
    expected = [[sum(weights[row, a:b]) for a, b in parts] for row in rows]
    levels = np.frombuffer(base64.b64decode(told["values"]), np.uint8).reshape(4, 4) / 255
    np.testing.assert_allclose(levels, expected, atol=2e-3)
    np.testing.assert_allclose(levels.sum(1), 1, atol=8e-3)
    assert told["sentence"].startswith("1 of 3 rows is drawn, and the columns are added up. The")


def test_a_kept_picture_keeps_no_weights() -> None:
    module._picture.cache_clear()
    model = trained("latch", length=9)
    alone = TrainedModel(model.spec, model.updates, model.weights.copy())
    place, weights = Place((LATEST,), ("lstm",), 0), weakref.ref(alone.weights)
    first = picture(alone, place)
    del alone
    gc.collect()
    assert weights() is None
    assert picture(model, place) is first  # the same weights are the same picture


@pytest.mark.parametrize(
    ("sent", "chosen"),
    [
        ({"letter": "o", "unit": 2, "step": 1}, ("o", 2)),
        ({"letter": "h", "unit": 7, "step": 1}, ("h", 7)),  # of the RNN, which has more units
        *(({"letter": letter, "unit": 0}, None) for letter in ("z", "<b>", None, ["f"])),
        *(({"letter": "f", "unit": unit}, None) for unit in (8, -1, "0", True, 0.5, None)),
        ({}, None),
        *((wrong, None) for wrong in (None, 5, "f", ["f", 0])),
    ],
)
def test_a_click_chooses_a_gate_and_a_unit_that_are_there(
    monkeypatch: pytest.MonkeyPatch, sent: Any, chosen: tuple[str, int] | None
) -> None:
    import streamlit as st

    lstm = gv.TrainingSpec(task="latch", hidden_size=3)
    rnn = gv.TrainingSpec(task="latch", cell="rnn_tanh", hidden_size=3, equal="parameters")
    assert rnn.actual_hidden_size == 8
    monkeypatch.setattr(st, "session_state", {live.CURVES: {"unit": sent}})
    live._choose_unit(Settings({"lstm": lstm, "rnn_tanh": rnn}, 600))
    state = st.session_state
    told = (state["trgate"], state["trunit"]) if "trgate" in state else None
    assert told == chosen
    assert state.get("trpic") == (None if chosen is None else True)


def test_in_a_class_pictures_are_made_less_often_than_curves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[int] = []
    monkeypatch.setattr(live, "pictures", lambda *args: made.append(1) or [])
    monkeypatch.setattr(live, "_trains", lambda views: True)
    monkeypatch.setattr(st, "session_state", {})
    settings = SimpleNamespace(specs={})
    for people, expected in ((1, 4), (60, 1)):
        made.clear()
        st.session_state.clear()
        monkeypatch.setattr(
            live.session, "engine", lambda people=people: SimpleNamespace(present=lambda: people)
        )
        for _ in range(4):
            live._pictures(settings, {"lstm": SimpleNamespace(state=object())}, None)
        assert len(made) == expected
    monkeypatch.setattr(live, "_trains", lambda views: False)  # a run at rest shows its own
    view = SimpleNamespace(state=object())
    live._pictures(settings, {"lstm": view}, None)
    live._pictures(settings, {"lstm": view}, None)
    assert len(made) == 3
    live._pictures(settings, {"lstm": view}, None, later=True)  # those of a moment ago
    assert len(made) == 3
    live._pictures(SimpleNamespace(specs={"gru": None}), {"gru": view}, None, later=True)
    assert len(made) == 4  # of another model
    made.clear()
    for _ in range(3):  # without a weight update, nothing changes
        live._pictures(settings, {"lstm": SimpleNamespace(state=None)}, None)
    assert len(made) == 1


@pytest.mark.parametrize(
    ("chance", "text"), [(0.54, "54 %"), (0.9962, "99.6 %"), (1, "over 99.99")]
)
def test_the_share_of_a_prediction_never_rounds_to_100(chance: float, text: str) -> None:
    task = gv.TrainingSpec(task="parity", cell="lstm", hidden_size=2).learned
    rows = np.array([[0.5, 0.5], [1 - chance, chance]])
    told = module.describe_answer(task, rows, np.array([np.nan, 0.0]))
    names = task.answer_names
    assert told.startswith(f"Step 1: predicted {module._label(names[1])} ({text}")
