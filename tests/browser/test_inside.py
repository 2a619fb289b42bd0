"""The page "Inside the cell" in a browser."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import check_in_both_themes
from tests.browser.visiting import settle, visit, wait_until

Z_VIEW = "incell=GRU&inview=GRU:+does+z+%3D+1+keep+the+state%3F&inz=keeps+it"


def player(page: Page) -> Locator:
    root = page.get_by_test_id("gv-player")
    expect(root).to_have_count(1)  # while a page is drawn again, the old one is there, too
    root.wait_for()
    return root


def slider(page: Page, name: str) -> Locator:
    return page.locator(f"input[type=range][aria-label='{name}']").first


def value(page: Page, name: str) -> float:
    return float(slider(page, name).get_attribute("aria-valuetext") or "nan")


def link(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def shown(page: Page) -> str:
    """The sentence and the equations of the player."""
    root = player(page)
    return root.locator(".gv-words").inner_text() + root.locator(".gv-equations").inner_text()


@pytest.mark.parametrize("name", ["Input x", "Old c", "W_ii (weight for x)"])
def test_a_slider_moved_by_key_changes_the_step_at_once(
    page: Page, app_url: str, name: str
) -> None:
    visit(page, f"{app_url}/inside?inset=fresh&inx=1")
    at = value(page, name)
    equations = player(page).locator(".gv-equations").text_content() or ""
    slider(page, name).focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(player(page).locator(".gv-equations")).not_to_have_text(equations)
    settle(page)
    assert value(page, name) < at - 0.05


THUMB = """input => { const thumb = input.closest("[data-testid=stSlider]")
  .querySelector("[data-testid=stSliderThumbValue]").parentElement;
  thumb.scrollIntoView({ block: "center" });
  const box = thumb.getBoundingClientRect();
  return [box.left + box.width / 2, box.top + box.height / 2]; }"""


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        *(("Input x", "LSTM"), ("Old h", "LSTM"), ("b_i (b_ii + b_hi)", "LSTM")),
        *(("Old h", "GRU, r first"), ("W_hr (weight for h)", "GRU, r first")),
    ],
)
def test_a_dragged_slider_changes_the_picture_before_the_server_knows(
    page: Page, app_url: str, name: str, cell: str
) -> None:
    """Streamlit sends a slider's value when it is let go. The server then has the same numbers."""
    visit(page, f"{app_url}/inside?incell={cell}&inset=fresh&inseed=2&inpast=1_-2&inx=0.5")
    root, before, asked = player(page), shown(page), link(page)
    x, y = slider(page, name).evaluate(THUMB)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 12, y)
    page.mouse.move(x + 24, y)
    expect(root).to_have_attribute("data-ahead", "true")
    expect(root.locator(".gv-engine")).to_contain_text("from your sliders")
    seen = [before]

    def rests() -> bool:
        """Both moves have been drawn: the picture has changed and stays."""
        seen.append(shown(page))
        return seen[-1] == seen[-2] != before

    wait_until(page, rests)
    ahead, steps = seen[-1], root.get_attribute("data-steps")
    assert steps == ("1" if name == "Old h" else "3")
    assert link(page) == asked
    page.mouse.up()
    expect(root).not_to_have_attribute("data-ahead", "true")
    expect(root.locator(".gv-engine")).not_to_contain_text("from your sliders")
    assert shown(page) == ahead
    assert root.get_attribute("data-steps") == steps
    assert float(root.get_attribute("data-engine") or "nan") < 2e-6
    settle(page)
    assert link(page) != asked


