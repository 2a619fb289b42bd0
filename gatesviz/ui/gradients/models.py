"""The models that the settings name, and their inputs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatesviz.cells import RNN_RELU, RNN_TANH, find_cell
from gatesviz.fresh import fresh
from gatesviz.sequences import parse_text, wave
from gatesviz.tasks import Task
from gatesviz.trained import load_trained, trained_name
from gatesviz.training import TrainedModel
from gatesviz.ui.gradients.parameters import (
    CELLS,
    CHRONO,
    DEFAULT,
    FRESH,
    FURTHER,
    LINEAR,
    NOISE,
    ORTHOGONAL,
    SET_BIAS,
    TEXT,
    TRAINED,
    ZEROS,
)
from gatesviz.ui.gradients.settings import Settings
from gatesviz.ui.model_upload import FILE, file_model

if TYPE_CHECKING:
    from torch import Generator, Tensor, nn

    from gatesviz.fresh import Module

LINE = "a gradient that goes back through time is multiplied at every step "
"""The text that a model reads, repeated."""
CHRONO_STREAM, INPUT_STREAM = 50_000, 60_000  # added to the seed: separate streams


@dataclass(frozen=True, eq=False)
class Subject:
    """One model with its inputs.

    Attributes:
        name: of the cell on the page, such as RNN.
        module: ``torch.nn``, one layer or more; do not change it.
        inputs: (T, I), unbatched.
        labels: the character of each step of a text; None for numbers.
        readout: the layer that turns h into answers; None for a fresh model.
        task: the task of its training; None for a fresh model.
        linear: whether the RNN has no input and no bias, so that h stays 0.
    """

    name: str
    module: "Module"
    inputs: "Tensor"
    labels: tuple[str, ...] | None = None
    readout: "nn.Linear | None" = None
    task: Task | None = None
    linear: bool = False


def subjects(settings: Settings, models: Sequence[TrainedModel] = ()) -> list[Subject]:
    """Return the models of ``settings``; ``models`` are half-trained or the reader's own."""
    if settings.weights == FRESH:
        return [fresh_subject(settings, name) for name in CELLS]
    if settings.weights == FILE:
        return [_of_file(settings)]
    if settings.weights == TRAINED:
        loaded = [load_trained(name) for name in packaged(settings.task)]
        return [_of_task(settings, m.task, m.cell, m.module, m.readout) for m in loaded]
    return [_of_task(settings, m.spec.learned, m.spec.cell, *m.modules()) for m in models]


def packaged(task: str) -> list[str]:
    """Return the names of the packaged models of a task, one for each cell that has one."""
    return [name for cell in CELLS.values() if (name := trained_name(task, cell))]


def _of_task(
    settings: Settings, task: Task, cell: str, module: "Module", readout: "nn.Linear"
) -> Subject:
    from gatesviz.training.samples import generator

    stream = generator(INPUT_STREAM + settings.seed)
    inputs = task.batch(stream, 1, settings.length, held_out=True).inputs[:, 0]
    name = find_cell(cell).short
    return Subject(name, module, inputs, task.letters(inputs), readout, task)


def _of_file(settings: Settings) -> Subject:
    """Return the model of the reader's file, with numbers, a text or random entries to read."""
    import torch

    model = file_model()
    assert model is not None
    T, stream = settings.length, torch.Generator().manual_seed(INPUT_STREAM + settings.seed)
    labels = None
    if not model.spelled:
        inputs = _numbers(T, model.module.input_size, settings.fed, stream)
        inputs = inputs.to(next(model.module.parameters()).dtype)
    else:
        numbers = torch.randint(model.entries, (T,), generator=stream).tolist()
        if settings.fed == TEXT:
            found, _ = model.entries_of(settings.text)
            numbers = [found[step % len(found)] for step in range(T)]
        inputs = model.opened.features(numbers)
        labels = tuple(map(model.label, numbers))
    readout = model.opened.readout
    return Subject(find_cell(model.cell).short, model.module, inputs, labels, readout)


def _numbers(T: int, size: int, fed: str, stream: "Generator") -> "Tensor":
    import torch

    if fed == NOISE:
        return torch.randn(T, size, generator=stream)
    if fed == ZEROS:
        return torch.zeros(T, size)
    return torch.tensor(wave("sine", T).values).expand(T, size)


def fresh_subject(settings: Settings, name: str) -> Subject:
    """Return the fresh model of a cell; ``name`` is one of `CELLS` or `FURTHER`."""
    import torch

    cell, linear = {**CELLS, **FURTHER}[name], False
    if cell == RNN_TANH.key:
        linear = settings.activation == LINEAR
        cell = RNN_RELU.key if settings.activation == "relu" else cell
    biases = find_cell(cell).biases
    inputs, labels = _inputs(settings)
    bias = settings.forget_bias if biases.forget and settings.bias == SET_BIAS else None
    module = fresh(
        cell, inputs.shape[1], settings.hidden_size, forget_bias=bias, seed=settings.seed
    )
    with torch.no_grad():
        _scale(module, settings)
        if biases.forget and settings.bias == CHRONO:
            _chrono(module, cell, settings)
        if linear:
            for which in ("bias_ih_l0", "bias_hh_l0"):
                module.get_parameter(which).zero_()
            inputs = torch.zeros_like(inputs)
    return Subject(name, module, inputs, labels, linear=linear)


def _inputs(settings: Settings) -> "tuple[Tensor, tuple[str, ...] | None]":
    """Return the inputs (T, I) and, for a text, the label of each step."""
    import torch

    T = settings.length
    if settings.fed == TEXT:
        sequence = parse_text((LINE * math.ceil(T / len(LINE)))[:T], None)
        return torch.tensor(sequence.values), sequence.labels
    if settings.fed == NOISE:
        stream = torch.Generator().manual_seed(INPUT_STREAM + settings.seed)
        return torch.randn(T, 1, generator=stream), None
    if settings.fed == ZEROS:
        return torch.zeros(T, 1), None
    return torch.tensor(wave("sine", T).values), None


def _scale(module: "Module", settings: Settings) -> None:
    """Give every H × H block of W_hh the spectral radius in ``settings``."""
    import torch

    if settings.recurrent == DEFAULT:
        return
    for block in torch.split(module.get_parameter("weight_hh_l0"), settings.hidden_size):
        if settings.recurrent == ORTHOGONAL:
            q, r = torch.linalg.qr(block.double())
            block.copy_(settings.radius * q * r.diagonal().sign())
        elif largest := spectral_radius(block):
            block.mul_(settings.radius / largest)


def _chrono(module: "Module", cell: str, settings: Settings) -> None:
    """Set the biases of `Biases.chrono` to ± ln u, u uniform in [1, T − 1].

    In the LSTM, b_f = ln u and b_i = −b_f (Tallec & Ollivier 2018).
    """
    import torch

    H, stream = settings.hidden_size, torch.Generator()
    stream.manual_seed(CHRONO_STREAM + settings.seed)
    keep = torch.empty(H).uniform_(1, max(settings.length - 1, 1), generator=stream).log()
    for block, sign in find_cell(cell).biases.chrono.items():
        at = find_cell(cell).blocks.index(block) * H
        module.get_parameter("bias_ih_l0")[at : at + H] = sign * keep
        module.get_parameter("bias_hh_l0")[at : at + H] = 0


def spectral_radius(block: "Tensor") -> float:
    """Return the largest absolute value of the eigenvalues of a square matrix."""
    import torch

    return float(torch.linalg.eigvals(block.detach().double()).abs().max())
