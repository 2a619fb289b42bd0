"""The training text of the packaged character model, all of it from Python's standard library.

The help texts alone, some 285,000 characters, are too few for 58 hidden units, which memorise them.
So the docstrings of the standard library are added, some 1.6 million characters. The held-out text
stays the last tenth of the help texts.
"""

import ast
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gatesviz.tasks.characters import encode, paragraphs, text, topics
from gatesviz.tasks.texts import held_out_from

if TYPE_CHECKING:
    from torch import Tensor

SKIPPED = {"site-packages", "dist-packages", "test", "tests", "idle_test", "lib2to3"}
"""Folders of the standard library that are left out: other people's packages, and tests."""
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def docstrings(folder: Path | None = None) -> Iterator[str]:
    """Yield the docstrings of all Python files in ``folder``, by file name and then by line.

    Files are read, never imported. By default the folder is the standard library's.
    """
    root = Path(sysconfig.get_path("stdlib")) if folder is None else folder
    for path in sorted(root.rglob("*.py"), key=lambda path: path.relative_to(root).parts):
        if SKIPPED.intersection(path.relative_to(root).parts):
            continue
        try:
            nodes = list(ast.walk(ast.parse(path.read_bytes())))
        except (SyntaxError, ValueError):
            continue
        found = [node for node in nodes if isinstance(node, DOCUMENTED)]
        for node in sorted(found, key=lambda node: getattr(node, "lineno", 0)):
            if doc := ast.get_docstring(node):
                yield doc


def training_text() -> "Tensor":
    """Return the help texts that aren't held out, and then the docstrings, as indices, (N,).

    A paragraph that is in the help texts as well is left out of the docstrings.
    """
    import torch

    known = set(topics())
    new = [paragraph for paragraph in paragraphs(docstrings()) if paragraph not in known]
    helps = text()
    return torch.cat([helps[: held_out_from(len(helps))], encode(new)])
