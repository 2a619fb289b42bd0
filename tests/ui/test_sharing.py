"""Links that hide controls and lock values: what they do and refuse, and how they are made."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from gatesviz.ui import locks
from gatesviz.ui.classroom.pace import is_page
from gatesviz.ui.guesses import GUESSES
from gatesviz.ui.links import complaints
from gatesviz.ui.locks import ALL, HIDE, LOCK
from gatesviz.ui.menu import MENU, PRIVATE
from gatesviz.ui.page_settings import FIELDS, SETTINGS
from gatesviz.ui.sharing.hiding import PARAMETERS
from gatesviz.ui.sharing.link import link, shared_query
from gatesviz.ui.train import session, update_slider
from tests.serving import ROOT

SETTERS = (
    "audio_input", "button_group", "checkbox", "file_uploader", "multiselect", "number_input",
    "radio", "select_slider", "selectbox", "slider", "text_area", "text_input", "toggle",
)  # fmt: skip
"""Streamlit's names of the widgets that set something, buttons aside."""


def opened(page: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "gatesviz" / "ui" / "main.py"), default_timeout=30).run()
    app.query_params.update(query)
    app.switch_page(f"../../pages/{page}.py").run()
    assert not app.exception
    return app


def widget(app: AppTest, key: str) -> Any:
    kinds = (app.selectbox, app.number_input, app.slider, app.toggle, app.text_area)
    [found] = [one for kind in (*kinds, app.segmented_control) for one in kind if one.key == key]
    return found


def styles(app: AppTest) -> str:
    return "".join(one.value for one in app.get("html") if "st-key" in str(one.value))


def test_a_lock_disables_the_control_and_keeps_its_value() -> None:
    app = opened("train", lock="trseed.trhidden", trseed="7")
    assert (widget(app, "trseed").value, widget(app, "trseed").disabled) == (7, True)
    assert widget(app, "trhidden").disabled
    assert not widget(app, "trrate").disabled
    every = opened("compare", lock=ALL, cohid="5")
    assert all(widget(every, key).disabled for key in ("coview", "coin", "cohid"))
    assert widget(every, "cohid").value == 5


def test_a_lock_of_everything_leaves_only_guesses_and_what_shows_answers() -> None:
    free = {}
    for page in SETTINGS:
        app = opened(page, lock=ALL)
        found = [one for kind in SETTERS for one in app.get(kind) if not one.proto.disabled]
        free[page] = {one.proto.id.rpartition("-")[2] for one in found}
    assert {page: keys - GUESSES for page, keys in free.items() if keys - GUESSES} == {
        "compare": {"compare counts shown"}
    }
    assert any(keys & GUESSES for keys in free.values())


def test_a_lock_of_the_learning_rate_holds_during_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[bool] = []
    monkeypatch.setattr(
        session.st, "number_input", lambda *_, disabled, **__: given.append(disabled)
    )
    monkeypatch.setattr(session.st, "session_state", {})
    for lock in ("trrates", "trrate", ALL, "trseed"):
        monkeypatch.setattr(locks.st, "query_params", {LOCK: lock})
        locks.begin_drawing()
        session._rate(None, {"lstm": SimpleNamespace(learning_rate=0.01)})  # type: ignore[arg-type,dict-item]
    assert given == [True, True, True, False]
    monkeypatch.setattr(
        update_slider.st, "segmented_control", lambda *_, disabled, **__: given.append(disabled)
    )
    for lock in (ALL, "trseed"):
        monkeypatch.setattr(locks.st, "query_params", {LOCK: lock})
        locks.begin_drawing()
        assert update_slider._one(dict.fromkeys(("lstm", "gru"))) == "lstm"  # type: ignore[arg-type]
    assert given[4:] == [True, False]


def test_weights_are_locked_with_the_menu_that_sets_them() -> None:
    app = opened("inside", lock="inset")
    weights = [one for one in app.slider if one.label.startswith("W")]
    assert len(weights) >= 2, [one.label for one in app.slider]
    assert all(one.disabled for one in weights)


