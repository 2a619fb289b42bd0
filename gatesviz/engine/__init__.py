"""Where slices of training run: worker processes on this machine, or a cluster by its address.

    >>> from gatesviz.engine import engine
    >>> run_id = engine().submit(spec, owner="one browser session")       # doctest: +SKIP
    >>> run = engine().run(run_id)                                        # doctest: +SKIP
    >>> run.go(200); run.view().updates                                   # doctest: +SKIP

`slices` is what a worker does; `place` says what a pool must offer, `processes` and `cluster` are
the two there are; `line` is the queue, first come first served; a `Run` is what a page holds and a
`View` what it draws; `scheduler` sends slices out and takes them in; `running` is the one engine
of this process. The web process never trains and needs no torch for any of this.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gatesviz.engine.run import Run as Run
    from gatesviz.engine.run import change_together as change_together
    from gatesviz.engine.running import engine as engine
    from gatesviz.engine.running import start_engine as start_engine
    from gatesviz.engine.running import stop_engine as stop_engine
    from gatesviz.engine.scheduler import Engine as Engine
    from gatesviz.engine.view import View as View

_HOME = {
    "Engine": "scheduler",
    "Run": "run",
    "View": "view",
    "change_together": "run",
    "engine": "running",
    "start_engine": "running",
    "stop_engine": "running",
}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {__all__}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
