"""The two views of "Train live" that look into a run: which weights, which rows, what is right."""

import base64
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

import gatesviz as gv
from gatesviz.engine import View
from gatesviz.training import History, probe
from gatesviz.ui.train import training_heatmap as growth_module
from gatesviz.ui.train.pictures import right_answers
from gatesviz.ui.train.stored_weights import model_at, stored_updates
from gatesviz.ui.train.training_heatmap import Look, picture
from gatesviz.ui.train.update_slider import Place

SPEC = gv.TrainingSpec(task="latch", cell="gru", hidden_size=3, length=6, seed=0)


@cache
def run(updates: int) -> View:
    """A run as a page sees it after so many updates, made without an engine."""
    state, snapshots = gv.advance(gv.start(SPEC), updates)
    names = View.__dataclass_fields__
    blank: dict[str, Any] = dict.fromkeys(names)
    made = {"spec": SPEC, "state": state, "history": History(SPEC).add(snapshots)}
    return View(**(blank | made))


def rows_of(told: dict[str, Any]) -> Any:
    """The numbers of a heatmap as the browser unpacks them."""
    levels = np.frombuffer(base64.b64decode(told["packed"]), "<u2").reshape(-1, told["steps"])
    return told["low"] + (told["high"] - told["low"]) * levels / 65535


def test_the_end_of_a_run_is_exactly_its_last_update() -> None:
    view = run(75)
    assert 75 not in view.history.checkpoints
    assert stored_updates(view) == (*view.history.checkpoints, 75)
    assert view.state is not None
    for at in (75, 600):
        model = model_at(view, at)
        assert model.updates == 75
        np.testing.assert_array_equal(model.weights, view.state.weights)
    before = view.history.checkpoints[-1]
    assert model_at(view, 74).updates == before
    np.testing.assert_array_equal(model_at(view, 74).weights, view.history.weights[before])


def test_a_growing_picture_records_only_what_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    import streamlit as st

    recorded: list[int] = []
    record = growth_module._record

    def counted(view: View, update: int, *rest: Any) -> Any:
        recorded.append(update)
        return record(view, update, *rest)

    aside: list[int] = []
    monkeypatch.setattr(growth_module, "_record", counted)
    monkeypatch.setattr(growth_module, "step_aside", lambda: aside.append(len(recorded)))
    monkeypatch.setattr(growth_module, "FEW", 20)
    monkeypatch.setattr(st, "session_state", {})
    look = Look("z", 1, 2)
    first = picture(run(40), look, (40,))
    assert recorded == first["updates"]
    assert aside == [0]  # before the first of so many rows
    recorded.clear()
    second = picture(run(75), look, (61,))
    assert recorded == [u for u in second["updates"] if u not in first["updates"]]
    assert aside == [0]  # not for the few rows that are new
    assert 61 not in second["updates"]
    assert second["shown"] == [max(u for u in second["updates"] if u <= 61)]
    recorded.clear()
    other = picture(run(75), replace(look, unit=2), (60,))
    assert recorded == []
    inputs = probe(SPEC).inputs[:, 2]
    for update, row, beside in zip(second["updates"], rows_of(second), rows_of(other), strict=True):
        trace = gv.record(model_at(run(75), update).module(), inputs).trace()
        np.testing.assert_allclose(row, trace.gates["z"][:, 1], atol=2e-5)
        np.testing.assert_allclose(beside, trace.gates["z"][:, 2], atol=2e-5)
    assert second["means"][-1] == pytest.approx(trace.gates["z"][:, 1].mean(), abs=1e-7)
    for about in (replace(look, letter="h"), replace(look, letter="h", sample=3)):
        row = rows_of(picture(run(75), about, (60,)))[-1]  # of another gate, of another probe
        trace = gv.record(
            model_at(run(75), 75).module(), probe(SPEC).inputs[:, about.sample]
        ).trace()
        np.testing.assert_allclose(row, trace.after("h")[:, 1], atol=2e-5)


@pytest.mark.parametrize(
    ("cells", "updates", "chosen", "panel"),
    [
        (("rnn_tanh", "gru", "lstm"), (16,), 0, 1),  # the RNN has no z, so no picture
        (("rnn_tanh", "gru", "lstm"), (16,), 1, 2),
        (("gru", "lstm"), (16, 8), 1, 2),  # each cell has a panel for either update
        (("lstm",), (16,), 0, 0),  # the model of the picture is not in the player
    ],
)
def test_a_click_leads_to_the_model_of_its_picture(
    monkeypatch: pytest.MonkeyPatch,
    cells: tuple[str, ...],
    updates: tuple[int, ...],
    chosen: int,
    panel: int,
) -> None:
    import streamlit as st

    moved: list[dict[str, Any]] = []
    told = {"picture": chosen, "update": 8, "step": 3}
    monkeypatch.setattr(st, "session_state", {"growth": {"place": told}})
    monkeypatch.setattr(
        growth_module.player, "move", lambda page, **where: moved.append({"page": page, **where})
    )
    growth_module._go(["gru", "lstm"], Look("z", 2, 0), Place(updates, cells, 0))
    assert moved == [{"page": "train", "step": 3, "unit": 2, "lane": "z", "panel": panel}]
    assert st.session_state["train trat"] == 8


@pytest.mark.parametrize(
    "sent", [5, [0, 8, 3], {}, {"picture": 2}, {"update": -1}, {"step": "3"}, {"step": 1_000}]
)
def test_a_click_that_cannot_be_is_ignored(monkeypatch: pytest.MonkeyPatch, sent: Any) -> None:
    import streamlit as st

    told = {"picture": 0, "update": 8, "step": 3} | sent if sent and type(sent) is dict else sent
    state = {"growth": {"place": told}}
    monkeypatch.setattr(st, "session_state", state)
    growth_module._go(["gru", "lstm"], Look("z", 2, 0), Place((16,), ("gru", "lstm"), 0))
    assert state == {"growth": {"place": told}}


@pytest.mark.parametrize("task", ["latch", "recall", "adding", "wave", "anbn"])
def test_what_is_right_is_what_the_loss_compares_with(task: str) -> None:
    spec = gv.TrainingSpec(task=task)
    batch = probe(spec)
    found = right_answers(spec, batch, 1)
    known = ~np.isnan(found.reshape(spec.length, -1)[:, 0])
    mask = batch.mask[:, 1].numpy()
    assert known.tolist() == (mask if spec.learned.learns == "scored" else mask | True).tolist()
    np.testing.assert_array_equal(found[known], batch.targets[:, 1].numpy()[known])
    assert (found.ndim == 2) == (spec.learned.kind == "set")
