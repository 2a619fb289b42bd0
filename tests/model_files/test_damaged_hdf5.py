"""HDF5 files that crash HDF5 or take too much, and the process that reads them."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch

import gatesviz as gv
from gatesviz.model_files import hdf5, hdf5_child, hdf5_process
from tests.model_files.making_keras import costly, crashing, dense, lstm, written
from tests.model_files.test_hostile_files import MOST, measured

h5py = pytest.importorskip("h5py", reason="reading Keras files needs h5py")
__all__ = ["measured"]
FOLDER = Path(__file__).parent / "keras_files"
AGAIN = "Save the model again, or download the file again"
SENTENCE = rf"^'m\.h5' is a damaged HDF5 file: [^.]+\. {AGAIN}$"


@pytest.fixture(autouse=True)
def _no_file_is_known():
    hdf5._LISTED.clear()


def model(path: Path) -> Path:
    return written(path, lstm("lstm", 3, 5), dense("dense", 5, 2))


LARGE = "can't be read within 50 MB of memory. It is damaged, or its configuration is too long"


@pytest.mark.parametrize(("make", "sentence"), [(crashing, SENTENCE), (costly, LARGE)])
def test_a_wrong_byte_neither_ends_this_process_nor_takes_gigabytes(
    tmp_path, measured, make, sentence
):
    path = tmp_path / "m.h5"
    path.write_bytes(make(tmp_path / "made.h5"))
    before, start = measured(), time.process_time()
    with pytest.raises(ValueError, match=sentence):
        gv.open_model(path)
    assert measured() - before < MOST
    assert time.process_time() - start < 1


@pytest.mark.parametrize("name", ["text_lstm.h5", "both_gru.weights.h5", "text_lstm.keras"])
def test_a_file_with_changed_bytes_opens_or_is_refused(tmp_path, name, measured):
    data, dice = (FOLDER / name).read_bytes(), np.random.default_rng(1)
    path, before = tmp_path / "m.h5", measured()
    for _ in range(14):
        changed = bytearray(data)
        for place in dice.integers(0, len(data), 3):
            changed[place] = dice.integers(256)
        path.write_bytes(changed)
        start = time.process_time()
        with contextlib.suppress(ValueError):
            gv.open_model(path)
        assert time.process_time() - start < 1
    assert measured() - before < MOST


DATASET = {
    "kind": "f", "dtype": "float32", "code": "<f4", "shape": [5, 20], "stored": 400, "own": True,
    "offset": 0,
}  # fmt: skip


def answer(header: object, rest: bytes = b"") -> str:
    """The program of a process that answers with this header."""
    text = json.dumps(header).encode()
    return f"out = {len(text).to_bytes(8, 'little') + text + rest!r}"


def listing(**changes: object) -> str:
    names = {f"layers/lstm/cell/vars/{k}": DATASET | changes for k in range(2)}
    told = {"datasets": names, "outer": "", "layers": None, "weights": {}, "rest": 0}
    return answer(told)


ODD = {
    "aborts": "os.abort()",
    "says nothing": "",
    "says too little": "out = b'abc'",
    "claims a long header": "out = b'\\xff' * 8 + b'{}'",
    "says too much": "out = bytes(40_000_000)",
    "no JSON": "out = (9).to_bytes(8, 'little') + b'not json!'",
    "deep": "out = (90_000).to_bytes(8, 'little') + b'[' * 90_000",
    "many parts": "out = (900_000).to_bytes(8, 'little') + b'[0' + b',0' * 449_999",
    "a list": answer([]),
    "unknown refusal": answer({"refused": "why", "name": "", "count": 0, "rest": 0}),
    "refusal without a name": answer({"refused": "link", "rest": 0}),
    "wrong rest": answer({"datasets": {}, "outer": "", "layers": None, "weights": {}, "rest": 9}),
    "nothing": answer({"rest": 0}),
    "a shape of text": listing(shape=["5", 20]),
    "a negative shape": listing(shape=[-5, 20]),
    "a long number": listing(shape=[10**4000]),
    "many axes": listing(shape=[1] * 40),
    "a code": listing(code="|O"),
    "an offset of text": listing(offset="0"),
    "layers that are numbers": answer(
        {"datasets": {}, "outer": "", "layers": [1], "weights": {}, "rest": 0}
    ),
}


def replace_child(path: Path, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Let another program stand where the process is that reads HDF5."""
    script = path / "child.py"
    end = "sys.stdout.buffer.write(out)\n"
    script.write_text(f"import os, sys, time\nout = b''\n{program}\n{end}")
    monkeypatch.setattr(hdf5_child, "__file__", str(script))


