"""The command `gatesviz choose`."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gatesviz.cli.choose import read
from gatesviz.engine.background import BackgroundCalls
from gatesviz.experiments.search import PILOTS, budget, plans, search
from gatesviz.training import own_series, own_text
from tests.serving import ROOT
from tests.test_cli_experiment import ended
from tests.ui.test_compare_search import DATA, KNOWN, TEXTS, gone_through

BUMPS = "\n".join(["day,level,rain", *(f"2020-01-{k % 28 + 1:02},{t},1.5" for k, t in
                                       enumerate(TEXTS))])  # fmt: skip


@pytest.fixture(autouse=True)
def _known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATESVIZ_RESULTS", str(tmp_path / "results"))
    PILOTS.keep(DATA.digest, KNOWN)


def test_a_search_that_is_known_is_told_in_words_and_in_json(tmp_path, capsys):
    gone_through()
    file = tmp_path / "rivers.csv"
    file.write_text(BUMPS)
    assert ended("choose", str(file), "--minutes", "1") == 0
    told = capsys.readouterr().out
    assert told.startswith("Forecast level. Data: 60 values. The last 12 are held out")
    assert "settings with RMSE 0.2 standard deviations in the search" in told
    assert "Use the GRU (" in told
    assert "Searched for each cell" in told
    assert "yes: Lead of the GRU over the RNN" in told
    assert "yes: Lead of the GRU over repeating the value 6 steps earlier" in told
    assert ended("choose", str(file), "--column", "level", "--minutes", "1", "--json") == 0
    found = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)  # no NaN
    assert (found["stage"], found["cell"], found["worthwhile"]) == ("done", "gru", True)
    np.testing.assert_allclose(found["scores"]["gru"], 0.2 + np.arange(1, 7) / 1_000, atol=0.001)
    assert found["choices"]["lstm"]["learning_rate"] == 0.01
    assert found["task"] == "Forecast level"
    assert len(found["comparisons"]) == 6
    assert found["reference"] == {"repeating the value 6 steps earlier": 0.5}
    assert set(found["references"]) == {
        "forecasting the mean of the training part", "repeating the value 6 steps earlier",
    }  # fmt: skip
    low, high = found["intervals"]["gru"]
    assert low < 0.2035 < high
    against = found["against"]["gru"]
    assert against["interval"][0] < against["estimate"] < against["interval"][1]
    assert against["estimate"] == pytest.approx(0.2965, abs=0.001)
    assert set(found["pairs"]) == {"lstm - gru", "lstm - rnn_tanh", "gru - rnn_tanh"}
    assert (found["steps"], found["warm_up"], found["plan"]["seeds"]) == (12, 48, 6)


def test_where_no_cell_is_worth_following_it_says_so_and_exits_with_1(tmp_path, capsys):
    gone_through(worth=0.1)
    file = tmp_path / "rivers.csv"
    file.write_text(BUMPS)
    assert ended("choose", str(file), "--minutes", "1") == 1
    assert (
        "Use none of them. No cell beats repeating the value 6 steps earlier, which needs no"
        " network."
        " That forecast scores RMSE 0.1 standard deviations."
    ) in capsys.readouterr().out
    assert ended("choose", str(file), "--minutes", "1", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["cell"], found["worthwhile"]) == (None, False)


def test_a_table_is_read_by_its_column_and_anything_else_as_a_text(tmp_path):
    table, text = tmp_path / "rivers.csv", tmp_path / "book.md"
    table.write_text(BUMPS)
    text.write_text("to be or not to be, " * 20)
    assert read(table, None) == own_series([float(t) for t in TEXTS], "level")
    assert read(text, None) == own_text("to be or not to be, " * 20)
    with pytest.raises(ValueError, match="nothing to forecast"):
        read(table, "rain")


WEATHER = "\n".join(
    ["day,id,warm,wind,rain, snow,still", *(
        f"2020-01-{k % 28 + 1:02},{k},{t},{k % 7},{'' if k == 9 else k % 5},{k * k % 11},1.5"
        for k, t in enumerate(TEXTS)
    )]
)  # fmt: skip
COLUMNS = {
    "warm": np.array([float(t) for t in TEXTS]),
    "wind": np.arange(60) % 7,
    "rain": np.where(np.arange(60) == 9, 3, np.arange(60) % 5),  # the gap repeats the value before
    "snow": np.arange(60) ** 2 % 11,
}


@pytest.mark.parametrize(
    ("inputs", "fill", "names"),
    [
        ("wind", False, ["wind"]),
        (" snow , wind", False, ["snow", "wind"]),
        ("rain,wind,", True, ["rain", "wind"]),
        ("all", True, ["wind", "rain", "snow"]),
        ("still,wind", False, ["wind"]),
        ("still", False, []),
    ],
)
def test_further_columns_are_read_beside_the_one_to_forecast(inputs, fill, names, tmp_path, capsys):
    file = tmp_path / "weather.txt"  # named columns make a table of any file
    file.write_text(WEATHER)
    read_names = ["warm", *names]
    values = np.column_stack([COLUMNS[name] for name in read_names]).squeeze()
    assert read(file, "warm", inputs, fill=fill) == own_series(values, "warm", names)
    told = capsys.readouterr().err
    assert ("“still” isn't read: it is 1.5 in all of the first 48 rows" in told) == (
        "still" in inputs or inputs == "all"
    )
    if inputs == "all":
        assert "“id” isn't read: it labels or counts the rows." in told
        assert "“day” isn't read: row 2 holds “2020-01-01”." in told


def test_a_name_may_hold_a_comma(tmp_path):
    file = tmp_path / "weather.csv"
    file.write_text(WEATHER.replace("wind", '"wind, at noon"', 1))
    assert read(file, "warm", "wind, at noon,snow").input_names == ("wind, at noon", "snow")


def test_what_is_read_and_what_is_forecast_is_told(tmp_path, capsys):
    file = tmp_path / "weather.csv"
    file.write_text(WEATHER)
    values = np.column_stack([COLUMNS["warm"], COLUMNS["wind"]])
    data = own_series(values, "warm", ["wind"])
    PILOTS.keep(data.digest, KNOWN)
    gone_through(data)
    asked = ("choose", str(file), "--column", "warm", "--inputs", "wind", "--minutes", "1")
    assert ended(*asked) == 0
    told = capsys.readouterr().out
    assert told.startswith(
        "Forecast warm. Each step has 2 standardised numbers: warm (the one to"
        " forecast), wind. Data: 60 rows of 2 columns. The last 12 are held out."
    )
    assert ended(*asked, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["task"], found["inputs"]) == ("Forecast warm", ["wind"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["rivers.csv", "--inputs", "snow"],
            "there is no column “snow”: the columns of numbers are “level”, “rain”",
        ),
        (["rivers.csv", "--inputs", "level"], "“level” is named more than once"),
        (["rivers.csv", "--inputs", "day"], "“day” is not a column of numbers: row 2 holds"),
        (["gaps.csv", "--inputs", "rain"], "“rain” has no value in row 11"),
        (
            ["gaps.csv", "--inputs", "rain"],
            "Use --fill to repeat the value in the row before, or leave it out of --inputs",
        ),
        (["gaps.csv", "--column", "rain"], "before, or choose another column with --column"),
        (["rivers.csv", "--column", "snow"], "snow"),
        (["missing.csv"], "missing.csv can't be read: No such file or directory"),
        (["noise.bin"], "noise.bin holds NUL characters, so it is not text"),
        (["rivers.csv", "--minutes", "99"], "expected a whole number from 1 to 30, got '99'"),
        (["short.txt"], "characters in a training text: 5 is outside"),
        (["short.txt", "--column", "x"], "--column and --inputs need a table: leave them out to"),
        (["rivers.csv", "--as", "text", "--inputs", "all"], "--as text has no columns: leave out"),
        (["large.csv"], "large.csv has 5,000,001 bytes, at most 5,000,000 are read"),
    ],
)
def test_bad_input_gets_one_sentence(arguments, told, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rivers.csv").write_text(BUMPS)
    (tmp_path / "gaps.csv").write_text(WEATHER)
    (tmp_path / "short.txt").write_text("short")
    (tmp_path / "large.csv").write_bytes(b"1" * 5_000_001)
    (tmp_path / "noise.bin").write_bytes(bytes(range(256)) * 4)
    assert ended("choose", *arguments) == 2
    assert told in capsys.readouterr().err.splitlines()[-1]


TERMINAL = "x\x1b]0;title\x07\x1b[31m\nRead y as a table\r\u202e"
"""Changes a terminal's title and colour, and writes a line of its own."""


