"""The page "Vanishing gradients" in a browser: guess, gap, views, a run of its own, a cold link."""

import re
from collections.abc import Callable
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import check_accessibility
from tests.browser.visiting import settle, visit

SLOW = 60_000
SEEDS = count(1)  # the server keeps a run: another try needs one that nobody has made


def guess(page: Page, answer: str) -> None:
    page.get_by_role("radio", name=answer, exact=True).click()
    settle(page)


def test_a_guess_is_answered_and_the_link_tells_it_again(
    new_page: Callable[..., Page], app_url: str
) -> None:
    page = new_page(color_scheme="light")
    visit(page, f"{app_url}/gradients?grlen=30&grhid=8&grdraw=true")
    stage = page.locator(".js-plotly-plot").first
    expect(stage).to_be_visible(timeout=SLOW)
    before = stage.bounding_box()
    guess(page, "20")
    answer = page.get_by_text("You guessed 20 steps")
    expect(answer).to_be_visible(timeout=SLOW)
    assert stage.bounding_box() == before, "the curves begin on the empty stage"
    pad = page.locator(".gv-sketch-pad")
    pad.focus()
    pad.press("ArrowDown")
    expect(page.get_by_text("Your curve is off by a factor")).to_be_visible(timeout=SLOW)
    settle(page)
    check_accessibility(page)
    told = [answer.inner_text(), page.get_by_text("Your curve is off").inner_text()]

    other = new_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    visit(other, page.url)
    for sentence in told:
        expect(other.get_by_test_id("stMain")).to_contain_text(sentence, timeout=SLOW)
    expect(other.get_by_text("The page doesn't use all of the link")).to_have_count(0)
    assert other.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_whole_chart_is_in_sight_before_and_after_the_guess(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/gradients")
    stage = page.locator(".js-plotly-plot").first
    expect(stage).to_be_visible(timeout=SLOW)
    before = stage.bounding_box()
    assert before is not None
    assert page.viewport_size == {"width": 1280, "height": 720}
    assert before["y"] + before["height"] <= 720
    guess(page, "never")
    expect(page.get_by_text("You guessed never")).to_be_visible(timeout=SLOW)
    expect(stage.get_by_text("LSTM, c")).to_be_visible(timeout=SLOW)  # the curves are there
    assert stage.bounding_box() == before
    units = page.get_by_role("slider", name="Hidden units")
    expect(units).not_to_be_visible()
    page.locator("summary", has_text="Hidden units and input").click()
    expect(units).to_be_visible()
    check_accessibility(page)


def test_a_link_opens_the_fold_of_its_setting_and_it_stays_open(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/gradients?grbias=forget+bias&grlen=12&grhid=6")
    bias = page.get_by_role("spinbutton", name="Forget bias b")
    for value, link in (("5", re.compile("grfb=5")), ("1", re.compile("^(?!.*grfb)"))):
        bias.fill(value)
        bias.press("Enter")
        expect(page).to_have_url(link, timeout=SLOW)
        settle(page)
        expect(bias).to_be_visible()
    weights = page.get_by_role("combobox", name="Recurrent weights")
    expect(weights).not_to_be_visible()


def test_another_setting_asks_again_and_the_first_one_brings_the_guess_back(
    page: Page, app_url: str
) -> None:
    visit(page, f"{app_url}/gradients?grlen=30&grhid=8&grdraw=true")
    guess(page, "20")
    pad = page.locator(".gv-sketch-pad")
    pad.focus()
    pad.press("ArrowDown")
    told = (
        page.get_by_text("You guessed 20 steps"),
        page.get_by_text("Your curve is off by a factor"),
    )
    for sentence in told:
        expect(sentence).to_be_visible(timeout=SLOW)
    seed = page.get_by_role("spinbutton", name="Seed")
    for value, times in (("3", 0), ("0", 1)):
        seed.fill(value)
        seed.press("Enter")
        for sentence in told:
            expect(sentence).to_have_count(times, timeout=SLOW)
        chosen = page.get_by_role("radio", name="20", exact=True)
        expect(chosen).to_have_attribute("aria-checked", "true" if times else "false")
        height = "0.9" if times else "1"  # as drawn, or flat at the top
        expect(pad).to_have_count(1, timeout=SLOW)  # until then the old one is there, too
        expect(pad).to_have_attribute("aria-valuenow", height, timeout=SLOW)
    assert "grguess=20" in page.url


def test_a_run_is_measured_beside_the_principle(page: Page, app_url: str) -> None:
    link = "grview=memory+horizon&grrow=LSTM%2C+b+%3D+5&grrun=3&grhor=no"
    visit(page, f"{app_url}/gradients?{link}")
    page.get_by_role("button", name="Train this model").click(timeout=SLOW)
    expect(page.get_by_text("The run solved the task after 8 updates")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("training can increase or reduce it")).to_be_visible()
    expect(page.get_by_text("This run solved the task.")).to_be_visible()
    settle(page)
    check_accessibility(page)


def test_the_gradient_goes_backward_through_the_cell(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/gradients?grlen=12&grhid=6")
    guess(page, "backward, step by step")
    expect(
        page.get_by_text("Make a guess to see the LSTM's gradient go back step by step.")
    ).to_be_visible(timeout=SLOW)
    root = page.locator(".gv-player")
    expect(root).to_have_count(0)
    guess(page, "75 %")
    expect(root).to_contain_text("LSTM, backward", timeout=SLOW)
    expect(root).to_contain_text("wires show gradients", timeout=SLOW)
    expect(root).to_have_attribute("data-step", "0", timeout=SLOW)  # it has played to the first
    expect(page.get_by_text("You guessed 75 %: ")).to_be_visible(timeout=SLOW)
    check_accessibility(page)


def test_a_short_run_is_trained_measured_and_kept(page: Page, app_url: str) -> None:
    task = "grw=half-trained&grtask=Recall+the+first+letter&grlen=12&grupd=5"
    link = f"{app_url}/gradients?{task}&grseed={next(SEEDS)}&grshow=true"
    visit(page, link)
    page.get_by_role("button", name="Train RNN, GRU and LSTM for 5 updates").click()
    trained = page.get_by_text("Your LSTM with 16 hidden units after 5 updates")
    expect(trained).to_be_visible(timeout=SLOW)
    settle(page)
    sentence = page.get_by_text(re.compile(r"^LSTM\. .*‖∂L/∂c‖")).inner_text()
    visit(page, link)
    expect(trained).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("button", name="Train RNN")).to_have_count(0)
    expect(page.get_by_test_id("stMain")).to_contain_text(sentence, timeout=SLOW)
    guess(page, "during training")
    expect(page.locator(".js-plotly-plot")).to_have_count(1, timeout=SLOW)
    settle(page)
    check_accessibility(page)


@pytest.mark.parametrize("view", ["which+input+matters", "exploding"])
def test_every_other_view_opens_cold_and_is_accessible(page: Page, app_url: str, view: str) -> None:
    visit(page, f"{app_url}/gradients?grview={view}&grlen=20&grhid=6&grshow=true")
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=SLOW)
    settle(page)
    check_accessibility(page)
