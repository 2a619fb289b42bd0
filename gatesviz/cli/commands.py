"""The commands of ``gatesviz`` and their arguments."""

import argparse
import os
import runpy
import socket
import sys
from io import TextIOWrapper

from gatesviz.limits import PORT, SEARCH_MINUTES, SEEDS, Limit
from gatesviz.version import __version__

SAVED = (
    "Finished runs are saved. Ctrl+C stops the command; run it again to continue. To train on a"
    " Dask cluster, set GATESVIZ_ENGINE to the address of its scheduler: tcp://HOST:8786."
)


def port(text: str) -> int:
    """Return ``text`` as a port number.

    Raises:
        argparse.ArgumentTypeError: if it is not a whole number from 1 to 65535.
    """
    return _whole(text, PORT)


def seeds(text: str) -> int:
    """Return ``text`` as a number of seeds.

    Raises:
        argparse.ArgumentTypeError: if it is not a whole number in the allowed range.
    """
    return _whole(text, SEEDS)


def minutes(text: str) -> int:
    """Return ``text`` as the minutes of a search.

    Raises:
        argparse.ArgumentTypeError: if it is not a whole number in the allowed range.
    """
    return _whole(text, SEARCH_MINUTES)


def _whole(text: str, limit: Limit) -> int:
    try:
        return limit.check(int(text))
    except ValueError:
        expected = f"expected a whole number from {limit.low} to {limit.high}"
        raise argparse.ArgumentTypeError(f"{expected}, got {text!r}") from None


def run(arguments: list[str] | None = None) -> None:
    """Read the command line and run its command; without one, serve the app."""
    if isinstance(sys.stdout, TextIOWrapper):  # a file's name may hold what no encoding can write
        sys.stdout.reconfigure(errors="backslashreplace")
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
    elif chosen.command == "export":
        from gatesviz.cli.export import export

        export(chosen.folder)
    elif chosen.command == "open":
        from gatesviz.cli.open_file import open_file

        os.environ.update(open_file(chosen.file, chosen.text, chosen.csv, chosen.vocabulary))
        _check_port(chosen.port, "127.0.0.1")
        print(f"Open http://127.0.0.1:{chosen.port}/feed in a browser.")
        serve(chosen.port, "127.0.0.1")
    elif chosen.command == "lessons":
        from gatesviz.cli.lessons import write_lessons

        write_lessons(chosen.folder)
    else:
        serve(chosen.port, chosen.address)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gatesviz",
        description="Show what the gates and states of a recurrent cell do, in a browser. Without a"
        " command, start the app.",
    )
    parser.add_argument(
        "--port", type=port, default=8501, metavar="N", help="port of the app (default: 8501)"
    )
    parser.add_argument(
        "--address",
        default="127.0.0.1",
        metavar="A",
        help="address of the app (default: 127.0.0.1, for this machine only; 0.0.0.0 lets others"
        " connect)",
    )
    parser.add_argument("--version", action="version", version=f"gatesviz {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _known_results(
        commands.add_parser("known-results", help="check known results from papers", epilog=SAVED)
    )
    _experiment(
        commands.add_parser("experiment", help="run an experiment or a benchmark", epilog=SAVED)
    )
    _choose(commands.add_parser("choose", help="find the best cell for your data", epilog=SAVED))
    _open(commands.add_parser("open", help="start the app on your own model file"))
    _export(commands.add_parser("export", help="write lessons and models as static pages"))
    _lessons(commands.add_parser("lessons", help="write the lessons as plain text"))
    return parser


def _known_results(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Measure known results and print each as a card. The exit status is 0 if every card holds"
        " that this machine can measure. It is 1 if one fails or isn't finished, or if none can be"
        " measured."
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="KEY",
        help="only this card, such as T3; repeat the option for more",
    )
    _form(parser)
    parser.add_argument(
        "--markdown",
        dest="form",
        action="store_const",
        const="markdown",
        help="print one Markdown page when all cards are finished",
    )


