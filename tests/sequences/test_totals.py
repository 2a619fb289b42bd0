"""Last rows that name a total are left out, and the notes say so. Other rows stay."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatesviz.sequences import parse_table

SALES = [80, 100, 60, 140]  # sum 380, mean 95, median 90
WORDS = [
    *("Total", "Total:", "TOTAL:", "TOTAL 2020", "Grand Total", "Sub-total", "Insgesamt", "Summe"),
    *("Durchschnitt", "Totale", "Moyenne", "Итого", "合計", "Average"),
]


def sales(table):
    return table.columns["sales"].values.tolist()


def with_last(first, last, header="day,sales"):
    rows = [f"{label},{value}" for label, value in zip(first, SALES, strict=True)]
    return parse_table("\n".join([header, *rows, last]))


MONTHS = ["Jan", "Feb", "Mar", "Apr"]
DATES = ["2020-01-01", "2020-01-02", "2020-01-03", "2020-01-04"]


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("first", [MONTHS, DATES, ["2017", "2018", "2019", "2020"]])
def test_a_row_named_as_a_total_is_left_out(word, first):
    table = with_last(first, f"{word},7")
    assert sales(table) == SALES
    assert table.notes == (f"Row 6, “{word}”, is a total and was left out.",)
    assert table.labels == tuple(first)


@pytest.mark.parametrize("word", ["Total:", "合計"])
def test_so_is_one_with_its_label_in_the_last_column(word):
    rows = [f"{value},{day}" for day, value in zip(DATES, SALES, strict=True)]
    table = parse_table("\n".join(["sales,day", *rows, f"380,{word}"]))
    assert sales(table) == SALES
    assert "is a total and was left out" in table.notes[0]
    rows = [f"{value}," for value in SALES]
    assert sales(parse_table("\n".join(["sales,note", *rows, f"380,{word}"]))) == SALES


@pytest.mark.parametrize(
    ("word", "value", "what"),
    [
        ("Ukupno", sum(SALES), "sum"),
        ("Max", max(SALES), "maximum"),
        ("Minimum", min(SALES), "minimum"),
        ("Count", len(SALES), "number"),
        ("min.", min(SALES), ""),
        ("Max", 95, ""),
        ("May", np.mean(SALES), ""),
        ("May", max(SALES), ""),
    ],
)
def test_a_label_that_may_be_a_name_stays_with_a_hint(word, value, what):
    table = with_last(MONTHS, f"{word},{value}")
    assert sales(table) == [*SALES, value]
    hint = f"Row 6, “{word}”, is the {what} of the rows above it. If it is a total, remove it."
    assert table.notes == ((hint,) if what else ())


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("month,sales\nJan,1\nFeb,2\nMar,3", [1, 2, 3]),
        ("apple,2\npear,3\nplum,5", [2, 3, 5]),
        ("who,hit\na,0\nb,1\nc,0\nd,1", [0, 1, 0, 1]),
        ("code,x\nA,1\nB,2\n,3", [1, 2, 3]),
        ("code,x\nA,0\nB,1\nC,0\n,1", [0, 1, 0, 1]),
        ("date,hit\n2020-01-01,0\n2020-01-02,1\n2020-01-03,0\n,1", [0, 1, 0, 1]),
        ("who,points\nAnna,5\nBen,9\nLea,7\nMax,9", [5, 9, 7, 9]),
        ("run,sum\na,0.1\nb,0.2\nc,0.4\nd,0.7", [0.1, 0.2, 0.4, 0.7]),
        ("n,v\n1,5\n2,6\n3,7\n4b,8", [5, 6, 7, 8]),
        ("date,v\n2020-01-01,5\n2020-01-02,6\n2020-01-03,9\ntoday,8", [5, 6, 9, 8]),
        ("date,v\n2020-01-01,5\n2020-01-02,6\n2020-01-03,9\n,7", [5, 6, 9, 7]),
    ],
)
def test_a_last_row_that_names_no_total_stays_with_a_hint(text, values):
    table = parse_table(text)
    assert table.columns[table.first].values.tolist() == values
    assert table.notes[-1].startswith(f"Row {table.rows[-1]}, ")
    assert table.notes[-1].endswith(". If it is a total, remove it.")


@pytest.mark.parametrize(
    "values",
    [
        ["0.00003", "0.00007", "0.00002", "0.00009"],
        ["3e-5", "7e-5", "2e-5", "9e-5"],
        ["0.3", "0.4", "0.2", "1"],
        ["1000000.1", "2000000.2", "3000000.3", "6000000"],
        ["200000000", "300000000", "400000000", "900000001"],
    ],
)
def test_numbers_near_a_sum_get_no_hint(values):
    rows = [f"{name},{value}" for name, value in zip("abcd", values, strict=True)]
    table = parse_table("\n".join(["run,loss", *rows]))
    assert table.columns["loss"].values.tolist() == [*map(float, values)]
    assert table.notes == ()
    rows = [f"2020-01-0{k},{value}" for k, value in enumerate(values[:3], 1)]
    table = parse_table("\n".join(["date,loss", *rows, f",{values[3]}"]))
    assert table.columns["loss"].values.tolist() == [*map(float, values)]


@pytest.mark.parametrize(
    "values", [["0.00003", "0.00007", "0.00002", "0.00012"], "0.1 0.2 0.3 0.6"]
)
def test_decimals_are_added_as_written(values):
    *first, last = values.split() if isinstance(values, str) else values
    rows = [f"2020-01-0{k},{value}" for k, value in enumerate(first, 1)]
    table = parse_table("\n".join(["date,loss", *rows, f",{last}"]))
    assert table.columns["loss"].values.tolist() == [*map(float, first)]
    assert "its values are the sum of the rows above it" in table.notes[0]


@pytest.mark.parametrize(
    ("word", "statistic", "what"),
    [
        ("Median", np.median, "median"),
        ("Max", max, "maximum"),
        ("lowest", min, "minimum"),
        ("Count", len, "number"),
    ],
)
def test_a_word_for_a_statistic_counts_where_two_columns_agree(word, statistic, what):
    costs = [3, 9, 5, 4]
    rows = [f"{m},{v},{c}" for m, v, c in zip(MONTHS, SALES, costs, strict=True)]
    last = f"{word},{statistic(SALES)},{statistic(costs)}"
    table = parse_table("\n".join(["m,sales,costs", *rows, last]))
    assert sales(table) == SALES
    assert table.notes == (f"Row 6, “{word}”, was left out: it is the {what} of the rows above.",)
    other = parse_table("\n".join(["m,sales,costs", *rows, f"{word},{statistic(SALES)},77"]))
    assert sales(other) == [*SALES, statistic(SALES)]


def test_a_median_counts_with_one_column():
    assert sales(with_last(MONTHS, "Median,90")) == SALES


@pytest.mark.parametrize("first", [MONTHS, DATES, ["2017", "2018", "2019", "2020"]])
def test_a_sum_without_a_date_is_left_out_and_others_get_a_hint(first):
    name = "year" if first[0].isdigit() else "day"
    table = with_last(first, ",380", f"{name},sales")
    assert sales(table) == SALES
    no = f"it has no “{name}”, and its values are the sum of the rows above it"
    assert table.notes == (f"Row 6 was left out: {no}.",)
    for value, what in ((95, ", and its values are the mean of the rows above it"), (77, "")):
        kept = with_last(first, f",{value}", f"{name},sales")
        assert sales(kept) == [*SALES, value]
        hint = f"Row 6, the last, has no “{name}”{what}. If it is a total, remove it."
        assert hint in kept.notes


def test_a_gap_in_another_column_is_no_sign_of_a_total():
    table = parse_table("who,a,b\nx,1,1\ny,2,2\nz,4,3\nw,7,")
    assert table.columns["a"].values.tolist() == [1, 2, 4, 7]
    counted = parse_table("id,v\n1,5\n2,6\n3,9\n,20")
    assert counted.columns["v"].values.tolist() == [5, 6, 9, 20]


@pytest.mark.parametrize("first", [DATES, range(4)])
def test_a_word_below_dates_or_numbers_is_left_out_only_without_values(first):
    table = with_last(first, "Source: NOAA,")
    assert sales(table) == SALES
    assert table.notes == ("Row 6, “Source: NOAA”, was left out: it has no values.",)
    table = with_last(first, "Ukupno,7")
    assert (sales(table), table.label_column) == ([*SALES, 7], "day")
    how = "has no date as the others have" if first is DATES else "doesn't begin with a number"
    assert how in table.notes[0]


@pytest.mark.parametrize(
    "text",
    [
        "id,height,stars\n1,Good,5\n2,Bad,1\n3,Good,4\n4,Average,3",
        "year,firm,price\n2019,Shell,31\n2020,BP,42\n2021,Eni,13\n2022,Total,51",
        "year,firm,price\n2011,Shell,31\n2015,BP,42\n2021,Eni,13\n2022,Total,51",
        "firm,year,price\nShell,2019,31\nBP,2020,42\nEni,2021,13\nTotal,2022,51",
        "step,phase,v\n1,warm,0.5\n2,run,0.7\n3,run,0.9\n4,mean,0.2",
        "date,comment,v\n2020-01-01,,5\n2020-01-02,,6\n2020-01-03,Sum,7",
        "statistic,a,b\nmax,3,4\nmin,1,2\nmean,2,3",
        "statistic,a,b\nstd,3,4\n25%,1,2\nmean,2,3",
        "key,grade,stars\n17,Good,5\n4,Bad,1\n9,Good,4\n2,Average,3",
    ],
)
def test_a_word_for_a_total_that_is_a_name_a_grade_or_a_comment_stays(text):
    table = parse_table(text)
    assert len(table.rows) == text.count("\n")
    assert not any("left out" in note or "total" in note for note in table.notes)


@pytest.mark.parametrize(
    "text",
    [
        ",region,sales\n0,North,5\n1,South,7\n2,East,9\n3,Total,21",
        "region,year,sales\nNorth,2020,5\nSouth,2020,7\nEast,2020,8\nTotal,2020,20",
        "region,year,sales\nNorth,2020,5\nSouth,2020,7\nEast,2020,8\nTotal,,99",
        "sales,region,costs\n5,North,1\n7,South,2\n9,East,6\n7,Average,3",
        "sales,year\n5,2018\n7,2019\n9,2020\n8,Total",
        "k,v,w\na,1,7\nb,2,9\nc,3,1\nTotal,6,17",
        "date,site,v\n2020-01-01,A,5\n2020-01-02,B,6\n2020-01-03,C,7\n,Total,18",
    ],
)
def test_a_total_beside_other_labels_is_left_out_where_its_values_agree(text):
    table = parse_table(text)
    assert len(table.rows) == text.count("\n") - 1
    assert "is a total and was left out." in table.notes[0]


def test_the_mean_in_a_numbered_row_gets_a_hint():
    table = parse_table("id,height,stars\n1,Good,5\n2,Bad,1\n3,Average,3")
    assert table.columns["stars"].values.tolist() == [5, 1, 3]
    hint = "Row 4, “Average”, is the mean of the rows above it. If it is a total, remove it."
    assert table.notes == (hint,)


@pytest.mark.parametrize("gap", [800, 99_000])
def test_a_long_label_is_read_at_once(gap):
    start = time.process_time()
    table = parse_table("a,b\nx,5\ny,6\nz,8\nq" + " " * gap + "w,9\n")
    assert time.process_time() - start < 1
    assert table.columns["b"].values.tolist() == [5, 6, 8, 9]


def test_several_totals_are_left_out():
    table = with_last(DATES, "Total,380\nAverage,95")
    assert sales(table) == SALES
    assert [note[:6] for note in table.notes] == ["Row 7,", "Row 6,"]


def test_without_a_label_a_sum_is_only_named():
    table = parse_table("sales\n" + "\n".join(map(str, [*SALES, 380])))
    assert sales(table) == [*SALES, 380]
    assert table.notes == ("Row 6 is the sum of the rows above it. If it is a total, remove it.",)
    assert parse_table("x\n1\n2\n3").notes == ()
    gap = parse_table("x,y\n80,1\n100,4\n60,2\n80,")  # the last x is the mean, y has a gap
    assert gap.columns["x"].values.tolist() == [80, 100, 60, 80]
    assert parse_table("x\n0\n0\n0\n0").notes == ()


def test_every_column_has_to_agree():
    rows = [f"{m},{v},{v / 8:.2f}" for m, v in zip(MONTHS, SALES, strict=True)]
    half = parse_table("\n".join(["m,sales,tax", *rows, ",380,47.50"]))
    assert sales(half) == SALES
    other = parse_table("\n".join(["m,sales,tax", *rows, ",380,44.00"]))
    assert sales(other) == [*SALES, 380]


@given(st.lists(st.integers(1, 10**6), min_size=3, max_size=9))
def test_the_last_row_of_dated_data_stays(values):
    """Even where it is the sum of the others."""
    rows = [f"2020-01-{day:02},{v}" for day, v in enumerate([*values, sum(values)], 1)]
    assert sales(parse_table("\n".join(["day,sales", *rows]))) == [*values, sum(values)]


@pytest.mark.parametrize(
    "word",
    [
        *(
            "Total 2017-2020",
            "Total 2017–20",
            "TOTAL (2017/2020)",
            "Total for 2020",
            "Total 4 years",
        ),
        *("Average 2017-20", "Sum of 4 rows", "Mean (4 months):"),
    ],
)
@pytest.mark.parametrize("first", [MONTHS, DATES, ["2017", "2018", "2019", "2020"], ["May 1"] * 4])
def test_a_span_after_the_name_of_a_total_is_no_date(word, first):
    table = with_last(first, f"{word},380")
    assert (sales(table), table.labels) == (SALES, tuple(first))
    assert f"Row 6, “{word}”, is a total and was left out." in table.notes


DESCRIBED = {
    "count": np.size,
    "mean": np.mean,
    "std": np.std,
    "min": np.min,
    "25%": lambda values: np.percentile(values, 25),
    "50%": np.median,
    "75%": lambda values: np.percentile(values, 75),
    "max": np.max,
}


@pytest.mark.parametrize("first", [MONTHS, DATES, ["2017", "2018", "2019", "2020"], [*"wxyz"]])
@pytest.mark.parametrize("words", [[*DESCRIBED], ["mean", "std", "min", "max"], ["Mean", "Std"]])
def test_several_statistics_at_the_end_are_left_out_together(first, words):
    last = [f"{word},{DESCRIBED[word.lower()](SALES):.2f}" for word in words]
    table = with_last(first, "\n".join(last))
    assert (sales(table), table.labels) == (SALES, tuple(first))
    to, end = "and" if len(words) == 2 else "to", 5 + len(words)
    which = f"Rows 6 {to} {end}, “{words[0]}” {to} “{words[-1]}”,"
    assert table.notes[0] == (
        f"{which} were left out: they are named like statistics of the rows above."
    )


def test_statistics_after_a_counter_are_left_out_where_they_agree():
    rows = [f"{k},{name},{v}" for k, (name, v) in enumerate(zip("wxyz", SALES, strict=True))]
    table = parse_table("\n".join([",shop,sales", *rows, "4,mean,95", "5,std,29.6"]))
    assert (sales(table), table.labels) == (SALES, tuple("wxyz"))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (
            "who,v\nAnna,10\nBen,50\nMax,20\nMode,30",
            "Rows 4 and 5, “Max” and “Mode”, are named like statistics. If they are totals, remove"
            " them.",
        ),
        ("what,v\nrent,1\nfood,2\nTotal cost,9", "Row 4, “Total cost”, is named like a statistic."),
        ("what,v\nrent,1\nfood,2\nstd,9", "Row 4, “std”, is named like a statistic."),
        ("grade,v\nPoor,1\nGood,9\nBest,12\nAverage,5", "Row 5, “Average”, isn't the mean of the"),
        (
            "firm,v\nShell,1\nBP,2\nEni,3\nTotal,5",
            "Row 5, “Total”, isn't the sum of the rows above",
        ),
        ("item,v\nItem 1,5\nItem 2,7\nItem 3,9\n,21", "Row 5, the last, has no “item”, and its "),
    ],
)
def test_a_row_that_may_be_a_statistic_stays_with_a_hint(text, hint):
    table = parse_table(text)
    assert len(table.rows) == text.count("\n")
    assert len(table.notes) == 1
    assert table.notes[0].startswith(hint)
    assert "If " in table.notes[0]


@pytest.mark.parametrize(
    "text",
    [
        "room,v\nRoom 1,5\nRoom 2,7\nRoom 3,9\nLobby,8",
        "stage,v\n3 years,5\n4 years,7\n5 years,9\nadult,8",
        "what,v\nTotal rent,1\nTotal food,2\nTotal fuel,9",
        "quarter,v\nQ4 2019,4\nQ1 2020,1\nQ2 2020,2\nQ3 2020,9",
        "quarter,v\n2019 Q4,4\nQ1,1\nQ2,2\nQ3,9",
        "date,v,comment\n2020-01-01,1,\n2020-01-02,9,\n2020-01-03,12,max\n2020-01-04,0,min",
    ],
)
def test_labels_with_numbers_are_no_dates_and_no_totals(text):
    table = parse_table(text)
    assert (len(table.rows), table.notes) == (text.count("\n"), ())


def test_a_word_before_a_number_is_no_date():
    assert parse_table("name,room,v\nAda,Room 1,5\nBob,Room 2,7").labels == ("Ada", "Bob")
    assert parse_table("name,day,v\nAda,May 1,5\nBob,May 2,7").labels == ("May 1", "May 2")


@pytest.mark.parametrize("first", ["Okt Nov Dez Jan", "juin juillet août sept", "Q1 Q2 Q3 Q4"])
def test_dates_in_other_languages_are_dates(first):
    dated = [f"{word} 2020" for word in first.split()]
    table = with_last(dated, "Total,7")
    assert (sales(table), table.labels) == (SALES, tuple(dated))
    if "Q1" not in first:
        assert sales(with_last(dated, ",380")) == SALES


@pytest.mark.parametrize("values", [(5, 5, 5, 15), (33.3, 33.3, 33.3, 100), (0.1, 0.2, -0.3, 0)])
def test_a_total_of_words_may_be_rounded(values):
    rows = [f"{name},{v}" for name, v in zip(["x", "y", "z", "Total"], values, strict=True)]
    table = parse_table("\n".join(["what,v", *rows]))
    assert table.columns["v"].values.tolist() == [*values[:3]]
