"""Small Keras files of the format of Keras 2, without Keras: see `written`."""

import json
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np

Described = tuple[dict[str, Any], dict[str, np.ndarray]]
"""The configuration of a layer, and its weights."""


def layer(kind: str, name: str, reads: object = None, **config: object) -> Described:
    """A layer without weights. ``reads``: its nodes in a functional model, or names of layers."""
    described = {"class_name": kind, "config": {"name": name, **config}, "name": name}
    if isinstance(reads, str):
        reads = [[[one, 0, 0, {}] for one in reads.split()]] if reads else []
    return described | ({} if reads is None else {"inbound_nodes": reads}), {}


def lstm(name: str, inputs: int, units: int, reads: object = None, **config: object) -> Described:
    described, _ = layer("LSTM", name, reads, **{"units": units, "return_sequences": True} | config)
    shapes = {"kernel": (inputs, 4 * units), "recurrent_kernel": (units, 4 * units)}
    return described, _filled(f"{name}/lstm_cell", shapes | {"bias": (4 * units,)})


def dense(
    name: str, inputs: int, units: int, activation: object = "linear", reads: object = None
) -> Described:
    described, _ = layer("Dense", name, reads, units=units, activation=activation)
    return described, _filled(name, {"kernel": (inputs, units), "bias": (units,)})


def _filled(name: str, shapes: dict[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
    random = np.random.default_rng(zlib.crc32(name.encode()))
    return {
        f"{name}/{key}:0": random.normal(size=shape).astype(np.float32)
        for key, shape in shapes.items()
    }


def written(path: Path, *layers: Described, **config: object) -> Path:
    """Write a sequential model, or a functional one if its layers say what they read."""
    import h5py

    kind = "Functional" if any("inbound_nodes" in one for one, _ in layers) else "Sequential"
    described = {"name": "m", "layers": [one for one, _ in layers], **config}
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps({"class_name": kind, "config": described})
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [one["name"].encode() for one, _ in layers]
        for one, weights in layers:
            own = group.create_group(one["name"])
            own.attrs["weight_names"] = [name.encode() for name in weights]
            for name, values in weights.items():
                own.create_dataset(name, data=values)
    return path


def crashing(path: Path) -> bytes:
    """A file whose wrong byte, in the type of the layers' names, makes HDF5 2.0 crash."""
    data = bytearray(written(path, lstm("lstm", 3, 5), dense("dense", 5, 2)).read_bytes())
    place = data.index(b"layer_names\0") + 17
    assert data[place] == 1
    data[place] = 86
    return bytes(data)


def costly(path: Path) -> bytes:
    """A file in which the name of a layer claims 3.9 GB, which HDF5 2.0 allocates and fills."""
    data = bytearray(written(path, lstm("lstm", 3, 5), dense("dense", 5, 2)).read_bytes())
    place = data.index(b"layer_names\0") + 64
    assert struct.unpack_from("<IQ", data, place) == (4, data.index(b"GCOL"))
    struct.pack_into("<I", data, place, 3_900_000_000)
    return bytes(data)


def activated(name: str, sums: np.ndarray) -> np.ndarray:
    """What Keras documents for an activation, in float64."""
    x = sums.astype(np.float64)
    scale, alpha = 1.05070098, 1.67326324
    formulas = {
        "relu": np.maximum(x, 0),
        "tanh": np.tanh(x),
        "softplus": np.log(np.exp(x) + 1),
        "softsign": x / (np.abs(x) + 1),
        "exponential": np.exp(x),
        "elu": np.where(x > 0, x, np.exp(x) - 1),
        "selu": scale * np.where(x > 0, x, alpha * (np.exp(x) - 1)),
        "silu": x / (1 + np.exp(-x)),
        "swish": x / (1 + np.exp(-x)),
    }
    return formulas[name]