def test_a_step_makes_the_new_state_the_old_one_and_can_be_undone(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/inside")
    root = player(page)
    expect(root).to_have_attribute("data-steps", "1")
    for _ in range(3):
        slider(page, "Input x").press("ArrowRight")
    page.wait_for_url(re.compile("inx=0.4"))
    page.get_by_role("button", name="Step", exact=False).first.click()
    expect(root).to_have_attribute("data-steps", "2")
    expect(root).to_have_attribute("data-step", "1")
    settle(page)
    assert link(page)["inpast"] == ["0.4"]
    assert link(page)["inx"] == ["0.4"]
    after_one = value(page, "Old c")
    assert after_one != 1
    for last_used in (page.get_by_role("heading", name="Inside the cell"), slider(page, "Input x")):
        last_used.focus() if last_used.get_attribute("type") else last_used.click()
        page.keyboard.press("s")
        expect(root).to_have_attribute("data-steps", "3")
        expect(root).to_have_attribute("data-step", "2")
        settle(page)
        page.keyboard.press("z")
        expect(root).to_have_attribute("data-steps", "2")
        assert value(page, "Old c") == after_one
        settle(page)
    page.get_by_role("button", name="Start over").click()
    expect(root).to_have_attribute("data-steps", "1")
    settle(page)
    assert value(page, "Old c") == 1
    page.wait_for_url(lambda url: "inpast" not in url)


def test_a_step_counts_that_the_browser_sends_together_with_the_place_of_the_player(
    page: Page, app_url: str
) -> None:
    visit(page, f"{app_url}/inside?inpast=0.4&t=1")
    root = player(page)
    expect(root).to_have_attribute("data-steps", "2")
    settle(page)
    root.evaluate(
        """player => {
          player.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true }));
          const buttons = [...document.querySelectorAll("button")];
          const step = buttons.find((button) => button.innerText.includes("Step"));
          setTimeout(() => step.click(), 250); // just after the player sends its place
          const end = performance.now() + 400;
          while (performance.now() < end);
        }"""
    )
    expect(root).to_have_attribute("data-steps", "3")
    expect(page.get_by_text("Step 2 of at most 60.")).to_be_visible()


def test_a_cold_link_restores_everything(new_page: Callable[..., Page], app_url: str) -> None:
    page = new_page()
    visit(page, f"{app_url}/inside?incell=GRU&inunits=2&inset=reset&inh=0.25_-0.75")
    page.get_by_role("radio", name="z", exact=True).click()
    settle(page)
    slider(page, "b_z (b_iz + b_hz)").press("ArrowRight")
    settle(page)
    slider(page, "Input x").press("ArrowLeft")
    page.wait_for_url(re.compile("inx="))
    for steps in ("2", "3"):
        page.get_by_role("button", name="Step", exact=False).first.click()
        expect(player(page)).to_have_attribute("data-steps", steps)
    page.wait_for_url(re.compile(r"inpast=[\d.]+_[\d.]+"))
    settle(page)  # a guess belongs to the state that is asked about, here that after the steps
    page.get_by_role("radio", name="some", exact=True).click()
    page.wait_for_url(re.compile("inlose="))
    # the player writes its step and its lane a moment later than the page
    page.wait_for_url(lambda url: "g=h" in url and re.search(r"[?&]t=2(&|$)", url) is not None)
    settle(page)
    asked = link(page)
    assert asked["inset"] == ["own"]
    assert asked["ingate"] == ["z"]
    fresh = new_page()
    visit(fresh, page.url, cold=True)
    expect(player(fresh)).to_have_attribute("data-steps", "3")
    expect(player(fresh)).to_have_attribute("data-step", "2")
    wait_until(page, lambda: shown(fresh) == shown(page))
    for name in ("Input x", "Old h of unit 0", "Old h of unit 1", "b_z (b_iz + b_hz)"):
        assert value(fresh, name) == value(page, name)
    wait_until(fresh, lambda: link(fresh) == link(page))
    for name in ("incell", "inset", "inw", "ingate", "inx", "inpast", "inh", "inlose"):
        assert link(fresh)[name] == asked[name]


def test_a_look_at_another_page_loses_nothing(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/inside?incell=GRU&inset=average&inpast=1_2&inx=1")
    before = shown(page)
    page.get_by_test_id("stTopNavLink").filter(has_text="Feed").click()
    expect(page.get_by_test_id("stMain").locator("h1")).to_have_text("Feed a sequence")
    settle(page)
    page.get_by_test_id("stTopNavLink").filter(has_text="Inside").click()
    expect(page.get_by_test_id("stMain").locator("h1")).to_have_text("Inside the cell")
    expect(player(page)).to_have_attribute("data-steps", "3")
    settle(page)
    assert shown(page) == before
    assert link(page)["inpast"] == ["1_2"]


def test_after_a_step_the_slider_above_can_be_dragged_at_once(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/inside")
    slider = page.get_by_test_id("stSlider").filter(has_text="Input x")
    thumb = slider.get_by_test_id("stSliderThumbValue").locator("..")
    page.get_by_role("button", name="Step", exact=False).first.click()
    expect(page.get_by_text("Step 1 of at most 60.")).to_be_visible()
    page.wait_for_timeout(1_000)  # a tooltip would be open
    box = thumb.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = slider.get_by_role("slider").input_value()
    page.mouse.move(x, y, steps=5)
    page.mouse.down()
    page.mouse.move(x + 60, y, steps=5)
    page.mouse.up()
    expect(slider.get_by_role("slider")).not_to_have_value(before)


def test_the_z_view_is_accessible(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/inside?{Z_VIEW}")
    expect(page.get_by_text("Only one of the three equals PyTorch")).to_be_visible()
    expect(page.locator(".katex").first).to_be_visible()
    check_in_both_themes(page)


@pytest.mark.parametrize("query", ["inunits=2&inpast=1_2_3", Z_VIEW, "incell=RNN&inh=9"])
def test_a_phone_scrolls_in_one_direction_only(
    new_page: Callable[..., Page], app_url: str, query: str
) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    visit(page, f"{app_url}/inside?{query}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_moved_hand_brings_its_step_into_view(page: Page, app_url: str) -> None:
    visit(page, f"{app_url}/inside?inpast=0.4_0.4")
    root = page.get_by_test_id("gv-player")
    expect(root).to_have_attribute("data-step", "2")
    root.locator("[data-action=first]").click()
    expect(root).to_have_attribute("data-step", "0")
    slider(page, "Input x").press("ArrowRight")
    expect(root).to_have_attribute("data-step", "2")


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
@pytest.mark.parametrize("query", ["", "incell=RNN&inset=flip", "incell=GRU&inunits=2"])
def test_an_answer_does_not_push_the_player_down(
    new_page: Callable[..., Page], app_url: str, size: tuple[int, int], query: str
) -> None:
    page = new_page(viewport={"width": size[0], "height": size[1]})
    visit(page, f"{app_url}/inside?{query}")
    root = player(page)
    settle(page)
    top = "root => root.getBoundingClientRect().top + scrollY"
    before = root.evaluate(top)
    page.get_by_role("radio", name="some", exact=True).click()
    expect(page.get_by_text("For x from −3 to 3, it")).to_be_visible()
    settle(page)
    assert root.evaluate(top) == pytest.approx(before, abs=1)
