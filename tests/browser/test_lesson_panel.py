"""What a student does beside a lesson: clicks on the page, moves a slider, reloads."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Page, expect

from gatesviz.lessons import Lesson, lesson, lessons
from gatesviz.lessons.grading import counted, questions
from gatesviz.lessons.lesson import Step
from gatesviz.ui.guesses import ANSWER_FIRST
from gatesviz.ui.lessons.address import Place
from gatesviz.ui.lessons.views import control as selector_of
from gatesviz.ui.page_settings import FIELDS
from tests.browser.answering import VIEW, answer, at, open_step, panel
from tests.browser.visiting import GO, press_number, settle, visit, wait_until

HALF_LIFE = lesson("half_life")
SAID = ".gv-lesson-verdict"
MOVE_AND_LEAVE = (
    """(step, [link, wait]) => { step.click(); setTimeout(() => link.click(), wait); }"""
)
"""In the page itself: on a busy machine, the test's own pause would be longer."""


def query(page: Page) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(page.url).query))


def move_slider(page: Page, key: str, press: str = "ArrowRight") -> None:
    page.locator(f".st-key-{key}").get_by_role("slider").press(press)


@pytest.mark.parametrize("clicked", ["play", "empty place", "text", "slider"])
def test_number_keys_answer_wherever_the_last_click_was(
    page: Page, app_url: str, clicked: str
) -> None:
    if clicked == "slider":
        root = open_step(page, app_url, "half_life", 4)
        move_slider(page, "grhalf")
    else:
        root = open_step(page, app_url, "lstm", 2)
        player = page.get_by_test_id("gv-player")
        if clicked == "play":
            player.get_by_role("button", name="Play").click()
            player.get_by_role("button", name="Pause").click()
        elif clicked == "text":
            root.locator(".gv-lesson-text p").first.click()
        else:
            page.mouse.click(1270, 700)
    settle(page)
    page.keyboard.press("2")
    if "again" in root.locator(".gv-lesson-note").inner_text():  # it was out of sight
        page.keyboard.press("2")
    expect(root.locator(SAID)).to_have_count(1)


def test_a_number_key_in_a_text_is_a_letter(page: Page, app_url: str) -> None:
    root = open_step(page, app_url, "shapes", 2)
    page.keyboard.press("PageUp")
    root = panel(page, 1, lesson("shapes"))
    root.get_by_role("button", name="Show everything").click()
    expect(root.get_by_role("button", name="Show less")).to_be_visible()
    settle(page)
    box = page.locator(".st-key-text textarea")
    box.press("End")
    box.press("1")
    expect(box).to_have_value(re.compile("1$"))
    expect(root.locator(SAID)).to_have_count(0)


def test_the_first_key_counts_on_the_return_to_a_half_answered_step(
    page: Page, app_url: str
) -> None:
    root = open_step(page, app_url, "counting", 1)
    page.keyboard.press("1")
    if root.locator(SAID).count() == 0:
        page.keyboard.press("1")
    expect(root.locator(SAID)).to_have_count(1)
    settle(page)
    page.keyboard.press("PageDown")
    expect(root.locator(".gv-lesson-note")).to_contain_text("still open")
    page.keyboard.press("PageDown")
    panel(page, 2, lesson("counting"))
    page.keyboard.press("PageUp")
    root = panel(page, 1, lesson("counting"))
    settle(page)
    page.keyboard.press("2")
    expect(root.locator(SAID)).to_have_count(2)


def test_the_answers_of_a_lesson_survive_sliders_links_and_reloads(
    page: Page, app_url: str
) -> None:
    """Those of the step stay in the address; those of the whole lesson in the tab."""
    root = open_step(page, app_url, "half_life", 3, cold=True)
    check = HALF_LIFE.steps[2].check
    assert check is not None
    answer(page, root, check, wrong=False)
    chose = query(page)["chose"]
    for key in ("grhsteps", "grhalf"):
        move_slider(page, key)
        settle(page)
        page.wait_for_timeout(500)
        assert query(page)["chose"] == chose
        assert "1" in query(page)["got"]
    page.reload()
    settle(page)
    root = panel(page, 3, HALF_LIFE)
    expect(root.locator(SAID)).to_have_count(2)

    page.keyboard.press("PageDown")
    root = panel(page, 4, HALF_LIFE)
    expect(page).not_to_have_url(re.compile("chose="))
    page.reload()
    settle(page)
    panel(page, 4, HALF_LIFE)
    page.keyboard.press("PageUp")
    root = panel(page, 3, HALF_LIFE)
    expect(root.locator(SAID)).to_have_count(2)
    expect(page).to_have_url(re.compile("chose="))


