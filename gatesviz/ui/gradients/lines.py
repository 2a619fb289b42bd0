"""What was measured, as the figures of `gatesviz.figures` take it."""

from typing import TYPE_CHECKING

from gatesviz.traces import Array
from gatesviz.ui.charts import show as show
from gatesviz.ui.charts import theme as theme
from gatesviz.ui.gradients.measurements import Measured

if TYPE_CHECKING:
    from gatesviz.figures import Curve

LEFT = "share that is left"


def reaches(measured: list[Measured]) -> "list[Curve]":
    """Return a curve for each state of each cell: h, and c for the LSTM."""
    from gatesviz.figures import Curve

    return [
        Curve(
            f"{one.name}, {state}",
            share,
            one.name.lower(),
            one.half_lives[state],
            dash=1 if state != one.carried else 0,
        )
        for one in measured
        for state, share in sorted(one.left.items())
    ]


def theories(measured: list[Measured]) -> "list[Curve]":
    """Return what theory says of the cells of which it says something."""
    from gatesviz.figures import Curve

    names = {"RNN": "theory ρᵏ", "LSTM": "theory σ(b)ᵏ"}
    return [
        Curve(names[one.name], one.theory, one.name.lower())
        for one in measured
        if one.theory is not None
    ]


def show_reaches(measured: list[Measured], guess: Array | None) -> None:
    """Draw how much of each gradient is left, steps back from the last."""
    from gatesviz.figures import flow_curves, flow_curves_alt

    curves = reaches(measured)
    figure = flow_curves(
        curves, theory=theories(measured), guess=guess, quantity=LEFT, theme=theme()
    )
    figure.update_layout(height=400)
    figure.update_xaxes(title_text="steps back")
    for trace in figure.data:  # half-lives stand in the sentences beside it: the legend stays short
        trace.name = trace.name and trace.name.split(", half")[0]
    show(figure, flow_curves_alt(curves, LEFT), key="gradient reach")


def show_paths(one: Measured) -> None:
    """Draw the two ways that the gradient of the carried state comes, and their sum."""
    from gatesviz.figures import Curve, flow_curves, flow_curves_alt

    names = {"carry": "along the cell" if one.name == "LSTM" else "along z", "gates": "by gates"}
    total = Curve("total", one.left[one.carried], one.name.lower())
    parts = [
        Curve(names[path], share, "c" if path == "carry" else "h", dash=1 + (path == "gates"))
        for path, share in one.paths.items()
    ]
    figure = flow_curves([total, *parts], quantity=LEFT, theme=theme())
    figure.update_layout(height=320)
    figure.update_xaxes(title_text="steps back")
    show(figure, flow_curves_alt([total, *parts], LEFT), key=f"gradient paths {one.name}")
