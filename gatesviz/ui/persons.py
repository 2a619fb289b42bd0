"""People: a cookie tells the tabs of one browser from those of others. It holds no name."""

import re
from uuid import uuid4

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "gatesviz_person"
_VALID = re.compile(r"[0-9a-f]{32}")


def person() -> str:
    """Return the id of the person whose page is being drawn, or "" if their browser has none."""
    cookie = st.context.cookies.get(COOKIE, "")
    valid = isinstance(cookie, str) and _VALID.fullmatch(cookie)  # in a test it may be no text
    return cookie if valid else ""


def address() -> str:
    """Return the network address of the page being drawn, or "" for this machine itself."""
    found = st.context.ip_address
    return found if isinstance(found, str) else ""  # in a test it may be no text


class Persons:
    """Middleware that gives each browser its cookie. It ends with the browser."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward a request. The answer to a page sets the cookie if the browser has none."""
        if scope["type"] != "http" or not _wants_page(scope):
            await self._app(scope, receive, send)
            return
        secure = "; Secure" if scope["scheme"] == "https" else ""
        cookie = f"{COOKIE}={uuid4().hex}; Path=/; HttpOnly; SameSite=Lax{secure}"

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("set-cookie", cookie)
            await send(message)

        await self._app(scope, receive, with_cookie)


def person_of(scope: Scope) -> str:
    """Return the id in the cookie of a request, or "" if it has none."""
    cookie = HTTPConnection(scope).cookies.get(COOKIE, "")
    return cookie if _VALID.fullmatch(cookie) else ""


def _wants_page(scope: Scope) -> bool:
    """Return whether a browser without a valid cookie asks for a page.

    A file of code is no page: caches keep it, and would give all people the same cookie.
    """
    if scope["method"] != "GET" or scope["path"].endswith(".js"):
        return False
    accepted = HTTPConnection(scope).headers.get("accept", "")
    return "text/html" in accepted and not person_of(scope)
