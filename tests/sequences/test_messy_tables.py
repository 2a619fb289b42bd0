"""Tables as people have them: what is decided is right, and is said."""

import json
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatesviz.sequences import parse_table, read_file, read_table
from gatesviz.sequences.json_rows import json_problem


def values(table, name):
    return table.columns[name].values.tolist()


@pytest.mark.parametrize(
    ("cells", "wanted", "note"),
    [
        (["12%", "0", "13.5 %"], [12, 0, 13.5], "“12%” is read as 12 percent"),
        (["$5.00", "-$1", "($6.50)", "7"], [5, -1, -6.5, 7], "“($6.50)” is read as -6.5"),
        (["5,00 €", "1.234,50 €"], [5, 1234.5], "“1.234,50 €” is read as 1234.5"),
        (["£1,234", "£5"], [1234, 5], "“£1,234” is read as 1234"),
        (["¥ 100", "100 ¥"], [100, 100], "“¥ 100” is read as 100"),
        (["(0.5)", "1"], [-0.5, 1], "“(0.5)” is read as -0.5"),
        (["−5", "4"], [-5, 4], ""),
        (["1,234", "5678"], [1234, 5678], "“1,234” is read as 1234"),
        (["?", "1", "NA"], [np.nan, 1, np.nan], "“?” and “NA” mean missing (2 cells)"),
        (["#DIV/0!", "1"], [np.nan, 1], "“#DIV/0!” means missing (1 cell)"),
    ],
)
def test_cells_are_read_and_the_note_says_how(cells, wanted, note):
    table = parse_table("v,w\n" + "\n".join(f'"{cell}",a' for cell in cells))
    np.testing.assert_array_equal(values(table, "v"), wanted)
    assert note in table.columns["v"].note
    assert table.how_read("v").startswith("Column “v”: ") == bool(note)


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (["12%", "13.5"], "row 3 holds “13.5”, but others hold %"),
        (["$5", "€5"], "row 3 holds “€5”, but others hold $"),
        (["(-5)", "1"], "row 2 holds “(-5)”"),
        (["$5€", "1"], "row 2 holds “$5€”"),
        (["12,34,567", "1"], "row 2 holds “12,34,567”"),
        (["1.234,5", "1,234.5"], "row 3 holds “1,234.5”"),
        (["$", "1"], "row 2 holds “$”"),
    ],
)
def test_a_column_of_two_kinds_is_refused_with_the_row(cells, why):
    table = parse_table("v,w\n" + "\n".join(f'"{cell}",{k}' for k, cell in enumerate(cells)))
    assert table.refused == {"v": why}


def test_dots_group_where_another_column_has_decimal_commas():
    table = parse_table("x;y\n1.234;0,5\n2.345;1,5")
    assert (values(table, "x"), values(table, "y")) == ([1234, 2345], [0.5, 1.5])
    assert "“1.234” is read as 1234" in table.how_read("x")
    assert values(parse_table("x;y\n1.234;1.234.567\n2.345;2.000.000"), "x") == [1234, 2345]
    assert values(parse_table("x;y\n0.234;0,5\n2.345;1,5"), "x") == [0.234, 2.345]


