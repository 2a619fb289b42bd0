"""Computing on one thread: a second one slows models this small, on a busy machine twenty times."""

from collections.abc import Iterator
from contextlib import contextmanager

from gatesviz.fresh import plain_defaults


@contextmanager
def alone() -> Iterator[None]:
    """Run on one thread, with autograd on and in float32 on the CPU; then set all of it back."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.inference_mode(False), torch.enable_grad(), plain_defaults():
            yield
    finally:
        torch.set_num_threads(threads)
