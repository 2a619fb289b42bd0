"""Slices on a Dask cluster that somebody else has started."""

import time
from concurrent.futures import CancelledError, Executor
from typing import TYPE_CHECKING, Any

from gatesviz.engine.place import Place, UnreachableError, Verdict

if TYPE_CHECKING:
    from distributed import Client

CONNECT = 5.0  # seconds
REFRESH = 5.0  # seconds between two counts of the cluster's threads


class Cluster(Place):
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
            f"the cluster at {address} went away, so this run rests with its last state: start it"
            " again when the cluster is back"
        )
        self._client: Client | None = None
        self._loop: Any = None  # one for every attempt: a failed client leaves its own running
        self._slots, self._counted = 1, float("-inf")

    def open(self) -> Executor:
        """Connect.

        Raises:
            UnreachableError: if nothing answers at the address, or it has no workers.
        """
        try:
            from distributed import Client
            from distributed.utils import LoopRunner
        except ImportError as error:
            raise UnreachableError(
                f"GATESVIZ_ENGINE is {self._address!r}, but the package distributed is not"
                " installed: pip install 'gatesviz[cluster]'"
            ) from error
        client = None
        if self._loop is None:
            self._loop = LoopRunner()
            self._loop.start()
        options = {"loop": self._loop.loop, "timeout": CONNECT, "set_as_default": False}
        try:
            client = Client(self._address, **options)
            client.wait_for_workers(1, timeout=CONNECT)
        except Exception as error:  # every protocol has its own
            if client is not None:
                client.close(timeout=CONNECT)
            raise UnreachableError(self._unanswered(client is not None)) from error
        self._client, self._counted = client, float("-inf")
        executor: Executor = client.get_executor(pure=False)
        return executor

    def slots(self, executor: Executor) -> int:
        """One slice a thread, and half as many again ready."""
        if self._client is not None and time.monotonic() - self._counted > REFRESH:
            self._counted = time.monotonic()
            threads = _threads(self._client)
            self._slots = max(1, threads + (threads + 1) // 2)
        return self._slots

    def alive(self, executor: Executor) -> bool:
        """Return whether the connection stands."""
        return self._connected

    def verdict(self, error: BaseException) -> Verdict:
        """Tell a lost connection and a killed worker from a run's own error."""
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError
        from distributed.comm import CommClosedError

        if isinstance(error, KilledWorker):
            return Verdict.LOST
        gone = (CancelledError, FutureCancelledError, CommClosedError, TimeoutError)
        broken = isinstance(error, gone) or not self._connected
        return Verdict.BROKEN if broken else Verdict.OWN

    @property
    def _connected(self) -> bool:
        return self._client is not None and self._client.status == "running"

    def close(self, executor: Executor) -> None:
        """Disconnect; the cluster itself goes on."""
        client, self._client = self._client, None
        if client is not None:
            executor.shutdown(wait=False)
            client.close(timeout=CONNECT)

    def _unanswered(self, connected: bool) -> str:
        wrong = "has no workers" if connected else "does not answer"
        return (
            f"the cluster at {self._address} (GATESVIZ_ENGINE) {wrong}, so this run rests: start it"
            " again when that is mended"
        )


def _threads(client: "Client") -> int:
    workers: dict[str, Any] = client.scheduler_info(n_workers=-1)["workers"]
    return sum(worker["nthreads"] for worker in workers.values())
