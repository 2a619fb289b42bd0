"""Figures as data: they hold the numbers that went in, on axes that mean the same every time."""

import dataclasses
import json
import math
from base64 import b64decode

import numpy as np
import plotly.io as pio
import pytest

from gatesviz.experiments import HorizonMap, Unfolding, Unit, descend, surface
from gatesviz.figures import (
    Curve,
    cliff_alt,
    cliff_contours,
    cliff_surface,
    flow_curves,
    flow_curves_alt,
    flow_draft,
    flow_heatmap,
    flow_heatmap_alt,
    horizon_squares,
    horizon_squares_alt,
    norm_curves,
    norm_curves_alt,
    written,
)
from gatesviz.figures.style import FONT, INK, PAPER, decades, spread, steps_axis, top_of

DECAY = 0.5 ** np.arange(60, -1, -1.0)  # half a step back each, 8.7e-19 at first
CURVES = [
    Curve("RNN", DECAY, "rnn_tanh", half_life=1.0),
    Curve("LSTM", np.full(61, 0.25), "lstm", half_life=math.inf, dash=1),
]
KNOWN = HorizonMap(
    rows=("RNN", "LSTM, b = 5"),
    lengths=(10, 50, 100),
    reach=np.array([[2e-3, 5e-13, 0.0], [0.86, 0.65, 1.5]]),
    overflow=np.full((2, 3), -1),
    predicted=np.array([[np.nan] * 3, [0.94, 0.72, 0.51]]),
    solved=np.array([[2, 0, 0], [2, 1, 0]]),
    tried=np.array([[2, 2, 0], [2, 2, 1]]),
    updates=np.array([[50.0, np.nan, np.nan], [25.0, 32.0, np.nan]]),
)
LEARNING = Unfolding((0, 1, 64), {"h": np.array([[0.0, 1e-20, 0.1], [1e-9, 1e-3, 5.0], [1, 2, 3]])})
UNIT = Unit()
GRID = surface(UNIT, (3, 7), (-5, -1), points=21)
LEAP = descend(UNIT, (5.0, -2.5), 0.1, 30)  # from the very edge
NORMS = {"without clipping": np.array([0.5, 30.0, 2e7]), "cut at 1": np.array([0.5, 0.0])}


def every(theme="light"):
    descents = {"plain": LEAP}
    return {
        "flow": flow_curves(CURVES, theory=CURVES[:1], guess=DECAY, theme=theme),
        "horizon": horizon_squares(KNOWN, theme=theme),
        "norms": norm_curves(NORMS, clip=1.0, theme=theme),
        "heatmap": flow_heatmap(LEARNING, theme=theme),
        "surface": cliff_surface(GRID, descents, theme=theme),
        "contours": cliff_contours(GRID, descents, theme=theme),
    }


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_figure_has_its_own_template_and_stays_plain_data(theme, monkeypatch):
    before = pio.templates.default
    monkeypatch.setattr(pio.templates, "default", "plotly_dark")
    for name, figure in every(theme).items():
        told = figure.to_plotly_json()["layout"]["template"]["layout"]
        assert (told["paper_bgcolor"], told["font"]["color"]) == (PAPER[theme], INK[theme]), name
        assert told["font"]["size"] >= 16
        assert told["font"]["family"] == FONT
        assert "colorway" not in told, f"{name} took over the process's template"
        json.loads(figure.to_json())
    assert before != "plotly_dark"
    with pytest.raises(ValueError, match="theme: expected 'light' or 'dark', got 'blue'"):
        every("blue")


def test_large_arrays_travel_as_float32_in_base64():
    for name, trace in (("surface", 0), ("contours", 0), ("heatmap", 0), ("flow", 0)):
        plain = json.loads(every()[name].to_json())["data"][trace]
        array = plain.get("z") or plain["y"]
        assert array["dtype"] == "f4", name


def test_curves_hold_the_norms_and_end_at_a_floor_that_says_so():
    figure = flow_curves(CURVES, by="step", floor=1e-12)
    rnn, lstm, low, half = figure.data
    assert (rnn.name, lstm.name) == ("RNN", "LSTM")
    assert rnn.x.tolist() == list(range(61))
    np.testing.assert_allclose(rnn.y, np.maximum(DECAY, 1e-12), rtol=1e-6)
    assert rnn.text[0] == "8.7·10⁻¹⁹"  # what it is, not where it is drawn
    assert low.x.tolist() == np.flatnonzero(DECAY < 1e-12).tolist()
    assert set(low.y.tolist()) == {np.float32(1e-12)}
    assert (half.x[0], half.y[0]) == (59.0, 0.5)
    axis = figure.layout.yaxis
    assert (axis.type, axis.ticktext[0], axis.tickvals[0]) == ("log", "≤ 10⁻¹²", 1e-12)
    assert axis.range[0] < -12 < 0 < axis.range[1]


def test_by_lag_the_last_step_stands_first_and_the_mark_moves_along():
    rnn, _, _, half = flow_curves(CURVES, by="lag").data
    assert (rnn.x[-1], rnn.y[-1]) == (0.0, 1.0)
    assert (half.x[0], half.y[0]) == (1.0, 0.5)


