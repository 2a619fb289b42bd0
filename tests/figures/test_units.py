"""Charts of units: they hold the results of rank and ablate, on axes that mean the same."""

import math
from dataclasses import replace

import numpy as np
import pytest

import gatesviz as gv
from gatesviz.detective.properties import bracket_depth, for_texts
from gatesviz.figures import (
    unit_bars,
    unit_bars_alt,
    unit_harm,
    unit_harm_alt,
    unit_lane,
    unit_lane_alt,
)
from tests.detective.made import counter, latch, one_hot, texts
from tests.hostile import MARKUP

WRITTEN = texts(40, 12)
RANKED = gv.rank(gv.record(counter()[0], one_hot(WRITTEN)), for_texts(bracket_depth, WRITTEN))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_bars_are_the_measures_best_first(theme: str) -> None:
    figure = unit_bars(RANKED, theme=theme)
    [bars] = figure.data
    assert [*bars.x] == [str(each.unit) for each in RANKED]
    assert math.isnan(RANKED[-1].measure)  # unit 3 never changes
    np.testing.assert_allclose(bars.y[:-1], [each.measure for each in RANKED[:-1]], rtol=1e-6)
    assert bars.y[-1] == 0
    assert figure.layout.yaxis.range == (0, 1.03)
    assert "unit 3 has no measure" in unit_bars_alt(RANKED)


def test_dots_are_the_harms_with_their_intervals() -> None:
    model = latch(holding=2)
    ablated = gv.ablate(model, sequences=40)
    ranked = tuple(replace(RANKED[0], unit=k, measure=k / 4) for k in range(3))
    figure = unit_harm(ranked, ablated)
    [dots] = figure.data
    assert [*dots.text] == [str(each.unit) for each in ablated]
    assert figure.layout.yaxis.title.text.replace("<br>", " ").endswith(
        "percentage points of accuracy"
    )
    np.testing.assert_allclose(dots.x, [each.unit / 4 for each in ablated])
    np.testing.assert_allclose(dots.y, [100 * each.harm.estimate for each in ablated], rtol=1e-5)
    highs = [100 * (each.harm.high - each.harm.estimate) for each in ablated]
    np.testing.assert_allclose(dots.error_y.array, highs, rtol=1e-5)
    assert "unit 2: 0.50, " in unit_harm_alt(ranked, ablated)


def test_numbers_of_dots_keep_their_distance() -> None:
    many = [replace(one, units=40) for one in gv.ablate(latch(holding=2), sequences=40)[:1]]
    crowd = [replace(many[0], unit=k) for k in range(40)]
    ranked = tuple(replace(RANKED[0], unit=k, measure=0.5 - 0.01 * k) for k in range(40))
    [dots] = unit_harm(ranked, crowd).data
    named = [place for place, text in zip(dots.x, dots.text, strict=True) if text]
    assert named[0] == 0.5
    assert all(abs(a - b) > 0.1 for i, a in enumerate(named) for b in named[:i])


def test_a_lane_shows_the_unit_and_the_label_of_each_step() -> None:
    values, numbers = np.array([0.5, -1.0, 2.0]), [0.0, math.nan, 3.0]
    figure = unit_lane(values, numbers, unit=1, letter="c", name="depth", steps=["(", "<", "$x$"])
    line, labels = figure.data
    np.testing.assert_allclose(line.y, values)
    assert [*labels.y] == [0.0, None, 3.0]
    assert line.text[0] == "step 0 ((): c = 0.5"
    assert labels.text[1] == "step 1 (&lt;): –"
    named = unit_lane(values, [None, "B", MARKUP], unit=1, letter="h", name="letter")
    assert [*named.data[1].y] == [None, 1.0, 0.0]
    assert named.layout.yaxis2.ticktext[1] == "B"
    assert "<script" not in named.to_json()
    assert "<" not in named.to_json().replace("<br>", "").replace("<extra></extra>", "")
    yes = unit_lane(values, [True, False, True], unit=1, letter="h", name="quotes")
    assert [*yes.layout.yaxis2.ticktext] == ["no", "yes"]
    assert [*yes.data[1].y] == [1.0, 0.0, 1.0]
    said = unit_lane_alt(values, numbers, unit=1, letter="c", name="depth")
    assert said == "c of unit 1 over 3 steps, from −1 to 2. Below it, depth, from 0 to 3."


def test_long_labels_are_cut_and_keep_their_rows() -> None:
    labels = ["x" * 30 + "a", "x" * 30 + "b", "a\u202eb"]
    figure = unit_lane(np.zeros(3), labels, unit=0, letter="h", name="own")
    assert [*figure.data[1].y] == [1.0, 2.0, 0.0]
    alt = unit_lane_alt(np.zeros(3), labels, unit=0, letter="h", name="own")
    assert alt.endswith(f"Below it, own: {'x' * 24}…, aU+202Eb.")
    assert "\u202e" not in str(figure)
