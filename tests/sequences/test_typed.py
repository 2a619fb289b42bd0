"""Typed numbers: separators, refusals with their position, limits."""

import time

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gatesviz.limits import STEPS, TYPED_CHARACTERS
from gatesviz.sequences import COMMAS, TwoReadingsError, parse_numbers
from gatesviz.sequences.typed import UNDERSTOOD

FLOATS = st.lists(
    st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=2, max_size=40
)
SEPARATORS = [",", ", ", " ", "  ", "\t", "\n", "\r\n", ";", " ; ", " ,\n"]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1, 2, 3", [1, 2, 3]),
        ("1;2;3", [1, 2, 3]),
        ("1,2,3\n4,5,6", [1, 2, 3, 4, 5, 6]),
        ("1 2\t3\n4", [1, 2, 3, 4]),
        (" 0.5, -1e3, .25, +2., ", [0.5, -1000, 0.25, 2]),
        ("−1 2", [-1, 2]),
        ("1,5", [1, 5]),
        ("1; 2 3;", [1, 2, 3]),
    ],
)
def test_what_is_understood(text, values):
    assert parse_numbers(text).values[:, 0].tolist() == values


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "there are no numbers"),
        ("   \n ", "there are no numbers"),
        ("1, two, 3", "item 2, “two”, is not a number"),
        ("1,5 2,5", "item 1, “1,5”, can be read in 2 ways: commas separate"),
        ("1,5\n2,5", "item 1, “1,5”, can be"),
        ("1,5, 2,5", "item 1, “1,5”, can be"),
        ("1,5;2,5", "item 1, “1,5”, can be"),
        ("1,,2", "item 2 is empty"),
        (",1,2", "item 1 is empty"),
        ("1 2 1_000", "item 3, “1_000”, is not a number"),
        ("1 0x10", "item 2, “0x10”, is not a number"),
        ("1 ٣", "item 2, “٣”, is not a number"),
        ("1 <script>", "item 2, “<script>”"),
        ("1 000 2 000", "“1 000” can be one number with grouped thousands, or two numbers"),
        ("1 234; 5 678", "“1 234” can be one number with grouped thousands, or two numbers"),
        ("5,1,000", "“1,000” can be one number with grouped thousands, or two numbers"),
        ("1 " + "x" * 100, f"item 2, “{'x' * 40}…”, is not a number"),
    ],
)
def test_what_cannot_be_read_is_named_with_what_can(text, sentence):
    with pytest.raises(ValueError, match=sentence) as caught:
        parse_numbers(text)
    assert UNDERSTOOD in str(caught.value)


@pytest.mark.parametrize(
    ("text", "values", "note"),
    [
        ("1,000,000 2,000,000", [1e6, 2e6], "“1,000,000” is read as 1000000."),
        ("1.234.567,8 2.345.678,9", [1234567.8, 2345678.9], "“1.234.567,8” is read as 1234567.8."),
        ("1,05 2,10", [1.05, 2.1], "“1,05” is read as 1.05."),
        ("(0.5) 1", [-0.5, 1], "“(0.5)” is read as -0.5."),
        ("$5 $6", [5, 6], "“$5” is read as 5."),
        ("12% 13%", [12, 13], "“12%” is read as 12 percent."),
        ("1'234 5'678", [1234, 5678], "“1'234” is read as 1234."),
        ("1 2\u00a0000", [1, 2000], "is read as 2000."),
        ("1,5", [1, 5], "The comma in “1,5” separates two numbers."),
        ("1.234,56", [1.234, 56], "The comma in “1.234,56” separates two numbers."),
        ("1,234.5", [1, 234.5], "The comma in “1,234.5” separates two numbers."),
        ("1,234,567", [1, 234, 567], "The commas in “1,234,567” separate 3 numbers."),
        ("$1,000,000 $2,000,000", [1e6, 2e6], "“$1,000,000” is read as 1000000."),
    ],
)
def test_what_had_to_be_decided_is_said(text, values, note):
    sequence = parse_numbers(text)
    assert sequence.values[:, 0].tolist() == np.float32(values).tolist()
    assert note in sequence.notes[0]


