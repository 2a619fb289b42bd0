"""Take the picture of the README from the running app: ``python docs/take_picture.py [URL]``."""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8501"
PICTURE = Path(__file__).parent / "feed.png"

with sync_playwright() as playwright:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
    page = browser.new_page(viewport={"width": 1360, "height": 940}, color_scheme="light")
    page.goto(f"{URL}/feed?t=9&u=0&g=c")
    page.get_by_test_id("gv-player").wait_for()
    page.wait_for_timeout(2000)  # fonts, and the cursor at rest
    page.screenshot(path=PICTURE)
    browser.close()
print(PICTURE)
