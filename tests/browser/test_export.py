"""The static pages in a browser, opened from files without a network."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

import gatesviz as gv
from gatesviz.sequences.respelling import respell
from gatesviz.tasks.writing import write_letters
from gatesviz.trained import PackagedModel, load_trained, trained_names
from tests.browser.accessibility import check_accessibility
from tests.exporting import exported

AGREE = 2e-6
TYPED = {
    "recall": "BxyzA..x?..?DDyB?",
    "brackets": "a(b(c))((()))b(",
    "characters": "the object that is returned",
    "wave": "0.1 -0.25 .3 1e-1 0.75 -1",
}
READ = """async typed => {
  const root = document.createElement("div");
  document.body.append(root);
  const text = (id) => document.getElementById(id).textContent;
  const { model: bytes } = await gatesviz.unpack({ model: text("payload") });
  const typing = gatesviz.showTyping(root, bytes, JSON.parse(text("task")));
  typing.field.value = typed;
  const { model: { panels: [panel] }, labels } = typing.read();
  const found = {};
  for (const name of [...panel.gates.map((gate) => gate.letter), ...panel.states, "y"]) {
    const array = panel.arrays[name];
    found[name] = Array.from({ length: array.rows }, (_, row) =>
      Array.from({ length: array.columns }, (_one, column) => array.at(row, column)));
  }
  root.remove();
  return { found, labels };
}"""


@pytest.fixture
def app_url() -> str:
    """Stands for the app's address, so that no app is started: every file is at home here."""
    return "file:"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(tmp_path_factory)


@pytest.fixture
def offline(new_page: Callable[..., Page]) -> Page:
    return new_page(offline=True)


def expected(model: PackagedModel, typed: str) -> dict[str, Any]:
    """What PyTorch computes from the same text or numbers."""
    if model.vocabulary is None:
        inputs = torch.tensor([[float(word)] for word in typed.split()])
    else:
        inputs = torch.eye(len(model.vocabulary))[[model.vocabulary.index(c) for c in typed]]
    recording = gv.record(model.module, inputs)
    trace = recording.trace()
    return {**trace.gates, **trace.states, "y": model.answers(recording.output)}


@pytest.mark.parametrize("name", trained_names())
def test_typed_inputs_are_read_as_pytorch_reads_them(offline: Page, site: Path, name: str) -> None:
    offline.goto((site / f"{name}.html").as_uri())
    player = offline.get_by_test_id("gv-player")
    assert float(player.get_attribute("data-engine") or "nan") <= AGREE
    model = load_trained(name)
    typed = TYPED[name.split("-")[0]]
    found = offline.evaluate(READ, typed)["found"]
    for letter, values in expected(model, typed).items():
        np.testing.assert_allclose(found[letter], values, atol=AGREE, err_msg=letter)


def test_typing_shows_what_was_read_and_says_what_was_not(offline: Page, site: Path) -> None:
    offline.goto((site / "recall-lstm.html").as_uri())
    player, field = offline.get_by_test_id("gv-player"), offline.get_by_label("Type your own text")
    field.fill("Bxé?")
    expect(player).to_have_attribute("data-steps", "3")
    expect(offline.get_by_role("status").first).to_contain_text(
        "Left out: “é”. The model knows “A”"
    )
    expect(player.locator(".gv-engine")).to_contain_text("from what you typed, with more digits")
    field.fill("é")
    expect(offline.get_by_role("status").first).to_contain_text("Type at least 2 characters")
    expect(player).to_have_attribute("data-steps", "3")
    offline.goto((site / "wave-gru.html").as_uri())
    offline.get_by_label("Type your own numbers").fill("1 2 <b>x</b>")
    expect(offline.get_by_role("status").first).to_contain_text("“<b>x</b>” is not a number.")


def test_texts_are_respelled_as_in_python(offline: Page, site: Path) -> None:
    offline.goto((site / "characters-lstm.html").as_uri())
    model = load_trained("characters-lstm")
    assert model.vocabulary is not None
    for typed in (
        "Hello,\n  Wörld",
        "“Curly”\t«quotes» — and dashes",
        "ﬁne ½ 東 ok",
        "  two  spaces ",
    ):
        read = offline.evaluate(READ, typed)["labels"]
        assert "".join(read) == respell(typed, model.vocabulary).text, typed
    offline.get_by_label("Type your own text").fill("My é")
    expect(offline.get_by_role("status").first).to_have_text(
        " ".join(respell("My é", model.vocabulary).notes)
    )


def test_it_writes_the_text_that_the_library_writes(offline: Page, site: Path) -> None:
    offline.goto((site / "characters-lstm.html").as_uri())
    text = load_trained("characters-lstm").continue_text("the class", 12, temperature=1.0, seed=5)
    field = offline.get_by_label("Type your own text")
    field.fill("the class")
    offline.get_by_label("temperature").select_option("1")
    offline.get_by_label("seed").fill("5")
    offline.get_by_role("button", name="Let the model write").click()
    offline.wait_for_function(
        "length => document.getElementById('typed').value.length >= length", arg=len(str(text))
    )
    offline.get_by_role("button", name="Stop writing").click()
    assert field.input_value().startswith(str(text))
    written = len(field.input_value())
    expect(offline.get_by_test_id("gv-player")).to_have_attribute("data-steps", str(written))


