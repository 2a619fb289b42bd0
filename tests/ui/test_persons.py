"""The cookie that tells the tabs of one browser from those of others."""

import asyncio
import re
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.responses import PlainTextResponse

from gatesviz.ui import browser_session, persons
from gatesviz.ui.persons import COOKIE, Persons, person

HTML = "text/html,application/xhtml+xml"


def set_cookie(accept: str = HTML, cookie: str = "", **changes: Any) -> str:
    """Return the cookie that the answer to a request sets, or ""."""
    headers = [(b"accept", accept.encode()), (b"cookie", cookie.encode())]
    scope = {"type": "http", "method": "GET", "scheme": "http", "path": "/"}
    scope |= {"headers": headers} | changes
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(Persons(PlainTextResponse("a page"))(scope, None, send))  # type: ignore[arg-type]
    return dict(sent[0]["headers"]).get(b"set-cookie", b"").decode()


def test_a_page_sets_the_cookie_once() -> None:
    first = set_cookie()
    pattern = rf"{COOKIE}=[0-9a-f]{{32}}; Path=/; HttpOnly; SameSite=Lax"
    assert re.fullmatch(pattern, first)
    assert not set_cookie(cookie=f"other=1; {first.partition(';')[0]}")


def test_browsers_have_different_cookies() -> None:
    assert len({set_cookie() for _ in range(3)}) == 3


def test_an_invalid_cookie_is_replaced() -> None:
    assert COOKIE in set_cookie(cookie=f"{COOKIE}=<script>")


def test_only_pages_set_it_and_https_makes_it_secure() -> None:
    assert not set_cookie("image/png")
    assert not set_cookie(path="/code/0.js")  # caches keep it for all people
    assert not set_cookie(method="POST")
    assert set_cookie(scheme="https").endswith("; Secure")


@pytest.mark.parametrize(
    ("cookies", "expected"),
    [
        ({COOKIE: "0123456789abcdef" * 2}, "0123456789abcdef" * 2),
        ({COOKIE: "not one of ours"}, ""),
        ({COOKIE: object()}, ""),
        ({}, ""),
    ],
)
def test_a_person_is_a_valid_cookie(
    cookies: dict[str, Any], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(persons.st, "context", SimpleNamespace(cookies=cookies))
    assert person() == expected


@pytest.mark.parametrize(("found", "told"), [("192.0.2.1", "192.0.2.1"), (None, ""), (1, "")])
def test_the_engine_learns_whose_session_it_is_and_from_where(
    monkeypatch: pytest.MonkeyPatch, found: object, told: str
) -> None:
    """Streamlit names no address for this machine itself."""
    watched: list[object] = []
    one = "0123456789abcdef" * 2
    context = SimpleNamespace(cookies={COOKIE: one}, ip_address=found)
    monkeypatch.setattr(persons.st, "context", context)
    engine = SimpleNamespace(watch=lambda *about: watched.extend(about), left=print)
    monkeypatch.setattr(browser_session, "engine", lambda: engine)
    monkeypatch.setattr(browser_session, "owner", lambda key: "a tab")
    browser_session.watch("key")
    assert watched == ["a tab", one, None, told]
