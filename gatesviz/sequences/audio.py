"""Sound, as its loudness over time."""

import numpy as np

from gatesviz.limits import SOUND_MILLISECONDS, STEPS
from gatesviz.sequences.sequence import Sequence, numbers
from gatesviz.sequences.wav import Wav, read_wav

SILENCE = -90.0
"""Decibels below which everything counts as silence: about the smallest step of 16 bits."""


def loudness(wav: bytes, steps: int, *, decibels: bool = False) -> Sequence:
    """Return how loud a recording is, in ``steps`` stretches of equal length.

    The loudness of a stretch is the root of the mean of its squared samples, over all channels,
    where 1 is the largest sample the file can hold: a sine that just fits has 1/√2, in decibels
    20·log10(1/√2) = −3.01. (AES17 calls the level of that sine 0 dB; this does not.) No
    weighting for the ear is made.

    Args:
        wav: a WAV file, mono or with more channels, at any rate: 8, 16, 24 or 32-bit integers,
            32 or 64-bit floating point numbers.
        steps: T.
        decibels: 20·log10 of the loudness, not below `SILENCE`, instead of the loudness.

    Raises:
        ValueError: if it is no such file, shorter or longer than allowed, has fewer samples
            than ``steps``, or a sample that is not finite.
    """
    STEPS.check(steps)
    file = read_wav(wav)
    SOUND_MILLISECONDS.check(round(1000 * file.frames / file.rate))
    if file.frames < steps:
        raise ValueError(f"the sound has {file.frames:,} samples, too few for {steps:,} steps")
    edges = np.linspace(0, file.frames, steps + 1).astype(int).tolist()
    values = np.array([_rms(file, *edges[i : i + 2]) for i in range(steps)])
    title, notes = "Loudness", [_described(file, steps)]
    if decibels:
        title, quiet = "Loudness in decibels", 10 ** (SILENCE / 20)
        if values.min() < quiet:
            notes.append(f"What is quieter than {SILENCE:g} dB was raised to it.")
        values = 20 * np.log10(values.clip(quiet))
    return numbers(values, title, feature="loudness", notes=tuple(notes))


def _rms(file: Wav, start: int, stop: int) -> float:
    samples = file.samples(start, stop)
    largest = float(np.abs(samples).max())
    if not largest < 1e6:  # also false for NaN
        raise ValueError(f"a sample between {start:,} and {stop:,} is {largest:g}, full scale is 1")
    return float(np.sqrt(np.mean(samples**2)))


def _described(file: Wav, steps: int) -> str:
    kind = {1: "mono", 2: "stereo"}.get(file.channels, f"{file.channels} channels")
    seconds = file.frames / file.rate
    lacking = f"; the header promises {file.missing / file.rate:.3g} s more" if file.missing else ""
    return (
        f"{seconds:.3g} s of sound ({kind}, {file.rate:,} Hz, {8 * file.bytes_each} bit{lacking}):"
        f" each step is the loudness of {1000 * seconds / steps:.3g} ms."
    )
