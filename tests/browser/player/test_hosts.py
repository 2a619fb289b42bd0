"""The player inside a host: a notebook's widget, new data under way, and taking it off again."""

import base64
from typing import Any

import pytest
import torch
from playwright.sync_api import Page, expect
from torch import nn

from gatesviz.player import notebook
from gatesviz.player.payload import Panel, Selection, payload
from gatesviz.recordings import record
from gatesviz.recordings.edits import Edit
from gatesviz.traces import Trace
from tests.browser.player.conftest import standing
from tests.browser.player.test_editing import set_value
from tests.player.making import by_hand, quiet, traces

pytest.importorskip("anywidget")

HOST = """async ([esm, css, sent]) => {
  const view = (text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const odd = new Uint8Array(bytes.length + 3); // a view into a larger buffer, oddly placed
    odd.set(bytes, 3);
    return new DataView(odd.buffer, 3, bytes.length);
  };
  const url = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
  const widget = (await import(url)).default;
  const style = document.createElement("style");
  style.textContent = css;
  const root = document.createElement("div");
  document.body.replaceChildren(style, root);
  const model = {
    traits: { payload: view(sent), selection: {} }, listeners: [], saved: [],
    get(name) { return this.traits[name]; },
    set(name, value) { this.traits[name] = value; },
    save_changes() { this.saved.push({ ...this.traits.selection }); },
    on(event, listener) { this.listeners.push([event, listener]); },
    off(event, listener) { this.listeners = this.listeners.filter((one) => one[1] !== listener); },
  };
  const leave = widget.render({ model, el: root });
  const send = (text) => {
    model.traits.payload = view(text);
    for (const [event, listener] of model.listeners) if (event === "change:payload") listener();
  };
  window.host = { model, leave, send };
}"""


class Host:
    """A notebook's side of the widget, played by a page."""

    def __init__(self, page: Page, *panels: Panel) -> None:
        state = notebook.widget(panels).get_state()
        page.goto("about:blank")
        page.evaluate(HOST, [state["_esm"], state["_css"], text(panels)])
        self.page, self.root = page, page.get_by_test_id("gv-player")
        expect(self.root).to_have_count(1)

    def send(self, *panels: Panel, select: Selection | None = None) -> None:
        self.page.evaluate("sent => host.send(sent)", text(panels, select))

    def saved(self) -> list[Any]:
        self.page.clock.run_for(400)
        return list(self.page.evaluate("host.model.saved"))


def text(panels: tuple[Panel, ...], select: Selection | None = None) -> str:
    return base64.b64encode(payload(panels, select=select)).decode()


@pytest.fixture
def host(stopped_clock: None, page: Page) -> Host:
    return Host(page, Panel(quiet()))


def other(trace: Trace, steps: int) -> Trace:
    """Return a trace like ``trace`` with other numbers."""
    return by_hand([[0.5] * trace.hidden_size] * steps)


def test_the_player_appears_and_reports_where_the_reader_rests(host: Host) -> None:
    assert standing(host.root) == (0, 0, False)
    assert host.saved() == []  # nothing is said before anyone touched it
    host.root.locator("[data-action=step]").click()
    host.root.focus()
    host.page.keyboard.press("ArrowDown")
    place = {"step": 1, "unit": 1, "panel": 0, "lane": "c"}
    own = {"order": "index", "span": 0, "speed": 5, "sums": False, "reverse": False, "until": 0}
    own |= {"edits": ""}
    assert host.saved() == [place | own]
    host.root.get_by_label("Order of units").select_option("mean")
    host.root.get_by_label("Speed").select_option("20")
    host.root.get_by_label("show the arithmetic").check()
    assert host.saved()[-1] == place | own | {"order": "mean", "speed": 20, "sums": True}


def test_nothing_is_reported_while_it_plays(host: Host) -> None:
    host.root.locator("[data-action=play]").click()
    host.page.clock.run_for(2_000)
    host.root.focus()
    host.page.keyboard.press("ArrowDown")
    assert host.saved() == []
    host.page.keyboard.press(" ")
    (said,) = host.saved()
    assert (said["step"], said["unit"]) == standing(host.root)[:2]
    assert said["step"] > 8


def test_the_same_data_again_changes_nothing(host: Host) -> None:
    host.root.get_by_role("slider", name="Step").fill("9")
    host.root.locator("[data-action=play]").click()
    host.page.clock.run_for(450)
    mark = "root => { root.querySelector('.gv-words').marked = true; }"
    host.root.evaluate(mark)
    host.send(Panel(quiet()))
    assert host.root.evaluate("root => root.querySelector('.gv-words').marked")
    assert standing(host.root) == (11, 0, True)


def test_new_data_keeps_the_step_the_unit_and_playing(host: Host) -> None:
    host.root.get_by_role("slider", name="Step").fill("9")
    host.root.focus()
    host.page.keyboard.press("ArrowDown")
    host.root.get_by_label("show the arithmetic").check()
    host.root.get_by_label("Steps shown").select_option("25")
    host.root.locator("[data-action=play]").click()
    host.page.clock.run_for(450)
    host.send(Panel(other(quiet(), 40)))
    assert standing(host.root) == (11, 1, True)
    assert host.root.get_attribute("data-steps") == "40"
    host.page.clock.run_for(450)
    assert standing(host.root) == (13, 1, True)
    expect(host.root.get_by_label("show the arithmetic")).to_be_checked()
    expect(host.root.get_by_label("Steps shown")).to_have_value("25")
    expect(host.root.locator(".gv-terms").first).to_be_visible()


