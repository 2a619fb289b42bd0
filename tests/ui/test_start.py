"""The opening of the first page: what its captions claim is what the model does."""

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch

import gatesviz.player
from gatesviz.sequences import parse_text
from gatesviz.trained import load_trained
from gatesviz.ui.menu import MENU
from gatesviz.ui.start.opening import (
    FIRST,
    FIRST_ASKED,
    MODEL,
    SECOND,
    SECOND_ASKED,
    TEXT,
    captions,
    chosen_unit,
    legend,
    recorded,
)

Arrays = dict[str, np.ndarray]


def by_hand() -> Arrays:
    """Return all gates, c after each step (T, H) and the answers, from the weights in float64."""
    model = load_trained(MODEL)
    weight = {k: v.detach().double().numpy() for k, v in model.module.named_parameters()}
    h = c = np.zeros(model.hidden_size)
    rows: dict[str, list[np.ndarray]] = {name: [] for name in "ifgocy"}
    for x in parse_text(TEXT, model.vocabulary).values.astype(np.float64):
        sums = weight["weight_ih_l0"] @ x + weight["bias_ih_l0"]
        sums = sums + weight["weight_hh_l0"] @ h + weight["bias_hh_l0"]
        i, f, g, o = np.split(sums, 4)
        i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
        c = f * c + i * np.tanh(g)
        h = o * np.tanh(c)
        for name, value in zip("ifgocy", (i, f, np.tanh(g), o, c, model.answers(h)), strict=True):
            rows[name].append(value)
    return {name: np.array(values) for name, values in rows.items()}


def test_the_numbers_in_the_captions_are_the_models() -> None:
    panel, ours = recorded(), by_hand()
    unit = chosen_unit(panel).index
    texts = [one.text for one in captions(panel)]
    noise = slice(FIRST + 1, FIRST_ASKED)

    def number(text: str, at: int = 0) -> float:
        found = re.findall(r"−?\d\.\d+", text)
        return float(found[at].replace("−", "-"))

    def same(text: str, at: int, value: float, decimals: int = 2) -> bool:
        return number(text, at) == round(float(value), decimals)

    i, f, o, c = (ours[name][:, unit] for name in "ifoc")
    assert same(texts[2], 0, i[FIRST])
    assert same(texts[2], 1, c[FIRST])
    assert same(texts[3], 0, i[noise].max(), 3)
    assert same(texts[4], 0, f[noise].min(), 3)
    assert same(texts[4], 1, c[FIRST_ASKED - 1])
    assert same(texts[5], 0, o[FIRST_ASKED])
    assert same(texts[6], 0, f[SECOND])
    assert same(texts[6], 1, c[SECOND])
    for text, step, letter in ((texts[5], FIRST_ASKED, "A"), (texts[7], SECOND_ASKED, "C")):
        names = load_trained(MODEL).answer_names
        assert names[ours["y"][step].argmax()] == letter
        assert f"“{letter}” ({100 * ours['y'][step].max():.0f} % sure)" in text


def test_what_the_captions_say_of_the_gates_is_so() -> None:
    ours = by_hand()
    i, f, o = (ours[name][:, chosen_unit(recorded()).index] for name in "ifo")
    noise = [step for step, letter in enumerate(TEXT) if letter in "xyz."]
    assert [TEXT[step] for step in (FIRST, FIRST_ASKED, SECOND, SECOND_ASKED)] == list("A?C?")
    assert min(i[FIRST], i[SECOND]) > 0.8
    assert i[noise].max() < 0.1
    assert f[noise].min() > 0.9
    assert f[SECOND] < 0.35
    assert o[FIRST_ASKED] > 0.9
    assert o[noise].max() < 0.1


def test_the_picture_names_its_unit_and_its_colours() -> None:
    panel = recorded()
    text = legend(panel)
    assert f"one of {panel.trace.hidden_size} hidden units, unit {chosen_unit(panel).index}" in text
    assert "Red: above 0. Blue: below 0." in text
    assert "A full bar is a shut gate. A gap is open" in text


def test_the_captions_go_through_the_text_in_order_and_last_about_a_minute() -> None:
    told = captions(recorded())
    for before, after in pairwise(told):
        assert after.start <= after.step
        assert after.step >= before.step
        assert set(before.rows) <= set(after.rows)
    code = (Path(gatesviz.player.__file__).parent / "opening.js").read_text(encoding="utf-8")
    step, least, word = (
        int(re.findall(rf"const {name} = (\d+);", code)[0]) for name in ("STEP", "LEAST", "WORD")
    )
    *captioned, yours = told
    seconds = 0.0
    for one in captioned:
        words = len(one.text.split())
        shown = (step * (one.step - one.start) + least + word * words) / 1000
        assert words / shown <= 150 / 60  # a slow reader of English reads it once
        seconds += shown
    assert 60 <= seconds <= 70
    assert yours.text.startswith("Now break it: press ")
    assert "watch the answers" in yours.text.split(". ")[0]
    assert "about a minute" in MENU[0].about


def test_the_recording_is_that_of_torch() -> None:
    trace, ours = recorded().trace, by_hand()
    np.testing.assert_allclose(trace.states["c"][1:], ours["c"], atol=1e-5)
    inputs = torch.from_numpy(parse_text(TEXT, load_trained(MODEL).vocabulary).values)
    hidden = load_trained(MODEL).module(inputs)[0].detach()
    np.testing.assert_array_equal(trace.states["h"][1:], hidden)
