"""Links to the first page that mean another one.

*Feed a sequence* was the first page, so its address had no name: ``/?src=wave``. Now this is the
address of *Start*, which has no settings. A link to it with a setting of *Feed a sequence* opens
that page, and a link with a lesson, ``/?lesson=memory.1``, opens the page of the lesson's step.
"""

from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send


def names_feed(keys: Iterable[str]) -> bool:
    """Return whether one of a link's parameters is a setting of *Feed a sequence*."""
    from gatesviz.ui.feed.parameters import PARAMETERS as FEED
    from gatesviz.ui.player import PARAMETERS as PLAYER

    return any(key in FEED or key in PLAYER for key in keys)


def elsewhere(query: Mapping[str, str]) -> tuple[str, dict[str, str]] | None:
    """Return the page and the settings that a link to *Start* means, or None if it means Start."""
    from gatesviz.ui.lessons.address import LESSON, place_of

    if names_feed(query):
        return "feed", dict(query)
    if LESSON not in query:
        return None
    try:
        place = place_of(query[LESSON])
    except ValueError:
        return None  # the panel says what is wrong
    return place.step.page, {**query, **place.query}


class OldLinks:
    """Middleware that sends old links to *Feed a sequence*, with all their parameters."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Redirect an old link, or forward the request."""
        query: str = scope.get("query_string", b"").decode("latin-1")
        if scope["type"] == "http" and scope["method"] == "GET" and query:
            first = scope["path"].removeprefix(scope.get("root_path", "")) in ("", "/")
            if first and names_feed(key for key, _ in parse_qsl(query, keep_blank_values=True)):
                await RedirectResponse(f"./feed?{query}")(scope, receive, send)
                return
        await self._app(scope, receive, send)
