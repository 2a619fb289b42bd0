"""What is kept of uploaded files: bounded for each session and for everybody together.

Streamlit keeps every file until its session ends, also one that was replaced or whose widget has
left the page. Here such files go, and beyond the bound a file is not taken at all: the server puts
a mark in its place, so that the page can say why. A refused request would end as "AxiosError".
"""

import re
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import streamlit as st
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

from gatesviz.limits import (
    RUN_BYTES,
    UPLOAD_BYTES,
    UPLOADS_EACH,
    UPLOADS_IN_ALL,
    Limit,
    megabytes,
)

FULL = (
    f"this file wasn't kept: the files of one browser tab may take {megabytes(UPLOADS_EACH)} MB"
    f" together, those of everybody {megabytes(UPLOADS_IN_ALL)} MB. Remove a file and try again"
)
_MARK = secrets.token_bytes(32)
_PATH = re.compile(r"/_stcore/upload_file/([^/]+)/[^/]+$")
MOST_FILES = 200
"""Of a session; a page holds a few. Beyond it not even a mark is kept."""
_HEAD = 16_384  # bytes in which the name of a file has to come
_FILE = 1_000  # bytes that a file takes beside its content
_SEEN = "uploads seen"
T = TypeVar("T")


def content(file: UploadedFile, limit: Limit = UPLOAD_BYTES) -> bytes:
    """Return the bytes of an uploaded file; a widget's own limit binds browsers alone.

    Raises:
        ValueError: if there was no room for it, or its size is outside ``limit``.
    """
    data = file.getvalue()
    if data == _MARK:
        raise ValueError(FULL)
    limit.check(len(data))
    return data


def forget_gone() -> None:
    """Drop the files of this session that a page held and holds no more.

    To be called at the end of a run of a whole page, whose uploaders all have a key.
    """
    context = get_script_run_ctx()
    if context is None or not isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        return
    held = {one.file_id for one in st.session_state.values() if isinstance(one, UploadedFile)}
    for gone in st.session_state.get(_SEEN, set()) - held:
        context.uploaded_file_mgr.remove_file(context.session_id, gone)
    st.session_state[_SEEN] = held


class BoundUploads:
    """Middleware that lets a file pass as long as there is room for it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._coming: Counter[str] = Counter()  # bytes on their way, of each session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; of a file without room, only the name."""
        match = _PATH.search(scope["path"]) if scope["type"] == "http" else None
        if not match or scope["method"] != "PUT":
            await self._app(scope, receive, send)
            return
        session, size = match[1], _announced(scope)
        if self._files(session) >= MOST_FILES:
            await PlainTextResponse("too many files", 413)(scope, receive, send)
            return
        if not self._room(session, size):
            await self._app(scope, _emptied(receive), send)
            return
        self._coming[session] += size
        try:
            await self._app(scope, receive, send)
        finally:
            self._coming[session] -= size
            self._coming += Counter()  # sessions that send nothing any more go

    def _files(self, session: str) -> int:
        return len(_storage().get(session, ()))

    def _room(self, session: str, size: int) -> bool:
        kept = {
            name: sum(_FILE + len(file.data) for file in [*files.values()])
            for name, files in [*_storage().items()]
        }
        own = kept.get(session, 0) + self._coming[session] + _FILE + size
        everybody = sum(kept.values()) + self._coming.total() + _FILE + size
        return own <= UPLOADS_EACH.high and everybody <= UPLOADS_IN_ALL.high


def _storage() -> Mapping[str, Mapping[str, UploadedFileRec]]:
    manager = Runtime.instance().uploaded_file_mgr
    return manager.file_storage if isinstance(manager, MemoryUploadedFileManager) else {}


def _announced(scope: Scope) -> int:
    """Return how long the body says it is; the most that is allowed if it says nothing."""
    headers: Sequence[tuple[bytes, bytes]] = scope["headers"]
    told = dict(headers).get(b"content-length", b"")
    return int(told) if told.isdigit() else RUN_BYTES.high


def _emptied(receive: Receive) -> Receive:
    """Return a body with the headers of the first part, and the mark in place of its content."""
    over = False

    async def short() -> Message:
        nonlocal over
        if over:
            return await receive()
        head, more = b"", True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return message
            head += message.get("body", b"")[: max(0, _HEAD - len(head))]
            more = message.get("more_body", False)
        over = True
        start, _, _ = head.partition(b"\r\n\r\n")
        boundary, _, _ = start.partition(b"\r\n")
        body = start + b"\r\n\r\n" + _MARK + b"\r\n" + boundary + b"--\r\n"
        return {"type": "http.request", "body": body, "more_body": False}

    return short


def outcome_of(read: Callable[..., T], *given: Any) -> T:
    """Return ``read(*given)``, made once for equal values; a refusal is remembered, too.

    Raises:
        ValueError: where ``read`` does.
    """
    found, refusal = _outcome(f"{read.__module__}.{read.__qualname__}", given, read)
    if refusal:
        raise ValueError(refusal)
    value: T = found
    return value


@st.cache_data(max_entries=16, ttl=3600, show_spinner="Reading…")
def _outcome(name: str, given: tuple[Any, ...], _read: Callable[..., Any]) -> tuple[Any, str]:
    try:
        return _read(*given), ""
    except ValueError as error:
        return None, str(error) or "it cannot be read"
