"""Each example runs as it stands, in an empty folder, and stays short."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.serving import ROOT

EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_runs(path: Path, tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-W", "error", str(path)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip()
    assert len(path.read_text().splitlines()) < 35


def test_there_are_examples_and_they_are_numbered() -> None:
    assert [path.name[:2] for path in EXAMPLES] == [f"{k:02}" for k in range(1, 1 + len(EXAMPLES))]
    assert EXAMPLES
