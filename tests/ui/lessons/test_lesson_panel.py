"""A cold link to a step draws its panel above the page, in the state that the step prepares."""

import json
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from streamlit.runtime.scriptrunner import RerunData
from streamlit.testing.v1 import AppTest, local_script_runner
from streamlit.testing.v1.element_tree import Slider

from gatesviz.lessons import lesson, lessons
from gatesviz.lessons.grading import choices_to_text, empty_record, numbers_of, questions
from gatesviz.lessons.lesson import with_numbers
from gatesviz.lessons.markup import blocks
from gatesviz.ui.guesses import ANSWER_FIRST, HIDDEN_BY_LESSON, SHOWN_BY_LESSON
from gatesviz.ui.lessons.address import CHOSEN, PARAMETERS, Place, place_of
from gatesviz.ui.lessons.finished import all_finished
from gatesviz.ui.lessons.payload import payload
from gatesviz.ui.lessons.views import GUESSES, style
from gatesviz.ui.links import Text
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


def test_answers_in_the_picture_wait_until_the_step_is_answered() -> None:
    place = place_of("memory.2")
    kept = empty_record(place.lesson)
    assert payload(place, [], kept, everything=False)["hide"] == ["answers"]
    assert payload(place, [], kept, everything=True)["hide"] == []
    said = [style(place.step, everything=False, answered=known) for known in (False, True)]
    assert [".st-key-feed-description" in one for one in said] == [True, False]


def test_controls_that_would_show_the_answer_wait_for_it() -> None:
    place = place_of("forgetting.3")
    assert place.step.hide == ("change", "controls")
    kept, made = empty_record(place.lesson), ["biased", "half"]
    shown = [payload(place, each, kept, everything=False)["controls"] for each in ([], made)]
    assert shown == [None, [".st-key-fbias"]]
    said = [style(place.step, everything=False, answered=known) for known in (False, True)]
    assert ["Controls for this step" in one for one in said] == [False, True]


def test_what_a_page_says_beside_its_picture_stays_hidden_where_a_step_says_so() -> None:
    hidden = "[class*=st-key-gatesviz-details]"
    for answered in (False, True):
        assert hidden in style(place_of("way_back.2").step, everything=False, answered=answered)
        assert hidden not in style(place_of("way_back.1").step, everything=False)
    assert hidden not in style(place_of("way_back.2").step, everything=True)


def test_a_step_s_button_finds_the_slider_of_x() -> None:
    step = lesson("counting").steps[0]
    app = open_link(step.page, **step.query, lesson="counting.1")
    data = panel(app)
    assert data is not None
    assert data["controls"] == ["[class*=st-key-inside-input]"]
    [slider] = [one for one in app.slider if one.label == "Input x"]
    assert str(slider.key).startswith("inside input")


def test_of_a_question_that_a_lesson_hides_nothing_remains() -> None:
    """On Train live, the lesson has asked, and the runs can't answer yet."""
    step = lesson("counting").steps[3]
    assert step.check is not None
    chose = choices_to_text(step.check, ["lstm", "levels"])
    app = open_link(step.page, **step.query, lesson="counting.4", chose=chose)
    assert app.session_state[SHOWN_BY_LESSON]
    assert not [one for one in app.get("button_group") if one.key == "trguess"]
    assert not [one.value for one in app.markdown if "result" in one.value]


def test_a_link_goes_on_with_the_question_that_is_open() -> None:
    """After a reload, or on another server, what was answered isn't asked again."""
    step, record = lesson("memory").steps[1], "1-----"
    assert step.check is not None
    first = next(iter(step.check.options))
    data = panel(open_link(step.page, **step.query, lesson="memory.2", got=record, chose=first))
    assert data is not None
    assert (
        data["questions"]
        == payload(place_of("memory.2"), [first], record, everything=False)["questions"]
    )
    assert (data["questions"][0]["chosen"], data["questions"][-1]["chosen"]) == (first, "")
    assert (data["chose"], data["record"]) == (first, record)
    for chose in ("9", "x", "<b>"):
        data = panel(open_link(step.page, **step.query, lesson="memory.2", got=record, chose=chose))
        assert data is not None
        assert (data["chose"], len(data["questions"])) == ("", 1)


