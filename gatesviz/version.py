"""The version of the package, also for `pyproject.toml`."""

__version__ = "0.2.0"
