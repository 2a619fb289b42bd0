"""A run in a file: what comes back is what was written, and a wrong file gets a sentence."""

import errno
import json
import pickle
import struct
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from gatesviz.recordings import record
from gatesviz.training import History, advance, open_run, probe, save_run, start, with_learning_rate
from gatesviz.training.stops import read_stop, why_stopped, written_stop
from tests.training.making import bits, small

SPEC = small(layers=2, dropout=0.3, data_size=9, clip=None)


@pytest.fixture(scope="module")
def run():
    state, snapshots = advance(start(SPEC), 20)
    state, more = advance(with_learning_rate(state, 0.003), 13)
    return state, History(SPEC).add(snapshots).add(more)


@pytest.fixture
def path(run, tmp_path):
    save_run(tmp_path / "run.safetensors", *run)
    return tmp_path / "run.safetensors"


def changed(path, told=None, **arrays):
    """Write the run at ``path`` again with other contents, as someone with a grudge might."""
    with safe_open(str(path), framework="numpy") as file:
        metadata = file.metadata()
    metadata["run"] = json.dumps(json.loads(metadata["run"]) | (told or {}))
    found = load_file(path) | {name.replace("__", "."): a for name, a in arrays.items()}
    save_file({k: v for k, v in found.items() if v is not None}, path, metadata)


def test_everything_comes_back(run, path):
    state, history = open_run(path)
    assert bits(state) == bits(run[0])
    assert history.spec == SPEC
    assert history.rates == run[1].rates == ((1, 0.01), (21, 0.003))
    assert history.checkpoints == run[1].checkpoints
    for name in ("losses", "gradient_norms", "scored", "scores", "train_scores"):
        np.testing.assert_array_equal(getattr(history, name), getattr(run[1], name))
    for update in history.checkpoints:
        np.testing.assert_array_equal(
            history.model_at(update).weights, run[1].model_at(update).weights
        )


def test_an_opened_run_goes_on_as_if_never_closed(run, path):
    state, history = open_run(path)
    after, snapshots = advance(state, 5)
    assert bits(after) == bits(advance(run[0], 5)[0])
    assert history.add(snapshots).updates == 38
    assert record(after.module(), probe(SPEC).inputs).output.shape == (8, 4, 4)


def test_a_run_that_has_not_begun_and_one_that_stopped(tmp_path):
    state = start(small())
    save_run(tmp_path / "new", state, History(small()))
    assert bits(open_run(tmp_path / "new")[0]) == bits(state)
    state, history = stopped()
    save_run(tmp_path / "stopped", state, history)
    assert open_run(tmp_path / "stopped")[0].stopped == state.stopped is not None


def test_two_runs_are_not_mixed(run, tmp_path):
    with pytest.raises(ValueError, match="the history is of 0 updates"):
        save_run(tmp_path / "mixed", run[0], History(SPEC))


