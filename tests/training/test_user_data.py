"""Data of one's own travel in the spec, as plain values."""

import hashlib
import json
import math
import pickle

import numpy as np
import pytest
import torch

from gatesviz.training import (
    History,
    TrainingSpec,
    advance,
    open_run,
    own_series,
    own_text,
    save_run,
    start,
    to_script,
)
from gatesviz.training.samples import held_out
from gatesviz.training.spec import SAMPLES
from gatesviz.training.user_data import own_data_from_dict
from tests.training.making import bits
from tests.training.scripted import forking

VALUES = [math.sin(k / 3) + 0.1 * math.cos(k) for k in range(120)]
TEXT = "the cat sat on the mat; " * 20
STRANGE = """}"']) + __import__("os").getcwd()  # “rain”\\"""
COLUMNS = np.column_stack([VALUES, np.cos(np.arange(120.0)), np.arange(120.0) ** 2])
OWN = {
    "series": own_series(VALUES, "a “wave”"),
    "columns": own_series(COLUMNS, "a “wave”", ["wind", STRANGE]),
    "text": own_text(TEXT),
}
FILES = {
    "series": "\n".join(map(repr, VALUES)),
    "columns": "\n".join(" ".join(map(repr, row)) for row in COLUMNS.tolist()),
    "text": TEXT,
}


def spec_of(name: str) -> TrainingSpec:
    return TrainingSpec(task=OWN[name], hidden_size=4, length=10, batch_size=5)


@pytest.mark.parametrize("name", OWN)
def test_a_spec_with_own_data_stays_equal_on_its_way(name):
    spec = spec_of(name)
    copied = pickle.loads(pickle.dumps(spec))
    assert copied == spec
    assert hash(copied) == hash(spec)
    there, _ = advance(start(copied), 5)
    here, _ = advance(start(spec), 5)
    assert bits(there) == bits(here)


@pytest.mark.parametrize("name", OWN)
def test_it_is_saved_with_the_run(name, tmp_path):
    spec = spec_of(name)
    state, snapshots = advance(start(spec), 5)
    save_run(tmp_path / "run", state, History(spec).add(snapshots))
    opened, _ = open_run(tmp_path / "run")
    assert bits(opened) == bits(state)
    assert bits(advance(opened, 5)[0]) == bits(advance(state, 5)[0])


@pytest.fixture(scope="module")
def forked():
    with forking() as run:
        yield run


@pytest.mark.parametrize("name", OWN)
def test_the_script_reads_it_from_a_file(name, forked, tmp_path):
    (tmp_path / "own.txt").write_text(FILES[name], encoding="utf-8")
    told = forked(to_script(spec_of(name), updates=5), tmp_path)
    _, snapshots = advance(start(spec_of(name)), 5)
    assert told.splitlines()[:5] == [f"{s.update} {s.loss!r}" for s in snapshots]


def test_the_digest_is_of_all_numbers_and_of_no_name():
    content = np.array(VALUES).tobytes()
    assert OWN["series"].digest == hashlib.sha256(b"series\0" + content).hexdigest()  # as ever
    digest = OWN["columns"].digest
    assert own_series(COLUMNS, "other", ["names", "here"]).digest == digest
    for k in range(3):
        changed = COLUMNS.copy()
        changed[7, k] += 1e-9
        assert own_series(changed, "a", ["b", "c"]).digest != digest
    assert own_series(COLUMNS.reshape(-1, 2), "a", ["b"]).digest != digest
    assert own_series(COLUMNS.ravel(), "a").digest != digest


def test_columns_come_back_as_they_were_given():
    data = OWN["columns"]
    np.testing.assert_array_equal(data.values, COLUMNS)
    np.testing.assert_array_equal(data.first_rows(50).values, COLUMNS[:50])
    assert data.first_rows(50).input_names == data.input_names == ("wind", STRANGE)
    np.testing.assert_array_equal(OWN["series"].values, VALUES)
    assert own_data_from_dict(json.loads(json.dumps(data.to_dict()))) == data
    assert OWN["series"].to_dict().keys() == {"series", "title"}  # files as they always were
    assert len(repr(data)) < 200
    with pytest.raises(TypeError, match="text"):
        _ = OWN["text"].values


