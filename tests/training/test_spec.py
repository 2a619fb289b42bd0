"""A spec is checked when it is made, and counts what torch.nn would have."""

import dataclasses
import os
import subprocess
import sys

import pytest

from gatesviz.training import TrainingSpec
from gatesviz.training.parts import empty
from gatesviz.training.spec import spec_text
from tests.serving import ROOT
from tests.training.making import small


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"task": "recal"}, "task is 'recal', expected one of recall, "),
        ({"cell": "lstmx"}, "cell is 'lstmx', expected one of rnn_tanh, rnn_relu, lstm, gru"),
        ({"optimiser": "lion"}, "optimiser is 'lion', expected one of adam, sgd, rmsprop"),
        ({"equal": "bytes"}, "equal is 'bytes', expected one of units, parameters"),
        ({"hidden_size": 0}, "hidden units: 0 is outside the allowed range 1 to 64"),
        ({"layers": 4}, "layers: 4 is outside"),
        (
            {"length": 401},
            "steps in a training sequence: 401 is outside the allowed range 2 to 400",
        ),
        ({"task": "temporal_order", "length": 5}, "5 is outside the allowed range 10 to 1,000"),
        ({"batch_size": 257}, "batch size: 257 is outside the allowed range 1 to 256"),
        ({"seed": -1}, "seed: -1 is outside"),
        ({"data_size": 0}, "sequences in the training set: 0 is outside"),
        ({"learning_rate": 0}, "learning rate: 0 is outside the allowed range 1e-06 to 10"),
        ({"learning_rate": 1e6}, r"learning rate: 1e\+06 is outside"),
        ({"learning_rate": float("nan")}, "learning rate: nan is outside"),
        ({"clip": 0.0}, "maximum gradient norm: 0 is outside the allowed range 0.001 to 1000"),
        ({"layers": 2, "dropout": 1.0}, "dropout: 1 is outside the allowed range 0 to 0.9"),
        ({"dropout": 0.5}, "dropout is 0.5, but 1 layer has none to drop between"),
        ({"forget_bias": float("inf")}, "forget bias: inf is outside"),
        ({"cell": "gru", "forget_bias": 1.0}, "the GRU has no forget gate"),
        ({"cell": "rnn_tanh", "chrono": True}, r"the RNN \(tanh\) has no gates"),
        ({"gain": 0.0}, "gain of the recurrent weights: 0 is outside the allowed range 0.1 to 10"),
        ({"chrono": True, "forget_bias": 1.0}, "chrono and forget_bias both set"),
        ({"chrono": True, "gate_bias": -1}, "chrono and gate_bias both set"),
        ({"forget_gate": False, "chrono": True}, "forget_gate is False, so neither chrono nor"),
        ({"forget_gate": False, "forget_bias": 1.0}, "forget_gate is False, so neither"),
        ({"cell": "gru", "forget_gate": False}, "the GRU has no forget gate that could be taken"),
        ({"cell": "gru", "gate_bias": -1.0}, "the GRU has no input and output gate"),
        (
            {"gate_bias": 11},
            "bias of the input and output gates: 11 is outside the allowed range -10 to 10",
        ),
        (
            {"carry": True},
            "the samples of “Recall the last capital letter” cannot follow each other, as carry"
            " wants",
        ),
        ({"task": "reber", "length": 9, "carry": True, "bidirectional": True}, "the other direct"),
        ({"convolution": 1}, "steps in a convolution: 1 is outside the allowed range 2 to 9"),
    ],
)
def test_what_is_not_allowed_is_named(changes, told):
    with pytest.raises(ValueError, match=told):
        small(**changes)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"hidden_size": 16.0}, "hidden_size is 16.0, expected a whole number"),
        ({"hidden_size": True}, "hidden_size is True, expected a whole number"),
        ({"layers": None}, "layers is None, expected a whole number"),
        ({"learning_rate": "0.1"}, "learning_rate is '0.1', expected a number"),
        ({"learning_rate": None}, "learning_rate is None"),
        ({"bidirectional": 1}, "bidirectional is 1, expected True or False"),
        ({"carry": 1}, "carry is 1, expected True or False"),
        ({"forget_gate": None}, "forget_gate is None, expected True or False"),
        ({"gate_bias": "-1"}, "gate_bias is '-1', expected a number"),
        ({"attention": None}, "attention is None, expected True or False"),
        ({"convolution": 3.0}, "convolution is 3.0, expected a whole number"),
    ],
)
def test_a_wrong_kind_is_named(changes, told):
    with pytest.raises(TypeError, match=told):
        small(**changes)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn_tanh", "rnn_relu"])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_counts_are_torchs(cell, layers, bidirectional):
    spec = small(cell=cell, hidden_size=7, layers=layers, bidirectional=bidirectional)
    module, readout = empty(spec)
    numbers = [sum(p.numel() for p in part.parameters()) for part in (module, readout)]
    assert spec.parameter_count == numbers[0]
    assert spec.weight_count == sum(numbers)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn_tanh"])
