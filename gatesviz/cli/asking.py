"""``gatesviz experiment NAME``: runs, and what they came to."""

import json
import sys

from gatesviz.cli.measuring import measured, resumable


def ask(name: str | None, seeds: int | None, form: str) -> None:
    """Run the experiment ``name`` and print its groups, and the verdict if it asks a claim.

    Without a name all names are printed.

    Exits with 0 if every run came to a result.
    """
    from gatesviz.experiments.claims import CLAIMS
    from gatesviz.experiments.groups import groups
    from gatesviz.experiments.named import EXPERIMENTS, named

    if name is None:
        print("\n".join(EXPERIMENTS))
        return
    try:
        experiment = named(name, seeds)
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    with resumable():
        asking = measured(experiment)
    found = groups(experiment, asking.results)
    said = CLAIMS[name].compared(found) if name in CLAIMS else None
    if form == "json":
        told = {"groups": [group.plain() for group in found]} if said is None else said.plain()
        print(json.dumps(told, ensure_ascii=False))
    else:
        print("\n".join([experiment.question, *map(str, found)]))
        for comparison in () if said is None else said.comparisons:
            print(f"{comparison.verdict.answer.upper()}: {comparison.verdict.sentence}")
    sys.exit(0 if len(asking.results) == len(experiment.trials) else 1)
