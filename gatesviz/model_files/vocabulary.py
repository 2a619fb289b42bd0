"""The vocabulary of a model: from JSON, a text file, a pasted line, a list or the checkpoint."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from gatesviz.limits import HEADER_PARTS, UPLOAD_BYTES
from gatesviz.model_files.contents import quoted, shown

_NAMES = re.compile(
    r"vocab|itos|stoi|(char|letter|token|word|id|idx|index|ix|int)s?_?(to|2)_?\w+|"
    r"(^|\.)((all_?)?(chars|letters|tokens|words|symbols|characters)|alphabet|dictionary"
    r"|[ctw]2[inx]|[inx]2[ctw]|(char|letter|token|word)_?(map(ping)?|ind(ex|ices)))$",
    re.IGNORECASE,
)
Given = str | Path | Sequence[str] | Mapping[str, int] | None


def vocabulary_of(given: Given, sizes: Sequence[int], extras: Mapping[str, object]) -> "Found":
    """Return the vocabulary and a note on where it is from.

    Args:
        given: what the caller passed: a file, a text, a list or a mapping; None to look for it in
            the checkpoint.
        sizes: how many entries the model may have: the rows of its embedding, or its inputs.
        extras: name -> what else the checkpoint holds.

    Raises:
        ValueError: if ``given`` can't be read or has another number of entries.
        OSError: if it is a file that can't be opened.
    """
    if given is None:
        return _from_checkpoint(sizes, extras)
    return tuple(_counted(_entries(given, sizes), sizes)), ""


Found = tuple[tuple[str, ...] | None, str]


def _counted(entries: list[str], sizes: Sequence[int]) -> list[str]:
    if sizes and len(entries) not in sizes:
        raise ValueError(
            f"vocabulary: it has {len(entries):,} entries, and the model reads"
            f" {' or '.join(f'{size:,}' for size in sizes)}: expected one entry for each"
        )
    return entries


def _from_checkpoint(sizes: Sequence[int], extras: Mapping[str, object]) -> Found:
    for name, value in extras.items():
        if not _NAMES.search(name) or not isinstance(value, Mapping | list | tuple | str):
            continue
        if len(value) not in sizes:
            continue
        try:
            return tuple(_entries(value, sizes)), f"The vocabulary is {quoted(name)} of the file."
        except (TypeError, ValueError):
            continue
    return None, ""


def _entries(given: object, sizes: Sequence[int]) -> list[str]:
    if isinstance(given, Path):
        return _from_file(given, sizes)
    if isinstance(given, str):
        path = Path(given) if len(given) < 1_000 and given.endswith((".json", ".txt")) else None
        return _from_file(path, sizes) if path is not None else _from_text(given, sizes)
    if isinstance(given, Mapping):
        return _from_mapping(given)
    if isinstance(given, list | tuple):
        for position, entry in enumerate(given):
            if not isinstance(entry, str):
                raise TypeError(f"vocabulary: entry {position} is {quoted(entry)}, expected a text")
        return _different(list(given))
    raise TypeError(
        "vocabulary: expected a file, a text, a list of texts or a mapping of texts to numbers,"
        f" got a {type(given).__name__}"
    )


def _from_mapping(given: Mapping[object, object]) -> list[str]:
    """Return the entries in order: of {text: number}, or of {number: text}."""
    pairs = [(k, v) for k, v in given.items()]
    if all(isinstance(k, int) or (isinstance(k, str) and k.isdecimal()) for k, _ in pairs) and all(
        isinstance(v, str) for _, v in pairs
    ):
        pairs = [(v, int(str(k))) for k, v in pairs]
    numbers: dict[int, str] = {}
    for text, number in pairs:
        if not isinstance(text, str) or not isinstance(number, int) or isinstance(number, bool):
            raise ValueError(
                f"vocabulary: expected texts with whole numbers, got {quoted((text, number))}"
            )
        numbers[number] = text
    if sorted(numbers) != list(range(len(pairs))):
        raise ValueError(
            f"vocabulary: expected the numbers 0 to {len(pairs) - 1:,}, each once, got"
            f" {quoted(sorted(numbers)[:8])}"
        )
    return _different([numbers[k] for k in range(len(numbers))])


def _from_file(path: Path, sizes: Sequence[int]) -> list[str]:
    size = path.stat().st_size
    if size > UPLOAD_BYTES.high:
        raise ValueError(
            f"{shown(path)} has {size:,} bytes, expected a vocabulary of up to"
            f" {UPLOAD_BYTES.high:,}"
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{shown(path)} isn't UTF-8 text: expected a vocabulary") from None
    if path.suffix.lower() != ".json":
        return read_vocabulary(text, sizes)
    return _from_json(_parsed(text, shown(path)), sizes, shown(path))


def read_vocabulary(text: str, sizes: Sequence[int]) -> list[str]:
    """Return the entries that a text holds: JSON, or one entry a character, word or line.

    Args:
        text: a list or a mapping in JSON, or a text whose characters, words, lines or parts
            between commas are the entries.
        sizes: how many entries are allowed; any number if it is empty.

    Raises:
        ValueError: if it holds another number of entries, or an entry twice.
    """
    if text.lstrip()[:1] in ("{", "["):
        try:
            data = _parsed(text, "vocabulary")
        except ValueError:
            return _from_text(text, sizes)
        return _counted(_from_json(data, sizes, "vocabulary"), sizes)
    return _counted(_from_text(text, sizes), sizes)


def _parsed(text: str, where: str) -> object:
    HEADER_PARTS.check(1 + sum(map(text.count, ",[{")))
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(f"{where} isn't JSON: expected a list or a mapping") from None


def _from_json(data: object, sizes: Sequence[int], where: str) -> list[str]:
    """Return the vocabulary in ``data``, or in one of its parts, as tokenizers nest them."""
    problem = "expected a list of texts, or a mapping of texts to whole numbers"
    for part in _nested(data):
        if len(part) not in sizes and sizes and part is not data:
            continue
        try:
            return _entries(part, sizes)
        except (TypeError, ValueError) as error:
            problem = str(error) if part is data else problem
    problem = problem.removeprefix("vocabulary: ")
    raise ValueError(f"{where}: {problem}")


def _nested(data: object, depth: int = 0) -> "Iterator[Mapping[object, object] | list[object]]":
    if isinstance(data, dict | list):
        yield data
    if isinstance(data, dict) and depth < 3:
        for value in data.values():
            yield from _nested(value, depth + 1)


def _from_text(text: str, sizes: Sequence[int]) -> list[str]:
    """Return the entries of a text: its characters, its words or its lines, as many as fit."""
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    if lines and not lines[-1]:
        lines.pop()
    line = text.removesuffix("\n").removesuffix("\r")
    ways = ([*line], [*text], lines, text.split(), [each.strip() for each in text.split(",")])
    for entries in ways:
        if len(entries) in sizes and len(set(entries)) == len(entries):
            return entries
    if sizes:
        wanted = " or ".join(f"{size:,}" for size in sizes)
        raise ValueError(
            f"vocabulary: the text has {len(line):,} characters, {len(text.split()):,} words and"
            f" {len(lines):,} lines: expected {wanted} of one of them, each different"
        )
    return _different(lines if len(lines) > 1 else [*line])


def _different(entries: list[str]) -> list[str]:
    if not entries:
        raise ValueError("vocabulary: it is empty, expected one entry for each input")
    if len(set(entries)) < len(entries):
        [(twice, _)] = Counter(entries).most_common(1)
        raise ValueError(f"vocabulary: {quoted(twice)} occurs twice, expected different entries")
    return entries
