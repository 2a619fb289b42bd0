"""Runs that outlive their page: a reload, and a server that was killed."""

from playwright.sync_api import Page, expect

from tests.browser.test_train import SLOW, click, made, row
from tests.browser.visiting import visit, wait_until

LONG = "?trtask=Recall+the+first+letter&trcells=LSTM&trlength=60&trhidden=32&trend=5000"


def test_a_reload_shows_the_run_and_a_second_tab_has_its_own(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/train{LONG}")
    click(page, "Start")
    wait_until(page, lambda: made(page, "LSTM") > 50)
    before = made(page, "LSTM")
    page.reload()
    expect(row(page, "LSTM")).to_contain_text("running", timeout=SLOW)
    after = made(page, "LSTM")
    assert after >= before
    wait_until(page, lambda: made(page, "LSTM") > after)  # it goes on by itself
    second = page.context.new_page()
    visit(second, f"{app_url}/train{LONG}")
    expect(row(second, "LSTM")).to_contain_text("not started")
    click(page, "Pause")
    expect(row(page, "LSTM")).to_contain_text("paused", timeout=SLOW)
