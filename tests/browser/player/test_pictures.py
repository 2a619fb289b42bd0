"""The picture of a run and the curves, drawn from made numbers: pixels, places, and clicks."""

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from gatesviz.player.assets import asset, module

ROWS = [
    [[-1.0, -0.5, 0.0, 0.25, 1.0], [1.0, 0.5, 0.0, -0.25, -1.0], [0.75, 0.0, 0.0, 0.0, -0.75]],
    [[0.5, 0.5, 0.5, 0.5, 0.5], [0.0, 0.25, 0.5, 0.75, 1.0], [0.1, 0.2, 0.3, 0.4, 0.9]],
]
PICTURES = [
    {
        "title": title, "updates": [0, 8, 16], "rows": rows, "means": [0.0, 1.0], "labels": None,
        "shown": [8], "low": low, "high": 1.0, "signed": low < 0,
    }
    for title, rows, low in (("LSTM, g", ROWS[0], -1.0), ("GRU, z", ROWS[1], 0.0))
]  # fmt: skip
PAGE = """<!doctype html><html lang="en"><title>made</title><style>{style}</style>
<div id="root" style="width: {width}px"></div><script type="module">{script}
window.told = [];
{show}(document.getElementById("root"), {data}, (place) => window.told.push(place));
</script>"""
Draw = Callable[..., Locator]


@pytest.fixture
def draw(page: Page) -> Draw:
    """A function that shows data with one of the parts alone on a page; returns its root."""

    def drawn(part: str, data: object, width: int = 800) -> Locator:
        files = ("dom.js", "colours.js", "learned.js", f"{part}.js")
        show, script = f"show{part.capitalize()}", module(*files)
        page.set_content(
            PAGE.format(
                style=asset(f"{part}.css"), script=script, show=show, data=json.dumps(data),
                width=width,
            )
        )  # fmt: skip
        expect(page.locator("#root figure").first).to_be_visible()
        return page.locator("#root")

    return drawn


def test_a_row_is_an_update_and_a_column_a_step(draw: Draw) -> None:
    root = draw("growth", {"pictures": PICTURES})
    read = """canvas => [canvas.width, canvas.height, [...canvas.getContext("2d")
      .getImageData(0, 0, canvas.width, canvas.height).data]]"""
    width, height, data = root.locator("canvas").first.evaluate(read)
    assert (width, height) == (5, 3)
    found = np.array(data, float).reshape(height, width, 4)
    signed = found[..., 3] / 255 * np.where(found[..., 0] > found[..., 2], 1, -1)
    np.testing.assert_allclose(signed, ROWS[0], rtol=0, atol=0.006)
    *_, data = root.locator("canvas").nth(1).evaluate(read)
    found = np.array(data).reshape(height, width, 4)[..., :3]
    assert found[1, 0].tolist() == [0, 34, 78]
    assert found[1, 4].tolist() == [254, 232, 56]
    assert (found[0] == found[1, 2]).all()


def test_a_click_tells_its_picture_its_update_and_its_step(draw: Draw) -> None:
    root = draw("growth", {"pictures": PICTURES})
    for picture, k, t in ((0, 0, 4), (1, 2, 1), (0, 1, 0), (1, 1, 3)):
        field = root.locator(".gv-growth-field").nth(picture)
        box = field.bounding_box()
        assert box is not None
        x, y = (t + 0.5) / 5 * box["width"], (k + 0.5) / 3 * box["height"]
        field.click(position={"x": x, "y": y})
        told = root.evaluate("() => window.told.at(-1)")
        assert told == {"picture": picture, "update": 8 * k, "step": t}
        value = f"{ROWS[picture][k][t]:.3f}".replace("-", "−")
        wanted = f"after update {8 * k}, step {t}: {value}"
        expect(root.locator(".gv-growth-readout").nth(picture)).to_have_text(wanted)
        cursor = root.locator(".gv-growth-cursor").nth(picture).bounding_box()
        assert cursor is not None
        framed = [(cursor["x"] - box["x"]) / box["width"], (cursor["y"] - box["y"]) / box["height"]]
        assert framed == pytest.approx([t / 5, k / 3], abs=0.01)


