"""Several columns of one's own: which are read, which is forecast, and what is refused."""

import math
import pickle

import numpy as np
import pytest
import torch

from gatesviz.tasks import continued, series_task
from gatesviz.tasks.forecasts import autoregression, standardised
from gatesviz.tasks.task import Task

N = 200
NOISE = np.random.default_rng(1).standard_normal((N, 2))
TABLE = np.column_stack([NOISE.cumsum(0)[:, 0] * 3 + 50, NOISE[:, 1], np.arange(N) % 7])
NAMES = ("wind", "weekday")
ALL, ALONE = (
    f"linear forecast from up to 8 rows, {which}" for which in ("all columns", "its own column")
)


def _generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _task() -> Task:
    return series_task(TABLE, "warmth", NAMES)


@pytest.mark.parametrize("held_out", [False, True])
def test_a_sample_is_consecutive_rows_of_its_part_and_the_next_value_of_the_first_column(
    held_out: bool,
) -> None:
    batch = _task().batch(_generator(), 10, 20, held_out=held_out)
    assert batch.inputs.shape == (20, 10, 3)
    assert batch.targets.shape == (20, 10)
    known = TABLE[:160]
    scaled = (TABLE - known.mean(0)) / known.std(0)
    part = scaled[160:] if held_out else scaled[:160]
    windows = np.lib.stride_tricks.sliding_window_view(part, 21, axis=0)  # (n, 3, 21)
    for k in range(10):
        inputs, targets = batch.inputs[:, k].numpy().T, batch.targets[:, k].numpy()
        far = np.abs(windows[:, :, :-1] - inputs).max((1, 2))
        assert far.min() < 1e-5
        np.testing.assert_allclose(targets, windows[far.argmin(), 0, 1:], atol=1e-5)


def test_the_task_says_what_is_read_and_what_is_forecast() -> None:
    task = _task()
    assert task.features == ("warmth", "wind", "weekday")
    assert (task.input_size, task.output_size) == (3, 1)
    assert task.asks == (
        "Each step has 3 standardised numbers: warmth (the one to forecast), wind, weekday."
    )
    assert task.answer == "At each step, forecast the next value of warmth."
    assert "200 rows of 3 columns. The last 40 are held out." in task.source
    assert len(task.example.split(";")) == 60
    assert all(len(step.split()) == 3 for step in task.example.split(";"))
    steps = np.diff(TABLE[160:, 0] / TABLE[:160, 0].std())
    assert task.solved_at == pytest.approx(0.9 * math.sqrt(np.mean(steps**2)), rel=1e-5)
    many = series_task(np.column_stack([TABLE[:, 0], *[NOISE[:, 0]] * 9]), "a", tuple("bcdefghij"))
    assert many.asks.endswith("a (the one to forecast), b, c, d, e, f, g and 3 more.")


def test_it_cannot_run_freely_but_a_bidirectional_model_still_reads_the_answer() -> None:
    several, one = _task(), series_task(TABLE[:, 0], "warmth")
    assert (several.feeds_back, several.reads_answers) == (False, True)
    assert (one.feeds_back, one.reads_answers) == (True, True)
    module, readout = torch.nn.LSTM(3, 4), torch.nn.Linear(4, 1)
    with pytest.raises(ValueError, match="“Forecast warmth” can't be continued"):
        continued(several, module, readout, torch.zeros(3, 1, 3), 4)


def test_the_linear_forecasts_read_the_rows_that_they_are_named_after() -> None:
    task = _task()
    batch = task.batch(_generator(), 3, 30, held_out=True)
    told = task.references(batch)
    mean = "the mean of the held-out values"
    assert list(told) == [mean, "repeating the last value", ALL, ALONE]
    known = TABLE[:160]
    scaled = (known - known.mean(0)) / known.std(0)
    answers = {name: answer(batch)[..., 0].numpy() for name, answer in task._references}
    inputs = batch.inputs.double().numpy()
    for t, lags in ((0, 1), (3, 4), (7, 8), (29, 8)):
        for name, columns in ((ALL, (0, 1, 2)), (ALONE, (0,))):
            rows = [
                [*(scaled[k : k + lags, c][i] for c in columns for i in range(lags)), 1.0]
                for k in range(160 - lags)
            ]
            fitted = np.linalg.lstsq(np.array(rows), scaled[lags:, 0], rcond=None)[0]
            seen = [*(inputs[t - lags + 1 + i, 1, c] for c in columns for i in range(lags)), 1.0]
            assert answers[name][t, 1] == pytest.approx(np.dot(seen, fitted), abs=1e-4)
    alone = series_task(TABLE[:, 0], "warmth")
    one = alone.batch(_generator(), 3, 30, held_out=True)._replace(
        inputs=batch.inputs[..., :1], targets=batch.targets
    )
    assert told[ALONE] == alone.references(one)["linear forecast from up to 8 values"]
    assert told["repeating the last value"] == alone.references(one)["repeating the last value"]


