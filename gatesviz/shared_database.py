"""A database that several servers share, such as PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import URL

PATIENCE = 2
"""Seconds that a change or a page waits for the database. Pages are drawn one at a time."""
LOCK = 2_000
"""Milliseconds that a change waits for another one of the same room."""
FORGOTTEN = 5_000
"""Milliseconds after which the database undoes the changes of a server that has vanished."""
CREATING = 4_283_715
"""The number of the lock that a server holds while it creates tables."""


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
