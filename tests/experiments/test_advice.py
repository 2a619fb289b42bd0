"""What the test allows to be said: planted winners, ties, circles and failures."""

import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

import pytest

from gatesviz.experiments.search import Advice, Choice, HeldOut, Plan, advise
from gatesviz.experiments.statistics import Interval
from gatesviz.training import own_series, own_text

CELLS = ("rnn_tanh", "gru", "lstm")
SECONDS = {("rnn_tanh", 16): 0.001, ("gru", 16): 0.004, ("lstm", 16): 0.002}
SERIES = own_series([float(k % 7) for k in range(100)], "sales").task
SEEDS = range(1, 7)
NAIVE = "repeating the value 24 steps earlier"


def near(value: float, width: float) -> Interval:
    return Interval((value,) * 6, value, value - width, value + width)


def planted(
    errors: Mapping[str, float], worth: float = 0.5, width: float = 0.01, wide: tuple[str, ...] = ()
) -> HeldOut:
    """Return a test with these scores; differences to a ``wide`` cell are uncertain."""
    widths = {cell: 1.0 if cell in wide else width for cell in errors}
    return HeldOut(
        steps=400,
        warm_up=200,
        block=7,
        baselines={"repeating the last value": 0.9, NAIVE: worth},
        scores={cell: near(error, widths[cell]) for cell, error in errors.items()},
        against={cell: near(worth - error, width) for cell, error in errors.items()},
        pairs={
            (one, other): near(errors[other] - errors[one], max(widths[one], widths[other]))
            for one, other in combinations(list(errors)[::-1], 2)
        },
    )


def advised(test: HeldOut, lost: tuple[str, ...] = ()) -> Advice:
    """Return the advice; ``lost`` cells came to nothing in the search."""
    chosen = {cell: Choice(cell, 16, 0.01, 50, 0.1, 3) for cell in CELLS if cell not in lost}
    return advise(SERIES, chosen, test, SECONDS, Plan((8, 16, 32), 100), SEEDS)


def of(rnn: float, gru: float, lstm: float) -> dict[str, float]:
    return dict(zip(CELLS, (rnn, gru, lstm), strict=True))


def test_a_planted_winner_is_recommended_with_its_numbers():
    advice = advised(planted(of(0.4, 0.3, 0.2)))
    assert (advice.cell, advice.worthwhile, advice.alike) == ("lstm", True, ())
    assert advice.sentences[0] == (
        "Use the LSTM (16 hidden units, learning rate 0.01, 50 updates). It scores RMSE 0.2"
        " standard"
        " deviations, 60 % lower than repeating the value 24 steps earlier (0.5), the best forecast"
        " without a network. It also beats the RNN (tanh) and the GRU."
    )
    assert advice.sentences[1].startswith(
        "RMSE in standard deviations of the training part on 400 held-out steps (lower is better):"
        " RNN (tanh) 0.4 [0.39, 0.41] (6 seeds); GRU 0.3"
    )
    assert advice.sentences[2] == (
        "Without a network, on the same steps: repeating the last value 0.9; repeating the value"
        " 24 steps earlier 0.5."
    )
    assert "first reads the last 200 steps of the training part" in advice.sentences[3]
    assert "1,999 resamples" in advice.sentences[4]
    assert "blocks of 7 steps" in advice.sentences[4]
    assert len(advice.sentences) == 5  # nothing lies at an edge of the search
    assert [c.verdict.answer for c in advice.comparisons] == ["yes"] * 6
    labels = [c.label for c in advice.comparisons]
    assert labels[0] == f"Lead of the RNN (tanh) over {NAIVE}"
    assert labels[3] == "Lead of the LSTM over the GRU on the test"
    assert advice.reference == (NAIVE, 0.5)
    assert len(advice.points) == 18


def test_of_those_that_the_test_cannot_separate_the_quickest_is_recommended():
    advice = advised(planted(of(0.4, 0.2, 0.201)))
    assert (advice.cell, advice.alike) == ("lstm", ("gru",))  # with half of the GRU's time
    assert (
        "It also beats the RNN (tanh). The test can't separate the GRU from it."
        in (advice.sentences[0])
    )
    assert (
        "An update of the LSTM is the quickest, at 50 % of the longest time."
        in (advice.sentences[0])
    )


