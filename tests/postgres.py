"""A PostgreSQL of its own for tests: in a temporary folder, on this machine's loopback only."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.serving import free_port

MISSING = "no PostgreSQL: install Debian's postgresql and pip install 'psycopg[binary]'"
REQUIRED = "GATESVIZ_REQUIRE_SERVERS"
USERS = ("postgres", "nobody")
"""PostgreSQL refuses to run as root, so root starts it as one of these."""
QUICK = "-c fsync=off -c shared_buffers=32MB -c max_connections=60 -c listen_addresses=127.0.0.1"


def skip_or_fail(reason: str) -> None:
    """Skip the test, or fail it where the servers are required."""
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def find_postgres() -> Path | None:
    """Return the folder with the newest ``initdb``, or None."""
    debians = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    found = sorted(debians, key=lambda path: float(path.parts[-3]))
    other = shutil.which("initdb")
    return found[-1].parent if found else Path(other).parent if other else None


@contextmanager
def running_postgres() -> Iterator[str]:
    """Start PostgreSQL and yield its URL for SQLAlchemy. Skip the test where it is missing."""
    programs = find_postgres()
    try:
        import psycopg  # noqa: F401
    except ImportError:
        programs = None
    if programs is None:
        skip_or_fail(MISSING)
        return
    folder = Path(tempfile.mkdtemp(prefix="gatesviz-postgres-"))
    user, port = _user(), free_port()
    if user:
        shutil.chown(folder, user)
    data = folder / "data"
    options = f"{QUICK} -p {port} -k {folder}"
    control = (str(programs / "pg_ctl"), "-D", str(data))
    try:
        _run([str(programs / "initdb"), "-D", str(data), "-U", "gates", "-A", "trust", "-N",
              "-E", "UTF8", "--no-locale"], user)  # fmt: skip
        _run([*control, "-w", "-l", str(folder / "log"), "-o", options, "start"], user)
        try:
            yield f"postgresql+psycopg://gates@127.0.0.1:{port}/postgres"
        finally:
            _run([*control, "-m", "immediate", "stop"], user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def empty(url: str) -> None:
    """Delete all tables."""
    import psycopg

    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def _user() -> str:
    """Return the name of the user that runs PostgreSQL; "" for this one."""
    if os.geteuid() != 0:
        return ""
    known = {each.pw_name for each in pwd.getpwall()}
    return next(name for name in USERS if name in known)


def _run(command: Sequence[str], user: str) -> None:
    done = subprocess.run(
        command, user=user or None, group=pwd.getpwnam(user).pw_gid if user else None, cwd="/",
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"}, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, timeout=60, extra_groups=[] if user else None,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