def test_theory_is_dashed_a_guess_dotted_and_gaps_stay_gaps():
    values = np.array([np.nan, 0.0, 0.5, 1.0])
    figure = flow_curves([Curve("h", values, "h")], theory=CURVES[:1], guess=DECAY)
    measured, theory, guess, low, lost = figure.data
    assert float(lost.x[0]) == 3
    assert figure.layout.annotations[0].text == "h<br>overflows"
    assert np.isnan(measured.y[0])
    assert measured.y[1] == np.float32(1e-12)
    assert low.text == ("0",)
    assert (theory.line.dash, guess.line.dash, guess.name) == ("longdash", "dot", "your guess")


def test_axes_are_fixed_by_meaning():
    small = flow_curves([Curve("a", DECAY * 1e-3, "rnn_tanh")])
    assert small.layout.yaxis.range == flow_curves(CURVES).layout.yaxis.range
    assert top_of([0.2], [np.inf, 3.0]) == 1_000
    assert top_of() == 1
    assert decades(1e-6, 1.0)["ticktext"] == [
        "≤ 10⁻⁶", "10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "1",
    ]  # fmt: skip
    moved = dataclasses.replace(KNOWN, reach=np.full((2, 3), 0.5))
    for known in (KNOWN, moved):
        square = horizon_squares(known).data[0]
        assert (square.zmin, square.zmax) == (-12, 0)


def test_the_map_shows_reach_prediction_and_success_without_colour():
    squares, words = horizon_squares(KNOWN).data
    np.testing.assert_allclose(squares.z[0], [math.log10(2e-3), -12, -12], rtol=1e-6)
    assert words.text[0] == "✓ 50<br>0.002"
    assert words.text[1] == "✗<br>5.0·10⁻¹³"
    assert words.text[2] == "…<br>0"
    assert words.text[4] == "◐ 1/2 32<br>0.65<br>σ 0.72"
    assert words.customdata[4] == (
        "LSTM, b = 5, 50 steps<br>learnt in 1 of 2 runs, after 32 updates<br>reach 0.65"
        "<br>σ(b) alone predicts 0.72"
    )
    assert max(len(line) for text in words.text for line in text.split("<br>")) <= 10
    assert list(zip(words.x, words.y, strict=True))[4] == (1, 1)
    assert words.textfont.color[1] == "#FFFFFF"  # on the dark end
    assert words.textfont.color[3] == "#000000"
    axis = horizon_squares(KNOWN).layout.xaxis
    assert (axis.ticktext, axis.side) == (("10", "50", "100"), "top")  # in view with the first row


def test_norms_run_from_update_one_with_the_cut():
    figure = norm_curves(NORMS, clip=1.0)
    without, cut = figure.data
    assert without.x.tolist() == [1, 2, 3]
    np.testing.assert_allclose(without.y, NORMS["without clipping"])
    assert cut.y.tolist() == [0.5, np.float32(1e-6)]
    assert figure.layout.shapes[0].y0 == 1.0
    labels = {label.text: (label.x, label.y) for label in figure.layout.annotations}
    assert labels["without<br>clipping"] == (3, pytest.approx(math.log10(2e7)))
    assert labels["cut<br>at 1"] == (2, pytest.approx(-6))
    assert labels["clip at<br>1"] == (pytest.approx(3.06), 0)
    assert without.line.dash != cut.line.dash


def test_the_heatmap_has_a_row_for_each_update():
    squares = flow_heatmap(LEARNING).data[0]
    np.testing.assert_allclose(squares.z[0], [-12, -12, -1], rtol=1e-6)
    assert (squares.zmin, squares.zmax) == (-12, 3)
    assert squares.customdata[0][1] == "1.0·10⁻²⁰"
    assert flow_heatmap(LEARNING).layout.yaxis.ticktext == ("0", "1", "64")
    with pytest.raises(ValueError, match="state: expected h, got 'c'"):
        flow_heatmap(LEARNING, state="c")


def contrast(one, other):
    """Return WCAG 2's ratio of two colours, #RRGGBB."""
    parts = np.array([[int(colour[k : k + 2], 16) for k in (1, 3, 5)] for colour in (one, other)])
    linear = np.where(parts <= 10, parts / 255 / 12.92, ((parts / 255 + 0.055) / 1.055) ** 2.4)
    low, high = sorted(linear @ [0.2126, 0.7152, 0.0722])
    return (high + 0.05) / (low + 0.05)


def test_the_cliff_shows_the_surface_and_where_a_descent_leaves_it():
    hill, way = cliff_surface(GRID, {"plain": LEAP}).data
    np.testing.assert_allclose(hill.z, GRID.loss, rtol=1e-6)
    assert hill.x.tolist() == np.float32(GRID.w).tolist()
    outside = (LEAP.w < 3) | (LEAP.w > 7) | (LEAP.b < -5) | (LEAP.b > -1)
    assert outside.any()
    np.testing.assert_array_equal(np.isnan(way.z), outside)
    flat, outline, path, start = cliff_contours(GRID, {"plain": LEAP}).data
    assert (start.text, start.x, start.y) == (("start",), (LEAP.w[0],), (LEAP.b[0],))
    np.testing.assert_allclose(flat.z, GRID.loss, rtol=1e-6)
    np.testing.assert_allclose(path.x, LEAP.w, rtol=1e-6)
    assert (outline.hoverinfo, outline.showlegend) == ("skip", False)
    for theme, paper in PAPER.items():
        for path in cliff_contours(GRID, {"plain": LEAP, "cut": LEAP}, theme=theme).data[2::2]:
            assert contrast(path.line.color, paper) >= 2.9
            assert path.marker.color == path.line.color
    assert cliff_contours(GRID, {}).layout.yaxis.range == (-5.0, -1.0)


