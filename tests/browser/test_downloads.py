"""Taking a chart home, on a page with a few of them: each file opened again and looked into."""

import io
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import FloatRect, Locator, Page, expect

from gatesviz.figures.style import INK, PAPER
from tests.browser.accessibility import check_accessibility, check_in_both_themes
from tests.browser.visiting import visit
from tests.serving import ROOT, free_port, serving

APP = """
import streamlit as st

from gatesviz.experiments import Unit, surface
from gatesviz.experiments.claims import Point
from gatesviz.figures import cliff_surface, seed_dots
from gatesviz.figures.page import to_page
from gatesviz.ui import charts, downloads
from gatesviz.ui.components import bring

st.set_page_config(page_title="Charts", layout="wide")
bring()
st.title("Charts")
theme = charts.theme()
runs = [Point("GRU", "gru", None, seed, 100.0 + seed) for seed in range(6)]
runs += [Point("LSTM", "lstm", None, seed, 300.0) for seed in range(3)]
dots = seed_dots(runs, y_name="runs \\x07 & <more>", y_log=True, theme=theme)
seen, unseen = st.tabs(["seen", "unseen"])
with seen:
    charts.show(dots, "Dots & <bars>", key="seeds <of> all")
with unseen:  # under the same class, by Streamlit's rule
    charts.show(seed_dots(runs[:2], y_name="others"), "", key="seeds--of--all")
home = lambda: to_page(dots, title="Dots", alt="Dots in words", theme=theme)
numbers = lambda: downloads.table(["seed"], [[run.seed] for run in runs])
downloads.offer("dots", chart="seeds <of> all", page=home, csv=numbers, script=str)
downloads.offer("gone", chart="not here")
if "cliff" in st.query_params:
    cliff = surface(Unit(), (3, 7), (-5, -1), points=11)
    charts.show(cliff_surface(cliff, {}, theme=theme), "A cliff", key="cliff")
    downloads.offer("cliff", chart="cliff")
"""
SVG, XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
SLOW = 60_000
PLACES = """root => { const { left, top } = root.getBoundingClientRect();
  return [...root.querySelectorAll("text")].map((text) => {
    const box = text.getBoundingClientRect();
    return [text.textContent, box.left - left, box.top - top, box.width, box.height]; }); }"""
LOOK = """element => { const css = getComputedStyle(element);
  return ["height", "padding", "border", "borderRadius", "color", "fontFamily", "fontWeight"]
    .map((name) => css[name]); }"""
FOCUSED = """() => { let one = document.activeElement;
  while (one.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
  return one.innerText; }"""


@pytest.fixture(scope="module")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the page above, in the pages' own theme."""
    folder, port = tmp_path_factory.mktemp("charts"), free_port()
    (folder / "app.py").write_text(APP, encoding="utf-8")
    command = [sys.executable, "-m", "streamlit", "run", str(folder / "app.py")]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    with serving(command, port, ROOT, folder / "log", PYTHONPATH=str(ROOT)) as url:
        yield url


def opened(page: Page, url: str) -> Page:
    visit(page, url)
    expect(chart(page).locator(".legend")).to_be_visible(timeout=SLOW)
    return page


def chart(page: Page) -> Locator:
    return page.locator(".js-plotly-plot").first


def is_at_its_anchor(there: list[float], here: list[float]) -> bool:
    """Tell whether two boxes share an edge or their middle. A file alone has another font."""
    (left, top, width, height), (x, y, wide, high) = there, here
    ends = (left - x, left + width / 2 - x - wide / 2, left + width - x - wide)
    return min(map(abs, ends)) < 0.75 and abs(top + height / 2 - y - high / 2) < 1.5


def button(page: Page, label: str, place: int = 0) -> Locator:
    return page.get_by_role("button", name=label, exact=True).nth(place)


def box(seen: Locator) -> FloatRect:
    found = seen.bounding_box()
    assert found is not None
    return found


