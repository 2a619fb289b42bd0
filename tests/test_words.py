"""Phrases that read like a translation must not come back to strings, comments and documents."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PHRASES = {
    r"\b(is|are) wanted\b|\bwanted:|, \S+ wanted\b": "expected …, got …",
    r"\bforet(ell|old|elling)\w*": "forecast or predict",
    r"\bwhoever\b": "name the person: you, the reader, a session",
    r"\b(of )?one's own\b|\ban own\b": "your own",
    r"\bstands? (here|there|beside|for itself)\b": "is shown here",
    r"\b(it|run|runs|they|he) rests?\b|\bresting\b": "pauses, is paused",
    r"\b(is|are|was|were|be|unless|been) told\b|\btold (of|as|by|in)\b": "is shown, unless given",
    r"\bshall\b": "will, must",
    r"\bbeside it\b": "next to it",
    r"\bworth its while\b": "worth using",
    r"\bwhat was (found|measured)\b": "the result",
    r"\bunder way\b": "running",
    r"\b(some|every)body\b|\bnobody\b": "you, people, every session",
    r"\b(his|him|he)\b": "their, them, they",
    r"\bunder the hand\b|\bby hands?\b": "with sliders",
    r"\btak(e|en|es) home\b|\btakes? home\b": "download",
    r"\blearn\w* by heart\b|\bby heart\b": "memorise",
    r"\bas drawn\b": "PyTorch's default",
    r"\bin the end\b": "finally",
    r"\blies? (in|above|below|at)\b": "is in, is above",
    r"\bor a damaged one\b|\bis (a|an) own\b": "or damaged, your own",
    r"\bbehind (a|the|each) (comma|sign)\b": "after",
    r"\bfigures? that rests?\b": "static chart",
    r"\bhere and now\b": "in this process",
    r"\bas many each\b": "equally many",
}
FORMER = {
    "as drawn",
    "Foretell a stock's price",
    "Foretell a stream of strings",
    "Foretell the temperature",
}
"""Words of older links, which stay in the tables that translate them."""


def python_text(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each string and comment of a Python file."""
    source = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if node.value in FORMER:
                continue
            yield node.lineno, node.value
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def found(path: Path) -> list[str]:
    """Return the forbidden phrases of a file, each with its line and a better phrase."""
    if path.suffix == ".py":
        texts = list(python_text(path))
    else:
        texts = list(enumerate(path.read_text(encoding="utf-8").splitlines(), 1))
    return [
        f"{path.relative_to(ROOT)}:{line} “{hit.group(0)}” → {instead}"
        for line, text in texts
        for phrase, instead in PHRASES.items()
        if (hit := re.search(phrase, text, re.IGNORECASE))
    ]


def parts() -> dict[str, list[Path]]:
    """Return the checked files by part: packages, pages, examples, benchmarks and documents."""
    folders = [p for p in (ROOT / "gatesviz").iterdir() if p.is_dir() and p.name[0] not in "._"]
    whole = {p.name: sorted([*p.rglob("*.py"), *p.rglob("*.js")]) for p in folders}
    ui = whole.pop("ui")
    for path in ui:
        inside = path.relative_to(ROOT / "gatesviz" / "ui").parts
        whole.setdefault(f"ui-{inside[0]}" if len(inside) > 1 else "ui", []).append(path)
    whole["core"] = sorted((ROOT / "gatesviz").glob("*.py"))
    whole["pages"] = [*sorted((ROOT / "pages").glob("*.py")), ROOT / "app.py"]
    for name in ("examples", "benchmarks"):
        whole[name] = sorted((ROOT / name).glob("*.py"))
    whole["documents"] = [ROOT / n for n in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    whole["documents"] += sorted((ROOT / "docs").rglob("*.md"))
    whole["deploy"] = [path for path in sorted((ROOT / "deploy").iterdir()) if path.is_file()]
    for name in ("lessons", "challenges"):
        whole[name] += sorted((ROOT / "gatesviz" / name / "texts").glob("*.md"))
    return {name: files for name, files in whole.items() if files}


@pytest.mark.parametrize("part", parts())
def test_no_phrase_reads_like_a_translation(part: str) -> None:
    hits = [hit for path in parts()[part] for hit in found(path)]
    assert not hits, "\n".join(hits)


def test_a_phrase_would_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a docstring, in an f-string and in a comment; the word alone, as a name, is no phrase.

    A sentence may begin with it.
    """
    file = tmp_path / "one.py"
    file.write_text('"""A shape is wanted."""\ntold = 1\nx = f"{told}: Whoever"  # it rests\n')
    monkeypatch.setattr("tests.test_words.ROOT", tmp_path)
    lines = [hit.split(" ")[0] for hit in found(file)]
    assert sorted(lines) == ["one.py:1", "one.py:3", "one.py:3"]
