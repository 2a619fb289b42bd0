"""Untrained modules with PyTorch's default initialisation, drawn from a seed."""

import math
from typing import TYPE_CHECKING, Any

from gatesviz.cells import CELLS
from gatesviz.limits import FEATURES, HIDDEN, LAYERS, SEED

if TYPE_CHECKING:
    from torch import nn

    Module = nn.RNN | nn.LSTM | nn.GRU


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
    """Return an untrained ``torch.nn.RNN``, ``GRU`` or ``LSTM``, in evaluation mode.

    Every parameter is uniform in ±1/√H, PyTorch's default. It is drawn from a separate generator,
    since all sessions of a process share the global one.

    Args:
        cell: key of `gatesviz.cells.CELLS`.
        input_size, hidden_size: I and H.
        layers, bidirectional: as in torch.nn.
        forget_bias: for the LSTM: the sum of the forget gate's two biases, in every unit
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
    if cell not in CELLS:
        raise ValueError(f"cell: expected one of {', '.join(CELLS)}, got {cell!r}")
    if forget_bias is not None and cell != "lstm":
        raise ValueError(f"the {CELLS[cell].name} has no forget gate: expected forget_bias=None")
    options = {"num_layers": layers, "bidirectional": bidirectional}
    module = unfilled(cell, input_size, hidden_size, **options)
    generator, bound = torch.Generator().manual_seed(seed), 1 / math.sqrt(hidden_size)
    for name, parameter in module.named_parameters():
        nn.init.uniform_(parameter, -bound, bound, generator=generator)
        if forget_bias is not None and name.startswith("bias"):
            forget = parameter.detach()[hidden_size : 2 * hidden_size]
            forget.fill_(forget_bias if name.startswith("bias_ih") else 0.0)
    return module.eval()


def unfilled(cell: str, input_size: int, hidden_size: int, **options: Any) -> "Module":
    """Return a module with uninitialised weights; ``options`` are those of torch.nn.

    PyTorch's constructors draw from the global generator, except on the meta device.
    """
    from torch import nn

    kinds: dict[str, type[nn.RNN | nn.LSTM | nn.GRU]] = {"lstm": nn.LSTM, "gru": nn.GRU}
    if cell == "rnn_relu":
        options["nonlinearity"] = "relu"
    kind = kinds.get(cell, nn.RNN)
    return kind(input_size, hidden_size, device="meta", **options).to_empty(device="cpu")
