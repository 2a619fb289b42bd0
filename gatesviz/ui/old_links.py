"""Links that mean another page, or a prepared view of a page.

*Feed a sequence* was the first page, so its address had no name: ``/?src=wave``. Now this is the
address of *Start*, which has no settings. A link to it with a setting of *Feed a sequence* opens
that page, and a link with a lesson, ``/?lesson=memory.1``, opens the page of the lesson's step.

Every other page does the same with ``/feed?lesson=memory.1``: without settings, it opens the step's
own page in the view that the step prepares.
"""

from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlencode

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


def prepared(path: str, query: str) -> str | None:
    """Return the page and the parameters of a lesson's view, if a link names only the step.

    A link with a setting of the view is left as it is, because the reader may have changed others.

    Args:
        path: of the request, such as ``feed``.
        query: its parameters, as they are in the address.
    """
    from gatesviz.ui.lessons.address import LESSON, place_of
    from gatesviz.ui.page_settings import SETTINGS

    given = parse_qsl(query, keep_blank_values=True)
    texts = [text for key, text in given if key == LESSON]
    if path not in SETTINGS or not texts:
        return None
    try:
        place = place_of(texts[-1])
    except ValueError:
        return None  # the panel says what is wrong
    view = place.step.query
    here = path == place.step.page
    if here and (not view or any(key in view for key, _ in given)):
        return None
    own = [
        (key, text) for key, text in given if key not in place.query and key not in SETTINGS[path]
    ]
    return f"{place.step.page}?{urlencode([*place.query.items(), *own])}"


class OldLinks:
    """Middleware that sends old links, and links to a lesson's step, to the page they mean."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Redirect an old link, or forward the request."""
        query: str = scope.get("query_string", b"").decode("latin-1")
        if scope["type"] == "http" and scope["method"] == "GET" and query:
            path = scope["path"].removeprefix(scope.get("root_path", ""))
            first = path in ("", "/")
            if view := prepared(path.strip("/"), query):
                up = "../" if path.endswith("/") else "./"
                await RedirectResponse(f"{up}{view}")(scope, receive, send)
                return
            if first and names_feed(key for key, _ in parse_qsl(query, keep_blank_values=True)):
                await RedirectResponse(f"./feed?{query}")(scope, receive, send)
                return
        await self._app(scope, receive, send)
