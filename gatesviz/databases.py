"""Databases of rooms and runs: a SQLite file, or one that servers share, such as PostgreSQL."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

PATIENCE = 2
"""Seconds that a change or a page waits for the database. Pages are drawn one at a time."""
RETRY = 0.02
"""Seconds between two attempts to begin a log."""
LOCK = 2_000
"""Milliseconds that a change waits for another one of the same room."""
FORGOTTEN = 5_000
"""Milliseconds after which the database undoes the changes of a server that has vanished."""
CREATING = 4_283_715
"""The number of the lock that a server holds while it creates tables."""


def parse_url(text: str | URL) -> URL:
    """Return the URL of a database as SQLAlchemy reads it.

    Raises:
        ArgumentError: if it is none.
    """
    try:
        return make_url(text)
    except ValueError as error:  # such as a port that is no number
        raise ArgumentError("this is not the URL of a database") from error


def is_file(url: URL) -> bool:
    """Return whether ``url`` is a SQLite database, which only this machine can use."""
    return url.get_backend_name() == "sqlite"


def shared_engine(url: URL) -> Engine:
    """Return the engine of a database that is no file. It connects when it is first used."""
    return create_engine(
        url,
        pool_pre_ping=True,  # a connection may be older than the last restart of the database
        pool_timeout=PATIENCE,
        connect_args=_limits(url),
        hide_parameters=True,
    )


def file_engine(
    url: URL, *, patience: float = PATIENCE, pragmas: tuple[str, ...] = (), **options: Any
) -> Engine:
    """Return the engine of a SQLite file, in which readers and a writer don't wait for each other.

    Args:
        url: of the file.
        patience: seconds that a change waits while another process holds the lock.
        pragmas: further settings of each connection.
        options: of `sqlalchemy.create_engine`.
    """
    connecting = {"timeout": patience}
    engine = create_engine(url, connect_args=connecting, hide_parameters=True, **options)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        _begin_log(connection, patience)
        for pragma in ("synchronous=NORMAL", *pragmas):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _begin_log(connection: Any, patience: float) -> None:
    """Let the file have a write-ahead log.

    SQLite doesn't wait if another server does this at the same moment. It says "locked" at once.
    """
    end = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(RETRY)


def _limits(url: URL) -> dict[str, Any]:
    """Return how long libpq and PostgreSQL wait.

    A server whose machine loses its network may hold the lock of a room. Without these limits,
    PostgreSQL would keep that lock for hours, and every answer in the room would wait for it.
    """
    if url.get_driver_name() not in ("psycopg", "psycopg2"):
        return {}
    given = url.query.get("options", "")
    settings = {
        "lock_timeout": LOCK,
        "idle_in_transaction_session_timeout": FORGOTTEN,
    }
    options = [given if isinstance(given, str) else " ".join(given)]
    options += [f"-c {name}={value}" for name, value in settings.items()]
    return {
        "connect_timeout": PATIENCE,
        "tcp_user_timeout": FORGOTTEN,
        "options": " ".join(options).strip(),
    }


def lock_creation(connection: Connection) -> None:
    """Let one server at a time create tables, until the end of its transaction.

    In PostgreSQL, CREATE TABLE IF NOT EXISTS fails if another server does the same at that moment.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({CREATING})")
    elif connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def creating(engine: Engine) -> Iterator[Connection]:
    """Create tables in one transaction, while no other server does."""
    with engine.begin() as connection:
        lock_creation(connection)
        yield connection
