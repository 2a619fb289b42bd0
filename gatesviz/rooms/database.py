"""The connection to the database, and what happens if it fails."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from threading import Lock

from sqlalchemy import Engine, inspect
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from gatesviz.databases import (
    PATIENCE,
    creating,
    file_engine,
    is_file,
    parse_url,
    shared_engine,
)
from gatesviz.rooms.question import UnavailableError
from gatesviz.rooms.tables import METADATA
from gatesviz.storage import ENDINGS, KEPT, Pause, is_damaged, is_locked, is_own, set_aside

FAILED = "the server can't reach the database of its rooms"
DAMAGED = "the file of rooms was damaged, so its rooms are lost. A new file replaces it"
NO_ROOMS = f"{KEPT}, so there are no rooms until the variable names another database"
_REPLACING = Lock()
_REPLACED: set[Path] = set()


def engine(url: str) -> Engine:
    """Return the engine of a database. A SQLite file's folder is created."""
    parsed = parse_url(url)
    if not is_file(parsed):
        return shared_engine(parsed)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    # Deleted answers are overwritten.
    return file_engine(parsed, patience=PATIENCE, pragmas=("secure_delete=ON",))


def opened(url: str) -> Engine:
    """Return the engine of a database that has its tables. A damaged own file is replaced."""
    made = engine(url)
    try:
        create_tables(made)
    except DBAPIError as error:
        if not _replace_damaged(made, error):
            raise
    return made


def _replace_damaged(engine: Engine, error: DBAPIError) -> bool:
    """Delete the app's own damaged file and begin a new one. Return whether that was done.

    Raises:
        UnavailableError: if a URL names the file. It may be anything, so it stays.
    """
    path = Path(engine.url.database or "")
    if not is_file(engine.url) or not (error.orig and is_damaged(error.orig)):
        return False
    if not is_own(path, "rooms"):
        raise UnavailableError(NO_ROOMS) from error
    with _REPLACING:
        if not _is_sound(path):  # or another thread was faster
            _delete(set_aside(path))  # the data of a room lasts no longer than the room
            logging.getLogger(__name__).warning("deleted the damaged %s", path)
            _REPLACED.add(path)
        engine.dispose()
        create_tables(engine)
    return path in _REPLACED


def _delete(path: Path) -> None:
    for ending in ("", *ENDINGS):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _is_sound(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path, timeout=PATIENCE)) as file:
            return bool(file.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.DatabaseError as error:
        return not is_damaged(error)


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
def reported(pause: Pause, engine: Engine | None = None) -> Iterator[None]:
    """Raise an `UnavailableError`, without the database's address, if the database fails.

    If there is no connection to it, or a SQLite file stays locked, ``pause`` begins. While that
    lasts, raise the error at once. If the app's own file is damaged, a new one replaces it. Tables
    that are missing in the database of ``engine`` are created for the next attempt.
    """
    if pause.active:
        raise UnavailableError(FAILED)
    try:
        yield
    except (SQLAlchemyError, OSError, ImportError) as error:
        logging.getLogger(__name__).warning("the database of rooms failed: %s", error)
        with suppress(SQLAlchemyError, OSError):
            if engine and isinstance(error, DBAPIError):
                if _replace_damaged(engine, error):
                    raise UnavailableError(DAMAGED) from error
                if _lacks_table(error):
                    create_tables(engine)
        if not isinstance(error, DBAPIError) or _is_disconnected(error):
            pause.begin()
        raise UnavailableError(FAILED) from error


def _lacks_table(error: DBAPIError) -> bool:
    undefined = bool(getattr(error.orig, "sqlstate", "") == "42P01")  # in PostgreSQL
    return undefined or "no such table" in str(error.orig)


def _is_disconnected(error: DBAPIError) -> bool:
    """Return whether the connection failed, or a process holds the lock of a SQLite file.

    PostgreSQL locks only one room, so the others go on.
    """
    locked = error.orig is not None and is_locked(error.orig)
    return locked or error.statement is None or error.connection_invalidated
