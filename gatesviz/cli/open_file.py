"""``gatesviz open FILE``: start the app on a model file."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from gatesviz.limits import TYPED_CHARACTERS, UPLOAD_BYTES

MOST_CHARACTERS = 10_000
"""Of a text, which an environment variable holds."""
LONGEST_NAME = 255
"""In characters; a longer name of a file is cut."""


def open_file(model: str, text: str, table: str, vocabulary: str) -> Mapping[str, str]:
    """Return the environment in which the app starts on a model file.

    Args:
        model: path of the file.
        text: for the model to read, or "".
        table: path of a table for the model to read, or "".
        vocabulary: path of a JSON or text file, or "".

    Exits with a sentence if a file can't be read.
    """
    from gatesviz.model_files import choices_of
    from gatesviz.sequences.characters import shown
    from gatesviz.ui.opened_file import OpenedFile

    try:
        parts = choices_of(model)
    except OSError as error:
        _stop(f"{model!r} can't be read ({error.strerror or error}).")
    except (ValueError, ImportError) as error:
        _stop(f"{error}" if "\n" in f"{error}" else f"{error}.")  # code stays as it is
    if len(text) > MOST_CHARACTERS:
        _stop(
            f"--text: it has {len(text):,} characters, expected up to {MOST_CHARACTERS:,}. Paste"
            " it on the page instead."
        )
    words = _read(vocabulary, "--vocabulary", 4 * TYPED_CHARACTERS.high)
    if (count := len(words.decode("utf-8-sig", "replace"))) > TYPED_CHARACTERS.high:
        _stop(
            f"--vocabulary: {vocabulary!r} has {count:,} characters, expected up to"
            f" {TYPED_CHARACTERS.high:,}."
        )
    _read(table, "--csv", UPLOAD_BYTES.high)
    first = parts[0]
    numbers = first.input_size == 1 and not first.embeddings and not first.spelled
    source = "table" if table else "wave" if numbers and not text else "text"
    paths = [str(Path(each).resolve()) if each else "" for each in (table, vocabulary)]
    given = OpenedFile(str(Path(model).resolve()), source, text, *paths)
    print(f"{shown(Path(model).name, LONGEST_NAME)}: {'; '.join(part.sizes for part in parts[:8])}")
    return given.environment()


def _read(path: str, option: str, most: int) -> bytes:
    """Return the content of a file of up to ``most`` bytes; b"" without a path."""
    if not path:
        return b""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        _stop(f"{option}: {path!r} can't be read ({error.strerror or error}).")
    if len(data) > most:
        _stop(f"{option}: {path!r} has {len(data):,} bytes, expected up to {most:,}.")
    return data


def _stop(sentence: str) -> NoReturn:
    print(f"gatesviz: error: {sentence}", file=sys.stderr)
    sys.exit(2)
