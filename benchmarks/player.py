"""Measure the frame rate, the bytes and the response time of the player.

A headless Chromium plays 64 units × 200 steps × 6 arrays at 60 steps a second.
requestAnimationFrame counts the frames. Chromium itself counts the time of the main thread: script,
style, layout and all other tasks. An edit is one of the forget gate at step 1: everything after it
is computed and drawn again. A slider moves the input of the last step, as on *Inside the cell*,
after as many steps as that page allows. Run as ``python -m benchmarks.player``; ``CHROMIUM`` names
a browser that is not on the PATH.
"""

import base64
import os
import shutil
import statistics
import tempfile
from pathlib import Path

import torch
from playwright.sync_api import CDPSession, Page, sync_playwright

from gatesviz.fresh import fresh
from gatesviz.limits import HAND_STEPS
from gatesviz.player.assets import MODULES, module, style
from gatesviz.player.page import to_html
from gatesviz.player.payload import Panel, Selection, payload
from gatesviz.recordings import record

UNITS, STEPS, ARRAYS = 64, 200, 6
ROUNDS = 5
BUDGETS = {
    "frames a second": 60,
    "ms of main thread a frame": 1000 / 60,
    "bytes a value": 2.8,
    "ms of an edit": 16,
    "ms of a slider": 16,
}
EDITED = ((40, 6), (100, 32), (200, 64))
"""Steps and units of the LSTMs that are edited; each reads 8 inputs."""
FIXED_BYTES = 20_000
PLAY = """speed => new Promise((done) => {
  const root = document.querySelector("[data-testid=gv-player]");
  const menu = root.querySelector("select[aria-label=Speed]");
  menu.value = String(speed);
  menu.dispatchEvent(new Event("change"));
  const moments = [];
  const count = (now) => {
    moments.push(now);
    if (root.dataset.playing === "true") requestAnimationFrame(count);
    else done(moments);
  };
  root.querySelector("[data-action=play]").click();
  requestAnimationFrame(count);
})"""

EDIT = """async (times) => {
  const root = document.querySelector("[data-testid=gv-player]");
  const find = (name) => root.querySelector(name);
  const value = find("[aria-label=Value]"), set = find("[data-action=set]");
  const found = [];
  for (let k = 0; k < times; k += 1) {
    await new Promise(requestAnimationFrame);
    find("[aria-label='What to set']").value = "f";
    value.value = String(k / times);
    const begin = performance.now();
    set.click();
    found.push(performance.now() - begin);
  }
  return found;
}"""

SLIDER = """<div id="player"></div>
<div class="st-key-inx"><input type="range" min="-3" max="3" step="0.05"></div>
<script type="module">
%s
const bytes = Uint8Array.from(atob("%s"), (letter) => letter.charCodeAt(0));
followSliders(showPlayer(document.getElementById("player"), bytes), bytes);
</script>"""
MOVE = """async (times) => {
  const input = document.querySelector(".st-key-inx input"), found = [];
  const root = document.querySelector("[data-testid=gv-player]");
  input.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
  for (let k = 0; k < times; k += 1) {
    let begin = 0;
    requestAnimationFrame(() => { begin = performance.now(); });
    input.value = String((k % 60) / 20 - 1.5);
    input.setAttribute("aria-valuetext", input.value);
    await null; // the move asks for the same frame
    await new Promise((done) => requestAnimationFrame(() => {
      found.push(performance.now() - begin);
      done();
    }));
    const shown = root.querySelector("[data-lane=x] .gv-lane-value").textContent;
    if (Math.abs(Number(shown.replace("−", "-")) - input.value) > 6e-4) throw new Error(shown);
  }
  return found;
}"""


def busy(session: CDPSession) -> float:
    """Return the seconds that the page's main thread has worked so far."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


def measure(page: Page, session: CDPSession, speed: int) -> tuple[float, float]:
    """Play once to the end; return frames a second and main-thread milliseconds a frame."""
    before = busy(session)
    moments: list[float] = page.evaluate(PLAY, speed)
    frames = len(moments) - 1
    return 1000 * frames / (moments[-1] - moments[0]), 1000 * (busy(session) - before) / frames


def edit(page: Page, folder: Path, steps: int, units: int) -> float:
    """Return the median of the milliseconds in which an edit is computed and drawn."""
    inputs = torch.randn(steps, 8, generator=torch.Generator().manual_seed(0))
    recording = record(fresh("lstm", 8, units, seed=0), inputs)
    file = folder / "edited.html"
    panel = Panel(recording.trace(), network=recording.traces)
    file.write_text(to_html([panel], select=Selection(step=1, edits="f@1=0")), encoding="utf-8")
    page.goto(file.as_uri())
    return statistics.median(page.evaluate(EDIT, 40))


def slide(page: Page, folder: Path) -> float:
    """Return the median of the milliseconds in which a slider's step is computed and drawn."""
    steps = HAND_STEPS.high + 1
    inputs = torch.randn(steps, 1, generator=torch.Generator().manual_seed(0))
    panel = Panel(record(fresh("lstm", 1, 2, seed=0), inputs).trace())
    data = payload(
        [panel], select=Selection(step=steps - 1), sliders={"st-key-inx": ("x", steps - 1, 0)}
    )
    code = module(*MODULES, "sliders.js")
    body = SLIDER % (code, base64.b64encode(data).decode())
    file = folder / "slider.html"
    file.write_text(f"<meta charset=utf-8><style>{style()}</style>{body}", encoding="utf-8")
    page.goto(file.as_uri())
    page.get_by_test_id("gv-player").wait_for()
    return statistics.median(page.evaluate(MOVE, 40))


def table(rows: list[tuple[str, float]]) -> str:
    lines = [f"{'what':36}{'measured':>10}{'budget':>10}"]
    for name, value in rows:
        budget = next(limit for key, limit in BUDGETS.items() if name.startswith(key))
        lines.append(f"{name:36}{value:10.2f}{budget:10.2f}")
    return "\n".join(lines)


def main() -> None:
    torch.set_num_threads(1)
    inputs = torch.randn(STEPS, 1, generator=torch.Generator().manual_seed(0))
    recording = record(fresh("lstm", 1, UNITS, seed=0), inputs)
    panels = [Panel(recording.trace())]
    sent = len(payload(panels)) - FIXED_BYTES
    rows = [("bytes a value, beyond 20 kB", sent / (UNITS * STEPS * ARRAYS))]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "player.html"
        file.write_text(to_html(panels), encoding="utf-8")
        found = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.goto(file.as_uri())
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        for arithmetic in (False, True):
            page.get_by_label("show the arithmetic").set_checked(arithmetic)
            rounds = [measure(page, session, 60) for _ in range(ROUNDS)]
            frames, work = (statistics.median(column) for column in zip(*rounds, strict=True))
            shown = ", arithmetic" if arithmetic else ""
            rows += [(f"frames a second{shown}", frames)]
            rows += [(f"ms of main thread a frame{shown}", work)]
        for steps, units in EDITED:
            took = edit(page, Path(folder), steps, units)
            rows += [(f"ms of an edit, T={steps}, H={units}", took)]
        rows += [(f"ms of a slider, T={HAND_STEPS.high + 1}, H=2", slide(page, Path(folder)))]
        browser.close()
    print(table(rows))


if __name__ == "__main__":
    main()