def test_a_link_of_the_lesson_and_a_reload_lose_no_answer_and_no_result(
    page: Page, app_url: str
) -> None:
    """Another step's address has no answers of the first one: only the tab knows them."""
    breaking = lesson("breaking")
    root = open_step(page, app_url, "breaking", 1, cold=True)
    for index, step in enumerate(breaking.steps):
        root = panel(page, index + 1, breaking)
        if step.check is not None:
            answer(page, root, step.check, wrong=False)
        if index == 0:
            chose = query(page)["chose"]
            root.locator(".gv-lesson-questions a, .gv-lesson-text a").first.click()
            page.wait_for_url(re.compile("wiview|edits"))
            settle(page)
            assert query(page)["chose"] == chose
            page.reload()
            settle(page)
            root = panel(page, 1, breaking)
            expect(root.locator(SAID)).to_have_count(2)
        if index in (2, 4):
            page.reload()
            settle(page)
            panel(page, index + 1, breaking)
        if index + 1 < len(breaking.steps):
            page.keyboard.press("PageDown")
    count = len(counted(breaking))
    expect(root.locator(".gv-lesson-end")).to_contain_text(
        f"Right at first try: {count} of {count}."
    )
    page.evaluate(GO, "/")
    expect(page.get_by_text(re.compile(f"{count} of {count}")).first).to_be_visible()


def test_a_reload_loses_no_answer_of_another_lesson(page: Page, app_url: str) -> None:
    open_step(page, app_url, "memory", 2, cold=True)
    for name in ("memory", "forgetting"):
        page.evaluate(GO, f"{app_url}/{Place(lesson(name), 1).href}")
        root, check = panel(page, 2, lesson(name)), lesson(name).steps[1].check
        assert check is not None
        settle(page)
        answer(page, root, check, wrong=False)
    page.reload()
    settle(page)
    for name in ("forgetting", "memory"):
        page.evaluate(GO, f"{app_url}/{Place(lesson(name), 1).href}")
        expect(panel(page, 2, lesson(name)).locator(SAID)).to_have_count(2)


def controls(step: Step) -> list[str]:
    """Return the controls of a step that a test can change by one key, or by a text."""
    looks = {key: FIELDS[step.page][key].look for key in step.show if key in FIELDS[step.page]}
    return [key for key, look in looks.items() if look in ("slider", "area") or key == "both"]


STEPS = [
    Place(one, index) for one in lessons() for index, step in enumerate(one.steps) if controls(step)
]


def change(page: Page, key: str) -> None:
    control = page.locator(selector_of(key))
    expect(control).to_have_count(1)
    if (box := control.locator("textarea")).count():
        box.fill("hello world")
        box.press("Control+Enter")
    elif control.get_by_role("slider").count():
        slider = control.get_by_role("slider").first
        ends = [slider.get_attribute(f"aria-value{end}") for end in ("now", "max")]
        slider.press("ArrowLeft" if ends[0] == ends[1] else "ArrowRight")
    else:
        control.locator("label").first.click()


@pytest.mark.timeout(600)
def test_a_control_of_a_step_changes_no_other_setting_of_its_view(page: Page, app_url: str) -> None:
    """In every step, after a step of another lesson with other settings of the same pages."""
    visit(page, f"{app_url}/{at('memory', 1).href}")
    page.evaluate(GO, "/")
    for place in STEPS:
        for key in controls(place.step):
            page.evaluate(GO, f"/{place.href}")
            panel(page, place.index + 1, place.lesson)
            settle(page)
            change(page, key)
            wait_until(page, lambda k=key, p=place: query(page).get(k) != p.step.query.get(k))
            settle(page)
            page.wait_for_timeout(300)
            settle(page)
            own = set(FIELDS[place.step.page]) - {key, "rows"}  # in a lesson, the player's rows
            kept = {name: value for name, value in place.step.query.items() if name in own}
            found = query(page)
            # A value that is the default can leave the address.
            for name, value in kept.items():
                field = FIELDS[place.step.page][name]
                assert field.takes.means(value, field.read(found)), (str(place), key, name)


def test_a_double_click_on_next_skips_no_step(page: Page, app_url: str) -> None:
    root = open_step(page, app_url, "memory", 1)
    root.get_by_role("button", name="Next").dblclick()
    root = panel(page, 2)
    settle(page)
    page.wait_for_timeout(500)
    panel(page, 2)
    root.get_by_role("button", name="Next").click()
    expect(root.locator(".gv-lesson-note")).to_have_text(
        "This question is open. Press “Next” again to skip it."
    )
    page.keyboard.press("PageUp")  # back is free
    panel(page, 1)
    page.keyboard.press("PageDown")
    panel(page, 2)
    settle(page)
    page.keyboard.press("PageDown")  # it has been said
    panel(page, 3)


