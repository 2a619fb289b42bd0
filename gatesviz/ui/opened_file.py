"""The files with which ``gatesviz open`` started this server.

Their paths come from the environment of the server's process, which no link can change.
"""

import functools
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

VARIABLE = "GATESVIZ_OPEN"


@dataclass(frozen=True)
class OpenedFile:
    """What ``gatesviz open`` was given.

    Attributes:
        model: path of the model file.
        source: the input that the page begins with, one of `gatesviz.ui.feed.parameters.SOURCES`.
        text: a text to read, or "".
        table: path of a table to read, or "".
        vocabulary: path of the vocabulary, or "".
    """

    model: str
    source: str
    text: str = ""
    table: str = ""
    vocabulary: str = ""

    @property
    def name(self) -> str:
        """The name of the model file."""
        return Path(self.model).name

    def environment(self) -> Mapping[str, str]:
        """Return the environment variable that hands this to the server's process."""
        return {VARIABLE: json.dumps(asdict(self))}

    def read_table(self) -> bytes:
        """Return the content of the table.

        Raises:
            OSError: if it can't be read any more.
        """
        return Path(self.table).read_bytes()

    def read_vocabulary(self) -> str:
        """Return the text of the vocabulary; "" without one.

        Raises:
            OSError: if it can't be read any more.
        """
        return Path(self.vocabulary).read_text("utf-8-sig", "replace") if self.vocabulary else ""


@functools.cache
def opened_file() -> OpenedFile | None:
    """Return what ``gatesviz open`` was given; None if the server was started otherwise."""
    given = os.environ.get(VARIABLE, "")
    return OpenedFile(**json.loads(given)) if given else None
