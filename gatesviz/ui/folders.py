"""The folders of the app's files: next to the package in a checkout, inside it in a wheel."""

from pathlib import Path

UI = Path(__file__).resolve().parent


def app_folder() -> Path:
    """Return the folder that holds ``app.py``, ``pages/`` and ``.streamlit/config.toml``."""
    packed = UI.parent / "_app"
    return packed if packed.is_dir() else UI.parents[1]
