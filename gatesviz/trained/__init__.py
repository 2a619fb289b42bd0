"""Small trained models that ship with the package, so that a first look shows gates at work.

`trained_info` reads what a file says about itself and loads no torch; `load_trained` also
makes the module. `gatesviz/trained/train.py` is how each file was made.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gatesviz.cells import CELLS
from gatesviz.fresh import unfilled
from gatesviz.tasks import TASKS, Task

if TYPE_CHECKING:
    from torch import nn

    from gatesviz.fresh import Module

FOLDER = Path(__file__).parent
FORMAT, VERSION = "gatesviz trained model", 1
KINDS = ("rnn", "gru", "lstm")


@dataclass(frozen=True)
class PackagedInfo:
    """What a file of weights says about itself.

    Attributes:
        name: what `load_trained` takes, also the file's name.
        task: what it was trained to do; its metric names the score.
        cell: key of `gatesviz.cells.CELLS`.
        hidden_size: H.
        vocabulary: the characters it reads, one-hot in this order; None if it reads numbers.
        answer_names: the O answers of its readout; a single one is a number, not a choice.
        seed, updates: of the training run.
        work: what the training charged the gates for acting: see `gatesviz.trained.train`.
        score, baseline: on samples that training did not see, and the best constant answer's.
        command: what makes the file again.
    """

    name: str
    task: Task
    cell: str
    hidden_size: int
    vocabulary: tuple[str, ...] | None
    answer_names: tuple[str, ...]
    seed: int
    updates: int
    work: float
    score: float
    baseline: float
    command: str

    def __repr__(self) -> str:
        told = f"{self.name!r}, {self.cell}, H={self.hidden_size}, {self.metric}: {self.score:.4g}"
        return f"{type(self).__name__}({told})"

    @property
    def metric(self) -> str:
        """What the score is called."""
        return self.task.metric

    @property
    def example(self) -> str:
        """A good first input: a text, or numbers separated by spaces."""
        return self.task.example

    @property
    def solved(self) -> bool:
        """Whether the score reaches what the task calls solved."""
        return self.task.solved(self.score)

    @property
    def description(self) -> str:
        """The cell, its size, its task and its held-out score, for a page."""
        verdict = "" if self.solved else ", which doesn't count as solved"
        return (
            f"{CELLS[self.cell].name} with {self.hidden_size} hidden units. Task:"
            f" {self.task.title}. On held-out sequences of {self.task.length} steps:"
            f" {self.task.describe_score(self.score)}{verdict}. The best constant answer:"
            f" {self.task.describe_score(self.baseline)}."
        )


@dataclass(frozen=True, eq=False, repr=False)
class PackagedModel(PackagedInfo):
    """A trained model, ready to be recorded.

    Attributes:
        module: `torch.nn.RNN`, `GRU` or `LSTM` with one layer, in evaluation mode; time first.
        readout: `torch.nn.Linear`, h (T, B, H) -> answer (T, B, O).
    """

    module: "Module"
    readout: "nn.Linear"

    def answers(self, output: ArrayLike) -> NDArray[np.float64]:
        """Return what the readout says after each step, in the order of `answer_names`.

        Args:
            output: (..., H), h after each step: `Recording.output`, say.

        Returns:
            (..., O): probabilities that sum to one, or the number itself where O is 1.

        Raises:
            ValueError: if the last axis of ``output`` is not H.
        """
        hidden = np.asarray(output, dtype=np.float64)
        if hidden.shape[-1:] != (self.hidden_size,):
            raise ValueError(f"output has shape {hidden.shape}, expected (..., {self.hidden_size})")
        weight, bias = (
            p.detach().double().numpy() for p in (self.readout.weight, self.readout.bias)
        )
        said: NDArray[np.float64] = hidden @ weight.T + bias
        if len(self.answer_names) == 1:
            return said
        odds: NDArray[np.float64] = np.exp(said - said.max(-1, keepdims=True))
        odds /= odds.sum(-1, keepdims=True)
        return odds


def trained_names() -> tuple[str, ...]:
    """Return the names of all models that ship, by task, then RNN, GRU, LSTM."""
    return tuple(
        name for task in TASKS for kind in KINDS if _path(name := f"{task}-{kind}").is_file()
    )


def trained_info(name: str) -> PackagedInfo:
    """Return what is known of a model, without loading torch.

    Raises:
        ValueError: if there is no such model, or the file is not of this package's format.
    """
    from safetensors import safe_open

    if name not in trained_names():
        raise ValueError(f"no trained model {name!r}; there are {', '.join(trained_names())}")
    with safe_open(_path(name), framework="numpy") as file:
        told = (file.metadata() or {}).get("gatesviz")
    return PackagedInfo(name=name, **_read(name, json.loads(told or "{}")))


def load_trained(name: str) -> PackagedModel:
    """Return a model with a module of its own, so that changing one changes no other.

    Raises:
        ValueError: if there is no such model, or the file's weights have other names or shapes
            than its metadata says; the sentence names them.
    """
    from safetensors.torch import load_file

    info = trained_info(name)
    module, readout = empty(
        info.cell, info.task.input_size, info.hidden_size, info.task.output_size
    )
    tensors = load_file(_path(name))
    wanted = module.state_dict() | {f"readout.{k}": v for k, v in readout.state_dict().items()}
    shapes = [{k: tuple(v.shape) for k, v in found.items()} for found in (tensors, wanted)]
    if shapes[0] != shapes[1]:
        raise ValueError(f"{name}.safetensors holds {shapes[0]}, expected {shapes[1]}")
    readout.load_state_dict({k: tensors.pop(f"readout.{k}") for k in ("weight", "bias")})
    module.load_state_dict(tensors)
    known = {field.name: getattr(info, field.name) for field in fields(info)}
    return PackagedModel(**known, module=module.eval(), readout=readout.eval())


def empty(cell: str, inputs: int, hidden: int, outputs: int) -> "tuple[Module, nn.Linear]":
    """Return a module and a readout whose weights are still to be filled."""
    from torch import nn

    readout = nn.Linear(hidden, outputs, device="meta").to_empty(device="cpu")
    return unfilled(cell, inputs, hidden), readout


def _path(name: str) -> Path:
    return FOLDER / f"{name}.safetensors"


def _read(name: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metadata as fields of `PackagedInfo`, without the name."""
    if told.get("format") != FORMAT or told.get("version") != VERSION:
        raise ValueError(
            f"{name}.safetensors is {told.get('format')!r}, version {told.get('version')};"
            f" {FORMAT!r}, version {VERSION} is wanted"
        )
    texts = {k: None if told[k] is None else tuple(told[k]) for k in ("vocabulary", "answer_names")}
    plain = ("cell", "hidden_size", "seed", "updates", "work", "score", "baseline", "command")
    return {"task": TASKS[told["task"]], **texts, **{k: told[k] for k in plain}}
