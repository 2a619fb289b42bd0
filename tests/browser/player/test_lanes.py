"""The lanes: what their pixels show, in which order, under which zoom, and what a click chooses."""

import itertools
from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator, expect

from gatesviz.player.payload import Answers, Panel, Selection
from tests.browser.player.conftest import Show, standing
from tests.player.making import by_hand, quiet, traces

CIVIDIS_ENDS = ((0, 34, 78), (254, 232, 56))
PIXELS = """(canvas, places) => places.map(([x, y]) => [...canvas.getContext("2d")
  .getImageData(Math.floor(x * canvas.width), Math.floor(y * canvas.height), 1, 1).data])"""


def picture(root: Locator, lane: str) -> Locator:
    return root.locator(f"[data-lane={lane}] .gv-heat").first


def pixels(root: Locator, lane: str, steps: int, units: int) -> NDArray[np.int64]:
    """Return red, green, blue and opacity in the middle of each cell, (steps, units, 4)."""
    places = [[(t + 0.5) / steps, (u + 0.5) / units] for t in range(steps) for u in range(units)]
    found = picture(root, lane).evaluate(PIXELS, places)
    return np.array(found, np.int64).reshape(steps, units, 4)


def click(root: Locator, lane: str, x: float, y: float) -> None:
    box = picture(root, lane).bounding_box()
    assert box is not None
    place: Any = {"x": x * box["width"], "y": y * box["height"]}
    picture(root, lane).click(position=place)


COVERS_NOTHING = """mark => { const style = getComputedStyle(mark);
  return style.borderStyle === "none" && style.backgroundColor === "rgba(0, 0, 0, 0)"
    && style.boxShadow !== "none" && !style.boxShadow.includes("inset")
    && mark.clientHeight <= mark.parentElement.clientHeight / 5 + 1; }"""


def rows(root: Locator, count: int) -> list[int]:
    """Return the units from the top row down, found by clicking each row."""
    order = []
    for row in range(count):
        click(root, "f", 0.5, (row + 0.5) / count)
        order.append(standing(root)[1])
        mark = root.locator("[data-lane=f] .gv-unit-mark")
        assert mark.evaluate("mark => parseFloat(mark.style.top)") == pytest.approx(
            100 * row / count
        )
        assert mark.evaluate(COVERS_NOTHING), "the mark covers colours of its row"
    return order


# Five units: means .3 .8 .48 .1 .4; they pass one half at step 4, 0, 3, never, 2.
ORDERED = by_hand(
    [
        [0.1, 0.8, 0.2, 0.1, 0.4],
        [0.1, 0.8, 0.2, 0.1, 0.4],
        [0.1, 0.8, 0.4, 0.1, 0.6],
        [0.2, 0.8, 0.7, 0.1, 0.3],
        [1.0, 0.8, 0.9, 0.1, 0.3],
    ]
)
ORDERS = {
    "index": [0, 1, 2, 3, 4],
    "mean": [1, 2, 4, 0, 3],
    "opening": [1, 4, 2, 0, 3],
    "likeness": [3, 4, 2, 0, 1],
}


def test_the_chain_of_likeness_is_what_numpy_finds() -> None:
    columns = ORDERED.gates["f"].T.astype(float)
    left = list(range(5))
    chain = [left.pop(int(columns.mean(axis=1).argmin()))]
    while left:
        far = [np.square(columns[chain[-1]] - columns[other]).sum() for other in left]
        chain.append(left.pop(int(np.argmin(far))))
    assert chain == ORDERS["likeness"]


@pytest.mark.parametrize("how", ORDERS)
def test_units_stand_in_the_order_asked_for(show: Show, how: str) -> None:
    root = show(ORDERED, select=Selection(lane="f"))
    root.get_by_label("Order of units").select_option(how)
    assert rows(root, 5) == ORDERS[how]
    brightness = pixels(root, "f", 5, 5)[0, :, :3].sum(axis=1)
    values = [ORDERED.gates["f"][0, unit] for unit in ORDERS[how]]
    assert (
        np.argsort(brightness, kind="stable").tolist() == np.argsort(values, kind="stable").tolist()
    )


