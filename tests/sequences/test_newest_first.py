"""Rows from the newest to the oldest are reversed in every notation that is understood."""

import time
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatesviz.sequences import parse_table, read_table

REVERSED = "The dates ran from the newest to the oldest, so the rows were reversed."
KEPT = "so the rows keep the order of the file."

FALLING = [
    *("2020-Q3|2020-Q2|2020-Q1|2019-Q4", "Q3 2020|Q2 2020|Q1 2020|Q4 2019", "3Q20|2Q20|1Q20|4Q19"),
    *("2. Quartal 2020|1. Quartal 2020|4. Quartal 2019", "FY20 Q2|FY20 Q1|FY19 Q4"),
    *("2020-H2|2020-H1|2019-H2", "1H20|2H19|1H19"),
    *("2021-W01|2020-W53|2020-W52", "2020W30|2020W29|2020W28", "KW 30 2020|KW 29 2020|KW 28 2020"),
    "2020-W30-1|2020-W29-7|2020-W29-6",
    "2020-01-01 03:00 PM|2020-01-01 02:00 PM|2020-01-01 01:00 PM",
    "2020-01-01 01:00 AM|2020-01-01 12:00 AM|2019-12-31 11:00 PM",
    "20200101T0300|20200101T0200|20200101T0100",
    "2020-01-02 15:00 CET|2020-01-02 14:00 CET|2020-01-02 13:00 CET",
    "Wed, 01 Apr 2020|Tue, 31 Mar 2020|Mon, 30 Mar 2020",
    "Wednesday, April 1, 2020|Tuesday, March 31, 2020|Monday, March 30, 2020",
    "Mi. 15.04.2020|Di. 14.04.2020|Mo. 13.04.2020",
    "Wed Apr  1 15:00:00 2020|Wed Apr  1 14:00:00 2020|Wed Apr  1 13:00:00 2020",
    *("1. Apr. 2020|31. Mär. 2020|30. März 2020", "1er avril 2020|31 mars 2020|30 mars 2020"),
    *("1 de abril de 2020|31 de marzo de 2020|30 de marzo de 2020", "Apr'20|Mar'20|Feb'20"),
    "Feb-1-1995|Jan-31-1995|Jan-30-1995",
    *("April 2020|März 2020|Feb. 2020", "2020年3月|2020年2月|2020年1月", "2020M03|2020M02|2020M01"),
    *("03/2020|02/2020|01/2020", "2020/03|2020/02|2020/01", "2020-123|2020-122|2020-121"),
    *("2020/21|2019/20|2018/19", "2020-21|2019-20|2018-19", "2020/2021|2019/2020|2018/2019"),
    *("FY2020|FY2019|FY2018", "FY 20|FY 19|FY 18", "2021E|2020|2019"),
    *("April|March|February|January", "Feb|Jan|Dec|Nov", "Dez.|Sep.|Juni|März", "Q4|Q3|Q2|Q1"),
    *("Apr 3|Apr 2|Apr 1", "1. Mai|30. April|29. April"),
    *("Tue|Mon|Sun|Sat", "Tuesday|Monday|Friday|Thursday"),
    *("12:00|11:00|10:00|09:00", "01:00|00:00|23:00|22:00", "3 PM|2 PM|1 PM|12 PM"),
    *("2020|2019|2018", "2020.75|2020.5|2020.25", "202002|202001|201912"),
    "2020-01-04||2020-01-02|2020-01-01",
]


def in_rows(cells, name="date"):
    rows = [f"{cell};{k}.5" for k, cell in enumerate(cells)]
    return parse_table("\n".join([f"{name};v", *rows]))


