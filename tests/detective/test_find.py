"""Where else the same units are active: a search written with sets and loops as oracle."""

import math

import numpy as np
import pytest
import torch

import gatesviz as gv
from gatesviz.detective import Stretch, active_units, matches
from tests.detective.made import counter, one_hot, texts


def recordings(seed: int = 0):
    torch.manual_seed(seed)
    module = torch.nn.LSTM(3, 6)
    with torch.no_grad():
        for weight in module.parameters():
            weight.mul_(4)
    whole = gv.record(module, torch.randn(14, 4, 3))
    parts = [torch.randn(n, 3) for n in (9, 2, 11)]
    ends = gv.record(module, torch.nn.utils.rnn.pack_sequence(parts, enforce_sorted=False))
    return [whole, ends]


def active(values, threshold, units):
    """Return {(unit, sign)} of a stretch (L, H)."""
    high = {(u, 1) for u in units if all(row[u] >= threshold for row in values)}
    return high | {(u, -1) for u in units if all(row[u] <= -threshold for row in values)}


def searched(given, stretch, threshold, units):
    """Return every match, best first, by loops over samples and steps."""
    values = [recording.trace().after("h") for recording in given]
    start, stop, sample, number = stretch
    query, length = values[number][start:stop, sample], stop - start
    wanted, found = active(query, threshold, units), []
    for r, array in enumerate(values):
        for b in range(array.shape[1]):
            for t in range(len(array) - length + 1):
                part = array[t : t + length, b]
                here = active(part, threshold, units)
                if here & wanted:
                    gap = (part[:, units].astype(float) - query[:, units]).ravel()
                    near = math.sqrt(sum(gap**2) / gap.size)
                    found.append((-len(here & wanted) / len(here | wanted), near, r, b, t))
    kept = []
    for similarity, near, r, b, t in sorted(found):
        taken = [(number, sample, start), *(each[2:] for each in kept)]
        if all((r, b) != other[:2] or abs(t - other[2]) >= length for other in taken):
            kept.append((-similarity, near, r, b, t))
    return kept


@pytest.mark.parametrize("units", [range(6), [1, 3, 4]])
@pytest.mark.parametrize("stretch", [(7, 10), (6, 8, 2, 1), (5, 6, 3)])
def test_all_matches_are_those_of_a_plain_search(stretch, units, monkeypatch):
    given, at = recordings(), Stretch(*stretch)
    threshold = 0.1
    for block in (matches.AT_ONCE, 30):
        monkeypatch.setattr(matches, "AT_ONCE", block)
        found = gv.find(given, stretch, list(units), threshold=threshold, most=1000)
        expected = searched(given, at, threshold, list(units))
        assert len(found) == len(expected) > 3
        for match, (similarity, near, r, b, t) in zip(found, expected, strict=True):
            assert match.stretch == (t, t + at.stop - at.start, b, r)
            assert match.similarity == pytest.approx(similarity)
            assert match.distance == pytest.approx(near, rel=1e-5)
            part = given[r].trace().after("h")[t : match.stretch.stop, b]
            query = given[at.recording].trace().after("h")[at.start : at.stop, at.sample]
            here, there = active(part, threshold, units), active(query, threshold, units)
            assert match.shared == tuple(sorted({u for u, _ in here & there}))
            assert match.extra == tuple(sorted({u for u, _ in here - there}))
    assert gv.find(given, stretch, list(units), threshold=threshold, most=2) == found[:2]


def test_the_counter_is_on_wherever_a_bracket_is_open():
    """In a thousand sequences; unit 0 and 1 count, unit 3 is always on."""
    module, _ = counter()
    written = ["aa(aa)aaaa", *texts(999, 10)]
    recording = gv.record(module, one_hot(written))
    assert active_units(recording, (2, 5), threshold=0.5) == {0: 1, 1: 1, 3: 1}
    found = gv.find(recording, (2, 5), [0, 1], threshold=0.5, most=1000)
    assert found[0].similarity == 1
    assert found[0].distance == 0
    counted = recording.trace().after("h")[..., 1]
    for match in found:
        start, stop, sample, _ = match.stretch
        assert (counted[start:stop, sample] >= 1).all()
    assert str(found[0]).startswith(f"sequence {found[0].stretch.sample}, steps ")
    assert not [m for m in found if m.stretch.sample == 0 and m.stretch.start < 5]


