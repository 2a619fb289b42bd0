"""A browser loads the code of the parts once, and waits for a server that starts again."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from gatesviz.ui.components import CODE
from tests.browser.visiting import visit
from tests.browser.watching import Watch
from tests.serving import free_port, wait_for
from tests.several_servers import find_haproxy

FILE = f"**{CODE.address}*"


PROXY = """
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend public
  bind 127.0.0.1:{port}
  http-request deny deny_status 404 unless {{ path_beg /gates/ }}
  http-request replace-path /gates(/.*) \\1
  default_backend app
backend app
  server app {app}
"""
"""The app below a path that it doesn't know."""


@pytest.fixture
def below_a_path(app_url: str, tmp_path: Path) -> Iterator[str]:
    port = free_port()
    config = tmp_path / "haproxy.cfg"
    config.write_text(PROXY.format(port=port, app=app_url.removeprefix("http://")))
    url = f"http://127.0.0.1:{port}/gates"
    with subprocess.Popen([find_haproxy(), "-db", "-f", config]) as proxy:
        try:
            wait_for(url, proxy, config)
            yield url
        finally:
            proxy.kill()


def test_a_proxy_may_put_the_app_below_a_path(browser: Browser, below_a_path: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{below_a_path}/feed")
    expect(page.get_by_test_id("gv-player")).to_be_visible()
    context.close()


def test_the_code_is_loaded_once_and_no_message_carries_it(
    new_page: Callable[..., Page], app_url: str
) -> None:
    page = new_page(locale="en-GB")  # a browser that has nothing yet
    loaded: list[int] = []
    received: list[int] = []
    page.on(
        "response",
        lambda one: loaded.append(one.status) if one.url.endswith(CODE.address) else None,
    )
    keep = lambda frame: received.append(len(frame))  # noqa: E731
    page.on("websocket", lambda socket: socket.on("framereceived", keep))
    for path in ("feed", "inside"):
        visit(page, f"{app_url}/{path}", cold=True)
        expect(page.get_by_test_id("gv-player")).to_be_visible()
    assert loaded == [200, 200]  # the second one comes from the browser's own store
    timing = page.evaluate(
        "performance.getEntriesByType('resource').filter((one) => one.name.includes('/code/'))"
        ".map((one) => one.transferSize)"
    )
    assert timing == [0]
    assert max(received) < len(CODE.text) / 2


def test_a_page_whose_code_fails_to_load_tries_again(
    page: Page, watch: Watch, app_url: str
) -> None:
    failed: list[str] = []

    def fail_once(route: Route) -> None:
        if failed:
            route.continue_()
        else:
            failed.append(route.request.url)
            route.fulfill(status=503)

    page.route(FILE, fail_once)
    visit(page, f"{app_url}/feed", cold=True)
    expect(page.get_by_test_id("gv-player")).to_be_visible()
    assert failed == [app_url + CODE.address]
    [error] = watch.errors  # Chromium reports the missing file
    assert "503" in error
    watch.errors.clear()
