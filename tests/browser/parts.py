"""Single parts of the player's JavaScript on an empty page."""

from playwright.sync_api import Page

from gatesviz.player.assets import module

_IMPORT = """async ([code, name]) => {
  const source = new Blob([`${code}; export { ${name} };`], { type: "text/javascript" });
  window[name] = (await import(URL.createObjectURL(source)))[name];
  document.body.innerHTML = "<main style='width: 600px'></main>";
}"""


def import_part(page: Page, name: str, *files: str) -> None:
    """Open an empty page with a ``main`` element and the function ``name`` as a global.

    Args:
        name: of a function of the last file.
        files: scripts of the player, in the order in which they need each other.
    """
    page.goto("about:blank")
    page.evaluate(_IMPORT, [module(*files), name])
