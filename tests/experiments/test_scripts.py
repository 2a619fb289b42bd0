"""A script of an experiment runs by itself and comes to what the experiment comes to."""

import ast
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gatesviz.experiments import Store
from gatesviz.experiments.claims import BENCHMARKS, CLAIMS, PARAMETERS
from gatesviz.experiments.known import CARDS, table
from gatesviz.experiments.scripts import (
    attention_script,
    benchmark_script,
    cards_script,
    claim_script,
    search_script,
)
from gatesviz.experiments.search import PILOTS, Pilot, Plan, Search, baselines
from gatesviz.training import own_series, own_text
from gatesviz.ui.user_data import own_file
from tests.experiments.inline import inline_engine
from tests.hostile import MARK, TITLES
from tests.serving import ROOT

EVERY = [(cell, size) for cell in ("rnn_tanh", "gru", "lstm") for size in (8, 16, 32, 64)]
WAVE = np.sin(np.arange(60.0)) + 2


def run(script: str, folder: Path) -> str:
    (folder / "script.py").write_text(script)
    env = {"GATESVIZ_RESULTS": str(folder), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "script.py"], capture_output=True, text=True, cwd=folder,
        env=os.environ | env, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_script_of_a_claim_measures_it(tmp_path):
    claim = CLAIMS["updates"]
    told = run(claim_script(claim, "latch", 1), tmp_path)
    found = Store(tmp_path).get_all(claim.experiment("latch", 1).trials)
    assert len(found) == 3
    said = claim.findings(found, "latch", 1)
    assert told.splitlines()[:3] == [str(group) for group in said.groups]
    assert f"cannot tell {said.verdict.sentence}" in told


def test_the_script_of_a_measurement_here_and_now_measures_it(tmp_path):
    told = run(benchmark_script(PARAMETERS, "latch"), tmp_path)
    verdicts = PARAMETERS.measure("latch").findings().comparisons
    assert told.splitlines()[1:] == [f"{v.verdict.answer} {v.verdict.sentence}" for v in verdicts]


def test_the_script_of_the_cards_prints_them(tmp_path):
    assert "in CARDS.values():" in cards_script()
    told = run(cards_script("X10", "X4"), tmp_path)
    assert told == "".join(f"{table.as_text(CARDS[key].outcome())}\n" for key in ("X10", "X4"))


def scripts_of(data):
    return (
        claim_script(CLAIMS["score"], data, 6),
        search_script(data, 2, Plan((16, 32), 200)),
        search_script(data, 2, None),
        attention_script(data),
        benchmark_script(BENCHMARKS["time"], data),
    )


@pytest.mark.parametrize("title", TITLES)
def test_scripts_of_own_data_read_it_and_its_title_is_no_code(title):
    plain = scripts_of(own_series(WAVE, "level"))
    for script, other in zip(scripts_of(own_series(WAVE, title)), plain, strict=True):
        assert "own.txt" in script
        assert len(script.splitlines()) < 35
        assert without(title, script) == without("level", other)


def without(title: str, script: str) -> str:
    """Return the tree of a script with ``title`` taken out, which one constant alone may hold."""
    tree = ast.parse(script)
    (found,) = (n for n in ast.walk(tree) if isinstance(n, ast.Constant) and n.value == title)
    found.value = ""
    return ast.dump(tree)


def test_a_title_with_code_in_it_does_not_run_with_the_script(tmp_path):
    (tmp_path / "own.txt").write_text("\n".join(map(repr, WAVE.tolist())))
    told = run(benchmark_script(PARAMETERS, own_series(WAVE, TITLES[0])), tmp_path)
    assert "RNN (tanh) 288" in told
    assert not (tmp_path / MARK).exists()


def test_scripts_of_a_text_hold_nothing_of_it():
    for script in scripts_of(own_text("to be or not to be; " * 20)):
        ast.parse(script)
        assert "own.txt" in script
        assert "to be or not" not in script


def test_a_claim_that_speaks_in_quotes_is_a_docstring():
    for sentence in (*TITLES, 'it ends in a quote: "'):
        script = claim_script(replace(CLAIMS["score"], sentence=sentence, measures=""), "wave", 2)
        assert (ast.get_docstring(ast.parse(script), clean=False) or "").startswith(sentence)


@pytest.mark.slow
def test_the_script_of_a_search_makes_the_same_choices_and_gives_the_same_advice(tmp_path):
    data, store, engine = own_series(WAVE, "wave"), Store(tmp_path), inline_engine()
    PILOTS.keep(data.digest, Pilot(dict.fromkeys(EVERY, 0.001), baselines(data)))
    try:
        planned = Plan((8,), 4, (0.01, 0.1), 7)
        found = Search(data, 5, store, lambda: engine, 1, planned).wait(0.01)
    finally:
        engine.stop()
    (tmp_path / "own.txt").write_bytes(own_file(data))
    told = run(search_script(data, 5, found.plan), tmp_path).splitlines()
    assert told[:3] == [str(choice) for choice in found.choices.values()]
    assert found.searched[0] in told
    # Which of two cells is the quicker is measured anew; all else comes from the runs kept.
    assert found.advice.sentences[1] in told
    verdicts = [one.verdict for one in found.advice.comparisons]
    assert told[-6:] == [f"{v.answer} {v.sentence}" for v in verdicts]
