"""Record the steps with a torch.nn module and compare them with PyTorch's own results."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.fresh import one_step
from gatesviz.player.payload import Panel, Selection, payload
from gatesviz.tiny_cell import module_of
from gatesviz.traces import Array, Trace
from gatesviz.ui.inside.moment import Moment
from gatesviz.ui.inside.sentences import differing
from gatesviz.ui.inside.sliders import slider_places
from gatesviz.ui.player import opening, stage

if TYPE_CHECKING:
    from torch import Tensor

    from gatesviz.fresh import Module

    State = Tensor | tuple[Tensor, Tensor]

GRID = tuple(round(-3 + 0.1 * k, 1) for k in range(61))
"""The values of x at which the question is answered."""


def recorded(moment: Moment) -> Trace:
    """Return the trace of all T steps of the walk, the current one last."""
    import torch

    from gatesviz.recordings import record

    inputs = torch.tensor(moment.inputs, dtype=torch.float32)[:, None]
    return record(_module(moment), inputs, _start(moment)).trace()


@dataclass(frozen=True)
class Agreement:
    """The largest differences between a recording and PyTorch, over all states of all steps.

    Attributes:
        module: from torch.nn's module, run over the same inputs.
        cell: from torch.nn's cell, called once for each input.
    """

    module: float
    cell: float


def agreement(moment: Moment, trace: Trace) -> Agreement:
    """Compute the same steps with PyTorch's module and cell, and compare."""
    import torch

    module = _module(moment)
    inputs, start = torch.tensor(moment.inputs, dtype=torch.float32)[:, None], _start(moment)
    with torch.inference_mode():
        output, final = module(inputs, start)
        stepped = _stepped(module, inputs, start)
    last = {"h": final[0], "c": final[1]} if isinstance(final, tuple) else {"h": final}
    run: list[Array] = [output.numpy() - trace.after("h")]
    run += [state[0].numpy() - trace.states[name][-1] for name, state in last.items()]
    by_cell: list[Array] = [stepped[name] - trace.after(name) for name in trace.states]
    return Agreement(_largest(run), _largest(by_cell))


def _largest(differences: list[Array]) -> float:
    return max(float(np.abs(difference).max()) for difference in differences)


def _stepped(module: "Module", inputs: "Tensor", start: "State") -> dict[str, Array]:
    """Return each state after each step, (T, H), from torch.nn's cell called once for each."""
    cell, state, seen = one_step(module), start, []
    for x in inputs:
        state = cell(x[None], state)
        seen.append(state if isinstance(state, tuple) else (state,))
    names = ("h", "c")[: len(seen[0])]
    return {
        name: np.stack([step[index][0].numpy() for step in seen])
        for index, name in enumerate(names)
    }


def shares_kept(moment: Moment, trace: Trace) -> Array:
    """Return the share of unit 0's old state that one step keeps, for each x of `GRID`, (61,).

    The gate of `Cell.carried` is that share: the LSTM's f, the GRU's z. Without one, as in the
    RNN, it is half the difference between the results of one step from h = 1 and from h = −1.
    """
    carried = CELLS[moment.cell].carried
    if carried is None:
        up, down = (_over_grid(moment, trace, h).after("h")[0, :, 0] for h in (1.0, -1.0))
        return np.asarray((up - down) / 2)
    over = _over_grid(moment, trace, None)
    return over.gates[carried.gate][0, :, 0]


def _over_grid(moment: Moment, trace: Trace, h_of_unit_0: float | None) -> Trace:
    """Record the current step for each x of `GRID`, as one batch."""
    import torch

    from gatesviz.recordings import record

    old = {}
    for name in trace.states:
        state = trace.before(name)[-1].copy()
        if name == "h" and h_of_unit_0 is not None:
            state[0] = h_of_unit_0
        old[name] = torch.from_numpy(np.tile(state, (1, len(GRID), 1)))
    state = (old["h"], old["c"]) if "c" in old else old["h"]
    return record(_module(moment), torch.tensor(GRID)[None, :, None], state).trace()


def _module(moment: Moment) -> "Module":
    return module_of(moment.cell, moment.units, moment.weights)


def _start(moment: Moment) -> "State":
    import torch

    walk = moment.walk
    h, c = (
        torch.tensor([state[: moment.units]], dtype=torch.float32) for state in (walk.h, walk.c)
    )
    return (h, c) if len(CELLS[moment.cell].states) > 1 else h


_KEY = "inside"


def show_step(moment: Moment, trace: Trace, *, write_link: Callable[[], None]) -> None:
    """Draw the player with all steps. It goes to the last one whenever a slider or button acts.

    ``write_link`` is called whenever the player reports its position: the browser may then send
    an address that lacks what the page has just written.
    """
    data = payload(
        [Panel(trace, features=["x"])],
        select=opening(_KEY, Selection(step=trace.steps - 1)),
        sliders=slider_places(moment, trace),
    )
    stage(data, key=_KEY, above=write_link)


def show_agreement(moment: Moment, trace: Trace) -> None:
    """Write the largest differences between the numbers on screen and PyTorch's own."""
    measured = agreement(moment, trace)
    kind = CELLS[moment.cell]
    over = "" if trace.steps == 1 else f" of all {trace.steps} steps"
    states = f"states{over}"
    if kind.module is None:
        found = differing_from(measured, "the module", "the cell called step by step")
        st.write(
            f"**Checked against itself**, because torch.nn has no {kind.in_sentences}. The"
            f" {states} {found}."
        )
        return
    name = kind.module.name
    found = differing_from(measured, f"torch.nn.{name}", f"torch.nn.{name}Cell")
    st.write(
        f"**We compared the {states} with PyTorch's.** They {found}. Differences up to 10⁻⁶ are"
        " rounding."
    )


def differing_from(measured: Agreement, module: str, cell: str) -> str:
    """Return how far the states are from two computations of them, as the end of a sentence."""
    if measured.module == measured.cell:
        return differing(measured.module, f"{module} and {cell}")
    return f"{differing(measured.module, module)}, and {differing(measured.cell, cell)}"
