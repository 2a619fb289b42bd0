"""The script of *Feed a sequence* makes the same edits on the same model and input."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import gatesviz as gv
from gatesviz.recordings import Recording
from gatesviz.sequences import Sequence
from gatesviz.training import History, save_run
from gatesviz.ui.feed.edit_script import can_be_written
from gatesviz.ui.feed.player import Shown
from tests.serving import ROOT
from tests.ui.downloading import made_by_server, offered
from tests.ui.test_feed import open_feed

TEXT = "A..x?"
CASES: dict[str, tuple[dict[str, str], str]] = {
    "text": ({"text": TEXT, "cell": "LSTM"}, "f@1=0,c@1=0,h@1=0"),
    "numbers": ({"src": "wave", "weights": "wave", "cell": "GRU"}, "z@3=1"),
    "fresh": (
        {"text": "to see", "weights": "fresh", "cell": "LSTM", "hidden": "3", "layers": "2"}
        | {"both": "true", "seed": "4", "fbias": "1.5"},
        "o@2=0",
    ),
    "fresh numbers": ({"src": "wave", "weights": "fresh", "cell": "RNN"}, "h@1=0"),
}


def made_by(script: str) -> dict[str, Any]:
    """Run a script, and return its variables."""
    variables: dict[str, Any] = {}
    exec(compile(script, "script", "exec"), variables)  # what the user would run
    return variables


@pytest.mark.parametrize("name", CASES)
def test_the_script_records_what_the_player_shows(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    query, edits = CASES[name]
    app = open_feed(**query)
    assert not app.exception
    now: Shown = app.session_state["feed shows"]
    shown: Recording = now.recorders[0](edits)
    assert shown.edits
    variables = made_by(now.scripts[0](shown.edits))
    np.testing.assert_array_equal(variables["edited"].output, shown.output)
    plain = now.recorders[0]("")
    np.testing.assert_array_equal(variables["plain"].output, plain.output)
    said = capsys.readouterr().out
    change = float(re.findall(r"largest change of an output: (\S+)", said)[0])
    assert change == pytest.approx(float(abs(shown.output - plain.output).max()))
    assert change > 0.01
    assert ("answer at step" in said) == ("fresh" not in name)
    if name == "text":
        panel = now.panels[0]
        found = re.findall(
            r"answer at step (\d+) without edits: (.+?) \S+ with edits: (.+?) ", said
        )
        model = gv.load_trained("recall-lstm")
        answers = [
            [model.answer_names[k] for k in model.answers(one.output).argmax(axis=1)]
            for one in (plain, shown)
        ]
        changed = [k for k, (was, is_) in enumerate(zip(*answers, strict=True)) if was != is_]
        assert changed
        assert [int(step) for step, *_ in found] == sorted({*changed, panel.trace.steps - 1})
        assert [[was, is_] for _, was, is_ in found] == [
            [answers[0][int(step)], answers[1][int(step)]] for step, *_ in found
        ]


@pytest.mark.parametrize(
    ("task", "source", "edits"),
    [("recall", "held-out sample", "h@2-6=-1"), ("anbn", "held-out sample", "h@1=0.9,c@1=2"),
     ("adding", "held-out sample", "c@3=0"), ("wave", "wave", "c@3=0")],
)  # fmt: skip
def test_the_script_of_your_own_run_prints_every_answer_that_changes(
    task: str, source: str, edits: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """The script is made without a session, and says which answers are others."""
    spec = gv.TrainingSpec(task=task, cell="lstm", hidden_size=4, length=12)
    state, snapshots = gv.advance(gv.start(spec), 40)
    model = replace(state.model, key="my run")
    app = AppTest.from_file(str(ROOT / "gatesviz" / "ui" / "main.py"), default_timeout=60)
    app.session_state["handed models"], app.session_state["handed run"] = (model,), "trcells=LSTM"
    for name, value in {"weights": "yours", "cell": "LSTM", "src": source, "edits": edits}.items():
        app.query_params[name] = value
    with offered() as files:
        app.switch_page("../../pages/feed.py").run()
    assert not app.exception
    script = str(made_by_server(files["gatesviz-lstm-edits.py"]))
    monkeypatch.chdir(tmp_path)
    save_run(tmp_path / "gatesviz-run-lstm.safetensors", state, History(spec).add(snapshots))
    variables = made_by(script)
    now: Shown = app.session_state["feed shows"]
    plain, edited = (now.recorders[0](text).output for text in ("", edits))
    np.testing.assert_array_equal(variables["edited"].output, edited)
    before, after = (model.answers(one[:, None])[:, 0] for one in (plain, edited))
    if model.task.kind == "number":
        differ = abs(after - before)[:, 0] > 1e-5 * abs(before).max()
    elif model.task.kind == "set":
        differ = ((after > 0.5) != (before > 0.5)).any(1)
    else:
        differ = after.argmax(1) != before.argmax(1)
    assert differ.sum() > 1
    steps = [int(step) for step in re.findall(r"answer at step (\d+) ", capsys.readouterr().out)]
    assert steps == sorted({*np.flatnonzero(differ).tolist(), len(differ) - 1})


def test_each_model_has_a_script_unless_the_input_is_long() -> None:
    app = open_feed(text=TEXT, cell="several cells")
    now: Shown = app.session_state["feed shows"]
    labels = [one.label for one in app.get("download_button")]
    assert sum("script" in one for one in labels) == len(now.panels) > 2
    rows = np.random.default_rng(0).normal(size=(500, 20)).astype(np.float32)
    numbers = Sequence(rows, ("",) * 500, ("x",) * 20, "numbers", "numbers")
    assert not can_be_written(numbers, of_file=False)
    one_hot = replace(numbers, values=np.eye(20, dtype=np.float32)[rows.argmax(axis=1)])
    assert can_be_written(one_hot, of_file=False)
    assert not can_be_written(one_hot, of_file=True)  # its script would hold all 10,000 numbers


def test_a_text_and_its_letter_edits_reach_the_script_as_numbers_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The text would end a string of the script and print, if it were in one."""
    text = 'ab"""\\);print("hi")#\'{0}'
    app = open_feed(text=text, weights="fresh", cell="LSTM", hidden="3")
    assert not app.exception
    now: Shown = app.session_state["feed shows"]
    features = sorted(set(text))
    quote = features.index('"')
    shown = now.recorders[0](f"x@1=0,x@1.u{quote}=1,f@2=0")  # b becomes a quotation mark
    script = now.scripts[0](shown.edits)
    assert text not in script
    assert 'print("hi")' not in script
    lines = [line for line in script.splitlines() if "gv.Edit" in line]
    edits = [eval(line.strip().rstrip(","), {"gv": gv}).to_dict() for line in lines]
    assert [(one["letter"], one["value"], one["units"]) for one in edits] == [
        ("x", 0, None),
        ("x", 1, [quote]),
        ("f", 0, None),
    ]
    variables = made_by(script)
    read = variables["inputs"].argmax(-1).tolist()
    assert "".join(features[k] for k in read) == text
    np.testing.assert_array_equal(variables["edited"].output, shown.output)
    printed = capsys.readouterr().out
    assert "largest change of an output" in printed
    assert "hi" not in printed.split()
