"""axe-core on a page, with what is Streamlit's own, and nothing else, allowed."""

import re
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser.visiting import settle

BACKGROUND: dict[Literal["light", "dark"], str] = {
    "light": "rgb(255, 255, 255)",
    "dark": "rgb(15, 23, 32)",
}
_OPTIONS = {"preload": False, "resultTypes": ["violations"]}
"""axe-core doesn't ask for style sheets again, which a page from a file can't do. It describes only
what breaks a rule: to describe each element that breaks none takes longer than all the rules."""
STREAMLITS_OWN = {
    "presentation-role-conflict": "stFileUploaderDropzone",  # a section that names its role away
    "svg-img-alt": "stVegaLiteChart",  # Vega's marks carry a role without a title
}
"""axe-core's rule -> the part of Streamlit that breaks it, as its ``data-testid``."""

_STILL = """async () => {
  const running = () => {
    const state = document.querySelector("[data-testid=stApp]")?.dataset.testScriptState;
    return state !== undefined && state !== "notRunning";
  };
  const fades = () => document.getAnimations().filter(({ effect, playState }) =>
    playState === "running" && Number.isFinite(effect?.getComputedTiming().endTime));
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const end = performance.now() + 30_000;
  while (performance.now() < end) {
    await Promise.race([Promise.allSettled(fades().map((one) => one.finished)), wait(2_000)]);
    if (!running() && !fades().length) return;
    await wait(50);
  }
}"""
"""Returns when no script runs and nothing fades any more: until then, contrast is too low."""

_COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules that depend on the theme."""


def check_accessibility(page: Page, rules: list[str] | None = None) -> None:
    """Fail with each rule that ``page`` breaks, twice in a row, and the element that breaks it.

    Args:
        page: as it stands.
        rules: the only rules to check; by default all.
    """
    found = _violations(page, rules)
    if found:  # a script may have begun to run meanwhile, which makes the page fade
        found &= _violations(page, rules)
    assert not found, "axe-core found:\n" + "\n".join(sorted(found))
    check_names(page)


def _violations(page: Page, rules: list[str] | None) -> set[str]:
    page.evaluate(_STILL)
    options = _OPTIONS | ({"runOnly": rules} if rules else {})
    return {
        f"{violation['id']}: {violation['help']}: {node['html'][:200]}"
        for violation in Axe().run(page, options=options).response["violations"]
        for node in violation["nodes"]
        if not is_streamlits_own(page, violation["id"], node)
    }


def check_in_both_themes(page: Page) -> None:
    """Check the page as it stands in the light theme, and its colours in the dark one, too."""
    for theme, background in BACKGROUND.items():
        page.emulate_media(color_scheme=theme)
        expect(page.get_by_test_id("stApp")).to_have_css("background-color", background)
        settle(page)
        check_accessibility(page, None if theme == "light" else _COLOURS)


def is_streamlits_own(page: Page, rule: str, node: dict[str, Any]) -> bool:
    """Tell whether ``node`` lies in the part of Streamlit that is known to break ``rule``."""
    part, target = STREAMLITS_OWN.get(rule), node["target"][-1]
    if part is None or isinstance(target, list):  # a list leads into a component: ours
        return False
    within = "(element, part) => element.closest(`[data-testid=${part}]`) !== null"
    return bool(page.locator(target).first.evaluate(within, part))


def find_cut_menus(player: Locator) -> list[str]:
    """Return the names of a player's menus that are too narrow for what they show."""
    found = []
    for menu in player.locator(".gv-menu select").all():
        name, shown, needed = menu.evaluate(
            """menu => { const shown = menu.offsetWidth;
            Object.assign(menu.style, { fieldSizing: "content", maxWidth: "none" });
            const needed = menu.offsetWidth;
            Object.assign(menu.style, { fieldSizing: "", maxWidth: "" });
            return [menu.ariaLabel, shown, needed]; }"""
        )
        if needed > shown:
            found.append(f"{name}: {shown} px, needs {needed}")
    return found


MARKS = re.compile(r"\*\*|`|(?<!\S)[*_](?=[^\s*_])[^*_]*[^\s*_][*_](?![\w*])")
"""Signs of Markdown: **bold**, `code`, *italic* and _italic_, but neither W_ih nor 2 * 3."""
_NAMES = """() => {
  const found = [];
  const walk = (root) => {
    for (const one of root.querySelectorAll("*")) {
      for (const name of ["aria-label", "aria-description", "aria-roledescription", "title", "alt"])
        if (one.getAttribute(name)) found.push(`${name}: ${one.getAttribute(name)}`);
      if (one.localName === "title" || one.localName === "desc") found.push(one.textContent);
      if (one.shadowRoot) walk(one.shadowRoot);
    }
  };
  walk(document);
  return found;
}"""
"""Returns each name that only a screen reader or a tooltip says, also inside components."""


def check_names(page: Page) -> None:
    """Fail with each accessible name, tooltip and alternative text that has signs of Markdown."""
    names: list[str] = page.evaluate(_NAMES)
    assert names, "the page has no names, so this tests nothing"
    marked = [name for name in names if MARKS.search(name)]
    assert not marked, "with signs of Markdown:\n" + "\n".join(marked)
