"""Which one for me?, without a browser: a search that is known is shown, with its evidence."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from gatesviz.experiments import Trial, results_store
from gatesviz.experiments.result import Result
from gatesviz.experiments.search import (
    FINISHED,
    PILOTS,
    Baselines,
    Pilot,
    Plan,
    SearchProgress,
    advise,
    choices,
    compare,
    final_experiment,
    finished,
    history,
    search_experiment,
)
from gatesviz.experiments.search.budget import Budget
from gatesviz.training import OwnData, own_series
from gatesviz.ui.compare import search as search_module
from gatesviz.ui.compare.recommendation import as_csv
from tests.experiments.made import result
from tests.ui.test_compare import open_compare
from tests.ui.test_gradients import charts, words

TEXTS = [f"{value:.3f}" for value in np.sin(np.arange(60.0)) + 2]
DATA = own_series([float(text) for text in TEXTS], "level")
CELLS = ("rnn_tanh", "gru", "lstm")
KNOWN = Pilot(
    {(cell, size): 0.001 for cell in CELLS for size in (8, 16, 32, 64)},
    Baselines({"repeating the last value": np.full(12, 0.25)}),
)
LINK = {
    "coview": "which one for me?",
    "coyours": "Forecast a column of your own table",
    "comin": "1",
}


def outcome(trial: Trial) -> Result:
    """The GRU is best, at its 25th update and with the rate 0.01."""
    spec = trial.spec
    error = {"gru": 0.2, "lstm": 0.3, "rnn_tanh": 0.4}[spec.cell] + spec.seed / 1_000
    error += 0.05 * (spec.learning_rate != 0.01)
    return replace(
        result(trial, 0.0, None),
        scored=np.array([25, 50], np.int32),
        scores=np.array([error, error + 0.1]),
    )


@pytest.fixture(autouse=True)
def _results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATESVIZ_RESULTS", str(tmp_path))
    PILOTS.keep(DATA.digest, KNOWN)


def gone_through(data: OwnData = DATA, worth: float = 0.5) -> SearchProgress:
    """Keep a search that is over, and return it; the best forecast without a network scores
    ``worth``.
    """
    planned = Plan((16,), 50)
    search = search_experiment(data, planned)
    results = {trial: outcome(trial) for trial in search.trials}
    chosen = choices(search, results)
    final = final_experiment(data, chosen, planned.seeds)
    results |= {trial: outcome(trial) for trial in final.trials}
    rng = np.random.default_rng(0)
    costs = {
        cell: (error + np.arange(1, 7)[:, None] / 1_000 + 0.001 * rng.normal(size=12)) ** 2
        for cell, error in (("rnn_tanh", 0.4), ("gru", 0.2), ("lstm", 0.3))
    }
    reference = Baselines(
        {"forecasting the mean of the training part": np.ones(12),
         "repeating the value 6 steps earlier": np.full(12, worth**2)}
    )  # fmt: skip
    test = compare(costs, reference, history(data))
    advice = advise(data.task, chosen, test, KNOWN.seconds, planned, range(1, 7))
    standing = SearchProgress(
        "done", False, 18, 18, 0.0, KNOWN, planned, chosen, advice, results,
        ("Searched for each cell: 3 settings.",),
    )  # fmt: skip
    FINISHED.keep((data.digest, 1, results_store().folder), standing)
    return standing


def with_data(**more: str) -> AppTest:
    app = open_compare(**LINK, **more)
    assert "Upload or paste a table" in app.info[0].value
    app.text_area(key="own pasted").set_value("\n".join(["level", *TEXTS])).run()
    assert not app.exception
    return app


def test_before_a_search_there_is_its_button_and_nothing_is_given_away() -> None:
    app = with_data()
    assert "Search for 1 minute" in [button.label for button in app.button]
    assert not charts(app)
    assert not app.table


def test_a_search_that_was_made_is_shown_with_its_evidence() -> None:
    gone_through()
    app = with_data()
    assert "Make a guess to see the result." in words(app)
    assert "Use the" not in words(app)
    assert not app.table
    assert not charts(app)
    app.segmented_control(key="cobest").set_value("LSTM").run()
    assert "You guessed LSTM. Measured: **GRU**." in words(app)
    assert "Use the GRU (" in words(app)
    assert "It also beats the RNN (tanh) and the LSTM." in words(app)
    assert "lower than repeating the value 6 steps earlier (0.5)" in words(app)
    assert "first reads the last 48 steps of the training part" in words(app)
    assert "Searched for each cell: 3 settings." in words(app)
    test = app.table[0].value
    assert list(test["Forecast"]) == [
        "GRU", "LSTM", "RNN (tanh)", "Repeating the value 6 steps earlier",
        "Forecasting the mean of the training part",
    ]  # fmt: skip
    assert list(test["RMSE (standard deviations)"])[3:] == ["0.5", "1"]
    low, high = map(float, test["95 % interval"][0].split(" to "))
    assert low < 0.2035 < high
    table = app.table[1].value
    assert list(table["Cell"]) == ["RNN (tanh)", "GRU", "LSTM"]
    assert set(table["Learning rate"]) == {"0.01"}
    assert set(table["Updates"]) == {"25"}
    (chart,) = charts(app)
    assert chart["layout"]["shapes"][0]["y0"] == 0.5
    assert not [button for button in app.button if button.label.startswith("Search")]


def test_where_no_cell_beats_the_season_none_is_recommended() -> None:
    gone_through(worth=0.196)
    app = with_data(cobest="GRU")
    app.segmented_control(key="cobest").set_value("GRU").run()
    assert "You guessed GRU. Measured: **none of them**." in words(app)
    assert (
        "Use none of them. No cell beats repeating the value 6 steps earlier, which needs no"
        " network."
        " That forecast scores RMSE 0.196 standard deviations."
    ) in words(app)
    assert app.table[0].value["Forecast"][0] == "Repeating the value 6 steps earlier"


def test_the_table_holds_every_score_of_every_run() -> None:
    standing = gone_through()
    assert finished(DATA, 1) is standing
    lines = list(csv.DictReader(as_csv(standing).splitlines()))
    assert len(lines) == 2 * len(standing.results) + 18 + 2
    search = [line for line in lines if line["stage"] == "search"]
    assert {line["seed"] for line in search} == {"0"}
    assert {line["seed"] for line in lines if line["stage"] == "test"} == set("123456")
    gru = next(x for x in search if (x["cell"], x["learning rate"]) == ("gru", "0.01"))
    assert (gru["updates"], float(gru["score"])) == ("25", 0.2)
    held_out = [line for line in lines if line["stage"] == "held-out"]
    assert (held_out[-1]["cell"], held_out[-1]["score"]) == (
        "repeating the value 6 steps earlier", "0.5",
    )  # fmt: skip
    assert held_out[0]["steps"] == "12"


def test_data_that_is_too_little_is_refused_beside_its_button() -> None:
    app = open_compare(**LINK)
    app.text_area(key="own pasted").set_value("\n".join(["level", *TEXTS[:22]])).run()
    app.button(key="begin search").click().run()
    assert not app.exception
    assert app.error[0].value == "This data can't be searched."
    assert "Without the held-out part, values in a training series: 17" in words(app)
    assert "Search for 1 minute" in [button.label for button in app.button]


def test_a_search_that_stops_shows_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Budget, "over", True)
    app = with_data()
    app.button(key="begin search").click().run()
    assert not app.exception
    assert "The minute is used up, so the search has stopped." in words(app)
    assert "Not finished in the search: RNN (tanh) (0 of " in words(app)
    assert "It continues where this one stopped" in words(app)
    assert "Without a network, RMSE" not in words(app)  # before a guess
    app.segmented_control(key="cobest").set_value("GRU").run()
    assert "12 held-out steps (lower is better): repeating the last value 0.5." in words(app)
    assert "Continue for 1 minute" in [button.label for button in app.button]


def test_other_data_wants_another_guess() -> None:
    app = with_data(cobest="GRU")
    assert app.segmented_control(key="cobest").value == "GRU"
    app.text_area(key="own pasted").set_value("\n".join(["level", *TEXTS[1:]])).run()
    assert app.segmented_control(key="cobest").value is None


def test_another_search_stops_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[str] = []

    class Search:
        """Never runs anything."""

        def __init__(self, data: OwnData, minutes: int, person: str, address: str) -> None:
            self.name = f"{data.title} for {minutes}"

        def stop(self) -> None:
            stopped.append(self.name)

    session: dict[str, dict[str, Search]] = {"searches": {}}
    monkeypatch.setattr(search_module.st, "session_state", session)
    monkeypatch.setattr(search_module, "Search", Search)
    other = own_series([float(text) for text in TEXTS[1:]], "other")
    for data, minutes, before in (
        (DATA, 1, []),
        (other, 1, ["level for 1"]),
        (other, 3, ["other for 1"]),
    ):
        stopped.clear()
        search_module._begin(data, minutes)
        assert stopped == before
        assert [one.name for one in session["searches"].values()] == [f"{data.title} for {minutes}"]