def test_a_rule_over_two_columns_is_found_by_least_squares() -> None:
    """y[t + 1] = 0.5 y[t] − 0.8 x[t]: exact with both columns, and never with one."""
    x = np.random.default_rng(3).standard_normal(N)
    y = np.zeros(N)
    for t in range(N - 1):
        y[t + 1] = 0.5 * y[t] - 0.8 * x[t]
    both = standardised(np.column_stack([y, x]), together=True)
    ratio = x[:160].std() / y[:160].std()
    np.testing.assert_allclose(autoregression(both, 1)[:2], [0.5, -0.8 * ratio], atol=1e-4)
    task = series_task(np.column_stack([y, x]), "y", ["x"])
    told = task.references(task.batch(_generator(), 20, 30, held_out=True))
    assert told[ALL] < 1e-4
    assert told[ALONE] > 0.5


def test_where_rows_are_few_the_linear_forecast_reads_fewer_of_them() -> None:
    short = series_task(TABLE[:40], "warmth", NAMES)  # 32 rows to learn from: 2 rows of 3 columns
    batch = short.batch(_generator(), 4, 7, held_out=True)
    said = dict(short._references)[ALL](batch)[..., 0]
    weights = torch.from_numpy(autoregression(standardised(TABLE[:40], together=True), 2))
    inputs = batch.inputs.double()
    for t in range(1, 7):
        seen = inputs[t - 1 : t + 1].permute(1, 2, 0).flatten(1)
        torch.testing.assert_close(said[t], seen @ weights[:-1] + weights[-1])


CONSTANT = np.column_stack([TABLE[:, 0], np.where(np.arange(N) < 160, 1.5, 2.0)])


@pytest.mark.parametrize(
    ("values", "names", "error", "sentence"),
    [
        (TABLE[:, :2], ("a", "b"), ValueError, r"expected shape \(N, 3\).*got \(200, 2\)"),
        (TABLE[:, 0], ("a",), ValueError, r"expected shape \(N, 2\).*got \(200,\)"),
        (TABLE[:, :2], (), ValueError, r"expected shape \(N,\), got \(200, 2\)"),
        (TABLE, ("a", "a"), ValueError, "“a” is named more than once"),
        (TABLE, ("warmth", "a"), ValueError, "“warmth” is named more than once. The column to fo"),
        (TABLE, ("a", 3), TypeError, "input_names: expected texts, got 3"),
        (CONSTANT, ("rain",), ValueError, "“rain” is 1.5 in all of the first 160 rows"),
        (np.where(TABLE[4, 1] == TABLE, np.nan, TABLE), NAMES, ValueError, "“wind”: value 5 is na"),
        (np.where(TABLE[190, 1] == TABLE, 1e9, TABLE), NAMES, ValueError, "“wind”: value 191, 1e"),
        (
            np.zeros((200, 257)),
            range(256),
            ValueError,
            "features at each step: 257 is outside the allowed range 1 to 2",
        ),
        (
            np.zeros((50_000, 14)),
            tuple("bcdefghijklmn"),
            ValueError,
            "700,000 is outside the allowed range 20 to 650,00",
        ),
        (TABLE[:19], NAMES, ValueError, "19 is outside"),
    ],
)
def test_columns_that_are_refused(
    values: object, names: object, error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        series_task(values, "warmth", names)


def test_a_further_column_may_rest_where_it_is_held_out() -> None:
    resting = np.column_stack([TABLE[:, 0], np.where(np.arange(N) < 160, np.arange(N), 5.0)])
    assert series_task(resting, "warmth", ["rain"]).input_size == 2


def test_it_can_be_pickled() -> None:
    task, again = _task(), pickle.loads(pickle.dumps(_task()))
    for mine, its in zip(
        task.batch(_generator(), 3, 10), again.batch(_generator(), 3, 10), strict=True
    ):
        assert torch.equal(mine, its)
