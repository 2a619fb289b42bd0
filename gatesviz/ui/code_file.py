"""A file of JavaScript that the server sends once to each browser.

Streamlit would send the code in a message to every new session, 400 kB each time.
"""

import gzip
import hashlib

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",  # a change has another address
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}


class CodeFile:
    """A module of JavaScript, with an address that changes with it.

    Attributes:
        text: the module.
        name: its path below the app's.
        served: whether a server of this process has its route.
    """

    def __init__(self, text: str) -> None:
        self.text, self.served = text, False
        self.name = f"/code/{hashlib.sha256(text.encode()).hexdigest()[:16]}.js"
        self._zipped = b""

    @property
    def address(self) -> str:
        """The path of the file on this server."""
        return base_path() + self.name

    def route(self) -> Route:
        """Return the route of a server that answers to the address."""
        self.served = True
        return Route(self.name, self._answer)

    async def _answer(self, request: Request) -> Response:
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(self.text, headers=_HEADERS, media_type="text/javascript")
        self._zipped = self._zipped or gzip.compress(self.text.encode())
        headers = {**_HEADERS, "Content-Encoding": "gzip"}
        return Response(self._zipped, headers=headers, media_type="text/javascript")


def base_path() -> str:
    """Return the path under which the server has the app, such as "/gates", or ""."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""
