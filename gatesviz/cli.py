"""The command ``gatesviz``: start the app from wherever the package is installed."""

import argparse
import runpy
import sys

from gatesviz.limits import PORT


def port(text: str) -> int:
    """Return ``text`` as a port number.

    Raises:
        argparse.ArgumentTypeError: if it is not a whole number that a port can have.
    """
    try:
        return PORT.check(int(text))
    except ValueError:
        wanted = f"a whole number from {PORT.low} to {PORT.high} is wanted"
        raise argparse.ArgumentTypeError(f"{text!r} given, {wanted}") from None


def main(arguments: list[str] | None = None) -> None:
    """Read the command line, then serve the app until Ctrl+C."""
    parser = argparse.ArgumentParser(
        prog="gatesviz", description="Show what the gates of a recurrent cell do, in a browser."
    )
    parser.add_argument("--port", type=port, default=8501, metavar="N", help="default: 8501")
    parser.add_argument(
        "--address",
        default="127.0.0.1",
        metavar="A",
        help="where to listen; the default, 127.0.0.1, is this machine only; 0.0.0.0 is everyone",
    )
    chosen = parser.parse_args(arguments)
    serve(chosen.port, chosen.address)


def serve(port: int, address: str) -> None:
    """Run ``app.py`` at ``address``:``port`` with the settings that lie beside it."""
    from gatesviz.ui.folders import app_folder

    script = str(app_folder() / "app.py")
    sys.argv = [script]  # Streamlit looks for .streamlit/config.toml, so the theme, beside this
    app = runpy.run_path(script)["app"]
    app.run(
        config={
            "server.port": port,
            "server.address": address,
            "server.headless": True,
            "browser.gatherUsageStats": False,
            "runner.postScriptGC": False,
        }
    )
