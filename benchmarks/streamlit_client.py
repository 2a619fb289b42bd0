"""A client of a Streamlit app that behaves as a browser does, but draws nothing.

It gets the page first, and with it the cookie that tells people apart. It stores large messages and
names them in each request, so that the server doesn't send them again. It keeps the timers of
fragments, and its address follows its widgets.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlencode

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

PATIENCE = 20.0  # seconds; a click that takes longer counts as that long
LONGEST = 120.0  # seconds after which a person leaves a page that is still not there
FULL, PART = 0, 3  # how a run of the page ended, in Streamlit's protocol
WIDGETS = {
    "button": "trigger_value",
    "checkbox": "bool_value",
    "number_input": "double_value",
    "slider": "double_array_value",
    "button_group": "string_array_value",
}
"""Kind of widget -> the field of its value."""


@dataclass
class Stored:
    """A message that the client stores."""

    message: Any
    used: int  # in which run


@dataclass
class Client:
    """One tab.

    Attributes:
        port: of the app, on this machine.
        page: the page's name in the address, such as "train"; "" is the first one.
        link: the parameters of its address.
        cookie: as the server set it. Tabs with the same one belong to one person.
        saw: is called with each element that arrives.
        runs: finished runs of the page or a fragment.
        received: bytes.
        asked: runs that it asked for, timers included.
    """

    port: int
    page: str = ""
    link: dict[str, str] = field(default_factory=dict)
    cookie: str = ""
    saw: Callable[[Any], None] = lambda element: None
    runs: int = 0
    received: int = 0
    asked: int = 0
    intervals: set[float] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._hash = ""
        self._widgets: dict[str, tuple[str, Any, str]] = {}  # label -> kind, widget, fragment
        self._cache: dict[str, Stored] = {}
        self._oldest = 0  # runs of the page for which a message is kept that isn't used
        self._timers: dict[str, asyncio.Task[None]] = {}
        self._waiting: tuple[str, asyncio.Event] | None = None
        self._began = False  # the run of the whole page that was asked for
        self._pages: dict[str, set[str]] = {}  # hash -> names in the address

    async def open(self) -> float:
        """Open the page. Return the seconds until it is drawn."""
        begin = time.perf_counter()
        if not self.cookie:
            async with asyncio.timeout(LONGEST):
                self.cookie = await self._fetch_cookie()
        self._socket = await websockets.connect(
            f"ws://127.0.0.1:{self.port}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            additional_headers={"cookie": self.cookie},
            max_size=None,
            proxy=None,
            open_timeout=LONGEST,
            ping_interval=None,  # browsers send none
        )
        self._listening = asyncio.create_task(self._listen())
        await self.rerun()
        return time.perf_counter() - begin

    async def _fetch_cookie(self) -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        lines = ("GET / HTTP/1.1", f"Host: 127.0.0.1:{self.port}", "Accept: text/html")
        writer.write("\r\n".join((*lines, "Connection: close", "", "")).encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        writer.close()
        fields = (line.partition(": ") for line in head[1:])
        cookies = SimpleCookie(
            ", ".join(v for name, _, v in fields if name.lower() == "set-cookie")
        )
        return "; ".join(f"{name}={cookie.value}" for name, cookie in cookies.items())

    async def close(self) -> None:
        """Close the page."""
        self._stop_timers()
        self._listening.cancel()
        with suppress(OSError, websockets.WebSocketException):
            await self._socket.close()

    async def go(self, page: str, link: dict[str, str]) -> float:
        """Go to another page. Return the seconds until it is drawn."""
        self.page, self.link, self._hash = page, link, ""
        self._widgets.clear()
        return await self.rerun()

    async def click(self, label: str, value: Any = True) -> float:
        """Set a widget. Return the seconds until the run that follows is finished."""
        kind, widget, fragment = self._widgets[label]
        if key := getattr(widget, "query_param_key", ""):
            self.link[key] = str(value).lower() if kind == "checkbox" else str(value)
        message = self._message(fragment)
        state = message.rerun_script.widget_states.widgets.add()
        state.id, name = widget.id, WIDGETS[kind]
        if kind in ("slider", "button_group"):
            getattr(state, name).data.append(value)
        elif kind == "number_input" and widget.data_type == widget.INT:
            state.int_value = value
        else:
            setattr(state, name, value)
        return await self._send(message, fragment)

    async def rerun(self) -> float:
        """Draw the page again. Return the seconds that it took."""
        return await self._send(self._message(""), "")

    async def drawn(self) -> None:
        """Wait for the end of the last run that was asked for.

        Raises:
            TimeoutError: if it takes longer than `LONGEST`.
        """
        if self._waiting:
            async with asyncio.timeout(LONGEST):
                await self._waiting[1].wait()

    def has(self, label: str) -> bool:
        """Return whether the page has this widget, and it can be used."""
        return label in self._widgets and not self._widgets[label][1].disabled

    def options(self, label: str) -> list[str]:
        """Return the options of segmented buttons."""
        return [option.content for option in self._widgets[label][1].options]

    def labels(self, kind: str) -> list[str]:
        """Return the labels of all widgets of this kind."""
        return [label for label, widget in self._widgets.items() if widget[0] == kind]

    async def _send(self, message: BackMsg, fragment: str) -> float:
        if not fragment:
            self._stop_timers()
        finished = asyncio.Event()
        self._waiting, self._began = (fragment, finished), False
        begin = time.perf_counter()
        self.asked += 1
        await self._socket.send(message.SerializeToString())
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):  # wait_for can swallow a cancellation
                await finished.wait()
        return time.perf_counter() - begin

    def _message(self, fragment: str) -> BackMsg:
        message = BackMsg()
        state = message.rerun_script
        state.query_string = urlencode(self.link)
        state.cached_message_hashes.extend(self._cache)
        state.fragment_id = fragment
        if self._hash:
            state.page_script_hash = self._hash
        else:
            state.page_name = self.page
        return message

    async def _listen(self) -> None:
        with suppress(websockets.ConnectionClosed):
            async for data in self._socket:
                self.received += len(data)
                self._take(ForwardMsg.FromString(data))  # type: ignore[arg-type]

    def _take(self, message: Any) -> None:
        message = self._resolved(message)
        kind = message.WhichOneof("type")
        if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            if self._hash:  # or it is of the page before
                self._see(message.delta)
        elif kind == "new_session":
            self._oldest = message.new_session.config.max_cached_message_age
            if not message.metadata.run.fragment_ids:
                self._began = True
                self._stop_timers()
        elif kind == "navigation":
            self._navigate(message.navigation)
        elif kind == "page_info_changed":
            query = parse_qs(message.page_info_changed.query_string.lstrip("?"))
            self.link = {name: values[-1] for name, values in query.items()}
        elif kind == "auto_rerun":
            self._start_timer(message.auto_rerun.interval, message.auto_rerun.fragment_id)
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                self._stop_timer(fragment)
        elif kind == "script_finished" and message.script_finished in (FULL, PART):
            self._finish(set(message.metadata.run.fragment_ids))

    def _navigate(self, navigation: Any) -> None:
        """Note which page is drawn. A run of the page before may end after `go`."""
        for page in navigation.app_pages:
            names = {page.url_pathname} | ({""} if page.is_default else set())
            self._pages[page.page_script_hash] = names
        if self.page in self._pages.get(navigation.page_script_hash, ()):
            self._hash = navigation.page_script_hash

    def _finish(self, fragments: set[str]) -> None:
        """Note that a run ended, of these fragments or of the whole page."""
        self.runs += 1
        for name, stored in list(self._cache.items()):
            drawn = not fragments or stored.message.delta.fragment_id in fragments
            if drawn and self.runs - stored.used > self._oldest:
                del self._cache[name]
        # A run of the whole page that began and went on with fragments has drawn only these.
        ends = not fragments or self._began or (self._waiting and self._waiting[0] in fragments)
        if self._waiting and self._hash and ends:
            self._waiting[1].set()

    def _resolved(self, message: Any) -> Any:
        """Return the stored message that this one refers to, or this one, which may be stored."""
        if message.WhichOneof("type") == "ref_hash":
            stored = self._cache[message.ref_hash]
            stored.used = self.runs
            return stored.message
        if message.metadata.cacheable and message.hash not in self._cache:
            self._cache[message.hash] = Stored(message, self.runs)
        return message

    def _see(self, delta: Any) -> None:
        element = delta.new_element
        kind = element.WhichOneof("type")
        if kind in WIDGETS:
            widget = getattr(element, kind)
            self._widgets[widget.label] = kind, widget, delta.fragment_id
        self.saw(element)

    def _start_timer(self, interval: float, fragment: str) -> None:
        self._stop_timer(fragment)
        self.intervals.add(interval)
        self._timers[fragment] = asyncio.create_task(self._tick(interval, fragment))

    async def _tick(self, interval: float, fragment: str) -> None:
        while True:
            await asyncio.sleep(interval)
            message = self._message(fragment)
            message.rerun_script.is_auto_rerun = True
            self.asked += 1
            await self._socket.send(message.SerializeToString())

    def _stop_timer(self, fragment: str) -> None:
        if fragment in self._timers:
            self._timers.pop(fragment).cancel()

    def _stop_timers(self) -> None:
        for fragment in list(self._timers):
            self._stop_timer(fragment)
