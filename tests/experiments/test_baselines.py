"""Forecasts that need no network: right on planted series, and blind to what they forecast."""

import math

import numpy as np
import pytest

from gatesviz.experiments.search import Pilot, baselines, history, roll
from gatesviz.experiments.search.autoregression import Form, choose_form, forecasts
from gatesviz.experiments.search.history import WARM_UP
from gatesviz.experiments.search.ngrams import NGrams, choose_order
from gatesviz.experiments.search.seasons import season, strength
from gatesviz.tasks.texts import pairs
from gatesviz.training import TrainedModel, TrainingSpec, own_series, own_text, start

STEPS = np.arange(1_000)
DAY = np.exp(-(((STEPS % 24 - 8) / 0.8) ** 2)) * 3  # a sharp peak at eight o'clock


PASSENGERS = [
    *(112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118, 115, 126, 141, 135, 125, 149),
    *(170, 170, 158, 133, 114, 140, 145, 150, 178, 163, 172, 178, 199, 199, 184, 162, 146, 166),
    *(171, 180, 193, 181, 183, 218, 230, 242, 209, 191, 172, 194, 196, 196, 236, 235, 229, 243),
    *(264, 272, 237, 211, 180, 201, 204, 188, 235, 227, 234, 264, 302, 293, 259, 229, 203, 229),
    *(242, 233, 267, 269, 270, 315, 364, 347, 312, 274, 237, 278, 284, 277, 317, 313, 318, 374),
    *(413, 405, 355, 306, 271, 306, 315, 301, 356, 348, 355, 422, 465, 467, 404, 347, 305, 336),
    *(340, 318, 362, 348, 363, 435, 491, 505, 404, 359, 310, 337, 360, 342, 406, 396, 420, 472),
    *(548, 559, 463, 407, 362, 405, 417, 391, 419, 461, 472, 535, 622, 606, 508, 461, 390, 432),
]
"""Box and Jenkins' airline passengers, in thousands a month, 1949 to 1960."""


def noise(seed: int, n: int = 1_000) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=n)


def second_order(seed: int, n: int = 1_000) -> np.ndarray:
    values = noise(seed, n)
    for k in range(2, n):
        values[k] += 1.2 * values[k - 1] - 0.5 * values[k - 2]
    return values


def scores(data) -> dict[str, float]:
    past = history(data)
    return {n: float(past.score(e.mean())) for n, e in baselines(data).errors.items()}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (DAY + 0.1 * noise(0), 24),
        (np.sin(STEPS * 2 * np.pi / 24) + 0.2 * noise(1), 24),
        (np.sin(STEPS * 2 * np.pi / 37) + 0.1 * noise(2), 37),  # in no calendar
        (STEPS / 100 + np.sin(STEPS * 2 * np.pi / 7) + 0.1 * noise(3), 7),
        (noise(4), None),
        (noise(5).cumsum(), None),
        (STEPS * 1.0, None),
        (np.ones(30), None),
        (noise(6, 5), None),
    ],
)
def test_the_season_is_found_and_none_where_there_is_none(values, expected):
    assert season(values) == expected


def test_a_shorter_season_is_taken_where_it_does_as_well():
    week = np.tile(np.r_[np.tile(DAY[:24], 5), np.zeros(48)], 6)
    assert season(week[:960] + 0.1 * noise(0, 960)) == 168  # no peaks on two days of seven
    assert season(DAY + 0.1 * noise(7)) == 24  # not 48 nor 168


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("period", "steps", "trend"),
    [
        (30, 1_500, 0.0),
        (52, 1_500, 0.0),
        (30, 1_500, 0.01),
        (52, 1_500, 0.01),
        (365, 3_650, 0.0),
        (365, 1_500, 0.0),
        (12, 1_500, 0.0),
        (168, 1_500, 0.0),
        (53, 1_500, 0.0),  # beside one of the calendar
        (100, 1_000, 0.01),
    ],
)
def test_the_planted_season_is_found_exactly(period, steps, trend, seed):
    k = np.arange(steps)
    values = np.sin(k * 2 * np.pi / period) + 0.2 * noise(seed, steps) + trend * k
    assert season(values) == period