@pytest.mark.parametrize(
    ("text", "numeric", "rows", "note"),
    [
        ("sep=;\na;b\n1,5;2\n2,5;3", ("a", "b"), (3, 4), "semicolons separate the cells"),
        ("# made by hand\nx,y\n1,2\n# more\n3,4", ("x", "y"), (3, 5), "comments: 2 lines"),
        ("#,price\n1,2\n2,4\n3,7", ("#", "price"), (2, 3, 4), None),
        ("# x y\n1 2\n3 4\n5 7", ("x", "y"), (2, 3, 4), None),
        ("a,b,\n1,2,\n3,4,", ("a", "b"), (2, 3), "ends of rows"),
        ("a,b\n1,2,\n3,4,", ("a", "b"), (2, 3), "ends of rows"),
        ("\n\na,b\n\n1,2\n\n3,4\n\n", ("a", "b"), (5, 7), None),
        ("\ufeffa,b\n1,2\n3,4\n,\n,\n", ("a", "b"), (2, 3), None),
        ('a,b\n1,"x\ny, z"\n2,w', ("a",), (2, 3), None),
        ('a,b\n1,"x\n# no comment"\n2,w', ("a",), (2, 3), None),
        ("a|b\n1|2\n3|4", ("a", "b"), (2, 3), None),
        ("  1.5   2\n -3.5  40\n", ("column 1", "column 2"), (1, 2), "No header"),
        ("#N/A,x\n1,2\n#N/A,3", ("column 1", "column 2"), None, None),
    ],
)
def test_layouts(text, numeric, rows, note):
    table = parse_table(text) if "#N/A" not in text else parse_table("a,b\n" + text[7:])
    assert table.numeric == (("a", "b") if rows is None else numeric)
    if rows:
        assert table.rows == rows
    assert note is None or note in " ".join(table.notes)


def test_numpys_own_text_is_read_back(tmp_path):
    array = np.random.default_rng(0).normal(size=(20, 3))
    for options in ({}, {"delimiter": ",", "header": "a,b,c"}, {"header": "a b c"}):
        np.savetxt(tmp_path / "x.txt", array, **options)
        table = read_table((tmp_path / "x.txt").read_bytes(), "x.txt")
        assert table.numeric == (
            ("a", "b", "c") if options else ("column 1", "column 2", "column 3")
        )
        np.testing.assert_array_equal(
            np.stack([table.columns[name].values for name in table.numeric], 1), array
        )


def test_thousands_apart_by_blanks_are_not_guessed():
    with pytest.raises(ValueError, match=r"“1 234” can be one number .* or several columns"):
        parse_table("1 234\n5 678")


@pytest.mark.parametrize("word", ["Total", "TOTAL", "Grand total", "Sum", "Average"])
def test_a_last_row_that_sums_up_is_left_out(word):
    table = parse_table(f"month,sales\nJan,80\nFeb,100\n{word},180")
    assert values(table, "sales") == [80, 100]
    assert table.notes == (f"Row 4, “{word}”, is a total and was left out.",)
    kept = parse_table("kind,sales\nTotal,80\nOther,100\nTotal,180")
    assert values(kept, "sales") == [80, 100, 180]


@pytest.mark.parametrize(
    ("dates", "reverse", "notes"),
    [
        ("2020-01-03 2020-01-02 2020-01-01", True, ["reversed"]),
        ("2020-01-01 2020-01-02 2020-01-03", False, []),
        ("31.01.2020 30.01.2020 29.01.2020", True, ["reversed"]),
        ("1/31/2020 1/30/2020 1/29/2020", True, ["reversed"]),
        ("03/01/2020 02/01/2020 01/01/2020", True, ["can be read as", "reversed"]),
        ("1/2/2020 1/3/2020 1/4/2020", False, ["can be read as"]),
        ("1/3/2020 2/2/2020 3/1/2020", False, ["The rows are used in the order of the file"]),
        ("2020-01-31 2020-02-29 2020-03-31", False, []),
        ("2020-01 2020-02 2020-03", False, []),
        ("2020-01-01 2020-01-03 2020-01-02", False, ["row 4 is earlier"]),
        (
            "2020-01-01 2020-01-01 2020-01-02",
            False,
            ["repeat the one before: 1, the first in row 3"],
        ),
        ("2020-01-01 2020-01-02 2020-01-09", False, ["not evenly spaced", "the longest 7 days"]),
        ("2020-01-02T02:00 2020-01-02T01:00 2020-01-02T00:00", True, ["reversed"]),
        ("1-Jan-2020 2-Jan-2020 3-Jan-2020", False, []),
        (
            "2020-99-01 2020-01-02 2020-01-03",
            False,
            ["“2020-99-01” could not be read as a time, so"],
        ),
    ],
)
def test_dates_in_order(dates, reverse, notes):
    table = parse_table("date,v\n" + "\n".join(f"{d},{k}" for k, d in enumerate(dates.split())))
    assert values(table, "v") == ([2, 1, 0] if reverse else [0, 1, 2])
    assert table.rows == ((4, 3, 2) if reverse else (2, 3, 4))
    assert table.labels == tuple(dates.split()[:: -1 if reverse else 1])
    said = " ".join(table.notes)
    assert all(note in said for note in notes)
    assert bool(said) == bool(notes)