@pytest.mark.parametrize("name", ODD)
def test_a_process_that_ends_or_lies_gives_one_sentence(tmp_path, monkeypatch, name, measured):
    path = model(tmp_path / "m.h5")
    replace_child(tmp_path, monkeypatch, ODD[name])
    before = measured()
    with pytest.raises(ValueError, match=SENTENCE):
        gv.open_model(path)
    assert measured() - before < MOST


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"shape": [50_000, 50_000]}, "expected up to 50,000,000 numbers"),
        ({"stored": 399}, "doesn't hold its 100 numbers itself"),
        ({"own": False}, "doesn't hold its 100 numbers itself"),
        ({"kind": "i", "dtype": "int64", "code": "<i8", "offset": None}, "is int64: expected"),
        ({"shape": None}, "expected floating-point numbers"),
        ({"offset": -4}, "HDF5 crashed"),  # the process is asked for the values
        ({"offset": 10**9}, "HDF5 crashed"),
        ({"problem": "no such\ntype"}, "damaged HDF5 file: no such type. Save"),
    ],
)
def test_what_a_process_says_of_values_is_checked_again(tmp_path, monkeypatch, changes, sentence):
    path = model(tmp_path / "m.h5")
    replace_child(tmp_path, monkeypatch, listing(**changes))
    with pytest.raises(ValueError, match=sentence):
        gv.open_model(path)


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        ("time.sleep(60)", r"^'m\.h5' wasn't read within 10 seconds\. Try again\. "),
        ("os.write(1, b'abc'); time.sleep(60)", "wasn't read within"),
        ("os.close(1); time.sleep(60)", SENTENCE),
    ],
)
def test_a_process_that_hangs_is_ended(tmp_path, monkeypatch, program, sentence):
    path = model(tmp_path / "m.h5")
    replace_child(tmp_path, monkeypatch, program)
    monkeypatch.setattr(hdf5_process, "WAIT_SECONDS", 0.5)
    start = time.monotonic()
    with pytest.raises(ValueError, match=sentence):
        gv.open_model(path)
    assert time.monotonic() - start < 20


def test_a_sound_file_on_a_busy_computer_is_not_called_damaged(tmp_path, monkeypatch):
    path = model(tmp_path / "m.h5")
    with monkeypatch.context() as busy:
        busy.setattr(hdf5_process, "WAIT_SECONDS", 0.0)
        busy.setattr(hdf5_process, "MOST_SECONDS", 0.0)
        with pytest.raises(ValueError, match="wasn't read within") as refused:
            gv.open_model(path)
    assert "damaged" not in str(refused.value)
    assert gv.open_model(path).module.hidden_size == 5


def test_a_whole_answer_counts_although_its_process_does_not_end(tmp_path, monkeypatch):
    path = model(tmp_path / "m.h5")
    child = Path(hdf5_child.__file__).read_text()
    assert child.count("os._exit(0)") == 1
    slow = child.replace("os._exit(0)", "os.close(1); import time; time.sleep(60)")
    (tmp_path / "child.py").write_text(slow)
    monkeypatch.setattr(hdf5_child, "__file__", str(tmp_path / "child.py"))
    assert gv.open_model(path).module.hidden_size == 5


def test_a_file_waits_for_its_turn_only_so_long(tmp_path, monkeypatch):
    path = model(tmp_path / "m.h5")
    turns = threading.BoundedSemaphore(1)
    monkeypatch.setattr(hdf5_process, "_PROCESSES", turns)
    with monkeypatch.context() as busy, turns:
        busy.setattr(hdf5_process, "WAIT_SECONDS", 0.1)
        with pytest.raises(ValueError, match=r"wasn't read within 10 seconds\. Try again"):
            gv.open_model(path)
    assert gv.open_model(path).module.hidden_size == 5
    assert turns.acquire(blocking=False)  # each turn is given back


@pytest.mark.parametrize("code", [1, 2, 3])
def test_a_process_that_ends_by_itself_is_no_fault_of_the_file(tmp_path, monkeypatch, code):
    path = model(tmp_path / "m.h5")
    replace_child(tmp_path, monkeypatch, f"os._exit({code})")
    with pytest.raises(ImportError, match=rf"second process of Python\. It ended with code {code}"):
        gv.open_model(path)


def test_a_process_knows_no_passwords_and_its_words_are_printable(tmp_path, monkeypatch):
    monkeypatch.setenv("GATESVIZ_DATABASE", "password")
    path = model(tmp_path / "m.h5")
    header = "{'refused': 'damaged', 'name': f'x\\x1b\\n{names}', 'count': 0, 'rest': 0}"
    program = f"import json\nnames = ','.join(os.environ)\ntext = json.dumps({header}).encode()\n"
    program += "out = len(text).to_bytes(8, 'little') + text"
    replace_child(tmp_path, monkeypatch, program)
    with pytest.raises(ValueError, match=r"file: x  [\w,]+\. Save") as refused:
        gv.open_model(path)
    assert "GATESVIZ" not in str(refused.value)


