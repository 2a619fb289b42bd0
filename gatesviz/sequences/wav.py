"""WAV files: where the samples lie, and what they are.

The layout is that of Microsoft and IBM's "Multimedia Programming Interface and Data
Specifications 1.0" (RIFF, chunk "fmt "), and WAVEFORMATEXTENSIBLE, in which most 24-bit files
are written and which the standard library's `wave` reads only from Python 3.12 on.
"""

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_TO_THE_END = 0xFFFFFFFF  # written as the size by programs that do not know it yet


@dataclass(frozen=True)
class Wav:
    """The samples of a WAV file, still as bytes.

    Attributes:
        data: one frame after the other; a frame holds one sample of each channel.
        rate: frames a second.
        channels: samples in a frame.
        bytes_each: bytes in a sample.
        is_float: whether samples are floating point numbers.
        missing: frames that the header promises and the file lacks.
    """

    data: memoryview
    rate: int
    channels: int
    bytes_each: int
    is_float: bool
    missing: int = 0

    @property
    def frames(self) -> int:
        """Whole frames that are there."""
        return len(self.data) // (self.channels * self.bytes_each)

    def samples(self, start: int, stop: int) -> NDArray[np.float64]:
        """Return frames ``start`` to ``stop``, (stop − start, channels), full scale being 1."""
        width = self.channels * self.bytes_each
        part = self.data[start * width : stop * width]
        return _decoded(part, self.bytes_each, self.is_float).reshape(-1, self.channels)


def read_wav(data: bytes) -> Wav:
    """Find the samples in a WAV file.

    Raises:
        ValueError: if it is no WAV file, ends before its samples begin, or holds samples other
            than 8, 16, 24 or 32-bit integers and 32 or 64-bit floating point numbers.
    """
    if not data:
        raise ValueError("the sound is empty: a WAV file is wanted")
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise ValueError("the sound is not a WAV file: it does not begin with RIFF and WAVE")
    chunks = _chunks(data)
    header = chunks.get(b"fmt ")
    if header is None or len(header[0]) < 16 or b"data" not in chunks:
        raise ValueError("the WAV file ends before its samples begin")
    code, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", header[0])
    if code == _EXTENSIBLE and len(header[0]) >= 26:
        (code,) = struct.unpack_from("<H", header[0], 24)
    if (code, bits) not in {*((_PCM, b) for b in (8, 16, 24, 32)), (_FLOAT, 32), (_FLOAT, 64)}:
        raise ValueError(
            f"the WAV file's samples have {bits} bits in format {code}; integers (format 1) of 8,"
            " 16, 24 or 32 bits or floating point numbers (format 3) of 32 or 64 are allowed"
        )
    if not channels or not rate:
        raise ValueError(f"the WAV file has {channels} channels at {rate} Hz, 1 or more are wanted")
    samples, missing = chunks[b"data"]
    return Wav(
        samples, rate, channels, bits // 8, code == _FLOAT, missing // (channels * bits // 8)
    )


def _chunks(data: bytes) -> dict[bytes, tuple[memoryview, int]]:
    """Return each chunk's bytes by name, the first of a name, and how many bytes it lacks."""
    chunks: dict[bytes, tuple[memoryview, int]] = {}
    view, place = memoryview(data), 12
    while place + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, place)
        body = view[place + 8 : place + 8 + size]
        lacking = 0 if size == _TO_THE_END else size - len(body)
        chunks.setdefault(name, (body, lacking))
        place += 8 + size + size % 2
    return chunks


def _decoded(part: memoryview, bytes_each: int, is_float: bool) -> NDArray[np.float64]:
    if is_float:
        with np.errstate(invalid="ignore"):  # a signalling NaN; the caller refuses every NaN
            return np.frombuffer(part, f"<f{bytes_each}").astype(np.float64)
    if bytes_each == 1:  # the only unsigned width
        return (np.frombuffer(part, np.uint8) - 128.0) / 128
    if bytes_each == 3:
        padded = np.zeros((len(part) // 3, 4), np.uint8)
        padded[:, 1:] = np.frombuffer(part, np.uint8).reshape(-1, 3)
        return padded.view("<i4").ravel() / 2.0**31
    return np.frombuffer(part, f"<i{bytes_each}") / 2.0 ** (8 * bytes_each - 1)
