"""What a Keras file says of the layers around the module: activations, cell states, followers."""

from pathlib import Path

import numpy as np
import pytest
import torch

import gatesviz as gv
from gatesviz.model_files import choices_of
from gatesviz.recordings.activated import FUNCTIONS
from gatesviz.recordings.answers import answers_of
from tests.model_files.making_keras import activated, dense, layer, lstm, written

pytest.importorskip("h5py", reason="reading Keras files needs h5py")
CELL = "'out' reads the cell state c of 'lstm', not h, so it isn't a readout here."


def forecaster(path: Path, *after: object, answers: int = 1) -> tuple[Path, np.ndarray]:
    """A file with an LSTM and a Dense layer, and the sums (9, O) of that layer for `INPUTS`.

    Each answer's sums have the mean 0.
    """
    activation = after[0] if after and not isinstance(after[0], tuple) else "linear"
    more = [one for one in after if isinstance(one, tuple)]
    memory, last = lstm("lstm", 2, 4), dense("d", 4, answers, activation)
    file = written(path / "m.h5", memory, last, *more)
    opened = gv.open_model(file, readout=False)
    h = opened.module(INPUTS)[0].detach().double().numpy()
    kernel, bias = last[1].values()
    bias[:] = -(h @ kernel).mean(0)
    return written(file, memory, last, *more), h @ kernel + bias


INPUTS = torch.randn(9, 2, generator=torch.Generator().manual_seed(1)) * 2


def answers(opened: gv.OpenedModel) -> np.ndarray:
    return opened.answers(gv.record(opened.module, INPUTS)).numpy()


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_activation_of_the_readout_is_computed(tmp_path, name, count):
    file, sums = forecaster(tmp_path, name, answers=count)
    assert (sums < 0).any()
    assert (sums > 0).any()
    opened = gv.open_model(file)
    assert f"'d' is followed by {name!r}." in opened.notes
    np.testing.assert_allclose(answers(opened), activated(name, sums), rtol=1e-5, atol=1e-6)
    given = answers_of(gv.record(opened.module, INPUTS).traces, opened.readout, None)
    assert (given.kind, given.numbers) == ("number", count > 1)
    np.testing.assert_allclose(given.values, activated(name, sums), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("last", "name"),
    [
        (layer("Activation", "a", activation="tanh"), "tanh"),
        (layer("ReLU", "a", max_value=None, negative_slope=0.0, threshold=0.0), "relu"),
    ],
)
def test_an_activation_may_be_a_layer_of_its_own(tmp_path, last, name):
    file, sums = forecaster(tmp_path, "linear", last, layer("Reshape", "r", target_shape=[-1]))
    opened = gv.open_model(file)
    assert opened.activation == name
    assert f"'d' is followed by {name!r}." in opened.notes
    np.testing.assert_allclose(answers(opened), activated(name, sums), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "last", [layer("Activation", "a", activation="softmax"), layer("Softmax", "a", axis=-1)]
)
def test_a_softmax_is_known_and_stays_outside(tmp_path, last):
    file, sums = forecaster(tmp_path, "linear", last, answers=3)
    opened = gv.open_model(file)
    assert opened.activation == "softmax"
    np.testing.assert_allclose(answers(opened), sums, rtol=1e-5, atol=1e-6)


def test_the_softmax_of_one_number_is_1(tmp_path):
    file, _ = forecaster(tmp_path, "softmax")
    np.testing.assert_array_equal(answers(gv.open_model(file)), np.ones((9, 1)))


CUSTOM = {"module": None, "class_name": "function", "config": "relu", "registered_name": "relu"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("gelu", "'gelu'"),
        (CUSTOM, "'custom relu'"),
        ({"class_name": "LeakyReLU", "config": {"negative_slope": 0.1}}, "'custom LeakyReLU'"),
    ],
)
@pytest.mark.parametrize("name", [None, "d"])
def test_with_an_activation_that_is_not_computed_there_are_no_answers(tmp_path, given, told, name):
    file, _ = forecaster(tmp_path, given)
    opened = gv.open_model(file, readout=name)
    assert opened.readout is None
    sentence = f"'d' is the readout, but gatesviz doesn't compute its activation {told}. So no"
    assert sum(note.startswith(sentence) for note in opened.notes) == 1