@pytest.mark.parametrize("how", ORDERS)
def test_an_order_is_a_permutation_even_of_what_is_no_number(show: Show, how: str) -> None:
    gate = ORDERED.gates["f"].copy()
    gate[2, 1] = gate[:, 3] = np.nan
    trace = replace(ORDERED, gates=dict(ORDERED.gates) | {"f": gate})
    root = show(trace, select=Selection(lane="f"))
    root.get_by_label("Order of units").select_option(how)
    assert sorted(rows(root, 5)) == [0, 1, 2, 3, 4]


def test_colours_span_the_range_of_the_gate(show: Show) -> None:
    root = show(by_hand([[0.0, 1.0], [1.0, 0.0], [0.4, 0.4]]))
    ends = np.array([(*end, 255) for end in CIVIDIS_ENDS])
    shown = pixels(root, "f", 3, 2)
    np.testing.assert_array_equal(shown[0], ends)
    np.testing.assert_array_equal(shown[1], ends[::-1])
    assert ((ends[0] < shown[2, :]) & (shown[2, :] < ends[1]))[:, :2].all()


def test_a_signed_lane_has_a_hue_for_each_sign_and_none_for_zero(show: Show) -> None:
    signed = np.array([[-1.0], [0.0], [1.0], [np.nan]], np.float32)
    trace = by_hand([[0.5]] * 4)
    root = show(replace(trace, gates=dict(trace.gates) | {"g": signed}))
    nothing = [0, 0, 0, 0]
    wanted = [[33, 102, 190, 255], nothing, [214, 69, 35, 255], nothing]
    assert pixels(root, "g", 4, 1)[:, 0].tolist() == wanted


@pytest.mark.parametrize("name", ["lstm", "lstm, backward"])
def test_states_are_drawn_after_the_step_in_both_directions(show: Show, name: str) -> None:
    trace = traces()[name]
    root = show(trace)
    after = trace.after("h")
    red, _, blue, opacity = np.moveaxis(pixels(root, "h", *after.shape), -1, 0)
    np.testing.assert_allclose(opacity, 255 * np.abs(after), rtol=0, atol=1.1)
    seen = opacity > 8
    np.testing.assert_array_equal((red > blue)[seen], (after > 0)[seen])


def test_lanes_stand_in_the_order_in_which_data_flows(show: Show) -> None:
    letters = "root => [...root.querySelectorAll('[data-lane]')].map((lane) => lane.dataset.lane)"
    assert show(traces()["lstm"]).evaluate(letters) == ["x", "f", "i", "g", "c", "o", "h"]
    assert show(traces()["gru"]).evaluate(letters) == ["x", "r", "z", "n", "h"]
    assert show(traces()["rnn"]).evaluate(letters) == ["x", "h"]


def test_chosen_rows_stand_alone_in_larger_squares_until_all_are_asked_for(show: Show) -> None:
    root = show(traces()["lstm"], select=Selection(rows="x_c", lane="c"))
    lanes = root.locator(".gv-lane[data-lane]:visible")
    names = "lanes => lanes.map((lane) => lane.dataset.lane)"
    assert lanes.evaluate_all(names) == ["x", "c"]
    assert standing(root)[0] == 0
    expect(root.locator(".gv-working")).to_be_hidden()
    alone = picture(root, "c").bounding_box()
    root.get_by_role("button", name="Show all rows and the cell").click()
    expect(root.locator(".gv-working")).to_be_visible()
    assert lanes.evaluate_all(names) == ["x", "f", "i", "g", "c", "o", "h"]
    beside = picture(root, "c").bounding_box()
    assert alone is not None
    assert beside is not None
    assert alone["height"] >= 1.8 * beside["height"]
    assert alone["width"] > 1.5 * beside["width"]


def test_a_click_chooses_unit_and_step(show: Show) -> None:
    root = show(quiet())
    for inside in (0.2, 0.5, 0.8):
        click(root, "i", (17 + inside) / 30, (2 + inside) / 4)
        assert standing(root) == (17, 2, False)
    assert root.evaluate("root => getComputedStyle(root.querySelector('.gv-cursor')).left") != "0px"
    box = picture(root, "f").bounding_box()
    assert box is not None
    root.page.mouse.move(box["x"] + 1, box["y"] + 1)
    root.page.mouse.down()
    root.page.mouse.move(box["x"] + box["width"] * 20.5 / 30, box["y"] + 2)
    root.page.mouse.up()
    assert standing(root) == (20, 0, False)


