"""The vocabulary of a model: from JSON, Python, a text file, a pasted line or the checkpoint."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from gatesviz.limits import HEADER_PARTS, UPLOAD_BYTES
from gatesviz.model_files.contents import listed, quoted, shown
from gatesviz.model_files.python_values import (
    RepeatedKeyError,
    bare,
    json_value,
    looks_printed,
    python_value,
)
from gatesviz.model_files.vocabulary_names import (
    can_be_read,
    is_usual,
    side_of,
    side_of_reader,
)

EXAMPLES = "such as ['a', 'b'] or {'a': 0, 'b': 1}"
"""What is expected, at the end of a sentence."""
AMBIGUOUS, PASS = "In the file, ", " Pass the right one as vocabulary=."
"""The beginning and the end of the note that several mappings could be the vocabulary."""
UNNAMED = "<0>"
"""Entry 0 of a vocabulary whose numbers begin at 1."""
_FILE_NAME = re.compile(r"[\w./\\:~-]*\w\.(csv|tsv|vocab|voc|dict|pkl|pickle|model|bpe|yaml|yml)")
"""What the name of a file with a vocabulary looks like."""
Given = str | Path | Sequence[str] | Mapping[str, int] | None


def vocabulary_of(
    given: Given,
    sizes: Sequence[int],
    extras: Mapping[str, object],
    *,
    embedded: bool,
    answers: int,
    reader: Sequence[str] = (),
) -> "Found":
    """Return the vocabulary and a note on where it is from.

    A checkpoint's own is a list, a text or a mapping with as many entries as the model reads, under
    a name such as "vocab", "itos" or "alphabet". Else it is the only mapping between texts and
    0 … V − 1, in either direction, whatever its name, unless that speaks of answers, such as labels
    or tags. If there are V answers, too, such a mapping of words isn't taken: it could name these.
    Of "src_vocab" and "trg_vocab", an encoder reads the first and a decoder the second. If mappings
    differ and no name says which is read, none is taken.

    Args:
        given: what the caller passed: a file, a text, a list or a mapping; None to look for it in
            the checkpoint.
        sizes: how many entries the model may have: the rows of its embedding, or its inputs.
        extras: name -> what else the checkpoint holds.
        embedded: whether the model has an embedding, so that it surely reads entries.
        answers: how many answers its readout has; 0 without one. A mapping of as many texts can
            name these.
        reader: the names of the part and its embedding. They may say that it reads the source or
            the target of a translation.

    Raises:
        ValueError: if ``given`` can't be read or has another number of entries.
        OSError: if it is a file that can't be opened.
    """
    if given is None:
        return _from_checkpoint(sizes, extras, embedded, answers in sizes, side_of_reader(reader))
    return tuple(_counted(_entries(given, sizes), sizes)), ""


Found = tuple[tuple[str, ...] | None, str]


def _counted(entries: list[str], sizes: Sequence[int]) -> list[str]:
    if sizes and len(entries) not in sizes:
        raise ValueError(
            f"vocabulary: it has {_amount(len(entries), 'entry', 'entries')}, and the model reads"
            f" {' or '.join(f'{size:,}' for size in sizes)}: expected one entry for each"
        )
    return entries


def _from_checkpoint(
    sizes: Sequence[int], extras: Mapping[str, object], embedded: bool, as_many: bool, side: str
) -> "Found":
    """Return the vocabulary under a usual name, else the only mapping that can be one.

    Without an embedding, inputs can also be columns with names. A mapping without a usual name then
    counts if its texts are single characters. So it does if the model has ``as_many`` answers: the
    texts can be their names. Of a translation, only the ``side`` that is read counts.
    """
    held = {n: v for n, v in extras.items() if isinstance(v, Mapping | list | tuple | str)}
    held = {n: v for n, v in held.items() if _has_size(v, sizes) and can_be_read(n, side)}
    usual = {n: _readable(v, sizes) for n, v in held.items() if is_usual(n, as_many)}
    named = {n: v for n, v in usual.items() if v}
    if named:
        return _agreed(named, side)
    others = {n: _readable(v, sizes) for n, v in held.items() if isinstance(v, Mapping)}
    fits = {n: v for n, v in others.items() if v and (embedded or max(map(len, v)) == 1)}
    different = dict.fromkeys(fits.values())
    if as_many and len(different) == 1 and max(map(len, next(iter(different)))) > 1:
        return None, (
            f"{AMBIGUOUS}{listed([*fits])} could be the vocabulary or the names of the"
            f" answers.{PASS}"
        )
    return _agreed(fits, side)


def _agreed(fits: Mapping[str, tuple[str, ...]], side: str) -> "Found":
    """Return the vocabulary that all mappings hold, or those of the reader's side.

    Args:
        fits: name -> entries; each could be the vocabulary.
        side: "source" or "target" of a translation, or "".
    """
    sides = {name: side_of(name) for name in fits}
    if side in sides.values() and side:
        fits = {name: words for name, words in fits.items() if sides[name] == side}
    elif side:
        other = [name for name in fits if sides[name]]
        fits = {name: words for name, words in fits.items() if name not in other}
        if other and not fits:
            return (
                None,
                f"{AMBIGUOUS}{listed(other)} could be the vocabulary of another part.{PASS}",
            )
    if not fits:
        return None, ""
    name = min(fits, key=lambda each: fits[each].count(UNNAMED))  # the first with most names
    if any(not _same(words, fits[name]) for words in fits.values()):
        return None, (
            f"{AMBIGUOUS}{listed([*fits])} differ, and each could be the vocabulary.{PASS}"
        )
    return fits[name], f"The vocabulary is {quoted(name)} of the file."


def _same(words: Sequence[str], others: Sequence[str]) -> bool:
    """Return whether two vocabularies have the same entries, apart from one without a name."""
    pairs = zip(words, others, strict=False)
    return len(words) == len(others) and all(a in (b, UNNAMED) for a, b in pairs)


def _has_size(value: Mapping[object, object] | Sequence[object], sizes: Sequence[int]) -> bool:
    """Return whether a collection can be a vocabulary; one that begins at 1 has one entry less."""
    return len(value) in sizes or (isinstance(value, Mapping) and len(value) + 1 in sizes)


def _readable(value: object, sizes: Sequence[int]) -> tuple[str, ...] | None:
    """Return the entries that a value of a checkpoint holds; None if it is not a vocabulary."""
    try:
        return tuple(_from_text(value, sizes) if isinstance(value, str) else _entries(value, sizes))
    except (TypeError, ValueError):
        return None


def _entries(given: object, sizes: Sequence[int]) -> list[str]:
    if isinstance(given, Path):
        return _from_file(given, sizes)
    if isinstance(given, str):
        path = Path(given) if len(given) < 1_000 and given.endswith((".json", ".txt")) else None
        if path is not None:
            return _from_file(path, sizes)
        if _names_a_file(given):
            raise ValueError(
                f"vocabulary: {quoted(given)} is the name of a file, and a text is read as the"
                f" vocabulary itself. For the file, pass Path({given!r}) from pathlib"
            )
        return read_vocabulary(given, sizes)
    if isinstance(given, Mapping):
        return from_mapping(given, sizes)
    if isinstance(given, list | tuple):
        for position, entry in enumerate(given):
            if not isinstance(entry, str):
                raise TypeError(
                    f"vocabulary: entry {position} is {quoted(entry)}, expected a text. Write the"
                    f" entries in quotes, {EXAMPLES}"
                )
        return _different(list(given))
    raise TypeError(
        "vocabulary: expected a file, a text, a list of texts or a mapping of texts to numbers,"
        f" got a {type(given).__name__}"
    )


def _names_a_file(text: str) -> bool:
    """Return whether a text looks like the name of a file, or is that of one.

    A text of characters can look like one by chance. It has white space, or no letters at its end.
    """
    if len(text) > 255 or any(character.isspace() for character in text):
        return False
    if _FILE_NAME.fullmatch(text):
        return True
    try:
        return len(text) > 1 and Path(text).is_file()
    except (OSError, ValueError):  # no name that this system allows
        return False


def from_mapping(given: Mapping[object, object], sizes: Sequence[int] = ()) -> list[str]:
    """Return the entries in order: of {text: number}, or of {number: text}.

    Numbers that begin at 1 are those of Keras's Tokenizer, which keeps 0 for padding. If one of the
    ``sizes`` has room for it, entry 0 is `UNNAMED`.

    Raises:
        ValueError: if a number is missing or occurs twice, or something isn't a text or a number.
    """
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
    if len(pairs) + 1 in sizes and sorted(numbers) == list(range(1, len(pairs) + 1)):
        numbers[0] = UNNAMED
    elif sorted(numbers) != list(range(len(pairs))):
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
    return _from_collection(_parsed(bare(text), shown(path)), sizes, shown(path))


def read_vocabulary(text: str, sizes: Sequence[int]) -> list[str]:
    """Return the entries that a text holds: a list or mapping, or a character, word or line each.

    Args:
        text: a list or a mapping in JSON or as Python prints it, also with a name in front, as in
            ``stoi = {...}``; or a text whose characters, words, lines or parts between commas are
            the entries. Nothing in it is executed.
        sizes: how many entries are allowed; any number if it is empty.

    Raises:
        ValueError: if it holds another number of entries, or an entry twice.
    """
    inner = bare(text)
    try:
        bracket = inner.lstrip()[:1] in ("{", "[", "(")
        data = _parsed(inner, "vocabulary") if bracket else None
    except ValueError:
        line = [*text.removesuffix("\n").removesuffix("\r")]
        if looks_printed(inner) and not (len(line) in sizes and len(set(line)) == len(line)):
            raise
        data = None
    if not data:  # an empty pair of brackets can be two characters
        return _counted(_from_text(text, sizes), sizes)
    return _counted(_from_collection(data, sizes, "vocabulary"), sizes)


def _parsed(text: str, where: str) -> object:
    """Return the collection that ``text`` holds in JSON, or as Python prints it."""
    HEADER_PARTS.check(1 + sum(map(text.count, ",[{(")))
    try:
        return json_value(text)
    except RepeatedKeyError as error:
        raise ValueError(f"{where}: {error}") from None
    except (ValueError, RecursionError):
        pass
    try:
        return python_value(text)
    except RepeatedKeyError as error:
        raise ValueError(f"{where}: {error}") from None
    except ValueError as error:
        raise ValueError(f"{where}: {error}. Expected texts in quotes, {EXAMPLES}") from None


def _from_collection(data: object, sizes: Sequence[int], where: str) -> list[str]:
    """Return the vocabulary in ``data``, or in one of its parts, as tokenizers nest them."""
    problem = f"expected a list of texts, or a mapping of texts to whole numbers, {EXAMPLES}"
    if isinstance(data, set):
        problem = f"a set has no order. Expected a list of texts, {EXAMPLES}"
    for part in _nested(data):
        if sizes and not _has_size(part, sizes) and part is not data:
            continue
        try:
            return _entries(part, sizes)
        except (TypeError, ValueError) as error:
            problem = str(error) if part is data else problem
    problem = problem.removeprefix("vocabulary: ")
    raise ValueError(f"{where}: {problem}")


def _nested(data: object, depth: int = 0) -> "Iterator[Mapping[object, object] | Sequence[object]]":
    if isinstance(data, dict | list | tuple):
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
            f"vocabulary: expected {wanted} different entries: as characters, words or lines, or as"
            f" a list, {EXAMPLES}. This text has {_amount(len(line), 'character')},"
            f" {_amount(len(text.split()), 'word')} and {_amount(len(lines), 'line')}"
        )
    return _different(lines if len(lines) > 1 else [*line])


def _amount(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _different(entries: list[str]) -> list[str]:
    if not entries:
        raise ValueError("vocabulary: it is empty, expected one entry for each input")
    if len(set(entries)) < len(entries):
        [(twice, _)] = Counter(entries).most_common(1)
        raise ValueError(f"vocabulary: {quoted(twice)} occurs twice, expected different entries")
    return entries
