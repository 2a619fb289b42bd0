"""Hostile and broken model files on the page: one sentence, little memory, within a second.

The time is the processor's, since other tests run at the same time.
"""

import re
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from streamlit.testing.v1 import AppTest

from tests.model_files.making_keras import costly, crashing, lstm, written
from tests.model_files.test_hostile_files import FILES, MOST, peak
from tests.serving import ROOT
from tests.ui.test_feed import open_feed, player, said
from tests.ui.test_model_upload import saved

PAGE_LIMIT = r"is outside the allowed range 1 to 4,000,000\."
IN_PYTHON = r" In Python, gatesviz\.open_model opens it\."
LARGE = {
    "expanded, fitting": rf"{PAGE_LIMIT}(?!{IN_PYTHON})",  # open_model refuses so many weights, too
    "expanded, below the limit": PAGE_LIMIT + IN_PYTHON,
}
SECOND = 1.0
"""Seconds of the processor for the whole run of the page."""


@pytest.fixture(scope="module")
def page() -> AppTest:
    """A page on which a good model plays, which no bad file may take away."""
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("memory is measured on Linux only")
    app = open_feed(weights="your file", src="wave")
    good = saved(torch.nn.GRU(1, 4).state_dict())
    app.file_uploader(key="model file").upload("good.pt", good, "").run()
    assert not app.exception
    return app


def refused(app: AppTest) -> None:
    """Answer the questions that the page may have, until it refuses the file."""
    for key, choice in (("file cell", 0), ("file input", -1)):
        for box in app.selectbox:
            if not app.error and box.key.startswith(key) and box.value is None:
                box.select_index(choice % len(box.options)).run()


@pytest.mark.parametrize("name", FILES)
def test_an_uploaded_file_is_refused_in_one_sentence_with_little_memory_in_a_second(
    name: str, page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make, sentence = FILES[name]
    with warnings.catch_warnings(action="ignore"):
        data = make(tmp_path / "made")
    before = player(page)[0]["id"]
    page.file_uploader(key="model file").upload("m", data, "")
    Path("/proc/self/clear_refs").write_text("5")
    memory, started = peak(), time.process_time()
    with warnings.catch_warnings(action="ignore"):
        page.run()
        took = time.process_time() - started
        refused(page)
    assert not page.exception
    assert peak() - memory < MOST
    assert took < SECOND
    assert page.error, said(page)
    expected = LARGE.get(name, sentence.removesuffix("$"))
    lines = [line for block in page.code for line in block.value.split("\n")]
    whole = "\n  ".join([said(page), *lines])
    assert re.search(expected, whole, re.DOTALL | re.IGNORECASE)
    assert str(tmp_path) not in whole
    assert not (tmp_path / "hacked").exists()
    assert not (ROOT / "hacked").exists()
    assert player(page)[0]["id"] == before


def test_the_largest_upload_leaves_its_useless_part_unread(page: AppTest) -> None:
    data = saved({**torch.nn.GRU(1, 4).state_dict(), "junk.weight": torch.zeros(3_000, 3_300)})
    assert 39_000_000 < len(data) < 40_000_000
    page.file_uploader(key="model file").upload("large.pt", data, "")
    Path("/proc/self/clear_refs").write_text("5")
    memory, started = peak(), time.process_time()
    page.run()
    assert not page.exception
    assert not page.error
    assert "'large.pt' is opened as GRU" in said(page)
    assert peak() - memory < MOST
    assert time.process_time() - started < SECOND


@pytest.mark.parametrize("make", [crashing, costly])
def test_a_file_on_which_hdf5_crashes_or_takes_gigabytes_leaves_the_server_up(
    make: Callable[[Path], bytes], page: AppTest, tmp_path: Path
) -> None:
    pytest.importorskip("h5py", reason="reading Keras files needs h5py")
    data = make(tmp_path / "made.h5")
    before = player(page)[0]["id"]
    page.file_uploader(key="model file").upload("m.h5", data, "")
    Path("/proc/self/clear_refs").write_text("5")
    memory, started = peak(), time.process_time()
    page.run()
    assert not page.exception
    assert re.search(r"'m\.h5' (is|can't be read) .*damaged.*\. Save \S+ .*\. In use:", said(page))
    assert peak() - memory < MOST
    assert time.process_time() - started < SECOND
    assert player(page)[0]["id"] == before
    good = written(tmp_path / "good.h5", lstm("memory", 1, 4)).read_bytes()
    page.file_uploader(key="model file").upload("good.h5", good, "").run()
    assert not page.error
    assert not page.exception
    assert "'memory' of 'good.h5' is opened as LSTM" in said(page)