def test_dates_in_several_columns_run_too():
    table = parse_table("year,month,v\n2020,3,1\n2020,2,2\n2020,1,4")
    assert values(table, "v") == [4, 2, 1]
    assert table.labels == ("2020-01", "2020-02", "2020-03")
    hours = parse_table("No,year,month,day,hour,pm\n1,2010,1,1,0,5\n2,2010,1,1,1,9")
    assert hours.labels == ("2010-01-01 00:00", "2010-01-01 01:00")
    assert (hours.first, hours.notes) == ("pm", ())


@pytest.mark.parametrize(
    ("header", "rows", "notes"),
    [
        ("timestamp,v", ["1700000000,0", "1699996400,1", "1699992800,5"], 1),
        ("timestamp,v", ["1700000000123,0", "1699996400123,1", "1699992800123,5"], 1),
        ("date,v", ["20210101,0", "20201231,1", "20201230,5"], 1),
        ("x,v", ["20210101,0", "20201231,1", "20201230,5"], 1),
        ("time,v", ["1700000040.5,0", "1700000040.25,1", "1700000040,5"], 1),
        ("ts,v", ["1700000040000.5,0", "1700000040000.25,1", "1700000040000,5"], 1),
        ("Month,Year,v", ["Dec,2020,0", "Nov,2020,1", "Oct,2020,5"], 1),
        ("Month,Year,v", ["january,2021,0", "December,2020,1", "November,2020,5"], 1),
        ("Year,Month,v", ["2021,Jan.,0", "2020,Dec.,1", "2020,Nov.,5"], 1),
        ("timestamp,v", ["1699992800,5", "1699996400,1", "1700000000,0"], 0),
        ("Month,Year,v", ["Oct,2020,5", "Nov,2020,1", "Dec,2020,0"], 0),
        ("date,v", ["20200228,5", "20200229,1", "20200301,0"], 0),
    ],
)
def test_newest_first_is_reversed_whatever_the_dates_look_like(header, rows, notes):
    table = parse_table("\n".join([header, *rows]))
    assert values(table, "v") == [5, 1, 0]
    reversed_rows = "The dates ran from the newest to the oldest, so the rows were reversed."
    assert table.notes == (reversed_rows,) * notes
    assert table.first == "v"
    if "Year" in header:
        assert table.labels[-1] in ("2020-12", "2021-01")


@pytest.mark.parametrize(("step", "size"), [(60, 1), (300, 1_000), (3_600, 1), (86_400, 1_000)])
def test_timestamps_without_a_name_need_eight_even_steps_of_a_clock(step, size):
    for count in (7, 8):
        stamps = [(1_700_000_000 - k * step) * size for k in range(count)]
        table = parse_table(
            "x,v\n" + "\n".join(f"{stamp},{k % 3}" for k, stamp in enumerate(stamps))
        )
        assert (table.label_column, len(table.notes)) == (("x", 1) if count == 8 else (None, 0))
        assert values(table, "x") == (stamps[::-1] if count == 8 else stamps)


@pytest.mark.parametrize(
    ("text", "column", "labels"),
    [
        ("population\n3000000000\n2400000000\n1800000000", "population", "234"),
        ("company,revenue\nA,2.00e9\nB,1.94e9\nC,1.88e9\nD,1.82e9", "revenue", "ABCD"),
        (
            "company,revenue\n"
            + "\n".join(
                f"{name},{3_000_000_000 - k * 60_000_000}" for k, name in enumerate("ABCDEFGHI")
            ),
            "revenue",
            "ABCDEFGHI",
        ),
        ("city,n\nA,1800000000\nB,2400000000\nC,3000000000", "n", "ABC"),
    ],
)
def test_large_numbers_are_no_timestamps(text, column, labels):
    table = parse_table(text)
    cells = [float(row.split(",")[-1]) for row in text.splitlines()[1:]]
    assert (values(table, column), table.notes) == (cells, ())
    assert (table.labels, table.first) == (tuple(labels), column)


