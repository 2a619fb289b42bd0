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
        st.write(units(specs))
    with st.expander("How the number of parameters is computed"):
        for spec in specs:
            st.write(parameter_sum(spec, again=spec is not specs[0]))
        st.write(
            "Each row has 2 biases because torch.nn stores two, b_ih and b_hh."
            f" {enough(spec.cell for spec in specs)}"
        )


def enough(cells: Iterable[str]) -> str:
    """Return whether one bias would be enough. Two don't add up where a gate multiplies one."""
    but = [
        f" for {equation.target} of the {CELLS[cell].in_sentences}, where {gate[0]} multiplies only"
        f" b_h{equation.target}"
        for cell in cells
        for equation in CELLS[cell].equations
        if (gate := re.search(r"\w+(?= \* Wh_\w+(?![\w(]))", equation.expression))
    ]
    return f"One would be enough{', except' if but else ''}{' and'.join(but)}."


def units(specs: list[TrainingSpec]) -> str:
    """Return two numbers that are often confused: hidden units and time steps."""
    T = specs[0].length
    sizes = _of_each(specs, [spec.actual_hidden_size for spec in specs])
    counts = _of_each(specs, [spec.parameter_count for spec in specs])
    text = (
        f"h has one number for each hidden unit: {sizes}. Each cell reads {T} steps, one after the"
        f" other, with the same weights at each step. Parameters: {counts}. With {2 * T} steps,"
        " there would be as many."
    )
    if specs[0].convolution is not None:  # more units would also mean more channels
        return text
    twice = [
        parameter_count(
            spec.cell, spec.input_size, 2 * spec.actual_hidden_size, spec.layers, spec.directions
        )
        for spec in specs
    ]
    return f"{text} With twice as many units: {_of_each(specs, twice)}."


def _of_each(specs: list[TrainingSpec], counts: list[int]) -> str:
    named = zip(specs, counts, strict=True)
    return ", ".join(f"{NAMES[spec.cell]} {count:,}" for spec, count in named)


def parameter_sum(spec: TrainingSpec, *, again: bool = False) -> str:
    """Return the count as a sum of products of the spec's own numbers.

    With ``again``, what holds for every cell is left out, because a cell before it has it.
    """
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
        f" {_count(blocks, 'row')} of weights{_rows_for(spec.cell)}."
    )
    if not again:
        text += (
            " Each row has one weight for each input, one for each number of the previous h, and 2"
            " biases."
        )
    if spec.bidirectional and not again:
        text += " Each direction has its own weights, so two directions double their number."
    if spec.layers > 1:
        text += f" Each layer above the first reads the {features[1]} numbers of h below it."
    if spec.convolution is not None:
        text += f" The inputs are the {spec.input_size} channels of the convolution."
    if rest := spec.weight_count - spec.parameter_count:
        apart = "" if spec.convolution is None else "convolution and the "
        verb = "have" if apart else "has"
        text += f" The {apart}readout {verb} another {rest:,} parameters."
    return text


def _rows_for(cell: str) -> str:
    """Return what the rows of a unit are for, after a colon; "" for a cell with one row."""
    blocks = CELLS[cell].blocks
    return f": for {', '.join(blocks[:-1])} and {blocks[-1]}" if len(blocks) > 1 else ""


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
