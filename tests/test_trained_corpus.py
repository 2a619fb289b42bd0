"""The training text of the character model: docstrings, and never the held-out text."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from gatesviz.tasks.characters import CHARACTERS, paragraphs, text, topics
from gatesviz.tasks.texts import held_out_from
from gatesviz.trained import corpus
from gatesviz.trained.train import RECIPES, train

FILES = {
    "b.py": '"""Module b."""\ndef f():\n    """Second."""\nclass A:\n    """Third."""\n',
    "a/c.py": 'async def g():\n    """In a folder."""\n    def inner():\n        """Inside."""\n',
    "a/no_docs.py": "x = '''not a docstring'''\n",
    "broken.py": "def (:\n",
    "latin.py": "# coding: latin-1\n'''Déjà vu.'''\n",
    "test/t.py": '"""Left out."""\n',
    "site-packages/p.py": '"""Left out."""\n',
}


def spelled(indices: torch.Tensor) -> str:
    return "".join(CHARACTERS[index] for index in indices.tolist())


@pytest.fixture
def few_docstrings(monkeypatch: pytest.MonkeyPatch) -> None:
    known = topics()

    def found() -> Iterator[str]:
        yield f"A new\n  sentence.\n\n{known[-5].upper()}\n\n{known[3]}"
        yield "A new sentence.\n\nAnother one, with 12 numbers and --- a rule."

    monkeypatch.setattr(corpus, "docstrings", found)


def test_docstrings_come_by_file_and_line_without_tests_and_packages(tmp_path: Path) -> None:
    for name, source in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(source, encoding="latin-1" if name == "latin.py" else "utf-8")
    assert list(corpus.docstrings(tmp_path)) == [
        *("In a folder.", "Inside.", "Module b.", "Second.", "Third.", "Déjà vu."),
    ]


@pytest.mark.usefixtures("few_docstrings")
def test_the_training_text_holds_new_docstrings_once_and_no_held_out_text() -> None:
    helps, found = text(), corpus.training_text()
    cut = held_out_from(len(helps))
    assert torch.equal(found[:cut], helps[:cut])
    assert spelled(found[cut:]) == "a new sentence. another one, with numbers and a rule."


@pytest.mark.usefixtures("few_docstrings")
def test_the_character_model_trains_on_them_to_the_same_bits() -> None:
    recipe = RECIPES["characters-lstm"]
    first, again = (train(recipe, stop=2)[0].state_dict() for _ in range(2))
    other = train(replace(recipe, docstrings=False), stop=2)[0].state_dict()
    assert all(torch.equal(first[k], again[k]) for k in first)
    assert not torch.equal(first["weight_ih_l0"], other["weight_ih_l0"])


def test_paragraphs_are_single_lines_in_small_letters_each_once() -> None:
    assert paragraphs(["A  b\nc\n\nD", "d\n\n A b c"]) == ["a b c", "d"]