FOCUS = "root => root.getRootNode().activeElement.getAttribute('aria-label')"
MARK = """root => { window.before = [...root.querySelectorAll("*:not(.gv-legend *)")]; }"""
KEPT = "root => before.length > 50 && before.every((one) => root.contains(one))"


def test_numbers_of_the_same_shape_change_under_the_readers_hand(host: Host) -> None:
    root, page = host.root, host.page
    root.evaluate(MARK)
    root.get_by_label("Unit", exact=True).press_sequentially("2")  # typed, not yet taken
    send_gate(host, 0.25)
    assert root.evaluate(FOCUS) == "Unit"
    page.keyboard.press("Tab")
    assert standing(root)[1] == 2
    for name, step in ((".gv-scrub", 22), (".gv-axis", 22), ("[data-lane=f] .gv-heat", 22)):
        box = root.locator(name).bounding_box()
        assert box is not None
        y = box["y"] + box["height"] / 2
        root.locator("[data-action=first]").click()
        page.mouse.move(box["x"] + 8, y)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.3, y)
        send_gate(host, 0.75)
        page.mouse.move(box["x"] + box["width"] * 0.75, y)
        page.mouse.up()
        assert standing(root)[0] == pytest.approx(step, abs=1), name
    expect(root.locator("[data-lane=f] .gv-lane-value")).to_have_text("0.750")
    expect(root.locator(".gv-words")).to_contain_text("f = 0.750 keeps 75.0 %")
    drawn = root.locator("[data-lane=f] .gv-heat").evaluate(MIDDLE)
    send_gate(host, 0.25)
    assert root.locator("[data-lane=f] .gv-heat").evaluate(MIDDLE) != drawn
    expect(root.locator(".gv-title > span")).to_have_text("gate 0.25")
    assert root.evaluate(KEPT)


MIDDLE = """canvas => [...canvas.getContext("2d")
  .getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data]"""


def send_gate(host: Host, value: float) -> None:
    host.send(Panel(by_hand([[value] * 4] * 30), title=f"gate {value}"))


def test_what_the_reader_chose_before_the_host_moved_the_player_is_not_reported(host: Host) -> None:
    host.root.locator("[data-action=step]").click()
    host.page.clock.run_for(100)
    host.send(Panel(quiet()), select=Selection(step=9, turn=1))
    assert standing(host.root) == (9, 0, False)
    assert host.saved() == []


def test_a_row_that_the_reader_chose_is_none_after_the_host_has_moved_the_player(
    host: Host,
) -> None:
    """An edit of a gate then chooses the row in which its effect is seen best."""
    found = record(nn.LSTM(1, 3), torch.linspace(-1, 1, 12)[:, None])
    panel = Panel(found.trace(), network=found.traces)
    host.send(panel)
    host.root.locator("[data-lane=c] .gv-lane-label").click()
    host.root.get_by_role("button", name="Edit", exact=True).click()
    set_value(host.root, "o", "0")
    assert host.saved()[-1]["lane"] == "c"
    host.send(panel, select=Selection(step=9, lane="c", edits="f@3=0"))
    set_value(host.root, "o", "0")
    assert host.saved()[-1]["lane"] == "h"


def test_shorter_and_narrower_data_keeps_what_is_left(host: Host) -> None:
    host.root.locator("[data-action=last]").click()
    host.root.focus()
    for _ in range(3):
        host.page.keyboard.press("ArrowDown")
    host.send(Panel(by_hand([[0.5, 0.5]] * 6)))
    assert standing(host.root) == (5, 1, False)
    host.send(Panel(traces()["gru"]), Panel(traces()["rnn"]))
    assert host.root.get_attribute("data-cell") == "gru"
    assert host.root.locator(".gv-column").count() == 2


def test_it_can_be_taken_off(host: Host) -> None:
    host.root.locator("[data-action=play]").click()
    host.page.clock.run_for(450)
    host.page.evaluate("host.leave()")
    step = host.root.get_attribute("data-step")
    host.page.clock.run_for(2_000)
    host.page.keyboard.press("End")
    assert host.root.get_attribute("data-step") == step
    assert host.saved() == []
    assert host.page.evaluate("host.model.listeners.length") == 0


def test_a_recording_with_other_edits_replaces_the_edits(host: Host) -> None:
    module, x = nn.LSTM(1, 3), torch.linspace(-1, 1, 12)[:, None]
    with torch.no_grad():
        for k, weight in enumerate(module.parameters()):
            weight.copy_(torch.linspace(-1, 1, weight.numel()).view(weight.shape) * (1 + k / 4))
    shown = []
    for value in (0.25, 0.75):
        found = record(module, x, edits=[Edit("f", value)])
        edits = [edit.to_dict(1) for edit in found.edits]
        shown.append(Panel(found.trace(), network=found.traces, edits=edits))
    value = host.root.locator("[data-lane=f] .gv-lane-value")
    for panel, text_ in zip(shown, ("0.250", "0.750"), strict=True):
        host.send(panel)
        expect(value).to_have_text(text_)
    host.root.get_by_role("button", name="Reset").click()
    host.send(shown[1])
    assert host.root.get_attribute("data-edits") == "[]"
    assert value.inner_text() not in ("0.250", "0.750")
