"""The one engine of this process: started with the app, or when first asked for."""

import atexit
import os
from threading import Lock

from gatesviz.engine.place import Place
from gatesviz.engine.scheduler import Engine

_lock = Lock()
_engine: Engine | None = None


def start_engine() -> Engine:
    """Start the engine unless it runs, and return it. Returns at once.

    ``GATESVIZ_ENGINE`` in the environment is the address of a Dask scheduler, as in
    ``tcp://host:8786``; without it, training runs in processes on this machine.
    """
    global _engine
    with _lock:
        if _engine is None:
            _engine = Engine(_place()).start()
            atexit.register(stop_engine)  # before multiprocessing waits for the workers
        return _engine


def engine() -> Engine:
    """Return the engine, started if need be."""
    return start_engine()


def stop_engine() -> None:
    """End every run and every worker. The engine can be started again."""
    global _engine
    with _lock:
        stopping, _engine = _engine, None
        atexit.unregister(stop_engine)
    if stopping is not None:
        stopping.stop()


def _place() -> Place:
    address = os.environ.get("GATESVIZ_ENGINE", "").strip()
    if address:
        from gatesviz.engine.cluster import Cluster

        return Cluster(address)
    from gatesviz.engine.processes import Processes

    return Processes()
