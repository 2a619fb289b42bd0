"""The commands of ``gatesviz`` and their arguments."""

import argparse
import runpy
import socket
import sys
from importlib.metadata import version

from gatesviz.limits import PORT, SEARCH_MINUTES, SEEDS, Limit

KEPT = (
    "Results are kept: Ctrl+C stops, and the same command goes on. GATESVIZ_ENGINE names a cluster."
)


def port(text: str) -> int:
    """Return ``text`` as a port number.

    Raises:
        argparse.ArgumentTypeError: if it is not a whole number that a port can have.
    """
    return _whole(text, PORT)


def seeds(text: str) -> int:
    """Return ``text`` as a number of seeds.

    Raises:
        argparse.ArgumentTypeError: if it is not a whole number that is allowed.
    """
    return _whole(text, SEEDS)


def minutes(text: str) -> int:
    """Return ``text`` as minutes of a search.

    Raises:
        argparse.ArgumentTypeError: if it is not a whole number that is allowed.
    """
    return _whole(text, SEARCH_MINUTES)


def _whole(text: str, limit: Limit) -> int:
    try:
        return limit.check(int(text))
    except ValueError:
        wanted = f"a whole number from {limit.low} to {limit.high} is wanted"
        raise argparse.ArgumentTypeError(f"{text!r} given, {wanted}") from None


def run(arguments: list[str] | None = None) -> None:
    """Read the command line, then serve the app, or do what is asked instead."""
    chosen = _parser().parse_args(arguments)
    if chosen.command == "known-results":
        from gatesviz.cli.known_results import known_results

        known_results(chosen.only, chosen.form)
    elif chosen.command == "experiment":
        from gatesviz.cli.experiment import run_experiment

        run_experiment(chosen.name, chosen.seeds, chosen.form)
    elif chosen.command == "choose":
        from gatesviz.cli.choose import run_search

        more = {"inputs": chosen.inputs, "fill": chosen.fill, "kind": chosen.kind}
        run_search(chosen.file, chosen.column, chosen.minutes, chosen.form, **more)
    else:
        serve(chosen.port, chosen.address)


def _parser() -> argparse.ArgumentParser:
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
    parser.add_argument("--version", action="version", version=f"gatesviz {version('gatesviz')}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _known_results(
        commands.add_parser("known-results", help="check what papers found", epilog=KEPT)
    )
    _experiment(commands.add_parser("experiment", help="answer a question by runs", epilog=KEPT))
    _choose(commands.add_parser("choose", help="find the cell for your data", epilog=KEPT))
    return parser


def _known_results(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Print known results as cards. Exit status 0 only if all hold; a card that cannot be run"
        " here is told and not counted."
    )
    parser.add_argument(
        "--only", action="append", default=[], metavar="KEY", help="one card, as in T3; repeatable"
    )
    _form(parser)
    parser.add_argument(
        "--markdown",
        dest="form",
        action="store_const",
        const="markdown",
        help="a page of the documentation, when all are there",
    )


def _experiment(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Run an experiment and print what it came to. What is measured here and now (time, forward,"
        " fused, memory, parameters) takes seconds and is not kept."
    )
    parser.add_argument("name", metavar="NAME", nargs="?", help="without it, all names are printed")
    parser.add_argument(
        "--seeds", type=seeds, metavar="N", help="runs of each kind; rounds, if here and now"
    )
    _form(parser)


def _choose(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Search settings for RNN, GRU and LSTM, equally many for each, test the best of each on"
        " data that the search never saw, and recommend one, or none. Exit status 0 if a cell is"
        " recommended, 1 if none is, 2 if the data cannot be searched."
    )
    parser.add_argument("file", metavar="FILE", help="a table (CSV or JSON), numbers or a text")
    parser.add_argument(
        "--as",
        dest="kind",
        choices=("table", "numbers", "text"),
        help="how to read the file; default: by its content",
    )
    parser.add_argument(
        "--column",
        metavar="NAME",
        help="the column to forecast, by its name or number (the first is 1); default: the first"
        " that is no id, date, counter or constant",
    )
    parser.add_argument(
        "--inputs",
        metavar="NAMES",
        help="columns to read beside it, as in wind,rain; all: every other column of numbers",
    )
    parser.add_argument(
        "--fill", action="store_true", help="carry the last value of a column over its gaps"
    )
    parser.add_argument(
        "--minutes", type=minutes, default=2, metavar="N", help="for everything; default: 2"
    )
    _form(parser)


def _form(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(form="text")
    parser.add_argument(
        "--json", dest="form", action="store_const", const="json", help="one object a line"
    )


def serve(port: int, address: str) -> None:
    """Run ``app.py`` at ``address``:``port`` with the settings that lie beside it.

    Exits with a sentence if this machine can't listen there.
    """
    _check_address(address)
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


def _check_address(address: str) -> None:
    """Exit with a sentence unless this machine can listen at ``address``."""
    try:
        family, kind, *_, place = socket.getaddrinfo(
            address, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind) as probe:
            probe.bind(place)
    except (OSError, UnicodeError) as error:
        print(
            f"gatesviz: error: --address: {address!r} is no address of this machine"
            f" ({getattr(error, 'strerror', None) or error}). 127.0.0.1 is this machine only,"
            " 0.0.0.0 is everyone.",
            file=sys.stderr,
        )
        sys.exit(2)
