"""Processes that are spawned bare, where the system cannot fork them.

A spawned process runs the main script of its parent first, which in a server of pages is whatever
page is being drawn. A worker needs none of it.
"""

import threading
from multiprocessing import spawn
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

_here = threading.local()
_whole = spawn.get_preparation_data


def _preparation_data(name: str) -> dict[str, Any]:
    data = dict(_whole(name))
    if getattr(_here, "bare", False):
        for key in ("init_main_from_name", "init_main_from_path"):
            data.pop(key, None)
    return data


spawn.get_preparation_data = _preparation_data


class BareProcess(SpawnProcess):
    """A spawned process that does not run its parent's main script."""

    @staticmethod
    def _Popen(process_obj: Any) -> Any:
        _here.bare = True
        try:
            return SpawnProcess._Popen(process_obj)
        finally:
            _here.bare = False


class BareContext(SpawnContext):
    """Where such processes come from; to be used as ``multiprocessing.get_context("spawn")``."""

    Process = BareProcess
