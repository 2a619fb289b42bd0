"""Data of one's own travel in the spec, as plain values."""

import math
import pickle
import subprocess
import sys

import numpy as np
import pytest

from gatesviz.training import (
    History,
    TrainingSpec,
    advance,
    open_run,
    own_series,
    own_text,
    save_run,
    start,
    to_script,
)
from tests.serving import ROOT
from tests.training.making import bits

VALUES = [math.sin(k / 3) + 0.1 * math.cos(k) for k in range(120)]
TEXT = "the cat sat on the mat; " * 20
OWN = {"series": own_series(VALUES, "a “wave”"), "text": own_text(TEXT)}


def spec_of(name: str) -> TrainingSpec:
    return TrainingSpec(task=OWN[name], hidden_size=4, length=10, batch_size=5)


@pytest.mark.parametrize("name", OWN)
def test_a_spec_with_own_data_stays_equal_on_its_way(name):
    spec = spec_of(name)
    copied = pickle.loads(pickle.dumps(spec))
    assert copied == spec
    assert hash(copied) == hash(spec)
    there, _ = advance(start(copied), 5)
    here, _ = advance(start(spec), 5)
    assert bits(there) == bits(here)


@pytest.mark.parametrize("name", OWN)
def test_it_is_saved_with_the_run(name, tmp_path):
    spec = spec_of(name)
    state, snapshots = advance(start(spec), 5)
    save_run(tmp_path / "run", state, History(spec).add(snapshots))
    opened, _ = open_run(tmp_path / "run")
    assert bits(opened) == bits(state)
    assert bits(advance(opened, 5)[0]) == bits(advance(state, 5)[0])


@pytest.mark.parametrize("name", OWN)
def test_the_script_reads_it_from_a_file(name, tmp_path):
    own = TEXT if name == "text" else "\n".join(map(repr, VALUES))
    (tmp_path / "own.txt").write_text(own, encoding="utf-8")
    (tmp_path / "run.py").write_text(to_script(spec_of(name), updates=5), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "run.py"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
    )
    _, snapshots = advance(start(spec_of(name)), 5)
    assert done.stdout.splitlines()[:5] == [f"{s.update} {s.loss!r}" for s in snapshots]


def test_what_cannot_be_learnt_is_refused_at_once():
    with pytest.raises(ValueError, match="3 given, 20 to"):
        own_series([1, 2, 3], "three")
    with pytest.raises(ValueError, match="value 5 is nan"):
        own_series(np.where(np.arange(30) == 4, np.nan, 1.0), "a hole")
    with pytest.raises(ValueError, match="3 given, 200 to"):
        own_text("abc")
