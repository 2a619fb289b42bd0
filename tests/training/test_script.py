"""The exported script makes the same run without gatesviz.training."""

import ast
import os
import subprocess
import sys

import numpy as np
import pytest

from gatesviz.experiments.claims import CLAIMS, PARAMETERS
from gatesviz.experiments.scripts import (
    attention_script,
    benchmark_script,
    claim_script,
    search_script,
)
from gatesviz.training import (
    TrainingSpec,
    advance,
    own_series,
    own_text,
    start,
    to_script,
    with_learning_rate,
)
from gatesviz.training.script_parts import docstring
from gatesviz.ui.user_data import own_file
from tests.hostile import MARK, TITLES
from tests.serving import ROOT
from tests.training.making import small
from tests.training.scripted import forking

SPECS = [
    small(forget_bias=1.0),
    small(cell="gru", optimiser="rmsprop", data_size=7, chrono=True, task="wave"),
    small(cell="rnn_relu", optimiser="sgd", clip=None, bidirectional=True, equal="parameters"),
    small(layers=3, bidirectional=True, dropout=0.3, chrono=True, gain=1.5),
    small(hidden_size=7, task="wave"),  # no size is a multiple of what a processor takes at once
    small(convolution=3, chrono=True, equal="parameters", cell="gru"),
    small(attention=True, optimiser="rmsprop", clip=0.1),
    small(
        convolution=2,
        attention=True,
        layers=3,
        bidirectional=True,
        dropout=0.3,
        chrono=True,
        gain=1.5,
        data_size=7,
        task="wave",
    ),
]


STREAM = {"task": "reber", "length": 12}
SPECS += [
    small(**STREAM, carry=True, forget_bias=1.0, gate_bias=-1, attention=True),
    small(**STREAM, carry=True, cell="gru", data_size=7, optimiser="sgd", convolution=2),
    small(
        **STREAM,
        carry=True,
        layers=3,
        dropout=0.3,
        forget_gate=False,
        gate_bias=-1.0,
        gain=1.5,
        attention=True,
        convolution=2,
        data_size=7,
    ),
]


@pytest.fixture(scope="module")
def forked():
    with forking() as run:
        yield run


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.cell)
def test_the_script_makes_the_same_losses_to_the_bit(spec, forked, tmp_path):
    script, wanted = script_and_lines(spec)
    assert "gatesviz.training" not in script
    assert len(script.splitlines()) < 120
    assert forked(script, tmp_path).splitlines() == wanted


def test_the_script_needs_nothing_but_an_interpreter(tmp_path):
    """As somebody runs it: a process that has loaded nothing, in an empty folder."""
    script, wanted = script_and_lines(SPECS[-1])
    (tmp_path / "script.py").write_text(script, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "script.py"], capture_output=True, text=True, check=True, cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout.splitlines() == wanted


def script_and_lines(spec):
    """Return the script of a run whose learning rate changes, and what it is to print."""
    state, snapshots = advance(start(spec), 20)
    state, more = advance(with_learning_rate(state, 0.002), 5)
    lines = [f"{s.update} {s.loss!r}" for s in (*snapshots, *more)]
    script = to_script(spec, updates=25, rates=state.rates)
    return script, [*lines, f"{spec.learned.metric} {more[-1].score!r}"]


WAVE = np.sin(np.arange(60.0))


def hostile(title):
    return TrainingSpec(task=own_series(WAVE, title), cell="gru", hidden_size=3, batch_size=2)


@pytest.mark.parametrize("title", TITLES)
def test_of_a_title_one_constant_is_in_the_script(title):
    scripts = [to_script(hostile(name), updates=2) for name in (title, "level")]
    assert shape(scripts[0], title) == shape(scripts[1], "level")
    tasks = [own_series(np.stack([WAVE, WAVE**2], 1), "a", [name]) for name in (title, "b")]
    scripts = [to_script(TrainingSpec(task=task), updates=2) for task in tasks]
    assert shape(scripts[0], title) == shape(scripts[1], "b")


def test_titles_are_not_run_with_their_scripts(forked, tmp_path):
    (tmp_path / "own.txt").write_bytes(own_file(hostile("").task))
    for place, title in enumerate(TITLES):
        (tmp_path / f"{place}.py").write_bytes(to_script(hostile(title), updates=2).encode())
    code = f"import runpy\nfor k in range({len(TITLES)}): runpy.run_path(f'{{k}}.py')"
    losses = [f"{s.update} {s.loss!r}" for s in advance(start(hostile("")), 2)[1]]
    told = forked(code, tmp_path).splitlines()
    assert [line for line in told if line.startswith(("1 ", "2 "))] == losses * len(TITLES)
    assert not (tmp_path / MARK).exists()


@pytest.mark.parametrize(
    "content", [own_series(WAVE, "level"), own_text("to be or not to be " * 20)]
)
def test_without_its_data_a_script_ends_with_one_sentence(content, forked, tmp_path):
    scripts = {
        "train.py": to_script(TrainingSpec(task=content, hidden_size=3), updates=2),
        "search.py": search_script(content, 1, None),
        "claim.py": claim_script(CLAIMS["updates"], content, 1),
        "attention.py": attention_script(content),
        "benchmark.py": benchmark_script(PARAMETERS, content),
    }
    for name, script in scripts.items():
        (tmp_path / name).write_text(script, encoding="utf-8")
    code = (
        "import runpy\n"
        f"for name in {[*scripts]!r}:\n"
        "    try: runpy.run_path(name, run_name='__main__')\n"
        "    except SystemExit as end: print(end)\n"
    )
    sentence = (
        f"This script reads your data from own.txt, which is not in {tmp_path}. Download it with"
        " the button “Your data for the script” and put it there."
    )
    assert forked(code, tmp_path).splitlines() == [sentence] * len(scripts)


def test_the_hostile_titles_are_hostile(tmp_path):
    """What the other tests look for happens where a title does reach the source."""
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    code = f'"""A run on {TITLES[0]}."""'
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=env, check=True)
    assert (tmp_path / MARK).exists()


def shape(script, title):
    """Return the tree of a script with ``title`` taken out; no other place may hold it."""
    tree = ast.parse(script)
    found = [n for n in ast.walk(tree) if isinstance(n, ast.Constant) and n.value == title]
    assert len(found) == 1
    found[0].value = ""
    return ast.dump(tree)


def test_a_text_of_ones_own_is_not_in_the_script():
    text = 'x = """\n' + TITLES[0] * 10
    script = to_script(TrainingSpec(task=own_text(text), hidden_size=3))
    assert MARK not in script
    ast.parse(script)


def test_the_task_keeps_its_capitals():
    assert "trained on the task “Recall the last capital letter”." in to_script(
        small(task="recall")
    )


ODD = [*TITLES, "", "a\nb", 'ends in "', "\\", "a\\", "\r", 'it\'s "x"']


@pytest.mark.parametrize("text", [*TITLES, "", "a\nb", 'ends in "', "\\", "a\\", "\r", 'it\'s "x"'])
def test_a_docstring_says_just_the_text(text):
    tree = ast.parse(docstring(text))
    assert ast.dump(tree) == ast.dump(ast.Module([ast.Expr(ast.Constant(text))], []))


def test_numbers_of_numpy_are_written_as_numbers():
    plain, numpy = (
        small(clip=0.5, learning_rate=0.02),
        small(clip=np.float64(0.5), learning_rate=np.float64(0.02)),
    )
    assert to_script(numpy) == to_script(plain)
