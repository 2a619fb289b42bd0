"""Middleware before Streamlit's server: checks the host name, hides the server's paths and refuses
to clear its caches.

A foreign web page can point a domain name at this machine (DNS rebinding) and would then talk to
the app as to its own server. The browser sends that name in ``Host``, so only known names are
answered. Numeric addresses cannot be redirected and are always known.
"""

import ipaddress
import os
import re
import socket
from functools import cache
from urllib.parse import parse_qs, urlencode, urlsplit

import streamlit as st
from google.protobuf.message import DecodeError
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from gatesviz.limits import LINK_PARAMETERS
from gatesviz.ui.failures import UNEXPECTED
from gatesviz.ui.folders import UI
from gatesviz.ui.links import IGNORED, reworded

HOSTS = "GATESVIZ_HOSTS"
"""Environment variable with more names, between commas: "*" is any name, "*.a.org" a domain."""
_CLOSED = re.compile(r"/_stcore/metrics/?$")  # memory and sessions of all users
_HEALTH = re.compile(r"/_stcore/health/?$")  # load balancers ask it by other names
_SMALL = 4_096  # bytes: shorter messages are always checked


class Guard:
    """Middleware that answers only to known names and does not reveal the server's paths."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward a request, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
        elif not _HEALTH.search(scope["path"]) and not is_known(host := _host(scope)):
            await _refuse(
                f"This server doesn't answer to the name {host[:80]!r}. Start it with the name in"
                f" the environment variable {HOSTS}, or open it by its address.",
                421, scope, receive, send,
            )  # fmt: skip
        elif scope["type"] == "http" and _CLOSED.search(scope["path"]):
            await PlainTextResponse("not found", 404)(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._app(scope, _withholding(receive), _scrubbing(send))
        elif (count := _parameters(scope)) > LINK_PARAMETERS.high and scope["method"] == "GET":
            # Streamlit would drop them silently; a relative address cannot lead to another site
            await RedirectResponse(f"?{IGNORED}={count}")(scope, receive, send)
        elif scope["method"] == "GET" and (query := _reworded(scope["query_string"])):
            # Streamlit would take an option's earlier wording out of the address
            await RedirectResponse(f"?{query}")(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _parameters(scope: Scope) -> int:
    query: bytes = scope["query_string"]
    return query.count(b"&") + 1 if query else 0


def _reworded(query: bytes) -> str:
    """Return ``query`` with the present wording of options, or "" if nothing changes."""
    from gatesviz.ui.page_settings import EVERY_SETTING

    given = parse_qs(query.decode("latin-1"), keep_blank_values=True)
    changed = reworded(given, EVERY_SETTING)
    return urlencode({**given, **changed}, doseq=True) if changed else ""


def is_known(host: str) -> bool:
    """Return whether ``host``, from a request's header, is a name of this server."""
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return False
    if not name or re.search(r"[^\w.:%\[\]-]", host):
        return False
    return _is_address(name) or any(_fits(name, known) for known in (*_own_names(), *_configured()))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _fits(name: str, known: str) -> bool:
    return known == "*" or name == known or (known.startswith("*.") and name.endswith(known[1:]))


@cache
def _own_names() -> tuple[str, ...]:
    """Return this machine's own names in the local network."""
    machine = socket.gethostname().lower().rstrip(".")
    own = (machine, f"{machine.partition('.')[0]}.local") if machine else ()
    return ("localhost", "*.localhost", *own)


def _configured() -> tuple[str, ...]:
    """Return the names from the environment and from Streamlit's options."""
    named = os.environ.get(HOSTS, "").split(",")
    streamlits = [*st.get_option("server.allowedHosts"), st.get_option("browser.serverAddress")]
    return tuple(name.strip().lower().rstrip(".") for name in (*named, *streamlits) if name)


def _host(scope: Scope) -> str:
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    return hosts[0].decode("latin-1") if len(hosts) == 1 else ""


async def _refuse(sentence: str, status: int, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await PlainTextResponse(sentence, status)(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": 1008})  # before it is accepted: 403


def _withholding(receive: Receive) -> Receive:
    """Return ``receive`` without the messages that would clear the caches of all sessions."""

    async def withheld() -> Message:
        while _clears_caches(message := await receive()):
            pass
        return message

    return withheld


def _clears_caches(message: Message) -> bool:
    try:
        parsed = BackMsg.FromString(message.get("bytes") or b"")
    except DecodeError:
        return False  # Streamlit refuses it
    return bool(parsed.WhichOneof("type") == "clear_cache")


def _scrubbing(send: Send) -> Send:
    """Return ``send`` without the paths that Streamlit sends to every browser."""
    folder = str(UI.parents[1]).encode()

    async def scrubbed(message: Message) -> None:
        data = message.get("bytes")
        if data and (len(data) <= _SMALL or folder in data):
            message = {**message, "bytes": _scrub(data)}
        await send(message)

    return scrubbed


def _scrub(data: bytes) -> bytes:
    parsed = ForwardMsg()
    parsed.ParseFromString(data)
    kind = parsed.WhichOneof("type")
    if kind == "new_session":
        parsed.new_session.main_script_path = "main.py"
    elif kind == "backend_operation_response" and parsed.backend_operation_response.error_msg:
        parsed.backend_operation_response.error_msg = UNEXPECTED  # of a download
    elif kind == "git_info_changed":
        parsed.git_info_changed.Clear()
    else:
        return data
    scrubbed: bytes = parsed.SerializeToString()
    return scrubbed
