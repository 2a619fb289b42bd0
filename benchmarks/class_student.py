"""A student of the class benchmark: one person with one tab, who clicks and waits."""

import asyncio
import json
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from benchmarks.streamlit_client import PATIENCE, Client

PAUSE = 4.0  # seconds between two clicks of one student
FEED, GRADIENTS = {"weights": "fresh"}, {"grw": "fresh"}
SEED, LOG, START, AT = "Seed", "Logarithmic loss axis", "Start", "After update"
PICTURES = ("bidi_component", "plotly_chart")


@dataclass
class Student:
    """One person with one tab, and what they waited for, in seconds."""

    client: Client
    made: int = 0  # updates of the run on screen
    slices: int = 0  # how often they had grown
    first_picture: float = 0.0
    clicks: list[float] = field(default_factory=list)
    left: bool = False  # before the end of the lesson, because a page did not come

    def __post_init__(self) -> None:
        self.client.saw = self._see
        self._trained = asyncio.Event()
        self._begin = 0.0

    async def come(self) -> None:
        """Open the page."""
        self._begin = time.perf_counter()
        await self.client.open()
        await self.client.drawn()

    async def go(self, page: str, link: dict[str, str]) -> None:
        """Go to another page."""
        self.clicks.append(await self.client.go(page, link))
        await self.client.drawn()

    async def start(self) -> float:
        """Press Start and return the seconds until the page shows a first update of the run."""
        begin = time.perf_counter()
        await self.client.click(START)
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self._trained.wait()
        return time.perf_counter() - begin

    async def click(self, label: str, value: Any) -> None:
        """Set a widget."""
        self.clicks.append(await self.client.click(label, value))
        await self.client.drawn()  # a person waits, however long a click is counted

    async def click_now_and_then(self, seed: bool, pause: float = PAUSE) -> None:
        """Choose another seed, or switch the scale of the chart, until cancelled."""
        await asyncio.sleep(random.uniform(0, pause))
        number = random.randrange(9_000)
        while True:
            number += 1
            await self.click(*((SEED, number) if seed else (LOG, number % 2 == 0)))
            await asyncio.sleep(pause)

    async def guess_now_and_then(self) -> None:
        """Choose another answer of the page's question, which changes no picture, for ever."""
        await asyncio.sleep(random.uniform(0, PAUSE))
        [asked, *_] = [label for label in self.client.labels("button_group") if "?" in label]
        options = self.client.options(asked)
        number = random.randrange(len(options))
        while True:
            number += 1
            await self.click(asked, options[number % len(options)])
            await asyncio.sleep(PAUSE)

    async def take_lesson(self, arrival: float, pause: float) -> None:
        """Take the lesson, or leave if a page doesn't come."""
        await asyncio.sleep(random.uniform(0, arrival))
        try:
            await self._take_lesson(pause)
        except TimeoutError:
            self.left = True

    async def _take_lesson(self, pause: float) -> None:
        """Guess, train, move the slider, and look at the next page."""
        await self.come()
        await self._guess(pause)
        await self.go("train", train_link(random.randrange(9_000)))
        await self._guess(pause)
        await self.start()
        await asyncio.sleep(pause)
        if self.client.has("Pause"):
            await self.click("Pause", True)
        for share in (0.25, 0.5, 0.75):
            await asyncio.sleep(random.uniform(0, pause))
            if self.client.has(AT):
                await self.click(AT, int(share * self.made))
        await self.go("gradients", dict(GRADIENTS))
        await self._guess(pause)

    async def _guess(self, pause: float) -> None:
        await asyncio.sleep(random.uniform(0, pause))
        asked = [label for label in self.client.labels("button_group") if "?" in label]
        if asked:
            await self.click(asked[0], random.choice(self.client.options(asked[0])))

    def _see(self, element: Any) -> None:
        kind = element.WhichOneof("type")
        if kind in PICTURES and not self.first_picture:
            named = kind == "bidi_component" and element.bidi_component.component_name
            if named is False or not named.endswith("parts"):
                self.first_picture = time.perf_counter() - self._begin
        if kind == "bidi_component" and element.bidi_component.component_name.endswith("curves"):
            data = json.loads(element.bidi_component.json)
            if "charts" in data:
                self.slices += data["charts"][0]["made"] > self.made
                self.made = data["charts"][0]["made"]
                if self.made:
                    self._trained.set()


def train_link(seed: int) -> dict[str, str]:
    return {"trcells": "LSTM", "trseed": str(seed), "trend": "10000"}
