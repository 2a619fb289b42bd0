"""Own columns and own texts, and what is refused of them."""

import math
import pickle
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gatesviz.tasks import series_task, text_task
from gatesviz.tasks.forecasts import autoregression, linear, standardised
from tests.tasks.reading import right, texts

WALK = np.random.default_rng(0).standard_normal(200).cumsum() * 3 + 50
PROSE = "the cat sat on the mat. " * 20


def _generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@given(length=st.integers(2, 39), seed=st.integers(0, 999), held_out=st.booleans())
@settings(max_examples=30)
def test_windows_of_an_own_series_stay_in_their_part(
    length: int, seed: int, held_out: bool
) -> None:
    task = series_task(WALK, "a walk")
    batch = task.batch(_generator(seed), 10, length, held_out=held_out)
    values = (WALK - WALK[:160].mean()) / WALK[:160].std()
    part = values[160:] if held_out else values[:160]
    windows = np.lib.stride_tricks.sliding_window_view(part, length + 1)
    whole = torch.cat([batch.inputs[:, :, 0], batch.targets[-1:]]).T.double().numpy()
    assert max(np.abs(windows - column).max(1).min() for column in whole) < 1e-5


def test_an_own_series_is_told_honestly() -> None:
    task = series_task(WALK, "  Rain in Oslo ")
    assert task.title == "Forecast Rain in Oslo"
    assert "200 values. The last 40 are held out." in task.source
    assert (task.length, task.shortest, task.longest) == (39, 2, 39)
    assert task.key == "own_series"
    steps = np.diff((WALK / WALK[:160].std())[160:])
    assert task.solved_at == pytest.approx(0.9 * math.sqrt(np.mean(steps**2)), rel=1e-5)
    # one window, the whole held-out part: the reference is the error itself
    batch = task.batch(_generator(), 1, 39, held_out=True)
    told = task.references(batch)["repeating the last value"]
    assert 0.9 * told == pytest.approx(task.solved_at, rel=1e-5)
    assert task.score(right(task, batch), batch) == 0


def test_the_shortest_series_still_has_something_held_out() -> None:
    task = series_task(range(20), "a count")
    assert task.longest == 3
    batch = task.batch(_generator(), 4, 3, held_out=True)
    step = 1 / np.std(range(16))
    assert torch.allclose(batch.targets[:, 0].diff(), torch.tensor(step).float())
    assert task.references(batch)["repeating the last value"] == pytest.approx(step, rel=1e-5)


def test_a_linear_forecast_is_fitted_to_what_is_trained_on() -> None:
    other = WALK.copy()
    other[160:] += np.arange(40)  # what is held out
    known = WALK[:160]
    values = (known - known.mean()) / known.std()
    batch = series_task(WALK, "a walk").batch(_generator(), 2, 30, held_out=True)
    inputs = batch.inputs[..., 0].double().numpy()
    said = linear(batch, lambda: standardised(WALK[:, None]))[..., 0].numpy()
    for lags in range(1, 9):
        told = [autoregression(standardised(v[:, None]), lags) for v in (WALK, other)]
        np.testing.assert_array_equal(*told)
        rows = [[*values[k : k + lags], 1.0] for k in range(160 - lags)]
        fitted = np.linalg.lstsq(np.array(rows), values[lags:], rcond=None)[0]
        np.testing.assert_allclose(told[0], fitted, atol=1e-4)  # it knows float32
        steps = range(lags - 1, 30) if lags == 8 else [lags - 1]
        for t in steps:  # the first steps know fewer values
            by_hand = inputs[t - lags + 1 : t + 1, 1] @ told[0][:-1] + told[0][-1]
            assert said[t, 1] == pytest.approx(by_hand, rel=1e-9)


def test_a_sine_is_foretold_exactly_by_a_linear_forecast_once_it_knows_two_values() -> None:
    """x[t + 1] = 2 cos(ω) x[t] − x[t − 1]."""
    sine = standardised(np.sin(np.arange(200.0))[:, None])
    task = series_task(np.sin(np.arange(200.0)), "a sine")
    batch = task.batch(_generator(), 8, 39, held_out=True)
    errors = linear(batch, lambda: sine)[..., 0] - batch.targets
    assert errors[1:].abs().max() < 1e-4
    assert errors[0].abs().max() > 0.1
    told = task.references(batch)
    assert told["linear forecast from up to 8 values"] < told["repeating the last value"] / 3
    short = series_task(range(20), "a count")  # 16 are trained on, so 4 values at a time at most
    count = short.references(short.batch(_generator(), 4, 3, held_out=True))
    assert count["linear forecast from up to 8 values"] < 1e-5


