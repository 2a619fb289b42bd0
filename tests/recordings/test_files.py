"""A file gives back exactly what was recorded, or a sentence."""

import json
import pickle

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from gatesviz.recordings import load, record
from tests.recordings.cases import LENGTHS, Case, states_of

EVERYTHING = Case("lstm_proj", layers=2, bidirectional=True, layout="packed")


@pytest.fixture
def path(tmp_path):
    """A sound file: a packed, projected, bidirectional LSTM."""
    record(EVERYTHING.module(), EVERYTHING.inputs()).save(tmp_path / "a.safetensors")
    return tmp_path / "a.safetensors"


def same(a, b) -> None:
    np.testing.assert_array_equal(a, b)
    assert a.dtype == b.dtype


@pytest.mark.parametrize("cell", ["rnn_tanh", "rnn_relu", "lstm", "lstm_proj", "gru"])
@pytest.mark.parametrize("layout", ["batched", "unbatched", *LENGTHS])
def test_round_trip_is_exact(cell, layout, tmp_path):
    case = Case(cell, layers=2, bidirectional=True, batch_first=True, layout=layout)
    recording = record(case.module(), case.inputs())
    recording.save(tmp_path / "a.safetensors")
    loaded = load(str(tmp_path / "a.safetensors"))

    assert repr(loaded) == repr(recording)
    assert loaded.notes == recording.notes
    same(loaded.output, recording.output)
    for ours, theirs in zip(states_of(loaded), states_of(recording), strict=True):
        same(ours, theirs)
    assert list(loaded.traces) == list(recording.traces)
    for key, trace in recording.traces.items():
        other = loaded.traces[key]
        assert (other.cell, other.direction) == (trace.cell, trace.direction)
        same(other.inputs, trace.inputs)
        assert (other.lengths is None) == (trace.lengths is None)
        if trace.lengths is not None:
            same(other.lengths, trace.lengths)
        for group in ("gates", "states", "weights"):
            assert list(getattr(other, group)) == list(getattr(trace, group))
            for name, array in getattr(trace, group).items():
                same(getattr(other, group)[name], array)


@pytest.mark.parametrize("keep", [0, 4, 300, -1])
def test_truncated(path, keep):
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"a\.safetensors is not a recording, or damaged"):
        load(path)


def test_a_pickle_is_not_run(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (tmp_path.joinpath("ran").mkdir, ())

    path = tmp_path / "bomb"
    path.write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(ValueError, match="is not a recording, or damaged"):
        load(path)
    assert not (tmp_path / "ran").exists()


def test_lengths_that_lie(path):
    raw = path.read_bytes()
    size = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + size])
    header["output"]["shape"] = [10**9, 10**9]
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + raw[8 + size :])
    with pytest.raises(ValueError, match="is not a recording, or damaged"):
        load(path)


def test_other_peoples_files(tmp_path):
    save_file({"w": np.zeros(3)}, tmp_path / "weights")
    with pytest.raises(
        ValueError, match=r"has the format None, version None: expected 'gatesviz\.recording'"
    ):
        load(tmp_path / "weights")
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nothing")


def test_a_later_version(path):
    with pytest.raises(
        ValueError, match=r"version '2': expected 'gatesviz\.recording', version '1'"
    ):
        rewritten(path, metadata={"version": "2"})


def rewritten(path, arrays=None, metadata=None, without=()):
    """Load the file again with these changes."""
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        header = file.metadata() | (metadata or {})
    kept = {k: v for k, v in load_file(path).items() if k not in without}
    save_file(kept | (arrays or {}), path, {k: v for k, v in header.items() if v is not None})
    return load(path)


