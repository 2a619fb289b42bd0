"""Each step of each lesson shows a state that its page has."""

from dataclasses import replace

import pytest

from gatesviz.lessons import Step, lessons
from gatesviz.ui.lessons.views import problems

STEPS = {
    f"{each.name}.{number}": step for each in lessons() for number, step in enumerate(each.steps, 1)
}
STEP = Step("Title", "feed", {"cell": "GRU", "t": "3"}, ("cell", "t"), "", "Text.")


@pytest.mark.parametrize("place", STEPS)
def test_its_page_accepts_the_view(place: str) -> None:
    assert problems(STEPS[place]) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"page": "fed"}, "There is no page 'fed'"),
        ({"query": {"cel": "GRU"}}, "cel was ignored: this page has no such parameter"),
        ({"query": {"cell": "GRUU"}}, "cell=GRUU was ignored: expected one of"),
        ({"query": {"edits": "f@=0"}}, "edits=f@=0 was ignored"),
        ({"query": {"wiview": "free play"}}, "wiview was ignored"),
        ({"show": ("sidebar",)}, "show: feed has no control 'sidebar'."),
    ],
)
def test_a_view_that_its_page_lacks_is_found(changes: dict[str, object], sentence: str) -> None:
    assert problems(STEP) == []
    [found] = problems(replace(STEP, **changes))  # type: ignore[arg-type]
    assert sentence in found
