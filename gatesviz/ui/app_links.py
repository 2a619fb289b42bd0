"""Links from page to page. They open without a reload, so uploads and runs stay."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from gatesviz.challenges import Challenge, challenges
from gatesviz.lessons import Lesson, lessons
from gatesviz.theme import COLOURS
from gatesviz.ui.challenges import href, solved_challenges
from gatesviz.ui.components import part
from gatesviz.ui.lessons.address import Place
from gatesviz.ui.lessons.finished import finished_lessons
from gatesviz.ui.menu import MENU, START, address, entry

if TYPE_CHECKING:
    from gatesviz.ui.glossary.terms import Term

_component = part("links")


def draw_way_on(page: str) -> None:
    """Draw the link at the end of ``page``."""
    leads = entry(page).leads
    draw_link(leads.sentence, leads.href, key=f"way on from {page}")


def draw_link(title: str, href: str, *, key: str) -> None:
    """Draw one link."""
    _component(data={"look": "on", "links": [{"href": href, "title": title}]}, key=key)


def draw_row(title: str, links: Mapping[str, tuple[str, Mapping[str, str]]], *, key: str) -> None:
    """Draw a row of links to pages with settings.

    They aren't Streamlit's own: those add an address of this page with the other page's settings,
    to which Back leads.

    Args:
        title: what stands before the links.
        links: the words of a link -> the name of its page and the parameters.
        key: unique on the page.
    """
    row = [{"href": address(page, query), "title": words} for words, (page, query) in links.items()]
    _component(data={"look": "row", "title": title, "links": row}, key=key)


def draw_plan() -> None:
    """Draw the link to the page for teachers, which the menu doesn't list."""
    title = "Plan a class: lessons, typical mistakes, and a page to print"
    draw_link(title, "teachers", key="teachers")


def draw_pages() -> None:
    """Draw a card for each page of the menu but the first."""
    links = [
        {"href": one.name, "title": one.title, "text": one.about}
        for one in MENU
        if one.name != START and one.listed
    ]
    _component(data={"look": "cards", "links": links}, key="pages")


def draw_path() -> None:
    """Draw a card for each lesson, in the order in which they are taught."""
    links = [
        {
            "href": Place(lesson, 0).href,
            "title": f"{number}. {lesson.title}",
            "text": lesson.goal[:1].upper() + lesson.goal[1:],
            "side": _side(lesson),
        }
        for number, lesson in enumerate(lessons(), start=1)
    ]
    _component(data={"look": "cards", "links": links}, key="path")


def _side(lesson: Lesson) -> str:
    """Return the minutes of a lesson, and the score of a finished one."""
    score = finished_lessons().get(lesson.name)
    return f"{lesson.minutes} min" + (f", ✓ {score} right" if score else "")


def draw_challenges() -> None:
    """Draw a card for each challenge."""
    links = [
        {
            "href": href(one),
            "title": one.title,
            "text": one.goal,
            "side": "✓ solved" if one.name in solved_challenges() else "",
        }
        for one in challenges()
    ]
    _component(data={"look": "cards", "links": links}, key="challenges")


def draw_next_challenge(task: Challenge) -> None:
    """Draw a link to a challenge on another page."""
    links = [{"href": href(task), "title": f"Next challenge: {task.title}"}]
    _component(data={"look": "on", "links": links}, key="next challenge")


def draw_terms(terms: "Iterable[Term]", *, key: str) -> None:
    """Draw terms of the glossary, each with its link."""
    links = [
        {
            "href": term.href,
            "title": term.word,
            "text": term.sentence,
            "side": term.opens,
            "colour": COLOURS.get(term.letter, ""),
        }
        for term in terms
    ]
    _component(data={"look": "terms", "links": links}, key=f"terms {key}")
