"""Save a video: a WebM that plays, and a GIF whose frames look as the page does."""

import base64
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from gatesviz.player.payload import Panel
from tests.browser.player.conftest import Show, open_bench, standing
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


ENCODE = """async ({ width, height, frames }) => {
  const gif = new Gif(width, height);
  const imageOf = (frame) => new ImageData(Uint8ClampedArray.from(frame), width, height);
  for (const frame of frames) gif.add(imageOf(frame), 7);
  return [...new Uint8Array(await gif.blob().arrayBuffer())];
}"""


@pytest.fixture(scope="module")
def bench(browser: Browser) -> Iterator[Page]:
    """A page with the function that tests reach, `recompute`, and the encoder."""
    yield from open_bench(browser, "recompute, Gif")


def encoded(bench: Page, frames: np.ndarray) -> np.ndarray:
    """Return frames (F, H, W, 3) of bytes as Pillow reads them from our GIF."""
    count, height, width, _ = frames.shape
    opaque = np.full((count, height, width, 1), 255)
    flat = np.concatenate([frames, opaque], -1).reshape(count, -1).tolist()
    data = bench.evaluate(ENCODE, {"width": width, "height": height, "frames": flat})
    gif = Image.open(io.BytesIO(bytes(data)))
    assert gif.n_frames == count
    read = []
    for k in range(count):
        gif.seek(k)
        read.append(np.asarray(gif.convert("RGB"), int))
    return np.array(read)


def test_a_gif_is_exact_up_to_255_colours_of_a_frame_and_close_beyond(bench: Page) -> None:
    y, x = np.mgrid[:41, :150]
    few = np.stack([np.stack([x % 10 * 25, y % 20 * 12, x * 0 + 7], -1)] * 4)
    few[1:, 5:9, 20:60] = 250, 3, 9  # a part changes
    few[3, 40, 149] = 1, 2, 3  # then nothing, then the last pixel
    np.testing.assert_array_equal(encoded(bench, few), few)
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 2, (2, 120, 120, 3)) * 255  # more than one table of codes
    np.testing.assert_array_equal(encoded(bench, noise), noise)
    many = np.stack([x + 50, y * 6, 200 - x], -1)[None]
    error = np.abs(encoded(bench, many) - many)
    assert error.max() <= 30
    assert error.mean() < 6


def film(page: Page, path: Path, kind: str = "webm", what: str = "whole") -> bytes:
    """Open the row, press the button and return the file that follows."""
    page.locator("[data-action=film]").click()
    page.get_by_label("In the video").select_option(what)
    with page.expect_download(timeout=30_000) as found:
        page.locator(f"[data-film={kind}]").click()
    assert found.value.suggested_filename == f"gatesviz-player.{kind}"
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
    data = film(page, tmp_path / "film.webm", what="lanes")
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
    page.get_by_label("In the video").select_option("lanes")
    page.locator("[data-film=webm]").click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(root).to_have_attribute("data-step", "1", timeout=10_000)
    with page.expect_download() as found:
        button.click()
    found.value.save_as(tmp_path / "film.webm")
    data = (tmp_path / "film.webm").read_bytes()
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
    page.locator("[data-action=film]").click()
    expect(root.get_by_text("This browser can’t save videos.")).to_have_count(1)
    expect(page.locator("[data-film=webm]")).to_be_disabled()
    expect(page.locator("[data-film=gif]")).to_be_enabled()


def test_a_gif_has_a_frame_for_each_step_and_its_diagram_looks_as_on_the_page(
    new_page: Callable[..., Page], show_on: Show, tmp_path: Path
) -> None:
    page = new_page(color_scheme="light", viewport={"width": 1280, "height": 1100})
    root = show_on(page, traces()["lstm"])
    root.get_by_label("Speed").select_option("10")
    gif = Image.open(io.BytesIO(film(page, tmp_path / "film.gif", "gif")))
    assert (gif.n_frames, gif.info["loop"]) == (12, 0)
    shown = Image.open(io.BytesIO(root.locator(".gv-column").screenshot())).convert("RGB")
    scale = gif.width / (shown.width + 24)
    frames, times = [], []
    for k in range(gif.n_frames):
        gif.seek(k)
        times.append(gif.info["duration"])
        frames.append(np.asarray(gif.convert("RGB"), float))
    assert times == [100] * 11 + [1000]
    assert standing(root)[0] == 11
    size = (round(shown.width * scale), round(shown.height * scale))
    expected = np.asarray(shown.resize(size, Image.Resampling.BILINEAR), float)
    top, left = round(40 * scale), round(12 * scale)
    last = frames[-1][top : top + size[1], left : left + size[0]]
    expected = expected[: last.shape[0], : last.shape[1]]
    there = root.locator(".gv-column .gv-working > svg").bounding_box()
    whole = root.locator(".gv-column").bounding_box()
    assert there
    assert whole
    y, x = ((there[one] - whole[one]) * scale for one in ("y", "x"))
    rows = slice(int(y), int(y + there["height"] * scale))
    columns = slice(int(x), int(x + there["width"] * scale))
    seen, page_has = (image[rows, columns].mean(-1) for image in (last, expected))
    # The column begins between two pixels, so its picture may lie one row higher or lower.
    shifted = (np.roll(page_has, by, axis=0) for by in (-1, 0, 1))
    assert max(np.corrcoef(seen.ravel(), one.ravel())[0, 1] for one in shifted) > 0.8
    assert np.abs(seen - page_has).mean() < 12
    assert np.abs(frames[0] - frames[-1]).max() > 100
