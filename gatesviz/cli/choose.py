"""``gatesviz choose FILE``: find the best cell for your data by a search of a few minutes."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatesviz.cli.progress import resumable, show_line
from gatesviz.limits import SEARCH_MINUTES
from gatesviz.strict_json import to_json

if TYPE_CHECKING:
    from gatesviz.experiments.search import Search, SearchProgress
    from gatesviz.experiments.statistics import Interval
    from gatesviz.sequences import Found, GapError, Kind, Table
    from gatesviz.tasks import Task
    from gatesviz.training import OwnData

ALL = "all"
"""Instead of names: every other column of numbers that may help."""
LISTED = 10
"""The most columns that a sentence names."""
LONGEST_PATH = 4_096
"""In characters; a longer one is cut in a sentence."""
OTHERWISE = "use --as table, numbers or text to read it differently"


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
    """Search a cell for the data in ``file``, and print the recommendation with its numbers.

    Args:
        file: a table or a text.
        column, inputs, fill, kind: as in `read`.
        minutes: for the whole search.
        form: "text" or "json".

    Exits with 0 if a cell is recommended, 1 if none is or the minutes were too few, and 2 if the
    data can't be searched.
    """
    from gatesviz.experiments.search import Search

    try:
        data = read(Path(file), column, inputs, fill=fill, kind=kind)
        search = Search(data, minutes)
    except OSError as error:
        print(f"{_visible(file)} can't be read: {error.strerror}", file=sys.stderr)
        sys.exit(2)
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    progress = _watched(search)
    for message in progress.messages:
        print(message, file=sys.stderr)
    if progress.stage == "failed":
        sys.exit(2)
    if form == "json":
        data_dict = {"task": data.task.title, "inputs": list(data.input_names)}
        print(to_json({**data_dict, **to_dict(progress)}))
    else:
        reads = f" {data.task.asks}" if data.input_names else ""
        print(f"{data.task.title}.{reads} {data.task.source}\n{text(progress, data.task)}")
        if progress.partial:
            print(_again(progress.partial.minutes, minutes))
    sys.exit(0 if progress.advice is not None and progress.advice.cell else 1)


def _watched(search: "Search") -> "SearchProgress":
    """Return the end of the search. Print its estimate once it is there, and its progress."""
    estimated = False
    with resumable():
        try:
            while (progress := search.poll()).running:
                if progress.plan and not estimated:
                    show_line("")
                    print(_estimate(progress), file=sys.stderr)
                    estimated = True
                runs = f": {progress.done} of {progress.of} runs" if progress.of else ""
                show_line(f"{progress.stage}{runs}")
                time.sleep(0.2)
        finally:
            search.stop()
            show_line("")
    return progress


def _estimate(progress: "SearchProgress") -> str:
    """Return what is searched first and how long that takes, or that the minutes are too few."""
    assert progress.plan is not None
    plan = progress.plan
    first = (
        f"First search: {plan.tried} settings for each cell, {plan.updates:,} updates a run, and a"
        f" test with {plan.seeds} seeds. It takes about {plan.seconds:,.0f} s in all."
    )
    return progress.warning or first


def _again(needed: int, given: int) -> str:
    """Return how to continue a search that stopped."""
    if needed <= given:
        return "Run the same command again to continue."
    return f"Run the same command again with --minutes {min(needed, SEARCH_MINUTES.high)}."


def read(
    file: Path,
    column: str | None,
    inputs: str | None = None,
    *,
    fill: bool = False,
    kind: "Kind | None" = None,
) -> "OwnData":
    """Return the columns of a table or the text in ``file``. Print on stderr how it was read.

    Args:
        file: CSV, JSON, numbers alone or a text.
        column: to forecast, by its name or its number from 1; None takes `Table.first`.
        inputs: names or numbers of further columns, separated by commas; "all" takes every other
            column of numbers that may help; None reads the forecast column alone.
        fill: replace a missing value by the value in the row before.
        kind: how to read the file; None decides by its content, or reads a table if columns are
            named.

    Raises:
        OSError: if the file cannot be read.
        ValueError: if there is no such column, or its values can't be learnt.
    """
    from gatesviz.sequences import GapError
    from gatesviz.training import own_columns, own_text

    found, called = _found(file, kind, named=bool(column or inputs)), _visible(file.name)
    if isinstance(found.content, str):
        _say(*found.notes, f"Read {called} as text, to predict the next character ({OTHERWISE}).")
        return own_text(found.content)
    table = found.content
    _say(*table.notes)
    name = table.named(column) if column else _first(table)
    _say(
        f"Read {called} as a table, to forecast “{name}” ({OTHERWISE}).",
        _others(table, name),
        table.refusals(),
    )
    further = _inputs(table, name, inputs)
    try:
        data, notes = own_columns(table, name, further, fill=fill)
    except GapError as error:
        raise ValueError(f"{error.gap}. {_advice(error, table, name, further)}") from None
    _say(*(table.how_read(each) for each in (name, *data.input_names)), *notes)
    return data


def _found(file: Path, kind: "Kind | None", *, named: bool) -> "Found":
    """Return what a file holds; if columns are ``named``, it is read as a table."""
    from gatesviz.limits import UPLOAD_BYTES
    from gatesviz.sequences import read_file

    size, called = file.stat().st_size, _visible(file.name)
    if size > UPLOAD_BYTES.high:
        raise ValueError(
            f"{called} has {size:,} bytes, at most {UPLOAD_BYTES.high:,} are read: keep fewer"
            " rows, or average some of them"
        )
    if named and kind in ("text", "numbers"):
        raise ValueError(f"--as {kind} has no columns: leave out --column and --inputs")
    data = file.read_bytes()
    try:
        return read_file(data, called, kind or ("table" if named else None))
    except ValueError as error:
        if not named or kind:
            raise
        raise ValueError(
            f"{error}. --column and --inputs need a table: leave them out to read {called}"
            " differently"
        ) from None


def _visible(name: str) -> str:
    """Return the name or path of a file without control characters, which a terminal obeys."""
    from gatesviz.sequences.characters import shown

    return shown(name, LONGEST_PATH)


def _first(table: "Table") -> str:
    """Return the first column worth forecasting.

    Raises:
        ValueError: if every column labels the rows, counts them or never changes.
    """
    if table.worthwhile:
        return table.first
    raise ValueError(
        f"{table.not_worthwhile()} Name a column with --column to forecast it all the same"
    )


def _others(table: "Table", name: str) -> str:
    """Return a sentence that lists the other columns of numbers; "" if there are none."""
    others = [f"“{other}”" for other in table.numeric if other != name]
    if not others:
        return ""
    more = f" and {len(others) - LISTED:,} more" if len(others) > LISTED else ""
    return f"Other columns of numbers: {', '.join(others[:LISTED])}{more}. Choose with --column."


def _advice(gap: "GapError", table: "Table", column: str, inputs: tuple[str, ...]) -> str:
    """Return what to do about a missing value in a terminal."""
    other = "leave it out of --inputs"
    if gap.column == column:
        other = "choose another column with --column"
    if not _can_fill(table, column, inputs):
        return other[0].upper() + other[1:]
    return f"Use --fill to repeat the value in the row before, or {other}"


def _can_fill(table: "Table", column: str, inputs: tuple[str, ...]) -> bool:
    """Return whether the columns can be learnt once their missing values are filled."""
    from gatesviz.training import own_columns

    try:
        own_columns(table, column, inputs, fill=True)
    except ValueError:
        return False
    return True


def _say(*notes: str) -> None:
    """Print the notes that are not empty on the error stream."""
    for note in filter(None, notes):
        print(note, file=sys.stderr)


def _inputs(table: "Table", column: str, inputs: str | None) -> tuple[str, ...]:
    """Return the names of the further columns; print which ones "all" leaves out, and why."""
    from gatesviz.training import further_columns

    if inputs is None:
        return ()
    if inputs != ALL or ALL in table.numeric:
        return tuple(map(table.named, _named(inputs, table.numeric)))
    found = further_columns(table, column)
    rest = (name for name in table.numeric if name not in (column, *found))
    left_out = dict.fromkeys(rest, "it labels or counts the rows") | dict(table.refused)
    for name, why in [*left_out.items()][:LISTED]:
        print(f"“{name}” isn't read: {why}.", file=sys.stderr)
    if len(left_out) > LISTED:
        print(f"{len(left_out) - LISTED:,} more columns aren't read.", file=sys.stderr)
    return found


def _named(text: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names in ``text``; the name of a column may itself contain commas."""
    parts, names = text.split(","), []
    while parts:
        starts = {n: ",".join(parts[:n]).strip() for n in range(len(parts), 0, -1)}
        count = next((n for n, name in starts.items() if name in columns), 1)
        names.append(starts[count])
        parts = parts[count:]
    return tuple(filter(None, names))


