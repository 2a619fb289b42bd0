"""The static pages as files: complete, small, and asking nobody for anything."""

import re
from pathlib import Path

import numpy as np
import pytest

from gatesviz import export
from gatesviz.cli import main
from gatesviz.export import PARTS, _code, _shortened, export_site
from gatesviz.export.templates import packed, unpacked
from gatesviz.player.assets import MODULES, module
from gatesviz.trained import trained_names
from tests.exporting import exported

MOST = 1_500_000  # bytes


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(tmp_path_factory)


@pytest.fixture
def two_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """An export of two files, whose numbers need no measuring."""
    pages = {"index.html": "first", "other.html": "second"}
    monkeypatch.setattr(export, "site_pages", lambda: pages)


def test_every_model_has_a_page_and_the_index_leads_to_it(site: Path) -> None:
    index = (site / "index.html").read_text("utf-8")
    for name in trained_names():
        assert f'href="{name}.html"' in index
        assert 'id="payload"' in (site / f"{name}.html").read_text("utf-8")
    links = {
        link
        for file in site.glob("*.html")
        for link in re.findall(r'(?:href|src)="([^"]+)"', file.read_text())
    }
    files = {link for link in links if not link.startswith("data:image/png;base64,")}
    assert [link for link in files if not (site / link).is_file()] == []


def test_it_is_small_and_leads_nowhere_else(site: Path) -> None:
    assert sum(file.stat().st_size for file in site.iterdir()) < MOST
    for file in site.iterdir():
        text = file.read_text("utf-8")
        found = set(re.findall(r"https?://[^\s\"'`)]+", text))
        assert found <= {"http://www.w3.org/2000/svg"}  # the name of a namespace, never asked for
        assert not re.search(r"\b(fetch|XMLHttpRequest|WebSocket|import)\s*\(", text)


@pytest.mark.usefixtures("two_pages")
def test_other_files_in_the_folder_stay(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "index.html").write_text("old")
    export_site(tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert (tmp_path / "index.html").read_text() != "old"


@pytest.mark.usefixtures("two_pages")
def test_the_command_says_where_to_begin(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["export", str(tmp_path / "site")])
    assert capsys.readouterr().out == (
        f"2 files, {_size(tmp_path / 'site') / 1e6:.2f} MB. Open"
        f" {tmp_path / 'site' / 'index.html'} in a browser.\n"
    )


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())


def test_a_folder_that_cannot_be_written_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(SystemExit) as exit_:
        main(["export", str(file)])
    assert exit_.value.code == 2
    assert (
        capsys.readouterr().err
        == f"gatesviz: error: {str(file)!r} can't be written (File exists).\n"
    )


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 5, 1_000])
def test_packed_bytes_come_back_and_begin_no_tag(size: int) -> None:
    data = np.random.default_rng(size).bytes(size)
    text = packed(data)
    assert unpacked(text) == data
    assert not set(text) & set("<\"'\\")


def outside_comments(code: str) -> list[str]:
    """Return the lines, without blanks around them, that aren't part of a comment."""
    kept, within = [], False
    for line in map(str.strip, code.splitlines()):
        within = within or line.startswith("/*")
        beside = line.startswith("/*") and not line.endswith("*/") and "*/" in line  # /* a */ code
        if not within or beside:
            kept.append(line)
        within = within and "*/" not in line
    return kept


def test_no_sentence_of_the_script_is_changed() -> None:
    """What is shorter are comments and the blanks at the beginning of lines."""
    kept = [line.strip() for line in _code().splitlines()[1:-3]]
    assert "\n".join(kept) == "\n".join(outside_comments(module(*MODULES, *PARTS)))


def test_code_beside_a_comment_stays() -> None:
    code = "  /* a */ one();\n  two();\n  /* b */\n  /** c\n   * d */\n  three(); // e\n"
    assert _shortened(code) == "/* a */ one();\ntwo();\nthree(); // e\n"
