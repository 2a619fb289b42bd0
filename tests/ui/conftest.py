"""Pages without a browser."""

from collections.abc import Iterator
from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner

from gatesviz.ui.train import training_heatmap


@pytest.fixture(scope="session", autouse=True)
def one_scan() -> Iterator[None]:
    """Look for components in all installed packages once, as a server does.

    AppTest does so in every run of a page, which takes three quarters of its processor time.
    """
    name = "scan_component_manifests"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, name, cache(getattr(manifest_scanner, name)))
        yield


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the pages of earlier tests, which stay open, be no class that uses the server now."""
    monkeypatch.setattr(training_heatmap, "MANY", 10_000)
