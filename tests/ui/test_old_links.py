"""Which requests the server sends on to *Feed a sequence*, without a server."""

import pytest

from gatesviz.lessons import lessons
from gatesviz.ui.lessons.address import place_of
from gatesviz.ui.old_links import OldLinks, elsewhere
from tests.ui.requests import answered


def answer(path: str, query: bytes, *, root: str = "", method: str = "GET") -> str:
    """Return where a request is sent on to, or "" if it is answered."""
    headers = answered(OldLinks, path, query, root=root, method=method)
    location: bytes = headers.get(b"location", b"")
    return location.decode()


@pytest.mark.parametrize("query", ["src=wave", "t=3&u=2", "x=1&cell=GRU", "text=%3F%26&write=3"])
def test_an_old_link_leads_to_feed_with_everything_in_it(query: str) -> None:
    assert answer("/", query.encode()) == f"./feed?{query}"
    assert answer("/gates/", query.encode(), root="/gates") == f"./feed?{query}"


@pytest.mark.parametrize("query", ["", "lesson=memory.1", "embed=true", "wiview=free+play"])
def test_start_keeps_what_is_not_feeds(query: str) -> None:
    assert answer("/", query.encode()) == ""


def test_other_pages_and_requests_are_left_alone() -> None:
    assert answer("/train", b"t=3") == ""
    assert answer("/_stcore/health", b"src=wave") == ""
    assert answer("/", b"src=wave", method="HEAD") == ""


def test_a_link_with_a_lesson_alone_means_the_view_of_its_step() -> None:
    for lesson in lessons():
        first = f"{lesson.name}.1"
        assert elsewhere({"lesson": first}) == (lesson.steps[0].page, place_of(first).query)
    assert elsewhere({"lesson": "nothing.1"}) is None
    assert elsewhere({"got": "x"}) is None


def test_a_link_to_any_page_with_a_lesson_alone_opens_the_view_of_its_step() -> None:
    for lesson in lessons():
        for number, step in enumerate(lesson.steps, 1):
            place = place_of(f"{lesson.name}.{number}")
            assert answer("/find_unit", f"lesson={place}".encode()) == f"./{place.href}"
            if step.query:
                own = answer(f"/app/{step.page}/", f"lesson={place}".encode(), root="/app")
                assert own == f"../{place.href}"


def test_a_step_with_a_setting_of_its_view_is_left_alone_and_the_frame_stays() -> None:
    view = "text=A......%3F"
    assert answer("/feed", f"lesson=memory.1&{view}".encode()) == ""
    assert answer("/feed", b"lesson=nothing.1") == ""
    assert answer("/feed", b"lesson=memory.1", method="HEAD") == ""
    href = place_of("memory.1").href
    kept = "got=1-----&embed=true"
    assert answer("/train", f"trhidden=4&lesson=memory.1&{kept}".encode()) == f"./{href}&{kept}"