def test_what_is_hidden_comes_back_unless_it_is_locked_too() -> None:
    app = opened("train", hide="trseed.trrate", lock="trrate")
    assert ".st-key-trrate, .st-key-trseed { display: none; }" in styles(app)
    app.button(key="show everything").click().run()
    assert ".st-key-trrate { display: none; }" in styles(app)
    assert ".st-key-trseed" not in styles(app)
    assert app.button(key="show everything").label == "Hide these controls again"
    app.button(key="show everything").click().run()
    assert ".st-key-trseed" in styles(app)
    firm = opened("train", hide="trseed", lock="trseed")
    assert not [one for one in firm.button if one.key == "show everything"]
    whole = opened("gradients", hide=ALL)
    assert "[data-testid=stSidebar]" in styles(whole)
    assert not any(f".st-key-{key}," in styles(whole) for key in GUESSES)


def test_in_a_lesson_its_own_button_brings_them_back() -> None:
    app = opened("feed", lesson="memory.1", text="A......?", hide="cell")
    assert not [one for one in app.button if one.key == "show everything"]
    assert ".st-key-cell { display: none; }" in styles(app)


@pytest.mark.parametrize("name", [HIDE, LOCK])
def test_a_link_with_an_unknown_control_says_so_and_uses_the_rest(name: str) -> None:
    query = {name: ["cell.<b>"]}
    assert complaints(query, PARAMETERS) == [
        f"Part of {name}=cell.<b> was ignored: no control is called '<b>'; expected keys of"
        " settings, or all."
    ]
    assert complaints({name: ["cell.trseed.all"]}, PARAMETERS) == []
    assert complaints({name: ["cell." * 999]}, PARAMETERS) != []
    app = opened("feed", **{name: "<script>"})
    assert "<script>" not in styles(app)


def test_every_setting_can_be_named_in_a_link() -> None:
    for page, fields in FIELDS.items():
        assert set(fields) <= set(SETTINGS[page])
        assert not any("." in key or key == ALL for key in fields)


def test_a_link_carries_what_is_chosen() -> None:
    query = {"cell": "GRU", "guess": "z", "room": "BCDFH", "teach": "secret", "t": "3"}
    query |= {
        "hide": "old",
        "lock": "old",
        "got": "11",
        "chose": "1",
        "present": "1",
        "lesson": "memory.2",
    }
    kept = {"cell": "GRU", "t": "3", "lesson": "memory.2"}
    assert shared_query(query) == kept
    assert shared_query(query, guesses=True) == kept | {"guess": "z"}
    assert shared_query(query, hide=["cell", "seed"], lock=["text", ALL], present=True) == kept | {
        "hide": "cell.seed", "lock": "all", "present": "1",
    }  # fmt: skip
    made = link("feed", kept | {"text": "a&b"}, "http://10.0.0.5:8501")
    assert urlsplit(made).path == "/feed"
    assert parse_qs(urlsplit(made).query)["text"] == ["a&b"]


def test_a_class_can_follow_a_link_that_hides_and_locks() -> None:
    assert is_page("feed?cell=GRU&hide=seed&lock=cell")


def test_a_class_never_follows_to_the_teachers_own_pages() -> None:
    names = {one.name for one in MENU}
    assert names >= PRIVATE == {"classroom", "teachers"}
    assert {name for name in names - {"start"} if not is_page(f"{name}?x=1")} == PRIVATE


def test_sharing_makes_a_link_that_opens_as_chosen() -> None:
    app = opened("compare", cohid="5")
    app.session_state["share"] = True
    app.run()
    app.multiselect(key="share lock compare").set_value(["cohid"]).run()
    app.multiselect(key="share hide compare").set_value(["coin"]).run()
    [text] = [one.value for one in app.code if "/compare?" in one.value]
    query = {key: values[0] for key, values in parse_qs(urlsplit(text).query).items()}
    assert query == {"cohid": "5", "lock": "cohid", "hide": "coin"}
    app.segmented_control(key="coview").set_value("known results").run()
    assert not app.exception
    assert app.multiselect(key="share lock compare").value == [], "this view has other controls"
    again = opened("compare", **query)
    assert widget(again, "cohid").disabled
    assert ".st-key-coin { display: none; }" in styles(again)
