"""Start `hdf5_child` for one HDF5 file, limit it, and return the bytes that it answers.

The bytes come from a process that a damaged file may have taken over: `hdf5` checks them.
"""

import importlib.util
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import BoundedSemaphore, Thread
from typing import NamedTuple

import numpy as np

from gatesviz.model_files import hdf5_child
from gatesviz.model_files.contents import quoted, shown
from gatesviz.model_files.hdf5_child import NAMES, REST_BYTES, TEXT_BYTES

CHILD_BYTES = 50_000_000
"""Most bytes that the process takes while it reads, besides the numbers that it returns."""
CHILD_SECONDS = 0.5
"""Most seconds of the processor after its start, for a small file."""
OBJECT_BYTES_A_SECOND, MOST_SECONDS = 2_000_000, 2.0
"""More seconds for larger files. 4,000 data sets have 2.5 MB and take 0.4 s."""
WAIT_SECONDS = 10.0
"""Most seconds to wait for it, and before that for its turn. On a busy computer both take long."""
HEADER_BYTES = 4_000_000
BYTES_A_SECOND = 50_000_000
"""Bytes of numbers that the process reads in a second, at least."""
_PROCESSES = BoundedSemaphore(4)
"""A process takes 40 MB. Of a class that uploads files, the others wait a moment."""
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP")
"""What the process may know of this one's environment. Passwords are not among it."""
_AGAIN = "Save the model again, or download the file again"
REFUSALS = {
    "objects": "{path} holds too many groups or cycles of groups",
    "link": "{path}: {name} is a link to elsewhere: expected its values",
    "rest": f"{{path}} has {{count:,}} bytes besides its numbers, expected up to {REST_BYTES:,}",
    "names": f"{{path}} lists more than {NAMES:,} layers and weights",
    "text": "{path}: the attribute {name} isn't text",
    "attribute": "{path}: {name} and the attributes next to it have {count:,} bytes, expected up to"
    f" {TEXT_BYTES:,}",
    "damaged": f"{{path}} is a damaged HDF5 file: {{text}}. {_AGAIN}",
    "memory": f"{{path}} can't be read within {CHILD_BYTES // 1_000_000} MB of memory. It is"
    " damaged, or its configuration is too long. Save only its weights:"
    " model.save_weights('m.weights.h5')",
    "slow": f"{{path}} is a damaged HDF5 file: reading it takes too long. {_AGAIN}",
    "crash": f"{{path}} is a damaged HDF5 file: HDF5 crashed while reading it. {_AGAIN}",
    "busy": f"{{path}} wasn't read within {WAIT_SECONDS:.0f} seconds. Try again. If that doesn't"
    " help, save the model again",
}
"""Why a file isn't read -> sentence."""


class Source(NamedTuple):
    """Where an HDF5 file is: ``size`` bytes at ``start`` of the file ``path``."""

    path: Path
    start: int
    size: int


def refusal(kind: str, path: Path, text: str = "", count: int = 0) -> ValueError:
    """Return the error with the sentence of `REFUSALS`."""
    said = {
        "path": shown(path),
        "name": quoted(text),
        "text": printable(text).strip(" ."),
        "count": count,
    }
    return ValueError(REFUSALS[kind].format(**said))


def printable(text: str) -> str:
    """Return a text of the other process for a sentence."""
    return "".join(letter if letter.isprintable() else " " for letter in text[:200])


def find_folders(path: Path) -> list[str]:
    """Return the folders of h5py and NumPy, where the other process finds them.

    Raises:
        ModuleNotFoundError: if h5py isn't installed; the message names the file ``path``.
    """
    found = importlib.util.find_spec("h5py")
    if found is None or found.origin is None:
        raise ModuleNotFoundError(
            f"{shown(path)} is a Keras file, and reading it needs h5py: pip install"
            " 'gatesviz[keras-files]'"
        )
    folders = [Path(np.__file__).parents[1], Path(found.origin).parents[1]]
    return [*dict.fromkeys(f"{folder.absolute()}" for folder in folders)]


