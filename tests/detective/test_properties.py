"""Labels of texts, against answers written out."""

import math

import numpy as np
import pytest
import torch

from gatesviz.detective import properties
from gatesviz.detective.properties import (
    bracket_depth,
    for_texts,
    inside_quotes,
    last_letter,
    position,
    spell,
    typed_labels,
    typed_rows,
)
from gatesviz.tasks import TASKS


def test_labels_of_a_text():
    assert position("abc").tolist() == [0, 1, 2]
    assert bracket_depth("a(b[c])d)(").tolist() == [0, 1, 1, 2, 2, 1, 0, 0, 0, 1]
    assert bracket_depth("<(>", "<>").tolist() == [1, 1, 0]
    assert inside_quotes('a"b"c"').tolist() == [False, True, True, False, False, True]
    assert inside_quotes("'a'", "'").tolist() == [True, True, False]
    assert last_letter("xA.Bx", "AB").tolist() == [None, "A", "A", "B", "B"]
    assert last_letter(["the", "cat", "sat"], ["cat"]).tolist() == [None, "cat", "cat"]
    assert position("").shape == (0,)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("0110", [0, 1, 1, 0]),
        ("0 1 1e1 -2", [0, 1, 10, -2]),
        ("1-1-", [1, np.nan, 1, np.nan]),
        ("a, b;b -", ["a", "b", "b", None]),
        ("noun verb 3 nan", ["noun", "verb", "3", "nan"]),
    ],
)
def test_a_typed_row(row, expected):
    found = typed_labels(row, 4)
    np.testing.assert_array_equal(found, np.array(expected, found.dtype))


def test_many_texts_are_padded():
    depth = for_texts(bracket_depth, ["((", "a(b)"])
    np.testing.assert_array_equal(depth, [[1, 0], [2, 1], [np.nan, 1], [np.nan, 0]])
    quoted = for_texts(inside_quotes, ['"', 'a"'])
    assert quoted.tolist() == [[True, False], [None, True]]
    letters = for_texts(lambda text: last_letter(text, "AB"), ["A", ".B"])
    assert letters.tolist() == [["A", None], [None, "B"]]


def test_the_labels_of_a_task_are_its_answers():
    task = TASKS["brackets"]
    batch = task.batch(torch.Generator().manual_seed(3), 5, 30)
    texts = spell(batch.inputs, task.vocabulary)
    np.testing.assert_array_equal(for_texts(bracket_depth, texts), batch.targets)


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: position(3), TypeError, "text: expected a text or a list of symbols, got 3"),
        (lambda: position([1, 2]), TypeError, "got [1, 2]"),
        (lambda: position("a" * 100_001), ValueError, "100,001"),
        (lambda: bracket_depth("a", "(["[:1]), ValueError, "brackets: expected pairs such as"),
        (lambda: last_letter("a", ""), ValueError, "letters: expected at least one"),
        (
            lambda: typed_labels("0 1", 3),
            ValueError,
            "labels: expected 3, one for each step, got 2",
        ),
        (lambda: typed_labels("", 3), ValueError, "got 0"),
        (lambda: typed_labels(None, 3), TypeError, "labels: expected a text, got None"),
        (lambda: for_texts(position, []), ValueError, "texts: expected a list of texts, got []"),
        (lambda: for_texts(position, "ab"), ValueError, "texts: expected a list of texts"),
        (lambda: spell(np.zeros((2, 3)), "ab"), ValueError, "inputs: expected shape (T, B, 2)"),
    ],
)
def test_refusals(call, error, sentence):
    with pytest.raises(error) as caught:
        call()
    assert sentence in str(caught.value)
    assert properties.LEFT_OUT == "-"


def test_typed_rows_label_sequences_of_unequal_length() -> None:
    numbers = typed_rows(["0 1 -", "25", "-"], [3, 2, 4])
    assert numbers.dtype == np.float64
    nan = math.nan
    expected = [[0, 2, nan], [1, 5, nan], [nan, nan, nan], [nan, nan, nan]]
    np.testing.assert_array_equal(numbers, expected)
    named = typed_rows(["DET NOUN", "1"], [2, 1])  # one text makes all of them texts
    assert named.tolist() == [["DET", "1"], ["NOUN", None]]
    with pytest.raises(ValueError, match=r"expected 3, one for each step of sequence 1, got 2"):
        typed_rows(["01", "0 1"], [2, 3])
    with pytest.raises(ValueError, match=r"expected 2 rows, one for each sequence, got 1"):
        typed_rows(["01"], [2, 3])
