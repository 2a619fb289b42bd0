"""The whole search on planted series where the right advice is known on paper."""

from concurrent.futures import Future

import numpy as np
import pytest

from gatesviz.experiments import Store
from gatesviz.experiments.search import (
    PILOTS,
    Pilot,
    Plan,
    Search,
    SearchProgress,
    baselines,
    search,
)
from gatesviz.training import OwnData, own_series
from tests.experiments.inline import inline_engine

SECONDS = {
    (cell, size): 0.001 * size for cell in ("rnn_tanh", "gru", "lstm") for size in (8, 16, 32, 64)
}
STEPS = np.arange(240)


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=len(STEPS))


def peaks() -> np.ndarray:
    """A day of 24 hours with two sharp peaks, the same every day, and noise."""
    hour = STEPS % 24
    day = 3 * np.exp(-(((hour - 8) / 0.8) ** 2)) + 2 * np.exp(-(((hour - 18) / 0.8) ** 2))
    return day + 0.1 * noise(0)


def second_order() -> np.ndarray:
    values = noise(1)
    for k in range(2, len(values)):
        values[k] += 1.2 * values[k - 1] - 0.5 * values[k - 2]
    return values


def logistic() -> np.ndarray:
    """x' = 3.9 x (1 − x): without noise, and uncorrelated enough that no line forecasts it."""
    values = [0.3]
    while len(values) < len(STEPS):
        values.append(3.9 * values[-1] * (1 - values[-1]))
    return np.array(values)


def searched(values: np.ndarray, planned: Plan, folder, monkeypatch) -> SearchProgress:
    def at_once(patience, fn, *args):
        future: Future = Future()
        future.set_result(fn(*args))
        return future

    monkeypatch.setattr(search, "run_in_process", at_once)
    data: OwnData = own_series(values, "planted")
    PILOTS.keep(data.digest, Pilot(SECONDS, baselines(data)))
    engine = inline_engine()
    try:
        return Search(data, 10, Store(folder), lambda: engine, 1, planned).wait(0.2)
    finally:
        engine.stop()


@pytest.mark.slow
def test_where_every_day_is_alike_no_network_is_recommended(tmp_path, monkeypatch):
    found = searched(peaks(), Plan((8,), 64, (0.03,)), tmp_path, monkeypatch)
    assert found.known.baselines.season == 24
    advice = found.advice
    assert (advice.cell, advice.worthwhile) == (None, False)
    assert advice.sentences[0].startswith(
        "Use none of them. No cell beats forecasting the mean of each of"
    )
    naive = advice.test.baselines["repeating the value 24 steps earlier"]
    # Noise of 0.1 today less noise of 0.1 yesterday, in standard deviations of the series.
    assert naive == pytest.approx(0.1 * np.sqrt(2) / peaks()[:192].std(), rel=0.25)
    assert all(scores.estimate > naive for scores in advice.test.scores.values())


@pytest.mark.slow
def test_an_autoregressive_process_leaves_nothing_for_a_network(tmp_path, monkeypatch):
    """The best forecast of 1.2 x₁ − 0.5 x₂ + noise has the noise as its error: no less is left."""
    found = searched(second_order(), Plan((8,), 128, (0.03,)), tmp_path, monkeypatch)
    advice = found.advice
    assert (advice.cell, advice.worthwhile) == (None, False)
    assert advice.reference[0] == "a linear autoregression on lags 1–2"
    noise_alone = noise(1)[192:].std() / second_order()[:192].std()
    assert advice.reference[1] == pytest.approx(noise_alone, rel=0.1)


@pytest.mark.slow
def test_a_network_is_recommended_for_what_no_line_can_forecast(tmp_path, monkeypatch):
    found = searched(logistic(), Plan((16,), 160, (0.03,)), tmp_path, monkeypatch)
    advice = found.advice
    assert advice.worthwhile
    assert advice.test.against[advice.cell].low > 0
    assert advice.test.scores[advice.cell].estimate < 0.5 * advice.reference[1]
    assert advice.sentences[0].startswith("Use the ")
