"""Middleware that reads a flood of clicks slowly, so that others don't wait for it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gatesviz.ui.persons import person_of

RATE = 25.0
"""Messages a second of one person. Twenty tabs that train send fewer with all their timers."""
BURST = 75.0  # messages that may come at once after a pause


@dataclass
class Allowance:
    """How many messages a person may send now.

    Attributes:
        left: messages; below 0, as many have to wait.
        at: when that was so.
        connections: open tabs.
    """

    left: float
    at: float
    connections: int = 0


class Pace:
    """Middleware that takes the messages of one person, in all their tabs, at a bounded rate.

    Nothing is lost: the rest waits in the network until its time comes.
    """

    def __init__(
        self,
        app: ASGIApp,
        rate: float = RATE,
        burst: float = BURST,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._app, self._rate, self._burst = app, rate, burst
        self._clock, self._sleep = clock, sleep
        self._people: dict[str, Allowance] = {}
        self._numbers = count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward a request, and the messages of a WebSocket at the person's rate."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        person = person_of(scope) or f"connection {next(self._numbers)}"
        allowance = self._people.setdefault(person, Allowance(self._burst, self._clock()))
        allowance.connections += 1

        async def paced() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive":
                await self._wait(allowance)
            return message

        try:
            await self._app(scope, paced, send)
        finally:
            allowance.connections -= 1
            self._forget()

    async def _wait(self, allowance: Allowance) -> None:
        allowance.left, allowance.at = self._left(allowance) - 1, self._clock()
        if allowance.left < 0:
            await self._sleep(-allowance.left / self._rate)

    def _left(self, allowance: Allowance) -> float:
        earned = (self._clock() - allowance.at) * self._rate
        return min(self._burst, allowance.left + earned)

    def _forget(self) -> None:
        """Forget the people who have gone, and could come again with a whole burst."""
        for person, allowance in list(self._people.items()):
            if not allowance.connections and self._left(allowance) >= self._burst:
                del self._people[person]