NEEDS = r"^'m\.h5' is a Keras file, and reading it needs a second process of Python\. "


@pytest.mark.parametrize(
    ("owner", "name", "value", "why"),
    [
        (sys, "executable", "/none/python", "It didn't start: "),
        (sys, "executable", None, "This program doesn't know where Python is. Open the file in"),
        (sys, "executable", "", "This program doesn't know where Python is. Open the file in"),
        (sys, "frozen", True, "A packaged app can't start one. Open the file in Python"),
        (hdf5_child, "__file__", "/app.zip/hdf5_child.py", "The file 'hdf5_child.py' is missing. "),
    ],
)
def test_a_python_that_does_not_start_is_no_fault_of_the_file(
    tmp_path, monkeypatch, owner, name, value, why
):
    monkeypatch.setattr(owner, name, value, raising=False)
    with pytest.raises(ImportError, match=NEEDS + re.escape(why)):
        gv.open_model(model(tmp_path / "m.h5"))


def limited(program: str) -> "subprocess.CompletedProcess[str]":
    """Run a program after `hdf5_child.limit` of 20 MB and a fifth of a second."""
    folder = str(Path(hdf5_child.__file__).parent)
    begin = f"import sys; sys.path.append({folder!r}); import hdf5_child, os\n"
    begin += "hdf5_child.limit(20_000_000, 0.2)\n"
    command = [sys.executable, "-I", "-S", "-c", begin + program]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of Linux")
def test_the_process_has_little_memory_and_time_and_writes_no_file(tmp_path):
    ended = limited("bytearray(10_000_000); print('fits'); bytearray(50_000_000)")
    assert ended.stdout == "fits\n"
    assert "MemoryError" in ended.stderr
    write = f"open({str(tmp_path / 'file')!r}, 'w').write('x')"
    limited(write)
    assert not (tmp_path / "file").read_text()
    limited(f"import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); {write}")
    assert not (tmp_path / "file").read_text()
    start = time.monotonic()
    assert limited("while True: pass").returncode in (-signal.SIGPROF, -signal.SIGXCPU)
    assert time.monotonic() - start < 30


def test_the_name_of_a_file_may_begin_with_a_dash(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("-c.h5", "--help", os.fsdecode(b"m\xff.h5")):
        (tmp_path / name).write_bytes((FOLDER / "text_lstm.h5").read_bytes() + os.fsencode(name))
        assert gv.open_model(name).module.hidden_size == 5


@pytest.mark.parametrize(
    "options",
    [
        {"dtype": ">f4"}, {"dtype": "<f2"}, {"dtype": "<f8"}, {"dtype": ">f8"},
        {"chunks": True}, {"chunks": True, "fletcher32": True, "dtype": ">f8"},
        {"dtype": np.longdouble},
    ],
)  # fmt: skip
def test_numbers_of_all_kinds_are_those_that_h5py_reads(tmp_path, options):
    path = model(tmp_path / "m.h5")
    with h5py.File(path, "r+") as file:
        group = file["model_weights/lstm/lstm/lstm_cell"]
        for key in [*group]:
            values = group[key][()]
            del group[key]
            group.create_dataset(key, data=values, **options)
        kernel = group["recurrent_kernel:0"][()].astype(np.float64)
        bias = group["bias:0"][()].astype(np.float64)
    found = gv.open_model(path).module
    assert (found.weight_hh_l0.dtype == torch.float64) == ("8" in str(options.get("dtype")))
    np.testing.assert_array_equal(found.weight_hh_l0.detach().double().numpy(), kernel.T)
    np.testing.assert_array_equal(found.bias_ih_l0.detach().double().numpy(), bias)


def test_a_long_configuration_fits_and_many_data_sets_are_listed(tmp_path):
    path = model(tmp_path / "m.h5")
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        file.attrs["model_config"] = json.dumps(
            config | {"more": "é" * 1_900_000}, ensure_ascii=False
        )
    assert gv.open_model(path).module.hidden_size == 5
    with h5py.File(tmp_path / "many.h5", "w") as file:
        for k in range(3_990):
            file[f"a{k}"] = np.ones(2, "f4")
    with pytest.raises(ValueError, match="has no LSTM, GRU or SimpleRNN layer"):
        gv.open_model(tmp_path / "many.h5")


def test_the_same_bytes_are_listed_once(tmp_path, monkeypatch):
    path = model(tmp_path / "m.h5")
    first = gv.open_model(path).module.weight_hh_l0
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("read again"))
    assert torch.equal(gv.open_model(path.rename(tmp_path / "n.h5")).module.weight_hh_l0, first)
