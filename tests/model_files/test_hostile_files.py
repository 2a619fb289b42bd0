"""Hostile and broken files: one sentence, nothing run, little memory, no lasting effect."""

import argparse
import contextlib
import json
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save
from torch import nn

import gatesviz as gv

LSTM = nn.LSTM(3, 4)
GOOD = LSTM.state_dict()
MOST = 50 * 1024
"""kB"""


class Call:
    """Calls a function with arguments when it is unpickled."""

    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self.pair = function, arguments

    def __reduce__(self):
        return self.pair


class Own(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(3, 4)


def rezipped(path: Path, change: Callable[[str, bytes], bytes | None], compress: int = 0) -> bytes:
    torch.save(GOOD, path)
    other = path.with_suffix(".zip")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(other, "w", compress) as target:
        for name in source.namelist():
            data = change(name, source.read(name))
            if data is not None:
                target.writestr(name, data)
    return other.read_bytes()


def with_pickle(data: bytes) -> Callable[[Path], bytes]:
    return lambda path: rezipped(path, lambda n, d: data if n.endswith("data.pkl") else d)


def with_record(data: bytes | None, compress: int = 0) -> Callable[[Path], bytes]:
    return lambda path: rezipped(path, lambda n, d: data if n.endswith("data/0") else d, compress)


def saving(value: object, **options: bool) -> Callable[[Path], bytes]:
    def make(path: Path) -> bytes:
        torch.save(value, path, **options)
        return path.read_bytes()

    return make


def tensors(header: object, rest: bytes = b"") -> Callable[[Path], bytes]:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return lambda path: struct.pack("<Q", len(text)) + text + rest


def claiming(data: bytes) -> bytes:
    """Return a pickle that claims a thousand million numbers where it had 48."""
    huge = b"J" + struct.pack("<i", 10**9)
    return data.replace(b"K0", huge).replace(b"K\x10K\x03", huge + b"K\x03")


def zipped(files: dict[str, bytes]) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def old() -> bytes:
    file = BytesIO()
    torch.save(GOOD, file, _use_new_zipfile_serialization=False)
    return file.getvalue()


def but(**changes: torch.Tensor | None) -> Callable[[Path], bytes]:
    changed = {**GOOD, **changes}
    return saving({name: tensor for name, tensor in changed.items() if tensor is not None})


def filled(value: float) -> torch.Tensor:
    return torch.full((16, 4), value)


def quantised() -> dict[str, torch.Tensor]:
    return {k: torch.quantize_per_tensor(v, 0.1, 0, torch.qint8) for k, v in GOOD.items()}


OPTIMISER = torch.optim.SGD(nn.Linear(1, 1).parameters(), 0.1, momentum=0.9).state_dict()
HUGE = torch.zeros(1).expand(10**9)
LIE = {"dtype": "F32", "shape": [10**9], "data_offsets": [0, 4 * 10**9]}
FILES: dict[str, tuple[Callable[[Path], bytes], str]] = {
    "runs code": (saving({"state_dict": GOOD, "x": Call(os.system, "touch hacked")}), "system"),
    "runs code at once": (lambda p: pickle.dumps(Call(os.system, "touch hacked"), 2), "system"),
    "another protocol": (
        lambda p: pickle.dumps({"a": Own}, 4),
        r"'m' is a pickle \(protocol 4\),.*\n  model = pickle\.load\(open\('m', 'rb'\)\)\n",
    ),
    "whole module": (saving(Own()), r"whole pickled module .*\n  model = torch\.load\('m', weig"),
    "whole, old format": (saving(Own(), _use_new_zipfile_serialization=False), "whole pickled mod"),
    "settings": (
        saving({"state_dict": GOOD, "args": argparse.Namespace(a=1)}),
        r"argparse\.Namespace.*\n.*\n  torch\.save\(checkpoint\['state_dict'\], 'weights\.pt'\)$",
    ),
    "NumPy scalar": (saving({"state_dict": GOOD, "accuracy": np.float64(0.5)}), r"numpy"),
    "settings, other name": (
        saving({"state": GOOD, "args": argparse.Namespace(a=1)}),
        r"\n  torch\.save\(checkpoint\['state'\], 'weights\.pt'\)$",
    ),
    "optimiser": (
        saving(OPTIMISER),
        "the state of an optimiser and no model: expected the weights",
    ),
    "optimiser, named": (saving({"optim": OPTIMISER, "epoch": 2}), "the state of an optimiser"),
    "quantised layers": (
        lambda p: saving(quantised() | {"linear.dtype": torch.qint8})(p),
        "holds quantised, sparse or meta tensors .*before the model is quantised",
    ),
    "LFS": (lambda p: b"version https://git-lfs.github.com/spec/v1\n", "Run: git lfs pull"),
    "web page": (lambda p: b"<!DOCTYPE html><html>", "is a web page: expected the model file"),
    "bytearray": (saving({"state_dict": GOOD, "x": Call(bytearray, 10**10)}), "bytearray"),
    "storage": (saving({"state_dict": GOOD, "x": Call(torch.UntypedStorage, 10**10)}), "Storage"),
    "tensor": (saving({"state_dict": GOOD, "x": Call(torch.Tensor, 10**10)}), r"torch\.Tensor"),
    "expanded": (but(weight_hh_l0=HUGE.view(-1, 4)), "expected 16 rows"),
    "expanded, fitting": (
        saving(
            {
                n: torch.zeros(1).expand(40000, *s)
                for n, s in (("weight_ih_l0", [3]), ("weight_hh_l0", [10000]))
            }
        ),
        "400,120,000 weights, expected up to 50,000,000",
    ),
    "expanded, below the limit": (
        saving(
            {
                n: torch.zeros(1).expand(12000, *s)
                for n, s in (("weight_ih_l0", [3]), ("weight_hh_l0", [3000]))
            }
        ),
        "repeats 4 bytes to fill 144,000,000",
    ),
    "claims more": (
        lambda p: rezipped(p, lambda n, d: claiming(d) if n.endswith("data.pkl") else d),
        "is damaged",
    ),
    "short record": (with_record(b"\0" * 4), "claims more numbers than it holds"),
    "no record": (with_record(None), "is damaged"),
    "bomb": (with_record(bytes(60_000_000), zipfile.ZIP_DEFLATED), "compressed or damaged"),
    "operations": (with_pickle(b"\x80\x02]" + b"]0" * 200_000 + b"."), "more than 150,000 oper"),
    "deep": (with_pickle(b"\x80\x02" + b"]" * 50_000 + b"a" * 49_999 + b"."), "no recurrent"),
    "memo": (with_pickle(b"\x80\x02}r\xff\xff\xff\x7f."), "no recurrent layer"),
    "long": (with_pickle(b"\x80\x02\x8b\xff\xff\xff\x7f."), "is damaged"),
    "no pickle": (with_pickle(b"\x80\x02what is this"), "is damaged"),
    "NaN": (but(weight_hh_l0=filled(np.nan)), "'weight_hh_l0': 64 of its 64 values are NaN"),
    "infinite": (but(weight_hh_l0=filled(np.inf)), "'weight_hh_l0': 64 of its 64 values are NaN"),
    "rows": (but(weight_hh_l0=torch.zeros(17, 4)), r"shape \(17, 4\): with 4 hidden .* 16 rows"),
    "axes": (but(weight_hh_l0=torch.zeros(16)), r"shape \(16,\), expected two sizes"),
    "bias": (but(bias_hh_l0=torch.zeros(15)), r"'bias_hh_l0' has shape \(15,\), expected \(16,\)"),
    "one bias": (but(bias_hh_l0=None), "'bias_hh_l0' is missing"),
    "no recurrent matrix": (but(weight_hh_l0=None), "'weight_hh_l0' is missing"),
    "gap": (
        saving({k: v for k, v in nn.LSTM(3, 4, 3).state_dict().items() if "_l1" not in k}),
        "'weight_ih_l1' is missing",
    ),
    "layers": (but(weight_ih_l999=filled(0.0)), "layers in a model file: 1,000 is outside"),
    "half a weight norm": (but(weight_hh_l0=None, weight_hh_l0_g=filled(0.0)), "is missing; the"),
    "transformer": (saving(nn.TransformerEncoderLayer(8, 2).state_dict()), "no recurrent layer"),
    "int8": (saving({k: v.to(torch.int8) for k, v in GOOD.items()}), "is int8: expected floating"),
    "complex": (saving({k: v + 1j for k, v in GOOD.items()}), "complex64: expected a dense"),
    "quantised": (lambda p: saving(quantised())(p), "holds quantised"),
    "sparse": (saving({k: v.to_sparse() for k, v in GOOD.items()}), "sparse or meta tensors"),
    "meta": (saving({k: v.to("meta") for k, v in GOOD.items()}), "sparse or meta tensors"),
    "old, claims more": (lambda p: claiming(old()), "is damaged"),
    "old, cut": (lambda p: old()[:-50], "is damaged"),
    "no tensors": (saving([1, 2]), "no recurrent layer.* It holds none"),
    "other zip": (lambda p: b"PK\x03\x04" + bytes(90), "damaged: it begins as an archive"),
    "empty": (lambda p: b"", "is empty"),
    "text": (lambda p: b"weights of my model", "unknown format"),
    "safetensors, claims": (tensors({"weight_hh_l0": LIE}, bytes(100)), "damaged safetensors"),
    "safetensors, length": (lambda p: struct.pack("<Q", 2**39) + b"{}", "claims 549,755,813,888"),
    "safetensors, deep": (tensors(b"{" + b'"a":{' * 500_000), "damaged safetensors"),
    "safetensors, cut": (lambda p: save(GOOD)[:-30], "damaged safetensors"),
    "many parts": (
        saving({f"a{k}.weight_hh": torch.zeros(1) for k in range(501)}),
        "has 501 recurrent parts, expected up to 500",
    ),
    "zip of many files": (
        lambda p: zipped({f"{k:0100}": b"" for k in range(15_000)}),
        "table of contents of 2,",
    ),
    "safetensors, none": (
        tensors({"a": LIE | {"shape": [0], "data_offsets": [0, 0]}}),
        "recurrent",
    ),
}


def peak() -> int:
    """Return the largest resident size since the last `reset`, in kB."""
    [line] = [x for x in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in x]
    return int(line.split()[1])


@pytest.fixture
def measured():
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("memory is measured on Linux only")
    Path("/proc/self/clear_refs").write_text("5")
    return peak


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FILES)
def test_it_is_refused_in_one_sentence_and_nothing_runs(name, tmp_path, monkeypatch, measured):
    monkeypatch.chdir(tmp_path)
    make, sentence = FILES[name]
    data = make(tmp_path / "made")
    path = tmp_path / "m"
    path.write_bytes(data)
    Path("/proc/self/clear_refs").write_text("5")
    before = measured()
    with pytest.raises(ValueError, match=f"(?s){sentence}") as caught:
        gv.open_model(path)
    assert measured() - before < MOST
    assert not (tmp_path / "hacked").exists()
    text = str(caught.value)
    assert len(text) < 700
    assert str(tmp_path) not in text