@pytest.mark.parametrize(
    ("told", "arrays", "reason"),
    [
        ({"spec": {"task": "nothing"}}, {}, "task is 'nothing'"),
        ({"spec": {"task": "recall", "shell": "rm"}}, {}, "'shell': 'rm'}, expected 'task' and"),
        ({"spec": []}, {}, r"spec is \[\], expected 'task' and any of"),
        ({"spec": 7}, {}, "spec is 7, expected 'task'"),
        ({"spec": {"task": 7}}, {}, "task is 7, expected one of recall"),
        ({"spec": {"task": [[]]}}, {}, r"task is \[\[\]\], expected one of recall"),
        ({"spec": {"task": {"text": 7}}}, {}, "task is {'text': 7}, expected a text, or a series"),
        ({"spec": {"task": {}}}, {}, "task is {}, expected a text, or a series"),
        ({"spec": {"task": {"series": "*", "title": ""}}}, {}, "no base64 of float64"),
        ({"spec": {"task": {"series": "AAAA", "title": ""}}}, {}, "no base64 of float64"),
        (
            {"spec": {"task": "recall", "hidden_size": "8"}},
            {},
            "hidden_size is '8', expected a whole number",
        ),
        ({"updates": True}, {}, "updates are 'True'"),
        ({"updates": 10**400}, {}, "updates of a run: 10,000,"),
        ({"learning_rate": 10**400}, {}, "its parts do not fit each other"),
        ({"rates": [[1]]}, {}, r"rates are \[\[1\]\], expected pairs"),
        ({"used_rates": {}}, {}, "rates are {}, expected pairs"),
        ({"updates": 32}, {}, r"history.gradient_norms|history.losses|history.weights"),
        ({"updates": -1}, {}, "updates of a run: -1 is outside"),
        ({"updates": "many"}, {}, "updates are 'many'"),
        ({"learning_rate": None}, {}, "learning rate is 'None', expected a number"),
        ({"rates": [[1, 99.0]]}, {}, "learning rate: 99 is outside"),
        ({"rates": 5}, {}, "rates are 5, expected pairs of update and rate"),
        ({"stopped": 3}, {}, "stopped is '3', expected null, 'loss' or 'gradient'"),
        ({"stopped": "Call 555-0100. " * 70_000}, {}, "stopped is 'Call 555-0100. Call"),
        ({"stopped": "loss 7"}, {}, "stopped is 'loss 7'"),
        ({"stopped": "loss 2e+19"}, {}, "stopped is 'loss 2e.19'"),
        ({"stopped": "gradient 1e+19"}, {}, "stopped is 'gradient 1e.19'"),
        ({"rates": [[40, 0.01]]}, {}, r"rates are of the updates \[40\], expected rising"),
        ({"rates": [[20, 0.01], [20, 0.003]]}, {}, "expected rising numbers from 0 to 33"),
        ({"used_rates": [[1, 0.01]]}, {}, "used rates are not those of its learning-rate schedule"),
        ({"learning_rate": 0.5}, {}, "learning rate is 0.5, which is not the last of its rates"),
        ({"learning_rate": float("nan")}, {}, "learning rate: nan is outside"),
        ({"spec": {"task": "x" * 10**6}}, {}, "task is 'xxx"),
        ({"spec": {"task": "recall", "cell": "x" * 10**6}}, {}, "cell is 'xxx"),
        ({}, {"state__weights": np.zeros(3, np.float32)}, r"state.weights is .* shape \(3,\)"),
        ({}, {"state__moments": None}, "'state.moments'"),
        ({}, {"extra": np.zeros(3)}, "'extra'"),
        ({}, {"state__streams": np.zeros((2, 5_056), np.int8)}, "'state.streams' is I8"),
        ({}, {"state__streams": np.zeros((2, 5_056), np.int32)}, "state.streams is int32"),
        ({}, {"history__scored": np.zeros(7, np.int32)}, "scores are not of the updates"),
    ],
)  # fmt: skip
def test_a_damaged_run_gets_a_sentence(path, told, arrays, reason):
    changed(path, told, **arrays)
    with pytest.raises(ValueError, match=rf"is a damaged run: .*({reason})") as caught:
        open_run(path)
    assert len(str(caught.value)) < 600


NOT_FINITE = (np.nan, np.inf, -np.inf)


@pytest.mark.parametrize("bad", NOT_FINITE)
@pytest.mark.parametrize(
    "name",
    ["state.weights", "state.moments", "history.weights", "history.losses",
     "history.gradient_norms"],
)  # fmt: skip
def test_numbers_that_no_run_comes_to_are_refused(path, name, bad):
    arrays = load_file(path)
    arrays[name].flat[-1] = bad
    changed(path, **{name.replace(".", "__"): arrays[name]})
    with pytest.raises(ValueError, match=f"{name} holds a number that is not finite"):
        open_run(path)


@pytest.mark.parametrize(
    ("name", "bad", "reason"),
    [
        ("state.moments", -1.0, "a mean of squares below 0"),
        ("history.gradient_norms", -1.0, "a number below 0"),
        ("history.scores", 1e101, "a score beyond ±1e"),
        ("history.train_scores", -1e300, "a score beyond ±1e"),
    ],
)
def test_numbers_that_would_fail_later_are_refused(path, name, bad, reason):
    arrays = load_file(path)
    arrays[name].flat[-1] = bad
    changed(path, **{name.replace(".", "__"): arrays[name]})
    with pytest.raises(ValueError, match=f"{name} holds {reason}"):
        open_run(path)


def test_a_score_on_a_training_set_that_there_is_not_is_refused(tmp_path):
    state, snapshots = advance(start(small()), 2)
    save_run(tmp_path / "run", state, History(small()).add(snapshots))
    changed(tmp_path / "run", history__train_scores=np.zeros(2))
    with pytest.raises(ValueError, match="holds a score, but the run has no training set"):
        open_run(tmp_path / "run")


def damaged_streams(streams):
    """Yield what PyTorch refuses, reads as another state, or draws NaN or one number from."""
    yield np.zeros_like(streams)
    for change in (
        lambda bits: bits[8:16].fill(255),  # how many numbers are left
        lambda bits: bits[24:5_016].fill(0),  # the Mersenne Twister's own numbers
        lambda bits: bits[28:32].fill(7),  # beyond its 32 bits
    ):
        bits = streams.copy()
        change(bits[-1])
        yield bits
    generator = torch.Generator().manual_seed(1)
    torch.empty(1).normal_(generator=generator)
    spare = generator.get_state().numpy().copy()
    (place,) = np.flatnonzero(spare[5_016:])[-1:]  # the flag of the spare number behind it
    spare[5_016 + place - 4 : 5_016 + place] = np.frombuffer(np.float32(np.nan).tobytes(), np.uint8)
    yield np.stack([spare, spare])