@pytest.mark.parametrize("content", ["a\n1\n2\n1\n", "short", "\0", "{", "1," * 3_000_000, None])
def test_the_name_of_a_file_does_not_command_the_terminal(content, tmp_path, capsys):
    file = tmp_path / f"{TERMINAL}.csv"
    if content is not None:
        file.write_text(content)
    for more in ([], ["--column", TERMINAL], ["--inputs", TERMINAL], ["--as", "text"]):
        assert ended("choose", str(file), *more) == 2
        told = "".join(capsys.readouterr())
        assert told
        assert not set(told) & set("\x1b\x07\r\u202e")
        assert not any(line.startswith("Read y") for line in told.splitlines())


def test_without_enough_minutes_the_command_says_what_is_known(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(plans, "LADDER", (((16,), 100_000),))
    monkeypatch.setattr(search, "FINISHED", BackgroundCalls(4))
    monkeypatch.setattr(budget.Budget, "over", True)
    file = tmp_path / "rivers.csv"
    file.write_text(BUMPS)
    assert ended("choose", str(file), "--minutes", "1") == 1
    told = capsys.readouterr()
    assert "the minute is used up, so the search has stopped" in told.err
    first, none, scores, cells, left, again = told.out.splitlines()
    assert first.startswith("Forecast level. Data: 60 values.")
    assert none == "No cell is recommended yet."
    assert "(lower is better): repeating the last value 0.5." in scores
    assert "RNN (tanh) (0 of 3 runs), GRU (0 of 3 runs), LSTM (0 of 3 runs)." in cells
    assert re.search(r"needs about \d+ minutes on this machine\. It continues where", left)
    assert again == "Run the same command again with --minutes 30."
    assert ended("choose", str(file), "--minutes", "1", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert found["references"] == {"repeating the last value": 0.5}
    assert found["unfinished"] == {"rnn_tanh": [0, 3], "gru": [0, 3], "lstm": [0, 3]}
    assert found["minutes_needed"] > 30
    assert (found["cell"], found["steps"], found["sentences"]) == (None, 12, [scores, cells, left])


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a signal of POSIX")
def test_a_request_to_end_is_met_with_one_sentence(tmp_path):
    file = tmp_path / "rivers.csv"
    file.write_text(BUMPS)
    python = [sys.executable, "-c", "from gatesviz.cli import main; main()"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    pipes["env"] = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen([*python, "choose", str(file), "--minutes", "5"], **pipes) as run:
        lines = iter(run.stderr.readline, "")
        told = next(line for line in lines if line.startswith(("First search", "This search")))
        assert "about" in told  # workers are training from now on
        run.send_signal(signal.SIGTERM)
        assert [*lines] == [
            "Stopped. Finished runs are saved. Run the same command again to continue.\n"
        ]
        assert run.stdout.read() == ""
    assert run.returncode == 143


NUMBERS = [float(t) for t in TEXTS]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("numbers.txt", "\n".join(TEXTS)),
        ("numbers", " ".join(TEXTS)),
        ("level.json", json.dumps(NUMBERS)),
        ("level.json", json.dumps([[k, v] for k, v in enumerate(NUMBERS)])),
        ("level.json", json.dumps([{"id": 7, "level": v} for v in NUMBERS])),
        ("level.json", json.dumps({"level": NUMBERS})),
        ("level.md", BUMPS),
        ("level.txt", "year,month,level\n" + "\n".join(f"2020,1,{t}" for t in TEXTS)),
    ],
)
def test_numbers_are_found_by_what_a_file_holds(name, content, tmp_path, capsys):
    file = tmp_path / name
    file.write_text(content)
    assert read(file, None).values.tolist() == NUMBERS
    assert "(use --as table, numbers or text to read it differently)" in capsys.readouterr().err


def test_how_to_read_a_file_can_be_said(tmp_path, capsys):
    file = tmp_path / "numbers.csv"
    file.write_text("\n".join(f"{k},{t}" for k, t in enumerate(TEXTS)))
    both = [value for k, t in enumerate(NUMBERS) for value in (float(k), t)]
    assert read(file, None).values.tolist() == NUMBERS  # the other column only counts
    assert read(file, "2").values.tolist() == NUMBERS
    assert read(file, None, kind="text") == own_text(file.read_text())
    assert "Read numbers.csv as text, to predict the next character" in capsys.readouterr().err
    file.write_text("\n".join(f"{k}; {t}" for k, t in enumerate(TEXTS)))
    assert read(file, None, kind="numbers").values.tolist() == both
    with pytest.raises(ValueError, match="there is no column 9: the table has 2"):
        read(file, "9")


def test_what_is_decided_about_a_table_is_said(tmp_path, capsys):
    file = tmp_path / "sales.csv"
    rows = [f"{k},2020,{k % 12 + 1},${k % 7 * 100}.50,a" for k in range(60)]
    file.write_text("\n".join(["id,year,month,sales,shop", *rows, "Total,,,$9,"]))
    assert read(file, None).title == "sales"
    told = capsys.readouterr().err
    for sentence in (
        "Row 62, “Total”, is a total and was left out.",
        "Read sales.csv as a table, to forecast “sales” (use --as",
        "Other columns of numbers: “id”, “year”, “month”. Choose with --column.",
        "Not columns of numbers: “shop” (row 2 holds “a”).",
        "Column “sales”: “$0.50” is read as 0.5.",
    ):
        assert sentence in told


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("time,temp\n-,°C\n" + "\n".join(f"{k},{t}" for k, t in enumerate(TEXTS)), "“°C”"),
        ("k,on\n" + "\n".join(f"{k},{k % 3 == 0}" for k in range(60)), "“True”"),
        (
            "v,k\n" + "\n".join(f"{t if k else '3.27e299'},{k}" for k, t in enumerate(TEXTS)),
            "“3.27e299”, too large: every",
        ),
        ("v,k\n" + "\n".join(f"{t if k else 'x'},{k // 2}" for k, t in enumerate(TEXTS)), "“x”"),
        (
            "v,No.\n" + "\n".join(f"{t if k else 'x'},{k * 3 % 7}" for k, t in enumerate(TEXTS)),
            "“x”",
        ),
        ("timestamp,x\n" + "\n".join(f"{1_600_000_000 + k},a" for k in range(60)), "“a”"),
    ],
)
def test_a_column_that_only_counts_is_not_forecast_unless_it_is_named(content, why, tmp_path):
    file = tmp_path / "log.csv"
    file.write_text(content)
    with pytest.raises(ValueError, match="no column is worth forecasting: “") as refused:
        read(file, None)
    assert f"row 2 holds {why}" in str(refused.value) or f"row 3 holds {why}" in str(refused.value)
    assert str(refused.value).endswith("Name a column with --column to forecast it all the same")
    [name] = {"time", "k", "No.", "timestamp"}.intersection(content.partition("\n")[0].split(","))
    assert f"“{name}” only labels or counts the rows, or never changes" in str(refused.value)
    assert read(file, name, fill=True).title == name


