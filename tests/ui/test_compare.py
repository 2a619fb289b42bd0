"""The page "LSTM or GRU?", without a browser: its numbers against torch's."""

import csv
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from gatesviz.experiments import Machine, Result, Trial, results_store
from gatesviz.experiments.claims import CLAIMS
from gatesviz.experiments.known import CARDS, Band, Outcome, Row
from gatesviz.recordings import record
from gatesviz.sequences import parse_text
from gatesviz.trained import load_trained, trained_info
from gatesviz.ui.compare import cards, claims
from gatesviz.ui.compare.cards import as_csv
from gatesviz.ui.compare.parameters import PARAMETERS
from gatesviz.ui.compare.side_by_side import describe_pair
from gatesviz.ui.compare.structure import compare_guess, counted, operations
from tests.serving import ROOT
from tests.ui.test_feed import player
from tests.ui.test_gradients import charts, words

CELLS = {"rnn_tanh": nn.RNNCell, "gru": nn.GRUCell, "lstm": nn.LSTMCell}


class Counting(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """How many values PyTorch sends through sigmoid, tanh and products, for one sample."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.products = self.curves = self.elementwise = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        out, name = func(*args, **(kwargs or {})), func.overloadpacket.__name__.rstrip("_")
        if name in ("sigmoid", "tanh"):
            self.curves += out.numel()
        elif name == "mul":
            self.elementwise += out.numel()
        elif name == "addmm":
            self.products += args[2].numel()
        return out


def open_compare(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "gatesviz" / "ui" / "main.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app = app.switch_page("../../pages/compare.py").run()
    assert not app.exception
    return app


@pytest.mark.parametrize("cell", CELLS)
def test_parameters_and_products_are_torchs_own(cell: str) -> None:
    module = CELLS[cell](5, 7)
    assert counted(cell, 5, 7) == sum(p.numel() for p in module.parameters())
    costs = operations(cell, 5, 7)
    with torch.no_grad(), Counting() as seen:
        module(torch.zeros(1, 5))
    assert costs["products"] == seen.products
    assert costs["curves"] == seen.curves
    # torch takes (h − n)·z + n, one product less than the equation (1 − z)·n + z·h
    assert costs["elementwise"] - 7 * (cell == "gru") == seen.elementwise


def test_first_screen_and_guess() -> None:
    app = open_compare(coin="8", cohid="16", coshare="2/3")
    table = app.table[0].value
    by_cell = dict(zip(table["Cell"], table["Parameters in torch.nn"], strict=True))
    assert by_cell == {"RNN (tanh)": "416", "GRU": "1,248", "LSTM": "1,664"}
    assert (
        "Not quite: you guessed 2/3. The GRU has 1,248 parameters and the LSTM 1,664. So the"
        " GRU has exactly **3/4** of the LSTM's parameters." in words(app)
    )
    assert compare_guess(3, 5, "3/4").startswith("Yes.")


def test_the_two_cells_side_by_side_are_the_trained_ones_on_one_input() -> None:
    app = open_compare(cotask="Count brackets")
    model, arrays = player(app)
    assert [panel["cell"] for panel in model["panels"]] == ["lstm", "gru"]
    text = trained_info("brackets-lstm").example
    x = torch.tensor(parse_text(text, trained_info("brackets-lstm").vocabulary).values)
    traces = [
        record(load_trained(f"brackets-{cell}").module, x).trace() for cell in ("lstm", "gru")
    ]
    np.testing.assert_allclose(arrays["0.f"], traces[0].gates["f"], atol=1e-4)
    np.testing.assert_allclose(arrays["1.z"], traces[1].gates["z"], atol=1e-4)
    decided, hidden = describe_pair(*traces)
    assert decided in words(app)
    assert hidden in words(app)
    both = traces[0].gates["f"] + traces[0].gates["i"]
    assert f"f + i ranges from {both.min():.2f} to {both.max():.2f}." in decided
    step, unit = map(int, re.findall(r"At step (\d+), unit (\d+) of the LSTM", hidden)[0])
    c, h = (traces[0].states[name][step + 1, unit] for name in "ch")
    assert f"stores c = {c:.2f} but outputs h = {h:.3f}".replace("-", "−") in hidden


def test_a_card_that_fails_says_so_with_every_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATESVIZ_RESULTS", str(tmp_path))
    monkeypatch.setattr(cards, "released", lambda trials: {})
    for trial in CARDS["T1"].trials:
        score = 0.3 if trial.spec.cell == "rnn_tanh" else 0.5 + trial.spec.seed / 10
        results_store().put(result(trial, score))
    app = open_compare(coview="known results", coonly="failing", coholds="all")
    assert [error.value for error in app.error] == [
        "**✗ not as expected in 2 of 3 rows.** Row “LSTM”: measured 0.5, 0.6, 0.7, expected 0.99"
        " to 1."
        " Row “GRU”: measured 0.5, 0.6, 0.7, expected 0.99 to 1."
    ]
    opened = [one.label for one in app.expander if one.label != "Share this page"]
    assert opened == [
        f":red[**✗ not as expected in 2 of 3 rows**] (“LSTM”, “GRU”) · {CARDS['T1'].title}"
    ]
    (card,) = (table.value for table in app.table)
    assert list(card["Every value"]) == ["0.3, 0.3, 0.3", "0.5, 0.6, 0.7", "0.5, 0.6, 0.7"]
    assert list(card["Result"]) == ["✓ confirmed", "✗ not as expected", "✗ not as expected"]
    statuses = {one.card.key: one.status for one in cards.outcomes()}
    assert statuses.keys() == CARDS.keys()
    assert (statuses["X1"], statuses["T1"], statuses["T2"]) == ("pass", "fail", "not run")
    held = list(statuses.values()).count("pass")
    assert f"So far: **{held} of {len(CARDS)} confirmed**; 1 not as expected" in words(app)
    assert "You guessed all. Run the other cards to check it." in words(app)
    assert (
        "Measured on 2026-11-21 10:57 UTC on this machine, 2 cores, PyTorch 2 (9 training runs)."
        in words(app)
    )


def result(trial: Trial, score: float, solved_at: int | None = None) -> Result:
    return Result(
        trial, solved_at, "", *(np.zeros(1, np.float32),) * 2, np.ones(1, np.int32),
        np.array([score]), np.array([np.nan]), np.empty(0, np.float32),
        "2026-11-21T10:57:00+00:00", Machine(2, "2", "this machine"),
    )  # fmt: skip


def test_a_claim_goes_from_the_guess_to_the_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATESVIZ_RESULTS", str(tmp_path))
    monkeypatch.setattr(claims, "released_runs", lambda trials: {})
    link = {"coview": "what people say", "cosays": "no", "coclaim": CLAIMS["updates"].sentence}
    assert "Measured:" not in words(open_compare(**link))
    solved = {"rnn_tanh": None, "gru": 100, "lstm": 200}
    for trial in CLAIMS["updates"].experiment().trials[:-1]:
        at = solved[trial.spec.cell]
        results_store().put(result(trial, 1.0, at and at + trial.spec.seed))
    assert "You guessed no. Measured on this task so far: **cannot tell**." in words(
        open_compare(**link)
    )
    results_store().put(result(CLAIMS["updates"].experiment().trials[-1], 1.0, 205))
    app = open_compare(**link)
    assert "You guessed no. Measured on this task: **yes**." in words(app)
    assert "Updates until solved, GRU / LSTM: 0.506 [0.50" in words(
        app
    )  # median of 100/200 to 105/205
    assert not [button for button in app.button if button.label.startswith("Start ")]
    dots = charts(app)[0]["data"][::2]
    assert [trace["name"] for trace in dots] == ["RNN", "GRU", "LSTM"]
    assert set(dots[0]["marker"]["symbol"]) == {"square-open"}


def test_the_table_holds_every_value_and_no_formula() -> None:
    card = replace(CARDS["X6"], title="=1+1")
    found = Outcome(card, (Row(Band("@row"), (-0.1, 1 / 3)), Row(Band("b", 0, 1), ())))
    lines = as_csv([found]).splitlines()
    assert not [line for line in lines if not line.startswith('"') or ',"=' in line]
    read = list(csv.DictReader(lines))
    assert [line["value"] for line in read] == ["-0.1", repr(1 / 3), ""]
    assert [line["row result"] for line in read] == ["shown only", "shown only", "not run"]
    assert {(line["known result"], line["row"]) for line in read} == {
        ("'=1+1", "'@row"), ("'=1+1", "b")
    }  # fmt: skip


def test_the_count_of_cards_is_judged() -> None:
    holds, fails = (Outcome(CARDS["X6"], (Row(Band("a", 0, 1), (value,)),)) for value in (0.5, 2.0))
    assert cards.compare_guess([holds, holds], "all") == "Yes: **2 of 2 confirmed**."
    assert (
        cards.compare_guess([holds, fails], "all")
        == "Not quite: **1 of 2 confirmed**; 1 not as expected."
    )
    assert cards.compare_guess([holds, holds, fails], "more than half").startswith("Yes")
    assert cards.status_text(Outcome(replace(CARDS["X6"], not_covered="a part"), holds.rows)) == (
        "✓ confirmed for the part that is tested"
    )


def test_what_a_link_cannot_say() -> None:
    wrong = {"coin": "0", "cohid": "65", "coshare": "1/9", "coview": "all", "cotask": "fly"}
    assert all(PARAMETERS[name].problem(text) for name, text in wrong.items())
    app = open_compare(**wrong)
    assert len(app.table) == 0  # the counts answer the question
    app.toggle(key="compare counts shown").set_value(True).run()
    assert app.table[0].value["Parameters in torch.nn"][0] == "416"


def test_a_former_name_of_the_sample_data_still_opens_it() -> None:
    app = open_compare(
        coview="which one for me?", coyours="Sample: the temperature in Seattle, hour by hour"
    )
    assert app.selectbox(key="coyours").value == "Sample: hourly temperature in Seattle"
    assert "was ignored" not in words(app)


def test_a_link_opens_a_card_first() -> None:
    before = open_compare(coview="known results", cocard="T7")  # no guess yet, so no card
    assert "was not used" not in words(before)
    app = open_compare(coview="known results", coholds="all", cocard="T7")
    assert "was not used" not in words(app)
    found = [one for one in app.expander if one.label != "Share this page"]
    assert (
        found[0].label == ":red[**✗ not as expected in 1 of 2 rows**] (“without a forget gate”) ·"
        f" {CARDS['T7'].title}"
    )
    assert len(found) == len(CARDS)
    assert [one.proto.expanded for one in found] == [True] + [False] * (len(CARDS) - 1)
    (table,) = (one.value for one in app.table)  # only an open card computes its details
    assert "without a forget gate" in list(table["Row"])


def test_a_damaged_file_of_results_is_reported_once_and_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATESVIZ_RESULTS", str(tmp_path))
    monkeypatch.setattr("gatesviz.experiments.store.PAUSE", 1e9)  # a busy machine may be slow
    results_store().path.write_bytes(b"no database at all" * 100)
    app = open_compare(coview="known results", coonly="failing", coholds="all")
    damaged = (
        "The file of saved results is damaged: file is not a database. A new file replaces it."
    )
    assert words(app).count(damaged) == 1
    assert str(tmp_path) not in words(app)
    claim = {"cosays": "no", "coclaim": CLAIMS["updates"].sentence}
    assert words(open_compare(coview="what people say", **claim)).count(damaged) == 1
    results_store().put(result(CLAIMS["updates"].experiment().trials[0], 1.0, 200))
    assert results_store().flush()
    assert damaged not in words(app.run())
