"""Totals above, between and below the rows are left out or named; rows of data stay."""

import time

import numpy as np
import pytest

from gatesviz.sequences import parse_table, read_table


def read(lines, header="date,v"):
    return parse_table("\n".join([header, *lines.split("|")]))


@pytest.mark.parametrize(
    ("lines", "values", "note"),
    [
        (
            "2020-01-01,5|2020-01-02,3.5|Total,8.5|2020-01-03,4|2020-01-04,6|Total,10",
            [5, 3.5, 4, 6],
            "Rows 4 and 7, “Total”, are totals and were left out.",
        ),
        (
            "Total,8.5|2020-01-01,5|2020-01-02,3.5",
            [5, 3.5],
            "Row 2, “Total”, is a total and was left out.",
        ),
        (
            "Jan,5|Feb,3.5|Subtotal,8.5|Mar,4|Apr,6|Subtotal,10|Grand total,18.5",
            [5, 3.5, 4, 6],
            "Rows 4, 7 and 8, “Subtotal” and others, are totals and were left out.",
        ),
        (
            "2020-Q1,5|2020-Q2,3.5|Total January,8.5|2020-Q3,4|2020-Q4,6|February total,10",
            [5, 3.5, 4, 6],
            "Rows 4 and 7, “Total January” and others, are totals and were left out.",
        ),
        (
            "1,5|2,3.5|3,1|Sum,9.5|4,4|5,6",
            [5, 3.5, 1, 4, 6],
            "Row 5, “Sum”, is a total and was left out.",
        ),
        (  # among other words, the values must agree
            "North,5|South,3.5|Total,8.5|East,4|West,6|Total,10",
            [5, 3.5, 4, 6],
            "Rows 4 and 7, “Total”, are totals and were left out.",
        ),
        (
            "Total,18.5|North,5|South,3.5|East,10",
            [5, 3.5, 10],
            "Row 2, “Total”, is a total and was left out.",
        ),
    ],
)
def test_totals_above_and_between_the_rows_are_left_out(lines, values, note):
    table = read(lines)
    assert table.columns["v"].values.tolist() == values
    assert any(each.startswith(note) for each in table.notes)


@pytest.mark.parametrize("footer", ["Source: me,", "Source: me,|Retrieved 3 May,", "Note: x,|y,"])
@pytest.mark.parametrize("labels", ["2020-01-01 2020-01-02", "Jan Feb", "2020-Q1 2020-Q2"])
def test_a_total_above_a_footer_is_left_out(labels, footer):
    first, second = labels.split()
    table = read(f"{first},5|{second},7.5|Total,12.5|{footer}")
    assert table.columns["v"].values.tolist() == [5, 7.5]
    assert table.labels == (first, second)
    assert "Row 4, “Total”, is a total and was left out." in table.notes
    assert table.notes[0].endswith((": it has no values.", ": they have no values."))


def test_headings_between_dates_are_left_out_and_dates_without_values_are_gaps():
    table = read("Year 2020,|2020-01-01,5|2020-01-02,|Year 2021,|2021-01-01,4")
    np.testing.assert_array_equal(table.columns["v"].values, [5, np.nan, 4])
    assert table.notes[0] == (
        "Rows 2 and 5, “Year 2020” and others, were left out: they have no values."
    )


@pytest.mark.parametrize(
    ("lines", "header", "hint"),
    [
        (
            "Shell,31|Total,42|BP,13|Eni,51",
            "firm,price",
            "Row 3, “Total”, is named like a total. If it is a total, remove it.",
        ),
        (
            "Shell,2019,5|Total,2019,3|Shell,2020,6|Total,2020,4",
            "firm,year,v",
            "Rows 3 and 5, “Total”, are named like totals. If they are totals, remove them.",
        ),
        ("Poor,1|Average,5|Good,9|Best,12", "grade,v", None),
        ("2019,Shell,31|2020,Total,42|2021,Eni,13", "year,firm,price", None),
        ("2020-01-01,,5|2020-01-02,Total,5|2020-01-03,,7", "date,note,v", None),
        ("5,|7,Total|2,|3,", "v,note", None),
    ],
)
def test_rows_that_may_be_no_totals_stay(lines, header, hint):
    table = read(lines, header)
    assert len(table.rows) == 1 + lines.count("|")
    assert hint is None or table.notes[0] == hint
    assert not any("left out" in note for note in table.notes)


def test_many_totals_are_counted_and_read_at_once():
    days = np.datetime64("2000-01-01") + np.arange(40_000)
    lines = [f"{day},{k}" + "\nTotal,9" * (k % 4 == 3) for k, day in enumerate(days)]
    start = time.process_time()
    table = read_table("\n".join(["date,v", *lines]).encode(), "x.csv")
    assert time.process_time() - start < 5
    assert table.columns["v"].values.tolist() == [*range(40_000)]
    assert table.notes[0].startswith(
        "10,000 rows, “Total”, the first in row 6, are totals and were"
    )
    words = "\n".join(["who,v", *(f"a{k}b,{k}\nTotal,{k * k}" for k in range(40_000))])
    start = time.process_time()
    assert len(read_table(words.replace("a", "x").encode(), "x.csv").rows) == 80_000
    assert time.process_time() - start < 5
