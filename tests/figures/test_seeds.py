"""Dots of seeds: where they stand is what was measured."""

import numpy as np
import pytest

from gatesviz.experiments.claims import Point
from gatesviz.experiments.statistics import Interval
from gatesviz.figures import seed_dots, seed_dots_alt

GRU = [Point("GRU", "gru", None, seed, 100.0 + seed) for seed in range(6)]
LSTM = [Point("LSTM", "lstm", None, seed, 200.0, bound=seed == 1) for seed in range(2)]


def test_every_seed_has_its_dot_and_every_kind_its_median() -> None:
    gru, bar, lstm, short = seed_dots([*GRU, *LSTM], y_log=True, kinds=["RNN", "GRU", "LSTM"]).data
    np.testing.assert_array_equal(gru.y, [100, 101, 102, 103, 104, 105])
    assert np.mean(gru.x) == pytest.approx(1)  # around the second of three places
    np.testing.assert_allclose(bar.y, [102.5])
    assert 0 < bar.error_y.array[0] <= 2.5
    assert list(lstm.marker.symbol) == ["circle", "circle-open"]
    assert list(short.error_y.array) == [0]  # two seeds give no interval


def test_a_place_along_an_axis_has_every_cell_beside_the_others() -> None:
    points = [Point(c, c, x, 0, 1.0) for x in (10.0, 20.0) for c in ("gru", "lstm")]
    figure = seed_dots(points, x_name="steps", y_share=True)
    assert list(figure.layout.xaxis.ticktext) == ["10", "20"]
    assert list(figure.layout.yaxis.range) == [-0.08, 1.08]
    assert figure.data[0].x[1] < figure.data[2].x[1] < 1.5
    assert seed_dots_alt(points, "solved").startswith("Solved. gru at 10: 1 (1 seed, no interval)")


def test_what_learns_nothing_is_a_dashed_line_with_its_name() -> None:
    lines = {"the last value again": 150.0}
    figure = seed_dots(GRU, lines=lines)
    (line,), (name,) = figure.layout.shapes, figure.layout.annotations
    assert (line.y0, line.y1, line.line.dash) == (150, 150, "dash")
    assert name.text == "the last value again"
    assert seed_dots_alt(GRU, "error", lines).endswith("; the last value again: 150.")


def test_the_axis_holds_every_value_and_line_and_its_name_is_broken_into_lines() -> None:
    errors = [Point("GRU", "gru", None, seed, 0.2 + seed / 100) for seed in range(3)]
    name = "RMSE, in standard deviations of the training data"
    figure = seed_dots(errors, y_name=name, lines={"the last value again": 0.4})
    low, high = figure.layout.yaxis.range
    assert 0.15 < low < 0.2
    assert 0.4 < high < 0.45
    lines = figure.layout.yaxis.title.text.split("<br>")
    assert " ".join(lines) == name
    assert max(map(len, lines)) <= 36


def test_what_is_counted_has_neither_round_nor_interval() -> None:
    counted = [Point("GRU", "gru", None, 0, 1152.0), Point("LSTM", "lstm", None, 0, 1536.0)]
    figure = seed_dots(counted, unit="")
    assert [trace.text[0] for trace in figure.data] == ["GRU: 1,152", "LSTM: 1,536"]
    assert seed_dots_alt(counted, "parameters", unit="") == ("Parameters. GRU: 1,152; LSTM: 1,536.")


def test_intervals_that_are_given_stand_in_place_of_the_median_of_the_seeds() -> None:
    given = {
        "GRU": Interval((100.0, 105.0), 103.0, 90.0, 120.0),
        "LSTM": Interval((200.0, 200.0), 201.0, 180.0, 205.0),
    }
    figure = seed_dots([*GRU, *LSTM], intervals=given)
    bars = [trace for trace in figure.data if trace.marker.symbol == "line-ew-open"]
    assert [list(bar.y) for bar in bars] == [[103.0], [201.0]]
    assert [list(bar.error_y.array) for bar in bars] == [[17.0], [4.0]]
    assert [list(bar.error_y.arrayminus) for bar in bars] == [[13.0], [21.0]]
    low, high = figure.layout.yaxis.range
    assert low < 90
    assert high > 205
    assert all(bar.hovertemplate.startswith("mean ") for bar in bars)
    assert "GRU: 103 [90, 120] (2 seeds)" in seed_dots_alt([*GRU, *LSTM], "steps", intervals=given)
