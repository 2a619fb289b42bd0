"""The clock: buttons, keys, slider, speed; what data-… says is where the player stands."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from gatesviz.player.payload import Panel, Selection
from tests.browser.player.conftest import Show, standing
from tests.player.making import quiet, traces

LAST = 29  # of `quiet`


def press(root: Locator, *names: str) -> None:
    for name in names:
        root.locator(f"[data-action={name}]").click()


def play_for(page: Page, milliseconds: int) -> None:
    """Press play and let the page's own clock run, which `held` has stopped."""
    page.locator("[data-action=play]").click()
    page.clock.run_for(milliseconds)


@pytest.fixture
def held(stopped_clock: None, page: Page) -> Page:
    """The test's page, on which time passes only when the test says so."""
    return page


def test_it_says_where_it_stands(show: Show) -> None:
    root = show(quiet(), select=Selection(step=7, unit=2, lane="f"))
    data = root.evaluate("root => ({...root.dataset})")
    wanted = {"step": "7", "steps": "30", "unit": "2", "playing": "false", "cell": "lstm"}
    assert data == wanted | {"panel": "0", "lane": "f", "testid": "gv-player", "edits": "[]"}


def test_a_selection_from_outside_is_cut_to_what_is_there(show: Show) -> None:
    root = show(quiet(), select=Selection(step=10_000, unit=99, panel=5, lane="?"))
    assert standing(root) == (LAST, 3, False)


def test_the_buttons(show: Show) -> None:
    root = show(quiet())
    seen = []
    for name in ("step", "step", "back", "last", "step", "first", "back"):
        press(root, name)
        seen.append(standing(root)[0])
    assert seen == [1, 2, 1, LAST, LAST, 0, 0]


def test_it_plays_pauses_and_goes_on(held: Page, show: Show) -> None:
    root = show(quiet())
    play_for(held, 1_100)  # at 5 steps a second
    step, _, playing = standing(root)
    assert playing
    assert step == 5
    expect(root.locator("[data-action=play]")).to_have_attribute("aria-label", "Pause (space)")
    press(root, "play")
    held.clock.run_for(2_000)
    assert standing(root) == (5, 0, False)
    play_for(held, 1_100)
    assert standing(root)[0] == 10


def test_it_stops_at_the_end_and_starts_again_from_the_first(held: Page, show: Show) -> None:
    root = show(quiet())
    press(root, "last", "back", "back")
    play_for(held, 1_000)
    assert standing(root) == (LAST, 0, False)
    play_for(held, 500)
    assert standing(root) == (2, 0, True)


@pytest.mark.parametrize(("speed", "steps"), [(1, 2), (10, 20), (60, LAST)])
def test_the_speed_is_in_steps_a_second(held: Page, show: Show, speed: int, steps: int) -> None:
    root = show(quiet())
    root.get_by_label("Speed").select_option(str(speed))
    play_for(held, 2_050)
    assert standing(root)[0] == steps


def test_a_step_by_hand_ends_playing(held: Page, show: Show) -> None:
    root = show(quiet())
    play_for(held, 500)
    press(root, "step")
    assert standing(root) == (3, 0, False)


def test_the_slider(show: Show) -> None:
    root = show(quiet())
    slider = root.get_by_role("slider", name="Step")
    slider.fill("17")
    assert standing(root)[0] == 17
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^step 17\b"))
    press(root, "step")
    expect(slider).to_have_value("18")


KEYS = ["ArrowRight", "ArrowRight", "ArrowLeft", "End", "Home", "ArrowDown", "ArrowDown", "ArrowUp"]
AFTER_KEYS = [(1, 0), (2, 0), (1, 0), (LAST, 0), (0, 0), (0, 1), (0, 2), (0, 1)]


@pytest.mark.parametrize("focus", [None, "[data-action=last]", ".gv-scrub", ".gv-lane-label"])
def test_the_keys_work_wherever_the_focus_is(show: Show, focus: str | None) -> None:
    root = show(quiet())
    (root if focus is None else root.locator(focus).first).focus()
    seen = []
    for key in KEYS:
        root.page.keyboard.press(key)
        seen.append(standing(root)[:2])
    assert seen == AFTER_KEYS


@pytest.mark.parametrize("focus", [None, ".gv-scrub"])
def test_space_plays_and_pauses(show: Show, focus: str | None) -> None:
    root = show(quiet())
    (root if focus is None else root.locator(focus)).focus()
    root.page.keyboard.press(" ")
    assert standing(root)[2]
    root.page.keyboard.press(" ")
    assert not standing(root)[2]


