"""Loaded once, where worker processes are forked from, so that each is ready in milliseconds."""

import os
import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the process that started this one
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when NumPy is loaded, so before it

from gatesviz import training  # noqa: E402, after what NumPy reads

training.advance  # noqa: B018, naming it loads it, and torch with it
