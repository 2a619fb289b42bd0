"""What a page scrubs through: kept small, and the same however a run was sliced."""

import numpy as np
import pytest
import torch

from gatesviz.recordings import record
from gatesviz.training import History, Snapshot, advance, probe, start
from gatesviz.training.samples import held_out, part, training_set
from gatesviz.training.snapshots import checkpoints, is_checkpoint, is_scored
from tests.training.making import small

SIZES = [
    small(),
    small(hidden_size=64, layers=2),
    small(hidden_size=64, layers=3, bidirectional=True),
]
BOUNDS = [(SIZES[0], 64, 24), (SIZES[1], 38, 10), (SIZES[2], 21, 2)]  # at most, evenly at least


def made(update: int, P: int = small().weight_count) -> Snapshot:
    """Return a snapshot that nobody trained: its weights are its number."""
    weights = np.full(P, update, np.float32) if is_checkpoint(update, P) else None
    score = 0.5 if is_scored(update) else None
    return Snapshot(update, 1 / update, 2.0, 0.01, score, None, weights)


@pytest.mark.parametrize(("spec", "most", "even"), BOUNDS)
def test_checkpoints_are_few_and_everywhere(spec, most, even):
    P = spec.weight_count
    assert checkpoints(0, P) == (0,)
    assert checkpoints(4, P) == (0, 1, 2, 3, 4)
    for updates in (*range(1, 300), 1_000, 4_097, 65_536, 99_999, 100_000):
        kept = checkpoints(updates, P)
        assert len(kept) <= most
        assert {1 << k for k in range(17) if 1 << k <= updates} <= set(kept)
        gaps = np.diff([*kept, updates])
        assert gaps.max() <= max(1, updates / even)


def test_known_checkpoints():
    assert checkpoints(100, 10) == tuple(sorted({*range(0, 101, 4), 1, 2}))
    assert checkpoints(100, 1_000_000) == (0, 1, 2, 4, 8, 16, 32, 64, 96)


@pytest.mark.parametrize("spec", SIZES)
def test_what_is_kept_was_kept_before(spec):
    P, kept = spec.weight_count, set()
    for updates in range(1, 3_000):
        kept |= {updates} if is_checkpoint(updates, P) else set()
        kept &= set(checkpoints(updates, P))
        assert kept | {0} == set(checkpoints(updates, P))


@pytest.mark.parametrize("spec", SIZES)
def test_the_bound_in_bytes_holds(spec):
    P, history = spec.weight_count, History(spec)
    for first in range(1, 3_001, 500):
        history = history.add(made(u, P) for u in range(first, first + 500))
        U = history.updates
        weights = min(4 * 64 * P, max(8_000_000, 4 * 21 * P))
        assert history.nbytes <= weights + 8 * U + 20 * (U / 25 + 17)
    assert history.checkpoints == checkpoints(3_000, P)
    assert set(history.weights) == {u for u in history.checkpoints if u}
    assert all((weights == update).all() for update, weights in history.weights.items())


def test_slices_do_not_show():
    whole = History(small()).add(made(u) for u in range(1, 201))
    parts = History(small())
    for u in range(1, 201):
        parts = parts.add([made(u)])
    for name in ("losses", "gradient_norms", "scored", "scores", "train_scores"):
        np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name))
    assert list(parts.weights) == list(whole.weights)
    assert parts.rates == whole.rates == ((1, 0.01),)
    powers = {1 << k for k in range(8)}
    assert whole.scored.tolist() == sorted(powers | set(range(25, 201, 25)))


def test_a_hole_is_refused():
    history = History(small()).add([made(1)])
    with pytest.raises(ValueError, match="update 3 given, update 2 comes next"):
        history.add([made(3)])
    with pytest.raises(ValueError, match="update 1 given, update 2 comes next"):
        history.add([made(1)])


def test_a_checkpoint_is_the_run_as_it_was_then():
    spec = small(layers=2, dropout=0.5)
    _, snapshots = advance(start(spec), 60)
    history = History(spec).add(snapshots)
    for update in (0, 1, 32, 60):
        then = start(spec) if update == 0 else advance(start(spec), update)[0]
        model = history.model_at(update)
        assert model.updates == update
        np.testing.assert_array_equal(model.weights, then.weights)
        for a, b in zip(model.module().parameters(), then.module().parameters(), strict=True):
            assert torch.equal(a, b)
    with pytest.raises(ValueError, match="no weights are kept after update 59, only after 0, 1, 2"):
        history.model_at(59)
    assert np.array_equal(history.losses, np.float32([s.loss for s in snapshots]))


def test_scores_are_the_models_own():
    """Without dropout, on samples that no update saw; the training set's beside them."""
    spec = small(layers=2, dropout=0.5, data_size=300)
    state, snapshots = advance(start(spec), 16)
    module, readout = state.module(), state.readout()
    task, batches = spec.learned, (held_out(spec), part(training_set(spec), slice(256)))
    with torch.no_grad():
        ours = [task.score(readout(module(b.inputs)[0]), b) for b in batches]
    assert [snapshots[-1].score, snapshots[-1].train_score] == pytest.approx(ours, abs=1e-6)
    assert snapshots[-2].score is None
    assert advance(start(small()), 1)[1][0].train_score is None


def test_a_small_training_set_is_learnt_by_heart():
    spec = small(data_size=4, hidden_size=24, learning_rate=0.02, length=12)
    _, snapshots = advance(start(spec), 150)
    last = snapshots[-1]
    assert last.train_score > 0.95
    assert last.score < last.train_score - 0.2


def test_the_probe_is_the_same_for_every_run_and_new_to_all():
    one, other = probe(small()), probe(small(seed=8, cell="gru"))
    assert one.inputs.shape == (8, 4, 9)
    assert torch.equal(one.inputs, other.inputs)
    assert not torch.equal(one.inputs, held_out(small()).inputs[:, :4])
    assert not torch.equal(one.inputs, training_set(small(data_size=4)).inputs)


def test_every_gate_can_be_scrubbed_over_training_and_time():
    spec = small(bidirectional=True)
    _, snapshots = advance(start(spec), 30)
    history = History(spec).add(snapshots)
    shown = [
        record(history.model_at(update).module(), probe(spec).inputs).trace().gates["f"]
        for update in history.checkpoints
    ]
    assert np.stack(shown).shape == (31, 8, 4, 4)
    assert np.abs(shown[-1] - shown[0]).max() > 0.01
