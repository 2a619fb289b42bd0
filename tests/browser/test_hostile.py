"""Text from people in files that a browser opens: shown as these very characters, never run."""

from pathlib import Path

from playwright.sync_api import Page, expect

from gatesviz.figures import seed_dots
from gatesviz.figures.page import to_page
from gatesviz.player.page import to_html
from gatesviz.player.payload import Panel
from tests.hostile import MARKUP
from tests.player.making import quiet


def harmless(page: Page, text: str, folder: Path) -> None:
    """Fail where the page that ``text`` is does what its title asks for."""
    file = folder / "page.html"
    file.write_text(text, encoding="utf-8")
    page.goto(file.as_uri())
    expect(page.locator("h1")).to_have_text(MARKUP)
    expect(page).to_have_title(MARKUP.replace("\u2028", " ").strip())
    assert page.evaluate("window.hacked") is None


def test_a_figure_with_a_hostile_title_is_a_figure(page: Page, tmp_path: Path) -> None:
    figure = seed_dots([], y_name=MARKUP, lines={MARKUP: 1.0})
    figure.add_scatter(x=[1], y=[1], text=[MARKUP], name=MARKUP)
    harmless(page, to_page(figure, title=MARKUP, alt=MARKUP, theme="light"), tmp_path)
    expect(page.locator(".js-plotly-plot .ytitle")).to_have_count(1)
    expect(page.locator("figcaption")).to_have_text(MARKUP)


def test_a_player_with_hostile_labels_is_a_player(page: Page, tmp_path: Path) -> None:
    panel = Panel(quiet(), title=MARKUP, labels=[MARKUP] * 30, features=[MARKUP])
    harmless(page, to_html([panel], title=MARKUP), tmp_path)
    expect(page.get_by_test_id("gv-player")).to_have_count(1)
    expect(page.get_by_test_id("gv-player")).to_contain_text("<script>window.hacked = 1</script>")