def _experiment(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Run an experiment and print its result. The benchmarks (parameters, time, forward, fused,"
        " memory) take seconds, and their results are not saved."
    )
    parser.add_argument("name", metavar="NAME", nargs="?", help="omit it to print all names")
    parser.add_argument(
        "--seeds",
        type=seeds,
        metavar="N",
        help="number of seeds: each cell or setting is trained once with each (default for a claim:"
        " 6). For a benchmark, the number of rounds (default: 12)",
    )
    _form(parser)


def _choose(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Search the same settings for RNN, GRU and LSTM, test the best of each on data that the"
        " search never saw, and recommend one cell or none. The exit status is 0 if a cell is"
        " recommended, 1 if none is or the minutes were too few, and 2 if the data can't be"
        " searched."
    )
    parser.add_argument("file", metavar="FILE", help="a table (CSV or JSON), numbers or text")
    parser.add_argument(
        "--as",
        dest="kind",
        choices=("table", "numbers", "text"),
        help="how to read the file (default: decided by its content)",
    )
    parser.add_argument(
        "--column",
        metavar="NAME",
        help="column to forecast: its name, or its number (the first is 1). Default: the first that"
        " is not an id, date, counter or constant",
    )
    parser.add_argument(
        "--inputs",
        metavar="NAMES",
        help="more columns to read, by name or number, such as wind,rain. 'all' means all other"
        " columns of numbers",
    )
    parser.add_argument(
        "--fill", action="store_true", help="replace a missing value by the value in the row before"
    )
    parser.add_argument(
        "--minutes",
        type=minutes,
        default=2,
        metavar="N",
        help="minutes for the whole search (default: 2)",
    )
    _form(parser)


def _open(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Start the app, for this machine only, on a model that you saved with PyTorch, safetensors,"
        " Keras or ONNX. Nothing in the file is run."
    )
    parser.add_argument("file", metavar="FILE", help="a state dict, a checkpoint or a model")
    reads = parser.add_mutually_exclusive_group()
    reads.add_argument("--text", metavar="TEXT", default="", help="a text for the model to read")
    reads.add_argument("--csv", metavar="FILE", default="", help="a table for the model to read")
    parser.add_argument(
        "--vocabulary",
        metavar="FILE",
        default="",
        help="a JSON or text file with the characters or words that the model knows, in order",
    )
    parser.add_argument(
        "--port", type=port, default=argparse.SUPPRESS, metavar="N", help="port (default: 8501)"
    )


def _lessons(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Write each lesson as one Markdown page: its steps, its questions, the right answers and"
        " the measured numbers."
    )
    parser.add_argument("folder", metavar="DIR", help="a folder; it is created if it is missing")


def _export(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Write a folder of pages with the lessons, the glossary and every trained model of the"
        " package. They run in a browser, from a file or from any web server, and need no network."
    )
    parser.add_argument("folder", metavar="DIR", help="the folder; it is created if it is missing")


def _form(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(form="text")
    parser.add_argument(
        "--json",
        dest="form",
        action="store_const",
        const="json",
        help="print JSON, one object a line",
    )


def serve(port: int, address: str) -> None:
    """Run ``app.py`` at ``address``:``port`` with the settings in its folder.

    Exits with a sentence if this machine can't listen there.
    """
    _check_address(address)
    _check_port(port, address)
    from gatesviz.ui.folders import app_folder

    script = str(app_folder() / "app.py")
    sys.argv = [script]  # Streamlit looks for .streamlit/config.toml, so the theme, in this folder
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
            f"gatesviz: error: --address: {address!r} is not an address of this machine"
            f" ({getattr(error, 'strerror', None) or error}). Use 127.0.0.1 for this machine only,"
            " or 0.0.0.0 to let others connect.",
            file=sys.stderr,
        )
        sys.exit(2)


def _check_port(port: int, address: str) -> None:
    """Exit with a sentence if another program listens at ``address``:``port``."""
    family, kind, *_, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as probe:
        if os.name == "posix":  # elsewhere, this would let two programs listen
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(place)
        except OSError as error:
            other = port + 1 if port < PORT.high else port - 1
            print(
                f"gatesviz: error: --port: {port} can't be used ({error.strerror or error}). Choose"
                f" another one, such as --port {other}.",
                file=sys.stderr,
            )
            sys.exit(2)
