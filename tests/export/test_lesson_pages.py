"""Every step of every lesson is in the export, graded as in the app and with the app's numbers."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load
from streamlit.testing.v1 import AppTest

from gatesviz.export.lesson_pages import file_of
from gatesviz.export.templates import unpacked
from gatesviz.lessons import Lesson, Step, completion_code, lesson, lessons
from gatesviz.lessons.grading import counted, questions
from gatesviz.ui.glossary.terms import sections
from tests.exporting import exported
from tests.serving import ROOT

IN_APP = {"counting.4", "counting.5", "forecast.4", "forecast.5", "seeds.4", "seeds.5"}
"""Steps whose page trains models, so they say how to open the app."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(tmp_path_factory)


def data_of(site: Path, each: Lesson) -> dict[str, Any]:
    """Return what the page of a lesson holds for the browser."""
    text = (site / file_of(each)).read_text("utf-8")
    found = re.search(r'id="lesson">(.*?)</script>', text, re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def words(blocks: list[dict[str, Any]]) -> str:
    """Return the text of drawn blocks."""
    return " ".join("".join(part[0] for part in block["parts"]) for block in blocks)


@pytest.mark.parametrize("each", lessons(), ids=lambda each: each.name)
def test_every_step_has_its_text_its_view_and_the_verdicts_of_the_app(
    site: Path, each: Lesson
) -> None:
    data = data_of(site, each)
    assert [step["title"] for step in data["steps"]] == [step.title for step in each.steps]
    count = len(counted(each))
    assert data["codes"] == [completion_code(each.name, right, count) for right in range(count + 1)]
    for number, (step, drawn, view) in enumerate(
        zip(each.steps, data["steps"], data["views"], strict=True), 1
    ):
        parts = [part for option in view["options"] for part in option["parts"]]
        place = f"{each.name}.{number}"
        assert bool(parts) == (place != "forecast.5")  # the search has no recorded run
        assert (place in IN_APP) == (f"add ?lesson={place} to its address" in view["note"])
        said = " ".join(words(drawn[part]) for part in ("text", "look", "follows"))
        assert not re.search(r"\{\w+\}", said)
        if step.check is None:
            assert drawn["check"] is None
            continue
        page = {one["role"]: one for group in drawn["check"] for one in group}
        wrong: list[str] = []
        while not (asked := questions(step.check, wrong)[-1]).chosen:
            shown = page.pop(asked.role)
            assert [option["key"] for option in shown["options"]] == list(asked.options)
            for key in asked.options:
                graded = questions(step.check, [*wrong, key])[len(wrong)]
                assert shown["right"] == graded.right
                verdict = words(shown["verdicts"][key]).replace("\xa0%", " %")
                assert verdict == " ".join(graded.verdict).replace("`", "").replace("**", "")
            wrong.append(next(key for key in asked.options if key != shown["right"]))
        assert not page


def shown_in_app(step: Step) -> bytes:
    """Return the payload of the player that the app shows."""
    app = AppTest.from_file(str(ROOT / "gatesviz" / "ui" / "main.py"), default_timeout=60)
    for name, value in step.query.items():
        app.query_params[name] = value
    app = app.switch_page(f"../../pages/{step.page}.py").run()
    assert not app.exception
    [sent] = [one.proto.bytes for one in app.get("bidi_component") if one.proto.bytes]
    return bytes(sent)


@pytest.mark.parametrize(
    "place", ["memory.2", "forgetting.3", "counting.1", "shapes.6", "way_back.5", "breaking.5"]
)
def test_the_player_of_a_step_holds_the_arrays_of_the_app(site: Path, place: str) -> None:
    name, _, number = place.partition(".")
    each = lesson(name)
    index = int(number) - 1
    data = data_of(site, each)
    view = data["views"][index]
    [player] = [part for part in view["options"][view["begin"]]["parts"] if "payload" in part]
    ours = load(unpacked(data["payloads"][player["payload"]]))
    theirs = load(shown_in_app(each.steps[index]))
    assert ours.keys() == theirs.keys()
    for array, values in theirs.items():
        np.testing.assert_array_equal(ours[array], values, err_msg=array)


def test_the_index_has_the_path_and_the_glossary_every_term(site: Path) -> None:
    index = (site / "index.html").read_text("utf-8")
    places = [index.index(f'href="{file_of(each)}"') for each in lessons()]
    assert places == sorted(places)
    assert all(f"{each.minutes} min" in index for each in lessons())
    glossary = (site / "glossary.html").read_text("utf-8")
    assert glossary.count("<dt>") == sum(map(len, sections().values()))
