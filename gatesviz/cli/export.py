"""The command ``gatesviz export``."""

import logging
import sys


def export(folder: str) -> None:
    """Write the static pages into ``folder`` and say where to begin.

    Exits with a sentence if the folder can't be written.
    """
    logging.disable(logging.WARNING)  # Streamlit's: the functions of the pages run without a page
    try:
        from gatesviz.export import export_site

        written = export_site(folder)
    except OSError as error:
        reason = error.strerror or error
        print(f"gatesviz: error: {folder!r} can't be written ({reason}).", file=sys.stderr)
        sys.exit(2)
    finally:
        logging.disable(logging.NOTSET)
    size = sum(path.stat().st_size for path in written)
    print(f"{len(written)} files, {size / 1e6:.2f} MB. Open {written[0]} in a browser.")
