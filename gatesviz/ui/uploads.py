"""Limits of uploaded files, for each session and for the whole server.

Streamlit stores every file until its session ends, even if the file was replaced or its widget left
the page. Here such files are deleted. A file beyond the limits is replaced by a marker, so that the
page can say why. A refused request would only show "AxiosError".

Streamlit has no public way to do this. `tests/ui/test_streamlit_internals.py` names what is used of
its internals.
"""

import logging
import re
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.typing import UploadedFile

from gatesviz.limits import (
    RUN_BYTES,
    UPLOAD_BYTES,
    UPLOADS_EACH,
    UPLOADS_IN_ALL,
    Limit,
    megabytes,
)

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFileRec

FULL = (
    f"there is no room for this file: all files of a browser tab may have {megabytes(UPLOADS_EACH)}"
    f" MB, those of all tabs {megabytes(UPLOADS_IN_ALL)} MB. Remove a file and try again"
)
_MARKER = secrets.token_bytes(32)
_PATH = re.compile(r"/_stcore/upload_file/([^/]+)/[^/]+$")
MOST_FILES = 200
"""Files of a session; a page has a few. Beyond it not even a marker is stored."""
_HEAD = 16_384  # bytes that must contain the file's name
_FILE = 1_000  # bytes of memory for a file, in addition to its content
_SEEN = "uploads seen"
T = TypeVar("T")


def content(file: UploadedFile, limit: Limit = UPLOAD_BYTES) -> bytes:
    """Return the bytes of an uploaded file. Only browsers obey the limit of the widget itself.

    Raises:
        ValueError: if there was no room for it, it is empty, or its size is outside ``limit``.
    """
    data = file.getvalue()
    if data == _MARKER:
        raise ValueError(FULL)
    if not data and limit.low > 0:
        raise ValueError("The file is empty. Choose a file with content")
    limit.check(len(data))
    return data


def forget_gone() -> None:
    """Delete the files of this session that are no longer on the page.

    Call this at the end of a full run of a page. All file uploaders need a key.
    """
    context = get_script_run_ctx()
    if context is None or not isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        return
    held = getattr(context.uploaded_file_mgr, "file_storage", None)
    if isinstance(held, Mapping) and not held.get(context.session_id):  # most sessions
        st.session_state[_SEEN] = set()
        return
    present = {one.file_id for one in st.session_state.values() if isinstance(one, UploadedFile)}
    for gone in st.session_state.get(_SEEN, set()) - present:
        context.uploaded_file_mgr.remove_file(context.session_id, gone)
    st.session_state[_SEEN] = present


class BoundUploads:
    """Middleware that accepts a file if there is room for it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._coming: Counter[str] = Counter()  # bytes being uploaded, by session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward a request, or only the file's name if there is no room."""
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
            self._coming += Counter()  # drops sessions without uploads

    def _files(self, session: str) -> int:
        return len(_storage().get(session, ()))

    def _room(self, session: str, size: int) -> bool:
        stored = {
            name: sum(_FILE + len(file.data) for file in [*files.values()])
            for name, files in [*_storage().items()]
        }
        own = stored.get(session, 0) + self._coming[session] + _FILE + size
        total = sum(stored.values()) + self._coming.total() + _FILE + size
        return own <= UPLOADS_EACH.high and total <= UPLOADS_IN_ALL.high


def _storage() -> Mapping[str, Mapping[str, "UploadedFileRec"]]:
    """Return the stored files by session; empty if Streamlit doesn't say which they are."""
    manager = getattr(Runtime.instance(), "uploaded_file_mgr", None)
    stored = getattr(manager, "file_storage", None)
    if isinstance(stored, Mapping):
        return stored
    _warn_uncounted()
    return {}


@cache
def _warn_uncounted() -> None:
    """Say once in the log that limits count only the files that are being uploaded."""
    logging.getLogger(__name__).warning(
        "stored files can't be counted with Streamlit %s, so their limits don't hold: install the"
        " version of Streamlit that gatesviz was tested with",
        st.__version__,
    )


def _announced(scope: Scope) -> int:
    """Return the announced length of the body, or the largest allowed one."""
    headers: Sequence[tuple[bytes, bytes]] = scope["headers"]
    length = dict(headers).get(b"content-length", b"")
    return int(length) if length.isdigit() else RUN_BYTES.high


def _emptied(receive: Receive) -> Receive:
    """Return a body with the headers of the first part and the marker as its content."""
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
        body = start + b"\r\n\r\n" + _MARKER + b"\r\n" + boundary + b"--\r\n"
        return {"type": "http.request", "body": body, "more_body": False}

    return short


def outcome_of(read: Callable[..., T], *given: Any, **options: Any) -> T:
    """Return ``read(*given, **options)``, cached for equal arguments. A ValueError is cached, too.

    Raises:
        ValueError: where ``read`` does.
    """
    found, refusal = _outcome(f"{read.__module__}.{read.__qualname__}", given, options, read)
    if refusal:
        raise ValueError(refusal)
    value: T = found
    return value


@st.cache_data(max_entries=16, ttl=3600, show_spinner="Reading…")
def _outcome(
    name: str, given: tuple[Any, ...], options: dict[str, Any], _read: Callable[..., Any]
) -> tuple[Any, str]:
    try:
        return _read(*given, **options), ""
    except ValueError as error:
        return None, str(error) or "it cannot be read"
