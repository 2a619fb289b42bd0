"""Lessons as static pages: their texts, views and questions, graded by values measured here.

A page holds every verdict that `gatesviz.lessons.grading` gives in the app, so the browser only
looks up what an answer shows.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from gatesviz.export.templates import packed
from gatesviz.export.views import Player, Still, View, view_of
from gatesviz.lessons import Check, Lesson, completion_code
from gatesviz.lessons.grading import counted, numbers_of, questions
from gatesviz.lessons.lesson import with_numbers
from gatesviz.lessons.markup import Block, Part, blocks
from gatesviz.ui.menu import entry


def lesson_data(lesson: Lesson, following: Lesson | None) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what the browser shows of a lesson, as JSON can hold it, and its HTML by id.

    Payloads are compressed with zlib.

    Args:
        lesson: which lesson.
        following: the lesson to which its end leads, or None.
    """
    payloads, stills = dict[str, str](), dict[str, str]()
    views = [view_of(step) for step in lesson.steps]
    count = len(counted(lesson))
    data = {
        "name": lesson.name,
        "title": lesson.title,
        "after": lesson.after,
        "codes": [completion_code(lesson.name, right, count) for right in range(count + 1)],
        "next": [{"title": following.title, "href": file_of(following)}] if following else [],
        "steps": [_step(lesson, k, view) for k, view in enumerate(views)],
        "views": [
            _view(view, f"{lesson.name}.{k}", entry(step.page).title, payloads, stills)
            for k, (view, step) in enumerate(zip(views, lesson.steps, strict=True), 1)
        ],
        "payloads": payloads,
    }
    return data, stills


def file_of(lesson: Lesson) -> str:
    """Return the name of a lesson's file."""
    return f"lesson-{lesson.name.replace('_', '-')}.html"


def _step(lesson: Lesson, index: int, view: View) -> dict[str, Any]:
    step = lesson.steps[index]
    numbers = numbers_of(step)
    return {
        "title": step.title,
        "text": _drawn(blocks(with_numbers(step.text, numbers))),
        "look": [] if view.opens else _drawn(blocks(with_numbers(step.look, numbers))),
        "follows": _drawn(blocks(with_numbers(step.follows, numbers))),
        "hide": list(step.hide),
        "check": _check(step.check) if step.check else None,
    }


def _check(check: Check) -> list[list[dict[str, Any]]]:
    """Return the questions of a check and those of its sibling, with the verdict of each option.

    `questions` decides all of it. To reach a question, those before it get an answer: any for the
    reason, a wrong one for the sibling.
    """
    groups, made = list[list[dict[str, Any]]](), list[str]()
    while True:
        asked = questions(check, made)
        open_one = asked[-1]
        if open_one.chosen:
            return groups
        graded = {key: questions(check, [*made, key])[len(made)] for key in open_one.options}
        [right] = {one.right for one in graded.values()}
        if open_one.role in ("answer", "sibling"):
            groups.append([])
        groups[-1].append(
            {
                "role": open_one.role,
                "text": _drawn(blocks(open_one.text)),
                "options": [
                    {"key": key, "text": _drawn(blocks(answer))}
                    for key, answer in open_one.options.items()
                ],
                "right": right,
                "verdicts": {
                    key: _drawn(block for text in one.verdict for block in blocks(text))
                    for key, one in graded.items()
                },
            }
        )
        made.append(next(key for key in open_one.options if key != right))


def _view(
    view: View, place: str, page: str, payloads: dict[str, str], stills: dict[str, str]
) -> dict[str, Any]:
    """Return a view as JSON; payloads and HTML are stored once, under a name."""
    note = view.note
    if view.opens:
        note += f" To do it yourself, start gatesviz and add ?lesson={place} to its address."
    return {
        "page": page,
        "choice": view.choice,
        "begin": view.begin,
        "note": note,
        "options": [
            {"name": one.name, "parts": [_part(part, payloads, stills) for part in one.parts]}
            for one in view.options
        ],
    }


def _part(part: Player | Still, payloads: dict[str, str], stills: dict[str, str]) -> dict[str, Any]:
    if isinstance(part, Still):
        name = _name(part.html.encode())
        stills[name] = part.html
        return {"still": name}
    name = _name(part.data)
    payloads[name] = packed(part.data)
    return {
        "payload": name,
        "select": asdict(part.select),
        "sliders": [asdict(slider) for slider in part.sliders],
        "walk": asdict(part.walk) if part.walk else None,
        "reads": list(part.reads) or None,
    }


def _name(content: bytes) -> str:
    return "p" + hashlib.sha256(content).hexdigest()[:12]


def _drawn(made: Iterable[Block]) -> list[dict[str, Any]]:
    """Return blocks as the browser reads them. A link into the app becomes text."""
    return [
        {"kind": block.kind, "parts": [_in_page(part) for part in block.parts]} for block in made
    ]


def _in_page(part: Part) -> list[str]:
    if part.look != "link" or part.href.startswith("https://"):
        return [part.text, part.look, part.href]
    return [f"{part.text} (in the app)", "plain", ""]