def test_a_row_counter_in_json_is_not_forecast_in_place_of_a_refused_column(tmp_path):
    file = tmp_path / "log.json"
    rows = [{"t": k, "v": float(t)} for k, t in enumerate(TEXTS)] + [{"t": len(TEXTS), "v": "x"}]
    file.write_text(json.dumps(rows))
    with pytest.raises(ValueError, match=f"columns of numbers: “v” .row {len(rows)} holds “x”"):
        read(file, None)


def test_another_column_is_forecast_although_one_holds_a_word(tmp_path):
    """A column of words beside numbers that only rise is no reason to stop: it labels the rows."""
    file = tmp_path / "cases.csv"
    totals = np.cumsum([k % 5 for k in range(60)])
    file.write_text("city,total\n" + "\n".join(f"Ulm,{total}" for total in totals))
    assert read(file, None).title == "total"
    file.write_text("v,w\n" + "\n".join(f"{t if k else 'x'},{t}" for k, t in enumerate(TEXTS)))
    assert read(file, None).title == "w"


def test_many_columns_are_not_all_listed_and_inputs_may_be_numbers(tmp_path, capsys):
    file = tmp_path / "wide.csv"
    rng = np.random.default_rng(0)
    rows = [",".join(f"{v:.3f}" for v in rng.normal(size=40)) for _ in range(60)]
    file.write_text("\n".join([",".join(f"c{k}" for k in range(40)), *rows]))
    assert read(file, "3", "1, c5,40").input_names == ("c0", "c5", "c39")
    told = capsys.readouterr().err
    assert "“c8”, “c9”, “c10” and 29 more. Choose with --column." in told
    assert "“c11”" not in told
    with pytest.raises(ValueError, match="there is no column 41: the table has 40 columns"):
        read(file, "3", "41")


