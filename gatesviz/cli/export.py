"""The command ``gatesviz export``."""

import sys


def export(folder: str) -> None:
    """Write the static pages into ``folder`` and say where to begin.

    Exits with a sentence if the folder can't be written.
    """
    from gatesviz.export import export_site

    try:
        written = export_site(folder)
    except OSError as error:
        reason = error.strerror or error
        print(f"gatesviz: error: {folder!r} can't be written ({reason}).", file=sys.stderr)
        sys.exit(2)
    size = sum(path.stat().st_size for path in written)
    print(f"{len(written)} files, {size / 1e6:.2f} MB. Open {written[0]} in a browser.")
