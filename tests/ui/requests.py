"""Requests to a middleware, without a server."""

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp


def answered(
    middleware: Callable[[ASGIApp], ASGIApp],
    path: str,
    query: bytes,
    *,
    host: bytes = b"127.0.0.1",
    root: str = "",
    method: str = "GET",
    headers: tuple[tuple[bytes, bytes], ...] = (),
) -> dict[Any, Any]:
    """Return how a request is answered: the status, the headers and the body."""
    scope = {
        "type": "http", "method": method, "path": path, "query_string": query, "root_path": root,
        "headers": [(b"host", host), *headers],
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(middleware(PlainTextResponse("a page"))(scope, receive, send))
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return {"status": sent[0]["status"], "body": body} | dict(sent[0]["headers"])
