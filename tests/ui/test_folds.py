"""Folds: what is open at first, and what a link or a lesson opens."""

import json
from collections.abc import Iterator
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Element, Widget

from gatesviz.experiments.claims.release import is_released, released_findings
from gatesviz.experiments.known import CARDS
from gatesviz.lessons import lesson, lessons
from gatesviz.rooms import Member
from gatesviz.ui import folds as ui_folds
from gatesviz.ui.compare.parameters import CLAIM_OF, INPUTS, TASK, UNITS
from gatesviz.ui.compare.side_by_side import TITLE
from gatesviz.ui.compare.structure import SIZES
from gatesviz.ui.folds import FOLD, empty_folds
from gatesviz.ui.gradients.parameters import FOLDED, OTHER_WAYS
from gatesviz.ui.train.parameters import FOLDED as TRAIN_FOLDED
from tests.ui.opening import opened
from tests.ui.test_feed import player

GRADIENTS_FIRST = ["grw", "grlen", "grseed"]


def in_sight(block: Block) -> Iterator[Element]:
    """Yield the elements outside closed folds."""
    for child in block.children.values():
        if not isinstance(child, Block):
            yield child
        elif child.type != "expander" or child.proto.expanded:
            yield from in_sight(child)


def controls(block: Block) -> list[str]:
    return [str(one.key) for one in in_sight(block) if isinstance(one, Widget)]


def folds(app: AppTest) -> dict[str, bool]:
    """Return the title of each fold, and whether it is open."""
    found = {one.label: one.proto.expanded for one in app.expander}
    found.pop("Share this page", None)
    return found


def test_vanishing_gradients_opens_with_three_settings_and_one_question() -> None:
    app = opened("gradients")
    assert controls(app.sidebar) == GRADIENTS_FIRST
    assert controls(app.main) == ["grview", "grguess"]
    assert folds(app) == dict.fromkeys((*FOLDED, OTHER_WAYS), False)


def test_lstm_or_gru_opens_with_one_question_and_the_results_of_the_release() -> None:
    app = opened("compare")
    assert controls(app.main) == ["coview", "coshare"]
    assert controls(app.sidebar) == []
    assert folds(app) == {SIZES: False, TITLE: False}
    components = app.get("bidi_component")
    assert not [one for one in components if one.proto.bytes], "the player is in a closed fold"
    [row] = [one.proto.json for one in components if "Tested for this release:" in one.proto.json]
    assert [(one["title"], one["href"]) for one in json.loads(row)["links"]] == [
        (f"{len(CLAIM_OF)} claims that people make", "compare?coview=what+people+say"),
        (f"{len(CARDS)} known results", "compare?coview=known+results"),
    ]


@pytest.mark.parametrize("title", FOLDED)
def test_a_link_opens_the_fold_of_each_of_its_settings(title: str) -> None:
    for field in FOLDED[title]:
        value = {"grrho": "1.2", "grfb": "2"}.get(field.key) or str(field.default)
        needs = {"grrho": {"grwhh": "orthogonal"}, "grfb": {"grbias": "forget bias"}}
        app = opened("gradients", **needs.get(field.key, {}), **{field.key: value})
        assert folds(app) == dict.fromkeys((*FOLDED, OTHER_WAYS), False) | {title: True}
        assert field.key in controls(app.sidebar)


def test_a_fold_stays_open_when_its_setting_is_back_at_the_default() -> None:
    app = opened("gradients", grbias="chrono")
    del app.query_params["grbias"]
    app.run()
    assert folds(app)["Forget gate"]


def test_train_live_folds_the_same_way() -> None:
    found = folds(opened("train", trrate="0.02"))
    assert {title: found[title] for title in TRAIN_FOLDED} == {
        title: title == "Learning rate and optimiser" for title in TRAIN_FOLDED
    }


def test_a_link_opens_both_folds_of_lstm_or_gru() -> None:
    app = opened("compare", cohid="5")
    assert folds(app) == {SIZES: True, TITLE: False}
    assert {INPUTS.key, UNITS.key} <= set(controls(app.main))
    app = opened("compare", cotask="Count brackets")
    assert folds(app) == {SIZES: False, TITLE: True}
    assert TASK.key in controls(app.main)
    assert [panel["cell"] for panel in player(app)[0]["panels"]] == ["lstm", "gru"]


def test_the_link_of_a_moved_player_opens_its_fold_which_can_be_closed() -> None:
    app = opened("compare", t="4", g="c")
    assert folds(app)[TITLE] is True
    assert len(player(app)[0]["panels"]) == 2
    app.session_state[f"{FOLD} {TITLE}"] = False
    for _ in range(2):
        app.run()
        assert folds(app)[TITLE] is False
    assert not {"t", "g"} & set(app.query_params)


def test_in_a_class_the_second_instrument_is_not_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ui_folds, "member", lambda: Member("BCDFH", "f" * 32))
    app = opened("compare")
    assert TITLE not in folds(app)
    assert len(player(app)[0]["panels"]) == 2


def test_another_link_opens_the_second_instrument_again() -> None:
    app = opened("compare", cotask="Count brackets")
    app.session_state[f"{FOLD} {TITLE}"] = False  # as the reader closes it
    app.run()
    assert folds(app)[TITLE] is False
    assert "cotask" not in app.query_params
    app.query_params["cotask"] = "Continue a wave"
    app.run()
    assert folds(app)[TITLE] is True


SHOWING = [
    (each.name, number, step)
    for each in lessons()
    for number, step in enumerate(each.steps, 1)
    if step.show and step.page in ("gradients", "compare", "train")
]
FIELDS = {field.key for fields in (*FOLDED.values(), *TRAIN_FOLDED.values()) for field in fields}
FIELDS |= {INPUTS.key, UNITS.key, TASK.key}
IN_FOLDS = [one for one in SHOWING if FIELDS & set(one[2].show)]


def test_some_steps_show_settings_that_are_folded_elsewhere() -> None:
    assert {name for name, _, _ in IN_FOLDS} >= {"gru", "way_back", "clipping"}


@pytest.mark.parametrize(("name", "number"), [one[:2] for one in IN_FOLDS])
def test_a_lessons_step_shows_its_settings_without_a_fold(name: str, number: int) -> None:
    step = lesson(name).steps[number - 1]
    app = opened(step.page, **step.query, lesson=f"{name}.{number}")
    assert set(step.show) <= {*controls(app.sidebar), *controls(app.main)}
    titles = {t for t, fields in FOLDED.items() if {f.key for f in fields} & set(step.show)}
    assert not titles & folds(app).keys(), "the lesson's style has no room for the title"


def test_a_step_shows_a_setting_that_its_link_leaves_at_the_default() -> None:
    query = dict(parse_qsl("coview=structure&lesson=gru.7"))
    app = opened("compare", **query)
    assert {INPUTS.key, UNITS.key} <= set(controls(app.main))
    assert player(app)[0]["panels"], "the step looks at both cells"


def test_a_fold_whose_settings_are_all_hidden_is_hidden_too() -> None:
    rule = empty_folds({"grhid", "grin"})
    app = opened("gradients", hide="grhid.grin")
    assert any(f"{rule} {{ display: none; }}" in one.value for one in app.get("html"))


def test_a_claim_counts_as_tested_if_its_answer_ships() -> None:
    keys = [one.key for one in CLAIM_OF.values() if one.key != "parameters"]
    for key in keys:
        assert is_released(key) == (released_findings(key) is not None)
