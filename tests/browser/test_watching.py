"""The watch itself: it must see what it is there to see, or its silence means nothing."""

import pytest
from playwright.sync_api import Page

from tests.browser.accessibility import check_accessibility
from tests.browser.watching import Watch

OUTSIDE = ["http://example.com/a", "http://192.0.2.1/a", "ws://example.com/a"]


@pytest.mark.parametrize("url", OUTSIDE)
def test_it_sees_a_request_to_elsewhere_and_stops_it(
    page: Page, app_url: str, watch: Watch, url: str
) -> None:
    page.goto(f"{app_url}/_stcore/health")
    ask = (
        "url => new Promise(done => { const socket = new WebSocket(url);"
        " socket.onopen = () => done('open'); socket.onerror = () => done('stopped') })"
        if url.startswith("ws")
        else "url => fetch(url, {mode: 'no-cors'}).then(() => 'open', () => 'stopped')"
    )
    assert page.evaluate(ask, url) == "stopped"
    with pytest.raises(AssertionError, match="ERR_NAME_NOT_RESOLVED"):
        watch.verify()
    assert watch.foreign == [url]
    watch.errors.clear()
    watch.foreign.clear()


@pytest.mark.parametrize(
    "code", ["console.error('broken')", "setTimeout(() => { throw 'broken' })"]
)
def test_it_sees_an_error(page: Page, app_url: str, watch: Watch, code: str) -> None:
    page.goto(f"{app_url}/_stcore/health")
    page.evaluate(code)
    page.wait_for_timeout(50)
    with pytest.raises(AssertionError, match="broken"):
        watch.verify()
    watch.errors.clear()


def test_it_sees_a_404_that_is_not_streamlits(page: Page, app_url: str, watch: Watch) -> None:
    page.goto(f"{app_url}/_stcore/health")
    page.evaluate("fetch('/media/nothing').then(answer => answer.text())")
    with pytest.raises(AssertionError, match="404"):
        watch.verify()
    watch.errors.clear()


def test_the_accessibility_check_fails_where_it_should(page: Page) -> None:
    page.set_content("<main><h1>One</h1><img src='data:,'></main>")
    with pytest.raises(AssertionError, match="image-alt"):
        check_accessibility(page)