def take(page: Page, label: str, folder: Path, place: int = 0, key: str = "") -> Path:
    """Press a button, by ``key`` or the mouse; return the file that comes."""
    with page.expect_download(timeout=SLOW) as download:
        button(page, label, place).press(key) if key else button(page, label, place).click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def pixels(picture: Path | bytes) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return an image as (height, width, 4): red, green, blue and opacity."""
    data = picture if isinstance(picture, bytes) else picture.read_bytes()
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))


def paths(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [one for one in root.iter(SVG + "path") if name in one.get("class", "").split()]


def test_the_svg_is_the_chart_and_leads_nowhere(page: Page, app_url: str, tmp_path: Path) -> None:
    opened(page, app_url)
    chart(page).locator(".point").first.hover(force=True)  # what takes the pointer lies above it
    expect(chart(page).locator(".hovertext")).to_be_visible()
    file = take(page, "SVG", tmp_path, key="Enter")
    assert file.name == "gatesviz-dots.svg"
    root, text = ElementTree.parse(file).getroot(), file.read_text(encoding="utf-8")
    size = [f"{box(chart(page))[side]:g}" for side in ("width", "height")]
    assert [root.get("width"), root.get("height")] == size
    assert root.get("aria-label") == "Dots & <bars>"
    assert len(paths(root, "point")) == 6 + 3 + 2  # runs, and their medians
    assert len(paths(root, "yerror")) == 2
    told = ["".join(one.itertext()) for one in root.iter(SVG + "text")]
    assert {"runs \ufffd & <more>", "GRU", "LSTM", "10³"} <= {*told}
    assert not re.search("hovertext|drag|modebar|non-scaling-stroke", text)
    assert {one.get("shape-rendering") for one in paths(root, "crisp")} == {"crispEdges"}
    used = {*re.findall(r"url\((?:&quot;)?#?(.*?)(?:&quot;)?\)", text)}
    assert used
    assert used <= {one.get("id") for one in root.iter()}
    assert not re.search("https?:|file:|blob:|@import", re.sub(r' xmlns(:\w+)?="[^"]*"', "", text))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_alone_it_looks_as_on_the_page(
    new_page: Callable[..., Page], app_url: str, tmp_path: Path, theme: str
) -> None:
    page = opened(new_page(color_scheme=theme, device_scale_factor=2), app_url)
    file, png = take(page, "SVG", tmp_path), pixels(take(page, "PNG", tmp_path))
    before = chart(page).locator(".svg-container").evaluate(PLACES)
    alone = new_page(device_scale_factor=2)
    alone.goto(file.as_uri())
    after = alone.locator(":root").evaluate(PLACES)
    for (told, *here), (text, *there) in zip(before, after, strict=True):
        assert text == told.replace("\x07", "\ufffd")
        assert text != told or is_at_its_anchor(there, here), told

    root, (height, width) = ElementTree.parse(file).getroot(), png.shape[:2]
    assert [f"{width / 2:g}", f"{height / 2:g}"] == [root.get("width"), root.get("height")]
    assert "#{:02X}{:02X}{:02X}".format(*png[0, 0, :3]) == PAPER[theme]
    frame: FloatRect = {"x": 0, "y": 0, "width": width / 2, "height": height / 2}
    shown = pixels(alone.screenshot(clip=frame))
    apart = np.abs(png.astype(int) - shown.astype(int)).max(axis=-1)
    assert (apart > 64).mean() < 0.002
    for colour in ("#0072B2", "#D55E00", INK[theme]):
        wanted = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
        assert (png[..., :3] == wanted).all(axis=-1).sum() > 200, colour


def test_of_two_charts_under_one_class_the_visible_one_is_taken(
    page: Page, app_url: str, tmp_path: Path
) -> None:
    opened(page, app_url)
    page.get_by_role("tab", name="unseen").click()
    expect(page.locator(".js-plotly-plot").nth(1)).to_be_visible()
    text = take(page, "SVG", tmp_path).read_text(encoding="utf-8")
    assert ">others</text>" in text
    assert "more" not in text


def test_what_webgl_draws_is_in_the_picture(page: Page, app_url: str, tmp_path: Path) -> None:
    visit(page, f"{app_url}/?cliff")
    canvas = page.locator(".st-key-cliff canvas")
    expect(canvas).to_be_visible(timeout=SLOW)
    file, png = take(page, "SVG", tmp_path, 2), pixels(take(page, "PNG", tmp_path, 2))
    (image,) = ElementTree.parse(file).getroot().iter(SVG + "image")
    assert image.attrib[XLINK + "href"].startswith("data:image/png;base64,")
    at, whole = box(canvas), box(page.locator(".st-key-cliff .svg-container"))
    wanted = [at["x"] - whole["x"], at["y"] - whole["y"], at["width"], at["height"]]
    placed = [float(image.attrib[name]) for name in ("x", "y", "width", "height")]
    assert placed == pytest.approx(wanted, abs=0.01)
    painted = (png[..., :3] != png[0, 0, :3]).any(axis=-1)
    assert 0.02 < painted.mean() < 0.9


def test_keys_alone_reach_and_press_them(page: Page, app_url: str, tmp_path: Path) -> None:
    opened(page, app_url)
    page.get_by_role("tab", name="seen", exact=True).focus()
    passed: list[str] = []
    while "Script" not in passed and len(passed) < 40:
        page.keyboard.press("Tab")
        passed.append(page.evaluate(FOCUSED))
    assert passed[-5:] == ["PNG", "SVG", "HTML", "CSV", "Script"]
    assert take(page, "PNG", tmp_path, key="Enter").suffix == ".png"
    assert take(page, "SVG", tmp_path, key="Space").suffix == ".svg"
    expect(button(page, "SVG")).to_be_focused()


def test_a_chart_that_is_not_there_is_told_beside_the_buttons(page: Page, app_url: str) -> None:
    opened(page, app_url)
    told = page.get_by_role("status").filter(has_text="The chart isn't on the page")
    expect(told).to_have_count(0)
    button(page, "PNG", 1).click()
    expect(told).to_be_visible()
    check_looks(page)
    check_in_both_themes(page)
    check_looks(page)  # in the dark theme, the last of both


def check_looks(page: Page) -> None:
    """Fail where our buttons look other than Streamlit's beside them."""
    ours, streamlits = button(page, "PNG"), button(page, "HTML")
    assert ours.evaluate(LOOK) == streamlits.evaluate(LOOK)
    size = streamlits.locator("p").evaluate("one => getComputedStyle(one).fontSize")
    expect(ours).to_have_css("font-size", size)


