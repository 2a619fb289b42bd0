"""The thread that connections to a cluster live in."""

import asyncio
from collections.abc import Coroutine
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, TypeVar

from gatesviz.engine.place import UnreachableError

if TYPE_CHECKING:
    from tornado.ioloop import IOLoop

T = TypeVar("T")
PATIENCE = 60.0
"""Seconds: on a machine with more to do than it can, a new thread waits long for its first turn."""


class Loop:
    """An event loop in a thread of its own, started when first wanted and then kept.

    Dask starts one for each client otherwise, leaves it running where nobody answers, and raises
    after ten seconds.
    """

    def __init__(self) -> None:
        self._settled = Event()
        self._thread: Thread | None = None
        self._loop: IOLoop | None = None
        self._asyncio: asyncio.AbstractEventLoop | None = None
        self._error: Exception | None = None

    def running(self, patience: float = PATIENCE) -> "IOLoop":
        """Return the loop once it runs.

        Raises:
            UnreachableError: if it does not within ``patience`` seconds; asking again waits on.
        """
        if self._thread is None:
            self._settled.clear()
            self._thread = Thread(target=self._serve, name="cluster", daemon=True)
            self._thread.start()
        if not self._settled.wait(patience):
            raise UnreachableError(
                f"this machine was too busy for {patience:.0f} seconds to connect to the cluster,"
                " so this run rests: start it again"
            )
        if (loop := self._loop) is None:
            raise UnreachableError(f"no connection could be prepared: {self._error}")
        return loop

    def result(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Return what ``coroutine`` comes to in the loop, which must run, or raise its error."""
        assert self._asyncio is not None
        return asyncio.run_coroutine_threadsafe(coroutine, self._asyncio).result()

    def _serve(self) -> None:
        try:
            asyncio.run(self._forever())
        except Exception as error:
            self._error = error
        finally:
            self._loop = self._thread = None  # the next who asks starts another
            self._settled.set()

    async def _forever(self) -> None:
        from tornado.ioloop import IOLoop

        self._loop, self._asyncio = IOLoop.current(), asyncio.get_running_loop()
        self._settled.set()
        await asyncio.Event().wait()
