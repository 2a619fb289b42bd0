"""A class in three browsers: a teacher opens a room, two students join and guess."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, parse_qsl, urlsplit

from playwright.sync_api import Locator, Page, expect

from gatesviz.ui.lessons.address import place_of
from tests.browser.accessibility import check_accessibility, check_in_both_themes
from tests.browser.visiting import GO, settle, visit, wait_until

PHONE = {"width": 390, "height": 844}
BACK = "history.pushState({}, '', 'feed'); dispatchEvent(new PopStateEvent('popstate'))"


def board(page: Page) -> Locator:
    found = page.get_by_test_id("gv-board")
    expect(found).to_have_count(1)
    expect(found).to_have_attribute("data-connected", "true")
    return found


def line(page: Page, code: str) -> Locator:
    found = page.get_by_test_id("gv-room")
    expect(found).to_have_count(1)
    expect(found).to_have_attribute("data-room", code)
    return found


def option(within: Locator, text: str) -> Locator:
    return within.locator(f"li[data-option={text}]")


def heading(page: Page) -> Locator:
    return page.get_by_test_id("stMain").locator("h1")


def open_room(teacher: Page, app_url: str) -> str:
    """Open a room on the page *Class*, and return its code."""
    visit(teacher, f"{app_url}/classroom")
    teacher.get_by_role("button", name="Open a room").click()
    return board(teacher).get_attribute("data-room") or ""


def with_student(new_page: Callable[..., Page], app_url: str) -> tuple[Page, Page, str]:
    """Open a room and let a student join on *Feed*, on a phone. Return both pages and the code."""
    teacher = new_page()
    code = open_room(teacher, app_url)
    student = new_page(viewport=PHONE)
    visit(student, f"{app_url}/feed?room={code}")
    line(student, code)
    return teacher, student, code


def guess(page: Page, letter: str) -> None:
    page.get_by_test_id("stButtonGroup").get_by_text(letter, exact=True).click()


def test_two_students_join_and_their_guesses_appear_on_the_board(
    new_page: Callable[..., Page], app_url: str
) -> None:
    teacher = new_page(color_scheme="light")
    visit(teacher, f"{app_url}/classroom")
    check_in_both_themes(teacher)
    teacher.get_by_role("button", name="Open a room").click()
    shown = board(teacher)
    code = shown.get_attribute("data-room") or ""
    line(teacher, code)
    settle(teacher)
    picture = teacher.get_by_role("img", name=re.compile(f"link to room {code}$"))
    expect(picture).to_have_count(1)
    assert picture.evaluate("image => image.naturalWidth") > 100
    teacher.get_by_role("button", name="Link for the teacher").click()
    own = teacher.get_by_test_id("stPopoverBody").get_by_test_id("stCode").inner_text().strip()
    [key] = parse_qs(urlsplit(own).query)["teach"]
    assert key not in teacher.url
    teacher.keyboard.press("Escape")

    phone = new_page(viewport=PHONE)
    visit(phone, f"{app_url}/feed?t=3&room={code.lower()}")
    expect(line(phone, code)).to_contain_text(
        re.compile(rf"You are in room {code}\. Your name here is \w+ \w+\.")
    )
    expect(phone).to_have_url(re.compile(r"/feed\?(?!.*room=).*t=3"))
    laptop = new_page()
    visit(laptop, f"{app_url}/feed")
    expect(laptop.get_by_test_id("gv-room")).to_have_count(0)
    laptop.get_by_test_id("stTopNavLink").filter(has_text="Class").click()
    laptop.get_by_role("textbox", name="Room code").fill(f"{code[:2]} {code[2:]}")
    laptop.keyboard.press("Enter")
    expect(line(laptop, code)).to_have_attribute("data-teacher", "false")
    expect(shown).to_have_attribute("data-people", "2")
    joined = teacher.get_by_test_id("gv-joined")
    expect(joined).to_have_text("2 students joined")
    expect(joined).to_be_in_viewport()

    laptop.get_by_test_id("stTopNavLink").filter(has_text="Feed a sequence").click()
    guess(phone, "f")
    question = shown.locator("section[data-kind=guess]")
    expect(question).to_have_attribute("data-people", "1")
    guess(laptop, "o")
    expect(question).to_have_attribute("data-people", "2")
    expect(question).to_contain_text("The board shows only how many have guessed.")
    teacher.get_by_role("radio", name="the guesses", exact=True).click()
    expect(option(question, "f")).to_have_attribute("data-count", "1")
    expect(option(question, "o")).to_have_attribute("data-count", "1")
    guess(laptop, "f")
    expect(option(question, "f")).to_have_attribute("data-count", "2")
    expect(question).to_contain_text("Outlined: the first one")
    visit(laptop, f"{app_url}/gradients?grdraw=true&grlen=20")
    laptop.get_by_role("slider", name=re.compile("^Drawn line")).focus()
    laptop.keyboard.press("ArrowDown")
    curves = shown.locator("section[data-kind=curve] [data-curves='1'] polyline")
    expect(curves).to_have_count(2)  # the student's, and the median
    drawn = shown.locator("section[data-kind=curve]")
    low, high = (drawn.locator(one).bounding_box() for one in (".gv-board-ends", "svg"))
    assert low is not None
    assert high is not None
    assert high["height"] > 100
    assert high["y"] + high["height"] <= low["y"]
    teacher.get_by_role("radio", name="the guesses and the right answer").click()
    expect(curves).to_have_count(3)
    expect(option(question, "f")).to_have_attribute("data-count", "2")
    check_in_both_themes(teacher)

    phone.get_by_test_id("gv-room").get_by_role("link", name="Board").click()
    mine = board(phone)
    expect(option(mine, "f")).to_have_attribute("data-count", "2")
    settle(phone)
    check_accessibility(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    teacher.get_by_role("radio", name="only how many have guessed").click()
    expect(mine.locator("section li")).to_have_count(0)
    expect(mine).to_contain_text("The board shows only how many have guessed.")
    expect(shown).to_contain_text("The board shows only how many have guessed.")

    phone.reload()  # the room is found again by the browser's cookie
    line(phone, code).get_by_role("button", name="Leave").click()
    expect(phone.get_by_test_id("gv-room")).to_have_count(0)
    expect(shown).to_have_attribute("data-people", "1")

    with teacher.expect_download() as download:
        teacher.get_by_role("button", name="Download the answers (CSV)").click()
    assert download.value.suggested_filename == f"gatesviz-room-{code}.csv"
    text = download.value.path().read_text(encoding="utf-8")
    assert text.count('"guess"') == 2
    teacher.get_by_role("button", name="End the room").click()
    teacher.get_by_role("button", name="End the room and delete everything").click()
    expect(teacher.get_by_text(f"Room {code} has ended. Its data is deleted.")).to_be_visible()
    expect(teacher.get_by_test_id("gv-room")).to_have_count(0)
    expect(teacher.get_by_role("button", name="Open a room")).to_have_count(1)


def test_screens_follow_their_teacher_and_pause(
    new_page: Callable[..., Page], app_url: str
) -> None:
    teacher, student, code = with_student(new_page, app_url)
    lead, follow = line(teacher, code), line(student, code)
    lead.get_by_role("button", name="Follow me").click()
    expect(follow).to_have_attribute("data-follow", "true")
    expect(heading(student)).to_have_text("Feed a sequence")  # the page Class isn't followed
    teacher.get_by_test_id("stTopNavLink").filter(has_text="What if?").click()
    expect(heading(student)).to_have_text("What if?")
    student.evaluate(BACK)  # as a script of the page before can do that ends late
    expect(heading(student)).to_have_text("Feed a sequence")
    expect(heading(student)).to_have_text("What if?")
    teacher.get_by_role("radio", name="one gate at all steps").click()
    expect(student).to_have_url(re.compile(r"/what_if\?wiview=one\+gate\+at\+all\+steps$"))
    expect(student.get_by_role("radio", name="one gate at all steps")).to_be_checked()

    lead.get_by_role("button", name="Lock").click()
    expect(follow).to_contain_text("The teacher has locked the settings.")
    setting = student.locator(".st-key-wiview")
    expect(setting).to_have_css("opacity", "0.5")
    assert setting.evaluate("(element) => element.inert")
    for _ in range(6):  # a lock holds however often a student opens another address
        student.keyboard.press("Shift")  # a script without a person gives up in the end
        with student.expect_event("framenavigated", lambda frame: frame.url.endswith("/what_if")):
            student.evaluate(GO, f"{app_url}/what_if")
        expect(student).to_have_url(re.compile(r"/what_if\?wiview=one\+gate\+at\+all\+steps$"))
        expect(student.get_by_role("radio", name="one gate at all steps")).to_be_checked()

    lead.get_by_role("button", name="Message").click()
    lead.get_by_role("textbox", name="Your own message").fill("<b>Look</b> here")
    lead.get_by_role("button", name="Eyes up").click()
    pause = follow.get_by_role("dialog", name="Pause")
    expect(pause).to_contain_text("<b>Look</b> here")
    student.keyboard.press("Escape")
    expect(pause).to_be_visible()
    settle(student)
    check_in_both_themes(student)
    late = new_page()
    late.goto(f"{app_url}/?room={code}")
    expect(heading(late)).to_have_text("What if?")
    expect(line(late, code).get_by_role("dialog", name="Pause")).to_be_visible()
    lead.get_by_role("button", name="Eyes up").click()
    expect(pause).to_be_hidden()
    settle(teacher)
    check_in_both_themes(teacher)
    lead.get_by_role("button", name="Follow me").click()
    expect(follow).to_have_attribute("data-follow", "false")
    expect(setting).not_to_have_attribute("data-gv-locked", "")
    student.get_by_role("radio", name="free play").click()
    expect(student).to_have_url(re.compile(r"wiview=free\+play"))
    lead.get_by_role("button", name="Eyes up").click()
    dialog = line(late, code).get_by_role("dialog", name="Pause")
    expect(dialog).to_be_visible()
    lead.get_by_role("link", name="Class page").click()
    teacher.get_by_role("button", name="End the room").click()
    teacher.get_by_role("button", name="End the room and delete everything").click()
    for page in (student, late):  # no screen stays covered
        expect(page.get_by_test_id("gv-room")).to_have_count(0)
        expect(page.get_by_role("dialog", name="Pause")).to_have_count(0)
        expect(page.get_by_test_id("stMain")).to_contain_text(f"Room {code} has ended.")


def seed(page: Page) -> str:
    """Return the seed on *Train live*, once the address has it."""
    field = page.get_by_test_id("stNumberInput").get_by_label("Seed", exact=True)
    expect(field).to_have_value(re.compile(r"^\d+$"))
    settle(page)
    return field.input_value()


def test_who_follows_keeps_the_own_seed_and_begins_a_step_as_its_link_does(
    new_page: Callable[..., Page], app_url: str
) -> None:
    teacher = new_page()
    code = open_room(teacher, app_url)
    students = [new_page(), new_page()]
    for student in students:
        visit(student, f"{app_url}/feed?room={code}")
    lead = line(teacher, code)
    lead.get_by_role("button", name="Follow me").click()
    for student in students:
        expect(line(student, code)).to_contain_text("You follow the teacher.")
    teacher.get_by_test_id("stTopNavLink").filter(has_text="Train live").click()
    for student in students:
        expect(heading(student)).to_have_text("Train live")
    own = [seed(student) for student in students]
    assert len({*own, "0"}) == 3
    for student, value in zip(students, own, strict=True):
        expect(student).to_have_url(re.compile(f"trseed={value}"))
    field = teacher.get_by_test_id("stNumberInput").get_by_label("Seed", exact=True)
    for typed, expected in (("5", ["5", "5"]), ("0", own)):
        field.fill(typed)
        field.press("Enter")
        for student, value in zip(students, expected, strict=True):
            expect(student).to_have_url(re.compile(f"trseed={value}(&|$)"))
            wait_until(student, lambda student=student, value=value: seed(student) == value)

    teacher.get_by_test_id("stTopNavLink").filter(has_text="What if?").click()
    for student in students:
        expect(heading(student)).to_have_text("What if?")
        expect(student).not_to_have_url(re.compile("trseed="))
    teacher.get_by_test_id("stTopNavLink").filter(has_text="Train live").click()
    for student, value in zip(students, own, strict=True):
        expect(student).to_have_url(re.compile(f"trseed={value}(&|$)"))

    student = students[0]
    follow = line(student, code)
    student.get_by_test_id("stTopNavLink").filter(has_text="What if?").click()
    expect(follow).to_contain_text("This screen follows at the teacher’s next move.")
    for place in (place_of("memory.2"), place_of("forgetting.2")):
        visit(teacher, f"{app_url}/{place.href}")
        panel = student.get_by_test_id("gv-lesson")
        expect(panel).to_have_attribute("data-lesson", place.lesson.name)
        expect(panel).to_have_attribute("data-step", "2")
        settle(student)
        found = dict(parse_qsl(urlsplit(student.url).query))
        assert {**found, **place.query} == found, "the view of the step"
        assert "got" not in found
        panel.locator("[data-option]").first.click()
        expect(student).to_have_url(re.compile(rf"got={place.lesson.name}\.[01]-+"))
    typed = student.url.replace("lesson=forgetting.2", "lesson=memory.1")
    lead = line(teacher, code)
    lead.get_by_role("button", name="Follow me").click()
    expect(follow).to_have_attribute("data-follow", "false")
    visit(student, typed)
    expect(panel).to_have_attribute("data-lesson", "memory")
    expect(student).not_to_have_url(re.compile("got=|chose="))


def test_a_presented_room_offers_its_answers_before_it_ends(
    new_page: Callable[..., Page], app_url: str
) -> None:
    teacher = new_page()
    open_room(teacher, app_url)
    visit(teacher, f"{app_url}/classroom?present=1")
    table = teacher.get_by_role("button", name="Download the answers (CSV)")
    expect(table).to_be_visible()
    teacher.get_by_role("button", name="End the room").click()
    expect(teacher.get_by_test_id("stPopoverBody").get_by_role("button")).to_have_count(2)
    teacher.get_by_role("button", name="End the room and delete everything").click()
    expect(teacher.get_by_role("button", name="Open a room")).to_have_count(1)


def test_a_lock_reaches_what_changes_settings_without_being_one(
    new_page: Callable[..., Page], app_url: str
) -> None:
    """A button, a slider of a weight, a step: each would change the address, which goes back."""
    teacher, student = new_page(), new_page()
    code = open_room(teacher, app_url)
    visit(student, f"{app_url}/train?trhidden=3&room={code}")
    follow = line(student, code)
    student.get_by_role("button", name="More controls").click()
    student.get_by_role("button", name="Train 1 update", exact=True).click()
    student.keyboard.press("Escape")
    expect(student.get_by_test_id("stMain")).to_contain_text("after 1 update")
    visit(teacher, f"{app_url}/train?trhidden=4")
    lead = line(teacher, code)
    lead.get_by_role("button", name="Follow me").click()
    back = student.get_by_role("button", name="Back to 3 hidden units")
    expect(back).to_have_count(1)
    assert not is_inert(back)
    lead.get_by_role("button", name="Lock").click()
    expect(follow).to_contain_text("The teacher has locked the settings.")
    settle(student)

    def check(*labels: str) -> None:
        """Check that these are switched off, and look so."""
        for label in labels:
            one = student.get_by_text(label, exact=True).first
            wait_until(student, lambda one=one: is_inert(one))  # type: ignore[misc]
            around = one.locator("xpath=ancestor::*[@data-gv-locked][1]")
            expect(around).to_have_css("opacity", "0.5")

    check("Back to 3 hidden units", "A run that you saved on this page")
    start = student.get_by_role("button", name="Start", exact=True)
    assert not is_inert(start), "runs are no settings"
    check_in_both_themes(student)
    student.get_by_role("button", name="More controls").click()
    check("Learning rate from now on")
    student.keyboard.press("Escape")
    for address, labels in (
        (
            "inside?challenge=forget-bias",
            ("Step", "Start over", "Input x", "Load the given weights"),
        ),
        ("feed?text=a+list", ("Let the model write 200 characters",)),
    ):
        visit(teacher, f"{app_url}/{address}")
        expect(student).to_have_url(re.compile(re.escape(address)))
        settle(student)
        check(*labels)
        if "inside" in address:
            student.keyboard.press("s")  # the key of "Step"
            student.wait_for_timeout(1_000)
            settle(student)
            expect(student.get_by_test_id("stMain")).to_contain_text("Step 0 of at most")
    lead.get_by_role("button", name="Lock").click()
    expect(student.locator("[data-gv-locked]")).to_have_count(0)


def is_inert(one: Locator) -> bool:
    """Return whether an element, or one around it, is switched off."""
    return bool(one.evaluate("(element) => Boolean(element.closest('[inert]'))"))
