"""Save as video: the file is a WebM that plays, with the player's steps in its frames."""

import base64
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from gatesviz.player.payload import Panel
from tests.browser.player.conftest import Show, standing
from tests.player.making import quiet, traces

EBML = b"\x1a\x45\xdf\xa3"  # the first bytes of each WebM file
PLAY = """async (data) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const video = document.createElement("video");
  video.muted = true;
  video.src = URL.createObjectURL(new Blob([bytes], { type: "video/webm" }));
  const canvas = document.createElement("canvas");
  const frames = [], times = [];
  video.requestVideoFrameCallback(function take(now, { mediaTime }) {
    Object.assign(canvas, { width: video.videoWidth, height: video.videoHeight });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(video, 0, 0);
    frames.push(context.getImageData(0, 0, canvas.width, canvas.height).data);
    times.push(mediaTime);
    video.requestVideoFrameCallback(take);
  });
  await video.play();
  await new Promise((resolve) => video.addEventListener("ended", resolve, { once: true }));
  const [first, last] = [frames[0], frames.at(-1)];
  const colours = new Set();
  let changed = 0;
  for (let k = 0; k < last.length; k += 4) {
    colours.add((last[k] >> 4) * 256 + (last[k + 1] >> 4) * 16 + (last[k + 2] >> 4));
    if (Math.abs(first[k] - last[k]) > 60) changed += 1;
  }
  return { frames: frames.length, end: times.at(-1), colours: colours.size, changed,
    width: video.videoWidth, height: video.videoHeight, pixels: last.length / 4 };
}"""


def film(page: Page, path: Path) -> bytes:
    """Press the button and return the file that follows."""
    with page.expect_download(timeout=30_000) as found:
        page.locator("[data-action=film]").click()
    assert found.value.suggested_filename == "gatesviz-player.webm"
    found.value.save_as(path)
    return path.read_bytes()


def played(page: Page, data: bytes) -> dict[str, float]:
    """Play a film on an empty page, since the player's own page loads no media."""
    empty = page.context.new_page()
    found: dict[str, float] = empty.evaluate(PLAY, base64.b64encode(data).decode())
    empty.close()
    return found


def test_a_film_is_a_webm_that_plays_and_shows_the_steps(
    page: Page, show: Show, tmp_path: Path
) -> None:
    root = show(quiet())
    root.get_by_label("Speed").select_option("20")
    root.locator("[data-action=last]").click()
    data = film(page, tmp_path / "film.webm")
    assert standing(root)[::2] == (29, False)
    assert data.startswith(EBML)
    assert b"webm" in data[:64]
    seen = played(page, data)
    assert seen["frames"] > 5
    assert seen["end"] > 1.4, "30 steps at 20 a second take 1.5 s"
    assert seen["colours"] > 20, "the heatmaps are in it"
    assert 100 < seen["changed"] < seen["pixels"] / 4, "the cursor and the values move, no more"
    assert seen["width"] <= 1920
    expect(page.locator("[data-action=film]")).to_have_attribute("aria-pressed", "false")


def test_a_second_press_ends_the_film_and_two_panels_are_side_by_side(
    page: Page, show: Show, tmp_path: Path
) -> None:
    both = [Panel(trace) for trace in list(traces().values())[:2]]
    root = show(both)
    root.get_by_label("Speed").select_option("1")
    button = page.locator("[data-action=film]")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(root).to_have_attribute("data-step", "1", timeout=10_000)
    data = film(page, tmp_path / "film.webm")
    assert not standing(root)[2]
    seen = played(page, data)
    assert seen["frames"] > 1
    assert seen["width"] > 1.5 * seen["height"]


def test_a_browser_that_records_no_video_says_so(
    new_page: Callable[..., Page], show_on: Show
) -> None:
    page = new_page(locale="en-GB")  # of its own, since the script below stays
    page.add_init_script("delete window.MediaRecorder")
    root = show_on(page, quiet())
    button, sentence = page.locator("[data-action=film]"), "This browser can’t save videos."
    expect(button).to_have_attribute("title", re.compile(sentence))
    button.click(force=True)  # Playwright waits for a button that isn't marked as disabled
    expect(root.get_by_text(sentence)).to_have_count(1)
    assert not standing(root)[2]
