"""A page of the app in AppTest, as a link opens it."""

from typing import Any

from streamlit.testing.v1 import AppTest

from tests.serving import ROOT

MAIN = str(ROOT / "gatesviz" / "ui" / "main.py")


def opened(page: str, session: dict[str, Any] | None = None, **query: str) -> AppTest:
    """Return the page ``page`` after its first run; ``session`` is what the session holds before.

    An exception on the page is an AssertionError.
    """
    app = AppTest.from_file(MAIN, default_timeout=60)
    for name, value in (session or {}).items():
        app.session_state[name] = value
    for name, value in query.items():
        app.query_params[name] = value
    app = app.switch_page(f"../../pages/{page}.py").run()
    assert not app.exception
    return app
