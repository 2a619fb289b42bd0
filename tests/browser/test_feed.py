"""The page "Feed a sequence" as a reader uses it."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from gatesviz.sequences.respelling import respell
from gatesviz.trained import load_trained
from tests.browser.accessibility import check_in_both_themes
from tests.browser.visiting import settle, visit

HOSTILE = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "![a](http://example.org/a.png) [b](http://example.org) ${{7*7}} :smile: :streamlit:",
    "www.evil.example https://evil.example/x me@evil.example",
    "a -> b -- c >= d $$\\input{x}$$ **bold** `code`",
]


def player(page: Page) -> Locator:
    root = page.get_by_test_id("gv-player")
    expect(root).to_have_count(1)  # while a page is drawn again, the old one is there, too
    root.wait_for()
    return root


def still(page: Page) -> Locator:
    """The player, paused by its own key."""
    root = player(page)
    root.focus()
    if root.get_attribute("data-playing") == "true":
        page.keyboard.press("Space")
    expect(root).to_have_attribute("data-playing", "false")
    return root


def test_the_first_screen_plays_a_trained_lstm_by_itself(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/feed")
    root = player(page)
    expect(root).to_have_attribute("data-cell", "lstm")
    expect(root).to_have_attribute("data-playing", "true")
    expect(root).to_have_attribute("data-steps", str(len(load_trained("recall-lstm").example)))
    expect(root).not_to_have_attribute("data-step", "0")


def test_it_keeps_still_for_who_wants_less_motion(
    new_page: Callable[..., Page], app_url: str
) -> None:
    page = new_page(reduced_motion="reduce")
    visit(page, f"{app_url}/feed")
    expect(player(page)).to_have_attribute("data-playing", "false")


def test_nothing_is_sent_while_it_plays(page: Page, app_url: str) -> None:
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    visit(page, f"{app_url}/feed")
    root = player(page)
    settle(page)
    sent.clear()
    first = root.get_attribute("data-step")
    page.wait_for_timeout(1500)
    assert root.get_attribute("data-playing") == "true"
    assert root.get_attribute("data-step") != first
    assert sent == []


def test_unit_and_step_go_into_the_link_and_come_back_from_it(
    new_page: Callable[..., Page], app_url: str
) -> None:
    page = new_page()
    visit(page, f"{app_url}/feed?cell=several+cells&weights=brackets")
    root = still(page)
    page.keyboard.press("Home")
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    page.get_by_role("button", name="update gate z").click()
    page.wait_for_url(re.compile("g=z"))
    assert "t=2" in page.url
    fresh = new_page()
    visit(fresh, page.url)
    again = player(fresh)
    for name in ("step", "unit", "panel", "lane", "cell"):
        expect(again).to_have_attribute(f"data-{name}", root.get_attribute(f"data-{name}") or "")
    expect(again).to_have_attribute("data-cell", "gru")
    expect(again).to_have_attribute("data-playing", "false")


def test_a_new_text_keeps_the_step_and_the_player(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/feed?t=5&u=2")
    root = player(page)
    root.evaluate("root => { root.marked = true }")
    page.get_by_label("Text", exact=True).fill("Bx.x.yz?Cxx?")
    page.keyboard.press("Control+Enter")
    expect(root).to_have_attribute("data-steps", "12")
    expect(root).to_have_attribute("data-step", "5")
    expect(root).to_have_attribute("data-unit", "2")
    assert root.evaluate("root => root.marked"), "the player was mounted anew"


def test_playing_survives_a_rerun(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/feed")
    root = player(page)
    page.get_by_test_id("stButtonGroup").get_by_text("f", exact=True).click()
    expect(page.get_by_text("Standard deviations, in")).to_be_visible()
    expect(root).to_have_attribute("data-playing", "true")


def test_a_page_switch_and_back_returns_to_the_same_step(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/feed?t=5&u=2&text=Bx.x.yz%3FCxx%3F")
    player(page)
    page.get_by_test_id("stTopNavLink").filter(has_text="Inside").click()
    expect(page.get_by_test_id("stMain").locator("h1")).to_have_text("Inside the cell")
    page.get_by_test_id("stTopNavLink").filter(has_text="Feed").click()
    root = player(page)
    expect(root).to_have_attribute("data-steps", "12")
    expect(root).to_have_attribute("data-step", "5")
    expect(root).to_have_attribute("data-unit", "2")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_these_characters(page: Page, app_url: str, text: str) -> None:
    """The fixture `page` also holds that nothing was asked of another host and nothing failed."""
    visit(page, f"{app_url}/feed?src=numbers&cell={quote(text[:40])}")
    player(page)
    page.get_by_label("Numbers", exact=True).fill(text.replace(" ", "_"))
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("The player still shows")).to_be_visible()
    main, sidebar = page.get_by_test_id("stMain"), page.get_by_test_id("stSidebar")
    assert f"cell={text[:40]}" in main.inner_text()
    assert f"“{text.replace(' ', '_')[:30]}" in sidebar.inner_text()
    for part in (main, sidebar):
        assert part.locator("img, a[href*=evil], a[href*=example], strong script").count() == 0


def test_a_hostile_text_is_fed_as_the_letters_that_a_model_knows(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/feed")
    root = player(page)
    page.get_by_label("Text", exact=True).fill(HOSTILE[0])
    page.keyboard.press("Control+Enter")
    known = respell(HOSTILE[0], load_trained("characters-lstm").vocabulary or ()).text
    expect(root).to_have_attribute("data-steps", str(len(known)))
    assert page.get_by_test_id("stMain").locator("img, a[href*=alert]").count() == 0
    assert page.get_by_test_id("stSidebar").locator("img, a[href*=alert]").count() == 0


def test_an_uploaded_table_is_read_and_a_bad_one_named(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/feed?src=table")
    upload = page.locator("input[type=file]")
    upload.set_input_files(
        {"name": "a.csv", "mimeType": "text/csv", "buffer": b"word\nx\ny\n"}  # no numbers
    )
    expect(page.get_by_test_id("stSidebar")).to_contain_text("holds only numbers")
    rows = "day,height\n" + "\n".join(f"2026-01-{k:02},{k * k}" for k in range(1, 29))
    upload.set_input_files({"name": "b.csv", "mimeType": "text/csv", "buffer": rows.encode()})
    root = player(page)
    expect(root).to_have_attribute("data-steps", "28")
    expect(root.locator(".gv-readout")).to_contain_text("2026-01-")


def test_edits_go_into_the_link_and_into_the_offline_file(
    page: Page, new_page: Callable[..., Page], app_url: str, tmp_path: Path
) -> None:
    visit(page, f"{app_url}/feed?t=9&g=f")
    root = player(page)
    expect(root).to_have_attribute("data-engine", re.compile(r"^\d(\.\d)?e-[78]$"))
    root.get_by_role("button", name="Edit", exact=True).click()
    root.get_by_label("In which units").select_option("all")
    root.get_by_label("Value").fill("0")
    root.get_by_label("Value").press("Enter")
    page.wait_for_url(re.compile(r"edits=f(@|%40)9(=|%3D)0"))
    settle(page)
    edits = root.get_attribute("data-edits") or ""
    assert '"steps":[9]' in edits
    fresh = new_page()
    visit(fresh, page.url)
    expect(player(fresh)).to_have_attribute("data-edits", edits)
    root.get_by_label("Unit", exact=True).fill("3")
    root.locator("[data-lane=o] .gv-lane-label").click()
    root.locator("[data-action=step]").click()
    page.wait_for_url(re.compile("t=10"))
    settle(page)
    words = root.locator(".gv-words").inner_text()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the player").click()
    path = tmp_path / "player.html"
    download.value.save_as(path)
    offline = new_page()
    offline.goto(path.as_uri())
    saved = player(offline)
    for name, value in {"edits": edits, "step": "10", "unit": "3", "lane": "o"}.items():
        expect(saved).to_have_attribute(f"data-{name}", value)
    expect(saved.locator(".gv-words")).to_have_text(words)
    saved.get_by_role("button", name="Undo").click()
    expect(saved).to_have_attribute("data-edits", "[]")
    root.get_by_role("button", name="Reset").click()
    page.wait_for_url(lambda url: "edits" not in url)


def test_edit_stops_the_playing_so_that_this_step_is_the_one_that_is_seen(
    page: Page, app_url: str, tmp_path: Path
) -> None:
    visit(page, f"{app_url}/feed")
    root = player(page)
    expect(root.get_by_role("button", name="Pause (space)")).to_be_visible()
    root.get_by_role("button", name="Edit", exact=True).click()
    expect(root.get_by_role("button", name="Play (space)")).to_be_visible()
    step = root.get_attribute("data-step")
    root.get_by_label("Value").fill("0")
    page.wait_for_timeout(1_000)
    root.get_by_label("Value").press("Enter")
    expect(root).to_have_attribute("data-edits", re.compile(rf'"steps":\[{step}\]'))
    page.wait_for_url(re.compile("edits="))
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="LSTM: download as a Python script").click()
    assert f"steps=[{step}]" in download.value.path().read_text()


@pytest.mark.parametrize("query", ["cell=several+cells&t=3", "src=wave&cell=GRU&guess=z&t=3"])
def test_it_is_accessible(page: Page, app_url: str, query: str) -> None:
    visit(page, f"{app_url}/feed?{query}")
    player(page)
    check_in_both_themes(page)


def test_a_phone_shows_it_without_sideways_scrolling(
    new_page: Callable[..., Page], app_url: str
) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    visit(page, f"{app_url}/feed?cell=side+by+side")
    player(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_how_the_player_is_set_is_in_the_link_too(
    new_page: Callable[..., Page], app_url: str
) -> None:
    page = new_page()
    visit(page, f"{app_url}/feed?t=3")
    root = player(page)
    root.get_by_label("Order of units").select_option("likeness")
    root.get_by_label("Speed").select_option("20")
    root.get_by_label("Steps shown").select_option("25")
    root.get_by_label("show the arithmetic").check()
    page.wait_for_url(re.compile("sums=True"))
    fresh = new_page()
    visit(fresh, page.url)
    again = player(fresh)
    expect(again.get_by_label("Order of units")).to_have_value("likeness")
    expect(again.get_by_label("Speed")).to_have_value("20")
    expect(again.get_by_label("Steps shown")).to_have_value("25")
    expect(again.get_by_label("show the arithmetic")).to_be_checked()
    again.get_by_label("show the arithmetic").uncheck()
    fresh.wait_for_url(lambda url: "sums" not in url)


def test_keys_work_at_once_and_after_a_click_on_a_button(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/feed?t=5")
    root = player(page)
    page.keyboard.press("ArrowRight")
    expect(root).to_have_attribute("data-step", "6")
    root.locator("[data-action=first]").click()
    expect(root).to_have_attribute("data-step", "0")
    page.keyboard.press("Space")
    expect(root).to_have_attribute("data-playing", "true")


def test_a_second_layer_does_not_claim_to_read_letters(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/feed?weights=fresh&layers=2&t=5")
    expect(player(page).locator("[data-label=x]")).to_contain_text("8 values")
    visit(page, f"{app_url}/feed?weights=fresh&layers=2&layer=1&t=5")
    expect(player(page).locator("[data-label=x]")).not_to_contain_text("values")


@pytest.mark.parametrize("size", [(1280, 720), (1500, 900), (390, 844)])
@pytest.mark.parametrize("query", ["t=3", "t=3&cell=GRU&weights=brackets"])
def test_an_answer_does_not_push_the_player_down(
    new_page: Callable[..., Page], app_url: str, size: tuple[int, int], query: str
) -> None:
    page = new_page(viewport={"width": size[0], "height": size[1]})
    visit(page, f"{app_url}/feed?{query}")
    root = player(page)
    settle(page)
    top = "root => root.getBoundingClientRect().top + scrollY"
    before = root.evaluate(top)
    letter = "z" if "GRU" in query else "f"
    page.get_by_test_id("stButtonGroup").get_by_text(letter, exact=True).click()
    expect(page.get_by_text("Standard deviations, in")).to_be_visible()
    settle(page)
    assert root.evaluate(top) == pytest.approx(before, abs=1)


def test_a_link_right_after_a_move_of_the_player_leads_on_and_the_move_stays(
    page: Page, app_url: str
) -> None:
    visit(page, f"{app_url}/feed?text=acab&weights=recall&t=0")
    link = page.get_by_test_id("stTopNavLink").filter(has_text="Inside the cell")
    box = link.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.get_by_test_id("gv-player").locator("[data-action=last]").evaluate("it => it.click()")
    page.mouse.down()
    page.mouse.up()
    expect(page.get_by_role("heading", name="Inside the cell")).to_be_visible()
    settle(page)
    page.wait_for_timeout(400)  # the player of before would have sent its step by now
    settle(page)
    expect(page.get_by_test_id("gv-player")).to_have_attribute("data-steps", "1")
    page.get_by_test_id("stTopNavLink").filter(has_text="Feed a sequence").click()
    expect(page.get_by_test_id("gv-player")).to_have_attribute("data-steps", "4")
    expect(page.get_by_test_id("gv-player")).to_have_attribute("data-step", "3")