def test_next_says_once_which_question_is_open(page: Page, app_url: str) -> None:
    root = open_step(page, app_url, "lstm", 3)
    check = lesson("lstm").steps[2].check
    assert check is not None
    made: list[str] = []
    for wrong in ("erases", "times"):  # a wrong answer, then the right reason: a sibling follows
        root.locator(f"[data-option={wrong}]").click()
        made.append(wrong)
        expect(root.locator(SAID)).to_have_count(len(made))
    note = root.locator(".gv-lesson-note")
    expect(note).to_be_hidden()
    root.get_by_role("button", name="Next").click()
    expect(note).to_have_text("“Try another one” is still open. Press “Next” again to skip it.")
    expect(root.locator("[data-role=sibling]")).to_be_in_viewport(ratio=0.5)
    page.wait_for_timeout(600)  # a second press, not a double click
    root.get_by_role("button", name="Next").click()
    panel(page, 4, lesson("lstm"))
    expect(note).to_be_hidden()


def test_the_last_lesson_leads_to_the_challenges(page: Page, app_url: str) -> None:
    forecast: Lesson = lesson("forecast")
    root = open_step(page, app_url, "forecast", len(forecast.steps))
    root.get_by_role("button", name="Challenges").click()
    expect(page.get_by_test_id("gv-lesson")).to_have_count(0)
    title = page.get_by_role("heading", name="Challenges")
    expect(title).to_be_in_viewport()
    settle(page)
    page.wait_for_timeout(2_500)
    box, menu = title.bounding_box(), page.get_by_test_id("stHeader").bounding_box()
    assert box is not None
    assert menu is not None
    assert menu["height"] - 1 <= box["y"] < 200


def test_the_menu_leaves_a_lesson_also_for_the_page_that_is_open(page: Page, app_url: str) -> None:
    """Streamlit does nothing when the page that is open is chosen again."""
    open_step(page, app_url, "memory", 1)
    page.get_by_test_id("stTopNavLink").filter(has_text="Feed a sequence").click()
    expect(page.get_by_test_id("gv-lesson")).to_have_count(0)
    expect(page.get_by_test_id("stMain").locator("h1")).to_have_text("Feed a sequence")
    settle(page)
    assert query(page).get("lesson") is None
    assert query(page).get("text") is None, "the step's text is left, too"


def test_a_page_does_not_ask_again_what_the_lesson_has_asked(page: Page, app_url: str) -> None:
    """It shows its result. Its principle waits for every question of the lesson on this page."""
    root = open_step(page, app_url, "half_life", 5)
    check = HALF_LIFE.steps[4].check
    assert check is not None
    expect(page.get_by_text(ANSWER_FIRST).first).to_be_visible()
    answer(page, root, check, wrong=False)
    settle(page)
    expect(page.get_by_text(ANSWER_FIRST)).to_have_count(0)
    expect(page.locator(".st-key-grhor")).to_have_count(0)
    expect(
        page.get_by_test_id("stMain").locator(".js-plotly-plot, svg.main-svg").first
    ).to_be_visible()
    expect(page.locator(".st-key-gatesviz-principle")).to_be_hidden()


@pytest.mark.parametrize(
    ("name", "step", "row", "control"),
    [("forgetting", 3, "difference", ".st-key-fbias"), ("lstm", 2, "i", None)],
)
def test_a_row_and_a_control_that_hold_the_answer_wait_for_it(
    page: Page, app_url: str, name: str, step: int, row: str, control: str | None
) -> None:
    root = open_step(page, app_url, name, step)
    check = lesson(name).steps[step - 1].check
    assert check is not None
    plot = page.locator(f'.gv-player .gv-lane[data-lane="{row}"] .gv-lane-plot')
    expect(plot).to_be_hidden()
    if control is not None:
        expect(page.locator(control)).to_be_hidden()
    answer(page, root, check, wrong=False)
    expect(plot).to_be_visible()
    if control is not None:
        expect(page.locator(control)).to_be_visible()