def test_very_small_numbers_are_learnt_like_others(tmp_path):
    file = tmp_path / "small.csv"
    file.write_text("x\n" + "\n".join(f"{t}e-300" for t in TEXTS))
    found = read(file, None)
    usual = own_series([float(t) for t in TEXTS], "x")
    np.testing.assert_allclose(
        found.standardised(found.values[:, None]), usual.standardised(usual.values[:, None]),
        rtol=1e-5, atol=1e-6,
    )  # fmt: skip


def test_json_that_is_no_table_is_not_read_as_text(tmp_path):
    file = tmp_path / "nested.json"
    file.write_text(json.dumps({"one": {"x": NUMBERS}, "two": {"x": NUMBERS}}))
    with pytest.raises(ValueError, match="the JSON object holds more than lists: expected a list"):
        read(file, None)
    assert read(file, None, kind="text").content == file.read_text()


def test_fill_is_named_only_if_it_helps(tmp_path, capsys):
    file = tmp_path / "gaps.csv"
    file.write_text("v\n" + "\n".join("?" if k < 5 else t for k, t in enumerate(TEXTS)) + "\n")
    with pytest.raises(ValueError, match=r"has no value in row 2.*--fill"):
        read(file, "v", kind="table")
    found = read(file, "v", kind="table", fill=True).values.tolist()
    assert found == NUMBERS[5:]  # no row before the sixth holds a value to repeat
    told = capsys.readouterr().err
    assert "The first 5 rows are left out: “v” has no value there." in told
    assert "row before" not in told  # none was filled
    with pytest.raises(ValueError, match="nothing to forecast") as refused:
        read_still(tmp_path)
    assert "--fill" not in str(refused.value)