@pytest.mark.parametrize("more", ["year", "month", "year,month"])
def test_a_whole_date_comes_before_its_parts(more):
    parts = {"year": 2020, "month": 1}
    rest = ",".join(str(parts[name]) for name in more.split(","))
    rows = [f"202001{day:02},{rest},{day}" for day in range(9, 1, -1)]
    table = parse_table("\n".join([f"date,{more},v", *rows]))
    assert table.labels == tuple(f"202001{day:02}" for day in range(2, 10))
    assert values(table, "v") == [*range(2, 10)]
    assert table.notes == (
        "The dates ran from the newest to the oldest, so the rows were reversed.",
    )


@pytest.mark.parametrize(
    ("name", "stamps", "usual", "longest"),
    [
        ("timestamp", [1_700_000_000_000 + k for k in (0, 800, 2_000, 2_800)], "800", "1,200"),
        ("date", [f"2020-01-01 00:00:0{s}" for s in ("0.0", "0.8", "2.0", "2.8")], "800", "1,200"),
        ("time", [1_700_000_000 + s for s in (0, 0.25, 0.75, 1)], "250", "500"),
    ],
)
def test_times_are_compared_in_their_own_unit(name, stamps, usual, longest):
    rows = [f"{stamp},{k}" for k, stamp in enumerate(stamps)]
    [note] = parse_table("\n".join([f"{name},v", *rows])).notes
    assert f"The most common step is {usual} milliseconds (2 of 3), the longest {longest}" in note
    turned = parse_table("\n".join([f"{name},v", *rows[::-1]]))
    assert (values(turned, "v"), "reversed" in turned.notes[0]) == ([0, 1, 2, 3], True)


def test_times_that_repeat_are_named():
    [note] = parse_table("ts,v\n1700000000000,1\n1700000000000,2\n1700000000800,3").notes
    assert note == "Dates that repeat the one before: 1, the first in row 3."


@pytest.mark.parametrize(
    "column", ["30 20 10", "20201301 20201201 20201101", "1700000000 1699996401 1699992805"]
)
def test_falling_numbers_that_are_no_dates_stay(column):
    rows = [f"{cell},{k}" for k, cell in enumerate(column.split())]
    table = parse_table("\n".join(["x,v", *rows]))
    assert (values(table, "v"), table.notes, table.label_column) == ([0, 1, 2], (), None)


@pytest.mark.parametrize(
    ("header", "rows", "first"),
    [
        ("id,year,month,sales", ["1,2020,1,5", "2,2020,2,7", "3,2020,3,6"], "sales"),
        ("No,flat,wind", ["1,3,5", "2,3,9", "3,3,2"], "wind"),
        ("customer_id,weekday,hour,load", ["7,1,3,4.5", "3,2,9,5", "9,3,1,2"], "load"),
        ("month,v", ["1.5,3", "2.5,9", "9.5,2"], "v"),  # it labels the rows
        ("x,month", ["1,1.5", "5,2.5", "3,9.5"], "x"),
        ("id,code", ["4,1", "9,5", "3,3"], "id"),  # nothing better is there
    ],
)
def test_the_column_worth_a_forecast(header, rows, first):
    assert parse_table("\n".join([header, *rows])).first == first


def test_columns_are_named_or_counted():
    named = parse_table("name,u,v\na,5,1\nb,6,2")
    assert [named.named(c) for c in ("v", "3", "2")] == ["v", "v", "u"]
    for column, sentence in [
        ("9", "no column 9: the table has 3"),
        ("1", "“name” is not"),
        ("x", "no column “x”"),
    ]:
        with pytest.raises(ValueError, match=sentence):
            named.named(column)


