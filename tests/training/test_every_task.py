"""Every task can be trained, scored, probed and written down."""

import math

import pytest
import torch

from gatesviz.tasks import TASKS
from gatesviz.training import TrainingSpec, advance, probe, start, to_script


@pytest.mark.parametrize("key", TASKS)
def test_a_task_is_trained(key):
    if TASKS[key].missing:
        pytest.skip(TASKS[key].missing)
    spec = TrainingSpec(task=key, hidden_size=12, data_size=2, learning_rate=0.03)
    state, snapshots = advance(start(spec), 32)
    assert state.stopped is None
    early, late = ([s.loss for s in part] for part in (snapshots[:8], snapshots[-8:]))
    assert sum(late) < 0.9 * sum(early), "two samples are learnt by heart"
    assert math.isfinite(snapshots[-1].score)
    with torch.no_grad():
        hidden, _ = state.module()(probe(spec).inputs)
        assert state.readout()(hidden).shape == (spec.length, 4, TASKS[key].output_size)
    compile(to_script(spec), key, "exec")
