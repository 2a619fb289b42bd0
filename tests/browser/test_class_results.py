"""A teacher holds results back, and moves the players of the class."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import check_in_both_themes
from tests.browser.test_classroom import (
    PHONE,
    board,
    guess,
    heading,
    line,
    open_room,
    with_student,
)
from tests.browser.visiting import settle, visit, wait_until

LATER = "Your teacher will show the result. You can still change your guess."


def player(page: Page) -> Locator:
    return page.get_by_test_id("gv-player")


def test_results_are_held_back_until_the_teacher_shows_them(
    new_page: Callable[..., Page], app_url: str
) -> None:
    teacher, student, code = with_student(new_page, app_url)
    lead = line(teacher, code)
    main = student.get_by_test_id("stMain")
    expect(main).to_contain_text("Make a guess to see the result.")
    hold = lead.get_by_role("button", name="Hold results")
    teacher.get_by_role("radio", name="the guesses", exact=True).click()
    settle(teacher)
    hold.click()
    expect(hold).to_have_attribute("aria-pressed", "true")
    expect(lead).to_contain_text("Results are held back.")
    expect(main).to_contain_text("Make a guess. Your teacher will show the result.")
    guess(student, "f")
    expect(main).to_contain_text(LATER)
    settle(student)
    above, below = main.get_by_text(LATER).bounding_box(), player(student).bounding_box()
    assert above
    assert below
    assert 0 <= below["y"] - above["y"] - above["height"] < 40, "no space for a held result"
    expect(main).not_to_contain_text(re.compile(r"gate [ifgo] varies most"))
    guess(student, "o")
    question = board(teacher).locator("section[data-kind=guess]")
    expect(question).to_have_attribute("data-people", "1")
    expect(lead).to_contain_text("Answers so far: 1 of 1.")
    expect(question).to_contain_text("The board shows only how many have guessed.")
    expect(teacher.get_by_role("radio", name="only how many have guessed")).to_be_checked()
    teacher.get_by_role("radio", name="the guesses", exact=True).click()
    expect(question.locator("li[data-option=o]")).to_have_attribute("data-count", "1")
    check_in_both_themes(student)
    student.reload()
    expect(main).to_contain_text(LATER)
    student.goto(f"{app_url}/feed")  # without the guess in the address
    expect(main).to_contain_text(LATER)
    expect(student.locator(".st-key-guess [aria-checked=true]")).to_have_text("o")
    lead.get_by_role("link", name="Board", exact=True).click()
    title = teacher.get_by_role("heading", name="Board", exact=True)
    wait_until(teacher, lambda: (title.bounding_box() or {"y": 720})["y"] < 300)
    settle(teacher)
    teacher.wait_for_timeout(2_500)  # the link's own scrolling is over
    before = title.bounding_box()
    lead.get_by_role("button", name="Follow me").focus()
    lead.get_by_role("button", name="Show results").click()
    expect(teacher.get_by_role("radio", name="the guesses and the right answer")).to_be_checked()
    expect(question.locator("li[data-right=true]")).to_have_count(1)
    settle(teacher)
    teacher.wait_for_timeout(500)
    after = title.bounding_box()
    assert before
    assert after
    assert after["y"] == pytest.approx(before["y"], abs=2), "the board stays in view"
    expect(main.get_by_text(re.compile(r"gate [ifgo] varies most"))).to_be_visible()
    expect(main).not_to_contain_text(LATER)

    visit(student, f"{app_url}/inside")
    settle(student)
    student.locator(".st-key-inlose").get_by_role("radio").first.click()
    sections = board(teacher).locator("section[data-kind=guess]")
    expect(sections).to_have_count(2)
    expect(sections.nth(0).locator("li[data-option=o]")).to_have_attribute("data-count", "1")
    expect(sections.nth(1)).to_contain_text("These guesses aren’t on the board yet.")
    check_in_both_themes(teacher)
    sections.nth(1).get_by_role("button", name="Put these guesses on the board").click()
    expect(sections.nth(1).locator("li[data-count='1']")).to_have_count(1)
    for size in ({"width": 1280, "height": 720}, PHONE):
        teacher.set_viewport_size(size)  # type: ignore[arg-type]
        check_bar_stays(teacher, lead)


def check_bar_stays(teacher: Page, bar: Locator) -> None:
    """Check that the teacher's bar is in view at the board, below the menu, and covers no text."""
    bar.get_by_role("link", name="Class page").click()
    bar.get_by_role("link", name="Board", exact=True).click()
    title = teacher.get_by_role("heading", name="Board", exact=True)

    def edges() -> list[float]:
        parts = [one.bounding_box() for one in (teacher.get_by_test_id("stHeader"), bar, title)]
        boxes = [one for one in parts if one is not None]
        return [edge for one in boxes for edge in (one["y"], one["y"] + one["height"])]

    wait_until(teacher, lambda: edges()[4] < 500)  # it has scrolled
    teacher.mouse.move(200, 600)
    teacher.mouse.wheel(0, -20)
    menu_end, bar_top, bar_end, title_top = edges()[1:5]
    assert 0 <= menu_end <= bar_top + 1
    assert bar_end <= title_top
    teacher.mouse.wheel(0, 5_000)
    teacher.wait_for_timeout(300)
    assert edges()[2] == pytest.approx(bar_top, abs=1)
    expect(bar.get_by_role("button", name="Follow me")).to_be_in_viewport()


