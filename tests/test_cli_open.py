"""The command ``gatesviz open FILE``: what it refuses, and the page that it starts."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
import torch
from torch import nn

from gatesviz import cli
from gatesviz.lessons import plain_pages
from gatesviz.ui.notices import sentence
from gatesviz.ui.opened_file import VARIABLE, opened_file
from tests.ui.test_feed import open_feed, player, said


@pytest.fixture(autouse=True)
def served(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    seen: dict[str, object] = {}
    monkeypatch.setattr(st.App, "run", lambda app, *, config: seen.update(config))
    monkeypatch.setattr("sys.argv", ["gatesviz"])
    monkeypatch.setenv(VARIABLE, "")
    opened_file.cache_clear()
    yield seen
    opened_file.cache_clear()


def test_a_text_and_a_vocabulary_are_on_the_first_page(
    tmp_path: Path, served: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    model = nn.ModuleDict({"embed": nn.Embedding(4, 3), "rnn": nn.GRU(3, 5)})
    torch.save(model.state_dict(), tmp_path / "m.pt")
    (tmp_path / "v.json").write_text('["a", "b", "c", " "]')
    cli.main(
        [
            "open",
            str(tmp_path / "m.pt"),
            "--text",
            "a cab",
            "--vocabulary",
            str(tmp_path / "v.json"),
            "--port",
            "9001",
        ]
    )
    assert (served["server.port"], served["server.address"]) == (9001, "127.0.0.1")
    assert "Open http://127.0.0.1:9001/feed in a browser." in capsys.readouterr().out
    app = open_feed()
    assert not app.exception
    assert not app.error
    shown, arrays = player(app)
    assert "".join(shown["labels"]) == "a␣cab"
    output = model["rnn"](model["embed"](torch.tensor([0, 3, 2, 0, 1])))[0]
    np.testing.assert_allclose(arrays["0.h"][1:], output.detach(), atol=1e-4)
    assert "In use: m.pt" in said(app)
    assert "gru" not in open_feed(weights="fresh").query_params.get("file", "")


def test_a_table_is_read_and_a_model_of_numbers_begins_with_a_wave(tmp_path: Path) -> None:
    torch.save(nn.LSTM(1, 3).state_dict(), tmp_path / "m.pt")
    (tmp_path / "t.csv").write_text("a,b\n" + "\n".join(f"{k},{k % 3}.5" for k in range(9)))
    cli.main(["open", str(tmp_path / "m.pt"), "--csv", str(tmp_path / "t.csv")])
    app = open_feed()
    assert not app.error
    assert player(app)[0]["steps"] == 9
    opened_file.cache_clear()
    cli.main(["open", str(tmp_path / "m.pt")])
    assert open_feed().selectbox(key="src").value == "wave"


def test_a_table_says_that_the_model_reads_numbers(tmp_path: Path) -> None:
    torch.manual_seed(4)
    model = nn.LSTM(3, 4)
    torch.save(model.state_dict(), tmp_path / "m.pt")
    rows = [(k, k % 3 + 0.5, -k) for k in range(9)]
    lines = ["a,b,c", *(",".join(map(str, row)) for row in rows)]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    cli.main(["open", str(tmp_path / "m.pt"), "--csv", str(tmp_path / "t.csv")])
    app = open_feed()
    assert app.selectbox(key="file input 1").value == "numbers"  # it isn't asked
    output = model(torch.tensor(rows))[0].detach()
    np.testing.assert_allclose(player(app)[1]["0.h"][1:], output, atol=1e-4)


def test_a_vocabulary_can_be_as_long_as_on_the_page(tmp_path: Path) -> None:
    words = [f"long-word-{k:05}" for k in range(5_000)]
    torch.save(
        nn.ModuleDict({"embed": nn.Embedding(5_000, 3), "rnn": nn.GRU(3, 5)}).state_dict(),
        tmp_path / "m.pt",
    )
    (tmp_path / "v.json").write_text(json.dumps(words))
    assert (tmp_path / "v.json").stat().st_size > 90_000
    text = f"{words[7]} {words[4_999]}"
    cli.main(
        ["open", str(tmp_path / "m.pt"), "--text", text, "--vocabulary", str(tmp_path / "v.json")]
    )
    assert len(os.environ[VARIABLE]) < 10_000  # a longer one keeps processes from starting
    app = open_feed()
    assert player(app)[0]["labels"] == text.split()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["none.pt"], "'none.pt' can't be read (No such file or directory)."),
        (["text.pt"], "'text.pt' has an unknown format"),
        (["m.pt", "--csv", "none.csv"], "--csv: 'none.csv' can't be read"),
        (["m.pt", "--vocabulary", "none"], "--vocabulary: 'none' can't be read"),
        (["m.pt", "--vocabulary", "long"], "--vocabulary: 'long' has 100,001 characters, expected"),
        (["m.pt", "--text", "a" * 10_001], "--text: it has 10,001 characters"),
    ],
)
def test_a_bad_argument_gets_one_sentence(
    arguments: list[str],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    served: dict[str, object],
) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save(nn.LSTM(1, 3).state_dict(), "m.pt")
    Path("text.pt").write_text("weights")
    Path("long").write_text("a" * 100_001)
    with pytest.raises(SystemExit) as stopped:
        cli.main(["open", *arguments])
    assert stopped.value.code == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"gatesviz: error: {told}")
    assert not served
    assert not os.environ[VARIABLE]


def test_lines_of_code_in_a_refusal_can_be_copied(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.save(nn.LSTM(1, 3), tmp_path / "whole.pt")
    with pytest.raises(SystemExit):
        cli.main(["open", str(tmp_path / "whole.pt")])
    code = "  torch.save(model.state_dict(), 'weights.pt')"
    printed = capsys.readouterr().err.removeprefix("gatesviz: error: ").rstrip("\n")
    assert printed.endswith(f"\n{code}")
    assert sentence(printed) == printed  # as the page shows it
    assert sentence("the file is damaged") == "The file is damaged."


@pytest.mark.skipif(os.name != "posix", reason="such a name exists only there")
def test_names_of_files_that_no_encoding_can_write_and_that_command_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = "\x1b]0;title\x07\n"
    torch.save(nn.GRU(3, 5).state_dict(), tmp_path / f"{odd}.pt")
    cli.main(["open", str(tmp_path / f"{odd}.pt")])
    told = capsys.readouterr().out
    assert "␛]0;title␇␊.pt: GRU, I=3, H=5" in told
    monkeypatch.setattr(plain_pages, "write_plain_pages", lambda folder, _: [Path(folder, "a.md")])
    cli.main(["lessons", os.fsdecode(b"\xff")])
    assert capsys.readouterr().out == "1 pages, from \\udcff/a.md on.\n"
