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


def test_its_gradients_are_written_out(show: Show, flow: LayerFlow) -> None:
    panel = Panel(flow.trace, gradients=flow.gradients)
    root = show([panel], select=Selection(step=STEP, unit=UNIT, reverse=True))
    before, after = flow.gradients["h"][STEP : STEP + 2, UNIT]
    words = root.locator(".gv-words")
    expect(words).to_have_text(re.compile(r"^∂L/∂h = \S+ after this step and \S+ before it\.$"))
    found = re.findall(r"= (\S+) after this step and (\S+) before", words.inner_text())[0]
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
