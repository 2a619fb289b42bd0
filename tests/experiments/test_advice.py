"""What a test of three cells allows to be said: planted winners, ties, circles and failures."""

import math

import pytest

from gatesviz.experiments.choosing import Advice, Choice, Pilot, Plan, advise
from gatesviz.training import own_series, own_text

CELLS = ("rnn_tanh", "gru", "lstm")
SECONDS = {"rnn_tanh": 0.001, "gru": 0.004, "lstm": 0.002}
KNOWN = Pilot(
    {(cell, 16): seconds for cell, seconds in SECONDS.items()},
    {"always the same answer": 1.0, "the last value again": 0.5},
)
SERIES = own_series([float(k % 7) for k in range(100)], "sales").task
SEEDS = range(1, 7)


def advised(
    rnn: list[float] | None, gru: list[float] | None, lstm: list[float] | None, worth: float = 0.5
) -> Advice:
    """Return the advice where the test came to these errors; None came to nothing in the search."""
    errors = {c: e for c, e in zip(CELLS, (rnn, gru, lstm), strict=True) if e is not None}
    chosen = {cell: Choice(cell, 16, 0.01, 50, 0.1, 3) for cell in errors}
    scores = {cell: dict(zip(SEEDS, each, strict=False)) for cell, each in errors.items()}
    known = Pilot(KNOWN.seconds, {**KNOWN.references, "the last value again": worth})
    return advise(SERIES, chosen, scores, known, Plan((8, 16, 32), 100))


def about(error: float, noise: float = 0.001) -> list[float]:
    return [error + noise * (-1) ** seed for seed in SEEDS]


def test_a_planted_winner_is_recommended_with_its_numbers():
    advice = advised(about(0.4), about(0.3), about(0.2))
    assert (advice.cell, advice.worthwhile) == ("lstm", True)
    assert advice.sentences[0] == (
        "Take the LSTM (16 units, learning rate 0.01, 50 updates): the RNN (tanh) and the GRU score"
        " worse, seed by seed."
    )
    assert "LSTM 0.2 [" in advice.sentences[1]
    assert "“the last value again”, which needs no network, has 0.5." in advice.sentences[1]
    assert len(advice.sentences) == 2  # nothing lies at an end of what was tried
    assert [c.verdict.answer for c in advice.comparisons] == ["yes", "yes", "yes"]
    first = advice.comparisons[0]
    assert first.label == "how much better the LSTM scores on the test than the GRU"
    assert first.interval.estimate == pytest.approx(0.1)  # of errors, so the smaller is better
    assert advised(about(0.4), about(0.2), about(0.3)).cell == "gru"
    assert len(advice.points) == 18


def test_of_those_that_cannot_be_told_apart_the_quickest_is_recommended():
    advice = advised(about(0.4), about(0.2, 0.01), [e + 0.001 for e in about(0.2, -0.01)])
    assert advice.cell == "lstm"  # whose update takes half of the GRU's time
    assert (
        "the RNN (tanh) scores worse, seed by seed; these seeds cannot tell the GRU from it"
        in (advice.sentences[0])
    )
    assert advice.alike == ("gru",)
    assert "(0.50 of the longest)" in advice.sentences[0]


def test_a_cell_that_another_one_is_shown_to_beat_is_not_recommended():
    """The LSTM has the best median and too much noise to tell; the GRU beats the quick RNN."""
    wild = [0.1, 0.1, 0.1, 0.45, 0.45, 0.1]
    advice = advised(about(0.34), about(0.3), wild)
    assert advice.cell == "lstm"
    assert "cannot tell the GRU from it" in advice.sentences[0]
    assert "the RNN (tanh) scores worse than the GRU, seed by seed" in advice.sentences[0]
    told = {c.label: c.verdict.answer for c in advice.comparisons}
    assert told["how much better the GRU scores on the test than the RNN (tanh)"] == "yes"
    assert told["how much better the LSTM scores on the test than the RNN (tanh)"] == "cannot tell"


def test_what_is_no_better_than_what_needs_no_network_is_not_recommended():
    advice = advised(about(0.4), about(0.3), about(0.2), worth=0.1)
    assert (advice.cell, advice.worthwhile) == (None, False)
    assert advice.sentences[0].startswith("Take none of them: no cell is shown to be better than")
    alone = advised(about(0.32, 0.1), about(0.3), about(0.5), worth=0.35)
    assert alone.cell == "gru"  # the only one that is better than that
    wild = [0.1, 0.5, 0.1, 0.5, 0.3, 0.31]
    lonely = advised(wild, about(0.3), wild[::-1], worth=0.35)
    assert "the LSTM is not shown to be better than “the last value again”" in lonely.sentences[0]
    single = advised(None, about(0.3), None, worth=0.35)
    assert "it alone is shown to be better than “the last value again”." in single.sentences[0]
    assert advised(about(0.4), about(0.3), about(0.2), worth=0.45).worthwhile


def test_a_run_that_broke_off_takes_its_cell_out_and_says_so():
    advice = advised(about(0.4), about(0.3), [*about(0.2)[:5], math.nan])
    assert advice.cell == "gru"
    assert "Training of the LSTM broke off with 1 of 6 seeds, so it is not recommended." in (
        advice.sentences
    )
    assert len(advice.points) == 17
    lost = advised(None, about(0.3), about(0.2))
    assert lost.cell == "lstm"
    assert "The RNN (tanh) came to no score in the search." in lost.sentences
    assert "RNN" not in lost.sentences[0]
    nothing = advised([math.nan] * 6, None, None)
    assert (nothing.cell, nothing.worthwhile, nothing.comparisons) == (None, False, ())


def test_cells_that_beat_each_other_in_a_circle_leave_the_best_median(monkeypatch):
    from gatesviz.experiments.choosing.advice import _Evidence

    circle = {("lstm", "gru"), ("gru", "rnn_tanh"), ("rnn_tanh", "lstm")}
    monkeypatch.setattr(_Evidence, "_better", lambda self, a, b: (a, b) in circle)
    assert advised(about(0.4), about(0.2), about(0.3)).cell == "gru"


def test_too_few_seeds_recommend_nothing():
    advice = advised(about(0.4)[:5], about(0.3), about(0.2))
    assert (advice.cell, advice.worthwhile, len(advice.points)) == (None, None, 17)
    assert "too few" in advice.sentences[0]


def test_fewer_bits_are_better_and_what_lies_at_an_end_is_told():
    text = own_text("abcd efgh " * 40).task
    scores = {cell: {s: bits + s / 1_000 for s in SEEDS} for cell, bits in
              zip(CELLS, (3.0, 1.0, 2.0), strict=True)}  # fmt: skip
    chosen = {cell: Choice(cell, 32, 0.03, 50, 0.1, 3) for cell in CELLS}
    chosen["lstm"] = Choice("lstm", 16, 0.01, 25, 0.1, 3)
    seconds = {(cell, size): 1.0 for cell in CELLS for size in (16, 32)}
    advice = advise(text, chosen, scores, Pilot(seconds, {"nothing": 2.5}), Plan((16, 32), 50))
    assert (advice.cell, advice.worthwhile) == ("gru", True)
    assert advice.sentences[-1] == (
        "The best that was tried lies at an end of what was tried: 50 updates for the RNN (tanh)"
        " and the GRU; 32 units for the RNN (tanh) and the GRU; the rate 0.03 for the RNN (tanh)"
        " and the GRU; 16 units for the LSTM. Beyond, it may come out otherwise."
    )
