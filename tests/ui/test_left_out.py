"""Layers of a file that aren't opened are said above the numbers, and only where they matter."""

from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn

from gatesviz.ui.left_out import EXACT, NOTICE, VERDICT
from gatesviz.ui.model_menus import of_menus
from tests.ui.test_feed import open_feed, player, said
from tests.ui.test_model_upload import ALPHABET, Writer, saved
from tests.ui.test_what_if import open_page

TEXT = "the cat sat"
ALL, ANSWERS, GATES, STATES, GRADIENTS = (
    NOTICE.format(what, EXACT)
    for what in ("gates and answers", "answers", "gates", "states and scores", "gradients")
)


def opened(page: str, *names: str, **query: str) -> tuple[AppTest, Writer]:
    """A page with a writer and, beside it, LayerNorms of these names."""
    torch.manual_seed(0)
    model = Writer()
    sizes = {"before": 6, "after": 9, "**x**": 6}
    layers = nn.ModuleDict({name: nn.LayerNorm(sizes[name]) for name in names})
    data = saved({"net": model.state_dict() | layers.state_dict(), "vocab": ALPHABET})
    menu = {"feed": (open_feed, "weights"), "what_if": (open_page, "wimodel")}
    start, key = menu[page]
    app = start(text=TEXT, **{key: "your file"}, **query)
    app.file_uploader(key="model file").upload("model.pt", data, "").run()
    assert not app.exception
    return app, model


def warnings(app: AppTest) -> list[str]:
    return [one.value for one in app.main.warning]


def above_the_player(app: AppTest) -> bool:
    """Whether the warning comes before the player on the page."""
    drawn = _all(app.main)
    [warning] = [k for k, one in enumerate(drawn) if one.type == "warning"]
    return any(one.type == "bidi_component" and one.proto.bytes for one in drawn[warning:])


def _all(block: Any) -> list[Any]:
    found = []
    for child in block.children.values():
        found += _all(child) if hasattr(child, "children") else [child]
    return found


@pytest.mark.parametrize("page", ["feed", "what_if"])
def test_a_layer_before_the_module_is_said_above_the_player(page: str) -> None:
    app, model = opened(page, "before", "after")
    assert warnings(app) == [ALL]
    assert above_the_player(app)
    told = "Could stand before the LSTM: 'before'. Could stand before the readout: 'after'."
    assert told in said(app)
    shown, arrays = player(app)
    x = model.letters(torch.tensor([ALPHABET.index(c) for c in TEXT]))
    with torch.no_grad():  # the numbers are torch's own, of the module that the sentence names
        output = model.memory(x)[0]
        with_norm = model.memory(nn.functional.layer_norm(x, [6]))[0]
    np.testing.assert_allclose(arrays["0.h"][1:], output, atol=1e-3)
    assert abs(arrays["0.h"][1:] - with_norm.numpy()).max() > 0.01
    question = shown["panels"][0]["answers"]["question"]
    assert (
        question
        == "Without the layers that aren't used, your readout gives these probabilities (softmax):"
    )


def test_a_layer_before_the_readout_leaves_the_gates_as_they_are() -> None:
    app, _ = opened("feed", "after")
    assert warnings(app) == [ANSWERS]
    assert "Could stand before the readout: 'after'." in said(app)
    app.segmented_control(key="guess").set_value("f").run()
    assert VERDICT not in "".join(one.value for one in app.markdown)


def test_verdicts_say_of_which_model_they_are() -> None:
    app, _ = opened("what_if", "before", edits="c@5=0")
    assert VERDICT in said(app)
    app, _ = opened("what_if", edits="c@5=0")
    assert VERDICT not in said(app)
    assert warnings(app) == []
    app, _ = opened("feed", "before")
    app.segmented_control(key="guess").set_value("f").run()
    assert VERDICT in "".join(one.value for one in app.markdown)


def test_names_are_no_markdown_and_without_a_readout_no_answers_are_named() -> None:
    app, _ = opened("feed", "**x**")
    assert "Could stand before the LSTM: '**x**'." in said(app)
    assert not [one for one in (*app.markdown, *app.warning) if "**x**" in one.value]
    parts = nn.ModuleDict({"rnn": nn.GRU(1, 4), "norm": nn.BatchNorm1d(4)})
    app = open_feed(weights="your file", src="wave")
    app.file_uploader(key="model file").upload("m.pt", saved(parts.state_dict()), "").run()
    assert warnings(app) == []  # no readout, so nothing follows that is shown
    parts = nn.ModuleDict({"norm": nn.LayerNorm(3), "rnn": nn.GRU(3, 4)})
    app.file_uploader(key="model file").upload("3.pt", saved(parts.state_dict()), "").run()
    app.selectbox(key="file input 2").select("numbers").run()
    app.text_area(key="pasted").set_value("a,b,c\n1,2,3\n2,3,5\n4,1,0").run()
    assert warnings(app) == [GATES]


@pytest.mark.parametrize(
    ("page", "menu", "told"), [("find_unit", "unmodel", STATES), ("gradients", "grw", GRADIENTS)]
)
def test_the_other_pages_of_a_file_warn_of_what_they_show(page: str, menu: str, told: str) -> None:
    app, _ = opened("feed", "before")
    app.query_params.clear()
    app.query_params[menu] = "your file"
    app.switch_page(f"../../pages/{page}.py").run()
    assert not app.exception
    assert warnings(app) == [told]
    assert "Could stand before the LSTM: 'before'." in said(app)


def test_a_note_names_the_menu_in_place_of_an_argument() -> None:
    torch.manual_seed(0)
    parts = {"rnn": nn.GRU(1, 4), "one": nn.Linear(4, 2), "two": nn.Linear(4, 2)}
    app = open_feed(weights="your file", src="wave")
    data = saved(nn.ModuleDict(parts).state_dict())
    app.file_uploader(key="model file").upload("m.pt", data, "").run()
    app.selectbox(key="file readout 1").select("none").run()
    assert "readout=" not in said(app)
    told = "Several matrices fit as the readout: 'one', 'two'. Choose one"
    assert of_menus(f"{told} with readout=.") == f"{told} in the menu “Readout”."
