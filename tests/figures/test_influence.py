"""Which input matters, as data: every number that was measured is there, and nothing else."""

import re

import numpy as np
import torch

import gatesviz as gv
from gatesviz.figures import influence_heatmap, influence_heatmap_alt, input_curves, written
from gatesviz.fresh import fresh
from gatesviz.gradients import influence
from gatesviz.ui.gradients.inputs import diagonal

STEPS = 5


def norms(*, bidirectional=False):
    module = fresh("lstm", 1, 4, bidirectional=bidirectional)
    noise = torch.randn(STEPS, 1, generator=torch.Generator().manual_seed(0))
    return influence(module, noise, lambda output: output.sum(-1))


def test_the_map_is_empty_only_where_nothing_was_measured():
    for both in (False, True):
        known = norms(bidirectional=both)
        shown = influence_heatmap(known).data[0]
        np.testing.assert_array_equal(np.isnan(shown.z), known == 0)
        np.testing.assert_allclose(10.0 ** shown.z[known > 0], known[known > 0], rtol=1e-5)
        assert shown.customdata[-1][0] == f"output 4, input 0: {written(float(known[-1, 0]))}"
        assert written(float(known[-1, 0])) in influence_heatmap_alt(known)
    assert "Above it, all values are 0" in diagonal(norms())
    assert "the backward direction" in diagonal(norms(bidirectional=True))


def test_a_zero_below_the_diagonal_lies_on_the_floor():
    known = np.array([[1.0, 0.0], [0.0, 2e6]])
    figure = influence_heatmap(known)
    assert figure.layout.yaxis.autorange == "reversed"  # else what is below would lie above
    shown = figure.data[0]
    np.testing.assert_array_equal(np.isnan(shown.z), [[False, True], [False, False]])
    assert (shown.z[1][0], shown.zmin, shown.zmax) == (-12, -12, 9)


def test_curves_hold_the_norm_by_each_input():
    flow = gv.gradient_flow(fresh("gru", 1, 4), torch.ones(STEPS, 1), lambda y: y[-1].sum())
    known = np.abs(flow.inputs[:, 0])
    figure = input_curves({"GRU": known}, labels=list("aabba"))
    np.testing.assert_allclose(figure.data[0].y, known, rtol=1e-6)
    assert figure.data[0].text == tuple(f"step {t}: {written(v)}" for t, v in enumerate(known))
    alias = figure.layout.xaxis.labelalias
    assert [re.sub("<[^>]*>", "", alias[str(t)]) for t in range(STEPS)] == list("aabba")
    assert input_curves({"GRU": np.zeros(3)}).data[0].y.tolist() == [np.float32(1e-12)] * 3


def test_curves_have_their_values_at_the_steps_of_the_input():
    known = {"LSTM": np.array([1e-3, 1e-2, 1.0]), "GRU": np.array([1.0, 0.0, 1e-4])}
    for name, curve in zip(known, input_curves(known, floor=1e-9).data, strict=True):
        assert curve.name == name
        assert list(curve.x) == [0, 1, 2]
        np.testing.assert_allclose(curve.y, np.maximum(known[name], 1e-9), rtol=1e-6)
        assert list(curve.text) == [f"step {t}: {written(v)}" for t, v in enumerate(known[name])]
