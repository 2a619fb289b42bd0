"""Middleware and start-up of the server."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Thread

import streamlit as st
from starlette.middleware import Middleware

from gatesviz.engine import start_engine, stop_engine
from gatesviz.ui.classroom.live import purge_rooms
from gatesviz.ui.guard import Guard
from gatesviz.ui.old_links import OldLinks
from gatesviz.ui.pace import Pace
from gatesviz.ui.persons import Persons
from gatesviz.ui.script_requests import keep_requests, leave_requests
from gatesviz.ui.script_turns import end_turns, take_turns
from gatesviz.ui.shortcuts import leave_shortcuts, take_shortcuts
from gatesviz.ui.tabs import BoundTabs
from gatesviz.ui.uploads import BoundUploads

middleware = [
    Middleware(Guard),
    Middleware(BoundTabs),
    Middleware(OldLinks),
    Middleware(Persons),
    Middleware(Pace),
    Middleware(BoundUploads),
]


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Load torch in the background, so that the first page does not wait a second for it.

    The training engine starts and stops with the server, so no worker process outlives it.
    """
    # Each script has a thread of its own, and each would start helpers for models this small.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    keep_requests()
    take_turns()
    take_shortcuts()
    Thread(target=warm_torch, name="warm torch", daemon=True).start()
    start_engine()
    purging = asyncio.create_task(purge_rooms())
    try:
        yield
    finally:
        purging.cancel()
        stop_engine()
        end_turns()
        leave_requests()
        leave_shortcuts()


def warm_torch() -> None:
    """Load torch and what a recording needs, with one thread: models this small need no second."""
    import torch

    from gatesviz.recordings import record

    torch.set_num_threads(1)
    for kind in (torch.nn.RNN, torch.nn.GRU, torch.nn.LSTM):
        record(kind(1, 1), torch.zeros(2, 1))
