"""Slices on a Dask cluster."""

import asyncio
import logging
import re
import time
from collections.abc import Coroutine
from concurrent.futures import CancelledError, Executor
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, TypeVar

from gatesviz.engine.backend import Backend, Fault, UnreachableError
from gatesviz.limits import PORT

if TYPE_CHECKING:
    from distributed import Client
    from tornado.ioloop import IOLoop

T = TypeVar("T")
PATIENCE = 60.0
"""Seconds: on a busy machine, a new thread waits long for its first turn."""

CONNECT = 5.0  # seconds
REFRESH = 5.0  # seconds between two counts of the cluster's threads
SHOWN = 100  # characters of an address in a sentence
_ADDRESS = re.compile(
    r"(?:(?:tcp|tls|ws|wss)://)?(?:\[[0-9a-f:.]+\]|[^\s:/\[\]]+):(?P<port>[0-9]+)",
    re.IGNORECASE,
)


class Cluster(Backend):
    """The cluster of the scheduler at ``address``, as in ``tcp://host:8786``.

    Its workers need this package and the same PyTorch for the same bits; start them with
    ``--nthreads 1``. Results come back pickled: name only a cluster that you trust.
    """

    seconds = 1.0  # a round trip is some ten milliseconds
    patience = 120.0
    rebuilds = False

    def __init__(self, address: str) -> None:
        self._address = address
        self.broken = (
            f"the cluster at {address} is gone, so this run paused with its last state: start it"
            " again when the cluster is back"
        )
        self._client: Client | None = None
        self._loop = Loop()  # one for every attempt
        self._slots, self._counted = 1, float("-inf")

    def open(self) -> Executor:
        """Connect.

        Raises:
            UnreachableError: if the address has not the form of one, nothing answers there, or the
                cluster has no workers.
        """
        check_form(self._address)
        try:
            import distributed
        except ImportError as error:
            raise UnreachableError(
                f"GATESVIZ_ENGINE is {self._address!r}, but the package distributed is not"
                " installed: pip install 'gatesviz[cluster]'"
            ) from error
        loop, client = self._loop.running(), None
        try:
            self._loop.result(_greet(self._address))
            client = distributed.Client(
                self._address, loop=loop, timeout=CONNECT, set_as_default=False
            )
            client.wait_for_workers(1, timeout=CONNECT)
        except Exception as error:  # every protocol has its own
            if client is not None:
                _disconnect(client)
            raise UnreachableError(self._unanswered(client is not None)) from error
        self._client, self._counted = client, float("-inf")
        executor: Executor = client.get_executor(pure=False)
        return executor

    def slots(self, executor: Executor) -> int:
        """One slice a thread, and half as many again ready."""
        if self._client is not None and time.monotonic() - self._counted > REFRESH:
            self._counted = time.monotonic()
            try:
                threads = _threads(self._client)
            except Exception:  # the connection was lost this moment, as `alive` will find
                return self._slots
            self._slots = max(1, threads + (threads + 1) // 2)
        return self._slots

    def alive(self, executor: Executor) -> bool:
        """Return whether the connection stands."""
        return self._connected

    def fault_of(self, error: BaseException) -> Fault:
        """Tell a lost connection and a killed worker from a run's own error."""
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError
        from distributed.comm import CommClosedError

        if isinstance(error, KilledWorker):
            return Fault.LOST
        gone = (CancelledError, FutureCancelledError, CommClosedError, TimeoutError)
        broken = isinstance(error, gone) or not self._connected
        return Fault.BROKEN if broken else Fault.OWN

    @property
    def _connected(self) -> bool:
        return self._client is not None and self._client.status == "running"

    def close(self, executor: Executor) -> None:
        """Disconnect; the cluster itself goes on."""
        client, self._client = self._client, None
        if client is not None:
            executor.shutdown(wait=False)
            _disconnect(client)

    def _unanswered(self, connected: bool) -> str:
        wrong = "has no workers" if connected else "does not answer"
        return (
            f"the cluster at {self._address} (GATESVIZ_ENGINE) {wrong}, so this run paused: start"
            " it again when that is mended"
        )


def check_form(address: str) -> None:
    """Refuse what is no address, before anything is opened for it.

    Raises:
        UnreachableError: if ``address`` is not ``host:port``, with or without a known protocol.
    """
    form = _ADDRESS.fullmatch(address)
    if form is None or not PORT.low <= int(form["port"][:9]) <= PORT.high:
        raise UnreachableError(
            f"GATESVIZ_ENGINE is {address[:SHOWN]!r}, which is not a cluster's address: expected"
            f" tcp://host:port with a port from {PORT.low:,} to {PORT.high:,}"
        )


async def _greet(address: str) -> None:
    """Exchange greetings with the scheduler: a client waits for ever for a silent one."""
    from distributed.comm import connect
    from distributed.security import Security

    options = Security().get_connection_args("client")
    comm = await asyncio.wait_for(connect(address, timeout=CONNECT, **options), CONNECT)
    comm.abort()


def _disconnect(client: "Client") -> None:
    try:
        client.close(timeout=CONNECT)
    except Exception:  # a busy machine does not make it in time; no code waits for this
        logging.getLogger(__name__).warning("a connection was left without a farewell")


def _threads(client: "Client") -> int:
    workers: dict[str, Any] = client.scheduler_info(n_workers=-1)["workers"]
    return sum(worker["nthreads"] for worker in workers.values())


class Loop:
    """An event loop in its own thread, started at the first use and then kept.

    Otherwise Dask starts one for each client, leaves it running if no scheduler answers, and
    raises after ten seconds.
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
                " so this run paused: start it again"
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