def test_a_unit_that_stays_low_is_active_with_the_other_sign():
    module = torch.nn.RNN(1, 1, bias=False)
    with torch.no_grad():
        module.weight_ih_l0.fill_(1)
        module.weight_hh_l0.fill_(0)
    signs = torch.tensor([2.0, 2, -2, -2, 0, -2, -2, 2])
    recording = gv.record(module, signs[:, None])
    assert active_units(recording, (2, 4)) == {0: -1}
    assert [match.stretch[:2] for match in gv.find(recording, (2, 4))] == [(5, 7)]
    assert gv.find(recording, (0, 2)) == ()


@pytest.mark.parametrize(
    ("arguments", "options", "error", "sentence"),
    [
        (((2, 2),), {}, ValueError, "stretch: expected 0 ≤ start < stop ≤ 14, got 2 to 2"),
        (((-1, 2),), {}, ValueError, "got -1 to 2"),
        (((0, 15),), {}, ValueError, "got 0 to 15"),
        (((0, 2, 4),), {}, ValueError, "sequence 4 does not exist: sequences are 0 to 3"),
        (((0, 2, 0, 2),), {}, ValueError, "recording 2 does not exist: recordings are 0 to 1"),
        (((0, 2, 0, 0, 0),), {}, TypeError, "stretch: expected (start, stop)"),
        ((3,), {}, TypeError, "stretch: expected (start, stop), got 3"),
        (((0.5, 2),), {}, TypeError, "start: expected a whole number, got 0.5"),
        (((0, 2), [6]), {}, ValueError, "unit 6 does not exist: units are 0 to 5"),
        (((0, 2), []), {}, ValueError, "units: expected at least one, got none"),
        (((0, 2),), {"threshold": 0}, ValueError, "threshold: 0 is outside the allowed range"),
        (((0, 2),), {"threshold": math.nan}, ValueError, "threshold: nan is outside"),
        (((0, 2),), {"threshold": "x"}, TypeError, "threshold: expected a number, got 'x'"),
        (((0, 2),), {"threshold": 5}, ValueError, "no compared unit stays 5 or more from 0 thr"),
        (((0, 2, 1, 1),), {"most": 0}, ValueError, "matches: 0 is outside the allowed range"),
        (((0, 2, 1, 1),), {}, ValueError, "Take a threshold below 0."),
        (((0, 14), [0]), {}, ValueError, "Take a shorter one, since all change their sign"),
        (((0, 2),), {"letter": "z"}, ValueError, "letter: expected one of ['i', 'f', 'g', 'o'"),
    ],
)
def test_refusals(arguments, options, error, sentence):
    with pytest.raises(error) as caught:
        gv.find(recordings(), *arguments, **options)
    assert sentence in str(caught.value)


def test_recordings_are_checked():
    given = recordings()
    with pytest.raises(TypeError, match="expected a Recording, got a Trace"):
        gv.find([given[0].trace()], (0, 2))
    for wrong in ([], "x", given[0].trace(), None):
        with pytest.raises(TypeError, match="recordings: expected a Recording or several, got"):
            gv.find(wrong, (0, 2))
    other = gv.record(torch.nn.LSTM(3, 5), torch.zeros(4, 1, 3))
    with pytest.raises(ValueError, match="expected one model, got 5 and 6 units of h"):
        gv.find([given[0], other], (0, 2))
    short = gv.record(torch.nn.LSTM(3, 6), torch.zeros(2, 1, 3))
    found = gv.find([given[0], short], (7, 10), threshold=0.1)
    assert found
    assert np.all([match.stretch.recording == 0 for match in found])


@pytest.mark.parametrize(("size", "dtype"), [(1e20, torch.float32), (1e200, torch.float64)])
def test_distances_of_large_values_are_not_infinite(size, dtype):
    """Their squares don't fit into the dtype; their distance does, and it decides the order."""
    module = torch.nn.RNN(1, 1, nonlinearity="relu", bias=False, dtype=dtype)
    with torch.no_grad():
        module.weight_ih_l0.fill_(1)
        module.weight_hh_l0.fill_(0)
    values = torch.tensor([1.0, 3.0, 7.0, 2.0, 1.5, 6.0], dtype=dtype).mul(size)[:, None, None]
    found = gv.find(gv.record(module, values), (0, 1))
    assert [match.stretch.start for match in found] == [4, 3, 1, 5, 2]
    far = [abs(float(values[match.stretch.start] - values[0])) for match in found]
    np.testing.assert_allclose([match.distance for match in found], far, rtol=1e-6)
