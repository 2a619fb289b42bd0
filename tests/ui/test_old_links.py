"""Which requests the server sends on to *Feed a sequence*, without a server."""

import asyncio
from typing import Any

import pytest
from starlette.responses import PlainTextResponse

from gatesviz.lessons import lessons
from gatesviz.ui.lessons.address import place_of
from gatesviz.ui.old_links import OldLinks, elsewhere


def answer(path: str, query: bytes, *, root: str = "", method: str = "GET") -> str:
    """Return where a request is sent on to, or "" if it is answered."""
    scope = {
        "type": "http", "method": method, "path": path, "query_string": query, "root_path": root,
        "headers": [],
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(OldLinks(PlainTextResponse("a page"))(scope, receive, send))
    return dict(sent[0]["headers"]).get(b"location", b"").decode()


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
