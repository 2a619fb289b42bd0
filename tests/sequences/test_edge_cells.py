"""Cells at the edge of what a table holds: infinite, empty, very long, or marks for "missing"."""

import numpy as np
import pytest

from gatesviz.sequences import COMMAS, parse_numbers, parse_table, read_table

NO_HEADER = "No header was found, so the columns are numbered."


@pytest.mark.parametrize("text", ["[1e999, 2]", "1e999\n2\n3", '["1e999", 2]', "[[1e999], [2]]"])
def test_a_number_too_large_is_no_header(text):
    with pytest.raises(ValueError, match=r"“column 1” \(row 1 holds “1e999”, too large: every"):
        parse_table(text)


@pytest.mark.parametrize("text", ["[Infinity, 2]", "inf\n2\n3", "[[Infinity], [2]]"])
def test_infinity_is_no_header(text):
    with pytest.raises(ValueError, match="row 1 holds “inf”, not finite: every number must be fin"):
        parse_table(text)


def test_an_infinite_number_refuses_its_column_only():
    table = parse_table('[{"a": 1e999, "b": 1}, {"a": 2, "b": 3}]')
    assert table.refused == {
        "a": "row 1 holds “1e999”, too large: every number must be within ±3.4e+38"
    }
    assert table.columns["b"].values.tolist() == [1, 3]
    assert parse_table("inf,gdp\n1,2\n3,4").numeric == ("inf", "gdp")


@pytest.mark.parametrize("text", ["[null, 2, 3]", "[NaN, 2, 3]", "[[null], [2], [3]]"])
def test_a_missing_first_value_of_json_is_no_header(text):
    table = parse_table(text)
    np.testing.assert_array_equal(table.columns["column 1"].values, [np.nan, 2, 3])
    assert table.notes == ("The file was read as JSON.", NO_HEADER)
    assert table.rows == (1, 2, 3)


def test_two_quotation_marks_in_a_column_alone_are_a_missing_value():
    for text in ('v\n"1"\n""\n"3"\n', 'v\r\n1\r\n""\r\n3\r\n'):
        table = parse_table(text)
        np.testing.assert_array_equal(table.columns["v"].values, [1, np.nan, 3])
        assert table.rows == (2, 3, 4)
    with pytest.raises(ValueError, match="“v” has no value in row 3"):
        table.sequence("v")
    assert parse_table('a,b\n1,2\n""\n3,4').rows == (2, 4)  # a blank row


def test_a_cell_that_is_too_long_is_named_with_the_limit():
    message = (
        "row 2 holds a cell of more than 131,072 characters: expected at most that many. Shorten"
        " the cell, or close its quotation mark"
    )
    with pytest.raises(ValueError, match=message):
        read_table(b'a,b\n"' + b"x" * 140_000 + b'",1\n', "x.csv")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,234.5,2,345.5", "1,234.5"),
        ("5,120.5,7", "5,120.5"),
        ("1,234,567.5,2,345.5", "1,234,567.5"),
        ("9;1,234.5,2,345.5", "1,234.5"),
    ],
)
def test_decimals_that_a_comma_may_group_are_asked_about(text, number):
    with pytest.raises(ValueError, match=f"“{number}” can be one number with grouped thousands"):
        parse_numbers(text)
    apart = [float(each) for each in text.replace(";", ",").split(",")]
    assert parse_numbers(text, commas=COMMAS[0]).values[:, 0].tolist() == apart
    spaced = text.replace(",", ", ").replace(";", ", ")
    assert parse_numbers(spaced).values[:, 0].tolist() == apart


@pytest.mark.parametrize("text", ["1,234.5,2345", "0.5,1.5,2.5", "1.5,234.5,345.5", "1,2,3.5,4"])
def test_decimals_that_no_comma_groups_are_read(text):
    assert parse_numbers(text).values[:, 0].tolist() == [*map(float, text.split(","))]


@pytest.mark.parametrize("mark", ["-999", "-9999", "-99.9", "-999.0", "−9999"])
def test_a_number_that_may_mean_missing_gets_a_hint(mark):
    table = parse_table(f"day,rain\n1,3.5\n2,{mark}\n3,8\n4,{mark}\n5,0")
    value = float(mark.replace("−", "-"))
    assert table.columns["rain"].values.tolist() == [3.5, value, 8, value, 0]
    assert table.how_read("rain") == (
        f"Column “rain”: {value:.15g} stands in 2 cells and is the only negative number. If it"
        " means missing, leave these cells empty."
    )


@pytest.mark.parametrize(
    "cells",
    [
        "3 -999 8 5",  # once
        "3 -999 -999 -5",  # not the only negative number
        "3 -999 -999 800",  # not far from the range of the others
        "3 -1000 -1000 8",
        "-999 -999 -999 3",
    ],
)
def test_other_negative_numbers_get_none(cells):
    rows = [f"{k},{cell}" for k, cell in enumerate(cells.split())]
    assert parse_table("\n".join(["day,v", *rows])).how_read("v") == ""
