"""Training is a pure fold: the same bits, however it is sliced and wherever it runs."""

import pickle
import re
import subprocess
import sys

import numpy as np
import pytest
import torch

from gatesviz.fresh import fresh
from gatesviz.tasks import Task
from gatesviz.training import TrainingSpec, advance, replay, start, with_learning_rate
from tests.serving import ROOT
from tests.training.making import bits, small, told

SPECS = [
    small(),
    small(cell="gru", optimiser="rmsprop", data_size=7),
    small(cell="rnn_tanh", optimiser="sgd", clip=None, equal="parameters"),
    small(layers=2, bidirectional=True, dropout=0.3, chrono=True),
]


def name_of(spec: TrainingSpec) -> str:
    return f"{spec.cell}-{spec.optimiser}" + ("-dropout" if spec.dropout else "")


def sliced(spec: TrainingSpec, slices: list[int]) -> tuple[list[object], list[list[object]]]:
    state, snapshots = start(spec), []
    for updates in slices:
        state, more = advance(state, updates)
        snapshots += [told(snapshot) for snapshot in more]
    return bits(state), snapshots


@pytest.mark.parametrize("spec", SPECS, ids=name_of)
def test_slices_do_not_show(spec):
    whole = sliced(spec, [50])
    assert sliced(spec, [1] * 50) == whole
    assert sliced(spec, [7, 43]) == whole
    assert [s[0] for s in whole[1]] == list(range(1, 51))
    assert len({s[1] for s in whole[1]}) > 40, "the losses differ from update to update"


@pytest.mark.parametrize("spec", SPECS, ids=name_of)
def test_pickling_does_not_show(spec):
    state, _ = advance(start(spec), 5)
    copied = pickle.loads(pickle.dumps(state, protocol=5))
    assert bits(advance(copied, 5)[0]) == bits(advance(state, 5)[0])


def test_another_process_makes_the_same_bits(tmp_path):
    """Also one whose global seed, threads and grad mode are set otherwise."""
    state, _ = advance(start(SPECS[3]), 4)
    (tmp_path / "state").write_bytes(pickle.dumps(state))
    code = (
        "import pickle, sys, torch; from pathlib import Path;"
        "from gatesviz.training import advance;"
        "torch.manual_seed(9); torch.set_num_threads(2); torch.set_grad_enabled(False);"
        "state, snapshots = advance(pickle.loads(Path(sys.argv[1]).read_bytes()), 6);"
        "assert torch.get_num_threads() == 2 and not torch.is_grad_enabled();"
        "Path(sys.argv[1]).write_bytes(pickle.dumps((state, snapshots)))"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path / "state"], check=True, cwd=ROOT)
    there, snapshots = pickle.loads((tmp_path / "state").read_bytes())
    here, ours = advance(state, 6)
    assert bits(there) == bits(here)
    assert [told(s) for s in snapshots] == [told(s) for s in ours]


@pytest.mark.parametrize("spec", SPECS, ids=name_of)
def test_the_global_generator_and_the_old_state_stay(spec):
    state = start(spec)
    before, kept = torch.random.get_rng_state(), bits(state)
    advance(state, 3)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert bits(state) == kept


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_the_callers_grad_mode_does_not_show(mode):
    with mode():
        inside = sliced(small(data_size=6), [5])
    assert inside == sliced(small(data_size=6), [5])


@pytest.mark.parametrize(
    "options",
    [
        {"cell": "lstm"},
        {"cell": "lstm", "forget_bias": 1.0},
        {"cell": "gru", "layers": 2},
        {"cell": "rnn_relu", "bidirectional": True},
    ],
)
def test_a_run_starts_from_fresh_weights(options):
    ours, theirs = (
        start(small(**options)).module(),
        fresh(input_size=small().learned.input_size, hidden_size=4, seed=3, **options),
    )
    for (name, a), (_, b) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        assert torch.equal(a, b), name
    assert not ours.training


