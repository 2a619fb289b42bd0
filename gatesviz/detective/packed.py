"""Send a model to another process as bytes.

PyTorch sends tensors to a process through shared memory, which needs both processes to live until
everything is read. Bytes need nothing.
"""

import pickle
from collections.abc import Iterable
from typing import Any

from gatesviz.detective.ablation import Ablation, Probe, ablate
from gatesviz.experiments.changes import Model


def pack(model: Model | Probe) -> bytes:
    """Return ``model`` as bytes, for `ablate_packed` in a process that this one starts."""
    return pickle.dumps(model)


def ablate_packed(
    packed: bytes, units: Iterable[int] | None = None, **arguments: Any
) -> tuple[Ablation, ...]:
    """Return what breaks without each unit: `ablate` with a model of `pack`.

    Never call it with bytes from elsewhere: reading them can run code.
    """
    return ablate(pickle.loads(packed), units, **arguments)