def test_a_cell_that_another_one_beats_is_not_recommended():
    """The LSTM is too uncertain to tell; the GRU beats the quick RNN."""
    advice = advised(planted(of(0.34, 0.3, 0.29), wide=("lstm",)))
    assert advice.cell == "lstm"
    assert "The test can't separate the GRU from it." in advice.sentences[0]
    assert "The RNN (tanh) scores worse than the GRU." in advice.sentences[0]


def test_what_does_not_beat_a_forecast_without_a_network_is_not_recommended():
    advice = advised(planted(of(0.4, 0.3, 0.239), worth=0.196))
    assert (advice.cell, advice.worthwhile) == (None, False)
    assert advice.sentences[0] == (
        "Use none of them. No cell beats repeating the value 24 steps earlier, which needs no"
        " network."
        " That forecast scores RMSE 0.196 standard deviations. The best cell, the LSTM, scores"
        " 0.239, 22 % higher."
    )
    chance = advised(planted(of(0.4, 0.3, 0.195), worth=0.196))
    assert chance.cell is None
    assert "The LSTM scores 0.195, but this may be chance." in chance.sentences[0]
    alone = advised(planted(of(0.4, 0.3, 0.345), worth=0.35))
    assert alone.cell == "gru"
    assert (
        f"The test doesn't show that the LSTM beats {NAIVE}." not in alone.sentences[0]
    )  # the GRU beats it
    assert "It also beats the RNN (tanh) and the LSTM." in alone.sentences[0]
    unsure = advised(planted(of(0.4, 0.3, 0.345), worth=0.35, wide=("lstm",)))
    assert f"The test doesn't show that the LSTM beats {NAIVE}." in unsure.sentences[0]
    perfect = advised(planted(of(0.4, 0.3, 0.2), worth=0.0))
    assert perfect.sentences[0].endswith("The best cell, the LSTM, scores 0.2.")


def test_a_cell_whose_training_broke_off_is_named():
    errors = of(0.4, 0.3, 0.2)
    del errors["lstm"]
    advice = advised(planted(errors))
    assert advice.cell == "gru"
    assert "Training of the LSTM stopped early in the test, so it isn't recommended." in (
        advice.sentences
    )
    lost = advised(planted(errors), lost=("lstm",))
    assert "The LSTM has no finite score in the search." in lost.sentences
    nothing = advised(planted({}))
    assert (nothing.cell, nothing.worthwhile, nothing.comparisons) == (None, False, ())
    assert nothing.sentences[0].endswith("That forecast scores RMSE 0.5 standard deviations.")


def test_cells_that_beat_each_other_in_a_circle_leave_the_best_score(monkeypatch):
    from gatesviz.experiments.search.advice import _Evidence

    circle = {("lstm", "gru"), ("gru", "rnn_tanh"), ("rnn_tanh", "lstm")}
    monkeypatch.setattr(_Evidence, "_beats", lambda self, a, b: (a, b) in circle)
    assert advised(planted(of(0.4, 0.2, 0.3))).cell == "gru"


def test_bits_have_their_unit_and_edges_of_the_search_are_named():
    text = own_text("abcd efgh " * 40).task
    chosen = {cell: Choice(cell, 32, 0.03, 50, 0.1, 3) for cell in CELLS}
    chosen["lstm"] = Choice("lstm", 16, 0.01, 25, 0.1, 3)
    seconds = {(cell, size): 1.0 for cell in CELLS for size in (16, 32)}
    test = planted(of(3.0, 1.0, 2.0), worth=2.5)
    test = replace(test, baselines={"a bigram model": 2.5})
    advice = advise(text, chosen, test, seconds, Plan((16, 32), 50), SEEDS)
    assert (advice.cell, advice.worthwhile) == ("gru", True)
    assert "It scores 1 bits per character, 60 % lower" in advice.sentences[0]
    assert advice.sentences[-1] == (
        "Some of the best settings are the smallest or the largest that the search tried: 50"
        " updates for the RNN (tanh) and the GRU; 32 hidden units for the RNN (tanh) and the GRU;"
        " learning rate 0.03 for the RNN (tanh) and the GRU; 16 hidden units for the LSTM. A longer"
        " search may find better ones."
    )
    assert not any(math.isnan(score) for score in test.baselines.values())


def test_a_plan_with_too_few_seeds_is_refused():
    with pytest.raises(ValueError, match="the plan tests 5 seeds, expected 6 to 20"):
        Plan((16,), 50, seeds=5)
