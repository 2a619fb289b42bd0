"""The challenge on "Train live": the runs of the page decide, if they have its settings."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from gatesviz.challenges import challenge, read_challenge_code
from gatesviz.ui.challenges import solve
from gatesviz.ui.train import fewest
from gatesviz.ui.train.settings import Settings
from tests.ui.test_train import click, open_train, text

TASK = challenge("fewest-units")
LINK = {
    "challenge": "fewest-units", "trtask": "Recall the last capital letter", "trcells": "LSTM",
    "trlength": "", "trend": "600",
}  # fmt: skip


def run(settings: Settings, updates: int, solved: int | None, **more: Any) -> Any:
    score = settings.task.solved_at
    history = SimpleNamespace(scored=[solved or 2], scores=[score if solved else 0.0])
    return SimpleNamespace(
        spec=settings.spec, updates=updates, history=history, **{"rates": (), **more}
    )


def settings(units: int, **changes: Any) -> Settings:
    assert TASK.fewest is not None
    return Settings({"lstm": replace(TASK.fewest.spec(units), **changes)}, 600)


@pytest.mark.parametrize(
    ("held", "view", "found"),
    [
        (settings(3), {"updates": 600, "solved": None}, {3: None}),
        (settings(3), {"updates": 599, "solved": None}, {}),
        (settings(3), {"updates": 200, "solved": 150}, {3: 150}),
        (settings(3), {"updates": 900, "solved": 800}, {3: None}),  # within 600 was asked
        (settings(3), {"updates": 600, "solved": 150, "rates": ((9, 0.1),)}, {}),
        (settings(3, seed=1), {"updates": 600, "solved": 150}, {}),
        (settings(3, layers=2), {"updates": 600, "solved": 150}, {}),
        (replace(settings(3), updates=700), {"updates": 700, "solved": 150}, {}),
        (replace(settings(3), rates=((9, 0.1),)), {"updates": 600, "solved": 150}, {}),
    ],
)
def test_a_run_counts_if_it_has_the_settings_of_the_challenge(
    monkeypatch: pytest.MonkeyPatch, held: Settings, view: Any, found: dict[int, int | None]
) -> None:
    monkeypatch.setattr(fewest.st, "session_state", {})
    assert TASK.fewest is not None
    assert fewest.sizes_tried(TASK.fewest, held, {"lstm": run(held, **view)}) == found


def test_the_page_opens_with_the_settings_and_says_what_is_left_to_try(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[bool] = []

    def solving(*given: Any, tell: bool) -> None:
        told.append(tell)
        solve(*given, tell=tell)

    monkeypatch.setattr(fewest, "solve", solving)
    app = open_train(**LINK, trhidden="4")
    assert not app.exception
    assert "Challenge: The fewest units." in text(app)
    assert "No size has solved the task yet. Train the LSTM." in text(app)
    assert "These settings are not those of the challenge" not in text(app)
    app.session_state["train challenge runs"] = {8: 150, 4: 350, 3: None, 1: None}
    app.run()
    assert "4 units can do it. Can fewer? Not tried yet: 2." in text(app)
    app.session_state["train challenge runs"] = {4: 350, 3: None, 2: None, 1: None}
    app.run()
    assert [one.value for one in app.success] == [
        "Solved. 4 units can do it, and every smaller size failed with this seed."
    ]
    code = text(app).partition("`")[2].partition("`")[0]
    assert read_challenge_code(code).units == 4
    app.run()
    assert told == [True, False], "a room joined now gets no runs from before"
    click(app, "Leave the challenge")
    assert "challenge" not in app.query_params
    assert "Challenge: The fewest units." not in text(app)


def test_other_settings_are_named_and_set_back() -> None:
    app = open_train(challenge="fewest-units", trhidden="5")
    assert "These settings are not those of the challenge" in text(app)
    app = click(app, "Set the challenge's settings")
    assert not app.exception
    assert "These settings are not those of the challenge" not in text(app)
    assert app.slider(key="trhidden").value == 5
