"""A cell that gatesviz does not ship, in the player: its gates, equations and gradients."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

from gatesviz.cells import CELLS, register
from gatesviz.fresh import fresh
from gatesviz.gradients import gradient_flow
from gatesviz.gradients.flow import LayerFlow
from gatesviz.player.page import to_html
from gatesviz.player.payload import Panel, Selection
from gatesviz.recordings import record
from tests.browser.player.conftest import Show
from tests.browser.watching import Watch
from tests.minimal_gated_unit import MGU, OwnLoop

T, UNIT, STEP = 9, 2, 4


@pytest.fixture
def flow() -> Iterator[LayerFlow]:
    register(MGU)
    x = torch.from_numpy(np.random.default_rng(2).normal(size=(T, 2)))
    yield gradient_flow(
        fresh("mgu", 2, 3, seed=1).double(), x, lambda y: (y[-1] ** 2).sum()
    ).layer()
    CELLS.pop("mgu", None)


WORDS_LSTM = (
    r"^f = {f} keeps {f_share} of c = {c}\. i·g = {i} · {g} adds {added}, so c′ = {c_new}\."
    r" o = {o} outputs {o_share} of tanh\(c′\) = {tanh}, so h′ = {h_new}\.$"
)
WORDS_GRU = (
    r"^z = {z} keeps {z_share} of h = {h} and takes {rest} of the candidate n = {n}\."
    r" In the candidate, r = {r} keeps {r_share} of W_hn·h \+ b_hn\. So h′ = {h_new}\.$"
)


def minus(value: float, decimals: int = 3) -> str:
    return f"{value:.{decimals}f}".replace("-", "−")


def test_gates_equations_and_words_hold_its_numbers(show: Show, flow: LayerFlow) -> None:
    trace = flow.trace
    root = show(trace, select=Selection(step=STEP, unit=UNIT))
    diagram = root.locator("[data-diagram=mgu]")
    expect(diagram.locator("title").first).to_have_text(re.compile("aren’t drawn"))
    expect(diagram.locator("[data-note]")).to_be_visible()
    module = fresh("mgu", 2, 3, seed=1).double()
    loop = OwnLoop(module)(torch.from_numpy(trace.inputs), torch.zeros(1, 3).double())
    f, n = (loop[letter][STEP][0, UNIT].item() for letter in "fn")
    before, after = (loop["h"][STEP + k][0, UNIT].item() for k in (0, 1))
    for letter, value in (("f", f), ("n", n)):
        expect(diagram.locator(f"[data-gate={letter}]")).to_contain_text(minus(value))
    expect(diagram.locator('[data-label="h\'"]')).to_contain_text(minus(after, 2))
    for target, value in (("f", f), ("n", n), ("h'", after)):
        numbers = root.locator(f'[data-target="{target}"] .gv-numbers')
        expect(numbers).to_have_text(re.compile(f"= {re.escape(minus(value))}$"))
    expected = f"f = {minus(f)}, n = {minus(n)}. h was {minus(before)} and becomes {minus(after)}."
    expect(root.locator(".gv-words")).to_have_text(expected)


def test_the_words_of_lstm_and_gru_hold_their_numbers_and_name_the_new_state(show: Show) -> None:
    x = torch.linspace(-1, 1, 2 * T).view(T, 2)
    for cell, shown in (("lstm", WORDS_LSTM), ("gru", WORDS_GRU)):
        trace = record(fresh(cell, 2, 3, seed=1).double(), x.double()).trace()
        v = {letter: values[STEP, UNIT] for letter, values in trace.gates.items()}
        v |= {name: values[STEP, UNIT] for name, values in trace.states.items()}
        v |= {f"{name}_new": values[STEP + 1, UNIT] for name, values in trace.states.items()}
        v["tanh"] = np.tanh(v.get("c_new", 0.0))
        v["added"] = v.get("i", 0.0) * v.get("g", 0.0)
        told = {name: minus(float(value)) for name, value in v.items()}
        if v.get("g", 0.0) < 0:
            told["g"] = f"({told['g']})"
        share = {f"{name}_share": rf"{100 * value:.1f}\s%" for name, value in v.items()}
        share["rest"] = rf"{100 * (1 - v.get('z', 0.0)):.1f}\s%"
        words = show(trace, select=Selection(step=STEP, unit=UNIT)).locator(".gv-words")
        pattern = shown.format(**{k: re.escape(t) for k, t in told.items()}, **share)
        expect(words).to_have_text(re.compile(pattern))


def test_without_a_bias_or_weights_the_words_of_a_gru_name_none(show: Show) -> None:
    x = torch.linspace(-1, 1, 2 * T).view(T, 2)
    plain = record(torch.nn.GRU(2, 3, bias=False), x).trace()
    large = record(torch.nn.GRU(2, 300), x).trace()  # too large to send its weights
    for trace, product in ((plain, "W_hn·h"), (large, "the product with h")):
        words = show(trace, select=Selection(step=STEP, unit=UNIT)).locator(".gv-words")
        r = f"{trace.gates['r'][STEP, UNIT]:.3f}"
        expect(words).to_have_text(
            re.compile(rf"In the candidate, r = {r} keeps \S+\s% of {product}\. So h′ =")
        )


def test_its_gradients_are_written_out(show: Show, flow: LayerFlow) -> None:
    panel = Panel(flow.trace, gradients=flow.gradients)
    root = show([panel], select=Selection(step=STEP, unit=UNIT, reverse=True))
    before, after = flow.gradients["h"][STEP : STEP + 2, UNIT]
    words = root.locator(".gv-words")
    expect(words).to_have_text(
        re.compile(
            r"^∂L/∂h′ = \S+ at the later side of this step, and ∂L/∂h = \S+ at the earlier one\.$"
        )
    )
    found = re.findall(
        r"= (\S+) at the later side of this step, and ∂L/∂h = (\S+) at", words.inner_text()
    )[0]
    numbers = [float(text.replace("−", "-")) for text in found]
    np.testing.assert_allclose(numbers, [after, before], rtol=0.005)


def test_a_forgotten_drawing_is_named_and_no_other_is_shown(
    page: Page, watch: Watch, flow: LayerFlow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CELLS, "mgu", replace(MGU, drawn=True))
    file = tmp_path / "player.html"
    file.write_text(to_html([Panel(flow.trace)]), encoding="utf-8")
    with page.expect_event("pageerror") as raised:
        page.goto(file.as_uri())
    assert "cell 'mgu' has no entry in diagramWiring" in str(raised.value)
    expect(page.locator("[data-diagram]")).to_have_count(0)
    assert len(watch.errors) == 1
    watch.errors.clear()  # it was expected
