"""What beginners trip over, with the numbers of the models that are trained here."""

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.training import TrainingSpec
from gatesviz.ui.train.parameters import NAMES
from gatesviz.ui.train.settings import Settings


def explain(settings: Settings) -> None:
    """Draw the short texts, closed."""
    specs = list(settings.specs.values())
    with st.expander("Units are not time steps"):
        for spec in specs:
            st.write(units(spec))
    with st.expander("Why it has so many parameters"):
        for spec in specs:
            st.write(parameters(spec))
        st.write("torch.nn keeps two biases, b_ih and b_hh, though one would do: hence the 2.")


def units(spec: TrainingSpec) -> str:
    """Return how many units and steps there are, and that neither depends on the other."""
    H, T = spec.actual_hidden_size, spec.length
    return (
        f"The {NAMES[spec.cell]} here has {H} {'unit' if H == 1 else 'units'}: h is {H} numbers."
        f" It reads {T} steps, one after the other, and uses the same weights at each of them: with"
        f" {2 * T} steps it would have the same {spec.parameter_count:,} parameters, with {2 * H}"
        " units more."
    )


def parameters(spec: TrainingSpec) -> str:
    """Return the count as a sum of products of the spec's own numbers."""
    H, features = spec.actual_hidden_size, [spec.learned.input_size]
    features += [spec.directions * H] * (spec.layers - 1)
    blocks = len(CELLS[spec.cell].blocks)
    twice = "2 · " if spec.bidirectional else ""
    sizes = " + ".join(f"{twice}{blocks} · {H} · ({inputs} + {H} + 2)" for inputs in features)
    rows = "row of weights" if blocks == 1 else "rows of weights"
    told = (
        f"{NAMES[spec.cell]}: {sizes} = {spec.parameter_count:,}. {blocks} {rows} for each of {H}"
        f" {'unit' if H == 1 else 'units'}, each with {features[0]} inputs, {H} numbers of the last"
        " h and 2 biases."
    )
    if spec.bidirectional:
        told += " All of it twice: once for each direction."
    if spec.layers > 1:
        told += f" Every layer above the first reads the {features[1]} numbers of h below it."
    return told
