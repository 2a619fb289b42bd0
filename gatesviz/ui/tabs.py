"""Middleware that bounds the open tabs of one network address.

A person who sends no cookie is a new person in each tab, so limits for persons don't stop a flood
of tabs. A school sits behind one address, so many tabs are allowed.
"""

from collections import Counter

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gatesviz.limits import TABS_OF_ADDRESS, bound

STREAM = "/_stcore/stream"
"""The path of a tab's WebSocket. Boards of a class have bounds of their own."""
TABS = "GATESVIZ_TABS"
"""Environment variable with the most open tabs of one address; 0 for no bound."""


class BoundTabs:
    """Middleware that counts the tabs of each address: each has one WebSocket of Streamlit.

    Behind a proxy, all people may have the proxy's address.
    """

    def __init__(self, app: ASGIApp, most: int | None = None) -> None:
        self._app = app
        self._most = bound(TABS, TABS_OF_ADDRESS) if most is None else most
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward a request, or refuse a new tab of an address that has too many."""
        address = str((scope.get("client") or ("",))[0])
        full = 0 < self._most <= self._open[address]
        opens = scope["type"] == "websocket" and scope["path"].endswith(STREAM)
        if opens and full:
            await send({"type": "websocket.close", "code": 1013})  # before it is accepted: 403
        elif opens:
            self._open[address] += 1
            try:
                await self._app(scope, receive, send)
            finally:
                self._open[address] -= 1
                if not self._open[address]:
                    del self._open[address]
        elif full and _wants_page(scope):
            await PlainTextResponse(
                f"{self._open[address]:,} tabs are open from your network, and at most"
                f" {self._most:,} are allowed. Close some tabs and try again.",
                503,
            )(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _wants_page(scope: Scope) -> bool:
    if scope["type"] != "http":
        return False
    return "text/html" in HTTPConnection(scope).headers.get("accept", "")