def text(progress: "SearchProgress", task: "Task") -> str:
    """Return the recommendation, the extent of the search and the comparisons, a line each."""
    from gatesviz.cells import CELLS

    lines = []
    if advice := progress.advice:
        lines += [*advice.sentences, *progress.searched]
    elif progress.partial:
        lines += ["No cell is recommended yet.", *progress.partial.sentences]
    lines += [
        f"{CELLS[choice.cell].name}: {choice.hidden_size} units, learning rate"
        f" {choice.learning_rate:g}, {choice.updates:,} updates, best of {choice.settings}"
        f" settings with {task.describe_score(choice.score)} in the search"
        for choice in progress.choices.values()
    ]
    if advice:
        lines += [f"{one.verdict.answer}: {one.verdict.sentence}" for one in advice.comparisons]
    return "\n".join(lines) or "The search stopped before anything was measured."


def to_dict(progress: "SearchProgress") -> dict[str, Any]:
    """Return the progress as JSON types.

    An interval is a list of its lower and upper end. "against" is how much lower a cell scores
    than "reference", the best forecast without a network. Without a recommendation, "unfinished"
    has the finished runs and all runs of each cell that was not finished.
    """
    fields: dict[str, Any] = {
        "stage": progress.stage,
        "messages": list(progress.messages),
        "searched": list(progress.searched),
        "plan": vars(progress.plan) if progress.plan else None,
        "choices": {cell: vars(choice) for cell, choice in progress.choices.items()},
        "cell": None,
        "worthwhile": None,
    }
    if (advice := progress.advice) is None:
        return fields | _partial(progress)
    test = advice.test
    return fields | {
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


def _partial(progress: "SearchProgress") -> dict[str, Any]:
    """Return what is known without a recommendation, with the keys of a recommendation."""
    if (partial := progress.partial) is None:
        return {}
    return {
        "sentences": list(partial.sentences),
        "steps": partial.steps,
        "references": dict(partial.baselines),
        "unfinished": {cell: list(runs) for cell, runs in partial.unfinished.items()},
        "minutes_needed": partial.minutes,
    }


def _interval(found: "Interval") -> dict[str, Any]:
    return {"estimate": found.estimate, "interval": [found.low, found.high]}
