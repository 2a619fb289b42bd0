"""``gatesviz known-results``: measure the cards and print whether they hold."""

import sys
from datetime import UTC, datetime

from gatesviz.cli.progress import measured, resumable
from gatesviz.names import did_you_mean
from gatesviz.strict_json import to_json


def known_results(only: list[str], form: str) -> None:
    """Print the cards named ``only``, or all, and exit with 0 only if all of them hold.

    A card that can't be run is printed but not counted, unless there is no other.

    Args:
        only: keys of cards; empty for all.
        form: "text" or "json" prints each card when it is finished, "markdown" all at the end.
    """
    from gatesviz.experiments.known import CARDS, Outcome, table

    unknown = [key for key in only if key not in CARDS]
    if unknown:
        hint = did_you_mean(unknown[0], CARDS) or "."
        known = ", ".join(CARDS)
        print(f"card: {unknown[0]!r} is unknown. Choose from {known}{hint}", file=sys.stderr)
        sys.exit(2)
    outcomes: list[Outcome] = []
    with resumable():
        for key in only or CARDS:
            card = CARDS[key]
            runs = [measured(experiment) for experiment in card.experiments]
            outcomes.append(card.outcome({t: r for run in runs for t, r in run.results.items()}))
            if form == "text":
                print(table.as_text(outcomes[-1]), flush=True)
            elif form == "json":
                print(to_json(outcomes[-1].to_dict()), flush=True)
    if form == "markdown":
        print(table.as_markdown(outcomes, f"{datetime.now(UTC):%Y-%m-%d}"), end="")
    statuses = {outcome.status for outcome in outcomes}
    sys.exit(0 if "pass" in statuses and statuses <= {"pass", "not run"} else 1)
