"""Files that Keras wrote, against what Keras computed from them: see make_keras_files.py."""

import json
import shutil
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

import gatesviz as gv
from gatesviz.model_files import choices_of
from gatesviz.model_files.answers import READS_FINAL, READS_FIRST, READS_LAST
from gatesviz.model_files.keras_layers import _ANY_GROUP
from gatesviz.recordings import record

h5py = pytest.importorskip("h5py", reason="reading Keras files needs h5py")
FOLDER = Path(__file__).parent / "keras_files"
EXPECTED = json.loads((FOLDER / "expected.json").read_text())
WEIGHTS = "weights.h5"
CELLS = {
    "text_lstm": "lstm", "stack": "lstm", "both_gru": "gru", "gru_before": "gru_reset_before",
    "gru_no_bias": "gru_reset_before", "lstm_no_bias": "lstm", "rnn_relu": "rnn_relu",
    "rnn_tanh": "rnn_tanh",
}  # fmt: skip


def opened_inputs(opened: gv.OpenedModel, name: str) -> torch.Tensor:
    given = EXPECTED[name]["inputs"]
    return opened.features(given) if opened.embedding is not None else torch.tensor(given)


@pytest.mark.parametrize("name", CELLS)
def test_it_computes_what_keras_computed(name):
    opened = gv.open_model(FOLDER / f"{name}.keras")
    trace = record(opened.module, opened_inputs(opened, name))
    assert trace.traces[0, "forward"].cell == CELLS[name]
    *_, states = EXPECTED[name]["states"].values()
    np.testing.assert_allclose(trace.output, states, rtol=0, atol=1e-6)
    assert np.ptp(states) > 0.3
    if opened.readout is None:
        return
    answers = opened.readout(torch.from_numpy(trace.output)).detach()
    if name == "stack":
        return  # a second Dense follows
    np.testing.assert_allclose(answers, EXPECTED[name]["answers"], rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        *((name, e) for name in ("text_lstm", "both_gru", "gru_before") for e in ("h5", WEIGHTS)),
        ("rnn_relu", WEIGHTS),
    ],
)
def test_other_formats_hold_the_same(name, ending):
    path = FOLDER / f"{name}.{ending}"
    more = {"nonlinearity": "relu"} if name == "rnn_relu" else {}
    if name == "both_gru" and ending == WEIGHTS:  # without a configuration nothing is stacked
        with pytest.raises(ValueError, match=r"2 recurrent parts: 'bidirectional' .GRU, I=3, H=5"):
            gv.open_model(path)
        opened = gv.open_model(path, part="bidirectional")
        first, *_ = EXPECTED[name]["states"].values()
    else:
        opened = gv.open_model(path, **more)
        *_, first = EXPECTED[name]["states"].values()
    found = record(opened.module, opened_inputs(opened, name)).output
    np.testing.assert_allclose(found, first, rtol=0, atol=1e-6)
    assert any("no configuration" in note for note in opened.notes) == (ending == WEIGHTS)
    if name == "text_lstm":
        answers = opened.readout(torch.from_numpy(found)).detach()
        np.testing.assert_allclose(answers, EXPECTED[name]["answers"], rtol=0, atol=1e-5)


def test_stacked_layers_are_one_module_and_a_dense_that_goes_on_has_to_be_named():
    assert gv.open_model(FOLDER / "stack.keras").readout is None
    opened = gv.open_model(FOLDER / "stack.keras", readout="dense")
    assert (opened.module.num_layers, opened.module.hidden_size) == (2, 5)
    assert opened.readout.weight.shape == (5, 5)
    text = " ".join(opened.notes)
    assert "Stacked: 'lstm', 'lstm_1'." in text
    assert "'dense' is followed by 'relu'." in text
    assert "'dense_1' changes the values of 'dense'. gatesviz doesn't compute it" in text
    assert "Ignored: 'dense_1'." in text
    assert "If that is an attention" not in text
    trace = record(opened.module, opened_inputs(opened, "stack"))
    with (
        zipfile.ZipFile(FOLDER / "stack.keras") as held,
        held.open("model.weights.h5") as file,
        h5py.File(file) as weights,
    ):
        own = weights["layers/dense_1/vars"]
        scores = opened.answers(trace).numpy() @ own["0"][()] + own["1"][()]
    found = torch.from_numpy(scores).softmax(-1)  # Keras's own answers go on from those after relu
    np.testing.assert_allclose(found, EXPECTED["stack"]["answers"], rtol=0, atol=1e-5)