@pytest.mark.parametrize("period", [12, 24])
def test_as_much_noise_as_season_hides_no_season(period):
    k = np.arange(400)
    found = [season(np.sin(k * 2 * np.pi / period) + noise(seed, 400)) for seed in range(10)]
    assert found == [period] * 10


@pytest.mark.parametrize(
    ("period", "steps", "least"), [(24, 240, 85), (24, 336, 93), (48, 480, 91)]
)
def test_few_cycles_with_much_noise_have_no_season_of_three_or_four_steps(period, steps, least):
    """Of 100 seeds; with 24 and 240 steps, 16 had a season of 2 to 4 steps before."""
    k = np.arange(steps)
    found = [season(np.sin(k * 2 * np.pi / period) + noise(seed, steps)) for seed in range(100)]
    assert {*found} <= {None, period - 1, period, period + 1}
    assert found.count(period) >= least


@pytest.mark.parametrize(
    ("period", "steps", "found"),
    [(365.25, 30_000, (365, 366)), (52.18, 3_000, (52, 53)), (168, 20_000, (167, 168, 169))],
)
def test_with_much_noise_the_season_is_no_multiple(period, steps, found):
    k = np.arange(steps)
    seasons = [season(np.sin(k * 2 * np.pi / period) + noise(seed, steps)) for seed in range(6)]
    assert set(seasons) <= set(found)


@pytest.mark.parametrize("sigma", [0.0, 0.3, 1.0])
def test_a_long_season_is_not_cut_where_its_parts_differ(sigma):
    """Of a day with two peaks of different heights, half a day is no season."""
    k = np.arange(4_800)
    two = np.sin(k * 2 * np.pi / 48) + 2 * np.sin(k * 4 * np.pi / 48)
    assert season(two + sigma * noise(5, 4_800)) == 48


def test_the_seasons_of_known_series():
    """Monthly passengers and sea temperatures, yearly sunspots, weekly carbon dioxide, the Nile."""
    from statsmodels.datasets import co2, elnino, nile, sunspots

    assert season(np.array(PASSENGERS, float)) == 12
    assert season(elnino.load_pandas().data.iloc[:, 1:].to_numpy().ravel()) == 12
    assert season(sunspots.load_pandas().data["SUNACTIVITY"].to_numpy()) == 11
    assert season(co2.load_pandas().data["co2"].ffill().to_numpy()) == 52  # a year is 52.18
    assert season(nile.load_pandas().data["volume"].to_numpy()) is None


def test_an_hourly_series_of_years_has_its_day():
    k = np.arange(30_000)
    slow = 10 * np.sin(k * 2 * np.pi / 8_766) + 0.1 * noise(2, 30_000).cumsum()
    assert season(slow + 2 * np.sin(k * 2 * np.pi / 24) + noise(3, 30_000)) == 24


def test_walks_have_no_season():
    assert [season(noise(seed).cumsum()) for seed in range(20)] == [None] * 20


def test_a_strength_is_the_share_of_variance_that_repeats():
    k = np.arange(6_000)
    values = np.sin(k * 2 * np.pi / 20) + 0.5 * noise(0, 6_000) + 0.001 * k
    assert strength(values, 20) == pytest.approx(0.5 / (0.5 + 0.25), abs=0.02)
    assert strength(values, 40) == pytest.approx(0.5 / (0.5 + 0.25), abs=0.02)
    assert strength(values, 21) < 0.05
    assert strength(noise(0, 6_000), 20) < 0.02


def test_an_autoregression_has_the_planted_order_and_weights():
    values = second_order(0, 4_000)[:, None]
    assert choose_form(values[:3_200], None) == Form((1, 2))
    told = forecasts(values, 3_200, Form((1, 2)))
    rows = np.column_stack([np.ones(3_198), values[1:3_199, 0], values[:3_198, 0]])
    weights = np.linalg.lstsq(rows, values[2:3_200, 0])[0]
    np.testing.assert_allclose(weights[1:], [1.2, -0.5], atol=0.05)
    expected = weights[0] + weights[1] * values[3_199:-1, 0] + weights[2] * values[3_198:-2, 0]
    np.testing.assert_allclose(told, expected, atol=1e-10)


