"""Data of one's own, as plain values, so that a spec with it compares, travels and is saved."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gatesviz.tasks import Task, series_task, text_task


@dataclass(frozen=True)
class OwnData:
    """What stands in `TrainingSpec.task` instead of a key. Made by `own_series` and `own_text`.

    Attributes:
        content: a text to continue, or the bytes of float64 numbers to forecast.
        title: what the numbers are; "" for a text.
    """

    content: str | bytes
    title: str = ""

    @property
    def task(self) -> Task:
        """The task to learn it."""
        return _task(self)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what is learnt, in hexadecimal: the kind and the content, not the title."""
        kind, content = "series", self.content
        if isinstance(content, str):
            kind, content = "text", content.encode()
        return hashlib.sha256(kind.encode() + b"\0" + content).hexdigest()

    def plain(self) -> dict[str, str]:
        """Return it as JSON can hold it; `read` is the way back."""
        if isinstance(self.content, str):
            return {"text": self.content}
        return {"series": base64.b64encode(self.content).decode(), "title": self.title}


def own_series(values: ArrayLike, title: str) -> OwnData:
    """Return numbers (N,) to forecast.

    Raises:
        TypeError, ValueError: where `gatesviz.tasks.series_task` refuses them.
    """
    series_task(values, title)  # refuses, in its own words, what is no column of numbers
    return OwnData(np.asarray(values, np.float64).tobytes(), title)


def own_text(text: str) -> OwnData:
    """Return a text to continue, character by character.

    Raises:
        ValueError: where `gatesviz.tasks.text_task` refuses it.
    """
    text_task(text)
    return OwnData(text)


def read(plain: Mapping[str, Any]) -> OwnData:
    """Return what `OwnData.plain` wrote down.

    Raises:
        KeyError, TypeError, ValueError: if it is something else.
    """
    if "text" in plain:
        return own_text(plain["text"])
    numbers = np.frombuffer(base64.b64decode(plain["series"], validate=True), np.float64)
    return own_series(numbers, plain["title"])


@lru_cache(maxsize=8)
def _task(data: OwnData) -> Task:
    if isinstance(data.content, str):
        return text_task(data.content)
    return series_task(np.frombuffer(data.content, np.float64), data.title)