def test_parallel_layers_are_not_stacked():
    path = FOLDER / "functional.keras"
    with pytest.raises(ValueError, match=r"2 recurrent parts: 'encoder' .*; 'other'"):
        gv.open_model(path)
    for part in ("encoder", "other"):
        opened = gv.open_model(path, part=part)
        found = record(opened.module, opened_inputs(opened, "functional")).output
        wanted = EXPECTED["functional"]["states"][part]
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-6)
        assert opened.readout is None


def test_a_layer_that_starts_from_given_states_is_not_stacked():
    path = FOLDER / "encoder_decoder.keras"
    with pytest.raises(ValueError, match=r"2 recurrent parts: 'encoder' .*; 'decoder'"):
        gv.open_model(path)
    encoder, decoder = (gv.open_model(path, part=part) for part in ("encoder", "decoder"))
    starts = "'decoder' starts from given states; the module starts from zeros."
    assert starts in decoder.notes
    assert not any("given states" in note for note in encoder.notes)
    expected = EXPECTED["encoder_decoder"]
    first, state = encoder.module(torch.tensor(expected["inputs"]))
    second = decoder.module(first, state)[0].detach()
    np.testing.assert_allclose(second, expected["states"]["decoder"], rtol=0, atol=1e-6)
    answers = decoder.readout(second).detach()
    np.testing.assert_allclose(answers, expected["answers"], rtol=0, atol=1e-5)


def test_a_mask_does_not_keep_layers_apart():
    opened = gv.open_model(FOLDER / "masked_stack.keras")
    assert "Stacked: 'first', 'second'." in opened.notes
    expected = EXPECTED["masked_stack"]
    found = record(opened.module, opened.features(expected["inputs"])).output
    np.testing.assert_allclose(found, expected["states"]["second"], rtol=0, atol=1e-6)


def test_both_directions_that_answer_once_are_read_from_the_final_states():
    opened = gv.open_model(FOLDER / "both_last.keras")
    assert opened.readout_input == "h_n"
    assert READS_FINAL in opened.notes
    expected = EXPECTED["both_last"]
    recording = record(opened.module, torch.tensor(expected["inputs"]))
    np.testing.assert_allclose(opened.answers(recording), expected["answers"], atol=1e-5)
    each = gv.open_model(FOLDER / "both_gru.keras", readout=False)
    assert READS_FINAL not in each.notes
    assert each.readout_input == "output"


def test_layers_of_an_authors_own_class_have_names_and_shapes():
    opened = gv.open_model(FOLDER / "own.weights.h5")
    assert opened.part == "body.memory"
    assert opened.notes[2:] == (
        "'embedding' is the embedding: V=11, I=4.", "'body.to_next' is the readout: from 5 to 2."
    )  # fmt: skip
    expected = EXPECTED["own"]
    found = record(opened.module, opened.features(expected["inputs"])).output
    np.testing.assert_allclose(found, expected["states"]["memory"], rtol=0, atol=1e-6)
    answers = opened.readout(torch.from_numpy(found)).detach()
    np.testing.assert_allclose(answers, expected["answers"], rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "part"),
    [("nested.keras", "sequential.lstm"), ("nested.weights.h5", "sequential.lstm")],
)
def test_a_model_inside_a_model_opens(name, part):
    assert gv.open_model(FOLDER / name).readout is None  # another Dense layer follows it
    opened = gv.open_model(FOLDER / name, readout=part.replace("lstm", "dense"))
    assert (opened.part, opened.readout.weight.shape) == (part, (4, 5))
    expected = EXPECTED["nested"]
    output = opened.module(torch.tensor(expected["inputs"]))[0]
    inner = opened.readout(output).detach().numpy()
    with h5py.File(FOLDER / "nested.weights.h5") as file:
        kernel, bias = (file[f"layers/dense/vars/{k}"][()] for k in (0, 1))
    np.testing.assert_allclose(inner @ kernel + bias, expected["answers"], rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "stacked"),
    [
        ("inner_text", "'inner.lstm', 'inner.sequential.lstm_1'"),
        ("inner_stack", "'encoder.a', 'encoder.b', 'gru'"),
    ],
)
@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_layers_of_inner_models_are_stacked_with_their_neighbours(name, stacked, ending):
    opened = gv.open_model(FOLDER / f"{name}.{ending}")
    assert f"Stacked: {stacked}." in opened.notes
    expected = EXPECTED[name]
    output = opened.module(opened.features(expected["inputs"]))[0]
    answers = opened.readout(output).detach()
    np.testing.assert_allclose(answers, expected["answers"], rtol=0, atol=1e-5)
    assert np.ptp(expected["answers"]) > 0.3


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("inner_twice", "'twin' is called 2 times, expected one call"),
        ("inner_inputs", "'pair' has 2 inputs, expected one"),
        ("inner_answers", "'fork' has answers of 2 layers, expected one"),
        ("inner_timed", "'time_distributed' is inside TimeDistributed, expected it alone"),
    ],
)
def test_an_inner_model_that_is_no_chain_is_refused(name, why):
    with pytest.raises(ValueError, match=r"m\.weights\.h5") as refused:
        gv.open_model(FOLDER / f"{name}.keras")
    assert f"'{name}.keras': the inner model {why}. Its layers open from" in str(refused.value)


