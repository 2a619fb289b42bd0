"""How far back: the curves of the cells, the two paths of a gradient, and what follows."""

from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gatesviz.cells import LSTM
from gatesviz.traces import Array
from gatesviz.ui import charts
from gatesviz.ui.cell_names import explain_name
from gatesviz.ui.gradients import sentences
from gatesviz.ui.gradients.measurements import Measured, measured_further
from gatesviz.ui.gradients.parameters import CELLS, CURVES_FIELD, EVERY, FRESH, FURTHER
from gatesviz.ui.gradients.settings import Settings, keep
from gatesviz.ui.guesses import ask_first, details

if TYPE_CHECKING:
    from gatesviz.figures import Curve

QUANTITY = "gradient relative to the last step"
EMPTY = "Empty axes until you guess:"


def show_question(measured: list[Measured], left: DeltaGenerator, right: DeltaGenerator) -> None:
    """Draw the empty axes, on which a guess reveals every curve."""
    keep([CURVES_FIELD])
    from gatesviz.figures import flow_draft

    *others, last = [one.called for one in measured]
    names = f"{', the '.join(others)} and the {last}" if others else last
    figure = flow_draft(
        [], quantity=QUANTITY, theme=charts.theme(), height=420, steps=measured[0].steps
    )
    with left:
        charts.show(
            figure, f"{EMPTY} the {QUANTITY}, for each number of steps back.", key="gradient stage"
        )
    right.write(ask_first(f"Make a guess to see the curves of the {names}."))


def show_reach(
    settings: Settings,
    measured: list[Measured],
    guess: Array | None,
    left: DeltaGenerator,
    right: DeltaGenerator,
) -> None:
    """Draw everything of this view below the question, of all cells or of one."""
    if len(measured) > 1:
        names = [name for name in CELLS if any(one.name == name for one in measured)]
        more = FURTHER if settings.weights == FRESH else {}
        with right:  # the chart stays where its stage was
            chosen = CURVES_FIELD.draw(options=[EVERY, *names, *more])
            if chosen in more:
                explain_name(more[chosen])
        if chosen in more:
            measured = [measured_further(settings, chosen)]
        measured = chosen_of(measured, chosen)
    with left:
        _draw_curves(measured, guess)
    with right:
        for one in measured:
            st.write(sentences.describe_flow(one))
            if theory := sentences.describe_theory(one):
                with details(f"theory {one.name}"):
                    st.write(theory)
    for one in reversed(measured):
        if "carry" in one.paths:
            _path(one)
    _answers(settings, measured)


def chosen_of(measured: list[Measured], name: str) -> list[Measured]:
    """Return the cell with this name alone, or all of them."""
    return [one for one in measured if one.name == name] or measured


def curves(measured: list[Measured]) -> "list[Curve]":
    """Return a curve for each state of each cell: h, and c for the LSTM."""
    from gatesviz.figures import Curve

    return [
        Curve(
            f"{one.name}, {state}",
            share,
            one.kind.key,
            one.half_lives[state],
            dash=1 if state != one.carried else 0,
        )
        for one in measured
        for state, share in sorted(one.left.items())
    ]


def theories(measured: list[Measured]) -> "list[Curve]":
    """Return the curves that theory predicts, such as those of the RNN and the LSTM."""
    from gatesviz.figures import Curve

    return [
        Curve(f"theory {'σ(b)ᵏ' if one.kind.gates else 'ρᵏ'}", one.theory, one.kind.key)
        for one in measured
        if one.theory is not None
    ]


def _draw_curves(measured: list[Measured], guess: Array | None) -> None:
    from gatesviz.figures import flow_curves_alt, flow_draft

    known = curves(measured)
    figure = flow_draft(
        known, theory=theories(measured), guess=guess, quantity=QUANTITY, theme=charts.theme(),
        height=420,
    )  # fmt: skip
    charts.show(figure, flow_curves_alt(known, QUANTITY), key="gradient reach")


def _path(one: Measured) -> None:
    from gatesviz.figures import flow_curves_alt, flow_draft

    assert one.kind.carried is not None  # a cell with two paths has one
    letter, gate = one.kind.carried
    st.header(f"Two paths of {one.owned('gradient')}")
    left, right = st.columns([5, 3])
    known = path_curves(one)
    figure = flow_draft(known, quantity=QUANTITY, theme=charts.theme(), height=360)
    with left:
        alt = flow_curves_alt(known, QUANTITY)
        charts.show(figure, alt, key=f"gradient paths {one.name}")
    right.write(
        f"The gradient ∂L/∂{letter} flows back along two paths. Along {letter} itself, it is"
        f" multiplied by {gate} at each step. The other path runs through W_hh and the gates."
    )
    right.write(sentences.describe_paths(one))


def path_curves(one: Measured) -> "list[Curve]":
    """Return the gradient of a cell with two paths, and what flows along each of them."""
    from gatesviz.figures import Curve

    assert one.kind.carried is not None
    letter = one.kind.carried.state
    names = {"carry": f"along {letter}", "gates": "through W_hh"}
    total = Curve("total", one.left[one.carried], one.kind.key)
    parts = [
        Curve(names[path], share, "c" if path == "carry" else "h", dash=1 + (path == "gates"))
        for path, share in one.paths.items()
    ]
    return [total, *parts]


def _answers(settings: Settings, measured: list[Measured]) -> None:
    """Answer two common misconceptions with the numbers on screen."""
    for one in measured:
        if one.kind is LSTM:
            kind = "an untrained nn.LSTM" if settings.weights == FRESH else "this LSTM"
            st.header(f"How much does {kind} forget in one step?")
            st.write(sentences.describe_forgetting(one))
    if len(measured) > 1:
        st.header("Are gates enough to stop the gradient from vanishing?")
        more = sentences.TRY if settings.weights == FRESH else ""
        st.write(sentences.rank(measured) + more)
