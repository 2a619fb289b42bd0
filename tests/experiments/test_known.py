"""Known results: the exact cards hold, the quick ones are run, and a fail stays a fail."""

import json
import math
from dataclasses import replace

import pytest
import torch

from gatesviz.experiments import Experiment, Store, Trial, begin
from gatesviz.experiments.horizon import latch
from gatesviz.experiments.known import (
    CARDS,
    Band,
    Card,
    equality,
    generalisation,
    learning,
    table,
    trained,
)
from gatesviz.experiments.known.card import Row
from gatesviz.experiments.known.decay import BIASES
from gatesviz.gradients import forget_decay
from gatesviz.training import advance, start
from tests.experiments.inline import inline_engine
from tests.experiments.made import result

EXACT = [key for key in CARDS if key.startswith("X")]


@pytest.mark.parametrize("key", EXACT)
def test_what_is_exact_holds(key):
    outcome = CARDS[key].outcome()
    assert outcome.status == "pass", table.as_text(outcome)
    assert all(len(row.values) == row.band.count for row in outcome.rows)


def test_every_card_of_the_list_is_there():
    listed = "X1 X2 X3 X4 X5 X6 X7 X9 X10 X11 T1 T2 T3 T3b T5 T6 T7 T12 T13"
    assert " ".join(CARDS) == listed
    for card in CARDS.values():
        assert all((card.title, card.source, card.setting, card.expected, card.values))
        assert card.bands
        assert any(band.judged for band in card.bands)


def test_x4_is_the_theory():
    rows = {row.band.row: row.values[0] for row in CARDS["X4"].outcome().rows}
    for bias in BIASES:
        assert rows[f"b = {bias:g}"] == pytest.approx(float(forget_decay(bias, 50)), rel=1e-6)


