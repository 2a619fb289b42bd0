"""Loaded once, where worker processes are forked from, so that each is ready in milliseconds."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when NumPy is loaded, so before it

from multiprocessing import spawn

from gatesviz import training


def _leave(_: object) -> None:
    """A worker would run the server's main script again: a page, while one is being drawn."""


spawn._fixup_main_from_name = _leave  # type: ignore[attr-defined]
spawn._fixup_main_from_path = _leave  # type: ignore[attr-defined]
training.advance  # noqa: B018, being named it is loaded, and torch with it
