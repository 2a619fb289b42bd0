"""Real series: each loads without a network, and is what its file says."""

import csv
import socket
from importlib.resources import files

import numpy as np
import pytest

from gatesviz.sequences import SERIES, series, series_length


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a series asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for known in SERIES.values():
        known.table.cache_clear()


@pytest.mark.parametrize("key", SERIES)
def test_loads_without_a_network(key, no_network):
    total = series_length(key)
    sequence = series(key, total - 50, 50)
    assert sequence.values.shape == (50, 1)
    assert sequence.title == SERIES[key].title
    assert SERIES[key].source in sequence.notes[0]
    assert np.ptp(sequence.values) > 0


def test_the_values_are_those_of_the_file():
    text = files("vega_datasets").joinpath("_data/seattle-weather.csv").read_text()
    rows = list(csv.DictReader(text.splitlines()))
    assert series_length("seattle_temp_max") == len(rows)
    sequence = series("seattle_temp_max", 30, 365)
    wanted = [float(row["temp_max"]) for row in rows[30:395]]
    np.testing.assert_allclose(sequence.values[:, 0], wanted, rtol=1e-6)
    assert sequence.labels[:2] == ("2012-01-31", "2012-02-01")
    assert sequence.features == ("temp_max (°C)",)


def test_hourly_labels_have_the_hour():
    assert series("sf_hourly", 0, 2).labels == ("2010-01-01 00:00", "2010-01-01 01:00")


def test_labels_never_repeat():
    for key in SERIES:
        labels = series(key, 0, 100).labels
        assert len(set(labels)) == 100, key


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("gold",), "series: expected one of seattle_temp_max, .*, got 'gold'"),
        (("stock_goog", 100, 10), "steps 100 to 109 are not all in Google, .* has steps 0 to 104"),
        (("stock_goog", -1, 10), "steps -1 to 8 are not all in"),
        (("stock_goog", 0, 1), "steps in a sequence: 1 is outside"),
    ],
)
def test_refusals(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        series(*arguments)