def test_words_tell_what_the_figures_show():
    curves = flow_curves_alt(CURVES)
    assert "RNN, halves after 1 steps: 1 at the last step, 8.7·10⁻¹⁹ at the initial state" in curves
    assert "50 steps: reach 5.0·10⁻¹³, learnt in 0 of 2 runs" in horizon_squares_alt(KNOWN)
    assert "without clipping: at most 2.0·10⁷, 2.0·10⁷ after 3 updates" in norm_curves_alt(NORMS)
    assert "after 64 updates, 1 at the initial state, 3 at the last" in flow_heatmap_alt(LEARNING)
    assert "it leaves the picture" in cliff_alt(GRID, {"plain": LEAP})


def label_places(figure):
    """Return the label of each curve with where its text is, from the lowest one up."""
    return sorted((label.ay, label.text) for label in figure.layout.annotations)


def test_labels_are_at_the_ends_of_their_curves_and_beside_every_curve():
    """Four curves end at the same floor: their labels point there, apart, right of the axes."""
    same = [Curve(name, DECAY, "rnn_tanh") for name in ("a", "b", "c", "d")]
    figure = flow_curves([*same, CURVES[1]], guess=DECAY, height=400)
    axis = figure.layout.yaxis.range
    lines = {trace.name: trace for trace in figure.data if trace.mode == "lines"}
    assert {label.text for label in figure.layout.annotations} == set(lines)
    for label in figure.layout.annotations:
        line = lines[label.text]
        right = int(np.argmax(line.x))
        assert (label.x, label.y) == (
            line.x[right],
            pytest.approx(np.log10(line.y[right]), abs=1e-6),
        )
        assert label.ax > figure.layout.xaxis.range[1]  # beyond the axes, where no curve is
        assert (label.axref, label.ayref) == ("x", "y")
    pixels = (
        np.diff([place for place, _ in label_places(figure)]) * (400 - 110) / (axis[1] - axis[0])
    )
    assert pixels.min() >= 20
    assert not figure.layout.showlegend
    widest = max(len(name) for name in lines)
    assert figure.layout.margin.r >= 8 * widest


def test_labels_are_moved_apart_as_little_as_needed():
    assert spread([0.0, 5.0], 1.0, 0.0, 10.0) == [0.0, 5.0]
    assert spread([5.0, 5.0, 0.0], 1.0, 0.0, 10.0) == [5.0, 6.0, 0.0]
    assert spread([10.0, 10.0], 1.0, 0.0, 10.0) == [9.0, 10.0]
    assert spread([], 1.0, 0.0, 10.0) == []


@pytest.mark.parametrize("steps", [5, 64, 400])
def test_letters_stay_on_the_axis_at_every_length(steps):
    axis = steps_axis(["<"] * steps, steps)
    assert axis["type"] == "category"
    assert "&lt;" in axis["labelalias"][str(steps - 1)]
    assert list(axis["categoryarray"]) == list(range(steps))
    assert "labelalias" not in steps_axis(None, steps)


def test_labels_longer_than_a_letter_have_the_size_by_which_plotly_leaves_some_out():
    axis = steps_axis(["−0.53", "3.83"], 2)
    assert f"font-size:{axis['tickfont']['size']}px" in axis["labelalias"]["1"]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0.0, "0"), (0.0125, "0.0125"), (-3.2e-7, "−3.2·10⁻⁷"), (1234.0, "1,234"),
        (3e12, "3.0·10¹²"), (math.inf, "∞"), (math.nan, "unknown"), (999.7, "1,000"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_people_do(value, told):
    assert written(value) == told


def test_a_draft_is_drawn_as_its_checked_figure_is() -> None:
    draft = flow_draft(CURVES, theory=CURVES[:1], guess=DECAY, theme="dark")
    told, checked = draft.to_dict(), draft.checked().to_dict()
    assert told["layout"] == checked["layout"] | {
        "template": {"layout": checked["layout"]["template"]["layout"]}
    }
    assert len(told["data"]) == len(checked["data"]) > 5
    for trace, expected in zip(told["data"], checked["data"], strict=True):
        for axis in ("x", "y"):
            values = np.frombuffer(b64decode(trace[axis]["bdata"]), trace[axis]["dtype"])
            right = np.frombuffer(b64decode(expected[axis]["bdata"]), expected[axis]["dtype"])
            np.testing.assert_array_equal(values, right)
        assert trace | {"x": 0, "y": 0} == expected | {"x": 0, "y": 0}