ZEROS = np.zeros
DAMAGE = {
    "a gate is gone": ({"without": ["1.forward.gates.f"]}, "'gates.f' is missing"),
    "no output": ({"without": ["output"]}, "'output' is missing"),
    "a stranger": ({"arrays": {"x": ZEROS(1, "f4")}}, "'x' does not belong"),
    "a strange gate": (
        {"arrays": {"0.forward.gates.r": ZEROS(1, "f4")}},
        "'gates.r' does not belong to a LSTM",
    ),
    "gate shape": (
        {"arrays": {"0.forward.gates.f": ZEROS((6, 4, 4), "f4")}},
        "gate 'f': expected shape",
    ),
    "weights": (
        {"arrays": {"0.forward.weights.weight_ih": ZEROS((20, 4), "f4")}},
        "weights: expected shapes",
    ),
    "second layer": ({"arrays": {"1.forward.inputs": ZEROS((6, 4, 3), "f4")}}, "4"),
    "output": (
        {"arrays": {"output": ZEROS((6, 4, 3), "f4")}},
        r"output: expected shape \(6, 4, 4\)",
    ),
    "h_n": (
        {"arrays": {"h_n": ZEROS((4, 4, 3), "f4")}},
        r"h_n: expected shape .*, got \(4, 4, 3\)",
    ),
    "c_n": (
        {"arrays": {"c_n": ZEROS((4, 4, 3), "f4")}},
        r"c_n: expected shape .*, got \(4, 4, 3\)",
    ),
    "mixed dtypes": ({"arrays": {"output": ZEROS((6, 4, 4))}}, "all float32 or all float64"),
    "int lengths": (
        {"arrays": {"lengths": ZEROS(4, "f4")}},
        "lengths: expected int64 .*, got float32",
    ),
    "lengths": ({"arrays": {"lengths": np.array([6, 1, 7, 6])}}, "lengths: expected"),
    "lengths, negative": ({"arrays": {"lengths": np.array([6, 1, -7, 6])}}, "lengths: expected"),
    "cell": ({"metadata": {"cell": "gru"}}, "is missing"),
    "no such cell": (
        {"metadata": {"cell": "lstmx"}},
        "cell: expected one of rnn_tanh, .*, got 'lstmx'",
    ),
    "traces": ({"metadata": {"traces": '[[0, "forward"]]'}}, "does not belong"),
    "many layers": ({"metadata": {"traces": '[[9, "forward"]]'}}, "every layer in every"),
    "traces, no list": (
        {"metadata": {"traces": "3"}},
        "traces: expected every layer in every direction, got 3",
    ),
    "no JSON": ({"metadata": {"notes": "{"}}, "'notes' of its header: expected JSON, got '{'"),
    "deep JSON": ({"metadata": {"notes": "[" * 100_000}}, r"header: expected JSON, got '\[+…"),
    "deep JSON, closed": (
        {"metadata": {"traces": "[" * 500 + "]" * 500}},
        "traces: expected|do not fit",
    ),
    "no notes": ({"metadata": {"notes": None}}, "'notes' is missing"),
    "notes, no list": ({"metadata": {"notes": "7"}}, "notes: expected a list of texts, got 7"),
    "notes, no texts": ({"metadata": {"notes": "[[1], {}]"}}, "notes: expected a list of texts"),
    "edits, no JSON": ({"metadata": {"edits": "["}}, "'edits' of its header: expected JSON"),
    "edits, no list": ({"metadata": {"edits": "{}"}}, "edits: expected a list, got {}"),
    "edits, letter": (
        {"metadata": {"edits": '[{"letter": "r", "value": 0}]'}},
        "letter: the LSTM has no 'r', expected one of i, f, g, o, c, h, x",
    ),
    "edits, step": (
        {"metadata": {"edits": '[{"letter": "f", "value": 0, "steps": [6]}]'}},
        "step 6 does not exist: steps are 0 to 5, or -6 to -1",
    ),
    "edits, value": (
        {"metadata": {"edits": '[{"letter": "f", "value": NaN}]'}},
        "value: expected finite numbers, got nan",
    ),
    "no lengths": ({"without": ["lengths"]}, "'lengths' are missing"),
    "empty lengths": ({"arrays": {"lengths": ZEROS(0, "i8")}}, "lengths"),
    "flat weights": (
        {"arrays": {"0.forward.weights.weight_hh": ZEROS(20, "f4")}},
        r"weight_hh: expected shape .*, got \(20,\)",
    ),
    "no axis": (
        {"arrays": {"0.forward.inputs": ZEROS((), "f4")}},
        "do not fit|inputs: expected shape",
    ),
}


@pytest.mark.parametrize(("change", "says"), DAMAGE.values(), ids=DAMAGE)
def test_damage_is_named(path, change, says):
    with pytest.raises(ValueError, match=says) as caught:
        rewritten(path, **change)
    assert "damaged recording" in str(caught.value)


@pytest.mark.parametrize("dtype", ["BF16", "F16", "U16"])
def test_another_dtype_is_refused_before_it_is_read(path, dtype):
    raw = path.read_bytes()
    size = int.from_bytes(raw[:8], "little")
    header = {"__metadata__": json.loads(raw[8 : 8 + size])["__metadata__"]}
    header["output"] = {"dtype": dtype, "shape": [1], "data_offsets": [0, 2]}
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"00")
    with pytest.raises(ValueError, match=f"'output' is {dtype}, expected one of F32, F64, I64"):
        load(path)


def test_float8_is_refused(path):
    raw = path.read_bytes()
    size = int.from_bytes(raw[:8], "little")
    header = {"__metadata__": json.loads(raw[8 : 8 + size])["__metadata__"]}
    header["output"] = {"dtype": "F8_E4M3", "shape": [1], "data_offsets": [0, 1]}
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"0")
    with pytest.raises(ValueError, match="'output' is F8_E4M3, expected one of F32, F64, I64"):
        load(path)
