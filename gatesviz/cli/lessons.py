"""The command ``gatesviz lessons``."""

import sys


def write_lessons(folder: str) -> None:
    """Write every lesson as a page of plain text into ``folder``.

    Exits with a sentence if the folder can't be written.
    """
    from gatesviz.lessons import lessons
    from gatesviz.lessons.plain_pages import write_plain_pages

    try:
        written = write_plain_pages(folder, lessons())
    except OSError as error:
        reason = error.strerror or error
        print(f"gatesviz: error: {folder!r} can't be written ({reason}).", file=sys.stderr)
        sys.exit(2)
    print(f"{len(written)} pages, from {written[0]} on.")