def test_space_on_a_button_presses_that_button_only(show: Show) -> None:
    root = show(quiet())
    root.locator("[data-action=step]").focus()
    root.page.keyboard.press(" ")
    assert standing(root) == (1, 0, False)
    root.get_by_label("show the arithmetic").focus()
    root.page.keyboard.press(" ")
    assert standing(root) == (1, 0, False)
    expect(root.get_by_label("show the arithmetic")).to_be_checked()


def test_a_menu_keeps_its_own_keys(show: Show) -> None:
    root = show(quiet())
    menu = root.get_by_label("Speed")
    menu.focus()
    root.page.keyboard.press("ArrowDown")
    expect(menu).to_have_value("10")
    assert standing(root) == (0, 0, False)


def test_the_unit_is_typed_too(held: Page, show: Show) -> None:
    root = show(quiet())
    field = root.get_by_label("Unit", exact=True)
    ending = "doesn’t exist: units are 0 to 3. The player shows unit"
    for typed, unit, said in (
        ("2", 2, ""), ("99", 3, f"Unit 99 {ending} 3."), ("1", 1, ""),
        ("-4", 0, f"Unit −4 {ending} 0."),
        ("", 0, "Type the number of a unit: units are 0 to 3. The player shows unit 0."),
    ):  # fmt: skip
        field.fill(typed)
        field.press("Tab")
        expect(root.locator(".gv-unit-note")).to_have_text(said)
        assert standing(root)[1] == unit
        expect(field).to_have_value(str(unit))


def test_typing_a_unit_is_left_alone_while_it_plays(held: Page, show: Show) -> None:
    root = show(quiet(hidden=20))
    play_for(held, 100)
    root.get_by_label("Unit", exact=True).press_sequentially("1")
    held.clock.run_for(1_000)
    root.get_by_label("Unit", exact=True).press_sequentially("2")
    root.page.keyboard.press("Tab")
    assert standing(root)[1:] == (12, True)


def test_a_backward_direction_plays_from_the_last_step_to_the_first(held: Page, show: Show) -> None:
    root = show(traces()["lstm, backward"])
    expect(root.locator(".gv-title")).to_contain_text("reads from the last step to the first")
    assert standing(root)[0] == 0
    play_for(held, 500)
    assert standing(root)[0] == 9
    held.clock.run_for(2_000)
    assert standing(root) == (0, 0, False)
    press(root, "first")
    assert standing(root)[0] == 11
    press(root, "step")
    assert standing(root)[0] == 10


def test_three_panels_have_one_clock_and_a_unit_each(show: Show) -> None:
    every = traces()
    root = show([Panel(every[name]) for name in ("rnn", "lstm", "gru")])
    columns = root.locator(".gv-column")
    assert root.get_attribute("data-cell") == "rnn_tanh"
    root.focus()
    root.page.keyboard.press("ArrowDown")
    columns.nth(2).locator(".gv-title").click()
    assert root.get_attribute("data-cell") == "gru"
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        root.page.keyboard.press(key)
    assert standing(root) == (1, 2, False)
    columns.nth(0).locator(".gv-title").click()
    assert standing(root) == (1, 1, False)
    for column, name in enumerate(("rnn", "lstm", "gru")):
        shown = columns.nth(column).locator("[data-lane=h] .gv-lane-value").inner_text()
        after = every[name].after("h")[1, (1, 0, 2)[column]]
        assert float(shown.replace("−", "-")) == pytest.approx(after, abs=6e-4)


def test_reduced_motion_makes_the_cursor_jump(new_page: Callable[..., Page], show_on: Show) -> None:
    glided = {}
    for motion in ("no-preference", "reduce"):
        page = new_page(reduced_motion=motion, stopped_clock=True)
        root = show_on(page, quiet())
        page.locator("[data-action=play]").click()
        places = set()
        for _ in range(13):
            page.clock.run_for(58)
            cursor = "root => parseFloat(root.querySelector('.gv-cursor').style.left)"
            places.add(root.evaluate(cursor) * 30 / 100)
        assert standing(root)[0] == 3
        glided[motion] = {round(place, 3) for place in places if abs(place - round(place)) > 1e-3}
    assert len(glided["no-preference"]) > 4
    assert glided["reduce"] == set()