def test_the_samples_depend_on_the_seed_alone():
    """The first loss's batch is seen through the streams, which stand at the same place after."""
    streams = [advance(start(spec), 3)[0].streams[0].tobytes() for spec in (SPECS[0], SPECS[3])]
    assert streams[0] == streams[1]
    assert streams[0] != advance(start(small(seed=4)), 3)[0].streams[0].tobytes()


def test_chrono_biases_reach_from_one_step_to_the_sequence():
    for cell, gate, sign in (("lstm", 1, 1), ("lstm", 0, -1), ("gru", 1, 1)):
        module = start(small(cell=cell, chrono=True, hidden_size=64, length=50)).module()
        bias = (module.bias_ih_l0 + module.bias_hh_l0).detach()[64 * gate : 64 * (gate + 1)]
        keep = (sign * bias).exp()
        assert keep.min() >= 1
        assert keep.max() <= 49
        assert keep.mean() == pytest.approx(25, abs=5)
    module = start(small(chrono=True)).module()
    both = (module.bias_ih_l0 + module.bias_hh_l0).detach()
    assert torch.equal(both[4:8], -both[0:4])


def test_a_changed_rate_is_used_kept_and_replayed():
    state, _ = advance(start(small()), 4)
    state, (snapshot, _) = advance(with_learning_rate(state, 0.5), 2)
    assert snapshot.learning_rate == 0.5
    state, _ = advance(with_learning_rate(with_learning_rate(state, 0.3), 0.001), 5)
    assert state.rates == ((4, 0.5), (6, 0.001))
    assert bits(replay(state)) == bits(state)
    assert bits(state) != bits(advance(start(small()), 11)[0])
    assert with_learning_rate(state, 0.001) is state
    with pytest.raises(
        ValueError, match="learning rate: 0 is outside the allowed range 1e-06 to 10"
    ):
        with_learning_rate(state, 0)


def test_numbers_that_run_away_stop_the_run_with_the_last_good_weights():
    spec = small(cell="rnn_relu", optimiser="sgd", clip=None, learning_rate=10, task="wave")
    state, snapshots = advance(start(spec), 500)
    assert state.updates == len(snapshots) < 500
    assert f"update {state.updates + 1} came to" in state.stopped
    assert "the weights before it are kept" in state.stopped
    assert np.isfinite(state.weights).all()
    assert np.isfinite([snapshot.loss for snapshot in snapshots]).all()
    again, none = advance(state, 5)
    assert again is state
    assert none == ()
    assert bits(advance(start(spec), state.updates)[0])[5:7] == bits(state)[5:7]
    assert sliced(spec, [1] * (state.updates + 3))[0] == bits(state)


def test_a_loss_that_is_finite_with_a_gradient_that_is_not_stops_too():
    """The readout's weights times h near zero answer in numbers, and go back as none."""
    state = start(small(task="wave", optimiser="sgd", clip=None))
    state.weights[-5:-1] = 1e38
    state.weights[:-5] = 1e-38
    after, snapshots = advance(state, 1)
    assert "update 1 came to a gradient of norm" in after.stopped
    assert snapshots == ()
    assert after.weights.tobytes() == state.weights.tobytes()


@pytest.mark.parametrize("clip", [None, 1.0])
def test_a_norm_is_told_as_it_is_where_float32_cannot_square_it(clip, monkeypatch):
    def after(factor: float):
        monkeypatch.setattr(Task, "loss", lambda self, output, batch: factor * output.sum())
        return advance(start(small(task="wave", clip=clip)), 1)

    norm = after(1.0)[1][0].gradient_norm
    assert after(1e-30)[1][0].gradient_norm == pytest.approx(1e-30 * norm, rel=1e-5)
    state, snapshots = after(1e20)
    assert snapshots == ()
    met = re.search(r"a gradient of norm (\S+), whose square does not fit", state.stopped)
    assert float(met[1]) == pytest.approx(1e20 * norm, rel=1e-4)


@pytest.mark.parametrize(("updates", "told"), [(0, "updates at once: 0"), (10_001, "10,001")])
def test_too_many_updates_are_refused(updates, told):
    with pytest.raises(ValueError, match=told):
        advance(start(small()), updates)