def test_x9_tells_a_wrong_scan():
    k, v = torch.randn(2, 64, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    right = equality.min_gru_sequential(k, v)
    assert torch.allclose(equality.min_gru_parallel(k, v), right, atol=1e-12)
    assert not torch.allclose(equality.min_gru_parallel(-k, v), right, atol=1e-2)


def test_t3b_holds():
    assert CARDS["T3b"].outcome().status == "pass"


CORNERS = {  # of T1, T3 and T6: what is soon solved, and how soon at most
    "T1, LSTM": (trained.order().specs[1], 500),
    "T3, chrono at 100": (latch("LSTM, chrono", 100, 0), 200),
    "T3, b = 5 at 50": (latch("LSTM, b = 5", 50, 0), 300),
    "T6, LSTM": (trained.parity().specs[1], 400),
}
HARD = {  # and what is not, in as many updates
    "T1, RNN": (trained.order().specs[0], 500),
    "T3, b = 1 at 50": (latch("LSTM, b = 1", 50, 0), 300),
}


@pytest.mark.slow
def test_the_quick_corners_of_the_trained_cards(tmp_path):
    engine = inline_engine()
    try:
        for updates in sorted({most for _, most in (*CORNERS.values(), *HARD.values())}):
            named = {n: s for n, (s, most) in {**CORNERS, **HARD}.items() if most == updates}
            experiment = Experiment("corners", "?", tuple(named.values()), updates)
            asking = begin(experiment, Store(tmp_path), lambda: engine)
            asking.wait(300, every=0.02)
            for name, spec in named.items():
                assert (asking.by_spec()[spec].solved_at is not None) == (name in CORNERS), name
    finally:
        engine.stop()


def of(spec, updates: int = 0, weights=None):
    """Return what a trial of T7 that ended after so many updates came to, or other weights."""
    if weights is None:
        weights = (advance(start(spec), updates)[0] if updates else start(spec)).weights
    return replace(result(Trial(spec, 2_000, until_solved=False), 0.5), weights=weights)


def test_t7_reads_one_endless_text():
    batch = generalisation.endless()
    assert batch.inputs.shape == (2_000, 8, 7)
    letters = batch.inputs.argmax(-1, keepdim=True)
    assert batch.targets[:-1].gather(-1, letters[1:]).all(), "a letter that may not come next"
    assert (letters[0] == "BTPSXVE".index("B")).all()
    assert len({column.numpy().tobytes() for column in letters.unbind(1)}) == 8


def test_t7_measures_what_is_planted():
    """Without a forget gate c grows by sigmoid(0) tanh(20) a step; the readout always says T."""
    spec = trained.stream().specs[1]
    module, readout = start(spec).model.modules()
    for parameter in (*module.parameters(), *readout.parameters()):
        parameter.data.zero_()
    module.bias_ih_l0.data[12:24] = 100
    module.bias_ih_l0.data[24:36] = 20
    readout.bias.data["BTPSXVE".index("T")] = 1
    flat = torch.nn.utils.parameters_to_vector([*module.parameters(), *readout.parameters()])
    share, largest, growth = generalisation.stream_numbers(of(spec, weights=flat.detach().numpy()))
    batch = generalisation.endless()
    after = batch.targets[batch.mask]
    assert share == pytest.approx(float(after[:, "BTPSXVE".index("T")].mean()))
    assert 0.4 < share < 0.6
    assert (largest, growth) == (pytest.approx(1_000, rel=1e-3), pytest.approx(10, rel=1e-3))


def test_t7_without_a_forget_gate_c_grows_along_the_text():
    card, specs = CARDS["T7"], trained.stream().specs
    assert [(spec.forget_gate, spec.seed) for spec in specs[:3]] == [
        (True, 0),
        (False, 0),
        (True, 1),
    ]
    found = {made.trial: made for made in (of(specs[0], 100), of(specs[1], 100))}
    rows = {row.band.row: row.values for row in card.outcome(found).rows}
    assert len(rows) == 6
    assert [len(values) for values in rows.values()] == [1] * 6
    assert rows["growth of |c|, with a forget gate"][0] < 1.5
    assert rows["growth of |c|, without a forget gate"][0] > 5
    assert (
        rows["largest |c|, without a forget gate"][0]
        > 200
        > rows["largest |c|, with a forget gate"][0]
    )


def test_t13_measures_what_is_planted():
    """c of unit 0 is 1 for A and -1 for B. h reaches no gate, so nothing repairs it."""
    card, spec = CARDS["T13"], trained.latch().specs[0]
    module, readout = start(spec).model.modules()
    for parameter in (*module.parameters(), *readout.parameters()):
        parameter.data.zero_()
    i, f, _, o = module.bias_ih_l0.data.split(16)
    i[:], f[:], o[:] = -100, 100, 100
    module.weight_ih_l0.data[0, :2] = 200
    module.weight_ih_l0.data[32, :2] = torch.tensor([100, -100])
    readout.weight.data[:, 0] = torch.tensor([1, -1])
    flat = torch.nn.utils.parameters_to_vector([*module.parameters(), *readout.parameters()])
    planted = replace(result(card.trials[0], 1.0), weights=flat.detach().numpy())
    outcome = card.outcome({card.trials[0]: planted})
    rows = {row.band.row: (row.status, *row.values) for row in outcome.rows}
    assert rows["nothing changed"] == ("not finished", 1.0)
    assert rows["o = 0 at steps 25 to 30"] == ("not finished", 1.0)
    assert rows["c negated at step 25"] == ("not finished", 0.0)
    assert rows["f = i = 0 at step 25"] == ("not finished", pytest.approx(0.5, abs=0.1))
    assert rows["f = 0 at step 25"] == ("fail", rows["f = i = 0 at step 25"][1])
    assert outcome.status == "fail"


def test_a_card_fails_with_its_first_wrong_value_and_passes_only_when_complete():
    card = CARDS["T1"]
    scores = {"rnn_tanh": 0.3, "lstm": 1.0, "gru": 0.99}
    right = {trial: result(trial, scores[trial.spec.cell]) for trial in card.trials}
    assert card.outcome().status == "not run"
    assert card.outcome(right).status == "pass"
    assert card.outcome(right).measured == "2026-11-21T10:00:00+00:00"
    some = dict(list(right.items())[:4])
    assert card.outcome(some).status == "not finished"
    (*_, last) = some
    assert card.outcome({**some, last: result(last, 0.5)}).status == "fail"


def test_t3_counts_how_far_each_seed_came_without_a_gap():
    trials = trained.horizon().trials
    chrono = [trial for trial in trials if trial.spec.chrono]
    found = {
        t: result(t, 1.0, None if (t.spec.length, t.spec.seed) == (50, 1) else 25) for t in chrono
    }
    assert learning.frontier(found)["LSTM, chrono"] == (100, 20, 100)
    del found[next(t for t in chrono if (t.spec.seed, t.spec.length) == (2, 10))]
    assert learning.frontier(found)["LSTM, chrono"] == (100, 20)


def test_cards_are_told_in_json_and_in_words():
    card = Card("T0", "a | b", "?", "?", "?", "?", (Band("A", 0.5),), lambda found: {"A": (0.2,)})
    outcome = card.outcome()
    plain = json.loads(json.dumps(outcome.to_dict(), allow_nan=False))
    assert plain["status"] == "fail"
    assert plain["rows"] == [
        {"row": "A", "low": 0.5, "high": None, "values": [0.2], "wanted": 1, "status": "fail"}
    ]
    assert "T0  FAIL" in table.as_text(outcome)
    assert "| A | at least 0.5 | 0.2 | ✗ fail |" in table.as_markdown([outcome], "today")
    assert Row(Band("A", 0.5), (math.nan,)).status == "fail"


def test_a_complete_row_without_an_expected_range_gets_no_tick():
    found = {"A": (0.2, 0.3), "B": (0.2,)}
    bands = (Band("A", count=2), Band("B", 0.1), Band("C", count=2))
    outcome = Card("T0", "?", "?", "?", "?", "?", bands, lambda _: found).outcome()
    page, text = table.as_markdown([outcome], "today"), table.as_text(outcome)
    assert "| A | no expected range | 0.2, 0.3 | · shown only |" in page
    assert "| B | at least 0.1 | 0.2 | ✓ |" in page
    assert "| C | no expected range | no value yet | – not run |" in page
    assert "    · A " in text
    assert "    ✓ B " in text
    assert [row["status"] for row in outcome.to_dict()["rows"]] == ["shown only", "pass", "not run"]
    whole = Card("T0", "?", "?", "?", "?", "?", bands[:2], lambda _: found).outcome()
    assert whole.status == "pass"