def test_the_cursor_stands_over_its_step(show: Show) -> None:
    root = show(quiet(), select=Selection(step=12))
    place = """root => { const [cursor, heat] = [".gv-cursor", "[data-lane=f] .gv-heat"]
      .map((name) => root.querySelector(name).getBoundingClientRect());
      return [(cursor.left - heat.left) / heat.width, (cursor.right - heat.left) / heat.width]; }"""
    assert root.evaluate(place) == pytest.approx([12 / 30, 13 / 30], abs=0.01)


def test_the_cursor_is_framed_at_the_first_and_the_last_step(show: Show) -> None:
    """Its frame lies outside its step, so outside the plot at both ends; other steps show none."""
    root = show(quiet())
    for step, after in ((0, True), (29, False)):
        root.get_by_label("Step", exact=True).fill(str(step))
        box = root.locator(".gv-cursor").bounding_box()
        assert box is not None
        x = box["x"] + (-2 if after else box["width"] + 2)
        row: Any = {"x": x - 1, "y": box["y"] + 40, "width": 3, "height": 100}
        shot = np.asarray(Image.open(BytesIO(root.page.screenshot(clip=row))).convert("L"))
        assert shot[:, 1].max() < 60
    root.get_by_label("Steps shown").select_option("25")
    root.get_by_label("Step", exact=True).fill("0")
    assert root.locator(".gv-cursor").is_visible()


def test_zooming_in_follows_the_step(show: Show) -> None:
    root = show(by_hand([[float(t % 25 == 0), 0.0] for t in range(80)]))
    root.get_by_label("Steps shown").select_option("25")
    assert bright_steps(root, 25) == [0]
    root.get_by_role("slider", name="Step").fill("50")  # shown from 38 on
    assert bright_steps(root, 25) == [12]
    click(root, "f", 0.5 / 25, 0.75)
    assert standing(root) == (38, 1, False)
    root.locator("[data-action=last]").click()
    click(root, "f", 0.5 / 25, 0.75)
    assert standing(root)[0] == 55
    root.get_by_label("Steps shown").select_option("0")
    assert bright_steps(root, 80) == [0, 25, 50, 75]


def bright_steps(root: Locator, count: int) -> list[int]:
    """Return at which of the ``count`` steps on screen unit 0 is brightest."""
    bright = pixels(root, "f", count, 2)[:, 0, :3] == CIVIDIS_ENDS[1]
    return np.flatnonzero(bright.all(axis=1)).tolist()


def test_zoomed_in_it_follows_while_it_plays(stopped_clock: None, show: Show) -> None:
    root = show(quiet(steps=80))
    root.get_by_label("Steps shown").select_option("25")
    root.get_by_label("speed").select_option("20")
    root.locator("[data-action=play]").click()
    for _ in range(8):
        root.page.clock.run_for(450)
        place = root.evaluate("root => parseFloat(root.querySelector('.gv-cursor').style.left)")
        assert 0 <= place < 100
    assert standing(root)[0] > 60


def test_the_text_is_coloured_by_the_chosen_unit(show: Show) -> None:
    text = "<b>no</b> & é👩"
    trace = by_hand([[t / 11, 1 - t / 11] for t in range(len(text))])
    root = show(trace, labels=list(text), text=True, select=Selection(lane="f"))
    strip = root.locator(".gv-strip-text")
    assert strip.inner_text() == text.replace(" ", "␣")
    colours = "strip => [...strip.children].map((span) => getComputedStyle(span).backgroundColor)"
    expect(root.locator(".gv-strip-caption")).to_have_text("coloured by forget gate f of unit 0")
    rising = strip.evaluate(colours)
    assert rising[0] == f"rgb{CIVIDIS_ENDS[0]}"
    assert rising[11] == f"rgb{CIVIDIS_ENDS[1]}"
    root.focus()
    root.page.keyboard.press("ArrowDown")
    assert strip.evaluate(colours)[0] == f"rgb{CIVIDIS_ENDS[1]}"
    strip.locator("span").nth(4).click()
    assert standing(root) == (4, 1, False)
    expect(strip.locator(".gv-here")).to_have_text("o")


