"""Tables: encodings, separators, headers, numbers as people write them, refusals by row."""

import csv
import gzip
import io
import time
import zipfile

import numpy as np
import pandas
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gatesviz.sequences import parse_table, read_table

PLAIN = "day,rain,name\n2020-01-01,1.5,Ada\n2020-01-02,-2,Bob\n2020-01-03,1e3,Cyd\n"


def column(text, name, **options):
    return parse_table(text).sequence(name, **options).values[:, 0].tolist()


def test_a_table_knows_its_columns():
    table = read_table(PLAIN.encode(), "rain.csv")
    assert table.numeric == ("rain",)
    assert table.refused == {"day": "row 2 holds “2020-01-01”", "name": "row 2 holds “Ada”"}
    assert table.label_column == "day"
    sequence = table.sequence("rain")
    assert sequence.values[:, 0].tolist() == [1.5, -2, 1000]
    assert sequence.labels == ("2020-01-01", "2020-01-02", "2020-01-03")
    assert sequence.features == ("rain",)
    assert sequence.title == "rain.csv, rain"
    assert sequence.notes == ()


def test_it_reads_what_pandas_reads():
    rng = np.random.default_rng(0)
    frame = pandas.DataFrame(rng.normal(size=(40, 3)), columns=["a", "b", "c"])
    frame.insert(0, "word", [f"w, “{i}”\n;" for i in range(40)])  # quoted by the writer
    table = read_table(frame.to_csv(index=False).encode(), "frame.csv")
    for name in "abc":
        values = table.sequence(name).values[:, 0]
        np.testing.assert_array_equal(values, frame[name].astype(np.float32))


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("utf-16", "The file was read as UTF-16."),
        ("cp1252", "The file was read as Windows-1252."),
        ("latin-1", "The file was read as Windows-1252."),  # the same bytes for these letters
    ],
)
def test_encodings(encoding, note):
    table = read_table("Städte,größe\nKöln,1\nGöß,2\n".encode(encoding), "x.csv")
    assert table.numeric == ("größe",)
    assert table.labels == ("Köln", "Göß")
    assert table.notes == ((note,) if note else ())


def test_bytes_that_windows_1252_lacks_are_latin_1():
    table = read_table(b"name,x\n\x81\xe9,1\nb,2\n", "x.csv")
    assert table.notes == ("The file was read as Latin-1.",)
    assert table.labels == ("U+0081é", "b")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators(separator):
    text = PLAIN.replace(",", separator)
    assert column(text, "rain") == [1.5, -2, 1000]


def test_no_header():
    table = parse_table("1,10.0\n2,20\n3,30")
    assert table.numeric == ("column 1", "column 2")
    assert table.notes == ("No header was found, so the columns are numbered.",)
    assert table.labels == ("1", "2", "3")
    assert table.sequence("column 2").values[:, 0].tolist() == [10, 20, 30]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("name,2019,2020\na,5,6\nb,7,8", ("2019", "2020")),
        ("Country;Code;1960;1970;1980\nA;AA;1,5;2,5;3\nB;BB;;3,5;4", ("1960", "1970", "1980")),
        ("\t2020\t2019\na\t1990\t5\nb\t\t", ("2020", "2019")),
    ],
)
def test_years_above_rows_that_begin_with_a_word_are_names(text, names):
    table = parse_table(text)
    assert table.numeric == names
    assert "The first row is the header: its numbers are years in order." in table.notes
    assert table.rows[0] == 2


@pytest.mark.parametrize(
    "text",
    [
        "Ann,1990,1991\nBen,1985,2005",  # all rows hold years
        "a,2019\nb,5",  # one year may be a value
        "a,1850,1900\nb,3,4",  # an uneven step
        "a,2019,2020,2022\nb,5,6,7",
        "a,2019,5\nb,2020,6",
        "a,2019,2020\n1,5,6",
        "a,2019,2020\nb,5,x",
    ],
)
def test_other_numbers_in_the_first_row_are_values(text):
    table = parse_table(text)
    assert table.rows[0] == 1
    assert "No header was found, so the columns are numbered." in table.notes


def test_names_in_json_are_names_even_if_they_are_numbers():
    table = parse_table('[{"who": "A", "2019": 1, "7": 2}, {"who": "B", "2019": 3, "7": 4}]')
    assert {name: c.values.tolist() for name, c in table.columns.items()} == {
        "2019": [1, 3], "7": [2, 4],
    }  # fmt: skip
    assert table.notes == ("The file was read as JSON.",)


def test_row_numbers_count_the_header_as_a_spreadsheet_does():
    assert parse_table("x\n5\n6").labels == ("2", "3")


def test_names_are_never_empty_and_never_twice():
    assert parse_table("x,,x\n1,2,3\n4,5,6").numeric == ("x", "column 2", "x (column 3)")


