"""The exported script makes the same run without gatesviz.training."""

import subprocess
import sys

import pytest

from gatesviz.training import advance, start, to_script, with_learning_rate
from tests.serving import ROOT
from tests.training.making import small

SPECS = [
    small(forget_bias=1.0),
    small(cell="gru", optimiser="rmsprop", data_size=7, chrono=True, task="wave"),
    small(cell="rnn_relu", optimiser="sgd", clip=None, bidirectional=True, equal="parameters"),
    small(layers=3, bidirectional=True, dropout=0.3, chrono=True, gain=1.5),
    small(hidden_size=7, task="wave"),  # no size is a multiple of what a processor takes at once
    small(convolution=3, chrono=True, equal="parameters", cell="gru"),
    small(attention=True, optimiser="rmsprop", clip=0.1),
    small(
        convolution=2,
        attention=True,
        layers=3,
        bidirectional=True,
        dropout=0.3,
        chrono=True,
        gain=1.5,
        data_size=7,
        task="wave",
    ),
]


STREAM = {"task": "reber", "length": 12}
SPECS += [
    small(**STREAM, carry=True, forget_bias=1.0, gate_bias=-1, attention=True),
    small(**STREAM, carry=True, cell="gru", data_size=7, optimiser="sgd", convolution=2),
    small(
        **STREAM,
        carry=True,
        layers=3,
        dropout=0.3,
        forget_gate=False,
        gate_bias=-1.0,
        gain=1.5,
        attention=True,
        convolution=2,
        data_size=7,
    ),
]


def run(script: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.cell)
def test_the_script_makes_the_same_losses_to_the_bit(spec):
    state, snapshots = advance(start(spec), 20)
    state, more = advance(with_learning_rate(state, 0.002), 5)
    script = to_script(spec, updates=25, rates=state.rates)
    assert "gatesviz.training" not in script
    assert len(script.splitlines()) < 120
    *losses, score = run(script)
    assert losses == [f"{s.update} {s.loss!r}" for s in (*snapshots, *more)]
    assert score == f"{spec.learned.metric} {more[-1].score!r}"