def test_a_lesson_grades_a_held_answer_when_the_teacher_shows_it(
    new_page: Callable[..., Page], app_url: str
) -> None:
    teacher = new_page()
    code = open_room(teacher, app_url)
    hold = line(teacher, code).get_by_role("button", name="Hold results")
    hold.click()
    student = new_page(viewport=PHONE)
    visit(student, f"{app_url}/feed?room={code}")
    line(student, code)
    student.goto(f"{app_url}/?lesson=memory.2")
    panel = student.get_by_test_id("gv-lesson")
    options = panel.locator("button[data-act=option]")
    expect(options.first).to_have_attribute("aria-pressed", "false")
    expect(panel).to_contain_text("Make a guess. Your teacher will show the result.")
    expect(panel.get_by_role("button", name="Show everything")).to_have_count(1)
    expect(panel.get_by_role("button", name="Leave the lesson")).to_have_count(0)
    options.nth(0).click()
    expect(options.nth(0)).to_have_attribute("aria-pressed", "true")
    expect(panel).to_contain_text(LATER)
    options.nth(1).click()
    expect(options.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(options.nth(0)).to_have_attribute("aria-pressed", "false")
    chosen = options.nth(1).get_attribute("data-option")
    expect(panel.locator(".gv-lesson-verdict")).to_have_count(0)
    panel.get_by_role("button", name="Next").click()
    expect(panel).to_contain_text("Your teacher hasn’t shown the result yet.")
    check_in_both_themes(student)
    asked = board(teacher).locator("section[data-kind=check]")
    expect(asked).to_have_attribute("data-people", "1")
    student.reload()  # the tab remembers the answer, and the lesson waits
    expect(panel.locator("button[aria-pressed=true]")).to_have_count(1)
    lead = line(teacher, code)
    visit(teacher, f"{app_url}/?lesson=memory.2")
    projected = teacher.get_by_test_id("gv-lesson")
    counts = re.compile("Answers so far: 1 of 1")
    expect(lead).to_contain_text(counts)
    projected.get_by_role("button", name="Back").click()
    expect(projected).to_have_attribute("data-step", "1")
    expect(lead).not_to_contain_text(counts)  # this step asks nothing
    expect(lead).to_contain_text("Results are held back.")
    settle(teacher)
    projected.get_by_role("button", name="Next").click()
    expect(lead).to_contain_text(counts)
    expect(projected).to_contain_text("When students have guessed, press Show results.")
    lead.get_by_role("button", name="Show results").click()
    expect(lead).to_contain_text("Results shown. New questions are held back.")
    expect(projected.locator("[data-mark=right]")).to_have_count(1)
    expect(projected.locator(".gv-lesson-verdict")).to_have_count(1)
    expect(projected).not_to_contain_text(re.compile(r"Not quite|Right\.|your answer"))
    expect(panel.locator(".gv-lesson-verdict")).to_have_count(1)
    expect(panel).to_contain_text("Make a guess. Your teacher will show the result.")
    expect(panel.locator("[data-mark] small").filter(has_text="your answer")).to_have_count(1)
    assert chosen
    expect(student).to_have_url(re.compile(rf"chose=memory\.2\.{chosen}"))


def test_the_players_of_a_class_show_what_the_teachers_player_shows(
    new_page: Callable[..., Page], app_url: str
) -> None:
    teacher, student, code = with_student(new_page, app_url)
    lead, note = line(teacher, code), line(student, code)
    mirror = lead.get_by_role("button", name="Move their players")
    expect(mirror).to_be_disabled()
    lead.get_by_role("button", name="Follow me").click()
    teacher.get_by_test_id("stTopNavLink").filter(has_text="What if?").click()
    expect(heading(student)).to_have_text("What if?")
    mirror.click()
    expect(note).to_contain_text("You follow the teacher, whose player moves yours.")
    settle(teacher)
    player(teacher).focus()
    for _ in range(3):
        teacher.keyboard.press("ArrowRight")
    teacher.keyboard.press("ArrowDown")
    step = player(teacher).get_attribute("data-step") or ""
    expect(player(student)).to_have_attribute("data-step", step)
    unit = player(teacher).get_attribute("data-unit") or ""
    expect(player(student)).to_have_attribute("data-unit", unit)
    before = student.url

    late = new_page()
    visit(late, f"{app_url}/feed?room={code}")
    expect(heading(late)).to_have_text("What if?")
    expect(player(late)).to_have_attribute("data-step", step)

    player(student).focus()
    student.keyboard.press("ArrowRight")
    expect(player(student)).to_have_attribute("data-step", str(int(step) + 1))
    player(teacher).focus()
    teacher.keyboard.press("ArrowRight")
    teacher.keyboard.press("ArrowRight")
    expect(player(student)).to_have_attribute("data-step", str(int(step) + 2))
    assert before.split("?")[0] == student.url.split("?")[0]

    mirror.click()
    expect(note).to_contain_text("You follow the teacher.")
    player(teacher).focus()
    teacher.keyboard.press("ArrowLeft")
    expect(player(teacher)).to_have_attribute("data-step", str(int(step) + 1))
    student.wait_for_timeout(1_500)
    expect(player(student)).to_have_attribute("data-step", str(int(step) + 2))


CUT = """
const Whole = window.WebSocket;
const rooms = [];
window.connectRooms = true;
window.cutRooms = () => { window.connectRooms = false; for (const one of rooms) one.close(); };
window.WebSocket = class extends Whole {
  constructor(url, protocols) {
    const isRoom = String(url).includes("/rooms/");
    if (isRoom && !window.connectRooms) {
      const dead = { readyState: Whole.CLOSED, close() {}, send() {} };
      setTimeout(() => dead.onclose?.({ code: 1006 }), 50);
      return dead;
    }
    super(url, protocols);
    if (isRoom) rooms.push(this);
  }
};
"""
LOST = "The connection is lost. Trying again …"


def with_cut(new_page: Callable[..., Page], app_url: str) -> tuple[Page, Page, Locator]:
    """Return a teacher whose connection can be cut, a student, and the teacher's bar."""
    teacher, student = new_page(locale="en-GB"), new_page()
    teacher.add_init_script(CUT)
    code = open_room(teacher, app_url)
    visit(student, f"{app_url}/feed?room={code}")
    line(student, code)
    return teacher, student, line(teacher, code)


def test_a_click_that_never_reached_the_server_does_not_stay_on_the_screen(
    new_page: Callable[..., Page], app_url: str
) -> None:
    teacher, student, lead = with_cut(new_page, app_url)
    hold = lead.get_by_role("button", name="Hold results")
    hold.click()
    expect(student.get_by_test_id("stMain")).to_contain_text("Your teacher will show the result.")
    teacher.evaluate("cutRooms()")
    expect(lead).to_contain_text(LOST)
    eyes = lead.get_by_role("button", name="Eyes up")
    eyes.click()
    expect(eyes).to_have_attribute("aria-pressed", "true")
    guess(student, "f")
    teacher.evaluate("connectRooms = true")
    expect(lead).to_contain_text("Answers so far: 1 of 1.")
    expect(eyes).to_have_attribute("aria-pressed", "false")
    expect(lead).not_to_contain_text(LOST)


def test_a_page_that_the_teacher_opens_without_a_connection_is_followed_later(
    new_page: Callable[..., Page], app_url: str
) -> None:
    teacher, student, lead = with_cut(new_page, app_url)
    lead.get_by_role("button", name="Follow me").click()
    teacher.get_by_test_id("stTopNavLink").filter(has_text="What if?").click()
    expect(heading(student)).to_have_text("What if?")
    settle(teacher)
    teacher.evaluate("cutRooms()")
    expect(lead).to_contain_text(LOST)
    teacher.get_by_test_id("stTopNavLink").filter(has_text="Train live").click()
    expect(heading(teacher)).to_have_text("Train live")
    settle(teacher)
    teacher.wait_for_timeout(1_500)  # the bar has looked at the address
    teacher.evaluate("connectRooms = true")
    expect(heading(student)).to_have_text("Train live")


def test_no_key_answers_a_lesson_that_a_pause_covers(
    new_page: Callable[..., Page], app_url: str
) -> None:
    teacher = new_page()
    code = open_room(teacher, app_url)
    student = new_page()
    visit(student, f"{app_url}/feed?room={code}")
    line(student, code)
    student.goto(f"{app_url}/?lesson=memory.2")
    panel = student.get_by_test_id("gv-lesson")
    options = panel.locator("button[data-act=option]")
    expect(options.first).to_be_visible()
    settle(student)
    eyes = line(teacher, code).get_by_role("button", name="Eyes up")
    eyes.click()
    pause = student.locator(".gv-room-pause")
    expect(pause).to_be_visible()
    for key in ("1", "1", "PageDown"):
        student.keyboard.press(key)
        student.wait_for_timeout(300)
    settle(student)
    expect(panel).to_have_attribute("data-step", "2")
    assert "chose=" not in student.url
    eyes.click()
    expect(pause).to_be_hidden()

    def is_answered() -> bool:
        student.keyboard.press("1")  # if the question is out of sight, the first one only scrolls
        return "chose=memory" in student.url

    wait_until(student, is_answered)