def test_answers_in_an_address_belong_to_their_lesson_and_their_step() -> None:
    """An address can be changed to that of another lesson, which has as many questions."""
    memory, forgetting = place_of("memory.2"), place_of("forgetting.2")
    first = next(iter(forgetting.step.check.options))  # type: ignore[union-attr]
    left = {"got": "forgetting.1-----", "chose": f"forgetting.2.{first}"}
    for place, brought, expected in (
        (forgetting, left, (first, "1-----")),
        (memory, left, ("", "")),
        (place_of("forgetting.3"), left, ("", "1-----")),
        (forgetting, {"got": "memory.111111", "chose": f"forgetting.4.{first}"}, ("", "")),
        (forgetting, {"got": "1-----", "chose": first}, (first, "1-----")),  # an earlier link
    ):
        data = panel(open_link(place.step.page, **place.query, **brought))
        assert data is not None
        assert (data["chose"], data["record"]) == expected, (place, brought)


def test_every_chosen_option_of_every_lesson_fits_into_a_link() -> None:
    chosen = PARAMETERS[CHOSEN]
    assert isinstance(chosen, Text)
    for place in (Place(one, k) for one in lessons() for k in range(len(one.steps))):
        first = place.step.check
        checks = (first, first and first.sibling)
        asked = [one for check in checks if check for one in (check, check.reason) if one]
        text = ".".join(max(one.options, key=len) for one in asked)
        assert len(f"{place}.{text}") <= chosen.most


def test_in_a_lesson_a_page_judges_no_guess_that_the_reader_has_not_made() -> None:
    step = lesson("breaking").steps[4]
    alone, within = (
        open_link(step.page, **step.query),
        open_link(step.page, **step.query, lesson="breaking.5"),
    )
    guess = step.query["wiguess"]
    assert f"Yes. {guess[0].upper()}{guess[1:]}: accuracy" in texts(alone)
    assert f"{guess.capitalize()}: accuracy" in texts(within)
    assert "Yes. " not in texts(within)
    waiting = open_link("what_if", **lesson("breaking").steps[0].query, lesson="breaking.1")
    assert ANSWER_FIRST in texts(waiting)
    assert "Make a guess" not in texts(waiting)
    reading = open_link("what_if", **lesson("breaking").steps[6].query, lesson="breaking.7")
    assert "Make a guess to see" not in texts(reading)


def test_a_page_asks_or_shows_its_results_after_the_lesson_s_question() -> None:
    """It asks only where the step names its question. Until then, its principle is hidden."""
    for name, step, guess in (("seeds", 4, "cosays"), ("gru", 7, "")):
        place = place_of(f"{name}.{step}")
        assert place.step.check is not None
        made: list[str] = []
        while not (asked := questions(place.step.check, made))[-1].chosen:
            made.append(next(iter(asked[-1].options)))
        chose = choices_to_text(place.step.check, made)
        before, after = (
            open_link("compare", **place.query, **brought) for brought in ({}, {"chose": chose})
        )
        assert ANSWER_FIRST in texts(before)
        assert "Make a guess to see" not in texts(before)
        assert ANSWER_FIRST not in texts(after)
        assert ("Make a guess to see" in texts(after)) == bool(guess)
        assert guess or "The GRU has 1,248 parameters and the LSTM 1,664." in texts(after)
        hidden, shown = (style(place.step, everything=False, answered=one) for one in (False, True))
        for part in (f".st-key-{guess}," if guess else "", ".st-key-gatesviz-principle,"):
            assert part in hidden
            assert not part or part not in shown
        waiting = style(place.step, everything=False, answered=True, principle=False)
        assert ".st-key-gatesviz-principle" in waiting
        assert "gatesviz-principle" not in style(place.step, everything=True, answered=False)


