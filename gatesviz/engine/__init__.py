"""Train in slices, in worker processes on this machine or on a cluster.

    >>> from gatesviz.engine import engine
    >>> run_id = engine().submit(spec, owner="a browser session")         # doctest: +SKIP
    >>> run = engine().run(run_id)                                        # doctest: +SKIP
    >>> run.go(200); run.view().updates                                   # doctest: +SKIP

From a page to one update: a page holds a `Run` and draws its `View`. `scheduler` has the one
`Engine` of this process. `queue` says whose slice is next, `dispatcher` sends it to a `backend`
(`processes` on this machine, or `cluster`), and `slices` is what a worker computes. `sessions`
knows which browser sessions are there. `run_keeper` stores snapshots of runs in a database
(`stored_runs`), so that they are there after a restart. `background` runs one call in a process of
its own.

The web process never trains and does not need torch for any of this.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gatesviz.engine.run import Run as Run
    from gatesviz.engine.scheduler import Engine as Engine
    from gatesviz.engine.scheduler import change_together as change_together
    from gatesviz.engine.scheduler import engine as engine
    from gatesviz.engine.scheduler import start_engine as start_engine
    from gatesviz.engine.scheduler import stop_engine as stop_engine
    from gatesviz.engine.view import View as View

_HOME = {
    "Engine": "scheduler",
    "Run": "run",
    "View": "view",
    "change_together": "scheduler",
    "engine": "scheduler",
    "start_engine": "scheduler",
    "stop_engine": "scheduler",
}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {__all__}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
