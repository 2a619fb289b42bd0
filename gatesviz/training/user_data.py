"""Your own data as plain values, so that a spec with it can be compared, sent and saved."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gatesviz.limits import TITLE_CHARACTERS
from gatesviz.tasks import Task, series_task, text_task
from gatesviz.tasks.forecasts import training_scale


@dataclass(frozen=True)
class OwnData:
    """What stands in `TrainingSpec.task` instead of a key. Made by `own_series` and `own_text`.

    Attributes:
        content: a text to continue; or the bytes of float64 numbers (N, 1 + K), row by row: the
            column to forecast, then K further columns to read.
        title: the name of the column to forecast; "" for a text.
        input_names: the names of the K further columns.
    """

    content: str | bytes = field(repr=False)
    title: str = ""
    input_names: tuple[str, ...] = ()

    def __repr__(self) -> str:
        if isinstance(self.content, str):
            return f"OwnData(a text of {len(self.content):,} characters)"
        also = f", also reads {', '.join(map(repr, self.input_names))}" if self.input_names else ""
        rows = len(self.content) // (8 * (1 + len(self.input_names)))
        return f"OwnData({self.title!r}, {rows:,} rows{also})"

    @property
    def task(self) -> Task:
        """The task to learn it."""
        return _task(self)

    @property
    def values(self) -> NDArray[np.float64]:
        """The numbers: (N,), or (N, 1 + K) where further columns are read. Read-only.

        Raises:
            TypeError: if it is a text.
        """
        if isinstance(self.content, str):
            raise TypeError("this data is a text, which has no values")
        return _shaped(self.content, self.input_names)

    def standardised(self, values: ArrayLike) -> NDArray[np.float32]:
        """Return rows (T, 1 + K) of the same columns as a model that learnt this data reads them.

        Each column is scaled by the mean and the standard deviation of its training rows. A number
        that float32 cannot hold becomes infinite.

        Raises:
            TypeError: if this data is a text.
            ValueError: if the rows have another number of columns.
        """
        rows, width = np.asarray(values, np.float64), 1 + len(self.input_names)
        if rows.ndim != 2 or rows.shape[1] != width:
            raise ValueError(f"values: expected shape (T, {width}), got {rows.shape}")
        mean, deviation = training_scale(self.values.reshape(-1, width))
        with np.errstate(over="ignore"):  # it becomes infinite: see the docstring
            return ((rows - mean) / deviation).astype(np.float32)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what is learnt, in hexadecimal: the kind and the content, without names."""
        kind, content = "series", self.content
        if isinstance(content, str):
            kind, content = "text", content.encode()
        elif self.input_names:
            kind = f"series of {1 + len(self.input_names)}"
        return hashlib.sha256(kind.encode() + b"\0" + content).hexdigest()

    def first_rows(self, rows: int) -> "OwnData":
        """Return the first ``rows`` rows of the same columns.

        Raises:
            ValueError: as `own_series`.
            TypeError: if it is a text.
        """
        return own_series(self.values[:rows], self.title, self.input_names)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it; `own_data_from_dict` is the way back."""
        if isinstance(self.content, str):
            return {"text": self.content}
        written = {"series": base64.b64encode(self.content).decode(), "title": self.title}
        return written | ({"input_names": list(self.input_names)} if self.input_names else {})


def own_series(values: ArrayLike, title: str, input_names: Sequence[str] = ()) -> OwnData:
    """Return numbers (N,) to forecast; or (N, 1 + K) where K further columns are read, too.

    Args:
        values: with ``input_names``, the column to forecast comes first.
        title: the name of the column to forecast.
        input_names: the names of the K further columns. Of a long name the first
            `TITLE_CHARACTERS` characters are kept, of a title as well.

    Raises:
        TypeError, ValueError: where `gatesviz.tasks.series_task` refuses them.
    """
    title, *names = (
        name[: TITLE_CHARACTERS.high] if isinstance(name, str) else name
        for name in (title, *input_names)
    )
    series_task(values, title, names)  # refuses what cannot be learnt, in its own words
    return OwnData(np.asarray(values, np.float64).tobytes(), title, tuple(names))


def own_text(text: str) -> OwnData:
    """Return a text to continue, character by character.

    Raises:
        ValueError: where `gatesviz.tasks.text_task` refuses it.
    """
    text_task(text)
    return OwnData(text)


def own_data_from_dict(plain: Mapping[str, Any]) -> OwnData:
    """Return what `OwnData.to_dict` wrote down.

    Raises:
        KeyError, TypeError, ValueError: if it is something else.
    """
    if "text" in plain:
        return own_text(plain["text"])
    names = plain.get("input_names", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"input_names: expected a list of texts, got {str(names)[:80]}")
    content = base64.b64decode(plain["series"], validate=True)
    if len(content) % (8 * (1 + len(names))):
        raise ValueError(
            f"series: {len(content):,} bytes are not whole rows of {1 + len(names)} float64 numbers"
        )
    return own_series(_shaped(content, tuple(names)), plain["title"], names)


def _shaped(content: bytes, input_names: tuple[str, ...]) -> NDArray[np.float64]:
    numbers = np.frombuffer(content, np.float64)
    return numbers.reshape(-1, 1 + len(input_names)) if input_names else numbers


@lru_cache(maxsize=8)
def _task(data: OwnData) -> Task:
    if isinstance(data.content, str):
        return text_task(data.content)
    return series_task(data.values, data.title, data.input_names)
