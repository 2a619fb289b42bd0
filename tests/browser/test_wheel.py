"""The app from a wheel, in an empty folder: pages, icon and theme travel with the package."""

import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visiting import visit
from tests.serving import ROOT, free_port, serving

START = [sys.executable, "-c", "from gatesviz.cli import main; main()"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what the wheel would install."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    built = subprocess.run([*build, str(ROOT)], capture_output=True, text=True, timeout=120)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


@pytest.fixture(scope="module")
def app_url(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the installed app; in this module it stands for the checkout's."""
    port, empty = free_port(), tmp_path_factory.mktemp("empty")
    log = installed.parent / "server.log"
    with serving([*START, "--port", str(port)], port, empty, log, PYTHONPATH=str(installed)) as url:
        yield url


def test_the_wheel_holds_every_page(installed: Path) -> None:
    packed = {path.name for path in (installed / "gatesviz" / "_app" / "pages").glob("*.py")}
    assert packed == {path.name for path in (ROOT / "pages").glob("*.py")}


def test_the_theme_is_ours(new_page: Callable[..., Page], app_url: str) -> None:
    page = new_page(color_scheme="dark")
    visit(page, f"{app_url}/inside")
    expect(page).to_have_title("Inside the cell · gatesviz")
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", "rgb(15, 23, 32)")
