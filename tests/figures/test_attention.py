"""Where attention looks, as data: every weight is there, and no state that is yet to come."""

import numpy as np

from gatesviz.figures import (
    attention_curves,
    attention_curves_alt,
    attention_heatmap,
    attention_heatmap_alt,
)

WEIGHTS = np.array([[1.0, 0.0, 0.0], [0.25, 0.75, 0.0], [0.125, 0.5, 0.375]])


def test_rows_are_answers_and_what_comes_later_is_a_gap() -> None:
    figure = attention_heatmap(WEIGHTS, labels=list("aab"))
    (shown,) = figure.data
    np.testing.assert_array_equal(np.isnan(shown.z), np.triu(np.ones((3, 3), bool), 1))
    np.testing.assert_array_equal(shown.z[2], WEIGHTS[2])
    assert (shown.zmin, shown.zmax, figure.layout.yaxis.autorange) == (0, 1, "reversed")
    assert [text[-8] for text in figure.layout.xaxis.labelalias.values()] == ["a", "a", "b"]
    assert "gives its largest weight, 50 %, to step 1" in attention_heatmap_alt(WEIGHTS)


def test_curves_hold_the_weights_of_each_cell() -> None:
    told = {"GRU": WEIGHTS[2], "LSTM": WEIGHTS[1]}
    gru, lstm = attention_curves(told, labels=list("aab")).data
    np.testing.assert_array_equal(gru.y, WEIGHTS[2].astype(np.float32))
    np.testing.assert_array_equal(lstm.y, WEIGHTS[1].astype(np.float32))
    assert gru.line.color != lstm.line.color
    assert "GRU: largest at step 1, 50 %; LSTM: largest at step 1, 75 %" in attention_curves_alt(
        told
    )
