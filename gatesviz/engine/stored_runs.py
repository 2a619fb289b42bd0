"""The last snapshot of each run in a database, so that it is there after a restart.

A row holds a saved run, from which nothing is executed when it is read. People and settings are
hashes, so the database does not tell whose runs there are. Runs on people's own data are
noted without the run, because weights and settings may hold that data.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Literal, TypeVar

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    NullPool,
    String,
    Table,
    and_,
    delete,
    false,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.schema import CreateIndex, CreateTable

from gatesviz.databases import file_engine, is_file, lock_creation, parse_url, shared_engine
from gatesviz.limits import (
    RUN_BYTES,
    RUNS_OF_PERSON,
    STORED_RUN_BYTES,
    STORED_RUN_BYTES_OF_PERSON,
    STORED_RUN_HOURS,
    STORED_RUNS,
)
from gatesviz.storage import KEPT, Pause, is_damaged, is_locked, is_own, reason, set_aside
from gatesviz.training import History, OwnData, State, TrainingSpec
from gatesviz.training.run_files import read_run, run_bytes
from gatesviz.training.spec import spec_text

BUSY = 0.25
"""Seconds that a change or a page waits while another process holds the lock."""
TIDY = 60.0  # seconds between two looks for runs to delete
RUNS = Table(
    "gv_runs",
    MetaData(),
    Column("run_id", String(32), primary_key=True),
    Column("person", String(64), nullable=False),  # a hash
    Column("spec", String(64), nullable=False),  # a hash of the settings and the person
    Column("updates", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("at", Float, nullable=False),  # seconds since 1970
    Column("bytes", Integer, nullable=False),
    Column("run", LargeBinary),  # NULL: the run was not stored
)
OF_PERSON = Index("gv_runs_of_person", RUNS.c.person)
NO_RUNS = f"Runs can't be stored: {KEPT}."
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class RunSnapshot:
    """A run as it is stored.

    Attributes:
        run_id, person, spec: of the run.
        end: how many updates make the whole run.
        state, history: where it stands.
    """

    run_id: str
    person: str
    spec: TrainingSpec
    end: int
    state: State
    history: History


@dataclass(frozen=True)
class StoredRun:
    """A run that was found.

    Attributes:
        run_id: of the run.
        spec_key: of its person and its settings; see the function `spec_key`.
        updates: how many it has made.
        end: how many make the whole run.
        complete: whether it can be restored. If not, only this note is left.
    """

    run_id: str
    spec_key: str
    updates: int
    end: int
    complete: bool


class RunStore:
    """Snapshots in a database. Every method is thread-safe; none raises for a bad disk.

    Args:
        url: of the database, as SQLAlchemy reads it.
        clock: returns the seconds since 1970.

    Attributes:
        problem: a sentence about a problem with the database, or "".
        replaced: how often a damaged file was replaced. The runs in it are lost.
    """

    def __init__(self, url: str | URL, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        try:
            self._url: URL | None = parse_url(url)
        except ArgumentError:  # then every use fails and says so
            self._url = None
        self.problem, self.replaced = "", 0
        self._ready = False  # whether the table is there
        self._pause, self._tidied = Pause(clock), float("-inf")
        self._lock = Lock()
        self._engine: Engine | None = None

    @property
    def shared(self) -> bool:
        """Whether other servers can bring back the runs."""
        return self._url is not None and not is_file(self._url)

    def save(self, snapshots: Sequence[RunSnapshot]) -> bool:
        """Store ``snapshots`` in place of earlier ones of the same runs. Return whether it worked.

        A snapshot with more updates of the same run stays: another server has gone on with it. A
        run never goes back, because a reset ends it and begins another one.

        Of a run on own data, or of one that is too large, only a note is stored.
        """
        rows = [self._row(each) for each in snapshots]

        def act(connection: Connection) -> bool:
            ids = [row["run_id"] for row in rows]
            older = [
                and_(RUNS.c.run_id == r["run_id"], RUNS.c.updates <= r["updates"]) for r in rows
            ]
            connection.execute(delete(RUNS).where(or_(false(), *older)))
            left = select(RUNS.c.run_id, RUNS.c.updates).where(RUNS.c.run_id.in_(ids))
            made = {row.run_id: row.updates for row in connection.execute(left)}
            if new := [row for row in rows if made.get(row["run_id"], -1) <= row["updates"]]:
                connection.execute(insert(RUNS), new)
            return True

        saved = self._with(act) or False
        if saved and self._clock() - self._tidied > TIDY:
            self._tidied = self._clock()
            self._with(lambda connection: _tidy(connection, self._tidied))
        return saved

    def find(self, person: str) -> tuple[StoredRun, ...] | None:
        """Return the stored runs of ``person``, oldest first, or None if the database fails."""
        columns = (RUNS.c.run_id, RUNS.c.spec, RUNS.c.updates, RUNS.c.end, RUNS.c.bytes)
        oldest = self._clock() - STORED_RUN_HOURS * 3600
        query = select(*columns).where(RUNS.c.person == _hash(person), RUNS.c.at > oldest)
        rows = self._with(lambda connection: connection.execute(query.order_by(RUNS.c.at)).all())
        if rows is None:
            return None
        return tuple(StoredRun(*row[:4], complete=row.bytes > 0) for row in rows)

    def load(
        self, run: StoredRun, spec: TrainingSpec
    ) -> tuple[State, History] | Literal["lost", "later"]:
        """Return the snapshot of ``run``.

        It is "lost" if it is gone, damaged, or not of ``spec``. "later" means that the database
        does not answer now.
        """
        query = select(RUNS.c.run).where(RUNS.c.run_id == run.run_id)
        rows = self._with(lambda connection: connection.execute(query).all())
        if rows is None:
            return "later"
        data = rows[0].run if rows else None
        if not data:
            return "lost"
        try:
            state, history = read_run(data)
        except (ValueError, OSError) as error:
            logging.getLogger(__name__).warning("a stored run can't be read: %s", error)
            return "lost"
        return (state, history) if state.spec == spec else "lost"

    def forget(self, person: str, spec: TrainingSpec, without: Collection[str] = ()) -> bool:
        """Delete the runs of ``person`` and ``spec`` but those ``without``."""
        rows = delete(RUNS).where(RUNS.c.spec == spec_key(person, spec))
        rows = rows.where(RUNS.c.run_id.not_in(without))
        return self._with(lambda connection: connection.execute(rows)) is not None

    def close(self) -> None:
        """Close all connections. The next use opens new ones."""
        if self._engine is not None:
            self._engine.dispose()

    def _row(self, snapshot: RunSnapshot) -> dict[str, Any]:
        data = _data(snapshot)
        return {
            "run_id": snapshot.run_id,
            "person": _hash(snapshot.person),
            "spec": spec_key(snapshot.person, snapshot.spec),
            "updates": snapshot.state.updates,
            "end": snapshot.end,
            "at": self._clock(),
            "bytes": len(data or b""),
            "run": data,
        }

    def _with(self, act: Callable[[Connection], T]) -> T | None:
        """Return the result of ``act`` in one transaction, or None if the database fails."""
        if self._pause.active:
            return None
        try:
            new = not self._ready or (self._file is not None and not self._file.exists())
            with self._opened().begin() as connection:
                if new:
                    lock_creation(connection)
                    connection.execute(CreateTable(RUNS, if_not_exists=True))
                    connection.execute(CreateIndex(OF_PERSON, if_not_exists=True))
                answer = act(connection)
            self.problem, self._ready = "", True
            return answer
        except IntegrityError:  # another server has stored the same run at this moment
            logging.getLogger(__name__).info("a run is stored twice; the next snapshot decides")
        except (SQLAlchemyError, OSError, ImportError) as error:
            self._ready = False
            cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
            if is_locked(cause) or not self._file:
                self._pause.begin()
            if self._file and is_damaged(cause):
                self._set_aside(self._file, cause)
            else:
                self._report(f"Runs can't be stored: {self._reason(cause)}.", cause)
        return None

    @property
    def _file(self) -> Path | None:
        """The SQLite file; None for another database."""
        if self._url is None:
            return None
        database = self._url.database
        return Path(database) if database and is_file(self._url) else None

    def _opened(self) -> Engine:
        if self._file:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._lock:
            if self._url is None:
                raise ArgumentError("GATESVIZ_DATABASE is not a URL of a database")
            if self._engine is None:
                self._engine = (
                    # Each transaction opens the file again and notices that it was replaced.
                    file_engine(self._url, patience=BUSY, poolclass=NullPool)
                    if is_file(self._url)
                    else shared_engine(self._url)
                )
            return self._engine

    def _set_aside(self, path: Path, error: BaseException) -> None:
        if not is_own(path, "runs"):
            self._pause.begin()
            self._report(NO_RUNS, error)
            return
        damaged = f"The file of stored runs is damaged: {reason(error, path.parent)}."
        try:
            set_aside(path)
        except OSError as failed:
            self._report(f"{damaged} It can't be replaced: {reason(failed, path.parent)}.", failed)
        else:
            self.replaced += 1
            self._pause.begin()  # the sentence stays for a while
            self._report(f"{damaged} A new file replaces it.", error)

    def _reason(self, error: BaseException) -> str:
        return reason(error, self._file.parent) if self._file else "the database doesn't answer"

    def _report(self, sentence: str, error: BaseException) -> None:
        """Set `problem` to a sentence for the page, and log a warning that names the place."""
        if sentence != self.problem:
            logging.getLogger(__name__).warning("%s (%r: %s)", sentence, self._url, error)
        self.problem = sentence


def spec_key(person: str, spec: TrainingSpec) -> str:
    """Return a hash of settings and person, the same in every process.

    Own data is a part of it by its own hash. Without the person's cookie it cannot be guessed.
    """
    return _hash(person + spec_text(spec))


def _data(snapshot: RunSnapshot) -> bytes | None:
    """Return what is stored of a run, or None if nothing is."""
    if isinstance(snapshot.spec.task, OwnData):
        return None
    try:
        data = run_bytes(snapshot.state, snapshot.history)
    except ValueError:
        logging.getLogger(__name__).exception("a run can't be stored")
        return None
    return data if len(data) <= RUN_BYTES.high else None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _tidy(connection: Connection, now: float) -> None:
    """Delete old rows, and the runs in the oldest rows beyond what may be stored."""
    connection.execute(delete(RUNS).where(RUNS.c.at <= now - STORED_RUN_HOURS * 3600))
    query = select(RUNS.c.run_id, RUNS.c.person, RUNS.c.bytes).order_by(RUNS.c.at.desc())
    total, sizes, counts, extra, large = 0, dict[str, int](), dict[str, int](), [], []
    for place, row in enumerate(connection.execute(query).all()):
        counts[row.person] = counts.get(row.person, 0) + 1
        if place >= STORED_RUNS.high or counts[row.person] > RUNS_OF_PERSON.high:
            extra.append(row.run_id)
            continue
        size = sizes.get(row.person, 0) + row.bytes
        if total + row.bytes > STORED_RUN_BYTES.high or size > STORED_RUN_BYTES_OF_PERSON.high:
            large.append(row.run_id)
            continue
        total, sizes[row.person] = total + row.bytes, size
    connection.execute(delete(RUNS).where(RUNS.c.run_id.in_(extra)))
    emptied = update(RUNS).where(RUNS.c.run_id.in_(large))
    connection.execute(emptied.values(run=None, bytes=0))