def test_each_row_says_its_update_at_its_height(draw: Draw) -> None:
    root = draw("growth", {"pictures": PICTURES})
    places = """figure => { const box = figure.querySelector(".gv-growth-field")
      .getBoundingClientRect(); const middle = (one, from, size, low) => {
        const place = one.getBoundingClientRect(); return (place[low] + place[size] / 2 - from); };
      const all = (name) => [...figure.querySelectorAll(name)];
      return { side: all(".gv-growth-side span").map((one) =>
          [one.textContent, middle(one, box.top, "height", "top") / box.height]),
        axis: all(".gv-growth-axis span").map((one) => [one.textContent, one.style.left]) }; }"""
    found: Any = root.locator("figure").first.evaluate(places)
    heights = {re.sub(r"\D", "", text): place for text, place in found["side"]}
    assert heights == pytest.approx({"0": 1 / 6, "8": 3 / 6, "16": 5 / 6}, abs=0.02)
    assert [text for text, _ in found["side"] if "▸" in text] == ["8 ▸"]
    assert dict(found["axis"]) == {str(t): f"{20 * t + 10}%" for t in range(5)}


LSTM = ([0.0, 10.0, 20.0, 40.0], [1.0, 0.75, 0.5, 0.01])
GRU = ([0.0, 40.0], [0.8, 0.2])  # and between them an update without a number
CHART = {
    "title": "Loss", "along": "update", "made": 40,
    "lines": [{"name": "without a network", "dash": "4 4", "y": 0.5}],
    "series": [
        {"name": "LSTM", "cell": "lstm", "xs": LSTM[0], "ys": LSTM[1]},
        {"name": "GRU", "cell": "gru", "xs": [0, 20, 40], "ys": [0.8, None, 0.2]},
    ],
}  # fmt: skip
CURVES = """root => { const at = (one, name) => Number(one.getAttribute(name));
  const all = (name) => [...root.querySelectorAll(name)];
  const ticks = (way) => all("text.gv-curves-number")
    .filter((one) => (one.getAttribute("text-anchor") === "end") === way)
    .map((one) => [Number(one.textContent), way ? at(one, "y") - 4 : at(one, "x")]);
  return { rows: ticks(true), columns: ticks(false), mark: at(all(".gv-curves-mark").at(-1), "y1"),
    line: all("polyline[data-cell=lstm]").map((one) => one.getAttribute("points")).join(" "),
    dots: all("circle[data-cell=gru]").map((one) => [at(one, "cx"), at(one, "cy")]) }; }"""


@pytest.mark.parametrize("log", [False, True])
def test_points_of_a_curve_stand_at_their_updates_and_values(draw: Draw, log: bool) -> None:
    root = draw("curves", {"charts": [CHART | {"log": log}], "table": None})
    found: Any = root.evaluate(CURVES)
    scale = np.log if log else np.asarray
    rows, columns = np.array(found["rows"]), np.array(found["columns"])
    to_y = np.polynomial.Polynomial.fit(scale(rows[:, 0]), rows[:, 1], 1)
    to_x = np.polynomial.Polynomial.fit(columns[:, 0], columns[:, 1], 1)
    assert to_y.deriv()(0.0) < 0 < to_x.deriv()(0.0)
    line = np.array([pair.split(",") for pair in found["line"].split()], float)
    for drawn, xs, ys in ((line, *LSTM), (np.array(found["dots"]), *GRU)):
        np.testing.assert_allclose(drawn[:, 0], to_x(np.array(xs)), rtol=0, atol=0.2)
        np.testing.assert_allclose(drawn[:, 1], to_y(scale(ys)), rtol=0, atol=0.2)
    assert found["mark"] == pytest.approx(to_y(scale(0.5)), abs=0.2)


@pytest.mark.parametrize(("width", "letters"), [(800, True), (300, False)])
def test_every_letter_is_on_the_axis_while_there_is_room(
    draw: Draw, width: int, letters: bool
) -> None:
    text = list("Ax..zy..?Dyy.x" * 4) + list("B?Cz..xx")
    picture = PICTURES[1] | {"rows": [[0.5] * 64] * 3, "labels": text}
    root = draw("growth", {"pictures": [picture]}, width)
    found = root.locator(".gv-growth-axis span").all_inner_texts()
    assert (found == text) == letters
    assert letters or found[0] == "0 A"


def test_a_heatmap_over_training_is_described_in_sentences(draw: Draw) -> None:
    root = draw("growth", {"pictures": PICTURES})
    label = root.locator(".gv-growth-field").first.get_attribute("aria-label") or ""
    assert label.startswith(
        "Heatmap of LSTM, g: 3 snapshots by 5 time steps. The mean over time is 0.000 before"
        " training and 1.000 after update 16. Arrow keys move the cursor."
    )
