"""What the server keeps to itself: errors, paths, numbers; and the names that it answers to."""

import shutil
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, WebSocket, expect

from gatesviz.ui.failures import UNEXPECTED
from tests.serving import ROOT, free_port, serving

SECRET = "XyzzyError"
PLANTED = f"""
import streamlit as st


class {SECRET}(Exception):
    pass


def fail():
    raise {SECRET}("in /srv/secret/place.py")


st.title("Planted")
if "page" in st.query_params:
    fail()
if "syntax" in st.query_params:
    exec("1 +")
if "streamlit" in st.query_params:
    st.columns(0)
st.button("callback", on_click=fail)
st.download_button("file", fail, "a.txt")


@st.fragment
def part():
    if st.button("fragment"):
        fail()


part()
st.write("The end")
"""
TOLD = (
    "place.py",
    SECRET,
    "Traceback",
    "traceback",
    "invalid syntax",
    "StreamlitAPIException",
    "ColumnSpec",
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The app with a page that fails in every way."""
    folder = tmp_path_factory.mktemp("planted")
    for name in ("app.py", "pages", ".streamlit", "gatesviz"):
        source = ROOT / name
        target = folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    (folder / "pages" / "inside.py").write_text(PLANTED)
    return folder


@pytest.fixture(scope="module")
def app_url(copy: Path) -> Iterator[str]:
    """The address of that app, as ``make run`` starts it."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    command += ["--server.address", "127.0.0.1"]
    env = {"PYTHONPATH": str(copy), "GATESVIZ_HOSTS": "gates.example.org, *.school.example"}
    with serving(command, port, copy, copy / "server.log", **env) as url:
        yield url


@pytest.fixture
def frames(page: Page) -> list[bytes]:
    """Every frame that the server sends to the page's browser."""
    heard: list[bytes] = []

    def keep(frame: str | bytes) -> None:
        heard.append(frame if isinstance(frame, bytes) else frame.encode())

    def follow(link: WebSocket) -> None:
        link.on("framereceived", keep)

    page.on("websocket", follow)
    return heard


def check_silent(page: Page, frames: list[bytes], copy: Path) -> None:
    """Fail where the page or a frame says more than our sentence."""
    everything = b"\n".join(frames) + page.content().encode()
    assert frames
    for told in (*TOLD, str(copy), str(ROOT), "/site-packages/"):
        assert told.encode() not in everything, told


@pytest.mark.parametrize("way", ["page", "syntax", "streamlit"])
def test_an_error_of_a_page_is_one_sentence(
    page: Page, app_url: str, frames: list[bytes], copy: Path, way: str
) -> None:
    page.goto(f"{app_url}/inside?{way}=1")
    expect(page.get_by_text(UNEXPECTED)).to_be_visible(timeout=60_000)
    check_silent(page, frames, copy)
    assert "Traceback" in (copy / "server.log").read_text()


@pytest.mark.parametrize("way", ["callback", "fragment", "file"])
def test_an_error_under_a_button_is_one_sentence(
    page: Page, app_url: str, frames: list[bytes], copy: Path, way: str
) -> None:
    page.goto(f"{app_url}/inside")
    expect(page.get_by_text("The end")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name=way).click()
    if way == "file":
        page.wait_for_timeout(2_000)
    else:
        expect(page.get_by_text(UNEXPECTED)).to_be_visible()
    check_silent(page, frames, copy)


def test_an_ordinary_page_says_no_path(
    page: Page, app_url: str, frames: list[bytes], copy: Path
) -> None:
    page.goto(f"{app_url}/feed")
    expect(page.get_by_test_id("gv-player")).to_have_count(1, timeout=60_000)
    check_silent(page, frames, copy)


def handshake(url: str, host: str, origin: str | None) -> int:
    """Return the status with which a raw WebSocket handshake is answered."""
    address, port = url.removeprefix("http://").split(":")
    lines = [
        "GET /_stcore/stream HTTP/1.1", f"Host: {host}", "Upgrade: websocket",
        "Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
    ]  # fmt: skip
    lines += [f"Origin: {origin}"] if origin else []
    with socket.create_connection((address, int(port)), timeout=30) as link:
        link.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return int(link.recv(64).split()[1])


def test_a_rebound_name_opens_no_websocket(app_url: str) -> None:
    port = app_url.rpartition(":")[2]
    for host in (f"evil.example:{port}", "school.example", "127.0.0.1.evil.example", "a b", ""):
        assert handshake(app_url, host, f"http://{host}") in (400, 403), host
    for name in ("127.0.0.1", "localhost", "[::1]", "10.1.2.3", socket.gethostname(),
                 "gates.example.org", "room.school.example"):  # fmt: skip
        assert handshake(app_url, f"{name}:{port}", f"http://{name}:{port}") == 101, name
    assert handshake(app_url, f"127.0.0.1:{port}", "http://evil.example") == 403


def test_other_addresses_answer_to_known_names_alone_and_metrics_to_nobody(app_url: str) -> None:
    def status(path: str, host: str = "127.0.0.1") -> int:
        asked = urllib.request.Request(f"{app_url}{path}", headers={"Host": host})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(asked, timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return int(error.code)

    assert status("/_stcore/metrics") == 404
    assert status("/_stcore/metrics/") == 404
    assert status("/", "evil.example") == 421
    assert status("/_stcore/host-config", "evil.example") == 421
    assert status("/_stcore/health", "pod.cluster.internal") == 200
    assert status("/", "gates.example.org") == 200