@pytest.mark.parametrize(
    ("text", "values", "note"),
    [
        ('v,w\n"1,234",a\n"12,000.5",b', [1234, 12000.5], "“1,234” is read as 1234"),
        ("v\n1'234\n1'234'567.5", [1234, 1234567.5], "“1'234” is read as 1234"),
        ("v;w\n1,5;a\n-2,25;b", [1.5, -2.25], "“1,5” is read as 1.5"),
        ("v;w\n1.234,5;a\n2,0;b", [1234.5, 2], "“1.234,5” is read as 1234.5"),
        ('v,w\n"1,5",a\n"2,25",b', [1.5, 2.25], "“1,5” is read as 1.5"),
        ('v,w\n"1,234",a\n"5,678",b', [1234, 5678], "“1,234” is read as 1234"),
        ("v;w\n1,234;a\n5,678;b", [1.234, 5.678], "“1,234” is read as 1.234"),
    ],
)
def test_numbers_as_people_write_them(text, values, note):
    sequence = parse_table(text).sequence("v")
    np.testing.assert_allclose(sequence.values[:, 0], values, rtol=1e-7)
    assert note in sequence.notes[-1]


def test_mixed_types_are_listed_with_the_first_row_that_is_none():
    table = parse_table("a,b,c,d\n1,1,,\n2,x,7,\n3,y,1e400,")
    assert table.numeric == ("a",)
    assert table.refused == {
        "b": "row 3 holds “x”",
        "c": "row 4 holds “1e400”, too large: every number must be within ±3.4e+38",
        "d": "it has no values",
    }
    with pytest.raises(ValueError, match="“b” is not a column of numbers: row 3 holds “x”"):
        table.sequence("b")
    with pytest.raises(ValueError, match="no column “z”: the columns of numbers are “a”"):
        table.sequence("z")


def test_formulas_are_words():
    table = parse_table("a,b\n1,=1+1\n2,@SUM(A1)")
    assert table.refused == {"b": "row 2 holds “=1+1”"}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "the file is empty"),
        (b"\n \n,\n", "the table is empty"),
        (b"a,b\n", "“x.csv” has a header, but no rows below it"),
        (b"a,b\nx,y\n", "no column of “x.csv” holds only numbers: “a” .row 2 holds “x”.; “b”"),
        (b"a,b\n1,2\n\n3\n", r"row 4 has 1 cell, the first row 2 \(separated by commas\)"),
        (b"a;b\n1;2\n3;4;5\n", r"row 3 has 3 cells, the first row 2 \(separated by semicolons\)"),
        (gzip.compress(PLAIN.encode(), mtime=0), "the file is a gzip archive"),
        (b"PK\x03\x04" + b"xl/workbook", "the file is an Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"an old Office file, such as an \.xls workbook"),
        (b"%PDF-1.7", "a PDF document"),
        (b"\xff\xfea", "begins like UTF-16 text, but is cut off or damaged"),
        (PLAIN.encode("utf-16-le"), "holds a NUL character"),
        (
            b"a," * 9999 + b"a\n" + b"1," * 9999 + b"1\n",
            "columns in a table: 10,000 is outside the allowed range 1 to",
        ),
        (b"1\n" * 300_001, "rows in a table: 300,001 is outside the allowed range 1 to 300,000"),
        (b'a\n"' + b"1" * 200_000, "row 2 holds a cell of more than 131,072 characters: expected"),
    ],
)
def test_refusals(data, sentence):
    with pytest.raises(ValueError, match=sentence):
        read_table(data, "x.csv")


def test_a_zip_archive_is_named():
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("rain.csv", PLAIN)
    with pytest.raises(ValueError, match=r"the file is a zip archive, whatever its name"):
        read_table(held.getvalue(), "rain.csv")


def test_two_hundred_megabytes_are_refused_unread():
    data = bytes(200_000_000)
    start = time.process_time()
    with pytest.raises(ValueError, match="200,000,000 is outside the allowed range 1 to 5,000,000"):
        read_table(data, "x.csv")
    assert time.process_time() - start < 1


def test_pasted_tables_have_the_limit_of_typing():
    with pytest.raises(ValueError, match="characters typed or pasted: 200,000 is outside"):
        parse_table("1\n" * 100_000)
    with pytest.raises(ValueError, match="the table is empty"):
        parse_table(" \n")


def test_part_of_a_column():
    text = "x\n" + "\n".join(map(str, range(2000)))
    table = parse_table(text)
    assert table.sequence("x", 10, 3).values[:, 0].tolist() == [10, 11, 12]
    assert table.sequence("x", 10, 3).labels == ("12", "13", "14")
    with pytest.raises(ValueError, match="steps in a sequence: 2,000 is outside"):
        table.sequence("x")
    cut = table.sequence("x", 5, cut=True)
    assert cut.values[:, 0].tolist() == list(range(5, 1005))
    assert cut.notes[-1] == "Cut: 1,000 of 1,995 rows are used."
    for start, steps in [(-1, None), (2000, None), (1999, 2)]:
        with pytest.raises(ValueError, match="not in the table, which has rows 0 to 1,999"):
            table.sequence("x", start, steps)


