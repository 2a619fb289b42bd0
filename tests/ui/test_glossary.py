"""The glossary: no letter of a cell is missing, and each link leads to a view that exists."""

import re

import pytest

from gatesviz.cells import CELLS
from gatesviz.ui.glossary.terms import Term, gates, sections
from gatesviz.ui.links import complaints
from gatesviz.ui.menu import entry
from tests.test_pages import KNOWN

TWO_MEANINGS = {"W_ih, W_hh", "m and W_hr", "RNN"}
"""Terms with a second sentence: without it, their letters could be taken for something else."""
TERMS = [term for terms in sections().values() for term in terms]


def letters_of_cells() -> set[str]:
    """Return every name in an equation of a cell."""
    working = " ".join(
        f"{e.target} {e.expression}" for cell in CELLS.values() for e in cell.equations
    )
    names = set(re.findall(r"[A-Za-z_]\w*'?", working))
    return {name.replace("'", "′") for name in names if not name.startswith(("Wx_", "Wh_"))}


def test_every_letter_of_every_equation_is_explained() -> None:
    words = {word for term in TERMS for word in re.findall(r"[\w′]+", term.word)}
    assert letters_of_cells() <= words, letters_of_cells() - words
    assert {"x", "y", "T", "B", "H", "I", "W_ih", "W_hh", "b_ih", "b_hh", "W_hr", "m"} <= words


def test_each_gate_of_each_cell_has_its_meaning_and_names_its_cells() -> None:
    for cell in CELLS.values():
        for gate in cell.gates:
            told = [
                term
                for term in gates()
                if term.word == f"{gate.letter}, {gate.name}"
                and gate.meaning.lower().startswith(term.sentence.split(": ", 1)[1].lower())
            ]
            assert any(cell.short in term.sentence for term in told), (cell.short, gate.letter)


def test_a_term_stands_there_once() -> None:
    words = [term.word for term in TERMS if term not in gates()]
    assert len(words) == len(set(words))


def test_a_term_has_one_sentence() -> None:
    for term in TERMS:
        count = len(re.findall(r"[.?!](?=\s|$)", term.sentence))
        assert count == (2 if term.word in TWO_MEANINGS else 1), term.sentence


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.word)
def test_each_link_leads_to_a_view_that_exists(term: Term) -> None:
    assert term.see or term.letter
    assert term.opens.endswith(f" in {entry(term.page).title}")
    assert complaints({name: [value] for name, value in term.query.items()}, KNOWN) == []
