"""Read a WAV file as its loudness over time. SciPy decodes the samples."""

import io
import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatesviz.limits import SOUND_MILLISECONDS, STEPS
from gatesviz.sequences.sequence import Sequence, numbers

SILENCE = -90.0
"""Decibels below which everything counts as silence: about the smallest step of 16 bits."""
_TO_THE_END = 0xFFFFFFFF  # the size that a program writes when it doesn't know it yet
_LARGEST = 1e6  # of a sample; full scale is 1


@dataclass(frozen=True)
class Wav:
    """The samples of a WAV file.

    Attributes:
        data: (frames, channels), as SciPy decodes them: uint8, int16, int32, int64 or floats.
        rate: frames a second.
        bits: bits in a sample, as the header gives them.
        missing: frames that the header promises and the file lacks.
    """

    data: NDArray[np.generic]
    rate: int
    bits: int
    missing: int = 0

    def samples(self, start: int, stop: int) -> NDArray[np.float64]:
        """Return frames ``start`` to ``stop``, (stop − start, channels), where full scale is 1."""
        part = self.data[start:stop]
        with np.errstate(invalid="ignore"):  # a signalling NaN; the caller refuses every NaN
            values = part.astype(np.float64)
        if part.dtype.kind == "f":
            return values
        half = 2.0 ** (8 * part.dtype.itemsize - 1)
        return (values - half * (part.dtype.kind == "u")) / half


def loudness(wav: bytes, steps: int, *, decibels: bool = False) -> Sequence:
    """Return how loud a recording is, in ``steps`` stretches of equal length.

    The loudness of a stretch is the root mean square of its samples, over all channels. Full
    scale is 1, so the loudest sine has 1/√2, or 20·log10(1/√2) = −3.01 in decibels. (AES17 calls
    the level of that sine 0 dB.) No frequency weighting is applied.

    Args:
        wav: a WAV file with any number of channels, at any rate: integers of 8 to 64 bits or
            floating point numbers of 32 or 64 bits.
        steps: T.
        decibels: return 20·log10 of the loudness, at least `SILENCE`.

    Raises:
        ValueError: if it is not such a file, is shorter or longer than allowed, has fewer samples
            than ``steps``, or holds a sample that is not finite.
    """
    STEPS.check(steps)
    file = read_wav(wav)
    frames = len(file.data)
    SOUND_MILLISECONDS.check(round(1000 * frames / file.rate))
    if frames < steps:
        raise ValueError(f"the sound has {frames:,} samples, too few for {steps:,} steps")
    edges = np.linspace(0, frames, steps + 1).astype(int).tolist()
    values = np.array([_rms(file, *edges[i : i + 2]) for i in range(steps)])
    title, notes = "Loudness", [_description(file, steps)]
    if decibels:
        title, quiet = "Loudness in decibels", 10 ** (SILENCE / 20)
        if values.min() < quiet:
            notes.append(f"Stretches below {SILENCE:g} dB were raised to {SILENCE:g} dB.")
        values = 20 * np.log10(values.clip(quiet))
    return numbers(values, title, feature="loudness", notes=tuple(notes))


def read_wav(data: bytes) -> Wav:
    """Read a WAV file. A file that ends too early is read up to its last whole frame.

    SciPy gets the chunks "fmt " and "data" alone: it warns about other chunks, and refuses a file
    that ends within a frame.

    Raises:
        ValueError: if it is not a WAV file, ends before its samples, or has a format that SciPy
            cannot decode.
    """
    if not data:
        raise ValueError("the sound is empty: expected a WAV file")
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise ValueError("the sound is not a WAV file: it does not begin with RIFF and WAVE")
    chunks = _chunks(data)
    header, _ = chunks.get(b"fmt ", (b"", 0))
    if len(header) < 16 or b"data" not in chunks:
        raise ValueError("the WAV file ends before its samples begin")
    code, channels, rate, _, width, bits = struct.unpack_from("<HHIIHH", header)
    if not channels or not rate:
        raise ValueError(f"the WAV file has {channels} channels at {rate} Hz, expected 1 or more")
    each = width // channels  # bytes of a sample, which may be wider than its bits
    if width % channels or not 0 < bits <= 8 * each or (bits <= 8 < 8 * each):
        raise ValueError(
            f"the WAV file's header contradicts itself: a {width}-byte frame does not hold"
            f" {channels} sample{'s' * (channels > 1)} of {bits} bits"
        )
    body, lacking = chunks[b"data"]
    try:
        body = body[: len(body) // width * width]
        samples = _decoded(header, body, width)
    except (ValueError, TypeError, struct.error):
        raise ValueError(
            f"the WAV file's samples have {bits} bits in format {code}; expected integers"
            " (format 1) or floating point numbers of 32 or 64 bits (format 3)"
        ) from None
    return Wav(samples.reshape(-1, channels), rate, bits, lacking // width)


def _chunks(data: bytes) -> dict[bytes, tuple[bytes, int]]:
    """Return each chunk's bytes by name, the first of a name, and how many bytes it lacks."""
    chunks: dict[bytes, tuple[bytes, int]] = {}
    place = 12
    while place + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, place)
        if name in (b"fmt ", b"data") and name not in chunks:
            body = data[place + 8 : place + 8 + size]
            chunks[name] = body, 0 if size == _TO_THE_END else size - len(body)
        place += 8 + size + size % 2
    return chunks


def _decoded(header: bytes, body: bytes, width: int) -> NDArray[np.generic]:
    """Return what SciPy decodes from a file of these chunks; a frame has ``width`` bytes."""
    from scipy.io import wavfile

    # programs often write a wrong number of bytes a second, which SciPy refuses
    header = header[:4] + struct.pack("<II", 1, width) + header[12:]
    pair = ((b"fmt ", header), (b"data", body))
    chunks = b"".join(
        name + struct.pack("<I", len(part)) + part + bytes(len(part) % 2) for name, part in pair
    )
    file = b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks
    samples: NDArray[np.generic] = wavfile.read(io.BytesIO(file))[1]
    return samples


def _rms(file: Wav, start: int, stop: int) -> float:
    samples = file.samples(start, stop)
    largest = float(np.abs(samples).max())
    if not largest < _LARGEST:  # also false for NaN
        raise ValueError(f"a sample between {start:,} and {stop:,} is {largest:g}, full scale is 1")
    return float(np.sqrt(np.mean(samples**2)))


def _description(file: Wav, steps: int) -> str:
    frames, channels = file.data.shape
    kind = {1: "mono", 2: "stereo"}.get(channels, f"{channels} channels")
    seconds = frames / file.rate
    lacking = f"; the header promises {file.missing / file.rate:.3g} s more" if file.missing else ""
    return (
        f"{seconds:.3g} s of sound ({kind}, {file.rate:,} Hz, {file.bits} bit{lacking}):"
        f" each step is the loudness of {1000 * seconds / steps:.3g} ms."
    )
