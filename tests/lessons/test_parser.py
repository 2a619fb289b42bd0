"""A lesson's file: what is read from it, and one sentence for each fault."""

import pytest

from gatesviz.lessons import Check, LessonError, lesson, lessons, read_lesson

STEP = """\
## First
```toml
view = "feed?text=A.%26?&t=0"
show = ["t"]
look = "Look at `c`."
```
A **short** text.
"""
FRONT = '+++\ntitle = "A title"\nminutes = 5\nafter = "You can."\n+++\n\n'
CHECK = """\
## Second
```toml
view = "feed"
[check]
question = "Which?"
measure = "same_last_input first=A? second=B?"
options = { same = "Same", differ = "Not" }
[check.refute]
same = "No."
[check.reason]
question = "Why?"
right = "a"
options = { a = "A", b = "B" }
refute = { b = "B is wrong." }
[check.sibling]
question = "And here?"
measure = "erased_state"
options = { kept = "Kept", other = "Other" }
```
Text.

---
It follows.
"""


def test_everything_in_a_file_is_read() -> None:
    found = read_lesson("one", FRONT + STEP + "\n" + CHECK)
    assert (found.name, found.title, found.minutes, found.after) == (
        "one",
        "A title",
        5,
        "You can.",
    )
    first, second = found.steps
    assert (first.title, first.page, first.query) == ("First", "feed", {"text": "A.&?", "t": "0"})
    assert (first.show, first.look, first.text) == (("t",), "Look at `c`.", "A **short** text.")
    assert first.check is None
    assert second.follows == "It follows."
    turn = second.check.place if second.check is not None else None
    assert turn is not None
    assert second.check == Check(
        "Which?",
        {"same": "Same", "differ": "Not"},
        measure="same_last_input first=A? second=B?",
        refute={"same": "No."},
        reason=Check(
            "Why?", {"a": "A", "b": "B"}, right="a", refute={"b": "B is wrong."}, place=turn + 1
        ),
        sibling=Check(
            "And here?",
            {"kept": "Kept", "other": "Other"},
            measure="erased_state",
            place=turn + 1,
        ),
        place=turn,
    )


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("+++\ntitle", "title", "one: expected TOML between two lines"),
        ("minutes = 5\n", "", "one: minutes is missing"),
        ("minutes = 5", "minutes = 50", "one: minutes = 50: expected 1 to 15"),
        ("minutes = 5", 'minutes = "5"', "one: minutes: expected a whole number, got '5'"),
        ("after =", "aftr =", "one: aftr: unknown; expected title, minutes, after"),
        ("minutes = 5", "minutes =", "one: Invalid value"),
        ("## First\n```toml\nview", "## First\nview", "step 1 (“First”): expected a block"),
        ('view = "feed"', 'view = "Feed me"', "(“Second”): view = 'Feed me': expected a page"),
        ("&t=0", "&t", "step 1 (“First”): view = 'feed?text=A.%26?&t': expected parameters"),
        ("&t=0", "&text=B", "a parameter appears twice"),
        ("show =", "shows =", "shows: unknown"),
        ('show = ["t"]', "show = [1]", "show = [1]: expected keys"),
        ("A **short** text.", "", "the text has 0 words; expected 1 to 90"),
        ("A **short** text.", "word " * 91, "the text has 91 words; expected 1 to 90"),
        ("A **short** text.", "# Heading", "“#” begins a heading"),
        ("A **short** text.", "<b>bold</b>", "“<b” begins HTML"),
        ("A **short** text.", "[away](javascript:alert)", "a link that leads to no page"),
        ("A **short** text.", "Text.\n\n---\nMore.", "there is no check, so nothing can follow"),
        ('look = "', 'hide = ["row"]\nlook = "', "hide: no part 'row'; expected some of"),
        ("It follows.", "It\n\n---\nfollows.", "at most one line ---"),
        ("first=A?", "frist=A?", "got an unexpected keyword argument 'frist'"),
        ('measure = "erased_state"', 'measure = "erase_state"', "Did you mean 'erased_state'?"),
        ('measure = "erased_state"\n', "", "check.sibling: expected either a measure or a stored"),
        ('right = "a"', 'right = "c"', "check.reason: no option 'c'; expected one of a, b"),
        ("refute = { b =", "refute = { c =", "check.reason: no option 'c'"),
        ('refute = { b = "B is wrong." }\n', "", "check.reason.refute: expected a sentence for b"),
        ('options = { a = "A", b = "B" }', 'options = { a = "A" }', "at least two options"),
        ('options = { a = "A", b', 'options = { "1" = "A", b', "key '1': expected a name"),
        ('question = "Why?"\n', "", "check.reason.question is missing"),
        ('question = "Why?"', 'question = " "', "question: expected a text"),
        ('question = "Why?"', 'question = "Why?\\n\\nSay."', "question: expected one paragraph"),
    ],
)  # fmt: skip
def test_each_fault_has_a_sentence_that_names_its_place(old: str, new: str, sentence: str) -> None:
    whole = FRONT + STEP + "\n" + CHECK
    assert old in whole
    with pytest.raises(LessonError) as raised:
        read_lesson("one", whole.replace(old, new, 1))
    assert str(raised.value).startswith("one")
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value).replace("\\n", "")


def test_text_before_the_first_step_is_a_fault() -> None:
    with pytest.raises(LessonError, match="expected a heading"):
        read_lesson("one", FRONT + "Too early.\n\n" + STEP)
    with pytest.raises(LessonError, match="expected a heading"):
        read_lesson("one", FRONT)


def test_lessons_come_in_order_and_are_found_by_name() -> None:
    assert lessons()[0].name == "memory"
    assert lesson("memory") is lessons()[0]
    assert len({each.name for each in lessons()}) == len(lessons())
    with pytest.raises(ValueError, match=r"no lesson 'memry'.*Did you mean 'memory'\?"):
        lesson("memry")
