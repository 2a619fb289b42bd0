"""The state handed from batch to batch: one endless stream, whose gradient is cut at the seams."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from gatesviz.tasks import TASKS
from gatesviz.training import History, advance, open_run, probe, replay, save_run, start
from gatesviz.training.samples import drawn, generator, held_out
from gatesviz.training.spec import SAMPLES
from tests.training.making import bits, small

SPECS = [
    small(task="reber", length=14, carry=True),
    small(task="reber", length=14, carry=True, cell="gru", layers=3, dropout=0.4, data_size=6),
    small(task="reber", length=9, carry=True, cell="rnn_tanh", layers=2, attention=True),
]


def name_of(spec):
    return spec.cell


def unlearning(spec):
    """Return a start whose updates change next to nothing, so that batches can be put together.

    With dropout the layers run one by one; so little of it drops nothing.
    """
    still = {"optimiser": "sgd", "learning_rate": 1e-6, "clip": 1e-3, "attention": False}
    return start(replace(spec, **still, dropout=1e-9 if spec.dropout else 0.0))


@pytest.mark.parametrize("spec", SPECS, ids=name_of)
def test_what_is_learnt_from_is_whole_strings(spec):
    batch = drawn(spec, generator(0))
    assert (batch.inputs[-1].argmax(-1) == "BTPSXVE".index("E")).all()
    assert (batch.targets[-1].argmax(-1) == "BTPSXVE".index("B")).all()


@pytest.mark.parametrize("spec", SPECS, ids=name_of)
def test_batches_are_read_as_one_long_text(spec):
    state = unlearning(spec)
    stream = generator(SAMPLES + state.spec.seed)
    batches = [drawn(state.spec, stream) for _ in range(4)]
    after, snapshots = advance(state, 4)
    with torch.no_grad():
        h, last = state.module()(torch.cat([batch.inputs for batch in batches]))
    last = torch.stack(last) if isinstance(last, tuple) else last[None]
    assert after.carried.shape == (len(last), spec.layers, 5, 4)
    np.testing.assert_allclose(after.carried, last.numpy(), atol=1e-5)
    task, readout = state.spec.learned, state.readout()
    for k, (batch, snapshot) in enumerate(zip(batches, snapshots, strict=True)):
        steps = slice(k * spec.length, (k + 1) * spec.length)
        told = task.loss(readout(h[steps]), batch).item()
        assert snapshot.loss == pytest.approx(told, abs=1e-5)


def test_the_gradient_ends_at_the_seam():
    """The second update's is that of its own batch alone, from a given state."""
    state, _ = advance(unlearning(SPECS[0]), 1)
    stream = generator(SAMPLES + state.spec.seed)
    _, batch = (drawn(state.spec, stream) for _ in range(2))
    module, readout = state.model.modules()
    before = tuple(torch.tensor(state.carried))
    loss = state.spec.learned.loss(readout(module(batch.inputs, before)[0]), batch)
    loss.backward()
    gradients = [p.grad for p in (*module.parameters(), *readout.parameters())]
    norm = torch.cat([gradient.flatten() for gradient in gradients]).norm().item()
    _, (snapshot,) = advance(state, 1)
    assert snapshot.gradient_norm == pytest.approx(norm, rel=1e-5)


def test_it_begins_at_zero_and_without_it_nothing_is_kept():
    assert (start(SPECS[0]).carried == 0).all()
    plain = start(small())
    assert plain.carried.shape == advance(plain, 2)[0].carried.shape == (0,)


@pytest.mark.parametrize("spec", SPECS, ids=name_of)
def test_neither_slices_nor_pickling_nor_replaying_show(spec):
    whole, snapshots = advance(start(spec), 12)
    state, told = start(spec), []
    for updates in (1, 4, 7):
        state, more = advance(pickle.loads(pickle.dumps(state)), updates)
        told += [snapshot.loss for snapshot in more]
    assert bits(state) == bits(whole) == bits(replay(whole))
    assert told == [snapshot.loss for snapshot in snapshots]
    assert np.abs(whole.carried).max() > 0.01


@pytest.mark.parametrize("spec", SPECS, ids=name_of)
def test_a_saved_run_comes_back_and_goes_on(spec, tmp_path):
    state, snapshots = advance(start(spec), 9)
    save_run(tmp_path / "run", state, History(spec).add(snapshots))
    again, _ = open_run(tmp_path / "run")
    assert bits(again) == bits(state)
    assert bits(advance(again, 3)[0]) == bits(advance(state, 3)[0])


@pytest.mark.parametrize(
    ("carried", "told"),
    [
        (np.zeros((2, 1, 5, 3), np.float32), r"state.carried is float32 of shape \(2, 1, 5, 3\)"),
        (np.full((2, 1, 5, 4), np.inf, np.float32), "state.carried holds a number that is not"),
        (None, "it lacks 'state.carried'"),
    ],
)
def test_a_damaged_file_gets_a_sentence(tmp_path, carried, told):
    save_run(tmp_path / "run", start(SPECS[0]), History(SPECS[0]))
    with safe_open(str(tmp_path / "run"), framework="numpy") as file:
        metadata = file.metadata()
    arrays = load_file(tmp_path / "run") | {"state.carried": carried}
    arrays = {name: array for name, array in arrays.items() if array is not None}
    save_file(arrays, tmp_path / "run", metadata)
    with pytest.raises(ValueError, match=told):
        open_run(tmp_path / "run")


def test_a_run_that_stops_keeps_the_state_before():
    state, _ = advance(start(SPECS[0]), 2)
    state.weights[0] = np.nan
    after, _ = advance(state, 1)
    assert after.stopped
    assert after.carried.tobytes() == state.carried.tobytes()


def test_scores_begin_at_zero_on_the_samples_of_every_other_run():
    """After so many updates about half of the strings are right: other samples score otherwise."""
    spec = small(task="reber", length=14, carry=True, hidden_size=8, learning_rate=0.05)
    state, snapshots = advance(start(replace(spec, batch_size=16)), 100)
    batch = held_out(spec)
    assert torch.equal(batch.inputs, held_out(small(task="reber", length=14)).inputs)

    def score(samples):
        return TASKS["reber"].score(state.model.outputs(samples.inputs), samples)

    assert 0 < snapshots[-1].score == score(batch) < 1
    assert score(batch) not in (score(drawn(spec, generator(0))), score(probe(spec)))