def test_a_dense_layer_behind_others_is_no_readout():
    opened = gv.open_model(FOLDER / "between.keras")
    assert (opened.embedding, opened.readout) == (None, None)
    text = " ".join(opened.notes)
    assert "'embedding' could be the embedding, but other layers are between. To use it" in text
    assert "'dense' could be the readout, but other layers are between." in text
    names = "'embedding', 'dense', 'conv1d', 'layer_normalization'"
    assert f"Ignored: {names}." in text
    assert gv.open_model(FOLDER / "between.keras", readout="dense").readout.out_features == 11


def test_where_a_gru_without_bias_resets_is_open_without_a_configuration():
    path = FOLDER / "gru_no_bias.weights.h5"
    assert any("can reset before or after the product" in n for n in gv.open_model(path).notes)
    [part] = choices_of(path)
    assert part.cells[:2] == ("gru", "gru_reset_before")
    opened = gv.open_model(path, cell="gru_reset_before")
    assert not any("After is assumed" in note for note in opened.notes)
    expected = EXPECTED["gru_no_bias"]
    found = record(opened.module, torch.tensor(expected["inputs"])).output
    np.testing.assert_allclose(found, [*expected["states"].values()].pop(), rtol=0, atol=1e-6)


def test_masks_and_backward_layers_are_named():
    opened = gv.open_model(FOLDER / "masked_backwards.keras")
    text = " ".join(opened.notes)
    assert (
        "In Keras, 'embedding' makes the model skip padded steps, those of entry 0: the state stays"
        " as it was. gatesviz reads every step, so leave padded steps out of your sequence"
    ) in text
    assert "'gru' reads a sequence from its last step to its first. `features` returns" in text
    assert opened.backwards
    assert choices_of(FOLDER / "masked_backwards.keras")[0].backwards
    given = EXPECTED["masked_backwards"]["inputs"]
    found = record(opened.module, opened.features(given)).output
    [states] = EXPECTED["masked_backwards"]["states"].values()
    np.testing.assert_allclose(found, states, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "hard_sigmoid.keras",
            "'lstm' has recurrent_activation='hard_sigmoid', expected 'sigmoid'",
        ),
        ("elu.keras", "'simple_rnn' has activation='elu', expected 'tanh' or 'relu'"),
        ("cells.keras", "no LSTM, GRU or SimpleRNN layer, .* Its layers: 'RNN'"),
        ("cells.weights.h5", "no LSTM, GRU or SimpleRNN layer, .* Its layers: 'StackedRNNCells'"),
        ("dense_only.keras", "no LSTM, GRU or SimpleRNN layer, .* Its layers: 'Dense'"),
        ("rnn_relu.weights.h5", "Pass nonlinearity='tanh' or nonlinearity='relu'"),
    ],
)
def test_what_gatesviz_would_compute_otherwise_is_refused(name, sentence):
    with pytest.raises(ValueError, match=sentence):
        gv.open_model(FOLDER / name)


def change_weights(path: Path, change) -> Path:
    """Copy a file that Keras wrote, and change it with h5py."""
    shutil.copy(FOLDER / "text_lstm.weights.h5", path)
    with h5py.File(path, "r+") as file:
        change(file, file["layers/lstm/cell/vars"])
    return path


