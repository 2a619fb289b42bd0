"""Text: one-hot, unknown characters, everything that cannot be seen."""

import unicodedata

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gatesviz.sequences import STAND_IN, code_point, parse_text, visible
from gatesviz.sequences.characters import is_character

ANY_CHARACTER = st.characters(exclude_categories=())


def test_one_hot_over_its_own_characters():
    sequence = parse_text("banana")
    assert sequence.features == ("a", "b", "n")
    assert sequence.labels == tuple("banana")
    assert sequence.kind == "text"
    assert sequence.values.argmax(axis=1).tolist() == [1, 0, 2, 0, 2, 0]
    assert sequence.values.sum(axis=1).tolist() == [1] * 6


def test_the_models_order_is_kept():
    sequence = parse_text("ab", "zba")
    assert sequence.features == ("z", "b", "a")
    assert sequence.values.tolist() == [[0, 0, 1], [0, 1, 0]]


def test_unknown_characters_are_replaced_and_named():
    sequence = parse_text("a😀b😀é", ("a", "b"))
    assert sequence.labels == ("a", STAND_IN, "b", STAND_IN, STAND_IN)
    assert sequence.values.tolist() == [[1, 0], [0, 0], [0, 1], [0, 0], [0, 0]]
    assert sequence.notes == (
        "Replaced by □, all zeros to the model: 😀 (U+1F600 GRINNING FACE), 2 times;"
        " é (U+00E9 LATIN SMALL LETTER E WITH ACUTE), 1 time.",
    )


def test_strict_refuses_them_by_name():
    with pytest.raises(ValueError, match=r"knows 2 characters, but not 😀 \(U\+1F600 GRINNING"):
        parse_text("a😀b", ("a", "b"), strict=True)


def test_many_unknown_characters_are_counted():
    [note] = parse_text("abcdefghijklmnop", "a").notes
    assert note.endswith("; and 7 more.")


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("   ", ("␣", "␣", "␣")),
        ("a\0", ("a", "␀")),
        ("a\n\t\x7f", ("a", "␊", "␉", "␡")),
        ("e\u0301", ("e", "◌\u0301")),  # two code points, though a reader sees one letter
        ("שלום", ("ש", "ל", "ו", "ם")),
        ("a\u200b\u202e\u2066", ("a", "U+200B", "U+202E", "U+2066")),
        ("👩\u200d🚀", ("👩", "U+200D", "🚀")),
        ("❤\ufe0f", ("❤", "U+FE0F")),
        ("a\u2028\u00a0", ("a", "U+2028", "U+00A0")),
        ("a\ud800", ("a", STAND_IN)),
        ("<b>&", ("<", "b", ">", "&")),
    ],
)
def test_every_label_can_be_seen(text, labels):
    assert parse_text(text).labels == labels


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "${{7*7}}",
        r"$$\input{/etc/passwd}$$",
        "![picture](http://example.org) [link](javascript:1)",
    ],
)
def test_markup_stays_these_very_characters(text):
    sequence = parse_text(text)
    assert "".join(sequence.labels).replace("␣", " ") == text
    assert "&lt;" not in sequence.title


def test_an_unpaired_surrogate_is_never_a_feature():
    sequence = parse_text("a\ud800b")
    assert sequence.features == ("a", "b")
    assert sequence.notes == ("Replaced by □, all zeros to the model: U+D800, 1 time.",)
    with pytest.raises(
        ValueError, match=r"every character is an unpaired surrogate, such as U\+DC00"
    ):
        parse_text("\udc00\udc01")


@pytest.mark.parametrize(
    ("text", "vocabulary", "sentence"),
    [
        ("", None, "the text is empty: type at least two characters"),
        ("a", None, "steps in a sequence: 1 is outside the allowed range 2 to 1,000"),
        ("a" * 1001, None, "steps in a sequence: 1,001 is outside"),
        ("a" * 100_001, None, "characters typed or pasted: 100,001 is outside"),
        (
            "".join(map(chr, range(0x4E00, 0x4F01))),
            None,
            "the text has 257 distinct characters, at most 256 are allowed",
        ),
        ("ab", (), "features at each step: 0 is outside"),
        ("ab", ("a", "a"), r"the vocabulary holds a \(U\+0061 LATIN SMALL LETTER A\) more than"),
        ("ab", ("ab",), "the vocabulary holds “ab”, expected single characters"),
        ("ab", ("a", "\ud800"), r"the vocabulary holds “U\+D800”"),
    ],
)
def test_refusals(text, vocabulary, sentence):
    with pytest.raises(ValueError, match=sentence):
        parse_text(text, vocabulary)


def test_the_longest_is_cut_only_if_asked():
    sequence = parse_text("ab" * 600 + "c", cut=True)
    assert sequence.steps == 1000
    assert sequence.features == ("a", "b")
    assert sequence.notes == ("Cut: the first 1,000 of 1,201 characters are used.",)


@given(st.text(ANY_CHARACTER), st.one_of(st.none(), st.text(ANY_CHARACTER)), st.booleans())
@example("a\ud800", None, False)
def test_any_text_is_read_or_refused(text, vocabulary, strict):
    try:
        sequence = parse_text(text, vocabulary, strict=strict)
    except ValueError as error:
        sentence = str(error)
        sequence = None
    if sequence is None:
        assert len(sentence.splitlines()) == 1
        return
    known = sequence.values.any(axis=1)
    best = sequence.values.argmax(axis=1)
    for character, label, is_known, feature in zip(text, sequence.labels, known, best, strict=True):
        assert label == (visible(character) if is_known else STAND_IN)
        assert not is_known or sequence.features[feature] == character
    assert set(np.unique(sequence.values)) <= {0, 1}
    "".join((sequence.title, *sequence.labels, *sequence.features, *sequence.notes)).encode()


@given(ANY_CHARACTER)
def test_a_label_shows_something(character):
    label = visible(character)
    categories = {unicodedata.category(c) for c in label}
    assert not categories & {"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"}
    assert 1 <= len(label) <= 8
    assert f"U+{ord(character):04X}" in code_point(character)


def test_a_label_shows_whether_it_is_that_of_one_character():
    assert all(is_character(visible(c)) for c in "a \n\u200b\u0301\U0001f469\ue000")
    assert not any(map(is_character, ("the", "", "U+", "ab")))