def run_child(source: Source, places: list[int] | None, most: int) -> bytes:
    """Return what `hdf5_child` answers.

    Args:
        source: the file.
        places: the data sets to read; None to list what the file holds.
        most: most bytes after the header.

    Raises:
        ValueError: if the file makes the process crash, or the computer is too busy.
        ModuleNotFoundError: if h5py isn't installed.
        ImportError: if the process can't start, or fails for another reason than the file.
    """
    path, numbers = source.path, 0 if places is None else most
    extra = min(source.size / OBJECT_BYTES_A_SECOND, MOST_SECONDS) + numbers / BYTES_A_SECOND
    request = {
        "folders": find_folders(path),
        "bytes": CHILD_BYTES + 3 * numbers,
        "seconds": CHILD_SECONDS + extra,
        "start": source.start,
        "size": source.size,
        "places": places,
    }
    _check_python(path)
    if not _PROCESSES.acquire(timeout=WAIT_SECONDS):
        raise refusal("busy", path)
    try:
        process = _start(path, json.dumps(request))
        most += 8 + HEADER_BYTES
        data, code = _read_output(process, most, WAIT_SECONDS + extra)
    finally:
        _PROCESSES.release()
    if data is None:
        raise refusal("busy", path)
    if _is_crash(code) or len(data) > most:
        late = {getattr(signal, name, None) for name in ("SIGPROF", "SIGXCPU")}
        raise refusal("slow" if -code in late else "crash", path)
    if code:
        raise _no_process(
            path, f"It ended with code {code}. Try again. If that doesn't help, reinstall gatesviz"
        )
    return data


def _no_process(path: Path, why: str) -> ImportError:
    """Return the error for a process that can't start or fails, whatever the file holds."""
    return ImportError(
        f"{shown(path)} is a Keras file, and reading it needs a second process of Python. {why}"
    )


def _check_python(path: Path) -> None:
    """Check that this Python can start another one.

    Raises:
        ImportError: if it can't.
    """
    if getattr(sys, "frozen", False):  # sys.executable is the whole app, not Python
        raise _no_process(path, "A packaged app can't start one. Open the file in Python")
    if not sys.executable:
        raise _no_process(
            path, "This program doesn't know where Python is. Open the file in Python"
        )
    if not Path(hdf5_child.__file__).is_file():
        raise _no_process(
            path, "The file 'hdf5_child.py' is missing. Reinstall gatesviz, but not as a zip file"
        )


def _start(path: Path, request: str) -> "subprocess.Popen[bytes]":
    """Start the process with this request.

    Raises:
        ImportError: if it doesn't start.
    """
    # -I and -S: no code from the current folder, from PYTHONPATH or from .pth files.
    command = [sys.executable, "-I", "-S", hdf5_child.__file__, request]
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    environment |= {"HDF5_PLUGIN_PRELOAD": "::", "OPENBLAS_NUM_THREADS": "1"}
    with path.open("rb", buffering=0) as file:
        try:
            return subprocess.Popen(
                command,
                stdin=file,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except (OSError, ValueError) as error:
            raise _no_process(path, f"It didn't start: {error}") from error


def _read_output(
    process: "subprocess.Popen[bytes]", most: int, seconds: float
) -> tuple[bytes | None, int]:
    """Return what a process writes until it closes its output, and its code, and end it.

    It is None if the process takes longer than ``seconds``, and longer than ``most`` if it writes
    too much. The code is 0 if the process had to be ended. A thread reads, because only POSIX can
    wait for a pipe with a limit of time.
    """
    found: list[bytes] = []
    pipe = process.stdout
    assert pipe is not None
    thread = Thread(target=lambda: found.append(pipe.read(most + 1)), daemon=True)
    code = None
    try:
        thread.start()
        thread.join(seconds)
        done = bool(found)  # later, the end of the process closes its output, too
        if done and len(found[0]) <= most:
            with suppress(subprocess.TimeoutExpired):
                process.wait(2)
        code = process.poll()
    finally:
        process.kill()
        process.wait()
        thread.join(1)
        if not thread.is_alive():
            pipe.close()
    return (found[0] if found and (done or code is not None) else None), code or 0


def _is_crash(code: int) -> bool:
    """Return whether a code says that the process crashed, rather than ended by itself.

    POSIX gives a signal as a negative number. Windows gives large numbers, and 3 after abort().
    """
    return code < 0 or code > 255 or (os.name == "nt" and code == 3)