def test_missing_values_are_refused_by_row_or_carried_forward():
    table = parse_table("x,y\n,1\n1,2\nNA,3\n#N/A,4\n5,5")
    with pytest.raises(ValueError, match="“x” has no value in row 2"):
        table.sequence("x")
    with pytest.raises(ValueError, match="“x” has no value in row 4"):
        table.sequence("x", 1)
    with pytest.raises(ValueError, match="row 2, and there is no value before it to carry forward"):
        table.sequence("x", fill=True)
    filled = table.sequence("x", 1, fill=True)
    assert filled.values[:, 0].tolist() == [1, 1, 1, 5]
    assert filled.notes[-1] == "Gaps: 2 values repeat the previous one."
    assert table.sequence("x", 3, fill=True).values[:, 0].tolist() == [1, 5]  # from before it
    assert table.sequence("y", fill=True).notes == ()


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("word,x,2nd date\na,1,31.12.2020\nb,2,01.01.2021", "2nd date"),
        ("x,year\n1,2020\n2,2021", "year"),
        ("x,word\n1,a\n2,b", "word"),
        ("x,gone,word\n1,,a\n2,,b", "word"),
        ("x\n1\n2", None),
    ],
)
def test_where_labels_come_from(text, source):
    assert parse_table(text).label_column == source


def test_markup_in_cells_stays_text():
    table = parse_table("<b>,x\n<script>alert(1)</script>,1\n,2")
    assert table.labels == ("<script>alert(1)</script>", "3")
    assert tuple(table.refused) == ("<b>",)


def read_or_refuse(read):
    """Return the table, or None where it was refused in one sentence."""
    try:
        table = read()
    except ValueError as error:
        sentence = str(error)
    else:
        for name in table.numeric:
            assert len(table.columns[name].values) == len(table.rows) == len(table.labels)
        sentence = "".join((*table.notes, *table.labels, *table.refused.values(), *table.numeric))
    assert "\n" not in sentence
    sentence.encode()


@given(st.one_of(st.binary(), st.binary().map(b"\xff\xfe".__add__)), st.text())
def test_any_bytes_are_read_or_refused(data, name):
    read_or_refuse(lambda: read_table(data, name))


@given(
    st.text("0123456789.,;-+eE'\"\t\n\r axN/\u00a0\ud800é#|%$()"),
)
@example('#8/04\n"')
def test_any_text_is_read_or_refused(text):
    read_or_refuse(lambda: parse_table(text))


WORDS = [
    *(
        "1",
        "2,5",
        "1.000",
        "1,000",
        "total",
        "Mean",
        "2020-01-01",
        "Jan 2020",
        "20201231",
        "",
        "NA",
    ),
    *(
        "NA",
        "(5)",
        "5%",
        "1e39",
        "date",
        "year",
        "2019",
        "2020",
        "=1",
        "#",
        "# a",
        '"',
        "[",
        "{}",
        "\n",
    ),
]


@given(
    st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4), max_size=6),
    st.sampled_from(",;\t| "),
)
def test_any_table_of_words_is_read_or_refused(rows, separator):
    text = "\n".join(map(separator.join, rows))
    read_or_refuse(lambda: parse_table(text))
    read_or_refuse(lambda: read_table(text.encode(), "a.csv"))


@given(
    st.lists(
        st.tuples(*[st.floats(width=32, allow_nan=False, allow_infinity=False)] * 2),
        min_size=2,
        max_size=30,
    ),
    st.sampled_from(",;\t"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]),
)
def test_round_trip(rows, separator, encoding):
    held = io.StringIO(newline="")
    csv.writer(held, delimiter=separator).writerows([("a", "b"), *rows])
    table = read_table(held.getvalue().encode(encoding), "x.csv")
    for place, name in enumerate("ab"):
        wanted = [row[place] for row in rows]
        assert table.sequence(name).values[:, 0].tolist() == wanted


def test_words_are_kept_in_the_order_of_the_rows_and_may_be_all_that_there_is() -> None:
    dated = "day,tag,v\n2024-03-02,late,2\n2024-03-01,early,1\n2024-02-29,.,0.5\n"
    table = parse_table(dated)  # from the newest to the oldest, so it is turned around
    assert table.words["tag"] == (".", "early", "late")
    assert table.columns["v"].values.tolist() == [0.5, 1, 2]
    words = "sentence,word\ns1,the\ns1,cat\ns2,\n"
    with pytest.raises(ValueError, match="holds only numbers"):
        parse_table(words)
    table = parse_table(words, worded=True)
    assert table.numeric == ()
    assert table.words == {"sentence": ("s1", "s1", "s2"), "word": ("the", "cat", "")}
    assert read_table(words.encode(), "w.csv", worded=True).words == table.words
