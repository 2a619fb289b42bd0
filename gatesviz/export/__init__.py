"""Write a folder of static pages: the lessons, the glossary, and every trained model in a player.

The pages need no server and no network. They open from a file or from any web server.

models: `model_pages`. lessons: `lesson_pages`, whose steps show `views`.
"""

import functools
import html
import re
from collections.abc import Mapping
from pathlib import Path

from gatesviz.export.lesson_pages import file_of, lesson_data
from gatesviz.export.model_pages import model_page, tasks_list
from gatesviz.export.templates import asset, filled
from gatesviz.lessons import Lesson, lessons
from gatesviz.player.assets import MODULES, module, style
from gatesviz.player.assets import asset as player_asset
from gatesviz.recordings.atomic_write import write_whole
from gatesviz.strict_json import to_json
from gatesviz.trained import load_trained, trained_info, trained_names
from gatesviz.ui.glossary.terms import Term, sections
from gatesviz.version import __version__

_COMMENT = re.compile(r"^[ \t]*/\*(?:(?!\*/).)*\*/\n", re.DOTALL | re.MULTILINE)
_WITHIN = re.compile(r"^[ \t]+", re.MULTILINE)
PARTS = (
    *("reading.js", "typing.js", "addresses.js", "lessonscroll.js"),
    *("lessonanswers.js", "lessonparts.js", "lesson.js", "sliders.js"),
    *("tinycell.js", "lessonviews.js", "lessonpage.js"),
)
"""The files of the script that only these pages need, after those of the player."""


def export_site(folder: str | Path) -> tuple[Path, ...]:
    """Write the pages into ``folder`` and return their paths, ``index.html`` first.

    The folder is created if it is missing. Files with the same names are replaced, other files
    stay. It takes about half a minute, because the numbers of the lessons are measured anew.

    Raises:
        OSError: if the folder can't be created or written.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    pages = site_pages()
    for name, text in pages.items():
        write_whole(folder / name, text.encode())
    return tuple(folder / name for name in pages)


@functools.cache
def site_pages() -> Mapping[str, str]:
    """Return name -> text of each file, ``index.html`` first. They are made once in a process."""
    infos = [trained_info(name) for name in trained_names()]
    path = lessons()
    following = (*path[1:], None)
    return {
        "index.html": filled(
            "index.html", path=_path(path), tasks=tasks_list(infos), version=__version__
        ),
        "gatesviz.js": _code(),
        "gatesviz.css": "\n".join((style(), player_asset("lesson.css"), asset("site.css"))),
        "glossary.html": filled("glossary.html", terms=_glossary(sections())),
        **{f"{info.name}.html": model_page(load_trained(info.name), infos) for info in infos},
        **{
            file_of(one): _lesson_page(one, then) for one, then in zip(path, following, strict=True)
        },
    }


def _code() -> str:
    """Return the player and what the pages need besides as one classic script.

    A module can't be loaded from a file, so everything is inside one function. Comments and
    indentation are left out, which makes it a fifth shorter.
    """
    code = _shortened(module(*MODULES, *PARTS))
    names = "showTyping, showLessonPage, gradeChoices, unpack"
    return f"const gatesviz = (() => {{\n{code}\nreturn {{ {names} }};\n}})();\n"


def _shortened(code: str) -> str:
    """Return JavaScript without the comments that have lines of their own, and not indented."""
    return _WITHIN.sub("", _COMMENT.sub("", code))


def _path(path: tuple[Lesson, ...]) -> str:
    """Return the lessons as a list, in the order in which they are taught."""
    return "".join(
        f'<li><a href="{file_of(each)}">{html.escape(each.title)}</a>'
        f' <span class="minutes">{each.minutes} min</span><br>{html.escape(each.after)}</li>'
        for each in path
    )


def _lesson_page(lesson: Lesson, following: Lesson | None) -> str:
    data, stills = lesson_data(lesson, following)
    return filled(
        "lesson.html",
        title=html.escape(lesson.title),
        stills="\n".join(
            f'<template id="{name}">{text}</template>' for name, text in stills.items()
        ),
        data=to_json(data).replace("<", "\\u003c"),
    )


def _glossary(terms: Mapping[str, tuple[Term, ...]]) -> str:
    return "".join(
        f"<h2>{html.escape(heading)}</h2><dl>{''.join(map(_term, group))}</dl>"
        for heading, group in terms.items()
    )


def _term(term: Term) -> str:
    return f"<dt>{html.escape(term.word)}</dt><dd>{html.escape(term.sentence)}</dd>"
