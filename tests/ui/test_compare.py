"""The page "LSTM or GRU?", without a browser: its numbers against torch's."""

import re

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from gatesviz.recordings import record
from gatesviz.sequences import parse_text
from gatesviz.trained import load_trained, trained_info
from gatesviz.ui.compare.beside import told
from gatesviz.ui.compare.parameters import PARAMETERS
from gatesviz.ui.compare.structure import counted, gap, operations
from tests.serving import ROOT
from tests.ui.test_feed import player
from tests.ui.test_gradients import words

CELLS = {"rnn_tanh": nn.RNNCell, "gru": nn.GRUCell, "lstm": nn.LSTMCell}


class Counting(TorchDispatchMode):
    """How many values PyTorch itself sends through sigmoid, tanh and elementwise products."""

    def __init__(self) -> None:
        super().__init__()
        self.curves = self.elementwise = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        out, name = func(*args, **(kwargs or {})), func.overloadpacket.__name__.rstrip("_")
        if name in ("sigmoid", "tanh"):
            self.curves += out.numel()
        elif name == "mul":
            self.elementwise += out.numel()
        return out


def open_compare(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "gatesviz" / "ui" / "main.py"), default_timeout=60).run()
    for name, value in query.items():
        app.query_params[name] = value
    app = app.switch_page("../../pages/compare.py").run()
    assert not app.exception
    return app


@pytest.mark.parametrize("cell", CELLS)
def test_parameters_and_products_are_torchs_own(cell: str) -> None:
    module = CELLS[cell](5, 7)
    assert counted(cell, 5, 7) == sum(p.numel() for p in module.parameters())
    with FlopCounterMode(display=False) as counter:
        module(torch.zeros(1, 5))
    costs = operations(cell, 5, 7)
    assert costs["products"] == counter.get_total_flops() / 2
    with torch.no_grad(), Counting() as seen:
        module(torch.zeros(1, 5))
    assert costs["curves"] == seen.curves
    # torch takes (h − n)·z + n, one product less than the equation (1 − z)·n + z·h
    assert costs["elementwise"] - 7 * (cell == "gru") == seen.elementwise


def test_first_screen_and_guess() -> None:
    app = open_compare(coin="8", cohid="16", coshare="2/3")
    table = app.table[0].value
    by_cell = dict(zip(table["Cell"], table["Parameters in torch.nn"], strict=True))
    assert by_cell == {"RNN (tanh)": "416", "GRU": "1,248", "LSTM": "1,664"}
    assert "Not quite: you said 2/3. Counted: 1,248 of 1,664, exactly **3/4**." in words(app)
    assert gap(3, 5, "3/4").startswith("Yes.")


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
    decided, hidden = told(*traces)
    assert decided in words(app)
    assert hidden in words(app)
    both = traces[0].gates["f"] + traces[0].gates["i"]
    assert f"f + i goes from {both.min():.2f} to {both.max():.2f}" in decided
    step, unit = map(int, re.findall(r"At step (\d+) unit (\d+)", hidden)[0])
    c, h = (traces[0].states[name][step + 1, unit] for name in "ch")
    assert f"holds c = {c:.2f} and shows h = {h:.3f}" in hidden


@pytest.mark.parametrize(
    ("name", "text"), [("coin", "0"), ("cohid", "65"), ("coshare", "1/9"), ("coview", "all")]
)
def test_what_a_link_cannot_say(name: str, text: str) -> None:
    assert PARAMETERS[name].problem(text)
    app = open_compare(**{name: text})
    assert app.table[0].value["Parameters in torch.nn"][0] == "416"