@pytest.mark.parametrize("ending", ["pt", "safetensors", "old"])
def test_a_file_cut_anywhere_is_refused(tmp_path, ending):
    path = tmp_path / "m"
    if ending == "safetensors":
        data = save(GOOD)
    else:
        torch.save(GOOD, path, _use_new_zipfile_serialization=ending == "pt")
        data = path.read_bytes()
    for length in range(0, len(data) - 1, max(1, len(data) // 60)):
        path.write_bytes(data[:length])
        with pytest.raises(ValueError, match="'m'"):
            gv.open_model(path)


@pytest.mark.parametrize("ending", ["pt", "safetensors", "old"])
def test_a_file_with_changed_bytes_opens_or_is_refused(tmp_path, ending):
    path, dice = tmp_path / "m", np.random.default_rng(0)
    if ending == "safetensors":
        data = save(GOOD)
    else:
        torch.save(GOOD, path, _use_new_zipfile_serialization=ending == "pt")
        data = path.read_bytes()
    for _ in range(150):
        changed = bytearray(data)
        for place in dice.integers(0, len(data), 3):
            changed[place] = dice.integers(256)
        path.write_bytes(changed)
        with contextlib.suppress(ValueError):
            gv.open_model(path)


def test_a_cycle_and_a_tree_of_repeats_open(tmp_path):
    loop: dict[str, object] = {"state_dict": GOOD}
    loop["again"] = loop
    tree: dict[str, object] = {}
    for _ in range(40):
        tree = {"a": tree, "b": tree}
    torch.save(loop | {"tree": tree}, tmp_path / "m.pt")
    assert gv.open_model(tmp_path / "m.pt").module.hidden_size == 4


def test_other_paths(tmp_path):
    with pytest.raises(FileNotFoundError):
        gv.open_model(tmp_path / "none.pt")
    with pytest.raises(TypeError, match="path: expected a file name"):
        gv.open_model(3)
    with pytest.raises(IsADirectoryError):
        gv.open_model(tmp_path)


def test_a_thousand_recurrent_parts_are_counted_before_any_tensor_is_read(tmp_path, monkeypatch):
    names = [f"a{k}.{name}_l0" for k in range(1_001) for name in ("weight_ih", "weight_hh")]
    torch.save(dict.fromkeys(names, torch.zeros(1)), tmp_path / "m.pt")
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("tensors were read"))
    with pytest.raises(ValueError, match="has 1,001 recurrent parts, expected up to 500"):
        gv.open_model(tmp_path / "m.pt")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("model-00001-of-00002.safetensors", "is file 1 of 2 of a model: expected one file with"),
        ("model-00002-of-00002__1_.safetensors", "whole model, rename it"),
        ("model.safetensors.index.json", "is the index of a model in several files"),
    ],
)
def test_a_model_in_several_files_is_refused(tmp_path, name, sentence):
    """The first file alone could be a complete model with fewer layers."""
    data = b'{"weight_map": {}}' if name.endswith("json") else save(GOOD)
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ValueError, match=sentence):
        gv.open_model(tmp_path / name)
    (tmp_path / "model-00001-of-00001.safetensors").write_bytes(save(GOOD))
    assert gv.open_model(tmp_path / "model-00001-of-00001.safetensors").module.hidden_size == 4
