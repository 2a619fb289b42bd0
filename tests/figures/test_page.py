"""A figure as a page: text stays text, the theme is the figure's, and nothing is left outside."""

import re
from html.parser import HTMLParser

import pytest

from gatesviz.figures import seed_dots
from gatesviz.figures.page import to_page
from gatesviz.figures.style import FONT, INK, PAPER

EVIL = "</title></figcaption></script><script>alert(1)</script>\ud800&amp;"
READ = EVIL.replace("\ud800", "\ufffd")


class Reader(HTMLParser):
    """What a page holds: the texts in each kind of element, and every attribute."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: dict[str, list[str]] = {}
        self.attributes: list[tuple[str, str | None]] = []
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        self.texts.setdefault(tag, []).append("")
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.texts[self._inside][-1] += data


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_title_and_words_are_text_in_the_colours_of_the_theme(theme) -> None:
    figure = seed_dots([], y_name=EVIL, theme=theme)
    page = Reader(to_page(figure, title=EVIL, alt=EVIL, theme=theme))
    assert page.texts["title"] == page.texts["h1"] == page.texts["figcaption"] == [READ]
    assert ("lang", "en") in page.attributes
    (style,) = page.texts["style"]
    assert f"background: {PAPER[theme]}; color: {INK[theme]};" in style
    assert f"font: 16px/1.5 {FONT};" in style
    assert not [script for script in page.texts["script"] if script.startswith("alert")]


def test_everything_is_inside_and_nothing_leads_out() -> None:
    page = Reader(to_page(seed_dots([]), title="Mine", alt="Words", theme="light"))
    assert not [value for name, value in page.attributes if name in ("src", "href")]
    assert any(script.lstrip().startswith("/**\n* plotly.js v") for script in page.texts["script"])
    call = page.texts["script"][-1]
    assert re.search(r'"showSendToCloud": ?false', call)
    assert re.search(r'"displaylogo": ?false', call)
    assert "plot.ly" not in call
    (policy,) = [value for name, value in page.attributes if name == "content" and "src" in value]
    assert policy.startswith("default-src 'none';")


def test_the_same_figure_makes_the_same_page() -> None:
    pages = {to_page(seed_dots([]), title="", alt="", theme="dark") for _ in range(2)}
    assert len(pages) == 1


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        ({"theme": "blue"}, ValueError, "theme: expected 'light' or 'dark', got 'blue'"),
        ({"title": 5}, TypeError, "title: expected a string, got 5"),
        ({"alt": None}, TypeError, "alt: expected a string, got None"),
    ],
)
def test_what_makes_no_page_is_named(wrong, error, says) -> None:
    with pytest.raises(error, match=says):
        to_page(seed_dots([]), **{"title": "", "alt": "", "theme": "light"} | wrong)