def test_a_wrong_answer_is_refuted_by_the_row_of_the_picture(page: Page, app_url: str) -> None:
    """The row of the change and the answers come with the first result, the chosen row last."""
    root = open_step(page, app_url, "forgetting", 4)
    check = lesson("forgetting").steps[3].check
    assert check is not None
    answers, h = (
        page.locator(f'.gv-player .gv-lane[data-lane="{row}"] .gv-lane-plot') for row in "yh"
    )
    expect(answers).to_be_hidden()
    expect(h).to_be_hidden()
    [asked] = questions(check, [])
    press_number(page, root, 1 + next(k for k, key in enumerate(asked.options) if key != "yes"))
    expect(root.locator(SAID)).to_contain_text("Not quite.")
    expect(answers).to_be_visible()
    expect(h).to_be_hidden()

    open_step(page, app_url, "forgetting", 2)
    change = page.locator('.gv-player .gv-lane[data-lane="difference"] .gv-lane-plot')
    expect(change).to_be_hidden()
    page.get_by_test_id("gv-lesson").locator("[data-act=option]").first.click()
    expect(root.locator(SAID)).to_have_count(1)
    expect(change).to_be_visible()


def test_the_first_part_names_the_keys_until_they_are_used(page: Page, app_url: str) -> None:
    root = open_step(page, app_url, "memory", 1)
    keys = root.get_by_text("PageDown")
    expect(keys).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    expect(keys).to_be_hidden()
    page.set_viewport_size({"width": 1280, "height": 720})
    page.keyboard.press("PageDown")
    panel(page, 2)
    expect(keys).to_have_count(0)
    page.keyboard.press("PageUp")
    panel(page, 1)
    expect(keys).to_have_count(0)


def test_a_link_counts_after_a_press_in_the_player_and_back_leads_back(
    page: Page, app_url: str
) -> None:
    """Also while the app is presented, which adds to the address."""
    place = at("memory", 3)
    visit(page, f"{app_url}/{place.href}&present=1")
    root, player = panel(page, 3), page.get_by_test_id("gv-player")
    assert place.step.check is not None
    answer(page, root, place.step.check, wrong=False)
    settle(page)
    player.locator("[data-action=first]").click()
    expect(page).to_have_url(re.compile("t=0"))
    settle(page)
    for wait in (0, 120):  # ms; the player tells its place after 250
        link = root.locator(".gv-lesson-follows a").element_handle()
        player.locator("[data-action=step]").evaluate(MOVE_AND_LEAVE, [link, wait])
        expect(player).to_have_attribute("data-step", "7")
        expect(player).to_have_attribute("data-edits", re.compile('"letter": ?"c"'))
        page.wait_for_timeout(500)
        settle(page)
        assert query(page).items() >= {"t": "7", "edits": "c@6=0,h@6=0", "present": "1"}.items()
        page.go_back()
        expect(player).to_have_attribute("data-edits", "[]")
        expect(player).to_have_attribute("data-step", "0")
        settle(page)
        assert query(page)["t"] == "0"
        assert "edits" not in query(page)
    page.get_by_role("button", name="End presenting").click()


def test_no_control_takes_the_room_of_an_answer(page: Page, app_url: str) -> None:
    """At 1280 by 720, every answer of a step with controls is seen without scrolling."""
    places = [
        Place(one, index)
        for one in lessons()
        for index, step in enumerate(one.steps)
        if step.check is not None and step.show
    ]
    visit(page, f"{app_url}/{places[0].href}")
    for place in places:
        page.evaluate(GO, f"/{place.href}")
        root = panel(page, place.index + 1, place.lesson)
        settle(page)
        expect(root.locator("[data-act=option]").first).to_be_visible()
        seen = root.evaluate(VIEW)
        assert all(bottom <= seen["edge"] for bottom in seen["answers"]), str(place)


def test_the_cliff_is_seen_next_to_the_text_and_the_paths_after_the_answer(
    page: Page, app_url: str
) -> None:
    """At 1280 by 720, without scrolling: both axes, and where the path without clipping ends."""
    check = lesson("clipping").steps[0].check
    assert check is not None
    root = open_step(page, app_url, "clipping", 1)
    chart, path = page.locator(".st-key-gradient-cliff"), page.get_by_text("without clipping")
    expect(chart.get_by_text("w", exact=True)).to_be_in_viewport(ratio=1)
    expect(chart.locator(path)).to_have_count(0)
    answer(page, root, check, wrong=False)
    settle(page)
    for step in (1, 2, 3):
        if step > 1:
            page.keyboard.press("PageDown")
            panel(page, step, lesson("clipping"))
            settle(page)
            if step == 2:
                page.keyboard.press("PageDown")  # says that its question is open
        expect(chart.locator(path)).to_be_in_viewport(ratio=0.9999)  # at a fraction of a pixel
        expect(chart.get_by_text("w", exact=True)).to_be_in_viewport(ratio=1)
