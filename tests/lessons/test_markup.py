"""The Markdown of lessons."""

from gatesviz.lessons.markup import Block, Part, blocks, plain

TEXT = """\
The gate `f` is **open**, or *nearly*
so. See [that page](feed?t=3&cell=GRU).

- one
  and a half
- `2*3*4` two
"""


def test_paragraphs_items_and_looks() -> None:
    assert blocks(TEXT) == (
        Block(
            "paragraph",
            (
                Part("The gate "),
                Part("f", "code"),
                Part(" is "),
                Part("open", "strong"),
                Part(", or "),
                Part("nearly", "em"),
                Part(" so. See "),
                Part("that page", "link", "feed?t=3&cell=GRU"),
                Part("."),
            ),
        ),
        Block("item", (Part("one and a half"),)),
        Block("item", (Part("2*3*4", "code"), Part(" two"))),
    )


def test_plain_text_has_no_marks() -> None:
    assert plain(TEXT) == (
        "The gate f is open, or nearly so. See that page.\n\none and a half\n\n2*3*4 two"
    )


def test_numbers_and_signs_stay_text() -> None:
    assert blocks("2 * 3 < 7, and c' = f*c + i*g.")[0].parts[0].text.startswith("2 * 3 < 7")


def test_a_percent_sign_stays_on_the_line_of_its_number() -> None:
    assert plain("Less than 10 % is **left: 5 %**.") == "Less than 10\xa0% is left: 5\xa0%."
