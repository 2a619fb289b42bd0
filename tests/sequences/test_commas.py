"""Numbers with commas in tables: read as what they mean, and said, or refused. Never cut apart."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatesviz.sequences import COMMAS, TwoReadingsError, parse_table, read_file, read_table
from gatesviz.sequences.commas import meanings


def columns(table):
    return {name: column.values.tolist() for name, column in table.columns.items()}


@pytest.mark.parametrize(
    ("text", "wanted", "note"),
    [
        ("1.988,00\n2.100,50", {"column 1": [1988, 2100.5]}, "“1.988,00” is read as 1988."),
        ("1,010,034\n1,020,000", {"column 1": [1010034, 1020000]}, "is read as 1010034."),
        ("$1,000,000\n-$2,000,500", {"column 1": [1e6, -2000500]}, "is read as 1000000."),
        ("(1,234.5)\n1,000.5", {"column 1": [-1234.5, 1000.5]}, "is read as -1234.5,"),
        ("5\n1,234.5\n2", {"column 1": [5, 1234.5, 2]}, ""),
        ("999\n\n1,000,500\nNA", {"column 1": [999, 1000500, np.nan]}, "read as 1000500."),
        ("# euros\n1,05\n2,50", {"column 1": [1.05, 2.5]}, "“1,05” is read as 1.05."),
        ("sales\n1.234,56\n2.345,67", {"sales": [1234.56, 2345.67]}, "is read as 1234.56."),
        ("sales\n1,000,000\n2,500,000", {"sales": [1e6, 2.5e6]}, "is read as 1000000."),
        ("sales\n1,5\n2\n2,75", {"sales": [1.5, 2, 2.75]}, "“1,5” is read as 1.5."),
        ("1,5 2,5\n3,5 4,25", {"column 1": [1.5, 3.5], "column 2": [2.5, 4.25]}, "as 1.5."),
        ("v\n1'234,5\n2'345,6", {"v": [1234.5, 2345.6]}, "“1'234,5” is read as 1234.5."),
        ("v\n1\u00a0234,5\n12,5", {"v": [1234.5, 12.5]}, "is read as 1234.5"),
        ("1\u00a0234\n5\u202f678\n9", {"column 1": [1234, 5678, 9]}, "is read as 1234"),
        ("1’234,05\n2’345,60", {"column 1": [1234.05, 2345.6]}, "“1’234,05” is read as 1234.05."),
        ("1,50\t2\n3,5\t4", {"column 1": [1.5, 3.5], "column 2": [2, 4]}, "as 1.5."),
    ],
)
def test_a_comma_with_one_meaning_is_read_and_said(text, wanted, note):
    table = parse_table(text)
    assert [*columns(table)] == [*wanted]
    for name, values in wanted.items():
        np.testing.assert_array_equal(table.columns[name].values, values)
    assert note in table.how_read(table.first)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("12,5\n13,5", "row 1 holds “12,5”, which can be read in 2 ways: commas separate numbers"),
        ("1,234\n5,678", "row 1 holds “1,234”, which can be read in 3 ways"),
        ("1,234.5\n2,345.5", "row 1 holds “1,234.5”, which can be read in 2 ways"),
        ("$1,234\n$5,678", "row 1 holds “$1,234”, which can be read in 3 ways"),
        ("1'234,5\n2'345,6", "row 1 holds “1'234,5”, which can be read in 2 ways"),
        ("1’234,5\n12,5", "row 1 holds “1’234,5”, which can be read in 2 ways"),
        ("1\u00a0234,5\n2\u00a0345,6", "row 1 holds “1 234,5”, which can be read in 2 ways"),
        ("12,5%\n13,5%", "row 1 holds “12,5%”"),
        ("sales\n1,234\n5,678", "row 2 holds “1,234”, .* commas are decimal signs or group"),
        ("12.5\n1.000,5", "row 2 holds “1.000,5”, which can be read as one number or several"),
        ("12,34,567\n1,23,456", "row 1 holds “12,34,567”"),
        ("5, 1,234\n6, 1,235", "row 1 holds “1,234”"),
        ("5, 1,05\n6, 1,10", "row 1 holds “1,05”, which can be read as one number or several"),
        ("1,234 5,678\n2,345 6,789", "row 1 holds “1,234”"),
        ("Jan,1,000\nFeb,1,050", "row 1 holds “1,000”, .* are decimal signs or group thousands"),
        (
            "month,sales\nJan,1,234\nFeb,5",
            "row 2 has 3 .* “1,234” is one number, write it in quotes",
        ),
    ],
)
def test_a_comma_with_several_meanings_is_refused_with_the_value_and_what_to_do(text, sentence):
    for read in (parse_table, lambda text: read_table(text.encode(), "x.csv")):
        with pytest.raises(ValueError, match=sentence.replace("$", r"\$")) as refused:
            read(text)
        assert "Write decimals with a point" in str(refused.value) or "quotes" in sentence


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("0.5,100\n1.5,200", [[0.5, 1.5], [100, 200]]),
        ("1,10.0\n2,20", [[1, 2], [10, 20]]),
        ("1,2,3\n4,5,6", [[1, 4], [2, 5], [3, 6]]),
        ("1, 2\n3, 4", [[1, 3], [2, 4]]),
        ("a,b\n1,5\n2,5", [[1, 2], [5, 5]]),
        ("a,b\n1,234\n5,678", [[1, 5], [234, 678]]),
        ("sep=,\n12,5\n13,5", [[12, 13], [5, 5]]),
        ("Jan 2020,5\nFeb 2020,7", [[5, 7]]),
        ("Jan 1,5.5\nFeb 2,7", [[5.5, 7]]),
        ("Jan 1,5\nFeb,7", [[5, 7]]),
        ("run,v\nrun 1,5\nrun 2,7", [[5, 7]]),
        ("name,2019,2021\na,5,6\nb,7,8", [[5, 7], [6, 8]]),
        ("1\u00a02 5\n3\u00a04 6", [[1, 3], [2, 4], [5, 6]]),
        ("2020-01-01,5.5,7\n2020-01-02,6.5,8", [[5.5, 6.5], [7, 8]]),
    ],
)
def test_a_comma_that_separates_columns_does(text, wanted):
    table = parse_table(text)
    assert [*columns(table).values()] == wanted
    assert not any("was read as" in note for note in table.notes)


def test_the_refusal_names_a_way_out_that_works():
    with pytest.raises(TwoReadingsError, match="with their names, such as c1,c2") as refused:
        parse_table("1,234\n5,678")
    assert refused.value.readings == COMMAS
    assert columns(parse_table("c1,c2\n1,234\n5,678")) == {"c1": [1, 5], "c2": [234, 678]}
    assert columns(parse_table("1.234\n5.678")) == {"column 1": [1.234, 5.678]}
    assert columns(parse_table("1234\n5678")) == {"column 1": [1234, 5678]}


def test_two_whole_numbers_after_a_label_get_a_note():
    table = parse_table("Jan,1,234\nFeb,2,345")
    assert columns(table) == {"column 2": [1, 2], "column 3": [234, 345]}
    assert table.notes[0].startswith("“1,234” was read as 2 cells. If it is one number, write it")
    quoted = parse_table('Jan,"1,234"\nFeb,"2,345"')
    assert columns(quoted) == {"column 2": [1234, 2345]}
    note = "Column “column 2”: “1,234” is read as 1234. If “1,234” means 1.234, write 1.234."
    assert quoted.how_read("column 2") == note


@pytest.mark.parametrize("label", ["Jan 1|Feb 2|Mar 3", "run 7|run 7|run 12"])
def test_labels_that_end_in_a_number_get_a_note(label):
    labels, last = label.split("|"), [5, 75, 5]
    table = parse_table("\n".join(f"{each},{v}" for each, v in zip(labels, last, strict=True)))
    assert (columns(table), table.labels) == ({"column 2": last}, tuple(labels))
    whole = f"{labels[0].split()[1]},5"
    note = f"“{labels[0]},5” was read as 2 cells. If “{whole}” is one number, write it in quotes"
    assert table.notes[0] == f"{note} after a comma."


def test_a_dot_that_may_group_thousands_is_said_between_semicolons():
    table = parse_table("a;b\n1;1.234\n2;NA\n3;5")
    assert columns(table)["b"][::2] == [1.234, 5]
    assert "“1.234” is read as 1.234. If it means 1234, write 1234." in table.how_read("b")
    for plain in ("a;b\n1;0.234\n2;1.345", "a;b\n1;1.23\n2;1.345", "a,b\n1,1.234\n2,2.345"):
        assert parse_table(plain).how_read("b") == ""
    decided = parse_table("a;b\n0.5;1.234\n1.5;2.345")  # a dot is a decimal point in column a
    assert decided.how_read("b") == ""


PRICES = ["1,234", "2,345", "NA", "5"]
SIGNS = {
    ".": [
        ["0.25", "0.5", "1.5", "2"],
        ["1,234.50", "$5", "6.75", "7"],
        ["1,000,000", "2", "3", "4"],
    ],
    ",": [
        ["0,25", "0,5", "1,5", "2"],
        ["1.234,50", "5 €", "6,75", "7"],
        ["1.000.000", "2", "3", "4"],
    ],
}  # columns that show that the decimal sign is a point, or a comma


@pytest.mark.parametrize("separator", [";", "\t", "|", ","])
@pytest.mark.parametrize(("sign", "place"), [(sign, k) for sign in SIGNS for k in range(3)])
def test_another_column_shows_what_a_comma_means(separator, sign, place):
    rows = zip(PRICES, SIGNS[sign][place], strict=True)
    quote = '"' if separator == "," else ""
    lines = [f"{quote}{a}{quote}{separator}{quote}{b}{quote}" for a, b in rows]
    table = parse_table("\n".join([f"a{separator}b", *lines]))
    expected = [1234, 2345, np.nan, 5] if sign == "." else [1.234, 2.345, np.nan, 5]
    np.testing.assert_array_equal(table.columns["a"].values, expected)
    assert table.how_read("a").endswith(f"“1,234” is read as {expected[0]}.")


@pytest.mark.parametrize(
    ("text", "values", "note"),
    [
        ("a;b\n1,234;x\n2,345;y", [1.234, 2.345], "“1,234” is read as 1.234."),
        ("a\tb\n(1,234)\t1\n5\t2", [-1.234, 5], "“(1,234)” is read as -1.234."),
        ("a|b\n1,234%|1\n5,678%|2", [1.234, 5.678], "“1,234%” is read as 1.234 percent."),
        ('a,b,c\n"1,234","0,5",0.5\n"2,345","1,5",1.5', [1234, 2345], "“1,234” is read as 1234."),
        ("a;b;c\n1,234;0,5;0.5\n2,345;1,5;1.5", [1.234, 2.345], "“1,234” is read as 1.234."),
        ("a;b;c\n1.234;0,5;0.5\n2.345;1,5;1.5", [1.234, 2.345], "“1.234” is read as 1.234."),
    ],
)
def test_where_nothing_or_both_signs_are_shown_the_note_names_the_other_number(text, values, note):
    table = parse_table(text)
    assert table.columns["a"].values.tolist() == values
    cell = note[1 : note.index("”")]
    other = {1.234: "1234", -1.234: "-1234", 1234: "1.234"}[values[0]] + "%" * ("%" in cell)
    hint = f"If “{cell}” means {other}, write {other}."
    if "." in cell:
        hint = hint.replace(f"“{cell}”", "it")
    assert table.how_read("a") == f"Column “a”: {note} {hint}"
    again = parse_table(text.replace(cell, other))
    assert again.columns["a"].values[0] == float(other.rstrip("%"))


def test_a_dot_next_to_a_comma_between_bars_gets_a_note_as_well():
    table = parse_table("a|b\n1.234|1,234\n2.345|5,678")
    assert columns(table) == {"a": [1.234, 2.345], "b": [1.234, 5.678]}
    assert "If it means 1234, write 1234." in table.how_read("a")
    assert "If “1,234” means 1234, write 1234." in table.how_read("b")
    assert parse_table("a|b\n1.234|7\n2.345|8").how_read("a") == ""


def test_a_zero_before_a_comma_groups_nothing():
    table = parse_table('a,b\n"0,234","1,234"\n"0,5","2,345"')
    assert columns(table) == {"a": [0.234, 0.5], "b": [1.234, 2.345]}
    assert columns(parse_table('a,b\n"0,234",x\n"0,567",y')) == {"a": [0.234, 0.567]}


def test_columns_between_spaces_show_what_a_comma_means():
    table = parse_table("1,234 0.25\n2,345 0.75")
    assert columns(table) == {"column 1": [1234, 2345], "column 2": [0.25, 0.75]}


def test_the_points_of_json_say_nothing_about_its_texts():
    table = parse_table('[{"a": 1.234, "b": "1,234", "c": "0,5"}, {"a": 2.5, "b": "5", "c": 1}]')
    assert columns(table) == {"a": [1.234, 2.5], "b": [1.234, 5], "c": [0.5, 1]}


@pytest.mark.parametrize("space", ["\u00a0", "\u202f"])
def test_a_note_shows_a_space_that_does_not_break_a_line_as_a_space(space):
    table = parse_table(f"a;b\n1{space}234,5;x\n5{space}€;y")
    assert table.how_read("a").startswith("Column “a”: “1 234,5” is read as 1234.5")
    mixed = parse_table(f"a;b\n1,5;1\n1{space}234.5;2")
    assert mixed.refused == {"a": "row 3 holds “1 234.5”"}
    assert parse_table(f"a;b\n1{space}x;1\n2;2").refused == {
        "a": f"row 2 holds “1U+{ord(space):04X}x”"
    }


@pytest.mark.parametrize("text", ["EUR\n1.000\n2.500\n3.000", "1.000\n2.500", "x\tEUR\na\t1.000"])
def test_so_is_one_in_a_single_column_and_between_tabs(text):
    table = parse_table(text)
    assert columns(table)[table.first][0] == 1
    note = "“1.000” is read as 1. If it means 1000, write 1000."
    assert table.how_read(table.first).endswith(f": {note}")


@pytest.mark.parametrize("text", ["v\n1.234\n0.345", "[1.234, 2.345]", "1.234 2.345", "v\n1\n2"])
def test_a_dot_that_is_surely_a_decimal_point_gets_no_note(text):
    table = parse_table(text)
    assert table.how_read(table.first) == ""


def test_a_file_of_numbers_with_commas_is_no_text():
    found = read_file(b"999\n1,000,500\n20\n", "numbers.txt")
    assert (found.kind, columns(found.content)) == ("table", {"column 1": [999, 1000500, 20]})


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["1", "2.5"], [0]),
        (["1,5"], [0, 1]),
        (["1,05"], [1]),
        (["1,234"], [0, 1, 2]),
        (["12.5", "1.000,5"], []),
        (["12,34,567"], []),
        (["12,34,567", "1,2,3,4"], [0]),
        (["a,5", "b,6", "7,8"], [0]),
        (["1,234 ,"], [0]),
        (["1'234,5"], [0, 1]),
        (["1'234,05"], [1]),
        (["1\u202f234\u202f567,8"], [0, 1]),
        (["1'23,5"], [0]),
    ],
)
def test_meanings(words, found):
    assert meanings(words) == tuple(COMMAS[k] for k in found)


STYLES = {
    "english": lambda v: f"{v:,.2f}",
    "german": lambda v: f"{v:,.2f}".translate(str.maketrans(",.", ".,")),
    "comma": lambda v: f"{v:.2f}".replace(".", ","),
    "dollars": lambda v: f"-${-v:,.2f}" if v < 0 else f"${v:,.2f}",
    "accounts": lambda v: f"({-v:,.2f})" if v < 0 else f"{v:,.2f}",
    "percent": lambda v: f"{v:.2f}%".replace(".", ","),
    "whole": lambda v: f"{round(v) * 1000:,}",
}
MONEY = st.lists(st.integers(-(10**9), 10**9).map(lambda n: n / 100), min_size=2, max_size=12)


@pytest.mark.parametrize("headed", [False, True])
@pytest.mark.parametrize("style", STYLES)
def test_a_column_alone_comes_back_equal_or_is_refused(style, headed):
    """Most are read: with a name above, all but few; without one, at least a third."""
    accepted = []

    @settings(derandomize=True)
    @given(MONEY)
    def check(numbers):
        text = "v\n" * headed + "\n".join(map(STYLES[style], numbers))
        wanted = [round(v) * 1000 for v in numbers] if style == "whole" else numbers
        accepted.append(0)
        try:
            table = parse_table(text)
        except TwoReadingsError:
            return
        assert [*columns(table).values()] == [wanted]
        accepted[-1] = 1

    check()
    assert sum(accepted) > (0.9 if headed else 0.33) * len(accepted)


WHOLE = st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 2000)), min_size=2, max_size=9)


@given(WHOLE)
def test_two_columns_of_whole_numbers_are_never_joined_by_a_guess(rows):
    """Without names, every comma may be a decimal sign, so all are refused."""
    text = "\n".join(f"{a},{b}" for a, b in rows)
    with pytest.raises(TwoReadingsError):
        parse_table(text)
    assert [*columns(parse_table(f"a,b\n{text}")).values()] == [*map(list, zip(*rows, strict=True))]


def test_a_header_that_ends_in_a_comma_does_not_hide_a_cut_number():
    table = parse_table("date,v,\n2020-01-01,1,234\n2020-01-02,2,345\n2020-01-03,999")
    assert table.columns["v"].values.tolist() == [1, 2, 999]
    assert table.notes[0] == (
        "“1,234” was read as 2 cells. If it is one number, write it in quotes."
    )
    for text in (
        "date,v,\n2020-01-01,1.5,7\n2020-01-02,2,8",
        "a,v,w\nx,1,234",
        "a,v,\nx,1,y\nz,2,",
    ):
        assert not any("was read as" in note for note in parse_table(text).notes)