@pytest.mark.parametrize(
    ("values", "error", "sentence"),
    [
        ([], ValueError, "0 is outside the allowed range 20 to 250,000"),
        (range(19), ValueError, "19 is outside"),
        (np.zeros(250_001), ValueError, "250,001 is outside"),
        (np.zeros((30, 2)), ValueError, r"got \(30, 2\)"),
        (3.0, ValueError, r"got \(\)"),
        (["a"] * 30, TypeError, "aren't numbers"),
        (None, ValueError, r"got \(\)"),
        ([*range(25), math.nan, *range(5)], ValueError, "value 26 is nan"),
        ([math.inf, *range(25)], ValueError, "value 1 is inf"),
        ([1e300, *range(25)], ValueError, r"value 1 is 1e\+300"),
        ([5] * 40 + [1, 2], ValueError, "first four fifths .* all 5"),
        ([*range(80), *[7] * 20], ValueError, "last fifth .* all 7"),
        ([*[0, 1] * 40, *[0] * 19, 1e9], ValueError, r"value 100, 1e\+09, is more than 10,000"),
        ([*[0, 1e-200] * 40, *[0] * 19, 1], ValueError, "value 100, 1, is more than"),
    ],
)
def test_series_that_are_refused(values: object, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        series_task(values, "x")


def test_titles_from_people_stay_short_and_visible() -> None:
    assert series_task(WALK, " ").title == "Forecast a series"
    assert series_task(WALK, "a\x00b").title == "Forecast a␀b"
    assert len(series_task(WALK, "x" * 1_000).title) < 80


def test_own_text_is_asked_for_its_next_character() -> None:
    task = text_task(PROSE)
    batch = task.batch(_generator(), 30, 20)
    assert task.vocabulary == tuple(sorted(set(PROSE)))
    assert torch.equal(batch.inputs[1:].argmax(-1), batch.targets[:-1])
    assert all(text in PROSE for text in texts(task, batch))
    assert task.score(right(task, batch), batch) == pytest.approx(0, abs=1e-9)
    assert not task.solved(task.baseline(batch))


def test_what_is_held_out_of_a_text_is_never_trained_on() -> None:
    text = "".join(chr(0x4E00 + i // 12 % 200) for i in range(1_999)) + "z"
    task = text_task("".join(sorted(text)))
    known, held = (
        set("".join(texts(task, task.batch(_generator(), 400, 50, held_out=held_out))))
        for held_out in (False, True)
    )
    assert len(known & held) <= 1  # the one that lies across the cut
    assert known | held <= set(task.vocabulary)


def test_knowing_the_last_character_is_scored_as_counted_by_hand() -> None:
    text = PROSE + "the rat"
    task, cut = text_task(text), len(text) * 9 // 10
    batch = task.batch(_generator(), 5, task.longest, held_out=True)
    size, known = len(task.vocabulary), text[:cut]
    single = {c: (known.count(c) + 1) / (len(known) + size) for c in task.vocabulary}
    after, before = Counter(pairwise(known)), Counter(known[:-1])
    bits = [
        -math.log2((after[a, b] + single[b]) / (before[a] + 1))
        for a, b in zip(text[cut:-1], text[cut + 1 :], strict=True)
    ]
    told = task.references(batch)["using only the last character"]
    assert told == pytest.approx(np.mean(bits))
    assert task.solved_at == pytest.approx(np.mean(bits))
    assert told < task.baseline(batch)


def test_a_text_without_order_is_not_solved_by_knowing_letters() -> None:
    letters = np.random.default_rng(0).choice(list("abcdefgh"), 3_000)
    task = text_task("".join(letters))
    assert task.solved_at <= 3  # bits of one of eight letters


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "0 is outside the allowed range 200 to 2,000,000"),
        ("ab" * 99, "198 is outside"),
        ("ab" * 1_000_001, "2,000,002 is outside"),
        ("a" * 300, "expected 2 to 256 distinct characters, got 1"),
        ("".join(map(chr, range(0x4E00, 0x4E00 + 300))), "2 to 256 distinct characters, got 300"),
        ("ab" * 150 + "\ud83d", r"half a character, U\+D83D"),
    ],
)
def test_texts_that_are_refused(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        text_task(text)


@pytest.mark.parametrize("task", [series_task(WALK, "x"), text_task(PROSE)], ids=lambda t: t.key)
def test_own_tasks_can_be_pickled_and_made_again(task: object) -> None:
    again = series_task(WALK, "x") if task.key == "own_series" else text_task(PROSE)
    for other in (pickle.loads(pickle.dumps(task)), again):
        for mine, its in zip(
            task.batch(_generator(), 3, 10), other.batch(_generator(), 3, 10), strict=True
        ):
            assert torch.equal(mine, its)
        assert other.solved_at == task.solved_at
