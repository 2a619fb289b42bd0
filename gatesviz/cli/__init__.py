"""The command ``gatesviz``: start the app from wherever the package is installed, or measure."""

import sys


def main(arguments: list[str] | None = None) -> None:
    """Read the command line, then serve the app until Ctrl+C, or do what is asked instead."""
    try:
        from gatesviz.cli.commands import run  # here, so that Ctrl+C is met while it loads, too

        run(arguments)
    except KeyboardInterrupt:
        sys.exit(130)  # as a shell says that Ctrl+C ended a command
