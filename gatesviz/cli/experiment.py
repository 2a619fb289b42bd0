"""``gatesviz experiment NAME``: run an experiment or a benchmark and print its result."""

import sys
from typing import TYPE_CHECKING, NoReturn

from gatesviz.cli.progress import STOPPED, measured, resumable
from gatesviz.names import did_you_mean
from gatesviz.strict_json import to_json

if TYPE_CHECKING:
    from gatesviz.experiments.claims import Benchmark, Findings, Measurement


def run_experiment(name: str | None, seeds: int | None, form: str) -> None:
    """Run the experiment ``name``, print its groups, and print the answer if it tests a claim.

    A benchmark takes ``seeds`` as its number of rounds and prints the value of every round.
    Without a name, all names are printed.

    Exits with 0 if every run has a result.
    """
    from gatesviz.experiments.claims import BENCHMARKS, PARAMETERS
    from gatesviz.experiments.registry import EXPERIMENTS

    benchmarks = {PARAMETERS.key: PARAMETERS, **BENCHMARKS}
    names = [*EXPERIMENTS, *benchmarks]
    if name is None:
        print("\n".join(names))
    elif name not in names:
        known, hint = ", ".join(names), did_you_mean(name, names)
        _refuse(f"experiment: {name!r} is unknown. Choose one of {known}{hint or '.'}")
    elif name in benchmarks:
        _measure(benchmarks[name], seeds, form)
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
        run = measured(experiment)
    by_setting = groups(experiment, run.results)
    findings = CLAIMS[name].compare(by_setting) if name in CLAIMS else None
    if form == "json":
        if findings is None:
            print(to_json({"groups": [group.to_dict() for group in by_setting]}))
        else:
            print(to_json(findings.to_dict()))
    else:
        print("\n".join([experiment.question, *map(str, by_setting)]))
        if findings is not None:
            _print_verdicts(findings)
    sys.exit(0 if len(run.results) == len(experiment.trials) else 1)


def _measure(benchmark: "Benchmark", rounds: int | None, form: str) -> None:
    try:
        found = benchmark.measure(rounds=rounds)
    except ValueError as error:
        _refuse(str(error))
    except KeyboardInterrupt:
        print("Stopped. A benchmark saves nothing.", file=sys.stderr)
        sys.exit(STOPPED)
    if form == "json":
        print(to_json(found.to_dict()))
    else:
        findings = found.findings()
        print("\n".join([benchmark.sentence, *_rounds(found, findings)]))
        _print_verdicts(findings)


def _rounds(found: "Measurement", findings: "Findings") -> list[str]:
    """Return a line on the measurement, and a line for each group with every round's value."""
    values: dict[str, list[str]] = {}
    for point in findings.points:
        exact = point.y == int(point.y)
        values.setdefault(point.group, []).append(f"{point.y:,.0f}" if exact else f"{point.y:.4g}")
    lines = [f"{group}: {' '.join(texts)}" for group, texts in values.items()]
    heading = f"{found.benchmark.y_name}: {found.setting}; {found.machine}, {found.when}"
    return [heading[0].upper() + heading[1:], *lines]


def _print_verdicts(findings: "Findings") -> None:
    for comparison in findings.comparisons:
        print(f"{comparison.verdict.answer.upper()}: {comparison.verdict.sentence}")