def outside(tmp_path: Path) -> None:
    (tmp_path / "secret.bin").write_bytes(np.ones(400, np.float32).tobytes())
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["x"] = np.ones((5, 20), np.float32)


def test_links_and_values_from_elsewhere_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    outside(tmp_path)

    def replaced(by):
        def change(file, group):
            del group["1"]
            by(group)

        return change

    layout = h5py.VirtualLayout((5, 20), np.float32)
    layout[:] = h5py.VirtualSource("secret.h5", "x", (5, 20))
    external = [("secret.bin", 0, 400)]
    cases = {
        "is a link to elsewhere": [
            lambda g: g.__setitem__("1", h5py.ExternalLink("secret.h5", "x")),
            lambda g: g.__setitem__("1", h5py.SoftLink("/layers/lstm/cell/vars/0")),
        ],
        "doesn't hold its 100 numbers itself": [
            lambda g: g.create_virtual_dataset("1", layout),
            lambda g: g.create_dataset("1", (5, 20), np.float32, external=external),
            lambda g: g.create_dataset("1", (5, 20), np.float32),  # never written
            lambda g: g.create_dataset("1", data=np.zeros((5, 20), "f4"), compression="gzip"),
        ],
        r"has shape \(100000, 100000\)": [
            lambda g: g.create_dataset("1", (10**5, 10**5), np.float32, chunks=(10, 10))
        ],
        "is int64: expected floating": [
            lambda g: g.create_dataset("1", data=np.ones((5, 20), int))
        ],
        "expected 4·H columns": [lambda g: g.create_dataset("1", data=np.ones((5, 21), "f4"))],
        "has shape": [lambda g: g.create_dataset("1", data=np.ones((6, 20), "f4"))],
        "has 2 weights|has shape": [lambda g: None],
        "are NaN or infinite": [lambda g: g.create_dataset("1", data=np.full((5, 20), np.nan))],
    }
    for sentence, ways in cases.items():
        for way in ways:
            path = change_weights(tmp_path / "m.h5", replaced(way))
            with pytest.raises(ValueError, match=sentence):
                gv.open_model(path)


def test_long_attributes_are_not_read(tmp_path):
    with h5py.File(tmp_path / "m.h5", "w", libver="latest") as file:
        file["x"] = np.ones(3, "f4")
        file.attrs["layer_names"] = np.array([b"x" * 1000] * 5_000)
    with pytest.raises(ValueError, match=r"'layer_names' and the attributes next to it have 5,000"):
        gv.open_model(tmp_path / "m.h5")
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file["x"] = np.ones(3, "f4")
        file.attrs["model_config"] = "x" * 11_000_000
    with pytest.raises(ValueError, match="bytes besides its numbers, expected up to 10,000,000"):
        gv.open_model(tmp_path / "m.h5")


def test_cycles_many_groups_and_repeated_names(tmp_path):
    def cycle(file, group):
        group["again"] = file["layers"]

    with pytest.raises(ValueError, match="too many groups or cycles"):
        gv.open_model(change_weights(tmp_path / "m.h5", cycle))
    shutil.copy(FOLDER / "text_lstm.h5", tmp_path / "old.h5")
    with h5py.File(tmp_path / "old.h5", "r+") as file:
        names = file["model_weights"].attrs["layer_names"]
        file["model_weights"].attrs["layer_names"] = [*names[:1], *names[:1]]
    with pytest.raises(ValueError, match="names of weights occur twice"):
        gv.open_model(tmp_path / "old.h5")


@pytest.mark.parametrize("name", ["text_lstm.h5", "text_lstm.weights.h5", "text_lstm.keras"])
def test_a_cut_file_is_refused(tmp_path, name):
    data = (FOLDER / name).read_bytes()
    for length in range(0, len(data) - 2_000, 1_500):
        (tmp_path / "m").write_bytes(data[:length])
        with pytest.raises(ValueError, match="'m'"):
            gv.open_model(tmp_path / "m")


@pytest.mark.parametrize("config", [b"{", b"[]", b'{"config": 3}', b"[" * 9000, b"null", b'"x"'])
def test_a_broken_configuration_is_refused(tmp_path, config):
    with (
        zipfile.ZipFile(FOLDER / "text_lstm.keras") as source,
        zipfile.ZipFile(tmp_path / "m.keras", "w") as target,
    ):
        for name in source.namelist():
            target.writestr(name, config if name == "config.json" else source.read(name))
    with pytest.raises(ValueError, match=r"'m\.keras'"):
        gv.open_model(tmp_path / "m.keras")


