"""Where rooms are stored: a SQLite file in the results folder, or the database of a URL."""

import os
from pathlib import Path

from gatesviz import storage
from gatesviz.storage import DATABASE, results_folder


def database_url() -> str:
    """Return the URL of the database."""
    return storage.database_url("rooms")


def room_file() -> Path:
    """Return the SQLite file that is used without a URL."""
    return results_folder() / "rooms.sqlite3"


def may_have_rooms() -> bool:
    """Return whether there can be rooms. It costs next to nothing."""
    return bool(os.environ.get(DATABASE, "").strip()) or room_file().exists()
