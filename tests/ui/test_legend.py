"""The equation that a gate tells in LaTeX is the one that is computed."""

import re

import pytest

from gatesviz.cells import CELLS

GATES = [(cell, gate) for cell in CELLS.values() for gate in cell.gates]


@pytest.mark.parametrize(("cell", "gate"), GATES, ids=lambda one: getattr(one, "letter", None))
def test_the_latex_is_the_equation(cell, gate):
    [expression] = [one.expression for one in cell.equations if one.target == gate.letter]
    k = gate.letter
    told = gate.latex
    for latex, code in [
        (rf"W_{{i{k}}} x + b_{{i{k}}}", f"Wx_{k}"),
        (rf"W_{{h{k}}} h + b_{{h{k}}}", f"Wh_{k}"),
        (rf"W_{{h{k}}} (r \odot h) + b_{{h{k}}}", f"Wh_{k}(r * h)"),
        (r"\sigma", "sigmoid"),
        (r"\tanh", "tanh"),
        (r"\odot", "*"),
    ]:
        told = told.replace(latex, code)
    told = re.sub(r"\((Wh_\w)\)", r"\1", told)
    assert told.replace(" ", "") == f"{k}={expression}".replace(" ", "")
