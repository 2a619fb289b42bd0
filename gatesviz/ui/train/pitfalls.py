"""Two common misunderstandings, explained with the numbers of your models."""

import re
from collections.abc import Iterable

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.training import TrainingSpec
from gatesviz.training.spec import parameter_count
from gatesviz.ui.train.parameters import NAMES
from gatesviz.ui.train.settings import Settings


def explain(settings: Settings) -> None:
    """Draw the short texts, folded."""
    specs = list(settings.specs.values())
    with st.expander("Units are not time steps"):
        for spec in specs:
            st.write(units(spec))
    with st.expander("How the number of parameters is computed"):
        for spec in specs:
            st.write(parameter_sum(spec))
        st.write(
            "Each row has 2 biases because torch.nn stores two, b_ih and b_hh."
            f" {enough(spec.cell for spec in specs)}"
        )


def enough(cells: Iterable[str]) -> str:
    """Return whether one bias would be enough. Two don't add up where a gate multiplies one."""
    but = [
        f" for {equation.target} of the {NAMES[cell]}, where {gate[0]} multiplies only"
        f" b_h{equation.target}"
        for cell in cells
        for equation in CELLS[cell].equations
        if (gate := re.search(r"\w+(?= \* Wh_\w+(?![\w(]))", equation.expression))
    ]
    return f"One would be enough{', except' if but else ''}{' and'.join(but)}."


def units(spec: TrainingSpec) -> str:
    """Return two numbers that are often confused: hidden units and time steps."""
    H, T = spec.actual_hidden_size, spec.length
    text = (
        f"Your {NAMES[spec.cell]} has {H} hidden {'unit' if H == 1 else 'units'}, so h has {H}"
        f" {'number' if H == 1 else 'numbers'}. It reads {T} steps, one after the other, with the"
        f" same weights at each step. It has {spec.parameter_count:,} parameters. With {2 * T}"
        f" steps it would still have {spec.parameter_count:,} parameters."
    )
    if spec.convolution is not None:  # more units would also mean more channels
        return text
    twice = parameter_count(spec.cell, spec.input_size, 2 * H, spec.layers, spec.directions)
    return f"{text} With {2 * H} units it would have {twice:,}."


def parameter_sum(spec: TrainingSpec) -> str:
    """Return the count as a sum of products of the spec's own numbers."""
    H, features = spec.actual_hidden_size, [spec.input_size]
    features += [spec.directions * H] * (spec.layers - 1)
    blocks = len(CELLS[spec.cell].blocks)
    twice = "2 directions · " if spec.bidirectional else ""
    rows = f"{twice}{_count(blocks, 'row')} · {_count(H, 'unit')}"
    sizes = " + ".join(
        f"{rows} · ({_count(inputs, 'input')} + {_count(H, 'number')} of h + 2 biases)"
        for inputs in features
    )
    text = (
        f"{NAMES[spec.cell]}: {sizes} = {spec.parameter_count:,}. Each unit has"
        f" {_count(blocks, 'row')} of weights. Each row has one weight for each input, one for"
        " each number of the previous h, and 2 biases."
    )
    if spec.bidirectional:
        text += " Each direction has its own weights, so two directions double their number."
    if spec.layers > 1:
        text += f" Each layer above the first reads the {features[1]} numbers of h below it."
    if spec.convolution is not None:
        text += f" The inputs are the {spec.input_size} channels of the convolution."
    if rest := spec.weight_count - spec.parameter_count:
        text += f" All other parts of the model have {rest:,} more parameters."
    return text


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
