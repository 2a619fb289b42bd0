"""The HTML templates of the export, how their places are filled, and how bytes are packed."""

import re
import zlib
from base64 import b85decode, b85encode
from importlib.resources import files

_PLACE = re.compile(r"<!--(\w+)-->")


def asset(name: str) -> str:
    """Return the text of a file in this folder."""
    return files("gatesviz.export").joinpath(name).read_text(encoding="utf-8")


def filled(template: str, **parts: str) -> str:
    """Return a template with HTML in the place of each comment that names one of ``parts``."""
    return _PLACE.sub(lambda match: parts[match[1]], asset(template))


def packed(data: bytes) -> str:
    """Return bytes compressed with zlib, in base 85. `unpack` in lessonviews.js reads them.

    A comma stands for "<", which would begin a tag.
    """
    return b85encode(zlib.compress(data, 9)).decode("ascii").replace("<", ",")


def unpacked(text: str) -> bytes:
    """Return the bytes that `packed` made a text of."""
    return zlib.decompress(b85decode(text.replace(",", "<")))
