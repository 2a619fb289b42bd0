"""Which unit tracks a property: hand-made units, and SciPy or a count of all pairs as oracle."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import f_oneway, pearsonr
from torch.nn.utils.rnn import pack_sequence

import gatesviz as gv
from gatesviz.detective import Tracked, tracking
from gatesviz.detective.properties import bracket_depth, for_texts, inside_quotes, position
from gatesviz.detective.tracking import tie_text, tied
from tests.detective.made import counter, one_hot, texts

LENGTHS = [9, 4, 7]


def packed(dtype=torch.float32):
    torch.manual_seed(1)
    return torch.nn.GRU(2, 6).to(dtype), pack_sequence(
        [torch.randn(n, 2, dtype=dtype) for n in LENGTHS], enforce_sorted=False
    )


def columns(recording, labels, letter="h"):
    """Return values (N, H) and labels (N,) of the real steps, by a loop over samples."""
    trace = recording.trace()
    found = [
        (trace.sample(k).gates[letter] if letter != "h" else trace.sample(k).after("h"))
        for k in range(len(LENGTHS))
    ]
    wide = np.broadcast_to(np.asarray(labels).reshape(len(labels), -1), (9, 3))
    return np.concatenate(found), np.concatenate([wide[:n, k] for k, n in enumerate(LENGTHS)])


def test_the_counter_is_found_and_so_is_its_idle_copy():
    module, _ = counter()
    written = texts(1000, 40)
    recording = gv.record(module, one_hot(written))
    depth = for_texts(bracket_depth, written)
    ranked = gv.rank(recording, depth)
    assert [each.unit for each in ranked] == [0, 1, 2, 3]  # the constant unit comes last
    assert ranked[0].measure == ranked[1].measure == pytest.approx(1)
    assert ranked[2].measure < 0.2
    assert math.isnan(ranked[3].measure)
    assert str(ranked[0]) == "unit 0: |r| = 1.000, rises with the label"
    assert str(ranked[3]) == "unit 3: no measure, its h never changes or isn't finite"
    assert [each.sign for each in ranked] == [1, 1, ranked[2].sign, 0]
    assert ranked[0].steps == 40_000
    falling = gv.rank(recording, -depth)[0]
    assert (falling.unit, falling.sign) == (0, -1)
    assert gv.rank(recording, [letter == "a" for letter in written[0]])[0].name == "2·|AUC − ½|"
    at_a = np.array([[letter == "a" for letter in text] for text in written]).T
    assert gv.rank(recording, at_a)[0].unit == 2
    assert gv.rank(recording, at_a)[0].measure == 1


@pytest.mark.parametrize("letter", ["h", "z"])
def test_numbers_are_correlated_as_scipy_does_and_ends_are_left_out(letter):
    recording = gv.record(*packed())
    for labels in (position("." * 9), np.random.default_rng(0).normal(size=(9, 3)) * 1e200):
        values, column = columns(recording, labels, letter)
        ranked = gv.rank(recording, labels, letter)
        assert ranked[0].steps == sum(LENGTHS)
        for each in ranked:
            r = pearsonr(values[:, each.unit].astype(float), column / column.max()).statistic
            assert each.measure * each.sign == pytest.approx(r, abs=1e-6)
        measures = [each.measure for each in ranked]
        assert measures == sorted(measures, reverse=True)


def test_yes_or_no_counts_all_pairs_and_half_of_the_ties():
    module, _ = counter()
    written = texts(3, 9)
    recording = gv.record(module, one_hot(written))
    labels = np.random.default_rng(1).random((9, 3)) < 0.4
    values = recording.trace().after("h")
    for each in gv.rank(recording, labels)[:-1]:
        yes, no = values[..., each.unit][labels], values[..., each.unit][~labels]
        pairs = yes[:, None] - no
        area = ((pairs > 0) + (pairs == 0) / 2).mean()
        assert each.measure * each.sign == pytest.approx(2 * area - 1)
    named = np.where(labels, "yes", "no")
    expected = gv.rank(recording, labels)[:-1]  # NaN equals nothing
    assert gv.rank(recording, named)[:-1] == expected
    assert gv.rank(recording, np.where(labels, 7, 3))[:-1] == expected


def test_classes_have_the_share_of_variance_that_anova_has():
    recording = gv.record(*packed(torch.float64))
    labels = np.random.default_rng(2).choice(["A", "B", "C"], (9, 3)).astype(object)
    labels[0] = None  # left out
    values, column = columns(recording, labels)
    known = column != None  # noqa: E711
    for each in gv.rank(recording, labels):
        groups = [values[known & (column == name), each.unit] for name in "ABC"]
        F, N = f_oneway(*groups).statistic, known.sum()
        assert each.measure == pytest.approx(2 * F / (2 * F + N - 3))
        assert (each.sign, each.name, each.steps) == (0, "η²", N)


def test_layers_directions_unbatched_and_blocks_of_units(monkeypatch):
    torch.manual_seed(0)
    module = torch.nn.LSTM(2, 5, 2, bidirectional=True)
    recording = gv.record(module, torch.randn(12, 2))
    labels = position("." * 12)
    ranked = gv.rank(recording, labels, "c", 0, "backward")
    assert {(each.letter, each.layer, each.direction) for each in ranked} == {("c", 0, "backward")}
    values = recording.trace(0, "backward").after("c")
    for each in ranked:
        r = np.corrcoef(values[:, each.unit], labels)[0, 1]
        assert each.measure * each.sign == pytest.approx(r, abs=1e-6)
    assert gv.rank(recording, list(labels), "c", -2, "backward") == ranked
    assert gv.rank(recording, torch.arange(12), "c", -2, "backward") == ranked
    monkeypatch.setattr(tracking, "AT_ONCE", 25)
    in_blocks = gv.rank(recording, labels, "c", 0, "backward")
    assert [each.unit for each in in_blocks] == [each.unit for each in ranked]
    for each, other in zip(in_blocks, ranked, strict=True):
        assert each.measure == pytest.approx(other.measure, rel=1e-12)


def test_a_unit_with_a_value_that_is_not_finite_comes_last():
    module, _ = counter()
    with torch.no_grad():
        module.bias_ih_l0[1] = math.inf
    ranked = gv.rank(gv.record(module, one_hot(texts(2, 9))), position("." * 9))
    assert {each.unit for each in ranked if math.isnan(each.measure)} >= {1, 3}


@pytest.mark.parametrize(
    ("labels", "letter", "error", "sentence"),
    [
        ([3] * 9, "h", ValueError, "expected at least two different ones, but all 27 labels are"),
        ([math.nan] * 9, "h", ValueError, "but no step has a label"),
        (["a"] * 9, "h", ValueError, "all 27 labels are the same"),
        ([1, 2], "h", ValueError, "labels: expected shape (9,) or (9, 3)"),
        (np.zeros((3, 9)), "h", ValueError, "got (3, 9)"),
        ([[1, 2], [3]] * 4 + [[1]], "h", TypeError, "numbers or texts, got [1, 2]"),
        ([math.inf, *range(8)], "h", ValueError, "labels: expected finite numbers"),
        ([10**400, *range(8)], "h", ValueError, "labels: expected finite numbers, got one above"),
        ([{}] * 9, "h", TypeError, "labels: expected numbers or texts, got {}"),
        (np.zeros(9, complex), "h", TypeError, "labels: expected numbers or texts, got complex"),
        (None, "h", ValueError, "labels: expected shape"),
        (np.arange(27).reshape(9, 3).astype(str), "h", ValueError, "all 27 classes are different"),
        (range(9), "c", ValueError, "letter: expected one of ['h'], got 'c'"),
        (range(9), None, ValueError, "letter: expected one of ['h'], got None"),
    ],
)
def test_refusals(labels, letter, error, sentence):
    recording = gv.record(counter()[0], one_hot(texts(3, 9)))
    with pytest.raises(error) as caught:
        gv.rank(recording, labels, letter)
    assert sentence in str(caught.value)
    with pytest.raises(TypeError, match="expected a Recording, got a Trace: pass the recording"):
        gv.rank(recording.trace(), labels)


def test_labels_may_be_any_tensor():
    recording = gv.record(counter()[0], one_hot(texts(3, 9)))
    expected = gv.rank(recording, range(9))
    for labels in (
        torch.arange(9),
        torch.arange(9.0, requires_grad=True),
        torch.arange(9.0).bfloat16(),
    ):
        assert str(gv.rank(recording, labels)) == str(expected)
    with pytest.raises(TypeError, match="expected the results of rank and of ablate, got None for"):
        gv.confirm(expected, None)


def test_the_labels_of_a_quote():
    """The property that Karpathy et al. (2015) found a unit for; here input 0 is that property."""
    text = 'ab"cd"e"f"'
    module = torch.nn.RNN(1, 1, bias=False)
    with torch.no_grad():
        module.weight_ih_l0.fill_(1)
        module.weight_hh_l0.fill_(0)
    inside = inside_quotes(text)
    recording = gv.record(module, torch.tensor(inside, dtype=torch.float32)[:, None])
    assert gv.rank(recording, inside)[0].measure == 1


def test_ties_are_equal_to_two_decimals_and_named():
    def ranked(*measures: float) -> list[Tracked]:
        return [
            Tracked(k, one, 1, "|r|", "h", 0, "forward", 9, 9) for k, one in enumerate(measures)
        ]

    def told(*measures: float) -> str:
        return tie_text(ranked(*measures), tied(ranked(*measures)))

    assert told(0.978, 0.974) == ""
    assert told(0.978, 0.976, 0.9) == "Unit 1 tracks it equally well (|r| = 0.98)."
    assert told(1, 1, 1, 0.99) == "Units 1 and 2 track it equally well (|r| = 1.00)."
    assert told(*[1] * 6) == "Units 1, 2, 3, 4 and 5 track it equally well (|r| = 1.00)."
    assert told(0.004, 0.001) == ""
    assert told(*[1] * 8) == "Units 1, 2, 3, 4 and 3 more track it equally well (|r| = 1.00)."
    assert told(math.nan, math.nan) == told() == ""
