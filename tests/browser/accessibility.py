"""axe-core on a page, with what is Streamlit's own, and nothing else, allowed."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

STREAMLITS_OWN = {
    "presentation-role-conflict": "stFileUploaderDropzone",  # a section that names its role away
    "svg-img-alt": "stVegaLiteChart",  # Vega's marks carry a role without a title
}
"""axe-core's rule -> the part of Streamlit that breaks it, as its ``data-testid``."""


def check_accessibility(page: Page) -> None:
    """Fail with each rule that ``page`` breaks and the element that breaks it."""
    found = [
        f"{violation['id']}: {violation['help']}: {node['html'][:200]}"
        for violation in Axe().run(page).response["violations"]
        for node in violation["nodes"]
        if not is_streamlits_own(page, violation["id"], node)
    ]
    assert not found, "axe-core found:\n" + "\n".join(found)


def is_streamlits_own(page: Page, rule: str, node: dict[str, Any]) -> bool:
    """Tell whether ``node`` lies in the part of Streamlit that is known to break ``rule``."""
    part, target = STREAMLITS_OWN.get(rule), node["target"][-1]
    if part is None or isinstance(target, list):  # a list leads into a component: ours
        return False
    within = "(element, part) => element.closest(`[data-testid=${part}]`) !== null"
    return bool(page.locator(target).first.evaluate(within, part))
