"""An experiment as a short script, to be read, changed and run elsewhere."""

from gatesviz.experiments.claims.benchmarks import Benchmark
from gatesviz.experiments.claims.claim import Claim
from gatesviz.experiments.search.plans import Plan
from gatesviz.training import OwnData
from gatesviz.training.docstring import docstring

_FILE = "own.txt"
_KEPT = "Finished runs are kept: the script can be stopped, and goes on where it was."


def claim_script(claim: Claim, task: str | OwnData, seeds: int) -> str:
    """Return a script that measures ``claim`` and prints every comparison.

    Own data is read from ``own.txt``, where the script is run: a text, or a row of numbers a line.
    """
    imports, read = _task(task)
    told = docstring(f"{claim.sentence} {claim.measures}\n\n{_KEPT}\n")
    return f"""{told}

{imports}from gatesviz.engine import stop_engine
from gatesviz.experiments import begin
from gatesviz.experiments.claims import CLAIMS

if __name__ == "__main__":  # worker processes read this file, too
    claim, task, seeds = CLAIMS[{claim.key!r}], {read}, {seeds}
    run = begin(claim.experiment(task, seeds))
    run.wait()
    findings = claim.findings(run.results, task, seeds)
    for group in findings.groups:
        print(group)
    for comparison in findings.comparisons:
        print(comparison.verdict.answer, comparison.verdict.sentence)
    stop_engine()
"""


def attention_script(task: str | OwnData) -> str:
    """Return a script that trains the models whose attention is shown, and prints its weights."""
    imports, read = _task(task)
    return f'''"""Where attention looks: the weights of the last answer to a held-out sample."""

{imports}from gatesviz.engine import stop_engine
from gatesviz.experiments import begin
from gatesviz.experiments.claims.conv_attention import attention_runs
from gatesviz.training import TrainedModel, probe

if __name__ == "__main__":  # worker processes read this file, too
    run = begin(attention_runs({read}))
    run.wait()
    for spec, result in run.of().items():
        model = TrainedModel(spec, result.updates, result.weights)
        print(spec.cell, model.attention(probe(spec).inputs)[0, -1].tolist())
    stop_engine()
'''


def here_script(here: Benchmark, task: str | OwnData) -> str:
    """Return a script that measures ``here`` again and prints every comparison."""
    imports, read = _task(task)
    return f"""{docstring(f"{here.sentence} {here.measures}")}

{imports}from gatesviz.experiments.claims import BENCHMARKS, PARAMETERS

found = {{PARAMETERS.key: PARAMETERS, **BENCHMARKS}}[{here.key!r}].measure({read})
print(found.setting, found.machine, found.values)
for comparison in found.findings().comparisons:
    print(comparison.verdict.answer, comparison.verdict.sentence)
"""


def cards_script(*keys: str) -> str:
    """Return a script that measures and prints the known results ``keys``, or all of them."""
    cards = f"[CARDS[key] for key in {keys!r}]" if keys else "CARDS.values()"
    return f'''"""Known results, measured here. Finished runs are kept: the next time is short."""

from gatesviz.engine import stop_engine
from gatesviz.experiments import begin
from gatesviz.experiments.known import CARDS, table

if __name__ == "__main__":  # worker processes read this file, too
    for card in {cards}:
        results = {{}}
        for experiment in card.experiments:
            run = begin(experiment)
            run.wait()
            results |= run.results
        print(table.as_text(card.outcome(results)))
    stop_engine()
'''


def search_script(data: OwnData, minutes: int, planned: Plan | None) -> str:
    """Return a script that makes the search of a plan and prints the advice, on ``own.txt``.

    Without a plan, what fits into the minutes is searched.
    """
    imports, read = _task(data)
    tried = "None"
    if planned is not None:
        plan = (planned.sizes, planned.updates, planned.rates, planned.seeds)
        tried = f"Plan({', '.join(map(repr, plan))})"
    return f'''"""Which cell for this data? A search, and a test on what it never saw."""

{imports}from gatesviz.engine import stop_engine
from gatesviz.experiments.search import Plan, Search

if __name__ == "__main__":  # worker processes read this file, too
    planned = {tried}  # units, updates, learning rates, test seeds; None: what fits
    found = Search({read}, minutes={minutes!r}, planned=planned).wait()
    for choice in found.choices.values():
        print(choice)
    print(*found.messages, *found.searched, sep="\\n")
    print(*(found.advice.sentences if found.advice else ()), sep="\\n")
    for comparison in found.advice.comparisons if found.advice else ():
        print(comparison.verdict.answer, comparison.verdict.sentence)
    stop_engine()
'''


def _task(task: str | OwnData) -> tuple[str, str]:
    """Return the imports that own data needs, and the expression that is the task."""
    if isinstance(task, str):
        return "", repr(task)
    if isinstance(task.content, str):
        imports = "from pathlib import Path\n\nfrom gatesviz.training import own_text\n"
        return imports, f'own_text(Path("{_FILE}").read_bytes().decode())'
    imports = "import numpy as np\n\nfrom gatesviz.training import own_series\n"
    told = ", ".join([repr(task.title), *([repr(task.input_names)] if task.input_names else [])])
    return imports, f'own_series(np.loadtxt("{_FILE}"), {told})'
