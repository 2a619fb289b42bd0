"""Modules of every cell: untrained ones, drawn from a seed, and the cell that makes one step."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from gatesviz.cells import Weights, find_cell
from gatesviz.limits import FEATURES, HIDDEN, LAYERS, SEED

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from gatesviz.recordings.stepwise import StepModule

    Module = nn.RNN | nn.LSTM | nn.GRU | StepModule

Kind = TypeVar("Kind", bound="nn.Module")


class _Defaults:
    """The caller's default dtype while threads are in `plain_defaults`. All threads share it."""

    lock = Lock()
    inside = 0
    dtype: "torch.dtype | None" = None


@contextmanager
def plain_defaults() -> Iterator[None]:
    """Make new tensors float32 and on the CPU, whatever the caller's defaults are.

    ``torch.set_default_dtype`` and ``torch.set_default_device`` are for the caller's own tensors.
    They are set back when the last thread leaves, and untouched where they are these already: a
    default device slows every function of torch.
    """
    import torch

    with _Defaults.lock:
        dtype = torch.get_default_dtype()
        changes = bool(_Defaults.inside) or dtype is not torch.float32
        if changes:
            _Defaults.inside += 1
        if _Defaults.inside == 1:
            _Defaults.dtype = dtype
            torch.set_default_dtype(torch.float32)
    elsewhere = torch.get_default_device().type != "cpu"
    try:
        with torch.device("cpu") if elsewhere else nullcontext():
            yield
    finally:
        with _Defaults.lock:
            _Defaults.inside -= changes
            if changes and not _Defaults.inside and _Defaults.dtype is not None:
                torch.set_default_dtype(_Defaults.dtype)


@plain_defaults()
def fresh(
    cell: str,
    input_size: int,
    hidden_size: int,
    *,
    layers: int = 1,
    bidirectional: bool = False,
    forget_bias: float | None = None,
    seed: int = 0,
) -> "Module":
    """Return an untrained module of the cell, in evaluation mode.

    It is a ``torch.nn.RNN``, ``GRU`` or ``LSTM``, or for a cell that torch.nn lacks a
    `gatesviz.recordings.stepwise.StepModule`.

    Every parameter is uniform in ±1/√H, PyTorch's default. It is drawn from a separate generator,
    since all sessions of a process share the global one.

    Args:
        cell: key of `gatesviz.cells.CELLS`.
        input_size, hidden_size: I and H.
        layers, bidirectional: as in torch.nn.
        forget_bias: the sum of the forget gate's two biases, in every unit of a cell that has one
            (Gers et al. 2000; Jozefowicz et al. 2015 recommend 1). None keeps PyTorch's default.
        seed: seed of the generator.

    Raises:
        ValueError: if a size is outside its limit, or another cell gets a forget bias.
    """
    import torch
    from torch import nn

    FEATURES.check(input_size)
    HIDDEN.check(hidden_size)
    LAYERS.check(layers)
    SEED.check(seed)
    description = find_cell(cell)
    forget = description.biases.forget
    if forget_bias is not None and forget is None:
        raise ValueError(f"the {description.name} has no forget gate: expected forget_bias=None")
    options = {"num_layers": layers, "bidirectional": bidirectional}
    module = unfilled(cell, input_size, hidden_size, **options)
    generator, bound = torch.Generator().manual_seed(seed), 1 / math.sqrt(hidden_size)
    for name, parameter in module.named_parameters():
        nn.init.uniform_(parameter, -bound, bound, generator=generator)
        if forget_bias is not None and forget is not None and name.startswith("bias"):
            start = description.blocks.index(forget) * hidden_size
            biases = parameter.detach()[start : start + hidden_size]
            biases.fill_(forget_bias if name.startswith("bias_ih") else 0.0)
    return module.eval()


def unfilled(cell: str, input_size: int, hidden_size: int, **options: Any) -> "Module":
    """Return a module with uninitialised weights; ``options`` are those of torch.nn.

    PyTorch's constructors draw from the global generator, except on the meta device. There they
    take three times as long, so torch.nn's modules are made by a class that draws nothing.
    """
    from gatesviz.recordings.stepwise import StepModule

    sizes, known = (input_size, hidden_size), find_cell(cell).module
    if known is None:
        return with_memory(StepModule(cell, *sizes, device="meta", **options))
    kind = _without_draws(known.name)
    made: Any = kind(*sizes, **known.options, **options)
    made.__class__ = kind.__base__
    module: Module = made
    return module


@cache
def _without_draws(name: str) -> type[Any]:
    """Return a subclass of torch.nn's class ``name`` that doesn't initialise its weights."""
    from torch import nn

    return type(name, (getattr(nn, name),), {"reset_parameters": lambda self: None})


def with_memory(module: Kind) -> Kind:
    """Give a module of the meta device uninitialised weights on the CPU, and return it.

    ``module.to_empty(device="cpu")`` does so, too, but loads all of SymPy: 0.6 s in each process.
    """
    import torch
    from torch import nn

    for part in module.modules():
        for name, parameter in list(part.named_parameters(recurse=False)):
            weight = torch.empty(parameter.shape, dtype=parameter.dtype)
            setattr(part, name, nn.Parameter(weight, requires_grad=parameter.requires_grad))
    return module


def one_step(module: "Module") -> "Callable[..., Any]":
    """Return the function (x, state) -> new state of a module with one layer and direction.

    It is a ``torch.nn.LSTMCell``, ``GRUCell`` or ``RNNCell`` that shares the module's weights.
    For a cell that torch.nn lacks, it calls `Cell.step`. x is (B, I) or (I,), each state (B, H) or
    (H,). The LSTM's state is (h, c), as in torch.nn. None stands for zeros.
    """
    from torch import nn

    from gatesviz.recordings.stepwise import StepModule

    if isinstance(module, StepModule):
        return _step_of(module)
    description = find_cell(str(module.mode).lower())
    assert description.module is not None
    kind = getattr(nn, f"{description.module.name}Cell")
    sizes = (module.input_size, module.hidden_size)
    cell = kind(*sizes, device="meta", **description.module.options)
    for name, _ in list(cell.named_parameters()):
        setattr(cell, name, getattr(module, f"{name}_l0"))
    made: Callable[..., Any] = cell
    return made


def _step_of(module: "StepModule") -> "Callable[..., Any]":
    description = find_cell(module.cell)
    weights, names = Weights(*module.weights_in_use()), description.states

    def step(x: "Tensor", state: Any = None) -> Any:
        if state is None:
            zeros = x.new_zeros(*x.shape[:-1], module.hidden_size)
            state = (zeros,) * len(names) if len(names) > 1 else zeros
        before = state if isinstance(state, tuple) else (state,)
        new = description.step(x, dict(zip(names, before, strict=True)), weights).state
        return tuple(new[name] for name in names) if len(names) > 1 else new["h"]

    return step
