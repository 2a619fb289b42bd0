"""SQLite files that several servers open at the same moment."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from gatesviz.databases import file_engine, parse_url


@pytest.mark.parametrize("ends", [True, False])
def test_a_server_waits_while_another_one_begins_the_log(
    tmp_path: Path, ends: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With ``timeout=0`` SQLite says "locked" at once, as it does where two begin a log at once."""
    path, slept = tmp_path / "numbers.db", 0

    def sleep(_: float) -> None:
        nonlocal slept
        slept += 1
        if ends and slept == 3:
            other.execute("COMMIT")

    monkeypatch.setattr("gatesviz.databases.time.sleep", sleep)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TABLE numbers (number INTEGER)")
        other.execute("BEGIN EXCLUSIVE")
        engine = file_engine(parse_url(f"sqlite:///{path}"), patience=0.5)

        @event.listens_for(engine, "do_connect")
        def at_once(dialect: object, record: object, given: object, named: dict[str, Any]) -> None:
            named["timeout"] = 0

        if ends:
            with engine.connect() as connection:
                assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            assert slept == 3
        else:
            with pytest.raises(OperationalError, match="database is locked"):
                engine.connect()
            assert slept > 3
        engine.dispose()


def test_another_error_is_raised_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "text.db"
    path.write_text("no database " * 100)
    monkeypatch.setattr("gatesviz.databases.time.sleep", lambda _: pytest.fail("it waited"))
    engine = file_engine(parse_url(f"sqlite:///{path}"))
    with pytest.raises(Exception, match="file is not a database"):
        engine.connect()
    engine.dispose()
