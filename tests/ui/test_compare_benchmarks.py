"""LSTM or GRU?, what is measured: here and now, on own data, with attention; without a browser."""

import csv
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from gatesviz.engine.background import WAITS, BackgroundCalls
from gatesviz.experiments import Experiment, results_store
from gatesviz.experiments.claims import (
    BENCHMARKS,
    CLAIMS,
    PARAMETERS,
    Benchmark,
    Claim,
    Measurement,
    conv_attention,
)
from gatesviz.experiments.result import machine
from gatesviz.tasks import TASKS
from gatesviz.training import TrainedModel, TrainingSpec, own_series, probe, start
from gatesviz.ui.compare import benchmarks
from gatesviz.ui.compare.attention import attention_csv
from gatesviz.ui.compare.benchmarks import key_of
from gatesviz.ui.compare.claim_charts import ChartText, as_csv
from gatesviz.ui.compare.parameters import CLAIM_OF
from tests.experiments.made import result
from tests.ui.test_compare import open_compare
from tests.ui.test_gradients import charts, words

SAYING = {"coview": "what people say"}
VALUES = [f"{value:.3f}" for value in np.sin(np.arange(60.0)) + 2]


@pytest.fixture(autouse=True)
def _results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATESVIZ_RESULTS", str(tmp_path))


def made(seconds: dict[str, float]) -> Measurement:
    """Return a measurement of six rounds."""
    values = {cell: (each,) * 6 for cell, each in seconds.items()}
    specs = {"lstm": TrainingSpec(task="latch", length=20, hidden_size=16)}
    return Measurement(
        BENCHMARKS["time"], values, {}, specs, machine(), "2026-11-21T10:57:00+00:00"
    )


def test_a_finished_measurement_is_there_for_the_next_visitor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here, mine = BENCHMARKS["time"], BackgroundCalls[Measurement](4)
    monkeypatch.setattr(benchmarks, "measurements", lambda: mine)
    monkeypatch.setattr(benchmarks, "released_measurement", lambda benchmark, task: None)
    link = {**SAYING, "coclaim": here.sentence, "cosays": "yes"}
    app = open_compare(**link)
    assert [b.label for b in app.button if b.label.startswith("Meas")] == [
        "Measure (a few seconds)"
    ]
    assert "Measured" not in words(app)
    assert "This isn't measured yet. Measure it to see an answer." in words(app)
    task = here.tasks[0]
    mine.keep(key_of(here, task), made({"rnn_tanh": 1.0, "gru": 3.0, "lstm": 2.0}))
    app = open_compare(**link)
    assert "You guessed yes. Measured: **no**." in words(app)
    assert "1.5 [1.5, 1.5] (6 rounds)" in words(app)
    assert "Measured on 2026-11-21 10:57 UTC on this machine" in words(app)
    assert [trace["name"] for trace in charts(app)[0]["data"][::2]] == ["RNN", "GRU", "LSTM"]
    del link["cosays"]
    app = open_compare(**link)
    assert "Make a guess to see the result." in words(app)
    assert not charts(app)


def test_a_measurement_that_is_not_its_turn_waits_and_begins_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    here, mine = BENCHMARKS["time"], BackgroundCalls[Measurement](4, clock=lambda: now[0])
    begun: list[Future[Measurement]] = []

    def begin(*_: object) -> Future[Measurement]:
        begun.append(Future())
        return begun[-1]

    def press(label: str) -> None:
        [button] = [one for one in app.button if one.label == label]
        button.click().run()
        assert not app.exception

    monkeypatch.setattr(Benchmark, "begin", begin)
    monkeypatch.setattr(benchmarks, "measurements", lambda: mine)
    monkeypatch.setattr(benchmarks, "released_measurement", lambda benchmark, task: None)
    app = open_compare(**SAYING, coclaim=here.sentence, cosays="yes")
    assert mine.begin("of Bob", begin, "Bob")
    press("Measure (a few seconds)")
    assert "Another measurement goes first. Yours begins by itself." in words(app)
    press("Stop")
    assert benchmarks.BUSY in words(app)
    assert not begun[0].cancelled()  # that one is Bob's
    begun[0].cancel()
    app.run()
    now[0] += WAITS
    assert len(begun) == 1  # a stopped wish is forgotten
    assert mine.begin("of Bob", begin, "Bob")
    press("Measure (a few seconds)")
    begun[1].cancel()
    app.run()
    assert len(begun) == 3
    assert "Measuring, a few seconds…" in words(app)
    begun[2].set_result(made({"rnn_tanh": 1.0, "gru": 3.0, "lstm": 2.0}))
    app.run()
    assert "You guessed yes. Measured: **no**." in words(app)
    assert len(begun) == 3


