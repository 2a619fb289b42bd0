"""Live boards and pace: a WebSocket for each page, and one reader of the database for each room.

A page would have to run its script again for every answer of a class. Here the server sends the
board itself, at most ten times a second and only when something changed.
"""

import asyncio
import json
import logging
import time
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf
from typing import Literal, get_args
from urllib.parse import urlsplit

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from gatesviz.limits import ROOM_ADDRESS, ROOM_SOCKETS
from gatesviz.rooms import Member, UnavailableError, may_have_rooms
from gatesviz.rooms.pace import HERE, pace_from
from gatesviz.ui.classroom.board import board_text
from gatesviz.ui.classroom.membership import stored_rooms
from gatesviz.ui.classroom.pace import is_page, pace_texts
from gatesviz.ui.code_file import base_path
from gatesviz.ui.persons import person_of

PAUSE = 0.1
"""The fewest seconds between two messages."""
LOOK = 1.0
"""Seconds between two looks at the version, for changes that another server made."""
SHARE = 4
"""The pause after reading a board, compared with the reading: it takes a fifth of a core.

The first reading of an interval loads SciPy, so the pause is at most `LOOK`."""
BYTES = 4_000_000
"""The most bytes a second to all boards of a room."""
PATIENCE = 5.0
"""Seconds after which a board that takes no message is closed."""
NOTE = HERE / 3
"""Seconds between two notes of who is here, and between two counts of them."""
PURGE = 600.0
"""Seconds between two looks for rooms whose time is over."""
REFUSED, GONE, CROWDED = 4403, 4404, 4429
"""Why the server closes a connection: not in the room, the room has ended, too many boards."""


Topic = Literal["board", "pace", "lead"]
"""The board, the pace for a student's page, or the pace for the teacher's page."""


@dataclass(eq=False)
class Watcher:
    """One open board, or one page that follows the pace. It misses texts that were replaced.

    Attributes:
        person: whose page it is.
        topic: what it gets.
        out: whether this person has left the room.
        news: set when there is something to send, or to close.
    """

    person: str
    topic: Topic
    out: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(eq=False)
class Channel:
    """A room with open boards and pages.

    Attributes:
        changed: set when the room has changed.
        watchers: the open boards and pages.
        texts: what each of them gets, as JSON.
        ended: whether the room has ended.
        task: reads the room while there are watchers.
        noted: the people whose open pages the database knows.
        noted_at: when it learned of all of them, by the monotonic clock.
    """

    changed: asyncio.Event = field(default_factory=asyncio.Event)
    watchers: list[Watcher] = field(default_factory=list)
    texts: dict[Topic, str] = field(default_factory=dict)
    ended: bool = False
    task: asyncio.Task[None] | None = None
    noted: set[str] = field(default_factory=set)
    noted_at: float = -inf

    def publish(self, topic: Topic, text: str) -> None:
        """Send ``text`` to the watchers of ``topic``, if it is new."""
        if self.texts.get(topic) != text:
            self.texts[topic] = text
            self.wake(topic)

    def end(self) -> None:
        """Close all boards and pages: the room has ended."""
        self.ended = True
        self.wake(*get_args(Topic))

    def wake(self, *topics: Topic) -> None:
        """Let the watchers of some topics look for news."""
        for watcher in self.watchers:
            if watcher.topic in topics:
                watcher.news.set()


class Live:
    """All open boards and pages of this server."""

    def __init__(self) -> None:
        self._channels: dict[str, Channel] = {}
        self._listens: object = None

    async def connect(self, socket: WebSocket) -> None:
        """Serve one board or page until it is closed."""
        if not same_origin(socket.headers.get("origin"), socket.headers.get("host")):
            await socket.close(1008)  # before it is accepted: the browser sees 403
            return
        code, cookie = socket.path_params["code"], person_of(socket.scope)
        await socket.accept()
        try:
            if not may_have_rooms():
                await socket.close(GONE)
                return
            member = await asyncio.to_thread(lambda: stored_rooms().member(code, cookie))
            if member is None:
                gone = await asyncio.to_thread(lambda: stored_rooms().version(code)) is None
                await socket.close(GONE if gone else REFUSED)
                return
        except UnavailableError:
            await socket.close(1013)
            return
        topic: Topic = "board"
        if socket.query_params.get("only") == "pace":
            topic = "lead" if member.teacher else "pace"
        channel = self._channel(code)
        if sum(one.person == member.person for one in channel.watchers) >= ROOM_SOCKETS.high:
            await socket.close(CROWDED)
            return
        await self._serve(socket, channel, Watcher(member.person, topic), member)

    async def _serve(
        self, socket: WebSocket, channel: Channel, watcher: Watcher, member: Member
    ) -> None:
        channel.watchers.append(watcher)
        watcher.news.set()
        channel.changed.set()
        sender = asyncio.create_task(_send(socket, channel, watcher))
        try:
            while True:
                message = await socket.receive()
                if message["type"] == "websocket.disconnect":
                    break
                if member.teacher and not await _lead(member, message.get("text")):
                    watcher.news.set()  # its page shows again what holds
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            channel.watchers.remove(watcher)
            sender.cancel()

    def _channel(self, code: str) -> Channel:
        """Return the channel of a room, with a running reader."""
        self._listen()
        channel = self._channels.setdefault(code, Channel())
        if channel.task is None or channel.task.done():
            channel.changed.set()
            channel.task = asyncio.create_task(self._read(code, channel))
        return channel

    def _listen(self) -> None:
        rooms = stored_rooms()
        if self._listens is rooms:
            return
        self._listens, loop = rooms, asyncio.get_running_loop()

        def heard(code: str) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._wake, code)

        rooms.listen(heard)

    def _wake(self, code: str) -> None:
        if channel := self._channels.get(code):
            channel.changed.set()

    async def _read(self, code: str, channel: Channel) -> None:
        """Read the room after each change, until no page is open or the room has ended."""
        version: int | None = -1
        failed = False
        while not channel.ended:
            channel.changed.clear()
            began = time.monotonic()
            topics = {one.topic for one in channel.watchers}
            try:
                if await _note_here(code, channel, began) and "lead" in topics:
                    version = -1  # count again
                latest = await asyncio.to_thread(lambda: stored_rooms().version(code))
                if latest != version or topics - channel.texts.keys():
                    version = latest
                    await _publish(code, channel, topics)
                    if not channel.ended:
                        await _close_left(code, channel)
                failed = False
            except UnavailableError:
                version = -1
            except Exception:  # the boards of a class go on
                if not failed:
                    logging.getLogger(__name__).exception("a room could not be read")
                version, failed = -1, True
            spent = time.monotonic() - began
            boards = sum(one.topic == "board" for one in channel.watchers)
            load = boards * len(channel.texts.get("board", "")) / BYTES
            await asyncio.sleep(max(PAUSE, min(SHARE * spent, LOOK), load))
            if not channel.watchers:
                break
            with suppress(TimeoutError):
                await asyncio.wait_for(channel.changed.wait(), LOOK)
        if self._channels.get(code) is channel:
            del self._channels[code]


