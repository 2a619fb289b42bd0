"""Plain pages of lessons: those in docs/lessons are current, and the command writes them."""

import re
from pathlib import Path

import pytest

from gatesviz.cli import main
from gatesviz.lessons import Lesson, lessons
from gatesviz.lessons.plain_pages import plain_page

FOLDER = Path(__file__).parents[2] / "docs" / "lessons"
NUMBER = re.compile(r"\d[\d,.]*(?:·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?")
SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def value(text: str) -> float:
    digits, _, exponent = text.rstrip(".,").replace(",", "").partition("·10")
    return float(digits) * 10 ** int(exponent.translate(SUPERSCRIPTS) or 0)


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)
def test_the_page_in_docs_is_current(lesson: Lesson) -> None:
    """Words are equal. Numbers may differ in their last digit, as on another processor."""
    path = FOLDER / f"{lesson.name}.md"
    assert path.exists(), "run: gatesviz lessons docs/lessons"
    kept, made = path.read_text("utf-8"), plain_page(lesson)
    assert NUMBER.sub("#", kept) == NUMBER.sub("#", made), "run: gatesviz lessons docs/lessons"
    for one, other in zip(NUMBER.findall(kept), NUMBER.findall(made), strict=True):
        small = max(value(one), value(other)) < 1e-12
        assert small or value(one) == pytest.approx(value(other), rel=0.02), (one, other)


def test_a_page_says_at_its_top_that_some_answers_are_guesses() -> None:
    parts = [plain_page(each).partition("\n## ") for each in lessons()]
    asked = ["Make a guess" in steps for _, _, steps in parts]
    assert ["guess first" in top for top, _, _ in parts] == asked
    assert set(asked) == {True, False}


def test_quotation_marks_within_quotation_marks_are_single() -> None:
    pages = "\n".join(path.read_text("utf-8") for path in FOLDER.glob("*.md"))
    assert "- Not “It answers ‘nothing’”: " in pages
    assert not re.search("“[^”\n]*“", pages)


def test_there_is_no_page_without_a_lesson() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == {each.name for each in lessons()}


def test_the_command_writes_a_page_for_each_lesson(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["gatesviz", "lessons", str(tmp_path / "new")])
    main()
    assert f"{len(lessons())} pages" in capsys.readouterr().out
    page = (tmp_path / "new" / "breaking.md").read_text("utf-8")
    assert "- Answer: h still holds the letter, and i·g writes it back into c" in page
    assert "- Measured: f = 0 at step 25: 100 % of the answers are right" in page
    (tmp_path / "file").touch()
    monkeypatch.setattr("sys.argv", ["gatesviz", "lessons", str(tmp_path / "file")])
    with pytest.raises(SystemExit):
        main()
    assert "can't be written" in capsys.readouterr().err
