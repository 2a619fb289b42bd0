"""A cold link to a step draws its panel above the page, in the state that the step prepares."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from gatesviz.lessons import lesson, lessons
from gatesviz.lessons.grading import empty_record
from gatesviz.ui.lessons.address import Place, place_of
from gatesviz.ui.lessons.panel import payload
from gatesviz.ui.lessons.views import GUESSES, style
from gatesviz.ui.page_settings import SETTINGS
from tests.serving import ROOT

MAIN = str(ROOT / "gatesviz" / "ui" / "main.py")


def open_link(page: str, **query: str) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    return app.switch_page(f"../../pages/{page}.py").run()


def panel(app: AppTest) -> dict[str, Any] | None:
    """Return what the browser draws as the panel, None without a panel."""
    for part in app.get("bidi_component"):
        data: dict[str, Any] = json.loads(part.proto.json) if part.proto.json else {}
        if data and "heading" in data:
            return data
    return None


def test_a_step_is_drawn_with_its_page() -> None:
    step = lesson("memory").steps[1]
    app = open_link(step.page, **step.query, lesson="memory.2", got="1-----")
    assert not app.exception
    assert [title.value for title in app.title] == ["Feed a sequence"]
    data = panel(app)
    assert data is not None
    assert (data["place"], data["step"], data["heading"]) == ("memory.2", 2, step.title)
    assert data["record"] == "1-----"
    assert not [text.value for text in app.text if "ignored" in text.value]
    assert not has_way_on(app)
    assert app.session_state["text"] == step.query["text"]


def test_a_link_goes_on_with_the_question_that_is_open() -> None:
    """After a reload, or on another server, what was answered isn't asked again."""
    step, record = lesson("memory").steps[1], "1-----"
    assert step.check is not None
    first = next(iter(step.check.options))
    data = panel(open_link(step.page, **step.query, lesson="memory.2", got=record, chose="1"))
    assert data is not None
    assert (
        data["questions"]
        == payload(place_of("memory.2"), [first], record, everything=False)["questions"]
    )
    assert (data["questions"][0]["chosen"], data["questions"][-1]["chosen"]) == (first, "")
    assert (data["chose"], data["record"]) == ("1", record)
    for chose in ("9", "x", "<b>"):
        data = panel(open_link(step.page, **step.query, lesson="memory.2", got=record, chose=chose))
        assert data is not None
        assert (data["chose"], len(data["questions"])) == ("", 1)


def test_in_a_lesson_a_page_judges_no_guess_that_the_reader_has_not_made() -> None:
    step = lesson("breaking").steps[4]
    alone, within = (
        open_link(step.page, **step.query),
        open_link(step.page, **step.query, lesson="breaking.5"),
    )
    guess = step.query["wiguess"]
    assert f"Yes, {guess}: accuracy" in texts(alone)
    assert f"{guess.capitalize()}: accuracy" in texts(within)
    assert "Yes, " not in texts(within)
    waiting = open_link("what_if", **lesson("breaking").steps[0].query, lesson="breaking.1")
    assert "The lesson hides this result for now." in texts(waiting)
    assert "Make a guess" not in texts(waiting)
    asking = open_link("compare", **lesson("seeds").steps[3].query, lesson="seeds.4")
    assert "Make a guess to see the result." in texts(asking)


def texts(app: AppTest) -> str:
    return "\n".join(part.value for part in (*app.markdown, *app.text))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("memry.1", "No lesson 'memry'; expected one of memory"),
        ("memory.99", "The lesson 'memory' has no step '99'; expected a number from 1 to"),
        ("memory.<b>", "The lesson 'memory' has no step '<b>'"),
    ],
)
def test_an_unknown_step_is_one_sentence_and_the_page_works(text: str, sentence: str) -> None:
    app = open_link("feed", lesson=text, t="3")
    assert not app.exception
    assert panel(app) is None
    assert any(sentence in each.value for each in app.text)
    assert app.session_state["feed opens"].step == 3  # the player is there


def has_way_on(app: AppTest) -> bool:
    return any('"look": "on"' in part.proto.json for part in app.get("bidi_component"))


def test_a_page_without_a_lesson_has_no_panel_and_leads_on() -> None:
    app = open_link("feed", t="3")
    assert panel(app) is None
    assert has_way_on(app)


def test_a_record_that_fits_no_lesson_is_ignored() -> None:
    step = lesson("memory").steps[0]
    data = panel(open_link(step.page, **step.query, lesson="memory", got="111111111"))
    assert data is not None
    assert (data["place"], data["record"]) == ("memory.1", "")


def test_addresses_hold_the_view_and_the_step() -> None:
    for each in lessons():
        for index, step in enumerate(each.steps):
            place = Place(each, index)
            address = urlsplit(place.href)
            assert dict(parse_qsl(address.query)) == {**step.query, "lesson": str(place)}
            assert place_of(str(place)) == place


def test_what_the_browser_draws_follows_the_answers() -> None:
    each = lesson("memory")
    erased, record = Place(each, 2), empty_record(each)
    start = payload(erased, [], record, everything=False)
    assert [one["role"] for one in start["questions"]] == ["answer"]
    assert start["questions"][0]["right"] == ""  # the answer is not sent before it is asked
    assert (start["follows"], start["end"]) == ([], None)
    wrong = payload(erased, ["kept"], record, everything=False)
    assert wrong["questions"][0]["right"] == "other"
    assert "40 %" in json.dumps(wrong["questions"][0]["verdict"], ensure_ascii=False)
    done = payload(erased, ["other", "only"], record, everything=False)
    assert done["follows"]
    assert done["end"] is None


def test_the_last_step_ends_with_a_score_and_a_code() -> None:
    each = lesson("memory")
    last = Place(each, 3)
    done = payload(last, ["guess", "zero"], "110011", everything=True)
    assert (done["end"]["right"], done["end"]["open"]) == (4, [])
    assert done["end"]["code"].startswith("memory-4-of-6-")
    assert [step["state"] for step in done["steps"]] == ["plain", "right", "wrong", "right"]
    left = payload(last, ["guess", "zero"], "11--11", everything=True)
    assert (left["end"]["open"], left["end"]["code"]) == (["3"], "")


def test_the_style_hides_what_the_step_does_not_show() -> None:
    step = place_of("memory.1").step
    css = style(step, everything=False)
    assert ".st-key-cell" in css
    assert "[data-testid=stSidebar]," in css.replace(" {", ",")
    assert ".st-key-cell" not in style(step, everything=True)


def test_guesses_are_settings_of_the_pages() -> None:
    known = {key for settings in SETTINGS.values() for key in settings}
    assert known >= GUESSES
