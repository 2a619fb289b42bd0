"""A known result as a picture: bands and seeds stand where they are, and a fail is seen."""

import numpy as np

from gatesviz.experiments.known import CARDS, Band, Row
from gatesviz.experiments.known.release import released
from gatesviz.figures import band_dots, band_dots_alt

ROWS = (
    Row(Band("RNN", 0, 0.35, count=3), (0.3, 0.31, 0.4)),
    Row(Band("shown"), (100.0,)),
    Row(Band("LSTM", 0.99), (1.0,)),
)


def test_a_seed_outside_of_its_band_is_a_cross_and_rows_that_are_not_judged_are_left_out() -> None:
    figure = band_dots(ROWS, name="share")
    holds, fails = figure.data
    np.testing.assert_allclose(holds.x, [0.3, 0.31, 1.0], rtol=1e-6)
    np.testing.assert_allclose(fails.x, [0.4], rtol=1e-6)
    assert (holds.marker.symbol, fails.marker.symbol) == ("circle", "x")
    np.testing.assert_allclose(np.round(holds.y), [0, 0, 1])
    assert list(figure.layout.yaxis.ticktext) == ["RNN", "LSTM"]
    rnn, lstm = figure.layout.shapes
    assert (rnn.x0, rnn.x1) == (0, 0.35)
    assert lstm.x0 == 0.99
    assert lstm.x1 == figure.layout.xaxis.range[1]  # no upper bound: to the end of the axis
    assert figure.layout.xaxis.type == "linear"
    assert "RNN: 0.3, 0.31, 0.4, expected 0 to 0.35; LSTM: 1" in band_dots_alt(ROWS, "share")


def test_orders_of_magnitude_take_a_logarithmic_axis_on_whose_end_lies_zero() -> None:
    rows = (Row(Band("RNN", 0, 1e-8), (1e-11, 0.0)), Row(Band("LSTM", 1e-3, 1), (0.05,)))
    figure = band_dots(rows, name="ratio")
    low, high = figure.layout.xaxis.range
    assert figure.layout.xaxis.type == "log"
    np.testing.assert_allclose(np.log10(figure.data[0].x), [-11, low, np.log10(0.05)], atol=1e-6)
    np.testing.assert_allclose(np.log10(figure.layout.shapes[0].x0), low)
    assert low < -11
    assert 0 < high < 1


def test_what_is_no_number_is_a_cross_at_the_end_of_the_axis() -> None:
    holds, fails = band_dots((Row(Band("RNN", 0, 1), (0.5, np.nan, np.inf)),), name="share").data
    assert list(holds.x) == [0.5]
    end = band_dots((Row(Band("RNN", 0, 1), (0.5,)),), name="share").layout.xaxis.range[1]
    np.testing.assert_allclose(fails.x, [end, end])
    assert fails.text[0] == "RNN: unknown"


def test_before_anything_is_measured_the_bands_stand_alone() -> None:
    figure = band_dots((Row(Band("RNN", 0, 1), ()),), name="share")
    assert not any(len(trace.x) for trace in figure.data)
    assert len(figure.layout.shapes) == 1


def test_the_title_of_the_axis_fits_next_to_long_labels_on_a_phone() -> None:
    lines = {}
    for key in ("T3", "T7"):
        card = CARDS[key]
        rows = card.outcome(released(card.trials)).rows
        title = band_dots(rows, name=card.values.split(";")[0]).layout.xaxis.title.text
        assert title.replace("<br>", " ") == card.values.split(";")[0]
        lines[key] = max(map(len, title.split("<br>")))
    assert lines["T3"] <= 20
    assert lines["T7"] <= 16  # “without a forget gate” leaves less room