def test_words_of_a_text_stand_in_a_strip_and_are_coloured(show: Show) -> None:
    words = ["the", "<b>cat</b>", "sat", "&", "on"]
    trace = by_hand([[t / 4, 1 - t / 4] for t in range(5)])
    root = show([Panel(trace, labels=words, words=True)], select=Selection(lane="f"))
    strip = root.locator(".gv-strip-text")
    assert strip.inner_text().split() == words
    colours = "strip => [...strip.children].map((span) => getComputedStyle(span).backgroundColor)"
    found = strip.evaluate(colours)
    assert (found[0], found[4]) == (f"rgb{CIVIDIS_ENDS[0]}", f"rgb{CIVIDIS_ENDS[1]}")
    assert strip.get_attribute("aria-label").endswith(": the <b>cat</b> sat & on")
    expect(root.locator(".gv-lettered")).to_have_count(0)  # no row of letters above the lanes
    strip.locator("span").nth(3).click()
    assert standing(root)[0] == 3


def test_a_readout_says_its_answer(show: Show) -> None:
    values = np.array([[0.7, 0.2, 0.1]] * 29 + [[0.0004, 0.05, 0.9496]], np.float32)
    answers = Answers(("a", "<i>", "c"), values, "which came first:")
    root = show([Panel(quiet(), answers=answers)])
    expect(root.locator(".gv-answer")).to_have_text(
        "which came first: “a” 70 %, “<i>” 20 %, “c” 10 %"
    )
    root.locator("[data-action=last]").click()
    expect(root.locator(".gv-answer")).to_contain_text("“c” 95 %, “<i>” 5 %, “a” 0.04 %")
    expect(root.locator("[data-lane=y] .gv-lane-value")).to_have_text("“c”")


def test_a_projected_state_beyond_one_is_not_cut(show: Show) -> None:
    trace = traces()["lstm, projected"]
    most = float(np.abs(trace.states["h"]).max())
    assert most > 1
    root = show(trace)
    highest = root.locator("[data-lane=h] .gv-legend small").last.inner_text()
    assert float(highest) == pytest.approx(most, abs=0.051)
    expect(root.locator("[data-diagram] title", has_text="the projection")).to_have_count(1)


def test_a_unit_beyond_the_projection_has_no_h(show: Show) -> None:
    root = show(traces()["lstm, projected"], select=Selection(unit=5))
    expect(root.locator("[data-lane=h] .gv-lane-value")).to_have_text("–")
    expect(root.locator("[data-lane=h] .gv-unit-mark")).to_be_hidden()
    click(root, "h", 0.5, 0.99)
    assert standing(root)[1] == 2


INKED = """(canvas, count) => {
  const context = canvas.getContext("2d"), cell = canvas.width / count;
  const from = Math.round(canvas.height * 0.56), height = canvas.height - from;
  return Array.from({ length: count }, (_, t) => context
    .getImageData(Math.round(t * cell), from, Math.max(1, Math.round(cell)), height).data
    .some((value, k) => k % 4 === 3 && value > 60)); }"""


def test_a_layer_that_reads_no_letters_has_them_on_the_time_axis(show: Show) -> None:
    trace = replace(quiet(steps=30), inputs=np.full((30, 1), 0.5, np.float32))
    root = show(trace, labels=["a"] * 29 + [" "], text=True)
    assert root.locator(".gv-axis").evaluate(INKED, 30) == [True] * 30
    expect(root.locator(".gv-letter")).to_be_hidden()


LETTERS = """async (root, width) => {
  const found = [], canvas = CanvasRenderingContext2D.prototype, fill = canvas.fillText;
  canvas.fillText = function (text, x, y) {
    if (this.font.includes("mono")) found.push([text, parseFloat(this.font.match(/[\\d.]+px/)), x]);
    return fill.call(this, text, x, y); };
  root.style.width = `${width ?? root.clientWidth - 1}px`;
  await new Promise((done) => setTimeout(done, 300));
  canvas.fillText = fill;
  return found; }"""


