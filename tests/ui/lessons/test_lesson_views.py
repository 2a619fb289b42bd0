"""Each step of each lesson shows a state that its page has."""

from dataclasses import replace
from urllib.parse import parse_qsl

import pytest

from gatesviz.lessons import Step, lessons
from gatesviz.lessons.grading import numbers_of
from gatesviz.lessons.lesson import with_numbers
from gatesviz.lessons.markup import blocks
from gatesviz.ui.lessons.views import problems

STEPS = {
    f"{each.name}.{number}": step for each in lessons() for number, step in enumerate(each.steps, 1)
}
LINKS = {
    place: count
    for place, step in STEPS.items()
    if (count := f"{step.text} {step.follows}".count("]("))
}
"""Step -> how many links its texts have."""
STEP = Step("Title", "feed", {"cell": "GRU", "t": "3"}, ("cell", "t"), "", "Text.")


@pytest.mark.parametrize("place", STEPS)
def test_its_page_accepts_the_view(place: str) -> None:
    assert problems(STEPS[place]) == []


@pytest.mark.parametrize("place", LINKS)
def test_pages_accept_the_links_in_the_texts(place: str) -> None:
    step, links = STEPS[place], 0
    numbers = numbers_of(step)
    for text in filter(None, (step.text, step.follows)):
        for block in blocks(with_numbers(text, numbers)):
            for href in (part.href for part in block.parts if part.href):
                page, _, query = href.partition("?")
                linked = replace(step, page=page, query=dict(parse_qsl(query)), show=())
                assert problems(linked) == [], href
                links += 1
    assert links == LINKS[place]


def test_several_steps_have_links() -> None:
    assert sum(LINKS.values()) >= 9
    assert sum("edits=" in step.follows for step in STEPS.values()) >= 6


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"page": "fed"}, "There is no page 'fed'"),
        ({"query": {"cel": "GRU"}}, "“cel” was ignored: this page has no setting with that name"),
        ({"query": {"cell": "GRUU"}}, "cell=GRUU was ignored: expected one of"),
        ({"query": {"edits": "f@=0"}}, "edits=f@=0 was ignored"),
        ({"query": {"wiview": "free play"}}, "“wiview” was ignored"),
        ({"show": ("sidebar",)}, "show: feed has no control 'sidebar'."),
    ],
)
def test_a_view_that_its_page_lacks_is_found(changes: dict[str, object], sentence: str) -> None:
    assert problems(STEP) == []
    [found] = problems(replace(STEP, **changes))  # type: ignore[arg-type]
    assert sentence in found
