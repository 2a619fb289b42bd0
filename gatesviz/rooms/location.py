"""Where rooms are stored: a SQLite file in the results folder, or the database of a URL."""

import os
from pathlib import Path

from gatesviz.experiments.store import results_folder

DATABASE = "GATESVIZ_DATABASE"
"""Environment variable with a URL, such as postgresql+psycopg://user@host/name."""


def database_url() -> str:
    """Return the URL of the database."""
    given = os.environ.get(DATABASE, "").strip()
    return given or f"sqlite:///{room_file()}"


def room_file() -> Path:
    """Return the SQLite file that is used without a URL."""
    return results_folder() / "rooms.sqlite3"


def may_have_rooms() -> bool:
    """Return whether there can be rooms. It costs next to nothing."""
    return bool(os.environ.get(DATABASE, "").strip()) or room_file().exists()