def test_broken_generators_are_refused_when_the_file_is_opened(run, path):
    for streams in damaged_streams(run[0].streams):
        changed(path, state__streams=streams)
        with pytest.raises(ValueError, match="the state of a random generator is damaged"):
            open_run(path)


def test_a_run_that_diverged_honestly_opens_whatever_its_scores(tmp_path):
    """After its last good update a run may answer with anything: such scores are its own."""
    state, history = stopped()
    for score in (np.nan, np.inf):
        scores = np.where(np.arange(len(history.scores)) < 3, history.scores, score)
        save_run(tmp_path / "run", state, replace(history, scores=scores))
        found, again = open_run(tmp_path / "run")
        np.testing.assert_array_equal(again.scores, scores)
        assert found.stopped == state.stopped


def stopped():
    wild = small(cell="rnn_relu", optimiser="sgd", clip=None, learning_rate=10, task="wave")
    state, snapshots = advance(start(wild), 500)
    return state, History(wild).add(snapshots)


@pytest.mark.parametrize(
    ("quantity", "value"),
    [("loss", "nan"), ("loss", "inf"), ("loss", "-inf"), ("gradient", "nan"), ("gradient", "inf"),
     ("gradient", "1.8e+19"), ("gradient", "3.40282e+38")],
)  # fmt: skip
def test_a_stop_is_a_code_in_the_file_and_a_sentence_after_it(quantity, value):
    sentence = why_stopped(1_234, quantity, float(value))
    assert f"update 1,234 came to a {quantity} of" in sentence
    assert written_stop(sentence, 1_233) == f"{quantity} {value}"
    assert read_stop(f"{quantity} {value}", 1_233) == sentence
    assert read_stop(sentence, 1_233) == sentence  # files of version 0.2
    with pytest.raises(ValueError, match="which no run of 7 updates says"):
        written_stop(sentence, 7)


def test_a_sentence_of_an_older_file_is_not_shown_as_it_stands(tmp_path):
    state, history = stopped()
    save_run(tmp_path / "run", state, history)
    told = f"update {state.updates + 1} came to a loss of nan, so send your password to mallory"
    changed(tmp_path / "run", {"stopped": told})
    assert "mallory" not in open_run(tmp_path / "run")[0].stopped


def test_settings_of_a_million_parts_are_refused_before_they_are_read(path):
    text = '{"run": [' + "[]," * 600_000 + "[]]}"
    save_file(load_file(path), path, {"format": "gatesviz.run", "version": "1", "run": text})
    with pytest.raises(ValueError, match="parts in the settings of a file: 1,200,0"):
        open_run(path)


class Bomb:
    """What runs code where a pickle is opened."""

    def __reduce__(self):
        return (pytest.fail, ("the file was executed",))


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", pickle.dumps(Bomb()), struct.pack("<Q", 1 << 60) + b"{}"],
    ids=["empty", "text", "pickle", "lying header"],
)
def test_another_file_gets_a_sentence(tmp_path, content):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(ValueError, match="file is not a run, or damaged"):
        open_run(tmp_path / "file")


def test_a_cut_file_and_a_recording_get_a_sentence(path, tmp_path):
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match="is not a run, or damaged"):
        open_run(path)
    record(start(small()).module(), probe(small()).inputs).save(tmp_path / "recording")
    with pytest.raises(ValueError, match=r"has the format 'gatesviz\.recording', version '1'"):
        open_run(tmp_path / "recording")
    with pytest.raises(FileNotFoundError):
        open_run(tmp_path / "nowhere")


@pytest.mark.parametrize("text", ["[" * 100_000, "{", "7", "null", '"run"', "[]"])
def test_settings_that_are_no_settings_get_a_sentence(path, text):
    save_file(load_file(path), path, {"format": "gatesviz.run", "version": "1", "run": text})
    with pytest.raises(
        ValueError, match=r"is a damaged run: 'run' of its header( is|: expected JSON, got)"
    ) as caught:
        open_run(path)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("dtype", ["BF16", "F16", "I16"])
def test_another_dtype_gets_a_sentence_before_it_is_read(path, dtype):
    with safe_open(str(path), framework="numpy") as file:
        metadata = file.metadata()
    header = {"__metadata__": metadata, "a": {"dtype": dtype, "shape": [1], "data_offsets": [0, 2]}}
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"00")
    with pytest.raises(
        ValueError, match=f"is a damaged run: 'a' is {dtype}, expected one of F32, F64"
    ):
        open_run(path)


def test_a_full_disk_leaves_the_old_file(run, path, monkeypatch):
    before = path.read_bytes()
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left") as caught:
        save_run(path, *run)
    assert caught.value.filename == str(path)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def full(_):
    raise OSError(errno.ENOSPC, "No space left on device")
