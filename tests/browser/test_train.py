"""The page "Train live" in a browser: a curve that grows, and everything a person does to it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from gatesviz.ui.train.session import MORE
from tests.browser.accessibility import check_accessibility
from tests.browser.visiting import settle, visit, wait_until

SMALL = "?trtask=Recall+the+first+letter&trlength=8&trhidden=4&trend=5000"
SLOW = 60_000
PIXELS = "canvas => canvas.toDataURL()"


def row(page: Page, cell: str) -> Locator:
    return page.locator(".gv-curves-table tbody tr").filter(has_text=cell)


def points(page: Page) -> int:
    """How many points the LSTM's loss has."""
    line = page.locator(".gv-curves figure").first.locator("polyline[data-cell=lstm]")
    return len((line.get_attribute("points") or "").split())


def click(page: Page, label: str) -> None:
    page.get_by_role("button", name=label, exact=True).click()


def fold(page: Page, label: str) -> None:
    """Click on a button that is folded away."""
    button = page.get_by_role("button", name=label, exact=True)
    if not button.is_visible():
        page.get_by_role("button", name=MORE).click()
    button.click()
    page.keyboard.press("Escape")


def box_of(part: Locator) -> FloatRect:
    box = part.bounding_box()
    assert box is not None
    return box


def titles(page: Page) -> list[str]:
    """The titles of the live pictures."""
    return page.locator(".gv-learned figcaption span:first-child").all_inner_texts()


def made(page: Page, cell: str) -> int:
    return int(row(page, cell).locator("td").nth(3).inner_text().replace(",", ""))


def follow_runs(page: Page) -> list[bool]:
    """Return a list that grows with each run of the script: whether it draws the whole page."""
    runs: list[bool] = []

    def note(frame: str | bytes) -> None:
        message = ForwardMsg.FromString(frame) if isinstance(frame, bytes) else ForwardMsg()
        if message.WhichOneof("type") == "new_session":
            runs.append(not message.metadata.run.fragment_ids)

    page.on("websocket", lambda socket: socket.on("framereceived", note))
    return runs


def test_a_run_is_started_paused_led_by_single_updates_and_reset(page: Page, app_url: str) -> None:
    runs = follow_runs(page)
    visit(page, f"{app_url}/train{SMALL}")
    expect(row(page, "LSTM")).to_contain_text("not started")
    assert titles(page) == ["LSTM before training", "RNN before training"]
    shades = page.locator(".gv-learned canvas").first
    untrained = shades.evaluate(PIXELS)
    runs.clear()
    click(page, "Start")
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_enabled(timeout=SLOW)
    assert runs[0] is False  # buttons and curves, and not the whole page
    expect(row(page, "LSTM")).to_contain_text("running", timeout=SLOW)
    expect(row(page, "RNN").locator("td").nth(3)).not_to_have_text("0", timeout=SLOW)
    before = row(page, "LSTM").locator("td").nth(3).inner_text()
    expect(row(page, "LSTM").locator("td").nth(3)).not_to_have_text(before, timeout=SLOW)
    assert points(page) > 1
    learning = shades.evaluate(PIXELS)
    assert learning != untrained
    wait_until(page, lambda: shades.evaluate(PIXELS) != learning)  # it changes as it learns
    click(page, "Pause")
    expect(row(page, "LSTM")).to_contain_text("paused", timeout=SLOW)
    expect(row(page, "RNN")).to_contain_text("paused", timeout=SLOW)
    rests = made(page, "LSTM")  # at least: a slice at a worker still comes back
    fold(page, "Train 1 update")
    expect(row(page, "LSTM").locator("td").nth(3)).not_to_have_text(f"{rests:,}", timeout=SLOW)
    expect(row(page, "LSTM")).to_contain_text("paused", timeout=SLOW)
    expect(row(page, "RNN")).to_contain_text("paused", timeout=SLOW)
    wait_until(page, lambda: titles(page)[0] == f"LSTM after update {made(page, 'LSTM'):,}")
    settle(page)
    check_accessibility(page)
    page.get_by_role("button", name=MORE).click()
    runs.clear()
    page.get_by_text("Logarithmic loss axis").click()
    expect(page).to_have_url(re.compile("trlog=true"), timeout=SLOW)
    expect(page.locator(".gv-curves")).to_have_count(1)
    wait_until(page, lambda: bool(runs))
    settle(page)
    assert runs == [False]
    page.keyboard.press("Escape")
    click(page, "Reset")
    expect(row(page, "LSTM")).to_contain_text("not started", timeout=SLOW)


def test_a_paused_run_makes_no_further_update(page: Page, app_url: str) -> None:
    """An update of this model takes some tenths of a second, so a slice is away when it pauses."""
    large = "trtask=Recall+the+first+letter&trcells=LSTM&trlength=150&trhidden=64&trbatch=128"
    visit(page, f"{app_url}/train?{large}&trend=5000")
    click(page, "Start")
    expect(row(page, "LSTM").locator("td").nth(3)).not_to_have_text("0", timeout=SLOW)
    click(page, "Pause")
    seen = []
    for _ in range(25):
        cells = row(page, "LSTM").locator("td").all_inner_texts()
        seen.append((cells[2], cells[3]))
        page.wait_for_timeout(200)
    rests = [made for state, made in seen if state == "paused"]
    assert rests, seen
    assert len(set(rests)) == 1, seen
    assert [state for state, _ in seen][-1] == "paused"


