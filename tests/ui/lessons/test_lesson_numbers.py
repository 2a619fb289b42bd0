"""The views of lessons show what the texts say: a step of each page, drawn without a browser."""

from collections.abc import Mapping

import pytest
from streamlit.testing.v1 import AppTest

from gatesviz.lessons import Step, lesson, measured
from gatesviz.ui.compare.parameters import WIDGETS as COMPARE
from gatesviz.ui.feed.parameters import WIDGETS as FEED
from gatesviz.ui.gradients.parameters import WIDGETS as GRADIENTS
from gatesviz.ui.links import Parameter, unused
from gatesviz.ui.train.parameters import WIDGETS as TRAIN
from gatesviz.ui.what_if.parameters import WIDGETS as WHAT_IF
from tests.serving import ROOT

BOUND: Mapping[str, Mapping[str, Parameter]] = {
    "feed": FEED,
    "train": TRAIN,
    "what_if": WHAT_IF,
    "gradients": GRADIENTS,
    "compare": COMPARE,
    "inside": {},
}


def opened(step: Step) -> str:
    """Open the view of ``step`` and return every text on the page."""
    app = AppTest.from_file(str(ROOT / "gatesviz" / "ui" / "main.py"), default_timeout=60)
    if step.page != "feed":
        app.run()
    for name, value in step.query.items():
        app.query_params[name] = value
    app = app.run() if step.page == "feed" else app.switch_page(f"../../pages/{step.page}.py").run()
    assert not app.exception
    bound = BOUND[step.page]
    held = {name: app.session_state[name] for name in bound if name in app.session_state}
    assert unused({k: [v] for k, v in step.query.items()}, bound, held) == []
    texts = [one.value for one in [*app.markdown, *app.text]]
    return "\n".join([*texts, *(one.value.to_string() for one in app.table)])


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("gru.3", "The state stays the same for every x"),
        ("way_back.7", "**{total}**"),
        ("breaking.5", "**{later}**"),
        ("clipping.3", " {jump} "),
        ("half_life.1", "**{f}**"),
        ("seeds.2", "0.494, 0.9932, 0.6273"),
        ("shapes.6", "LSTM with 5 hidden units"),
        ("counting.5", "one number for each hidden unit: LSTM 4"),
    ],
)
def test_a_view_shows_what_the_text_says(place: str, says: str) -> None:
    name, _, number = place.partition(".")
    step = lesson(name).steps[int(number) - 1]
    numbers = measured(step.measure).numbers
    assert says.format(**numbers) in opened(step)
