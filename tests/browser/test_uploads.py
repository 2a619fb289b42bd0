"""Uploads in a real browser, through the server that the command ``gatesviz`` starts."""

import re
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

import gatesviz as gv
from gatesviz.training import History, save_run
from tests.browser.visiting import settle, visit
from tests.serving import free_port, serving

START = [sys.executable, "-c", "from gatesviz.cli import main; main()"]
SENTENCE = "all files of a browser tab may have 60 MB"


@pytest.fixture(scope="module")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app that the command starts in a folder without any settings."""
    port, empty = free_port(), tmp_path_factory.mktemp("empty")
    with serving([*START, "--port", str(port)], port, empty, empty / "server.log") as url:
        yield url


@pytest.fixture(scope="module")
def large_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved run of more than 5 MB."""
    size = {"hidden_size": 64, "layers": 3, "bidirectional": True}
    spec = gv.TrainingSpec(task="latch", length=6, batch_size=1, **size)
    state, snapshots = gv.advance(gv.start(spec), 20)
    path = tmp_path_factory.mktemp("run") / "large.safetensors"
    save_run(path, state, History(spec).add(snapshots))
    assert 6_000_000 < path.stat().st_size < 40_000_000
    return path


def upload(url: str, headers: dict[str, str], content: bytes) -> int:
    """Send a table as a form does, and return the status of the answer.

    ``page.request`` would take a second of processor time for each 7 MB.
    """
    disposition = 'Content-Disposition: form-data; name="f"; filename="a.csv"'
    start = f"--edge\r\n{disposition}\r\nContent-Type: text/csv\r\n\r\n".encode()
    headers = headers | {"Content-Type": "multipart/form-data; boundary=edge"}
    body = start + content + b"\r\n--edge--\r\n"
    request = urllib.request.Request(url, body, headers, method="PUT")
    directly = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with directly.open(request, timeout=60) as answer:
        return int(answer.status)


def test_a_saved_run_of_more_than_five_megabytes_opens_and_the_session_is_bounded(
    page: Page, app_url: str, large_run: Path, tmp_path: Path
) -> None:
    puts: list[Request] = []
    page.on("request", lambda one: puts.append(one) if one.method == "PUT" else None)
    visit(page, f"{app_url}/train")
    page.get_by_text("Open a saved run").click()
    page.locator("input[type=file]").first.set_input_files(large_run)
    expect(page.get_by_text("large.safetensors: LSTM after 20 updates.")).to_be_visible(
        timeout=60_000
    )
    settle(page)
    [put] = puts
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies(app_url))
    for k, size in enumerate([9_000_000] * 6 + [1_000_000] * 9):  # as a script could, not a page
        url = re.sub(r"[^/]+$", f"own-{k}", put.url)
        headers = {"X-Xsrftoken": put.headers["x-xsrftoken"], "Cookie": cookies}
        assert upload(url, headers, b"1" * size) == 204
    (tmp_path / "larger.safetensors").write_bytes(b"1" * 12_000_000)
    page.locator("input[type=file]").first.set_input_files(tmp_path / "larger.safetensors")
    expect(page.get_by_text(SENTENCE)).to_be_visible(timeout=30_000)


def test_a_replaced_file_takes_no_room(page: Page, app_url: str, tmp_path: Path) -> None:
    """Each is 4 MB, and a tab may have 60 MB: of 20 that were replaced, none counts."""
    for k in range(2):
        (tmp_path / f"{k}.csv").write_bytes(b"a,b\n" + b"1,2\n" * 1_000 + b"\n" * 4_000_000)
    visit(page, f"{app_url}/feed?src=table")
    for k in range(20):
        with page.expect_response(lambda answer: answer.request.method == "PUT"):
            page.locator("input[type=file]").first.set_input_files(tmp_path / f"{k % 2}.csv")
        expect(page.get_by_text(f"{k % 2}.csv").first).to_be_visible(timeout=30_000)
        settle(page)
    expect(page.get_by_text(SENTENCE)).to_have_count(0)
