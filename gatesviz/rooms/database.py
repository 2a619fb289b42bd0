"""The connection to the database, and what happens if it fails."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from gatesviz.rooms.question import UnavailableError
from gatesviz.rooms.tables import METADATA
from gatesviz.shared_database import PATIENCE, creating, is_file, shared_engine
from gatesviz.storage import Pause

FAILED = "the server can't reach the database of its rooms"


def engine(url: str) -> Engine:
    """Return the engine of a database. A SQLite file's folder is created."""
    try:
        parsed = make_url(url)
    except ValueError as error:  # such as a port that is no number
        raise ArgumentError("this is not the URL of a database") from error
    if not is_file(parsed):
        return shared_engine(parsed)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    made = create_engine(parsed, connect_args={"timeout": PATIENCE}, hide_parameters=True)

    @event.listens_for(made, "connect")
    def prepare(connection: Any, _: object) -> None:
        # Readers and a writer don't wait for each other; deleted answers are overwritten.
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return made


def create_tables(engine: Engine) -> None:
    """Create the tables that are missing, and add the columns that an earlier version lacks.

    These columns must allow NULL. Other servers may do the same at the same time.
    """
    with creating(engine) as connection:
        METADATA.create_all(connection)
        known = inspect(connection)
        for table in METADATA.tables.values():
            names = {column["name"] for column in known.get_columns(table.name)}
            for column in table.columns:
                if column.name not in names:
                    kind = column.type.compile(engine.dialect)
                    connection.exec_driver_sql(f"ALTER TABLE {table} ADD {column.name} {kind}")


@cache
def pause_of(url: str) -> Pause:
    """Return this process's pause of a database. It outlasts an attempt to open the database."""
    return Pause()


@contextmanager
def reported(pause: Pause) -> Iterator[None]:
    """Raise an `UnavailableError`, without the database's address, if the database fails.

    If there is no connection to it, ``pause`` begins. While that lasts, raise the error at once.
    """
    if pause.active:
        raise UnavailableError(FAILED)
    try:
        yield
    except (SQLAlchemyError, OSError, ImportError) as error:
        if not isinstance(error, DBAPIError) or _is_disconnected(error):
            pause.begin()
        logging.getLogger(__name__).warning("the database of rooms failed: %s", error)
        raise UnavailableError(FAILED) from error


def _is_disconnected(error: DBAPIError) -> bool:
    """Return whether the connection failed. If not, such as at a lock, the database is there."""
    return error.statement is None or error.connection_invalidated
