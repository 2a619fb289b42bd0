"""``gatesviz choose FILE``: which cell for data of one's own, by a search of some minutes."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatesviz.cli.progress import resumable, show_line
from gatesviz.strict_json import to_json

if TYPE_CHECKING:
    from gatesviz.experiments.search import SearchProgress
    from gatesviz.experiments.statistics import Interval
    from gatesviz.sequences import Kind, Table
    from gatesviz.training import OwnData

ALL = "all"
"""In place of names: every other column of numbers that may help."""
OTHERWISE = "--as table, numbers or text reads it otherwise"


def run_search(
    file: str,
    column: str | None,
    minutes: int,
    form: str,
    *,
    inputs: str | None = None,
    fill: bool = False,
    kind: "Kind | None" = None,
) -> None:
    """Search, and print the recommendation with its numbers.

    Args:
        file: a table or a text.
        column, inputs, fill, kind: as in `read`.
        minutes: for everything.
        form: "text" or "json".

    Exits with 0 if a cell is recommended, 1 if none is or the minutes were too few to tell, and 2
    if the data cannot be searched.
    """
    from gatesviz.experiments.search import Search

    try:
        data = read(Path(file), column, inputs, fill=fill, kind=kind)
        choosing = Search(data, minutes)
    except OSError as error:
        print(f"{file} cannot be read: {error.strerror}", file=sys.stderr)
        sys.exit(2)
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    with resumable():
        try:
            while (standing := choosing.poll()).running:
                runs = f": {standing.done} of {standing.of} runs" if standing.of else ""
                show_line(f"{standing.stage}{runs}")
                time.sleep(0.2)
        finally:
            choosing.stop()
            show_line("")
    for message in standing.messages:
        print(message, file=sys.stderr)
    if standing.stage == "failed":
        sys.exit(2)
    if form == "json":
        told = {"task": data.task.title, "inputs": list(data.input_names), **to_dict(standing)}
        print(to_json(told))
    else:
        reads = f" Reads {data.task.asks}" if data.input_names else ""
        print(f"{data.task.title}.{reads} {data.task.source}\n{text(standing)}")
    sys.exit(0 if standing.advice is not None and standing.advice.cell else 1)


def read(
    file: Path,
    column: str | None,
    inputs: str | None = None,
    *,
    fill: bool = False,
    kind: "Kind | None" = None,
) -> "OwnData":
    """Return what is learnt: columns of a table, or a text. Say on stderr how it was read.

    Args:
        file: CSV, JSON, numbers alone or a text.
        column: the one to forecast, by its name or by its number from 1; None takes `Table.first`.
        inputs: further columns to read, with commas between their names; "all" takes every other
            column of numbers that may help; None reads the forecast column alone.
        fill: carry the last value over gaps, in each column.
        kind: how to read the file; None goes by its content, and takes a table where columns are
            named.

    Raises:
        OSError: if the file cannot be read.
        ValueError: if there is no such column, or what is in it cannot be learnt.
    """
    from gatesviz.limits import UPLOAD_BYTES
    from gatesviz.sequences import read_file
    from gatesviz.training import own_columns, own_text

    UPLOAD_BYTES.check(max(1, file.stat().st_size))
    named = column is not None or inputs is not None
    found = read_file(file.read_bytes(), file.name, kind or ("table" if named else None))
    if isinstance(found.content, str):
        _say(*found.notes, f"{file.name} is read as a text to continue ({OTHERWISE}).")
        return own_text(found.content)
    table = found.content
    _say(*table.notes)
    name = table.named(column) if column else table.first
    others = ", ".join(f"“{other}”" for other in table.numeric if other != name)
    _say(
        f"{file.name} is read as a table, and “{name}” is forecast ({OTHERWISE}).",
        f"Other columns of numbers: {others} (choose one with --column)." if others else "",
        table.refusals(),
    )
    data, notes = own_columns(table, name, _inputs(table, name, inputs), fill=fill)
    _say(*(table.how_read(each, fill=fill) for each in (name, *data.input_names)), *notes)
    return data


def _say(*notes: str) -> None:
    """Print the notes that are not empty, apart from the result."""
    for note in filter(None, notes):
        print(note, file=sys.stderr)


def _inputs(table: "Table", column: str, inputs: str | None) -> tuple[str, ...]:
    """Return the names of the further columns; say which ones "all" leaves out, and why."""
    from gatesviz.training import further_columns

    if inputs is None:
        return ()
    if inputs != ALL or ALL in table.numeric:
        return _named(inputs, table.numeric)
    found = further_columns(table, column)
    rest = (name for name in table.numeric if name not in (column, *found))
    left_out = dict.fromkeys(rest, "it labels or counts the rows") | dict(table.refused)
    for name, why in left_out.items():
        print(f"“{name}” isn't read: {why}.", file=sys.stderr)
    return found


def _named(text: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names in ``text``; a column's name may hold commas itself."""
    parts, names = text.split(","), []
    while parts:
        starts = {n: ",".join(parts[:n]).strip() for n in range(len(parts), 0, -1)}
        count = next((n for n, name in starts.items() if name in columns), 1)
        names.append(starts[count])
        parts = parts[count:]
    return tuple(filter(None, names))


def text(standing: "SearchProgress") -> str:
    """Return the recommendation, how much was searched, and what was compared, a line each."""
    from gatesviz.cells import CELLS

    lines = []
    if advice := standing.advice:
        lines += [*advice.sentences, *standing.searched]
    lines += [
        f"{CELLS[choice.cell].name}: {choice.hidden_size} units, learning rate"
        f" {choice.learning_rate:g}, {choice.updates:,} updates, best of {choice.settings}"
        f" settings with {choice.score:.4g} in the search"
        for choice in standing.choices.values()
    ]
    if advice:
        lines += [f"{one.verdict.answer}: {one.verdict.sentence}" for one in advice.comparisons]
    return "\n".join(lines) or "The search stopped before it had searched a cell."


def to_dict(standing: "SearchProgress") -> dict[str, Any]:
    """Return it as JSON can hold it.

    An interval is a list: its lower end, then its upper end. "against" is how much lower a cell
    scores than the best forecast without a network, "reference".
    """
    told: dict[str, Any] = {
        "stage": standing.stage,
        "messages": list(standing.messages),
        "searched": list(standing.searched),
        "plan": vars(standing.plan) if standing.plan else None,
        "choices": {cell: vars(choice) for cell, choice in standing.choices.items()},
        "cell": None,
        "worthwhile": None,
    }
    if (advice := standing.advice) is None:
        return told
    test = advice.test
    return told | {
        "cell": advice.cell,
        "worthwhile": advice.worthwhile,
        "alike": list(advice.alike),
        "sentences": list(advice.sentences),
        "steps": test.steps,
        "warm_up": test.warm_up,
        "block": test.block,
        "reference": dict([advice.reference]),
        "references": dict(test.baselines),
        "scores": {cell: list(found.values) for cell, found in test.scores.items()},
        "intervals": {cell: [found.low, found.high] for cell, found in test.scores.items()},
        "against": {cell: _interval(found) for cell, found in test.against.items()},
        "pairs": {f"{one} - {other}": _interval(f) for (one, other), f in test.pairs.items()},
        "comparisons": [one.verdict.sentence for one in advice.comparisons],
    }


def _interval(found: "Interval") -> dict[str, Any]:
    return {"estimate": found.estimate, "interval": [found.low, found.high]}