@pytest.mark.parametrize("hidden", [1, 16, 64])
def test_equal_parameters_means_as_near_as_units_allow(cell, hidden):
    wanted = small(hidden_size=hidden).parameter_count
    spec = small(cell=cell, hidden_size=hidden, equal="parameters")
    apart = abs(spec.parameter_count - wanted)
    for H in (spec.actual_hidden_size - 1, spec.actual_hidden_size + 1):
        if 1 <= H <= 64:
            other = dataclasses.replace(spec, hidden_size=H, equal="units")
            assert abs(other.parameter_count - wanted) >= apart
    assert (spec.actual_hidden_size == hidden) == (cell == "lstm" or hidden == 1 == H - 1)


def test_known_sizes():
    """64 units that read 64 features: 1 : 3 : 4, with PyTorch's two biases."""
    from gatesviz.training.spec import matched_hidden, parameter_count

    counts = [parameter_count(cell, 64, 64, 1, 1) for cell in ("rnn_tanh", "gru", "lstm")]
    assert counts == [8320, 24960, 33280]
    assert matched_hidden("rnn_tanh", 9, 32, 1, 1) == 69  # 69·80 = 5,520 beside 5,504


def test_a_spec_is_plain_and_needs_no_torch():
    code = (
        "import sys, gatesviz as gv; spec = gv.TrainingSpec(task='recall');"
        "from gatesviz.training import History, Snapshot, State, open_run, to_script;"
        "to_script(spec), hash(spec), spec.weight_count; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_training_does_not_load_the_compiler():
    """The optimisers of torch.optim would: it takes a second and 95 MB."""
    code = (
        "import sys, gatesviz as gv;"
        "gv.advance(gv.start(gv.TrainingSpec(task='recall', length=8)), 2);"
        "assert 'torch._dynamo' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_without_a_length_it_is_the_tasks_own():
    assert TrainingSpec(task="adding").length == 50
    assert TrainingSpec(task="adding") == TrainingSpec(task="adding", length=50)


def test_equal_specs_are_one_key():
    assert TrainingSpec(task="recall") == TrainingSpec(task="recall")
    assert len({TrainingSpec(task="recall"), TrainingSpec(task="recall")}) == 1


def test_the_text_of_a_spec_is_the_same_in_every_process_and_for_equal_specs():
    """Servers share a board, and each one hashes texts with a seed of its own."""
    code = (
        "from gatesviz.training import TrainingSpec; from gatesviz.training.spec import spec_text;"
        " print(spec_text(TrainingSpec(task='latch', clip=1))); print(hash('latch'))"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True,
        ).stdout.split("\n")
        for seed in "12"
    ]  # fmt: skip
    here = spec_text(TrainingSpec(task="latch", clip=1.0))
    assert [lines[0] for lines in told] == [here, here]
    assert told[0][1] != told[1][1]
    assert spec_text(TrainingSpec(task="latch", seed=1)) != here


def test_an_update_is_small_enough_to_take_turns():
    """The weights of a 1-layer LSTM that reads and tells one of V letters, counted by hand."""
    spec = TrainingSpec(task="characters", hidden_size=64, length=100, batch_size=32)
    letters = spec.learned.input_size
    weights = 4 * 64 * (letters + 64 + 2) + spec.learned.output_size * 65
    assert spec.products == 100 * 256 * weights  # a score of 256 texts outweighs 3 × 32
    assert dataclasses.replace(spec, batch_size=100).products == 100 * 300 * weights
    with pytest.raises(ValueError, match=r"one update is [\d,]+ multiplications .* at most 9,000"):
        dataclasses.replace(spec, layers=3, bidirectional=True, batch_size=256, length=400)