def test_a_compressed_archive_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "m.keras", "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("config.json", "{}")
        target.writestr("model.weights.h5", bytes(60_000_000))
    with pytest.raises(ValueError, match="damaged or compressed archive"):
        gv.open_model(tmp_path / "m.keras")


def test_without_h5py_the_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'gatesviz\[keras-files\]'"):
        gv.open_model(FOLDER / "text_lstm.keras")


def test_the_names_of_many_cells_inside_each_other_are_read_at_once():
    start = time.process_time()
    assert _ANY_GROUP.fullmatch("a/" + "cells/cell/" * 100 + "x") is None
    assert time.process_time() - start < 1
    found = _ANY_GROUP.fullmatch("layers/rnn/cell/cells/lstm_cell_1/vars/2")
    assert found.groups() == ("layers/rnn", "cell/cells/lstm_cell_1", "2")


def changed(path: Path, name: str, **arguments: dict[str, object]) -> Path:
    """Write a file of the tests again with other arguments of its layers, by class."""
    with (
        zipfile.ZipFile(FOLDER / f"{name}.keras") as source,
        zipfile.ZipFile(path / "changed.keras", "w") as target,
    ):
        for record_name in source.namelist():
            data = source.read(record_name)
            if record_name == "config.json":
                config = json.loads(data)
                for layer in config["config"]["layers"]:
                    layer["config"] |= arguments.get(layer["class_name"], {})
                data = json.dumps(config).encode()
            target.writestr(record_name, data)
    return path / "changed.keras"


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_a_model_that_reads_backwards_answers_as_keras_computes_it(tmp_path):
    back = {"LSTM": {"return_sequences": False, "go_backwards": True}}
    opened = gv.open_model(changed(tmp_path, "text_lstm", **back))
    assert READS_FIRST in opened.notes
    assert READS_LAST not in opened.notes
    entries = [3, 0, 7, 7, 1]
    weights = [each.detach().double().numpy() for each in opened.module.parameters()]
    W, R, b = weights[0], weights[1], weights[2] + weights[3]
    h = c = np.zeros(R.shape[1])
    for entry in reversed(entries):  # keras.layers.LSTM: inputs are flipped, then read in order
        x = opened.embedding.weight[entry].detach().double().numpy()
        i, f, g, o = np.split(W @ x + R @ h + b, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
    last = opened.readout
    expected = last.weight.detach().double().numpy() @ h + last.bias.detach().double().numpy()
    found = opened.answers(record(opened.module, opened.features(entries)))[-1]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


def test_a_readout_of_the_last_step_answers_as_if_the_sequence_ended_there(tmp_path):
    last = {"LSTM": {"return_sequences": False}}
    opened = gv.open_model(changed(tmp_path, "text_lstm", **last))
    assert READS_LAST in opened.notes
    assert READS_LAST not in gv.open_model(FOLDER / "text_lstm.keras").notes
    given = EXPECTED["text_lstm"]["inputs"]
    each = opened.answers(record(opened.module, opened.features(given)))
    np.testing.assert_allclose(each, EXPECTED["text_lstm"]["answers"], rtol=0, atol=1e-5)
    for end in range(1, len(given) + 1):  # what Keras gives for the sequence up to there
        with torch.no_grad():
            output = opened.module(opened.features(given[:end]))[0]
            torch.testing.assert_close(each[end - 1], opened.readout(output[-1]))


@pytest.mark.parametrize("kind", ["softmax", "sigmoid", "linear"])
def test_the_activation_after_the_readout_is_known(tmp_path, kind):
    path = changed(tmp_path, "text_lstm", Dense={"activation": kind})
    opened = gv.open_model(path)
    assert opened.activation == kind
    assert (f"'dense' is followed by '{kind}'." in opened.notes) == (kind != "linear")


def test_a_layer_of_another_kind_next_to_the_module_is_left_out():
    opened = gv.open_model(FOLDER / "between.keras", embedding="embedding")
    assert opened.left_out.before
    assert gv.open_model(FOLDER / "text_lstm.keras").left_out == ((), ())
    assert gv.open_model(FOLDER / "both_gru.keras").left_out == ((), ())
