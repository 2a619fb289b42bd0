"""Loudness: known answers, every width, against files that the standard library wrote."""

import io
import math
import struct
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatesviz.sequences import loudness

RATE = 8000
GUID = bytes.fromhex("000000001000800000aa00389b71")  # of every subformat of Microsoft's


def written(samples, bits=16, rate=RATE):
    """Return a WAV file of ``samples`` (frames, channels) in [−1, 1], by the module `wave`."""
    samples = np.asarray(samples, np.float64)
    samples = samples[:, None] if samples.ndim == 1 else samples
    whole = np.round(samples * (2 ** (bits - 1) - 1)).astype("<i8")
    if bits == 8:
        whole += 128
    raw = whole.ravel().view(np.uint8).reshape(-1, 8)[:, : bits // 8].tobytes()
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(bits // 8)
        file.setframerate(rate)
        file.writeframes(raw)
    return held.getvalue()


def with_header(raw, code, bits, channels=1, rate=RATE, extra=b"", size=None):
    """Return a WAV file with this header."""
    width = channels * bits // 8
    header = struct.pack("<HHIIHH", code, channels, rate, rate * width, width, bits) + extra
    size = len(raw) if size is None else size
    chunks = b"fmt " + struct.pack("<I", len(header)) + header
    chunks += b"LIST\x03\0\0\0abc\0" + b"data" + struct.pack("<I", size) + raw  # an odd chunk
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


@pytest.fixture
def sine():
    """One second, 400 turns: every tenth of it holds whole turns."""
    return np.sin(2 * np.pi * 400 * np.arange(RATE) / RATE)


@pytest.mark.parametrize("bits", [8, 16, 24, 32])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_full_sine_is_one_over_root_two(sine, bits, channels):
    file = written(np.stack([sine] * channels, axis=1), bits)
    error = 2.0 ** (2 - bits)  # of rounding to the samples' width
    linear = loudness(file, 10)
    np.testing.assert_allclose(linear.values, 1 / np.sqrt(2), atol=error + 1e-7)
    decibels = loudness(file, 10, decibels=True)
    np.testing.assert_allclose(decibels.values, -3.0103, atol=20 * error + 1e-4)


def test_loudness_follows_the_sound(sine):
    steps = np.repeat([1.0, 0.5, 0.0, 0.25], RATE // 4)
    values = loudness(written(steps * sine), 4).values[:, 0]
    np.testing.assert_allclose(values, np.array([1, 0.5, 0, 0.25]) / np.sqrt(2), atol=1e-4)


def test_channels_count_alike(sine):
    left = written(np.stack([sine, 0 * sine], axis=1))
    np.testing.assert_allclose(loudness(left, 5).values, 0.5, atol=1e-4)


@pytest.mark.parametrize("bits", [8, 16, 24, 32])
def test_silence_is_exactly_zero(sine, bits):
    assert not loudness(written(0 * sine, bits), 3).values.any()


def test_silence_has_a_floor(sine):
    quiet = loudness(written(0 * sine), 3, decibels=True)
    assert quiet.values[:, 0].tolist() == [-90] * 3
    assert quiet.notes[1] == "Stretches below -90 dB were raised to -90 dB."


def test_the_note_says_what_was_read(sine):
    sequence = loudness(written(np.stack([sine, sine], axis=1), 24, 16_000), 10)
    assert sequence.notes == (
        "0.5 s of sound (stereo, 16,000 Hz, 24 bit): each step is the loudness of 50 ms.",
    )


def test_every_sample_is_in_one_stretch():
    """Parts of unequal length: their squares, weighted by length, add up to the whole."""
    samples = np.random.default_rng(0).uniform(-1, 1, 1003)
    values = loudness(written(samples, 32), 7).values[:, 0].astype(np.float64)
    lengths = np.diff(np.linspace(0, 1003, 8).astype(int))
    assert (values**2 * lengths).sum() == pytest.approx((samples**2).sum(), rel=1e-5)


@pytest.mark.parametrize("bits", [32, 64])
def test_floating_point_samples(sine, bits):
    file = with_header(sine.astype(f"<f{bits // 8}").tobytes(), 3, bits)
    np.testing.assert_allclose(loudness(file, 10).values, 1 / np.sqrt(2), rtol=1e-6)


def test_the_extensible_header_of_24_bit_recorders(sine):
    plain = written(sine, 24)
    extra = struct.pack("<HHIH", 22, 24, 4, 1) + GUID
    file = with_header(plain[44:], 0xFFFE, 24, extra=extra)
    np.testing.assert_array_equal(loudness(file, 10).values, loudness(plain, 10).values)


def test_a_cut_file_is_read_as_far_as_it_goes(sine):
    sequence = loudness(written(sine)[: 44 + RATE], 5)  # half of its 2 · RATE bytes
    assert sequence.notes[0].startswith("0.5 s of sound")
    assert "the header promises 0.5 s more" in sequence.notes[0]


def test_a_size_that_was_not_known_yet(sine):
    raw = written(sine)[44:]
    file = with_header(raw, 1, 16, size=0xFFFFFFFF)
    assert "promises" not in loudness(file, 5).notes[0]


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_file_that_ends_within_a_frame_loses_that_frame_only(sine, cut):
    """Two channels of 24 bits: a frame has 6 bytes."""
    both = np.stack([sine, 0.5 * sine], axis=1)
    frames = RATE - math.ceil(cut / 6)
    values = loudness(written(both, 24)[:-cut], 10).values
    np.testing.assert_array_equal(values, loudness(written(both[:frames], 24), 10).values)


def test_fields_that_programs_get_wrong_do_not_matter(sine):
    """The size of the whole file and the bytes a second; unknown chunks pass without a warning."""
    good = written(sine)
    wrong = bytearray(with_header(good[44:], 1, 16, rate=RATE))
    wrong[4:8], wrong[28:32] = bytes(4), b"\7\0\0\0"
    wrong += b"odd \1\0\0\0x\0" + b"cut"
    np.testing.assert_array_equal(loudness(bytes(wrong), 9).values, loudness(good, 9).values)


@pytest.mark.parametrize(("bits", "kind"), [(12, "<i2"), (20, "<i4"), (64, "<i8")])
def test_samples_in_a_wider_container(sine, bits, kind):
    """The highest bits are the sample, the lowest are zero."""
    width = np.dtype(kind).itemsize
    raw = np.round(sine * 0.5 * 2.0 ** (8 * width - 1)).astype(kind).tobytes()
    header = struct.pack("<HHIIHH", 1, 1, RATE, RATE * width, width, bits)
    chunks = b"fmt \x10\0\0\0" + header + b"data" + struct.pack("<I", len(raw)) + raw
    file = b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks
    np.testing.assert_allclose(loudness(file, 10).values, 0.5 / np.sqrt(2), atol=1e-4)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "the sound is empty"),
        (b"ID3\x03 an mp3", "the sound is not a WAV file"),
        (b"RIFF\0\0\0\0AVI ", "the sound is not a WAV file"),
        (written(np.zeros(RATE))[:30], "the WAV file ends before its samples begin"),
        (written(np.zeros(RATE))[:40], "the WAV file ends before its samples begin"),
        (
            written(np.zeros(8)),
            "milliseconds of sound: 1 is outside the allowed range 100 to 60,000",
        ),
        (
            written(np.zeros(0)),
            "milliseconds of sound: 0 is outside the allowed range 100 to 60,000",
        ),
        (
            written(np.zeros(7200 * 100), 8, 100),
            "7,200,000 is outside the allowed range 100 to 60,000",
        ),
        (written(np.zeros(8), 8, 10), "the sound has 8 samples, too few for 10 steps"),
        (with_header(b"abcd", 2, 8), "samples have 8 bits in format 2; expected integers"),
        (with_header(b"abcd", 1, 4), "a 0-byte frame does not hold 1 sample of 4 bits"),
        (with_header(b"abcd", 1, 16, channels=0), "the WAV file has 0 channels at 8000 Hz"),
        (with_header(b"abcd", 1, 16, rate=0), "the WAV file has 1 channels at 0 Hz"),
        (with_header(bytes(RATE), 1, 16)[:12] + b"fmt \xff\xff\xff\x7f" + bytes(16), "ends before"),
        (with_header(bytes(RATE), 1, 16, rate=2**31 - 1), "milliseconds of sound: 0 is outside"),
        (with_header(bytes(RATE), 0xFFFE, 16), "samples have 16 bits in format 65534"),
        (with_header(bytes(RATE), 1, 0), "a 0-byte frame does not hold 1 sample of 0 bits"),
        (with_header(bytes(RATE), 3, 16), "samples have 16 bits in format 3"),
        (with_header(np.float32([np.nan] * RATE).tobytes(), 3, 32), "a sample .* is nan"),
        (with_header(np.float64([1e300] * RATE).tobytes(), 3, 64), "a sample .* is 1e.300"),
        (with_header(b"\x01\x00\x80\x7f" * RATE, 3, 32), "a sample .* is nan"),  # signalling
    ],
)
def test_refusals(data, sentence):
    with pytest.raises(ValueError, match=sentence):
        loudness(data, 10)


def test_the_limit_of_steps_holds(sine):
    with pytest.raises(ValueError, match="steps in a sequence: 1,001 is outside"):
        loudness(written(sine), 1001)


@given(st.binary(max_size=60), st.integers(0, 60), st.integers(2, 20))
def test_any_bytes_are_read_or_refused(noise, place, steps):
    """Noise alone, and a sound file whose header is overwritten by it."""
    good = written(np.zeros(1000), 16)
    for data in (noise, good[:place] + noise + good[place + len(noise) :]):
        try:
            values = loudness(data, steps).values
        except ValueError as error:
            sentence = str(error)
        else:
            assert values.shape == (steps, 1)
            continue
        assert len(sentence.splitlines()) == 1