def read_still(folder):
    file = folder / "rivers.csv"
    file.write_text(BUMPS)
    return read(file, "rain")


def test_gaps_are_filled_if_asked(tmp_path, capsys):
    file = tmp_path / "gaps.csv"
    file.write_text("v\n" + "\n".join("?" if k == 5 else t for k, t in enumerate(TEXTS)))
    with pytest.raises(ValueError, match=r"“v” has no value in row 7 \(1 missing in all\)\. Use"):
        read(file, None)
    filled = read(file, None, fill=True).values.tolist()
    assert filled == [*NUMBERS[:5], NUMBERS[4], *NUMBERS[6:]]
    told = capsys.readouterr().err
    assert "Column “v”: “?” means missing (1 cell)." in told
    assert "Column “v”: 1 gap repeats the value in the row before." in told


def test_gaps_at_the_start_are_not_said_to_be_filled(tmp_path, capsys):
    file = tmp_path / "gaps.csv"
    rows = [f"{'' if k < 4 or k == 9 else t},{'' if k in (2, 7, 8) else k * k % 11},{k}"
            for k, t in enumerate(TEXTS)]  # fmt: skip
    file.write_text("\n".join(["v,w,t", *rows]))
    found = read(file, "v", "w", fill=True).values
    assert len(found) == 56
    assert found[2:5, 1].tolist() == [36 % 11] * 3
    told = capsys.readouterr().err
    assert "The first 4 rows are left out: “v” has no value there." in told
    assert "Column “v”: 1 gap repeats the value in the row before." in told
    assert "Column “w”: 2 gaps repeat the value in the row before." in told  # not the one in row 4


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\x1f\x8b", "a gzip archive"),
        (b"PK\x03\x04xl/workbook", "an Excel workbook"),
        (b"PAR1", "a Parquet file"),
        (b"\x93NUMPY", "a NumPy array"),
        (b"%PDF", "a PDF document"),
        (b"\x89PNG", "a picture"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file, such as an .xls workbook"),
    ],
)
@pytest.mark.parametrize("name", ["data.csv", "data.txt", "data"])
def test_other_files_are_told_by_what_they_are(start, kind, name, tmp_path):
    (tmp_path / name).write_bytes(start + bytes(20))
    with pytest.raises(ValueError, match=f"the file is {kind}, whatever its name: "):
        read(tmp_path / name, None)