@pytest.mark.parametrize(
    "last",
    [
        layer("LeakyReLU", "a", negative_slope=0.1),
        layer("ReLU", "a", max_value=6.0),
        layer("Softmax", "a", axis=1),
        layer("Rescaling", "a", scale=10.0, offset=0.0),
        dense("a", 3, 2),
    ],
)
def test_a_readout_whose_values_go_on_has_to_be_named(tmp_path, last):
    file, sums = forecaster(tmp_path, "linear", layer("Dropout", "drop"), last, answers=3)
    [choices] = choices_of(file)
    assert (choices.readout, choices.readouts) == (None, ())
    opened = gv.open_model(file)
    assert opened.readout is None
    told = "'a' changes the values of 'd'. gatesviz doesn't compute it"
    assert any(note.startswith(f"{told}, so no answers are shown. ") for note in opened.notes)
    opened = gv.open_model(file, readout="d")
    assert f"{told}: the answers are those without it." in opened.notes
    np.testing.assert_allclose(answers(opened), sums, rtol=1e-5, atol=1e-6)


def test_a_dense_layer_of_another_input_does_not_follow_the_readout(tmp_path):
    file = written(
        tmp_path / "m.h5", layer("InputLayer", "a", ""), layer("InputLayer", "s", ""),
        lstm("lstm", 3, 4, "a"), dense("out", 4, 2, "softmax", "lstm"),
        dense("side", 2, 5, "relu", "s"), dense("wide", 3, 4, "relu", "a"),
    )  # fmt: skip
    opened = gv.open_model(file)
    assert opened.readout_name == "out"
    assert "'out' is the readout: from 4 to 2." in opened.notes
    assert [note for note in opened.notes if "wide" in note or "side" in note] == [
        "'side' is followed by 'relu'.", "'wide' is followed by 'relu'.", "Ignored: 'side', 'wide'."
    ]  # fmt: skip


def test_two_readouts_may_follow_one_dropout(tmp_path):
    file = written(
        tmp_path / "m.h5", layer("InputLayer", "a", ""), lstm("lstm", 3, 4, "a"),
        layer("Dropout", "drop", "lstm"), dense("one", 4, 2, "softmax", "drop"),
        dense("two", 4, 1, "sigmoid", "drop"),
    )  # fmt: skip
    assert choices_of(file)[0].readouts == ("one", "two")
    told = "Several matrices fit as the readout: 'one', 'two'. Choose one with readout=."
    assert told in gv.open_model(file).notes


def history(name: str, number: int) -> list[dict[str, object]]:
    """A node as Keras 3 writes it."""
    tensor = {"class_name": "__keras_tensor__", "config": {"keras_history": [name, 0, number]}}
    return [{"args": [tensor], "kwargs": {}}]


@pytest.mark.parametrize("dropout", [False, True])
@pytest.mark.parametrize("new", [False, True])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_dense_layer_on_the_cell_state_is_no_readout(tmp_path, number, new, dropout):
    reads = history("lstm", number) if new else [[["lstm", 0, number, {}]]]
    between = [layer("Dropout", "drop", reads)] if dropout else []
    file = written(
        tmp_path / "m.h5", layer("InputLayer", "a", ""),
        lstm("lstm", 3, 4, "a", return_state=True), *between,
        dense("out", 4, 2, "softmax", "drop" if dropout else reads),
    )  # fmt: skip
    opened = gv.open_model(file)
    assert (CELL in opened.notes) == (number == 2)
    assert opened.readout_name == ("" if number == 2 else "out")
    assert choices_of(file)[0].readouts == (() if number == 2 else ("out",))


@pytest.mark.parametrize("number", [0, 1])
def test_the_outputs_of_an_inner_model_are_told_apart(tmp_path, number):
    memory, weights = lstm("lstm", 3, 4, "a", return_state=True)
    inner, _ = layer("Functional", "encoder", "x")
    inner["config"] |= {
        "layers": [layer("InputLayer", "a", "")[0], memory],
        "input_layers": [["a", 0, 0]],
        "output_layers": [["lstm", 0, 1], ["lstm", 0, 2]],  # h and c
    }
    file = written(
        tmp_path / "m.h5", layer("InputLayer", "x", ""), (inner, weights),
        dense("out", 4, 2, "softmax", [[["encoder", 0, number, {}]]]),
    )  # fmt: skip
    opened = gv.open_model(file)
    assert opened.part == "encoder.lstm"
    assert (CELL.replace("'lstm'", "'encoder.lstm'") in opened.notes) == (number == 1)
    assert opened.readout_name == ("" if number else "out")


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_a_masking_layer_says_which_steps_keras_skips(tmp_path, value):
    file = written(
        tmp_path / "m.h5", layer("Masking", "mask", mask_value=value), lstm("lstm", 2, 4),
        dense("d", 4, 2),
    )  # fmt: skip
    opened = gv.open_model(file)
    told = (
        f"In Keras, 'mask' makes the model skip padded steps, those whose values all equal {value}:"
    )
    assert sum(note.startswith(told) for note in opened.notes) == 1
    assert opened.left_out == ((), ())
