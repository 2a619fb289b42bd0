"""A long cell, label or text is answered at once, whatever repeats in it."""

import time
from contextlib import suppress
from itertools import product

import pytest

from gatesviz.sequences import read_table
from gatesviz.sequences.columns import (
    cell_parts,
    could_group,
    decimal_sign,
    is_number,
    is_too_large,
)
from gatesviz.sequences.commas import could_be_single, meanings
from gatesviz.sequences.cycles import places
from gatesviz.sequences.date_notations import rewritten
from gatesviz.sequences.dates import looks_like_dates
from gatesviz.sequences.respelling import respell
from gatesviz.sequences.typed import read_numbers

LONG = 40_000
UNITS = [" ", "1", ",", "'", '"', ".", "1,", "1.", "123,", "123.", "123'", "123\u00a0", "1 ", "a b"]
READERS = {
    "is_number": is_number,
    "is_too_large": is_too_large,
    "cell_parts": cell_parts,
    "could_group": lambda text: could_group([text], "."),
    "decimal_sign": lambda text: decimal_sign([text]),
    "could_be_single": could_be_single,
    "meanings": lambda text: meanings([text, "1,5"]),
    "looks_like_dates": lambda text: looks_like_dates([text]),
    "read_numbers": read_numbers,
    "rewritten": lambda text: rewritten([text]),
    "places": lambda text: places([text]),
}


def respelled(text):
    return respell(text, "ab ")


def seconds(read, text):
    start = time.process_time()
    with suppress(ValueError):
        read(text)
    return time.process_time() - start


@pytest.mark.parametrize(
    ("name", "unit"), [*product(READERS, UNITS), ("respell", " "), ("respell", "\t ")]
)
def test_a_long_text_is_answered_at_once(name, unit):
    for before, after in (("a", "b"), ("1", "1"), ("(", ")"), ("$", "x"), ("-", "%")):
        text = before + unit * (LONG // len(unit)) + after
        assert seconds(READERS.get(name, respelled), text) < 1, (before, after)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize(
    "before", ["a,b\nx,5\ny,6\nz,8\nq", "a,b\n1,5\n2,6\n3,8\n", "a;b\nx;5\ny;"]
)
def test_a_table_with_a_long_cell_is_answered_at_once(before, unit):
    text = before + unit * (LONG // len(unit)) + "w,9\n"
    assert seconds(lambda text: read_table(text.encode(), "x.csv"), text) < 3


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("+ $ 5", ("+5", "$", False)),
        ("5 \n %", ("5", "%", False)),
        ("- € ", ("-", "€", False)),
        ("$", ("$", "", False)),
        ("%5", ("%5", "", False)),
        ("(5 €)", ("5", "€", True)),
        ("€(5)", ("5", "€", True)),
    ],
)
def test_a_sign_is_taken_from_the_beginning_or_the_end(cell, parts):
    assert cell_parts(cell) == parts


def test_white_space_with_a_line_break_is_one_space():
    assert respell("a  b \n\t b\u00a0a", "ab ").text == "a  b b a"