def test_a_season_in_noise_takes_seasonal_terms_and_no_lags():
    form = choose_form((DAY + 0.1 * noise(0))[:, None], 24)
    assert form == Form((), 24)
    assert form.name == "forecasting the mean of each of the 24 steps of the season"
    assert Form((1, 2, 24), 24, 2).name == (
        "a linear autoregression on lags 1–2 and 24, seasonal terms of period 24 and the last 2"
        " values of every other column"
    )
    told = forecasts(DAY[:, None] + 0.1 * noise(0)[:, None], 800, form)
    np.testing.assert_allclose(told, DAY[800:], atol=0.1)


def test_other_columns_are_read_as_they_were_a_step_before():
    driver = noise(1)
    target = np.r_[0, driver[:-1]] + 0.1 * noise(2)
    form = choose_form(np.column_stack([target, driver])[:800], None)
    assert (form.lags, form.others) == ((), 1)
    data = own_series(np.column_stack([target, driver]), "load", ["wind"])
    told = scores(data)
    name = "a linear regression on the last value of every other column"
    assert told[name] == pytest.approx(0.1, rel=0.1)  # the noise, in deviations of about 1
    now = own_series(np.column_stack([target, np.r_[target[1:] * 0, 0] + noise(3)]), "load", ["x"])
    assert min(scores(now).values()) > 0.9  # another column that tells nothing


@pytest.mark.parametrize("columns", [1, 2])
def test_no_forecast_looks_at_the_step_that_it_forecasts_or_beyond(columns):
    values = np.column_stack([DAY + 0.1 * noise(0), np.roll(DAY, 3) + 0.1 * noise(1)])[:, :columns]
    other = values.copy()
    other[900:] += 5 * noise(9)[:100, None]
    form = choose_form(values[:800], 24)
    wide = Form((1, 24, 25), 24, 2 * (columns - 1))
    for each in (form, wide):
        told = [forecasts(v, 800, each) for v in (values, other)]
        np.testing.assert_array_equal(told[0][:101], told[1][:101])
    assert not np.array_equal(told[0][101:], told[1][101:])


