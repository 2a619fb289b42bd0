"""Loaded once, where worker processes are forked from, so that each is ready in milliseconds."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when NumPy is loaded, so before it

from gatesviz import training

training.advance  # noqa: B018, naming it loads it, and torch with it