def test_a_phone_wraps_the_row(new_page: Callable[..., Page], app_url: str) -> None:
    page = opened(new_page(viewport={"width": 320, "height": 844}), app_url)
    button(page, "PNG", 1).click()
    told = page.get_by_text("The chart isn't on the page")
    told.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    pairs = ((button(page, "PNG"), button(page, "Script")), (button(page, "PNG", 1), told))
    for above, below in (map(box, pair) for pair in pairs):
        assert below["x"] + below["width"] <= 320
        assert below["y"] >= above["y"] + above["height"]


def test_the_other_files_and_the_page_draws_offline(
    page: Page, new_page: Callable[..., Page], app_url: str, tmp_path: Path
) -> None:
    opened(page, app_url)
    assert take(page, "CSV", tmp_path).read_text(encoding="utf-8").split()[:2] == ['"seed"', '"0"']
    assert take(page, "Script", tmp_path).name == "gatesviz-dots.py"
    file = take(page, "HTML", tmp_path)
    assert file.name == "gatesviz-dots.html"
    alone, asked = new_page(color_scheme="dark"), []
    alone.on("request", lambda request: asked.append(request.url))
    alone.route(re.compile("^(?!file:|data:|blob:)"), lambda route: route.abort())
    alone.goto(file.as_uri())
    expect(alone).to_have_title("Dots")
    expect(alone.locator(".js-plotly-plot .points .point")).to_have_count(11, timeout=SLOW)
    expect(alone.get_by_role("figure")).to_contain_text("Dots in words")
    check_accessibility(alone)
    assert asked == [file.as_uri()]
