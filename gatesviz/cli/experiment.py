"""``gatesviz experiment NAME``: runs, or a measurement here and now, and what they came to."""

import sys
from typing import TYPE_CHECKING, NoReturn

from gatesviz.cli.progress import STOPPED, measured, resumable
from gatesviz.strict_json import to_json

if TYPE_CHECKING:
    from gatesviz.experiments.claims import Benchmark, Findings, Measurement


def run_experiment(name: str | None, seeds: int | None, form: str) -> None:
    """Run the experiment ``name`` and print its groups, and the verdict if it asks a claim.

    What is measured here and now has rounds for seeds, and prints the number of every round.
    Without a name all names are printed.

    Exits with 0 if every run came to a result.
    """
    from gatesviz.experiments.claims import BENCHMARKS, PARAMETERS
    from gatesviz.experiments.registry import EXPERIMENTS

    here = {PARAMETERS.key: PARAMETERS, **BENCHMARKS}
    names = [*EXPERIMENTS, *here]
    if name is None:
        print("\n".join(names))
    elif name not in names:
        _refuse(f"experiment: {name!r} given, {', '.join(names)} are there")
    elif name in here:
        _measure(here[name], seeds, form)
    else:
        _run(name, seeds, form)


def _refuse(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    sys.exit(2)


def _run(name: str, seeds: int | None, form: str) -> None:
    from gatesviz.experiments.claims import CLAIMS
    from gatesviz.experiments.groups import groups
    from gatesviz.experiments.registry import make_experiment

    try:
        experiment = make_experiment(name, seeds)
    except ValueError as error:
        _refuse(str(error))
    with resumable():
        asking = measured(experiment)
    found = groups(experiment, asking.results)
    said = CLAIMS[name].compare(found) if name in CLAIMS else None
    if form == "json":
        told = {"groups": [group.to_dict() for group in found]} if said is None else said.to_dict()
        print(to_json(told))
    else:
        print("\n".join([experiment.question, *map(str, found)]))
        if said is not None:
            _print_verdicts(said)
    sys.exit(0 if len(asking.results) == len(experiment.trials) else 1)


def _measure(here: "Benchmark", rounds: int | None, form: str) -> None:
    try:
        found = here.measure(rounds=rounds)
    except ValueError as error:
        _refuse(str(error))
    except KeyboardInterrupt:
        print("stopped; a measurement keeps nothing", file=sys.stderr)
        sys.exit(STOPPED)
    if form == "json":
        print(to_json(found.to_dict()))
    else:
        said = found.findings()
        print("\n".join([here.sentence, *_rounds(found, said)]))
        _print_verdicts(said)


def _rounds(found: "Measurement", said: "Findings") -> list[str]:
    """Return a line for each group, with the number of every round, and where they come from."""
    values: dict[str, list[str]] = {}
    for point in said.points:
        exact = point.y == int(point.y)
        values.setdefault(point.group, []).append(f"{point.y:,.0f}" if exact else f"{point.y:.4g}")
    lines = [f"{group}: {' '.join(told)}" for group, told in values.items()]
    measured = f"{found.benchmark.y_name}: {found.setting}; {found.machine}, {found.when}"
    return [measured[0].upper() + measured[1:], *lines]


def _print_verdicts(said: "Findings") -> None:
    for comparison in said.comparisons:
        print(f"{comparison.verdict.answer.upper()}: {comparison.verdict.sentence}")