def test_a_step_can_keep_the_page_as_it_is() -> None:
    """The table of all changes answers the next three steps, too, and is about f = 0."""

    def after(step: int) -> str:
        place = place_of(f"breaking.{step}")
        assert place.step.check is not None
        made: list[str] = []
        while not (asked := questions(place.step.check, made))[-1].chosen:
            made.append(next(iter(asked[-1].options)))
        chose = choices_to_text(place.step.check, made)
        return texts(open_link("what_if", **place.query, chose=chose))

    for step in range(1, 5):
        assert HIDDEN_BY_LESSON in after(step)
        assert "Each row changes all units" not in after(step)


def test_another_model_shows_its_result_where_the_link_of_the_step_guesses() -> None:
    place = place_of("breaking.6")
    app = open_link("what_if", **place.query)
    assert "Each row changes all units" in texts(app)
    before = texts(app)
    menu = app.selectbox(key="wimodel")
    menu.set_value(next(one for one in menu.options if one != menu.value)).run()
    assert not app.exception
    assert texts(app) != before
    assert "Each row changes all units" in texts(app)
    assert HIDDEN_BY_LESSON not in texts(app)


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
    assert "40\xa0%" in json.dumps(wrong["questions"][0]["verdict"], ensure_ascii=False)
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


def test_the_last_lesson_says_what_is_finished_and_leads_to_the_challenges() -> None:
    names = [one.name for one in lessons()]
    scores = dict.fromkeys(names, "2 of 3")
    every = len(names)
    said = f"You have finished all {every} lessons. Right at first try in these: {2 * every} of"
    assert said in all_finished(scores)
    del scores[names[3]]
    assert f"finished {every - 1} of {every} lessons." in all_finished(scores)
    assert f"Still open: {lessons()[3].title}." in all_finished(scores)
    assert "Right" not in all_finished({})
    app = open_link("compare", **Place(lessons()[-1], len(lessons()[-1].steps) - 1).query)
    data = panel(app)
    assert data is not None
    assert [one["href"] for one in data["end"]["next"]] == ["./"]
    assert f"finished 0 of {every} lessons." in data["end"]["all"]


def test_the_style_hides_what_the_step_does_not_show() -> None:
    step = place_of("memory.1").step
    css = style(step, everything=False)
    assert ".st-key-cell" in css
    assert "[data-testid=stSidebar]," in css.replace(" {", ",")
    assert ".st-key-cell" not in style(step, everything=True)


def test_guesses_are_settings_of_the_pages() -> None:
    known = {key for settings in SETTINGS.values() for key in settings}
    assert known >= GUESSES


def test_a_late_message_of_the_last_step_does_not_change_the_next_one() -> None:
    """A text that is sent off by the press of Next arrives together with the next address."""
    before, after = (Place(lesson("shapes"), index) for index in (1, 2))
    app = open_link(before.step.page, **before.query)
    app.text_area(key="text").input("hello")
    for name in before.query:
        del app.query_params[name]
    for name, value in after.query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    assert app.text_area(key="text").value == after.step.query["text"]
    assert app.session_state["feed opens"].step == int(after.step.query["t"])
    app.text_area(key="text").input("mine").run()
    assert app.text_area(key="text").value == "mine"


