"""A typed text in the characters that a model knows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatesviz.sequences.respelling import respell
from gatesviz.tasks.characters import CHARACTERS

LEFT_OUT = "Left out, because the model doesn't know them: "


@pytest.mark.parametrize(
    ("text", "read", "notes"),
    [
        ("plain text.", "plain text.", ()),
        ("Hello World", "hello world", ("Capital letters are read as small ones.",)),
        ("one\ntwo\t three", "one two three", ("Line breaks and tabs are read as a space, ␣.",)),
        ("two  spaces", "two  spaces", ()),
        ("café", "cafe", ("Read as: “é” as “e”.",)),
        ("cafe\u0301", "cafe", ()),
        ("É", "e", ("Read as: “É” as “e”.",)),
        ("“it’s”—so…", '"it\'s"-so...', None),
        ("room 7!", "room ", (f"{LEFT_OUT}“7”, “!”.",)),
        ("hi 🙂\u200d\ufe0f", "hi ", (f"{LEFT_OUT}“🙂”, 2 invisible characters.",)),
        ("你好", "", (f"{LEFT_OUT}“你”, “好”.",)),
        ("\ud800a", "a", (f"{LEFT_OUT}1 invisible character.",)),
        ("", "", ()),
    ],
)
def test_a_text_is_read_in_small_plain_letters(
    text: str, read: str, notes: tuple[str, ...] | None
) -> None:
    found = respell(text, CHARACTERS)
    assert found.text == read
    assert notes is None or found.notes == notes


def test_a_long_list_of_characters_is_counted() -> None:
    [note] = respell("一二三四五六七八九十", CHARACTERS).notes
    assert note.endswith("“七”, “八” and 2 more.")


def test_a_vocabulary_with_capitals_keeps_them() -> None:
    assert respell("Ab aB", "ABab ").text == "Ab aB"
    assert respell("Ab\n", "Ab\n").notes == ()
    assert respell("ab", "AB") == respell("ab", {"A", "B"})
    assert respell("ab", "AB").text == ""


@given(st.text(max_size=60))
def test_any_text_becomes_one_in_the_vocabulary_and_stays_it(text: str) -> None:
    found = respell(text, CHARACTERS)
    assert set(found.text) <= set(CHARACTERS)
    assert respell(found.text, CHARACTERS).text == found.text
    assert respell(found.text, CHARACTERS).notes == ()