async def _note_here(code: str, channel: Channel, now: float) -> bool:
    """Store whose pages are open: all of them every `NOTE` seconds, new ones at once.

    Returns whether it was time for that. If the database fails, the next time will do.
    """
    here = {one.person for one in channel.watchers}
    all_ = now - channel.noted_at >= NOTE
    news = here if all_ else here - channel.noted
    if not news:
        return False
    channel.noted = here
    if all_:
        channel.noted_at = now
    with suppress(UnavailableError):
        await asyncio.to_thread(lambda: stored_rooms().note_here(code, news))
    return True


async def _close_left(code: str, channel: Channel) -> None:
    """Close the pages of people who have left the room, in other tabs, too.

    Args:
        code: of the room.
        channel: of the room. It ends if the room has ended since it was read.
    """
    watchers = list(channel.watchers)  # a page that opens meanwhile may be newer than the answer
    here = await asyncio.to_thread(lambda: stored_rooms().persons(code))
    if not here:  # every room has a teacher
        channel.end()
        return
    for watcher in watchers:
        if watcher.person not in here:
            watcher.out = True
            watcher.news.set()


async def _publish(code: str, channel: Channel, topics: set[Topic]) -> None:
    """Read what the open boards and pages need, and send it if it is new."""
    texts = await asyncio.to_thread(_read, code, topics)
    if texts is None:
        channel.end()
        return
    for topic, text in texts.items():
        channel.publish(topic, text)
    for topic in channel.texts.keys() - topics:
        del channel.texts[topic]  # it would be old when it is needed again


def _read(code: str, topics: set[Topic]) -> dict[Topic, str] | None:
    """Return what each topic gets, or None if the room has ended. The pace is read once."""
    found: dict[Topic, str | None] = {}
    if "board" in topics:
        found["board"] = board_text(code)
    if topics & {"pace", "lead"}:
        found["pace"], found["lead"] = pace_texts(code) or (None, None)
    texts = {topic: text for topic, text in found.items() if text is not None}
    return {topic: texts[topic] for topic in topics} if len(texts) == len(found) else None


async def _send(socket: WebSocket, channel: Channel, watcher: Watcher) -> None:
    """Send each new text of the channel. Close the connection when the room or a stay has ended."""
    while True:
        await watcher.news.wait()
        watcher.news.clear()
        text = channel.texts.get(watcher.topic)
        try:
            if channel.ended:
                await socket.close(GONE)
                return
            if watcher.out:
                await socket.close(REFUSED)
                return
            if text:
                await asyncio.wait_for(socket.send_text(text), PATIENCE)
        except TimeoutError:
            await socket.close(1013)
            return
        except (WebSocketDisconnect, RuntimeError):
            return


async def _lead(teacher: Member, text: str | None) -> bool:
    """Change the pace as a teacher's page says. Return whether that was done."""
    with suppress(ValueError, RecursionError, UnavailableError):
        changes = json.loads((text or "")[: 4 * ROOM_ADDRESS.high])
        if is_page(pace_from(changes).address):  # it raises an error if one of them is wrong
            await asyncio.to_thread(lambda: stored_rooms().change_pace(teacher, **changes))
            return True
    return False


async def purge_rooms() -> None:
    """Delete rooms whose time is over, now and again and again."""
    while True:
        if may_have_rooms():
            with suppress(UnavailableError):
                await asyncio.to_thread(lambda: stored_rooms().purge())
        await asyncio.sleep(PURGE)


def same_origin(origin: str | None, host: str | None) -> bool:
    """Return whether a page of this server asks: ``Origin`` and ``Host`` name the same place."""
    if not origin or not host:
        return False
    try:
        return urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False


def address(code: str, topic: Topic = "board") -> str:
    """Return the path at which a page listens. The browser's cookie lets it in."""
    return f"{base_path()}/rooms/{code}" + ("?only=pace" if topic == "pace" else "")


LIVE = Live()
routes = [WebSocketRoute("/rooms/{code}", LIVE.connect)]
"""The routes of open boards."""