@pytest.mark.parametrize("task", ["Recall+the+first+letter", "Continue+a+wave"])
def test_a_run_on_a_projector_shows_loss_gates_and_prediction_at_once(
    page: Page, app_url: str, task: str
) -> None:
    """The reader has guessed: the sentence below the question moves everything down."""
    visit(page, f"{app_url}/train?trtask={task}&trend=5000&trguess=LSTM")
    start = page.get_by_role("button", name="Start", exact=True)
    words, pictures = page.locator(".st-key-train-task"), page.locator(".gv-curves")
    before = box_of(pictures)["y"]
    assert box_of(start)["x"] > box_of(words)["x"] + box_of(words)["width"]
    start.click()
    expect(row(page, "LSTM").locator("td").nth(3)).not_to_have_text("0", timeout=SLOW)
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_enabled(timeout=SLOW)
    assert box_of(pictures)["y"] == before  # nothing moved under the pointer
    loss = page.locator(".gv-curves-charts > figure").first.locator("> svg")
    seen = [page.get_by_role("button", name="Pause", exact=True), loss]
    seen += page.locator(".gv-learned-lanes, .gv-learned-answers").all()
    assert len(seen) == 6
    for part in seen:
        box = box_of(part)
        assert box["y"] >= 60  # the menu's height
        assert box["y"] + box["height"] <= 720
    click(page, "Pause")
    expect(row(page, "LSTM")).to_contain_text("paused", timeout=SLOW)


def test_a_link_opens_the_same_settings_and_the_same_run(
    new_page: Callable[..., Page], app_url: str
) -> None:
    link = f"{app_url}/train{SMALL}&trseed=3&trlog=true&trrate=0.02&trequal=parameters"
    losses = []
    for scheme in ("light", "dark"):
        page = new_page(color_scheme=scheme)
        visit(page, link)
        expect(page).to_have_url(link)
        expect(page.get_by_role("spinbutton", name="Seed")).to_have_value("3")
        fold(page, "Train 10 updates")
        expect(row(page, "RNN")).to_contain_text("paused", timeout=SLOW)
        expect(row(page, "LSTM").locator("td").nth(3)).to_have_text("10", timeout=SLOW)
        losses.append(row(page, "LSTM").locator("td").nth(6).inner_text())
    assert losses[0] == losses[1]


def test_a_phone_shows_it_without_scrolling_sideways(
    new_page: Callable[..., Page], app_url: str
) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    visit(page, f"{app_url}/train{SMALL}")
    words = box_of(page.locator(".st-key-train-task"))
    start = box_of(page.get_by_role("button", name="Start", exact=True))
    assert start["y"] >= words["y"] + words["height"]
    fold(page, "Train 10 updates")
    expect(row(page, "LSTM").locator("td").nth(3)).to_have_text("10", timeout=SLOW)
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_run_is_saved_opened_elsewhere_and_handed_to_feed(
    new_page: Callable[..., Page], app_url: str, tmp_path: Path
) -> None:
    page = new_page(color_scheme="dark")
    visit(page, f"{app_url}/train{SMALL}&trcells=LSTM&trdata=8&trlayers=2&trclip=false&trend=20")
    fold(page, "Train 10 updates")
    expect(row(page, "LSTM").locator("td").nth(3)).to_have_text("10", timeout=SLOW)
    page.get_by_role("button", name=MORE).click()
    rate = page.get_by_role("spinbutton", name="Learning rate from now on")
    rate.fill("0.05")
    rate.press("Enter")
    expect(page).to_have_url(re.compile(r"trrates=10%3A\+0\.05"), timeout=SLOW)
    fold(page, "Train 10 updates")
    expect(row(page, "LSTM").locator("td").nth(3)).to_have_text("20", timeout=SLOW)
    loss, link = row(page, "LSTM").locator("td").nth(6).inner_text(), page.url
    expect(page.get_by_text("LSTM, training set")).to_be_visible()
    with page.expect_download(timeout=SLOW) as download:
        click(page, "LSTM: run")
    download.value.save_as(tmp_path / "run.safetensors")

    page.get_by_role("link", name="Feed a sequence →").click()
    expect(page.locator(".gv-player")).to_contain_text("Your readout answers", timeout=SLOW)
    expect(page).to_have_url(re.compile("weights=yours"), timeout=SLOW)
    handed = page.url

    other = new_page()
    visit(other, handed)
    expect(other.get_by_text("Links don't carry weights")).to_be_visible(timeout=SLOW)
    other.get_by_role("link", name="Train it again").click()
    expect(row(other, "LSTM")).to_contain_text("not started", timeout=SLOW)
    click(other, "Start")
    expect(row(other, "LSTM").locator("td").nth(3)).to_have_text("20", timeout=SLOW)
    expect(row(other, "LSTM").locator("td").nth(6)).to_have_text(loss)

    third = new_page()
    visit(third, f"{app_url}/train")
    third.get_by_text("Open a saved run").click()
    third.locator("input[type=file]").set_input_files(tmp_path / "run.safetensors")
    expect(row(third, "LSTM").locator("td").nth(6)).to_have_text(loss, timeout=SLOW)
    for part in ("trlayers=2", "trdata=8", "trclip=false", "trrates=10"):
        assert part in link
        expect(third).to_have_url(re.compile(part), timeout=SLOW)
