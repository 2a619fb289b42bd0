"""A real Dask scheduler with one worker, in a process that can be killed and started again."""

import asyncio

from gatesviz.engine.processes import BareContext
from tests.serving import free_port


class LocalDask:
    """One process for both. It is forked from one that has loaded them, so it is up at once."""

    def __init__(self, folder) -> None:
        self._port, self._folder = free_port(), folder
        self.address = f"tcp://127.0.0.1:{self._port}"
        self._context = BareContext()
        self._context.set_forkserver_preload(["gatesviz.engine.worker", "distributed"])
        self._process = None

    def up(self) -> None:
        self._process = self._context.Process(
            target=serve, args=(self._port, str(self._folder)), daemon=True
        )
        self._process.start()

    def down(self) -> None:
        self._process.kill()
        self._process.join()


def serve(port: int, folder: str) -> None:
    asyncio.run(_serve(port, folder))


async def _serve(port: int, folder: str) -> None:
    from distributed import Scheduler, Worker

    quiet = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}
    async with (
        Scheduler(host="127.0.0.1", port=port, **quiet) as scheduler,
        Worker(scheduler.address, nthreads=1, local_directory=folder, **quiet) as worker,
    ):
        await worker.finished()
