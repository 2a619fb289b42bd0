"""What a chart offers to take home: the table as text known on paper, and one button a file."""

import csv
import json
import math
from io import StringIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from gatesviz.ui.downloads import offer, safe, table

FLOATS = st.floats() | st.floats(width=32).map(np.float32)
NUMBERS = FLOATS | st.integers(-(2**60), 2**60)


def offered() -> None:
    from gatesviz.ui.downloads import offer

    def unasked() -> str:
        raise AssertionError("a file is made before its button is pressed")

    offer("first", chart="all seeds", page=unasked, csv=unasked, script=unasked)
    offer("second", chart="all others", csv=unasked)
    offer("third", chart="pictures alone")


def test_each_file_has_a_button_and_none_is_made_before_it_is_pressed() -> None:
    app = AppTest.from_function(offered, default_timeout=30).run()
    assert not app.exception
    buttons = [button.proto for button in app.get("download_button")]
    assert [button.label for button in buttons] == ["HTML", "CSV", "Script", "CSV"]
    assert all(button.ignore_rerun for button in buttons)
    assert [text.value for text in app.markdown] == ["**Download**"] * 3
    assert [json.loads(part.proto.json) for part in app.get("bidi_component")] == [
        {"chart": "all seeds", "name": "gatesviz-first"},
        {"chart": "all others", "name": "gatesviz-second"},
        {"chart": "pictures alone", "name": "gatesviz-third"},
    ]


@pytest.mark.parametrize("name", ["", "a b", "../a", "ä", "a\n"])
def test_a_name_that_makes_no_good_file_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name: expected letters, digits and dashes"):
        offer(name, chart="any")


def test_the_table_is_what_a_pen_would_write() -> None:
    rows = [
        ["=1+1", 0.1, 3, True, None],
        ['say "hi", then\nleave', -2.5, np.int64(-4), np.bool_(False), math.nan],
        ("−1", np.float32(0.1), 10**20, "-1", -math.inf),
    ]
    assert table(["@who", "b", "c", "d", "e"], rows).split("\r\n") == [
        '"\'@who","b","c","d","e"',
        '"\'=1+1","0.1","3","true",""',
        '"say ""hi"", then\nleave","-2.5","-4","false","nan"',
        '"−1","0.10000000149011612","100000000000000000000","\'-1","-inf"',
        "",
    ]


@given(st.lists(st.tuples(NUMBERS, st.text()), max_size=5))
def test_numbers_come_back_as_they_were_and_no_text_is_a_formula(
    rows: list[tuple[float, str]],
) -> None:
    _, *lines = csv.reader(StringIO(table(["number", "text"], rows), newline=""))
    for (number, text), (written, told) in zip(rows, lines, strict=True):
        np.testing.assert_equal(float(written), float(number))
        assert told.replace("'", "") == text.replace("'", "")
        for part in told.split(";"):
            assert not part.lstrip().startswith(("=", "+", "-", "@"))
        assert not told.startswith(("\t", "\r", "\n"))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_what_a_spreadsheet_would_compute_is_made_a_text(start: str) -> None:
    assert safe(f"{start}1") == f"'{start}1"
    assert safe(f"a{start}1") == f"a{start}1"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (" =1+1", " '=1+1"),
        ('a";=cmd()', "a\";'=cmd()"),
        ("a; @SUM(1)", "a; '@SUM(1)"),
        ("a\n=1", "a\n'=1"),
        ("a;b;c", "a;b;c"),
        ("a, -1", "a, -1"),
    ],
)
def test_a_formula_inside_a_cell_is_no_formula_where_lines_are_split_there(
    text: str, told: str
) -> None:
    assert safe(text) == told


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(
        TypeError, match=r"cell: expected a text, a number, true, false or None, got \[1\]"
    ):
        table(["a"], [[[1]]])
    with pytest.raises(ValueError, match="row 2 has 1 cells, expected 2, one for each column"):
        table(["a", "b"], [[1, 2], [3]])