@pytest.mark.parametrize("text", ["[1, 2, 3]", "(1, 2, 3)", "{1; 2; 3}", "[1 2\n3]", "1, 2, 3,"])
def test_brackets_around_everything_are_left_out(text):
    assert parse_numbers(text).values[:, 0].tolist() == [1, 2, 3]
    assert parse_numbers(text).notes == ()


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("1.234,56 2.345,67", {0: [1.234, 56, 2.345, 67], 1: [1234.56, 2345.67]}),
        ("1,5 2,5", {0: [1, 5, 2, 5], 1: [1.5, 2.5]}),
        ("1,5;2,5", {0: [1, 5, 2, 5], 1: [1.5, 2.5]}),
        ("1,5, 2,5,", {0: [1, 5, 2, 5], 1: [1.5, 2.5]}),
        ("1,234.5 2,345", {0: [1, 234.5, 2, 345], 2: [1234.5, 2345]}),
        ("1,234 2,345", {0: [1, 234, 2, 345], 1: [1.234, 2.345], 2: [1234, 2345]}),
        ("1,000 2,500", {1: [1, 2.5], 2: [1000, 2500]}),
        ("$1,234 $2,345", {0: [1, 234, 2, 345], 1: [1.234, 2.345], 2: [1234, 2345]}),
        ("1'234,5 2'345,6", {0: [1234, 5, 2345, 6], 1: [1234.5, 2345.6]}),
        ("$1,5 $2,5", {0: [1, 5, 2, 5], 1: [1.5, 2.5]}),
    ],
)
def test_commas_of_two_meanings_are_asked_about_and_each_answer_is_read(text, readings):
    with pytest.raises(TwoReadingsError, match=r"item 1, .* can be read in") as caught:
        parse_numbers(text)
    assert caught.value.readings == tuple(COMMAS[way] for way in readings)
    for way, values in readings.items():
        read = parse_numbers(text, commas=COMMAS[way]).values[:, 0]
        assert read.tolist() == np.float32(values).tolist()
    with pytest.raises(ValueError, match="commas is 'x', expected one of"):
        parse_numbers(text, commas="x")


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("12.5 1.000,5", "item 2, “1.000,5”"),
        ("12,34,567 3", "item 1, “12,34,567”"),
        ("12.5 3,5", "item 2, “3,5”"),
        ("1,5\n-1,234,567", "item 1, “1,5”"),
    ],
)
def test_a_number_in_another_notation_is_not_cut_apart(text, item):
    with pytest.raises(
        ValueError, match=f"{item}, can be one number or several, and the other items don't"
    ):
        parse_numbers(text)
    assert parse_numbers(text, commas=COMMAS[0]).steps == 1 + text.count(",") + 1
    assert parse_numbers("12.5 3,5 1,2,3").values[:, 0].tolist() == [12.5, 3, 5, 1, 2, 3]


@pytest.mark.parametrize("bad", ["nan", "inf", "-Infinity", "1e400", "-1e309", "1e39"])
def test_not_finite_is_refused_with_its_position(bad):
    with pytest.raises(ValueError, match=f"item 3, “{bad}”, is (not finite|too large)"):
        parse_numbers(f"1, 2, {bad}, 4")


def test_one_number_is_too_short():
    with pytest.raises(
        ValueError, match="steps in a sequence: 1 is outside the allowed range 2 to 1,000"
    ):
        parse_numbers("5")


def test_ten_thousand_numbers_are_cut_only_if_asked():
    text = " ".join(map(str, range(10_000)))
    with pytest.raises(ValueError, match="10,000 is outside the allowed range 2 to 1,000"):
        parse_numbers(text)
    cut = parse_numbers(text, cut=True)
    assert cut.values[:, 0].tolist() == list(range(STEPS.high))
    assert cut.notes == ("Cut: the first 1,000 of 10,000 numbers are used.",)


@pytest.mark.parametrize("text", ["1," * 5_000_000, "1" * 10_000_000])
def test_ten_megabytes_on_one_line_are_refused_at_once(text):
    start = time.process_time()
    with pytest.raises(ValueError, match="10,000,000 is outside the allowed range 1 to 100,000"):
        parse_numbers(text)
    assert time.process_time() - start < 1


def test_the_longest_allowed_item_is_answered_fast():
    """A pattern that tries every way to split the digits would take minutes here."""
    start = time.process_time()
    with pytest.raises(ValueError, match="item 1"):
        parse_numbers("1" * (TYPED_CHARACTERS.high - 1) + "x")
    assert time.process_time() - start < 10


@given(st.one_of(st.text(), st.text("0123456789.,; -+eE\t\nnaif")), st.booleans())
def test_any_text_is_read_or_refused(text, cut):
    try:
        sequence = parse_numbers(text, cut=cut)
    except ValueError as error:
        sentence = str(error)
    else:
        assert len(sequence.labels) == sequence.steps == len(sequence.values)
        sentence = "".join(sequence.notes)
    assert "\n" not in sentence


@given(FLOATS, st.sampled_from(SEPARATORS))
def test_round_trip(values, separator):
    text = separator.join(map(repr, values))
    read = parse_numbers(text).values[:, 0]
    assert read.tobytes() == np.array(values, np.float32).tobytes()


STYLES = [
    lambda v: f"{v:,.2f}",
    lambda v: f"{v:,.2f}".translate(str.maketrans(",.", ".,")),
    lambda v: f"{v:.2f}".replace(".", ","),
    lambda v: f"{v:,.2f}".replace(",", " "),
    lambda v: f"{v:,.2f}".replace(",", "'"),
    lambda v: f"{v:,.0f}",
    lambda v: f"{v:.2f}%",
    lambda v: f"({-v:.2f})" if v < 0 else f"{v:.2f}",
    lambda v: f"{v:.2f}".replace("-", "−"),
]


@given(
    st.lists(st.integers(-(10**8), 10**8).map(lambda n: n / 100), min_size=2, max_size=8),
    st.sampled_from(STYLES),
    st.sampled_from([" ", ", ", "; ", "\n", "\t"]),
)
def test_numbers_in_any_style_come_back_equal_or_are_refused(values, style, separator):
    if style(0.5) == f"{0.5:,.0f}":
        values = [float(round(value)) for value in values]
    text = separator.join(map(style, values))
    assume(" " not in style(1000.0) or separator != " ")  # nobody could tell
    try:
        read = parse_numbers(text).values[:, 0]
    except ValueError:
        return
    assert read.tolist() == np.float32(values).tolist()