@pytest.mark.parametrize("text", FALLING)
def test_newest_first_is_reversed_and_said_and_oldest_first_is_not(text):
    cells = text.split("|")
    table = in_rows(cells)
    given = [k + 0.5 for k in range(len(cells))]
    assert table.columns["v"].values.tolist() == given[::-1]
    assert table.notes == (REVERSED,)
    assert table.labels == tuple(cell or str(k) for k, cell in enumerate(cells, 2))[::-1]
    forwards = in_rows(cells[::-1])
    assert forwards.columns["v"].values.tolist() == given
    assert not any("reversed" in note or KEPT in note for note in forwards.notes)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x", "2020-Q3|2020-Q2|2020-Q1"),
        ("x", "April|March|February|January|December|November"),
        ("x", "02:00|01:00|00:00|23:00|22:00|21:00"),
        ("x", "Tue|Mon|Sun|Sat|Fri|Thu"),
        *((name, "2020|2019|2018") for name in ("time", "period", "Jahr", "fiscal_year")),
        ("month", "2|1|12|11"),
        ("quarter", "4|3|2|1"),
        ("hour", "1|0|23|22"),
    ],
)
def test_so_are_columns_with_other_names(name, text):
    assert in_rows(text.split("|"), name).notes == (REVERSED,)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x", "2020|2019|2018"),
        ("x", "12:00|11:30|10:00"),  # may be durations
        ("x", "April|March|January"),
        ("x", "1200A|1100A|1000A"),
        ("who", "Tue|Mon"),
    ],
)
def test_what_only_may_be_times_stays_as_it_is(name, text):
    table = in_rows(text.split("|"), name)
    assert table.columns["v"].values[0] == 0.5
    assert table.notes == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x", "April|March|February"),
        ("x", "12:00|11:00|10:00"),
        ("lap", "5:30|5:20|5:10"),
        ("time", "0:10|0:05|0:00"),
        ("question", "Q3|Q2|Q1"),
        ("who", "June|May|April"),
        ("name", "Wed|Tue|Mon"),
        ("d", "4-Jan|3-Jan|2-Jan|1-Jan"),
    ],
)
def test_names_laps_and_countdowns_that_fall_are_kept_with_a_hint(name, text):
    cells = text.split("|")
    table = in_rows(cells, name)
    assert table.columns["v"].values[0] == 0.5
    assert table.notes == (
        f"Column “{name}” falls ({cells[0]}, {cells[1]}, …), but may hold no dates or times of day,"
        f" {KEPT} If the newest row comes first, reverse the rows in the file.",
    )