def test_the_edited_model_writes_what_its_recording_predicts(offline: Page, site: Path) -> None:
    """Edits stay while it writes, and the letters are those of PyTorch's edited runs."""
    edits = [gv.Edit("f", 0.2), gv.Edit("o", 0.0, steps=11, units=[0, 1, 2])]
    offline.goto(f"{(site / 'characters-lstm.html').as_uri()}#edits=f=0.2,o@11.u0.u1.u2=0")
    field = offline.get_by_label("Type your own text")
    field.fill("the class")
    offline.get_by_role("button", name="Let the model write").click()
    offline.wait_for_function("document.getElementById('typed').value.length >= 17")
    offline.get_by_role("button", name="Stop writing").click()
    model = load_trained("characters-lstm")
    known = model.vocabulary
    assert known is not None

    def logits(indices: list[int], state: list[int] | None) -> tuple[torch.Tensor, list[int]]:
        read = [*(state or []), *indices]
        fitting = edits if len(read) > 11 else edits[:1]
        found = gv.record(model.module, torch.eye(len(known))[read], edits=fitting)
        return model.readout(torch.from_numpy(found.output[-1])), read

    text = str(write_letters(known, logits, "the class", 8, 0.7, 0))
    assert field.input_value()[:17] == text
    assert text != str(model.continue_text("the class", 8))
    player = offline.get_by_test_id("gv-player")
    expect(player).to_have_attribute("data-edits", re.compile('"letter":"f".*"letter":"o"'))


def test_edits_that_are_too_long_for_a_link_stay_while_it_writes(offline: Page, site: Path) -> None:
    """A link takes 4,000 characters. These are fewer as they come, and more as they are written."""
    edits = ",".join(["f=.2"] * 799)
    assert len(edits) < 4000 < len(edits.replace(".", "0."))
    offline.goto(f"{(site / 'characters-lstm.html').as_uri()}#edits={edits}")
    field, player = offline.get_by_label("Type your own text"), offline.get_by_test_id("gv-player")
    field.fill("the class")
    expect(player).to_have_attribute("data-steps", "9")
    expect(player).to_have_attribute("data-edits", re.compile('"letter":"f"'))
    offline.wait_for_timeout(600)  # until the player has told its page what fits a link
    offline.get_by_role("button", name="Let the model write").click()
    offline.wait_for_function("document.getElementById('typed').value.length >= 14")
    offline.get_by_role("button", name="Stop writing").click()
    expect(player).to_have_attribute("data-edits", re.compile('"letter":"f"'))
    model = load_trained("characters-lstm")
    known = model.vocabulary
    assert known is not None

    def logits(indices: list[int], state: list[int] | None) -> tuple[torch.Tensor, list[int]]:
        read = [*(state or []), *indices]
        found = gv.record(model.module, torch.eye(len(known))[read], edits=[gv.Edit("f", 0.2)])
        return model.readout(torch.from_numpy(found.output[-1])), read

    assert field.input_value()[:14] == str(write_letters(known, logits, "the class", 5, 0.7, 0))


@pytest.mark.parametrize("name", ["index", "characters-lstm"])
def test_it_is_accessible_and_fits_a_phone(
    new_page: Callable[..., Page], site: Path, name: str
) -> None:
    for scheme in ("light", "dark"):
        page = new_page(offline=True, color_scheme=scheme, viewport={"width": 390, "height": 844})
        page.goto((site / f"{name}.html").as_uri())
        check_accessibility(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_link_keeps_what_was_typed_and_the_edits(
    new_page: Callable[..., Page], site: Path
) -> None:
    page, again = new_page(offline=True), new_page(offline=True)
    address = (site / "recall-lstm.html").as_uri()
    page.goto(f"{address}#edits=f@2=0")
    player = page.get_by_test_id("gv-player")
    expect(player).to_have_attribute("data-edits", re.compile('"letter":"f"'))
    page.get_by_label("Type your own text").fill("Bxy?")
    expect(player).to_have_attribute("data-steps", "4")
    expect(player).to_have_attribute("data-edits", re.compile('"letter":"f"'))
    page.wait_for_url(re.compile("typed=Bxy"))
    again.goto(page.url)
    for shown in (page, again):
        one = shown.get_by_test_id("gv-player")
        expect(one).to_have_attribute("data-steps", "4")
        expect(one).to_have_attribute("data-edits", re.compile('"letter":"f"'))
        shown.locator("[data-action=last]").click()
        expect(one).to_have_attribute("data-step", "3")
    model = load_trained("recall-lstm")
    assert model.vocabulary is not None
    inputs = torch.eye(len(model.vocabulary))[[model.vocabulary.index(c) for c in "Bxy?"]]
    answers = {}
    for name, edits in (("answer-before", []), ("answer", [gv.Edit("f", 0.0, steps=2)])):
        output = gv.record(model.module, inputs, edits=edits).output
        answers[name] = model.answer_names[int(model.answers(output)[-1].argmax())]
        expect(again.get_by_test_id("gv-player")).to_have_attribute(f"data-{name}", answers[name])