def test_another_claim_wants_another_guess_and_the_first_one_stands() -> None:
    app = open_compare(**SAYING, coclaim=PARAMETERS.sentence, cosays="yes")
    assert "You guessed right. Measured: **yes**." in words(app)
    toggle(app, BENCHMARKS["time"].sentence)
    assert app.query_params["coclaim"] == BENCHMARKS["time"].sentence
    assert app.segmented_control(key="cosays").value is None
    assert not charts(app)
    assert f"✓ yes · {PARAMETERS.sentence}" in titles(app)
    toggle(app, f"✓ yes · {PARAMETERS.sentence}")
    assert "You guessed right. Measured: **yes**." in words(app)


def test_claims_are_cards_and_a_closed_one_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[str] = []
    plain = Claim.experiment

    def noted(self: Claim, *given: Any) -> Experiment:
        computed.append(self.key)
        return plain(self, *given)

    monkeypatch.setattr(Claim, "experiment", noted)
    app = open_compare(**SAYING)
    assert titles(app) == list(CLAIM_OF)
    assert not charts(app)
    assert not computed
    toggle(app, CLAIMS["rate"].sentence)
    assert app.query_params["coclaim"] == CLAIMS["rate"].sentence
    assert set(computed) == {"rate"}
    assert app.selectbox(key="codata").value == TASKS[CLAIMS["rate"].tasks[0]].title
    app.number_input(key="coseeds").set_value(8).run()
    app.selectbox(key="codata").set_value(TASKS["temporal_order"].title).run()
    toggle(app, CLAIMS["length"].sentence)
    assert app.selectbox(key="codata").value == TASKS[CLAIMS["length"].tasks[0]].title
    assert app.number_input(key="coseeds").value == 6
    assert not app.warning
    toggle(app, CLAIMS["rate"].sentence)
    toggle(app, CLAIMS["rate"].sentence)
    assert "coclaim" not in app.query_params
    assert not [one for one in app.segmented_control if one.key == "cosays"]


def test_a_link_opens_its_claim_first_and_an_older_one_without_a_claim_the_first() -> None:
    app = open_compare(**SAYING, coclaim=CLAIMS["attention"].sentence)
    assert titles(app) == sorted(CLAIM_OF, key=lambda one: one != CLAIMS["attention"].sentence)
    assert app.segmented_control(key="cosays").value is None
    assert titles(open_compare(**SAYING, coclaim="Cells are nice.")) == list(CLAIM_OF)
    app = open_compare(**SAYING, cosays="no", codata=TASKS["parity"].title)
    assert titles(app) == list(CLAIM_OF)
    assert app.session_state["coclaim"] == next(iter(CLAIM_OF))
    assert app.selectbox(key="codata").value == TASKS["parity"].title
    toggle(app, next(iter(CLAIM_OF)))
    assert app.session_state["coclaim"] is None
    locked = open_compare(**SAYING, coclaim=CLAIMS["rate"].sentence, lock="coclaim")
    assert titles(locked) == [CLAIMS["rate"].sentence]
    toggle(locked, CLAIMS["rate"].sentence)
    assert locked.session_state["coclaim"] == CLAIMS["rate"].sentence


def titles(app: AppTest) -> list[str]:
    """Return the titles of the claims."""
    return [one.label for one in app.expander if one.label.endswith(".")]


def toggle(app: AppTest, title: str) -> None:
    """Open or close the card of a claim, as a click does."""
    (proto,) = (one.proto for one in app.expander if one.label == title)
    states = app._tree.get_widget_states()
    states.widgets.add(id=proto.id, bool_value=not proto.expanded)
    app._run(states)
    assert not app.exception


def test_parameters_are_counted_at_once() -> None:
    app = open_compare(**SAYING, coclaim=PARAMETERS.sentence, cosays="yes")
    assert "You guessed right. Measured: **yes**." in words(app)
    assert not [button for button in app.button if button.label.startswith("Measure")]


