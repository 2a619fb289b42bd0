"""Small trained models that come with the package.

`trained_info` reads a file's metadata without torch. `load_trained` also builds the module.
`gatesviz/trained/train.py` trains the models again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gatesviz.cells import CELLS, every_cell, find_cell
from gatesviz.fresh import plain_defaults, unfilled, with_memory
from gatesviz.names import did_you_mean
from gatesviz.tasks import TASKS, Continuation, Task, continue_text

if TYPE_CHECKING:
    from torch import nn

    from gatesviz.fresh import Module

FOLDER = Path(__file__).parent
FORMAT, VERSION = "gatesviz trained model", 1
ACTIVE = {"i": "large", "f": "small", "o": "large", "r": "small", "z": "small"}
"""Letter of a gate -> how it is when `gatesviz.trained.train` counts it as active."""


@dataclass(frozen=True)
class PackagedInfo:
    """The metadata of a packaged model.

    Attributes:
        name: its name for `load_trained`, which is also the file's name.
        task: the task it was trained on.
        cell: key of `gatesviz.cells.CELLS`.
        hidden_size: H.
        vocabulary: the characters it reads, one-hot in this order; None if it reads numbers.
        answer_names: the O answers of its readout; a single one is a number, not a choice.
        seed, updates: of the training run.
        work: the weight of the penalty on active gates: see `gatesviz.trained.train`.
        score, baseline: of the model and of the best constant answer, on held-out samples.
        command: the command that trains it again.
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
        text = f"{self.name!r}, {self.cell}, H={self.hidden_size}, {self.metric}: {self.score:.4g}"
        return f"{type(self).__name__}({text})"

    @property
    def metric(self) -> str:
        """The name of the score."""
        return self.task.metric

    @property
    def example(self) -> str:
        """A good first input: a text, or numbers separated by spaces."""
        return self.task.example

    @property
    def solved(self) -> bool:
        """Whether the score reaches the task's limit for "solved"."""
        return self.task.solved(self.score)

    @property
    def description(self) -> str:
        """The cell, its size, its task, its held-out score and its penalty, for a page."""
        score = self.task.describe_score(self.score)
        verdict = " (lower is better)" if self.task.better == "lower" else ""
        verdict += "" if self.solved else ", which doesn't count as solved"
        return (
            f"{CELLS[self.cell].name} with {self.hidden_size} hidden units. Task:"
            f" {self.task.title}. On held-out sequences of {self.task.length} steps:"
            f" {' '.join(filter(None, (score, self.task.scored)))}{verdict}. The best"
            f" constant answer, {self.task.constant_answer}, reaches"
            f" {self.task.score_text(self.baseline)}.{self.penalty and f' {self.penalty}'}"
        )

    @property
    def penalty(self) -> str:
        """When the training loss had a penalty, in two sentences; "" without a penalty."""
        if not self.work:
            return ""
        gates = [gate.letter for gate in CELLS[self.cell].gates]
        acts = [
            f"{' or '.join(found)} was {size}"
            for size in ("large", "small")
            if (found := [letter for letter in gates if ACTIVE.get(letter) == size])
        ]
        return (
            f"In training, the loss grew if {', or '.join(acts)}. So the gates rarely act, and are"
            " easier to interpret."
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
        """Return the readout's answer after each step, in the order of `answer_names`.

        Args:
            output: (..., H), h after each step, such as `Recording.output`.

        Returns:
            (..., O): probabilities that sum to one, or the number itself if O is 1.

        Raises:
            ValueError: if the last axis of ``output`` is not H.
        """
        hidden = np.asarray(output, dtype=np.float64)
        if hidden.shape[-1:] != (self.hidden_size,):
            raise ValueError(f"output has shape {hidden.shape}, expected (..., {self.hidden_size})")
        weight, bias = (
            p.detach().double().numpy() for p in (self.readout.weight, self.readout.bias)
        )
        logits: NDArray[np.float64] = hidden @ weight.T + bias
        if len(self.answer_names) == 1:
            return logits
        shares: NDArray[np.float64] = np.exp(logits - logits.max(-1, keepdims=True))
        shares /= shares.sum(-1, keepdims=True)
        return shares

    def continue_text(
        self, prompt: str, letters: int = 200, *, temperature: float = 0.7, seed: int = 0
    ) -> Continuation:
        """Return ``letters`` letters that the model writes after ``prompt``.

        The same arguments give the same text: see `gatesviz.tasks.continue_text`.

        Raises:
            TypeError: if ``prompt`` is not a str.
            ValueError: if the model doesn't predict characters or knows none of the prompt's, or
                if an argument is outside its limit.
        """
        return continue_text(
            self.task,
            self.module,
            self.readout,
            prompt,
            letters,
            temperature=temperature,
            seed=seed,
        )


def trained_names() -> tuple[str, ...]:
    """Return the names of all packaged models, by task, then RNN, GRU, LSTM."""
    words = dict.fromkeys(cell.word for cell in reversed(every_cell()))
    return tuple(
        name for task in TASKS for word in words if _path(name := f"{task}-{word}").is_file()
    )


def trained_name(task: str, cell: str) -> str | None:
    """Return the name of the packaged model of a cell on a task, or None if there is none.

    Raises:
        ValueError: if there is no such cell.
    """
    name = f"{task}-{find_cell(cell).word}"
    return name if name in trained_names() and trained_info(name).cell == cell else None


def trained_info(name: str) -> PackagedInfo:
    """Return a model's metadata without loading torch.

    Args:
        name: one of `trained_names`, or a task's key alone for its LSTM.

    Raises:
        ValueError: if there is no such model, or its file has another format.
    """
    from safetensors import safe_open

    known = trained_names()
    if name not in known and isinstance(name, str) and f"{name}-lstm" in known:
        name = f"{name}-lstm"
    if name not in known:
        hint = did_you_mean(name, known)
        raise ValueError(f"no trained model {name!r}; expected one of {', '.join(known)}{hint}")
    with safe_open(_path(name), framework="numpy") as file:
        metadata = (file.metadata() or {}).get("gatesviz")
    return PackagedInfo(name=name, **_read(name, json.loads(metadata or "{}")))


@plain_defaults()
def load_trained(name: str) -> PackagedModel:
    """Load a model that ships with gatesviz. Each call returns a new copy that you may change.

    Args:
        name: such as "recall-gru"; a task's key alone, such as "recall", means its LSTM.

    Raises:
        ValueError: if there is no such model, or if the names or shapes of the file's weights
            don't match its metadata; the message names them.
    """
    from safetensors.torch import load_file

    info = trained_info(name)
    module, readout = empty(
        info.cell, info.task.input_size, info.hidden_size, info.task.output_size
    )
    tensors = load_file(_path(info.name))
    expected = module.state_dict() | {f"readout.{k}": v for k, v in readout.state_dict().items()}
    shapes = [{k: tuple(v.shape) for k, v in one.items()} for one in (tensors, expected)]
    if shapes[0] != shapes[1]:
        raise ValueError(f"{info.name}.safetensors holds {shapes[0]}, expected {shapes[1]}")
    readout.load_state_dict({k: tensors.pop(f"readout.{k}") for k in ("weight", "bias")})
    module.load_state_dict(tensors)
    known = {field.name: getattr(info, field.name) for field in fields(info)}
    return PackagedModel(**known, module=module.eval(), readout=readout.eval())


def empty(cell: str, inputs: int, hidden: int, outputs: int) -> "tuple[Module, nn.Linear]":
    """Return a module and a readout with uninitialised weights."""
    from torch import nn

    readout = with_memory(nn.Linear(hidden, outputs, device="meta"))
    return unfilled(cell, inputs, hidden), readout


def _path(name: str) -> Path:
    return FOLDER / f"{name}.safetensors"


def _read(name: str, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metadata as fields of `PackagedInfo`, without the name."""
    if metadata.get("format") != FORMAT or metadata.get("version") != VERSION:
        raise ValueError(
            f"{name}.safetensors is {metadata.get('format')!r}, version"
            f" {metadata.get('version')}; expected {FORMAT!r}, version {VERSION}"
        )
    texts = {
        k: None if metadata[k] is None else tuple(metadata[k])
        for k in ("vocabulary", "answer_names")
    }
    plain = ("cell", "hidden_size", "seed", "updates", "work", "score", "baseline", "command")
    return {"task": TASKS[metadata["task"]], **texts, **{k: metadata[k] for k in plain}}
