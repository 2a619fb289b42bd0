"""Uploaded files: bounded, told about, read once, and gone when no page holds them."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

from gatesviz.limits import RUN_BYTES, UPLOADS_EACH, UPLOADS_IN_ALL, megabytes
from gatesviz.ui import uploads
from gatesviz.ui.uploads import BoundUploads, content, outcome_of
from tests.serving import ROOT

CALLS: list[str] = []


def refuses(text: str) -> str:
    CALLS.append(text)
    raise ValueError(f"{text} cannot be read")


def accepts(text: str) -> list[str]:
    CALLS.append(text)
    return [text]


def test_what_was_read_or_refused_once_is_not_read_again() -> None:
    for _ in range(3):
        with pytest.raises(ValueError, match="a table cannot be read"):
            outcome_of(refuses, "a table")
        assert outcome_of(accepts, "a table") == ["a table"]
    assert CALLS == ["a table", "a table"]


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> MemoryUploadedFileManager:
    held = MemoryUploadedFileManager("/upload")
    runtime = SimpleNamespace(uploaded_file_mgr=held)
    monkeypatch.setattr(Runtime, "instance", classmethod(lambda _: runtime))
    return held


async def store(request: Request) -> PlainTextResponse:
    """Take one file, as Streamlit does."""
    form = await request.form()
    [file] = [value for value in form.values() if isinstance(value, UploadFile)]
    data = await file.read()
    file.file.close()
    record = UploadedFileRec(request.path_params["file"], file.filename or "", "", data)
    Runtime.instance().uploaded_file_mgr.add_file(request.path_params["session"], record)  # type: ignore[attr-defined]
    return PlainTextResponse("")


def upload(
    app: Any, session: str, file: str, data: bytes, *, told: bool = True, status: int = 200
) -> None:
    """Send a file in pieces of a megabyte."""
    body = (
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="my table.csv"\r\n\r\n'
        + data
        + b"\r\n--x--\r\n"
    )
    pieces = [body[k : k + 1_000_000] for k in range(0, len(body), 1_000_000)]
    headers = [(b"content-type", b"multipart/form-data; boundary=x")]
    headers += [(b"content-length", b"%d" % len(body))] if told else []
    scope = {
        "type": "http", "method": "PUT", "path": f"/_stcore/upload_file/{session}/{file}",
        "headers": headers, "query_string": b"", "root_path": "", "app": None,
    }  # fmt: skip
    statuses = []

    async def receive() -> dict[str, Any]:
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    async def send(message: dict[str, Any]) -> None:
        statuses.append(message.get("status", 200))

    asyncio.run(app(scope, receive, send))
    assert statuses[0] == status


@pytest.fixture
def app(manager: MemoryUploadedFileManager) -> BoundUploads:
    route = Route("/_stcore/upload_file/{session}/{file}", store, methods=["PUT"])
    return BoundUploads(Starlette(routes=[route]))


def held(manager: MemoryUploadedFileManager, session: str = "me") -> int:
    return sum(len(file.data) for file in manager.file_storage[session].values())


def test_forty_files_of_five_megabytes_are_not_all_kept(
    app: BoundUploads, manager: MemoryUploadedFileManager
) -> None:
    for k in range(40):
        upload(app, "me", f"{k}", b"1" * 5_000_000)
    assert 55_000_000 < held(manager) < UPLOADS_EACH.high
    files = list(manager.file_storage["me"].values())
    assert {file.name for file in files} == {"my table.csv"}
    last = SimpleNamespace(getvalue=lambda: files[-1].data)
    with pytest.raises(ValueError, match="all files of a browser tab may have 60 MB"):
        content(last)  # type: ignore[arg-type]
    first = SimpleNamespace(getvalue=lambda: files[0].data)
    assert content(first) == b"1" * 5_000_000  # type: ignore[arg-type]
    upload(app, "another", "1", b"2" * 5_000_000)
    assert held(manager, "another") == 5_000_000
    manager.remove_file("me", "0")
    upload(app, "me", "40", b"3" * 4_000_000)
    assert manager.file_storage["me"]["40"].data == b"3" * 4_000_000


def test_everybody_together_is_bounded_and_so_are_files_that_hide_their_size(
    app: BoundUploads, manager: MemoryUploadedFileManager
) -> None:
    whole = b"1" * 50_000_000
    for k in range(UPLOADS_IN_ALL.high // len(whole)):
        manager.add_file(f"s{k}", UploadedFileRec("a", "a", "", whole))
    upload(app, "me", "1", b"2" * 1_000)
    assert held(manager) == 32
    manager.remove_session_files("s0")
    upload(app, "me", "2", b"2" * 1_000, told=False)
    assert held(manager) == 1_032
    manager.add_file("me", UploadedFileRec("a", "a", "", b"1" * 30_000_000))
    upload(app, "me", "3", b"2" * 1_000, told=False)  # it may be up to 40 MB
    assert held(manager) == 30_001_064


@pytest.mark.usefixtures("manager")
def test_files_that_are_still_on_their_way_count() -> None:
    """A second file gets no room that the first, whose bytes are still coming, will need."""
    limit, kept, whole = UPLOADS_EACH.high, [], b"--x\r\nname\r\n\r\n" + b"1" * 1_000
    sizes = {"first": int(0.7 * limit), "second": int(0.6 * limit), "other": int(0.6 * limit)}

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        kept.append((scope["path"].rpartition("/")[2], len((await receive())["body"])))

    async def both() -> None:
        bounded, began, go = BoundUploads(inner), asyncio.Event(), asyncio.Event()

        def call(session: str, file: str, receive: Any) -> Any:
            headers = [(b"content-length", b"%d" % sizes[file])]
            path = f"/_stcore/upload_file/{session}/{file}"
            scope = {"type": "http", "method": "PUT", "path": path, "headers": headers}
            return bounded(scope, receive, None)  # type: ignore[arg-type]

        async def slow() -> dict[str, Any]:
            began.set()
            await go.wait()
            return {"type": "http.request", "body": whole}

        async def quick() -> dict[str, Any]:
            return {"type": "http.request", "body": whole}

        first = asyncio.create_task(call("me", "first", slow))
        await began.wait()
        await call("me", "second", quick)
        await call("you", "other", quick)  # a session of its own has room
        go.set()
        await first
        assert not bounded._coming  # nothing is on its way any more
        await call("me", "second", quick)

    asyncio.run(both())
    names, lengths = zip(*kept, strict=True)
    assert names == ("second", "other", "first", "second")
    assert lengths[0] < 100  # only the name and the marker
    assert lengths[1:] == (len(whole),) * 3


def test_a_swarm_of_empty_files_is_bounded(
    app: BoundUploads, manager: MemoryUploadedFileManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "_FILE", 10_000_000)
    for k in range(9):
        upload(app, "me", f"{k}", b"")
    monkeypatch.setattr(uploads, "MOST_FILES", 9)
    upload(app, "me", "9", b"", status=413)
    assert [len(file.data) for file in manager.file_storage["me"].values()] == [0] * 5 + [32] * 4


def test_the_server_takes_what_the_largest_widget_takes() -> None:
    import tomllib

    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    most = config["server"]["maxUploadSize"] * 1024 * 1024
    assert most >= megabytes(RUN_BYTES) * 1024 * 1024 + 100_000
    assert most <= UPLOADS_EACH.high


def test_leaving_a_page_removes_its_uploads_and_keeps_those_of_others(
    manager: MemoryUploadedFileManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = SimpleNamespace(uploaded_file_mgr=manager, session_id="mine")
    state: dict[str, Any] = {}
    monkeypatch.setattr(uploads, "get_script_run_ctx", lambda: context)
    monkeypatch.setattr(uploads.st, "session_state", state)
    for session, name in (("mine", "table"), ("mine", "run"), ("other", "table")):
        manager.add_file(session, UploadedFileRec(name, name, "", b"1"))
    state |= {
        name: UploadedFile(UploadedFileRec(name, name, "", b"1"), FileURLs(file_id=name))
        for name in ("table", "run")
    }
    uploads.forget_gone()
    assert len(manager.file_storage["mine"]) == 2
    del state["table"]  # as Streamlit does with a widget that no page draws
    uploads.forget_gone()
    assert list(manager.file_storage["mine"]) == ["run"]
    assert list(manager.file_storage["other"]) == ["table"]