@pytest.mark.parametrize("spelled", [True, False])
def test_of_a_long_text_some_letters_are_shown_large_enough(show: Show, spelled: bool) -> None:
    """70 steps on a small projector, as in a lesson: all letters are there, smaller.

    On less room every so many are there, which the row says, and the one at the cursor.
    """
    text = "Ax..zy..?Dyy.x.....z..?Bxxzy.z.y?Cz.zzx.xyz.zyzyz.y..?Dx.yx.zx.yzz.xz "
    names = sorted(set(text))
    x = np.eye(len(names), dtype=np.float32)[[names.index(letter) for letter in text]]
    trace = quiet(steps=70)
    weights = {**trace.weights, "weight_ih": np.zeros((16, len(names)), np.float32)}
    trace = replace(trace, inputs=x if spelled else x * 0.5, weights=weights)
    root = show(trace, labels=list(text), text=True)
    shown = root.locator(".gv-letter")
    drawn = root.evaluate(LETTERS)
    assert "".join(letter for letter, _, _ in drawn) == text.replace(" ", "␣")
    assert all(10 <= size < 13 for _, size, _ in drawn)
    expect(shown).to_be_hidden()
    width, axis = root.evaluate(
        "root => [root, root.querySelector('.gv-axis')].map((one) => one.clientWidth)"
    )
    drawn = root.evaluate(LETTERS, width - axis + 70 * 4.6)
    letters = [letter for letter, _, _ in drawn]
    every = int(drawn[1][2] - drawn[0][2] + 1) // 4  # a step is 4.6 px wide
    assert letters == list(text.replace(" ", "␣"))[::every]
    assert every > 1
    said = "[data-lane=x] .gv-legend" if spelled else ".gv-letters-left"
    expect(root.locator(said)).to_have_text(f"every {every}nd letter shown")
    for (_, size, x0), (_, _, x1) in itertools.pairwise(sorted(drawn, key=lambda one: one[2])):
        assert size >= 12
        assert x1 - x0 >= 0.6 * size - 1
    for step in (0, 34, 69):
        root.get_by_label("Step", exact=True).fill(str(step))
        expect(shown).to_have_text(text[step].replace(" ", "␣"))
        box, cursor = shown.bounding_box(), root.locator(".gv-cursor").bounding_box()
        assert box is not None
        assert cursor is not None
        assert box["x"] + box["width"] / 2 == pytest.approx(
            cursor["x"] + cursor["width"] / 2, abs=1.5
        )
        assert box["height"] >= 18


def test_canvases_use_the_font_of_the_page(show: Show) -> None:
    root = show(quiet())
    fonts = """root => { const found = new Set(), canvas = CanvasRenderingContext2D.prototype;
      const fill = canvas.fillText;
      canvas.fillText = function (...given) {
        found.add(this.font.replace(/^[\\w. ]*px /, "")); return fill.apply(this, given); };
      root.style.fontFamily = "Georgia, serif";
      matchMedia("(prefers-color-scheme: dark)").dispatchEvent(new Event("change"));
      root.style.width = "700px";
      return new Promise((done) => setTimeout(() => done([...found]), 300)); }"""
    assert root.evaluate(fonts) == ["Georgia, serif"]


def test_settings_without_an_effect_are_not_shown(show: Show) -> None:
    root = show(by_hand([[0.5]]))
    for label in ("Order of units", "Speed", "Unit"):
        expect(root.get_by_label(label, exact=True)).to_have_count(0)
    root = show(by_hand([[0.5, 0.1], [0.4, 0.2]]))
    for label in ("Order of units", "Speed", "Unit"):
        expect(root.get_by_label(label, exact=True)).to_have_count(1)


def test_one_sentence_says_what_each_picture_shows(show: Show) -> None:
    root = show(by_hand([[0.5, 0.1], [0.4, 0.2]]))
    heatmap = "Heatmap of the forget gate f: 2 units by 2 steps, from 0.0 to 1.0."
    expect(picture(root, "f")).to_have_attribute("aria-label", heatmap)
    line = "Line of the input x over 2 steps, on a scale from 0.0 to 0.0."
    expect(picture(root, "x")).to_have_attribute("aria-label", line)
    diagram = "Diagram of one LSTM unit at this step: c′ = f·c + i·g and h′ = o·tanh(c′)."
    thick = "A thicker line means a larger absolute value."
    expect(root.locator("[data-diagram] > title")).to_have_text(f"{diagram} {thick}")