@pytest.mark.parametrize(
    ("name", "text", "note"),
    [
        ("time", "5:30|5:28|5:10|4:59", "The times in column “time” have no date"),
        ("time", "23:00|12:00|1:00", "Column “time” falls (23:00, 12:00, …), but may hold no"),
        ("time", "20:00|10:00|00:00", "Column “time” falls (20:00, 10:00, …), but may hold no"),
        ("month", "Dec|Aug|Mar", "The times in column “month” have no date"),
        *(
            (name, "6|5|4|3|2|1|0", f"Column “{name}” falls (6, 5, …), but its numbers")
            for name in ("week", "hour", "day")
        ),
        ("week", "3|2|1", "Column “week” falls (3, 2, …), but its numbers"),
        ("day", "30|20|10", "Column “day” falls (30, 20, …), but its numbers"),
        ("month", "12|6|3", "Column “month” falls (12, 6, …), but its numbers"),
        ("time", "20:00|10:00|00:00|14:00", None),  # every 14 hours
    ],
)
def test_thin_evidence_of_newest_first_keeps_the_rows(name, text, note):
    table = in_rows(text.split("|"), name)
    assert table.columns["v"].values[0] == 0.5
    if note is None:
        assert table.notes == ()
    else:
        [said] = table.notes
        assert said.startswith(note)
        assert KEPT in said


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("date", "4-Jan|3-Jan|2-Jan|1-Jan"),
        ("date", "Jan-4|Jan-3|Jan-2|Jan-1"),
        ("date", "Dec|Oct|Sep|Jun|Feb"),
        ("month", "12|11|10|9|8|7|6|5|4|3|2|1"),
        ("month", "9|8|7|6|5|4"),
        ("week", "|".join(map(str, range(52, 0, -1)))),
        ("hour", "|".join(map(str, range(23, -1, -1)))),
    ],
)
def test_strong_evidence_of_newest_first_reverses_the_rows(name, text):
    assert in_rows(text.split("|"), name).notes == (REVERSED,)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("soon|later|now", "Row 2, column “date”: “soon” could not be read as a time,"),
        (
            "2020-01-03|2020-01-02|soon|2020-01-01",
            "Row 4, column “date”: “soon” could not be read as a time like the cells above it,",
        ),
        ("2020-Q3|2020-W20|2020-Q1", "Row 3, column “date”: “2020-W20” could not be read"),
        ("2020-W54|2020-W53|2020-W52", "Row 2, column “date”: “2020-W54” could not be read"),
        ("43831|43830|43829", "Column “date” falls (43831, 43830, …), but its numbers aren't"),
        ("Dec|Nov|Sep|Jan|Dec|Oct", "The times in column “date” have no date and don't run evenly"),
    ],
)
def test_a_column_named_as_times_that_is_not_understood_keeps_its_order_and_says_so(text, note):
    table = in_rows(text.split("|"))
    assert table.columns["v"].values[0] == 0.5
    [said] = table.notes
    assert said.startswith(note)
    assert said.endswith(f"{KEPT} Write dates like 2020-01-31.")


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("date,hour,v", ["2020-01-02,0,1", "2020-01-02,1,2", "2020-01-01,0,3", "2020-01-01,1,4"]),
        ("year,quarter,v", ["2020,1,1", "2020,2,2", "2019,1,3", "2019,2,4"]),
        (
            "date,time,v",
            ["1/15/20,01:00,1", "1/15/20,02:00,2", "1/14/20,01:00,3", "1/14/20,02:00,4"],
        ),
    ],
)
def test_newest_days_first_with_rising_hours_are_not_turned_around(header, rows):
    table = parse_table("\n".join([header, *rows]))
    assert table.columns["v"].values.tolist() == [1, 2, 3, 4]
    rising = header.split(",")[1]
    assert table.notes == (
        f"The dates fall, but column “{rising}” rises in rows of the same date, {KEPT}",
    )
    assert parse_table("\n".join([header, *rows[::-1]])).columns["v"].values[0] == 4


@pytest.mark.parametrize(
    "text", ["2020-Q3|2020-Q2", "Mon, 01 Apr 2019|Tue, 02 Apr 2019", "soon|now"]
)
def test_a_long_column_is_read_in_a_few_seconds(text):
    cells = text.split("|") * 21_912
    rows = [f"{cell};{k}" for k, cell in enumerate(cells)]
    start = time.process_time()
    table = read_table("\n".join(["date;v", *rows]).encode(), "x.csv")
    assert time.process_time() - start < 5
    np.testing.assert_array_equal(table.columns["v"].values, np.arange(len(cells)))
    assert KEPT in table.notes[0] or "in the order of the file" in table.notes[0]


WAYS = {  # each loses nothing of days, of hours, of weeks or of quarters
    "%A, %d %B %Y": 24,
    "%a %b %d %H:%M:%S %Y": 1,
    "%Y-%m-%d %I:%M %p": 1,
    "%d. %b. %Y": 24,
    "%d %B %Y %I %p": 1,
    "%B %d, %Y, %H:%M": 1,
    "%b-%d-%Y": 24,
    "%G-W%V-%u": 24,
    "%Y%m%dT%H%M": 1,
    "%Y-%j": 24,
}


@given(
    st.sampled_from([*WAYS]),
    st.datetimes(datetime(1950, 1, 1), datetime(2060, 1, 1)),
    st.lists(st.integers(-40, 40), min_size=2, max_size=12),
)
def test_rows_are_reversed_only_where_no_date_is_later_than_the_one_before(way, start, steps):
    start = start.replace(hour=start.hour % 3)
    dates = [
        start + timedelta(hours=WAYS[way] * int(sum(steps[:k]))) for k in range(len(steps) + 1)
    ]
    table = in_rows([f"{date:{way}}" for date in dates])
    falls = not any(step > 0 for step in steps) and any(steps)
    assert (REVERSED in table.notes) == falls
    assert (table.columns["v"].values[0] != 0.5) == falls
    assert not any("could not be read" in note for note in table.notes)