def test_the_held_out_part_never_influences_a_season_or_an_order():
    values = DAY + 0.1 * noise(0)
    other = values.copy()
    other[800:] = noise(1)[800:]
    first, second = (baselines(own_series(v, "x")) for v in (values, other))
    assert first.season == second.season == 24
    assert list(first.errors) == list(second.errors)
    text = "to be or not to be, that is the question; " * 20
    changed = text[: len(text) * 9 // 10] + "question " * 20
    told = [list(baselines(own_text(t[: len(text)])).errors) for t in (text, changed)]
    assert told[0] == told[1]


def test_the_simple_forecasts_are_what_they_say():
    values = second_order(3, 100)
    told = baselines(own_series(values, "x")).errors
    scaled = (values - values[:80].mean()) / values[:80].std()
    np.testing.assert_allclose(
        told["repeating the last value"], np.diff(scaled)[79:] ** 2, rtol=1e-4, atol=1e-9
    )
    np.testing.assert_allclose(
        told["forecasting the mean of the training part"], scaled[80:] ** 2, rtol=1e-4, atol=1e-6
    )
    day = baselines(own_series(DAY + 0.1 * noise(0), "x")).errors
    scaled = DAY + 0.1 * noise(0) - (DAY + 0.1 * noise(0))[:800].mean()
    scaled /= (DAY + 0.1 * noise(0))[:800].std()
    np.testing.assert_allclose(
        day["repeating the value 24 steps earlier"], (scaled[800:] - scaled[776:976]) ** 2,
        rtol=1e-3, atol=1e-6,
    )  # fmt: skip


@pytest.mark.parametrize(
    "values", [np.sin(np.arange(20.0)), noise(0, 20), np.r_[np.zeros(79), 1, np.zeros(19), 1.0]]
)
def test_little_data_has_finite_forecasts_without_a_warning(values):
    for errors in baselines(own_series(values, "few")).errors.values():
        assert len(errors) == len(values) - len(values) * 4 // 5
        assert np.isfinite(errors).all()


def test_n_grams_count_on_paper_and_add_up_to_one():
    known = [0, 1, 0, 1, 0, 2]  # a b a b a c
    # Three a's in six characters of three kinds, then b twice and c once after a (two kinds).
    single = (2 + 3 / 3) / (6 + 3)
    after = (2 + 2 * single) / (3 + 2)
    model = NGrams(known, 2, 3)
    assert model.bits([0, 1], 1) == pytest.approx([-math.log2(after)])
    assert model.bits([1], 0) == pytest.approx([-math.log2(single)])
    for context in ([0], [1], [2], [0, 1], [2, 2]):
        total = sum(
            2 ** -NGrams(known, 3, 3).bits([*context, c], len(context))[0] for c in range(3)
        )
        assert total == pytest.approx(1)


def test_the_order_follows_the_text():
    rng = np.random.default_rng(0)
    assert choose_order(rng.integers(0, 4, 2_000).tolist(), 4) <= 2  # independent characters
    code = [0, 1]
    for _ in range(2_000):  # a third character that the two before it decide, with some noise
        code.append((code[-1] + code[-2]) % 3 if rng.random() < 0.95 else int(rng.integers(3)))
    assert choose_order(code, 3) in (3, 4)
    text = np.array(code, np.uint8)
    bits = [NGrams(code[:1_800], order, 3).bits(code, 1_800).mean() for order in (2, 3)]
    known = -pairs(text[:1_800], 3)[text[1_799:-1], text[1_800:]].mean() / np.log(2)
    assert bits[0] == pytest.approx(known, abs=0.01)  # the bigram that tasks know already
    assert bits[1] < bits[0] - 0.3


@pytest.mark.parametrize(
    "data",
    [
        own_series(second_order(0, 320), "x"),
        own_series(np.column_stack([second_order(0, 320), noise(1, 320)]), "x", ["y"]),
        own_text("abc cab bac " * 30),
    ],
    ids=["series", "two columns", "text"],
)
@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn_tanh"])
def test_a_model_is_rolled_over_the_held_out_part_step_by_step(data, cell):
    """Against torch.nn, one step at a time with the state handed on."""
    import torch

    model = start(TrainingSpec(task=data, cell=cell, hidden_size=5)).model
    past = history(data)
    found = roll(model, past)
    assert found.shape == (past.held_out,)
    module, readout = model.modules()
    rows = torch.from_numpy(past.rows)
    inputs = torch.eye(past.size)[rows.long()] if past.size else rows
    state, expected = None, []
    assert past.warm_up == min(WARM_UP, past.cut)
    with torch.no_grad():
        for place in range(past.cut - past.warm_up, len(rows) - 1):
            h, state = module(inputs[place][None, None], state)
            if place + 1 >= past.cut:
                answer, target = readout(h)[0, 0].double(), rows[place + 1]
                if past.size:
                    expected.append(-answer.log_softmax(0)[int(target)] / math.log(2))
                else:
                    expected.append((answer[0] - target[0].double()) ** 2)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-7)


def test_a_model_meets_the_training_part_before_the_held_out_part():
    data = own_series(second_order(0, 320), "x")
    model: TrainedModel = start(TrainingSpec(task=data, cell="lstm", hidden_size=5)).model
    past = history(data)
    changed = past.rows.copy()
    changed[past.cut - 1] += 1  # the last training step is what the first forecast reads
    moved = type(past)(changed, past.cut)
    assert roll(model, past)[0] != roll(model, moved)[0]
    assert Pilot({}, baselines(data)).baselines.season == baselines(data).season