@pytest.mark.parametrize(
    "text",
    [
        "[3, 1.5, null]",
        "[[3], [1.5], [null]]",
        '[{"v": 3}, {"v": 1.5}, {}]',
        '{"v": [3, 1.5, null]}',
        '{"v": 3}\n{"v": 1.5}\n{"v": null}\n',
    ],
)
def test_json(text):
    table = parse_table(text)
    np.testing.assert_array_equal(table.columns[table.first].values, [3, 1.5, np.nan])
    assert table.notes[0] == "The file was read as JSON."
    assert table.rows == (1, 2, 3)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[[1, 2], [3]]", "row 2 of the JSON list has 1 values, the first has 2"),
        ('{"a": [1], "b": [1, 2]}', "have 1, 2 values: expected equal lengths"),
        ('{"a": 1}', "holds more than lists: expected a list of numbers"),
        ("[1, [2]]", "mixes values, rows and objects"),
        ('["a", "b"]', "no column of “Pasted table” holds only numbers"),
        ("{}", "the table is empty"),
        ("[[]]", "1 or more"),
        ("[" * 5_000, "a header, but no rows"),
    ],
)
def test_json_that_is_no_table(text, sentence):
    with pytest.raises(ValueError, match=sentence):
        parse_table(text)


@pytest.mark.parametrize(
    "text", ["1 2 3 4 5", "1, 2, 3, 4, 5", "1;2;3;4;5", "1 2\n3 4\n5", "1 2 3 4 5\n\n"]
)
def test_numbers_alone_are_one_series(text):
    table = parse_table(text)
    assert values(table, "value") == [1, 2, 3, 4, 5]
    assert table.notes == ("The file was read as one series of 5 numbers, line by line.",)


@pytest.mark.parametrize(
    "data", [b"\n" * 4_999_990, b"1" + b"\n" * 4_999_990 + b"1", b",\n" * 2_490_000]
)
def test_megabytes_of_nothing_are_refused_at_once(data):
    start = time.process_time()
    with pytest.raises(
        ValueError, match=r"the table is empty|rows in a table: 4,999,991 is outside"
    ):
        read_table(data, "x.csv")
    assert time.process_time() - start < 1


def test_hourly_data_of_five_years_is_read():
    """43,824 × 13 cells, as many tutorials have them."""
    row = "{0},2010,1,1,{1},{0}.5,-21,-11,1021,NW,1.79,0,0"
    rows = "\n".join(row.format(k, k % 24) for k in range(43_824))
    header = "No,year,month,day,hour,pm2.5,DEWP,TEMP,PRES,cbwd,Iws,Is,Ir\n"
    table = read_table((header + rows).encode(), "air.csv")
    assert len(table.rows) == 43_824
    assert table.columns["pm2.5"].values[-1] == 43_823.5


# numbers in every style come back equal, or are refused

FLOATS = st.lists(st.floats(-1e30, 1e30, allow_subnormal=False), min_size=2, max_size=12)
MONEY = st.lists(st.integers(-(10**9), 10**9).map(lambda n: n / 100), min_size=2, max_size=12)
STYLES = {
    "plain": repr,
    "english": lambda v: f"{v:,.2f}",
    "german": lambda v: f"{v:,.2f}".translate(str.maketrans(",.", ".,")),
    "swiss": lambda v: f"{v:,.2f}".replace(",", "'"),
    "french": lambda v: f"{v:,.2f}".replace(",", "\u202f").replace(".", ","),
    "dollars": lambda v: f"-${-v:,.2f}" if v < 0 else f"${v:,.2f}",
    "euros": lambda v: f"{v:.2f}".replace(".", ",") + " €",
    "accounts": lambda v: f"({-v:,.2f})" if v < 0 else f"{v:,.2f}",
    "percent": lambda v: f"{v:.2f}%",
    "minus": lambda v: f"{v:.2f}".replace("-", "−"),
}


