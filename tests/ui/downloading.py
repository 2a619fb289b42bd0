"""A page's files, made as Streamlit's server makes them: in a thread, without a session."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state import session_state_proxy

Make = Callable[[], bytes | str]


@contextmanager
def offered() -> Iterator[dict[str, Make]]:
    """Collect what makes each file of the pages that are run inside, by the file's name."""
    made, plain = dict[str, Make](), MediaFileManager.add_deferred

    def add(self: MediaFileManager, make: Make, *rest: str, file_name: str, **more: str) -> str:
        made[file_name] = make
        return plain(self, make, *rest, file_name=file_name, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MediaFileManager, "add_deferred", add)
        yield made


def made_by_server(make: Make) -> bytes | str:
    """Return the file. Looking into the session of the page, which isn't there, is an error."""
    found, plain = list[bytes | str | Exception](), session_state_proxy.get_session_state

    def session() -> object:
        if get_script_run_ctx(suppress_warning=True) is None:
            raise AssertionError("a download looks into the session")
        return plain()

    def run() -> None:
        try:
            found.append(make())
        except Exception as error:  # raised again by the caller
            found.append(error)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session_state_proxy, "get_session_state", session)
        thread = Thread(target=run)
        thread.start()
        thread.join()
    if isinstance(found[0], Exception):
        raise found[0]
    return found[0]