def test_a_claim_on_own_data_waits_for_it_and_then_offers_its_runs() -> None:
    link = {
        **SAYING,
        "coclaim": CLAIMS["score"].sentence,
        "codata": "Forecast a column of your own table",
    }
    app = open_compare(**link, coseeds="7")
    assert "Upload or paste a table" in app.info[0].value
    assert not charts(app)
    app.text_area(key="own pasted").set_value("\n".join(["level", *VALUES])).run()
    assert not app.exception
    assert "Start 21 training runs (a few minutes)" in [button.label for button in app.button]
    data = own_series([float(value) for value in VALUES], "level")
    for trial in CLAIMS["score"].experiment(data, 7).trials:
        worth = {"lstm": 0.1, "gru": 0.2, "rnn_tanh": 0.3}[trial.spec.cell]
        results_store().put(result(trial, worth + trial.spec.seed / 100, None))
    app.segmented_control(key="cosays").set_value("no").run()
    assert "You guessed no. Measured on your data: **yes**." in words(app)
    assert "RMSE" in charts(app)[0]["layout"]["yaxis"]["title"]["text"]
    assert "Your data for the script" in [one.label for one in app.get("download_button")]
    app.text_area(key="own pasted").set_value("level\n1\n2").run()
    assert not app.exception
    assert "values in a training series: 2 is outside" in words(app).replace("Values", "values")


def test_what_does_not_go_with_own_data_is_not_offered() -> None:
    app = open_compare(
        **SAYING,
        coclaim=CLAIMS["bidirectional"].sentence,
        codata="Predict the next character of your text",
    )
    assert "Predict the next character of your text" not in app.selectbox(key="codata").options
    assert app.selectbox(key="codata").value == TASKS["temporal_order"].title


def test_the_attention_that_is_shown_is_the_models_own() -> None:
    experiment = conv_attention.attention_runs("latch")
    weights = {}
    for trial in experiment.trials:
        weights[trial.spec.cell] = start(trial.spec).weights
        kept = result(trial, 0.5, None)
        results_store().put(replace(kept, losses=np.zeros(300, np.float32),
                                    gradient_norms=np.zeros(300, np.float32),
                                    weights=weights[trial.spec.cell]))  # fmt: skip
    app = open_compare(
        **SAYING, cosays="yes", coclaim=CLAIMS["attention"].sentence, codata=TASKS["latch"].title
    )
    _, curves, heatmap = charts(app)  # the first is of the released runs
    spec = next(spec for spec in experiment.specs if spec.cell == "gru")
    known = TrainedModel(spec, 300, weights["gru"]).attention(probe(spec).inputs)[0]
    named = {trace["name"]: trace for trace in curves["data"]}
    assert set(named) == {"RNN", "GRU", "LSTM"}
    np.testing.assert_allclose(decoded(named["GRU"]["y"]), known[-1], atol=1e-6)
    assert_shown(heatmap, spec_of(experiment, "lstm"), weights, 0)
    app.segmented_control(key="coprobe").set_value("3").run()
    app.segmented_control(key="colook").set_value("GRU").run()
    assert_shown(charts(app)[2], spec, weights, 2)
    lines = list(csv.DictReader(attention_csv({"GRU": known}, ["x"] * len(known)).splitlines()))
    assert len(lines) == len(known) * (len(known) + 1) // 2
    assert float(lines[-1]["weight"]) == pytest.approx(float(known[-1, -1]))


def spec_of(experiment: Experiment, cell: str) -> TrainingSpec:
    return next(spec for spec in experiment.specs if spec.cell == cell)


def assert_shown(
    chart: dict[str, Any], spec: TrainingSpec, weights: dict[str, np.ndarray], sample: int
) -> None:
    """The heatmap holds this model's attention to this sample, and gaps where it cannot look."""
    known = TrainedModel(spec, 300, weights[spec.cell]).attention(probe(spec).inputs)[sample]
    shown = decoded(chart["data"][0]["z"]).reshape(known.shape)
    later = np.triu(np.ones(known.shape, bool), 1)
    np.testing.assert_array_equal(np.isnan(shown), later)
    np.testing.assert_allclose(shown[~later], known[~later], atol=1e-6)


def decoded(array: dict[str, str]) -> np.ndarray:
    """Return an array as Plotly writes it."""
    import base64

    return np.frombuffer(base64.b64decode(array["bdata"]), array["dtype"])


def test_the_table_of_a_claim_holds_every_mark() -> None:
    findings = made({"rnn_tanh": 1.0, "gru": 3.0, "lstm": 0.1}).findings()
    chart_text = ChartText(y_name="ms", data="=1+1", setting="+1", marks="")
    lines = list(csv.DictReader(as_csv(BENCHMARKS["time"], findings, chart_text).splitlines()))
    assert len(lines) == 18
    assert {line["measured on"] for line in lines} == {"'=1+1"}
    assert {line["setting"] for line in lines} == {"'+1"}
    assert {float(line["value"]) for line in lines if line["cell"] == "lstm"} == {0.1}
