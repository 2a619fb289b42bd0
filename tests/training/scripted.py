"""Scripts run in processes that are forked from one which has loaded torch: the rest is theirs."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.serving import ROOT

FORKING = """
import os, runpy, sys, traceback, warnings
import torch
from gatesviz.training import TrainingSpec, advance, start

def run(script):
    os.chdir(os.path.dirname(script))
    warnings.simplefilter("error")
    out = os.open(script + ".out", os.O_WRONLY | os.O_CREAT)
    os.dup2(out, 1)
    os.dup2(out, 2)
    sys.argv = [script]
    try:
        runpy.run_path(script, run_name="__main__")
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
    return 0

advance(start(TrainingSpec(task="recall", hidden_size=1)), 1)
torch.optim.Adam([torch.zeros(1, requires_grad=True)]).step()  # loads 300 modules, in 2 s
for line in sys.stdin:
    if not (child := os.fork()):
        os._exit(run(line.rstrip()))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@contextmanager
def forking() -> Iterator[Callable[[str, Path], str]]:
    """A function of a script and an empty folder: run it there as main; return what it prints.

    A warning is an error. A script runs in a fork of a process that has loaded torch and the
    optimisers, which saves about 5 s of processor time each.
    """
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", FORKING], cwd=ROOT, text=True, **pipes) as server:

        def run(script: str, folder: Path) -> str:
            file = folder / "script.py"
            file.write_text(script, encoding="utf-8")
            print(file, file=server.stdin, flush=True)
            code = server.stdout.readline().strip()
            said = (folder / "script.py.out").read_text(encoding="utf-8")
            assert code == "0", said
            return said

        yield run
        server.stdin.close()