def go_to(app: AppTest, query: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Open another address of the page in its session, as a link and the browser's Back do."""
    for name in list(app.query_params):
        del app.query_params[name]
    for name, value in query.items():
        app.query_params[name] = value
    with monkeypatch.context() as patch:
        by_history = partial(RerunData, is_history_navigation=True)
        patch.setattr(local_script_runner, "RerunData", by_history)
        app.run()
    assert not app.exception


def links_of(place: Place) -> list[dict[str, str]]:
    """Return the settings of each link in what follows the answers of a step."""
    text = with_numbers(place.step.follows, numbers_of(place.step))
    parts = [one for block in blocks(text) for one in block.parts if one.href]
    return [{**dict(parse_qsl(one.href.partition("?")[2])), "lesson": str(place)} for one in parts]


@pytest.mark.parametrize("more", [{}, {"present": "1"}, {"hide": "text", "lock": "seed"}])
def test_a_link_of_a_step_and_back_move_the_player(
    more: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = place_of("memory.3")
    [link] = links_of(place)
    app = open_link(place.step.page, **place.query, **more)
    assert app.session_state["feed opens"].step == 6
    turns = [app.session_state["feed opens"].turn]
    for query, step, edits in (
        ({**link, **more}, int(link["t"]), link["edits"]),
        ({**place.query, **more}, 6, ""),
        ({**link, **more}, int(link["t"]), link["edits"]),
    ):
        go_to(app, query, monkeypatch)
        opens = app.session_state["feed opens"]
        assert (opens.step, opens.edits) == (step, edits)
        assert (app.query_params["t"], app.query_params.get("edits", "")) == (str(step), edits)
        turns.append(opens.turn)
    assert len(set(turns)) == 4  # so what the player sent before is known to be old


def test_after_a_link_the_reader_s_sliders_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when they come by the values of the link again."""
    place = place_of("gru.2")
    link, _ = links_of(place)
    app = open_link(place.step.page, **place.query)
    go_to(app, link, monkeypatch)
    assert app.session_state["inset"] == "keep"

    def slider(label: str) -> Slider:
        return next(one for one in app.slider if one.label == label)

    start = slider("Input x").value, slider("Old h").value
    for label, values in (
        ("Input x", (0.35, start[0], 0.35)),
        ("Old h", (0.0, 1.0, start[1], 1.0)),
    ):
        for value in values:
            slider(label).set_value(value)
            app.run()
            assert not app.exception
            assert slider(label).value == value
    go_to(app, link, monkeypatch)
    assert (slider("Input x").value, slider("Old h").value) == start


def test_a_choice_counts_only_for_the_question_that_was_shown() -> None:
    place = Place(lesson("memory"), 1)
    assert place.step.check is not None
    first = next(iter(place.step.check.options))

    def press(answered: int) -> list[str]:
        def script(first: str, answered: int) -> None:
            import streamlit as st

            from gatesviz.ui.lessons import panel
            from gatesviz.ui.lessons.address import place_of

            place = place_of("memory.2")
            st.session_state["lesson at"] = str(place)
            sent = {"place": str(place), "value": first, "answered": answered}
            st.session_state["gatesviz-lesson-memory"] = {"choice": sent}
            panel._choose()
            st.session_state["made"] = list(panel.choices(place))

        app = AppTest.from_function(script, args=(first, answered)).run()
        assert not app.exception
        made: list[str] = app.session_state["made"]
        return made

    assert press(0) == [first]
    assert press(1) == []  # pressed twice: the first press has been answered meanwhile


def test_answers_that_the_browser_has_stored_are_taken_over() -> None:
    """Those of this session stay, and what fits no question is ignored."""

    def script(own, stored):  # type: ignore[no-untyped-def]
        import streamlit as st

        from gatesviz.ui.lessons import answers, panel
        from gatesviz.ui.lessons.address import place_of

        place = place_of("memory.3")
        st.session_state[answers.AT] = str(place)
        answers.choices(place_of("memory.2"))[:] = [own] if own else []
        st.session_state["gatesviz-lesson-memory"] = {"stored": {"place": str(place), **stored}}
        panel._take_stored()
        st.session_state["found"] = answers.chosen(place), answers.record(place)

    def take(own: str, **stored: Any) -> tuple[dict[str, str], str]:
        app = AppTest.from_function(script, args=(own, stored)).run()
        assert not app.exception
        found: tuple[dict[str, str], str] = app.session_state["found"]
        return found

    check = lesson("memory").steps[1].check
    assert check is not None
    first, other = list(check.options)[:2]
    chosen, record = take("", record="0-----", chosen={"memory.2": first, "memory.9": "x"})
    assert chosen == {"memory.2": first}
    assert record == "0-----"  # the first try was another
    chosen, record = take(other, record="", chosen={"memory.2": first})
    assert chosen == {"memory.2": other}
    assert record[0] in "01"
    for wrong in (None, [], {"memory.2": 3}, {"memory.2": "<b>"}):
        assert take("", record=wrong, chosen=wrong) == ({}, empty_record(lesson("memory")))
