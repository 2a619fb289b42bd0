"""Where a Chromium is, and how it is started so that it leaves the network alone."""

import os
import shutil
from pathlib import Path

from playwright.sync_api import Playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-threaded-animation",  # without a graphics card, each frame takes processor time
    "--disable-checker-imaging",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # nothing else can be reached
]
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The shell has no windows: starting it and eight contexts takes a quarter of the time."""
COMPILED = "--v8-cache-options=code"
"""Keep scripts compiled from their first use on, not from their third."""
MISSING = "no Chromium: set $CHROMIUM, install one, or run `python -m playwright install chromium`"


def find_chromium(playwright: Playwright) -> str | None:
    """Return the path of $CHROMIUM, of one on the PATH, or of Playwright's own; None without."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    own = playwright.chromium.executable_path
    return own if Path(own).exists() else None
