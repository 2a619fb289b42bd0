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


@pytest.mark.parametrize(
    "labels",
    [
        *("Day 1|Day 2|Day 3|Day 4", "Week 1|Week 2|Week 3|Week 4", "Year 1|Year 2|Year 3|Year 4"),
        *("1 Jan|2 Jan|3 Jan|4 Jan", "Jan 1|Jan 2|Jan 3|Jan 4", "1-Jan|2-Jan|3-Jan|4-Jan"),
        *("1 January|2 January|3 January|4 January", "Mon|Tues|Weds|Thurs"),
        *("Quarter 1|Quarter 2|Quarter 3|Quarter 4", "Monday 1|Tuesday 2|Wednesday 3|Thursday 4"),
        "2020-01-01|2020-01-02|2020-01-03 est.|2020-01-04",
        "2020-01-01 CET|2020-01-02 CET|2020-03-30 CEST|2020-04-04 CEST",
        "Week 1|Week 2|Week 3 (strike)|Week 4",
        "2020-01-01|2020-01-02|31.13.2020 (sic)|2020-01-04",
        "January|February|Marh|April",
    ],
)
@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_row_without_values_that_is_labelled_like_the_others_stays_as_a_gap(labels, at):
    cells = labels.split("|")
    odd = cells.pop(2)
    cells.insert(at, odd)
    values = [5.0, 7.0, 8.0]
    values.insert(at, np.nan)
    lines = [f"{cell},{'' if np.isnan(v) else v}" for cell, v in zip(cells, values, strict=True)]
    table = read("|".join(lines), "when,v")
    assert {*table.labels} == {*cells}
    gap = table.labels.index(odd)
    np.testing.assert_array_equal(np.isnan(table.columns["v"].values), np.arange(4) == gap)
    assert not any("left out" in note or "heading" in note for note in table.notes)


def test_a_word_without_values_between_values_stays_with_a_hint():
    table = read("Monday,5|Tuesday,7|holiday,|Thursday,8|closed,|Friday,2", "day,v")
    np.testing.assert_array_equal(table.columns["v"].values, [5, 7, np.nan, 8, np.nan, 2])
    assert table.notes[0] == (
        "Rows 4 and 6, “holiday” and others, have no values and stay as gaps."
        " If they are headings, remove them."
    )
    table = read("2020-01-01,5|strike,|2020-01-03,4")
    assert table.labels == ("2020-01-01", "strike", "2020-01-03")
    assert table.notes[0] == (
        "Row 3, “strike”, has no values and stays as a gap. If it is a heading, remove it."
    )


@pytest.mark.parametrize(
    ("lines", "header"),
    [
        ("Shell,1,20|BP,2,35|Total,3,41|Eni,4,12", "firm,rank,price"),
        ("Shell,1|BP,2|Total,3|Eni,4|Exxon,5", "firm,rank"),
        ("AAA,10,12,9|BBB,11,13,10|TOTAL,50,25,40|CCC,20,21,19", "ticker,open,high,low"),
        ("Alice,20|Bob,22|Suma,42|Carol,30", "name,age"),
        ("Shell,1.5|BP,2.5|Total,4|Eni,5|Exxon,6", "firm,v"),
        ("Doom 2,1|Quake 3,2|Total,300|Fifa 4,4", "game,v"),
        ("Hannover 96,31|Schalke 04,17|Total,5|Mainz 05,40", "team,points"),
        ("Paris,2148000,105.4|Lyon,516000,47.9|Suma,2665000,3|Nice,342000,72", "city,pop,area"),
        ("Shell,2050|BP,1010|Total,3090|Eni,7200", "firm,v"),  # 1 % off
    ],
)
def test_a_total_among_words_of_which_not_all_values_agree_stays_with_a_hint(lines, header):
    table = read(lines, header)
    assert len(table.rows) == 1 + lines.count("|")
    [hint] = [note for note in table.notes if "named like a total" in note]
    assert hint.startswith("Row 4, “")
    assert not any("left out" in note for note in table.notes)


def test_a_total_among_words_is_left_out_if_all_its_columns_agree():
    lines = "North,1,5,2.25|South,2,3,1.5|Total,3,8,3.75|East,4,9,1|West,5,2,7"
    table = read(lines, "part,no,a,b")  # the counter is no sum
    assert table.columns["a"].values.tolist() == [5, 3, 9, 2]
    assert table.notes[0] == "Row 4, “Total”, is a total and was left out."
    rounded = read("North,52.4|South,36.2|Total,89|East,41.3|West,62.1|Total,103", "part,v")
    assert rounded.columns["v"].values.tolist() == [52.4, 36.2, 41.3, 62.1]


def test_a_column_of_a_word_alone_is_read_or_refused():
    with pytest.raises(ValueError, match="holds only numbers"):
        parse_table("1\ntotal")


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
