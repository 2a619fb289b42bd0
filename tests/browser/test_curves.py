"""The curves of *Train live* by themselves: numbers that are not finite come as null."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from gatesviz.player.assets import module
from tests.browser.parts import import_part

SHOW = "data => showCurves(document.querySelector('main'), data)"
PARTS = ("dom.js", "colours.js", "learned.js", "curves.js")
"""The scripts that draw them, in the order in which they need each other."""


@pytest.fixture
def show(page: Page) -> Callable[..., None]:
    """A function that draws one curve of these values, logarithmic or not."""

    def draw(values: list[float | None], *, log: bool = False) -> None:
        series = {"cell": "lstm", "name": "LSTM", "xs": list(range(1, 1 + len(values)))}
        chart: dict[str, Any] = {
            "title": "Loss", "log": log, "made": len(values), "along": "update",
            "series": [series | {"ys": values}], "lines": [],
        }  # fmt: skip
        import_part(page, "showCurves", *PARTS)
        page.evaluate(SHOW, {"charts": [chart], "table": None})

    return draw


def lines(page: Page) -> list[int]:
    """Return how many points each stretch of the curve has."""
    points = (
        "lines => lines.map((one) => one.getAttribute('points').split(' ').filter(Boolean).length)"
    )
    return page.locator("figure > svg polyline").evaluate_all(points)


@pytest.mark.parametrize("log", [False, True])
def test_null_is_a_gap_and_the_axis_is_of_the_others(
    page: Page, show: Callable[..., None], log: bool
) -> None:
    show([4.0, 3.0, None, None, 2.0, 1.0, None, 5.0], log=log)
    assert lines(page) == [2, 2, 1]
    expect(page.locator("figure > svg circle")).to_have_count(5)
    drawn = page.locator("figure").inner_html()
    assert "NaN" not in drawn
    assert "Infinity" not in drawn


def test_a_last_value_that_is_not_finite_is_told(page: Page, show: Callable[..., None]) -> None:
    show([4.0, None])
    picture = page.locator("figure > svg")
    expect(picture).to_have_attribute(
        "aria-label", "Line chart, Loss: LSTM not finite at update 2."
    )
    expect(picture.locator(".gv-curves-letter")).to_have_count(0)
    picture.hover(position={"x": 490, "y": 100})
    expect(page.locator(".gv-curves-readout")).to_have_text("LSTM, update 2: not finite")


def test_nothing_but_null_is_an_empty_chart(page: Page, show: Callable[..., None]) -> None:
    for log in (False, True):
        show([None, None], log=log)
        assert lines(page) == [0]
        assert "NaN" not in page.locator("figure").inner_html()


def test_a_line_chart_of_a_forecast_names_the_dotted_line(page: Page) -> None:
    code = f"{module(*PARTS)}; window.drawLines = drawLines;"
    page.goto("about:blank")
    page.add_script_tag(type="module", content=code)
    page.wait_for_function("typeof drawLines === 'function'")
    drawn = """last => drawLines({ steps: 3, answers: {
      low: 0, high: 1, values: [0, 1, 1], targets: [1, 1, 0], last, sentence: "It is exact.",
    } }, 300).getAttribute("aria-label")"""
    start = "Line chart of the predicted and the expected value at each step"
    assert page.evaluate(drawn, []) == f"{start}. It is exact."
    dotted = f"{start}, with the last value as a dotted line. It is exact."
    assert page.evaluate(drawn, [0, 0, 1]) == dotted
