"""``gatesviz experiment NAME``: runs, and what they came to."""

import json
import sys

from gatesviz.cli.measuring import measured, resumable


def ask(name: str | None, seeds: int | None, form: str) -> None:
    """Run the experiment ``name`` and print its groups; print all names without one.

    Exits with 0 if every run came to a result.
    """
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
    if form == "text":
        print(experiment.question)
    for group in groups(experiment, asking.results):
        print(json.dumps(group.plain(), ensure_ascii=False) if form == "json" else group)
    sys.exit(0 if len(asking.results) == len(experiment.trials) else 1)
