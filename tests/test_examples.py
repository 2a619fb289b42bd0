"""Each example runs as it stands, in an empty folder, and stays short."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.serving import ROOT
from tests.training.scripted import forking

EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


@pytest.fixture(scope="module")
def forked() -> Iterator[Callable[[str, Path], str]]:
    with forking() as run:
        yield run


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_runs(forked: Callable[[str, Path], str], path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert forked(text, tmp_path).strip()
    assert len(text.splitlines()) < 35


def test_an_example_needs_nothing_but_an_interpreter(tmp_path: Path) -> None:
    """As somebody runs it: in a process that has loaded nothing."""
    run = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES[0])],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip()


def test_there_are_examples_and_they_are_numbered() -> None:
    assert [path.name[:2] for path in EXAMPLES] == [f"{k:02}" for k in range(1, 1 + len(EXAMPLES))]
    assert EXAMPLES
