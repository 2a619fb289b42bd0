"""What gatesviz uses of Streamlit's internals, a test for each: a new Streamlit may change them.

Where one fails, the sentence names the file that relies on it.
"""

import dataclasses
import inspect
import logging
import sys
from types import SimpleNamespace

import pytest
import streamlit as st
import uvicorn
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import ScriptRunContext
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from streamlit.web.server import server
from streamlit.web.server.starlette import starlette_routes
from uvicorn.loops.auto import auto_loop_factory

from gatesviz.ui import guard, script_turns, shortcuts, streamlit_parts, uploads

CHANGED = f"Streamlit {st.__version__} changed its internals: adapt gatesviz/ui/"


def test_the_server_has_its_uploaded_files_in_memory() -> None:
    assert hasattr(Runtime, "uploaded_file_mgr"), f"{CHANGED}uploads.py, Runtime"
    source = inspect.getsource(server)
    assert "MemoryUploadedFileManager(" in source, f"{CHANGED}uploads.py, its manager of files"


def test_the_manager_of_files_has_them_by_session_and_id() -> None:
    manager, file = MemoryUploadedFileManager("/up"), UploadedFileRec("1", "a.csv", "", b"data")
    manager.add_file("me", file)
    stored = getattr(manager, "file_storage", {})
    assert stored == {"me": {"1": file}}, f"{CHANGED}uploads.py, _storage"
    manager.remove_file("me", "1")
    assert not stored["me"], f"{CHANGED}uploads.py, forget_gone"


def test_uploads_are_put_to_an_address_of_session_and_file() -> None:
    manager = MemoryUploadedFileManager(server.UPLOAD_FILE_ENDPOINT)
    [url] = manager.get_upload_urls("me", ["a.csv"])
    match = uploads._PATH.search(url.upload_url)
    assert match, f"{CHANGED}uploads.py, _PATH: {url.upload_url}"
    assert match[1] == "me", f"{CHANGED}uploads.py, _PATH: {url.upload_url}"
    routes = starlette_routes.create_upload_routes(SimpleNamespace(), manager, None)  # type: ignore[arg-type]
    methods = {method for route in routes for method in route.methods}  # type: ignore[attr-defined]
    assert "PUT" in methods, f"{CHANGED}uploads.py, BoundUploads.__call__"
    assert "POST" not in methods, f"{CHANGED}uploads.py, BoundUploads.__call__"


def test_a_script_is_run_by_the_methods_that_take_turns() -> None:
    assert not script_turns.changed(ScriptRunner), f"{CHANGED}script_turns.py"
    run = inspect.getsource(ScriptRunner._run_script)
    assert run.index("while True:") < run.index("self._on_script_finished("), (
        f"{CHANGED}script_turns.py: reruns no longer stay in _run_script"
    )


def test_requests_are_handled_by_the_methods_that_keep_them() -> None:
    assert not streamlit_parts.changed_part(), f"{CHANGED}script_requests.py"


def test_shortcuts_replace_the_functions_that_they_were_tested_with() -> None:
    changed = [name for shortcut in shortcuts.SHORTCUTS for name in shortcut.changed()]
    assert not changed, f"{CHANGED}shortcuts.py: {changed}"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no uvloop for Windows")
def test_the_server_sends_small_messages_at_once() -> None:
    """Streamlit's socket doesn't name its protocol, so asyncio's own loop lets messages wait."""
    assert uvicorn.Config("app").loop == "auto"
    assert auto_loop_factory().__module__.startswith("uvloop"), f"uvicorn {uvicorn.__version__}"


def test_a_run_of_a_page_knows_its_session_and_files() -> None:
    fields = {field.name for field in dataclasses.fields(ScriptRunContext)}
    assert {"session_id", "uploaded_file_mgr"} <= fields, f"{CHANGED}uploads.py, forget_gone"


def test_an_uploaded_file_has_its_id_and_bytes() -> None:
    from streamlit.proto.Common_pb2 import FileURLs

    file = uploads.UploadedFile(UploadedFileRec("1", "a.csv", "", b"data"), FileURLs(file_id="1"))
    assert (file.file_id, file.getvalue()) == ("1", b"data"), f"{CHANGED}uploads.py, content"


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("new_session", "main_script_path"),
        ("backend_operation_response", "error_msg"),
        ("git_info_changed", ""),
    ],
)
def test_a_message_to_the_browser_has_the_fields_with_paths(kind: str, field: str) -> None:
    kinds = ForwardMsg.DESCRIPTOR.oneofs_by_name["type"].fields
    found = {each.name: each.message_type for each in kinds}
    assert kind in found, f"{CHANGED}guard.py, _scrub: {kind}"
    assert not field or field in found[kind].fields_by_name, f"{CHANGED}guard.py, _scrub: {field}"


def test_the_addresses_of_metrics_and_health_are_those_that_the_guard_knows() -> None:
    metrics, health = starlette_routes.ROUTE_METRICS, starlette_routes.ROUTE_HEALTH
    assert guard._CLOSED.search(f"/{metrics.lstrip('/')}"), f"{CHANGED}guard.py, _CLOSED: {metrics}"
    assert guard._HEALTH.search(f"/{health.lstrip('/')}"), f"{CHANGED}guard.py, _HEALTH: {health}"


def test_options_that_the_guard_reads_exist() -> None:
    for option in ("server.allowedHosts", "browser.serverAddress", "client.showErrorDetails"):
        assert st.get_option(option) is not None or option == "browser.serverAddress", (
            f"{CHANGED}guard.py and failures.py: {option}"
        )


def test_without_the_stored_files_an_upload_still_works_and_the_log_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    changed = SimpleNamespace(uploaded_file_mgr=SimpleNamespace(files={}))
    monkeypatch.setattr(Runtime, "instance", classmethod(lambda _: changed))
    uploads._warn_uncounted.cache_clear()
    with caplog.at_level(logging.WARNING, "gatesviz.ui.uploads"):
        assert uploads._storage() == uploads._storage() == {}
    [record] = caplog.records
    assert f"can't be counted with Streamlit {st.__version__}" in record.getMessage()
    uploads._warn_uncounted.cache_clear()