def test_rows_of_another_table_are_scaled_as_training_scales_them():
    data, rows = OWN["columns"], COLUMNS[90:110] + 3
    known = COLUMNS[:96]
    expected = (rows - known.mean(0)) / known.std(0)
    np.testing.assert_allclose(data.standardised(rows), expected, rtol=1e-5)
    batch = data.task.batch(torch.Generator().manual_seed(0), 1, 23, held_out=True)
    np.testing.assert_array_equal(data.standardised(COLUMNS[96:119]), batch.inputs[:, 0])
    series = OWN["series"].standardised(np.array(VALUES)[:, None])
    assert series[:96].mean() == pytest.approx(0, abs=1e-6)
    with pytest.raises(ValueError, match=r"expected shape \(T, 3\), got \(20, 2\)"):
        data.standardised(rows[:, :2])
    assert np.isinf(data.standardised(rows * 1e300)).any()
    with pytest.raises(TypeError, match="text"):
        OWN["text"].standardised(rows[:, :1])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"input_names": list("bcdefg")}, "2,880 bytes are not whole rows of 7 float64 numbers"),
        ({"input_names": "ab"}, "input_names: expected a list of texts, got ab"),
        ({"input_names": ["wind", 3]}, "input_names: expected a list of texts"),
        ({"input_names": ["wind", "wind"]}, "“wind” is named more than once"),
        ({"series": "AAAA"}, "3 bytes are not whole rows of 3 float64 numbers"),
    ],
)
def test_columns_written_otherwise_are_refused(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        own_data_from_dict({**OWN["columns"].to_dict(), **change})


def leading(noise: float = 0.1) -> np.ndarray:
    """Return y and x: y follows the x of the step before, and nothing that y was."""
    rng = np.random.default_rng(5)
    x = rng.standard_normal(600)
    y = np.roll(x, 1) + noise * rng.standard_normal(600)
    return np.column_stack([y, x])


def test_a_column_that_leads_is_what_a_forecast_needs():
    both, alone = own_series(leading(), "y", ["x"]), own_series(leading()[:, 0], "y")
    scores, constant = {}, {}
    for name, data in (("both", both), ("alone", alone)):
        spec = TrainingSpec(task=data, hidden_size=8, length=10, learning_rate=0.02)
        state, _ = advance(start(spec), 150)
        batch = held_out(spec)
        scores[name] = spec.learned.score(state.model.outputs(batch.inputs), batch)
        constant[name] = spec.learned.baseline(batch)
    assert scores["both"] < 0.3 < constant["both"]
    assert scores["alone"] > 0.97 * constant["alone"]


def test_the_losses_are_those_of_a_plain_loop():
    spec = TrainingSpec(task=OWN["columns"], hidden_size=4, length=10, batch_size=5, seed=2)
    table = torch.tensor((COLUMNS - COLUMNS[:96].mean(0)) / COLUMNS[:96].std(0)).float()[:96]
    module, readout = start(spec).model.modules()
    parameters = [*module.parameters(), *readout.parameters()]
    optimiser = torch.optim.Adam(parameters, lr=0.01)
    stream, losses = torch.Generator().manual_seed(SAMPLES + 2), []
    for _ in range(6):
        starts = torch.randint(96 - 10, (5,), generator=stream).tolist()
        inputs = torch.stack([table[s : s + 10] for s in starts], 1)
        targets = torch.stack([table[s + 1 : s + 11, 0] for s in starts], 1)
        optimiser.zero_grad()
        loss = ((readout(module(inputs)[0])[..., 0] - targets) ** 2).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        losses.append(loss.item())
    _, snapshots = advance(start(spec), 6)
    np.testing.assert_allclose([s.loss for s in snapshots], losses, rtol=1e-4)


def test_what_cannot_be_learnt_is_refused_at_once():
    with pytest.raises(ValueError, match="3 is outside the allowed range 20 to"):
        own_series([1, 2, 3], "three")
    with pytest.raises(ValueError, match="value 5 is nan"):
        own_series(np.where(np.arange(30) == 4, np.nan, 1.0), "a hole")
    with pytest.raises(ValueError, match="3 is outside the allowed range 200 to"):
        own_text("abc")
