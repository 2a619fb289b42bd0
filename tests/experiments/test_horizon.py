"""The memory-horizon map against T3 and T3b of the known results; clipping; flow over training."""

import math

import numpy as np
import pytest

from gatesviz.experiments import (
    Store,
    begin,
    clipping_experiment,
    horizon_experiment,
    horizon_map,
    predicted,
    reach,
    unfold,
)
from gatesviz.experiments.horizon import ROWS, latch
from gatesviz.training import History, TrainingSpec, advance, start
from gatesviz.training.samples import drawn, generator
from gatesviz.training.spec import SAMPLES
from tests.experiments.inline import inline_engine


def test_the_setting_is_that_of_the_known_results():
    specs = horizon_experiment().specs
    assert len(specs) == 28
    assert horizon_experiment().updates == 1_000
    for spec in specs:
        told = (spec.task, spec.hidden_size, spec.batch_size, spec.optimiser, spec.clip)
        assert told == ("latch", 16, 32, "adam", 1.0)
        assert spec.learning_rate == 0.005
    assert [spec.length for spec in specs] == sorted(spec.length for spec in specs)
    assert len(horizon_experiment(seeds=3).specs) == 84
    with pytest.raises(ValueError, match=r"row: expected one of RNN; GRU; .*, got 'LSTM'"):
        latch("LSTM", 10, 0)


def test_the_fresh_reach_ranks_the_rows_as_known():
    """T3b, T = 50: RNN 5e-12, b = 0 2e-10, GRU 4e-11, b = 1 3e-4, chrono 5e-2, b = 5 2.2."""
    found = {row: reach(latch(row, 50, 0)) for row in ROWS}
    order = ["LSTM, b = 1", "LSTM, b = 2", "LSTM, chrono", "LSTM, b = 5"]
    assert found["RNN"] < min(found["GRU"], found["LSTM, b = 0"])
    assert max(found["GRU"], found["LSTM, b = 0"]) < 1e-8 < 1e-5 < found["LSTM, b = 1"]
    assert [found[row] for row in order] == sorted(found[row] for row in order)
    assert found["RNN"] < 1e-11
    assert found["LSTM, b = 5"] > 0.2


def test_the_reach_compares_the_first_input_with_the_last():
    """By autograd through torch.nn, on the run's own first batch."""
    spec = latch("LSTM, b = 1", 10, 0)
    module, readout = (part.double() for part in start(spec).model.modules())
    batch = drawn(spec, generator(SAMPLES))
    inputs = batch.inputs.double().requires_grad_()
    spec.learned.loss(readout(module(inputs)[0]), batch).backward()
    first, last = (float(inputs.grad[t].norm()) for t in (0, -1))
    assert reach(spec, seeds=1) == pytest.approx(first / last, rel=1e-9)


def test_at_a_length_where_float32_gives_zero_the_reach_does_not():
    assert 0 < reach(latch("RNN", 200, 0), seeds=1) < 1e-38


def test_the_prediction_is_the_forget_gate_alone():
    """X4: sigmoid(b)^T."""
    assert predicted(latch("LSTM, b = 0", 51, 0)) == pytest.approx(8.88e-16, rel=1e-2)
    assert predicted(latch("LSTM, b = 1", 51, 0)) == pytest.approx(1.58e-7, rel=1e-2)
    assert predicted(latch("LSTM, b = 5", 51, 0)) == pytest.approx(0.7148, rel=1e-3)
    assert math.isnan(predicted(latch("GRU", 51, 0)))
    assert 0.05 < predicted(latch("LSTM, chrono", 51, 0)) < 0.5  # u from 1 to T − 1


def test_short_sequences_are_learnt_and_a_long_one_is_not(tmp_path):
    """T3: at T = 10 all rows; at T = 50 b = 5 and chrono, but neither b = 0 nor the RNN's peers."""
    engine, rows = inline_engine(), ("LSTM, b = 0", "LSTM, b = 5")
    try:
        asking = begin(horizon_experiment(rows, (10, 50)), Store(tmp_path), lambda: engine)
        empty = horizon_map({}, rows, (10, 50))
        assert not empty.tried.any()
        asking.wait(120, every=0.02)
    finally:
        engine.stop()
    known = horizon_map(asking.by_spec(), rows, (10, 50))
    assert known.tried.tolist() == [[1, 1], [1, 1]]
    assert known.solved.tolist() == [[1, 0], [1, 1]]
    assert np.isnan(known.updates[0, 1])
    assert known.updates[0, 0] < 300
    assert (known.reach == empty.reach).all()
    assert known.reach[0, 1] < 1e-8 < known.predicted[1, 1]


def test_clipping_keeps_a_training_that_explodes_without_it():
    plain, cut = clipping_experiment().specs
    assert (plain.clip, cut.clip, plain.gain, plain.seed) == (None, 1.0, 3.0, cut.seed)
    assert not clipping_experiment().until_solved
    made = {}
    for spec in (plain, cut):
        _, snapshots = advance(start(spec), 60)
        made[spec] = History(spec).add(snapshots)
    assert made[plain].gradient_norms.max() > 1e6
    assert made[cut].gradient_norms.max() < 1e3
    assert made[plain].losses[-1] > 1e6 > 1 > made[cut].losses[-1]
    assert made[plain].gradient_norms[0] == made[cut].gradient_norms[0]  # measured before clipping


def test_flow_over_training_is_autograd_at_every_kept_update():
    import torch

    from gatesviz.training import probe

    spec = TrainingSpec(task="latch", cell="lstm", hidden_size=4, length=6)
    history = History(spec).add(advance(start(spec), 5)[1])
    found = unfold(history)
    assert found.updates == history.checkpoints
    assert {state: norms.shape for state, norms in found.norms.items()} == {
        "h": (len(found.updates), 7),
        "c": (len(found.updates), 7),
    }
    batch = probe(spec)
    for k, update in enumerate(found.updates):
        module, readout = (part.double() for part in history.model_at(update).modules())
        cell = torch.nn.LSTMCell(spec.learned.input_size, 4).double()
        cell.load_state_dict({n.removesuffix("_l0"): p for n, p in module.state_dict().items()})
        h, c = (torch.zeros(4, 4, dtype=torch.float64, requires_grad=True) for _ in range(2))
        states = [(h, c)]
        for x in batch.inputs.double():
            states.append(cell(x, states[-1]))
        outputs = torch.stack([h for h, _ in states[1:]])
        loss = spec.learned.loss(readout(outputs), batch)
        for s, name in enumerate(("h", "c")):
            # c_T counts the way through h_T, which autograd adds for the state itself
            slopes = torch.autograd.grad(loss, [pair[s] for pair in states], retain_graph=True)
            expected = [float(slope.norm()) for slope in slopes]
            np.testing.assert_allclose(found.norms[name][k], expected, rtol=1e-9)