@given(MONEY, st.sampled_from([*STYLES]), st.sampled_from(",;\t"))
def test_numbers_in_any_style_come_back_equal_or_are_refused(numbers, style, separator):
    cells = [STYLES[style](number) for number in numbers]
    rows = [f'"{cell}"{separator}w' for cell in cells]
    try:
        table = parse_table(f"v{separator}word\n" + "\n".join(rows))
    except ValueError:
        return
    assert values(table, "v") == numbers


@given(FLOATS, st.sampled_from(",;\t"), st.booleans())
def test_what_pandas_writes_comes_back_equal(numbers, separator, german):
    cells = [repr(n).replace(".", ",") if german else repr(n) for n in numbers]
    text = f"v{separator}w\n" + "\n".join(f'"{cell}"{separator}a' for cell in cells)
    assert values(parse_table(text), "v") == numbers


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('[{"a": 1}, {"a": 2]', "line 1, column 19: expecting ',' delimiter"),
        ("[1, 2, 3,\n 4", "line 2, column 3: expecting ',' delimiter"),
        ('{"a": 1}\n{"a": 2}\n{"a": }', "line 3, column 7: expecting value"),
        ("[1, 2, nope]", "line 1, column 8: expecting value"),
        ("[" * 100_000, "nested too deeply"),
        ("[" + "9" * 5_000 + "]", "a number is too long"),
    ],
)
def test_a_broken_json_file_is_refused_with_its_line_and_not_read_as_text(text, where):
    for read in (read_file, read_table):
        with pytest.raises(ValueError, match=r"“sales\.JSON” is not valid JSON: ") as refused:
            read(text.encode(), "sales.JSON")
        assert where in str(refused.value)
        assert str(refused.value).endswith(". Correct the file")
    assert read_file(text.encode(), "sales.json", "text").content == text
    assert json_problem(text, "notes.txt") == ""


@pytest.mark.parametrize(
    "text", ["a,b\n1,2\n3,4\n5,6", '{"a": 1}\n\n{"a": 2}', "[1, 2, NaN]", "1 2 3"]
)
def test_a_json_name_alone_refuses_nothing(text):
    assert read_file(text.encode(), "sales.json").kind == "table"


WAVE = np.round(np.sin(np.arange(600)), 3).tolist()  # more than a table may have columns


@pytest.mark.parametrize(
    ("nested", "column", "note"),
    [
        ({"data": {"values": WAVE}}, "values", "Only its list “data.values” was read."),
        ({"name": "x", "values": WAVE}, "values", "Only its list “values” was read."),
        ([WAVE], "column 1", "Its only row was read as a series."),
        ({"data": [WAVE], "n": 600}, "column 1", "Its only row was read as a series."),
        ({"data": [[k, v] for k, v in enumerate(WAVE)]}, "column 2", "The file was read as JSON."),
        ({"data": [{"v": v} for v in WAVE], "n": 6}, "v", "Only its list “data” was read."),
        ({"of": {"k": [*range(600)], "v": WAVE}}, "v", "The file was read as JSON."),
    ],
)  # fmt: skip
def test_the_only_list_of_a_nested_json_is_read(nested, column, note):
    """Also from a file whose name doesn't say that it is JSON."""
    found = read_file(json.dumps(nested).encode(), "numbers.txt")
    assert found.kind == "table"
    assert found.content.values(column).tolist() == WAVE
    assert note in found.content.notes


@pytest.mark.parametrize(
    "nested",
    [{"a": {"x": WAVE}, "b": {"y": WAVE}}, {"tags": ["a", "b"], "n": 1}, {"a": {"b": {}}}],
)
def test_json_with_several_lists_or_none_of_numbers_is_refused(nested):
    with pytest.raises(ValueError, match="holds more than lists: expected a list of numbers"):
        parse_table(json.dumps(nested))


def test_a_deep_json_is_no_error_of_python():
    for deep in ("[" * 700 + "1, 2" + "]" * 700, '{"a":' * 700 + "[1, 2]" + "}" * 700):
        with pytest.raises(ValueError, match=r"holds more than lists|no rows below it"):
            parse_table(deep)
