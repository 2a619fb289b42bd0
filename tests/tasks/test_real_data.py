"""Temperatures, stocks and digits, against what the packages that carry them hold."""

from importlib import util

import numpy as np
import pytest
import torch
from plotly import data
from sklearn.datasets import load_digits
from vega_datasets import local_data

from gatesviz.tasks import TASKS, Batch
from gatesviz.tasks.forecasts import BETTER_BY

HOURS = local_data.seattle_temps()["temp"].to_numpy(float)[:, None]
PRICES = data.stocks().drop(columns="date").to_numpy(float)


def _drawn(key: str, number: int, length: int, held_out: bool) -> Batch:
    generator = torch.Generator().manual_seed(0)
    return TASKS[key].batch(generator, number, length, held_out=held_out)


def _standardised(columns: np.ndarray, cut: int) -> np.ndarray:
    return (columns - columns[:cut].mean(0)) / columns[:cut].std(0)


@pytest.mark.parametrize(
    ("key", "columns", "cut", "length"),
    [("temperature", HOURS, 7_007, 48), ("stock", PRICES, 84, 20), ("stock", PRICES, 84, 5)],
)
@pytest.mark.parametrize("held_out", [False, True])
def test_samples_are_windows_of_their_own_part(
    key: str, columns: np.ndarray, cut: int, length: int, held_out: bool
) -> None:
    batch = _drawn(key, 300, length, held_out)
    whole = torch.cat([batch.inputs[:, :, 0], batch.targets[-1:]])  # (T + 1, B)
    assert torch.equal(whole[1:], batch.targets)
    values = _standardised(columns, cut)
    part = values[cut:] if held_out else values[:cut]
    windows = np.lib.stride_tricks.sliding_window_view(part, length + 1, axis=0)
    windows = windows.reshape(-1, length + 1)
    for column in whole.T.double().numpy():
        assert np.abs(windows - column).max(1).min() < 1e-5
    assert len(columns) * 4 // 5 == cut


@pytest.mark.parametrize(("key", "columns"), [("temperature", HOURS), ("stock", PRICES)])
def test_saying_the_last_value_again(key: str, columns: np.ndarray) -> None:
    task, cut = TASKS[key], len(columns) * 4 // 5
    steps = np.diff(_standardised(columns, cut)[cut:], axis=0)
    error = np.sqrt(np.mean(steps**2))
    assert task.solved_at == pytest.approx(BETTER_BY * error, rel=0.01)
    batch = _drawn(key, 3_000, task.length, held_out=True)
    told = task.references(batch)
    assert told["repeating the last value"] == pytest.approx(error, rel=0.05)
    assert told["the mean of the held-out values"] == pytest.approx(
        batch.targets.numpy().std(), rel=1e-4
    )
    linear = told.pop("linear forecast from up to 8 values")
    assert not any(task.solved(score) for score in told.values())
    assert task.solved(linear) == (key == "temperature")  # which is told, as a line of the chart


@pytest.mark.parametrize(("key", "columns"), [("temperature", HOURS), ("stock", PRICES)])
def test_the_example_is_the_datas_own_beginning(key: str, columns: np.ndarray) -> None:
    example = [float(number) for number in TASKS[key].example.split()]
    column = 0 if key == "temperature" else list(data.stocks().columns).index("GOOG") - 1
    values = _standardised(columns, len(columns) * 4 // 5)[: len(example), column]
    assert np.abs(example - values).max() < 0.0051


def test_stocks_cannot_be_asked_for_more_than_is_held_out() -> None:
    with pytest.raises(ValueError, match="21 is outside the allowed range 2 to 20"):
        _drawn("stock", 1, 21, held_out=True)


@pytest.mark.parametrize(("held_out", "part"), [(False, slice(1_437)), (True, slice(1_437, None))])
def test_digits_are_the_pictures_of_their_own_part(held_out: bool, part: slice) -> None:
    batch, digits = _drawn("digits", 500, 8, held_out), load_digits()
    known = {
        (image.tobytes(), digit)
        for image, digit in zip(digits.images[part], digits.target[part], strict=True)
    }
    for picture, digit in zip(batch.inputs.unbind(1), batch.targets[-1].tolist(), strict=True):
        assert ((picture.double().numpy() * 16).tobytes(), digit) in known
    assert batch.mask.sum() == 500
    assert batch.mask[-1].all()
    every = [(image.tobytes()) for image in digits.images]
    assert not {*every[:1_437]} & {*every[1_437:]}  # no picture is in both


def test_a_constant_digit_has_about_a_tenth() -> None:
    task, batch = TASKS["digits"], _drawn("digits", 5_000, 8, held_out=True)
    commonest = batch.targets[-1].bincount().max() / 5_000
    assert task.baseline(batch) == pytest.approx(float(commonest))
    assert commonest == pytest.approx(0.1, abs=0.02)


def test_the_example_is_the_first_digit() -> None:
    rows = [[float(n) for n in row.split()] for row in TASKS["digits"].example.split(";")]
    assert np.abs(np.array(rows) - load_digits().images[0] / 16).max() < 0.0051


def test_without_scikit_learn_a_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    task, found = TASKS["digits"], util.find_spec
    monkeypatch.setattr(
        "gatesviz.tasks.task.find_spec",
        lambda name: None if name == "sklearn" else found(name),
    )
    assert "pip install 'gatesviz[digits]'" in task.missing
    with pytest.raises(ModuleNotFoundError, match=r"scikit-learn.*gatesviz\[digits\]"):
        _drawn("digits", 1, 8, held_out=False)
    assert TASKS["temperature"].missing == ""
