"""Experiments as short Python scripts that you can read, change and run elsewhere."""

from gatesviz.experiments.claims.benchmarks import Benchmark
from gatesviz.experiments.claims.claim import Claim
from gatesviz.experiments.search.plans import Plan
from gatesviz.training import OwnData
from gatesviz.training.script_parts import OWN_FILE, OWN_FILE_CHECK, docstring

_RESUME = "Finished runs are saved. If you stop the script, the next start continues from there."


def claim_script(claim: Claim, task: str | OwnData, seeds: int) -> str:
    """Return a script that measures ``claim`` and prints every comparison.

    The script reads user data from ``own.txt`` in its folder: a text, or one row of numbers a line.
    """
    imports, check, read = _task(task)
    header = docstring(f"{claim.sentence} {claim.measures}\n\n{_RESUME}\n")
    return f"""{header}

{imports}from gatesviz.engine import stop_engine
from gatesviz.experiments import begin
from gatesviz.experiments.claims import CLAIMS

{check}if __name__ == "__main__":  # worker processes also read this file
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
    """Return a script that trains the models of the attention chart and prints the weights."""
    imports, check, read = _task(task)
    return f'''"""Where attention looks: its weights at the last step of a held-out sample."""

{imports}from gatesviz.engine import stop_engine
from gatesviz.experiments import begin
from gatesviz.experiments.claims.conv_attention import attention_runs
from gatesviz.training import TrainedModel, probe

{check}if __name__ == "__main__":  # worker processes also read this file
    run = begin(attention_runs({read}))
    run.wait()
    for spec, result in run.by_spec().items():
        model = TrainedModel(spec, result.updates, result.weights)
        print(spec.cell, model.attention(probe(spec).inputs)[0, -1].tolist())
    stop_engine()
'''


def benchmark_script(benchmark: Benchmark, task: str | OwnData) -> str:
    """Return a script that runs ``benchmark`` and prints every comparison."""
    imports, check, read = _task(task)
    return f"""{docstring(f"{benchmark.sentence} {benchmark.measures}")}

{imports}from gatesviz.experiments.claims import BENCHMARKS, PARAMETERS

{check}measurement = {{PARAMETERS.key: PARAMETERS, **BENCHMARKS}}[{benchmark.key!r}].measure({read})
print(measurement.setting, measurement.machine, measurement.values)
for comparison in measurement.findings().comparisons:
    print(comparison.verdict.answer, comparison.verdict.sentence)
"""


def cards_script(*keys: str) -> str:
    """Return a script that measures and prints the cards ``keys``, or all cards."""
    cards = f"[CARDS[key] for key in {keys!r}]" if keys else "CARDS.values()"
    return f'''"""Known results, measured again. Finished runs are saved for the next start."""

from gatesviz.engine import stop_engine
from gatesviz.experiments import begin
from gatesviz.experiments.known import CARDS, table

if __name__ == "__main__":  # worker processes also read this file
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
    """Return a script that searches on ``own.txt`` and prints the recommendation.

    Args:
        data: the user data that the script reads from ``own.txt``.
        minutes: the time budget of the search.
        planned: the plan to search; None for the plan that fits the time budget.
    """
    imports, check, read = _task(data)
    plan_text = "None"
    if planned is not None:
        plan = (planned.sizes, planned.updates, planned.rates, planned.seeds)
        plan_text = f"Plan({', '.join(map(repr, plan))})"
    return f'''"""Which cell suits this data? A search, and a test on unseen data."""

{imports}from gatesviz.engine import stop_engine
from gatesviz.experiments.search import Plan, Search

{check}if __name__ == "__main__":  # worker processes also read this file
    planned = {plan_text}  # units, updates, learning rates, seeds; None: what fits
    found = Search({read}, minutes={minutes!r}, planned=planned).wait()
    for choice in found.choices.values():
        print(choice)
    print(*found.messages, *found.searched, sep="\\n")
    print(*(found.advice.sentences if found.advice else ()), sep="\\n")
    for comparison in found.advice.comparisons if found.advice else ():
        print(comparison.verdict.answer, comparison.verdict.sentence)
    stop_engine()
'''


def _task(task: str | OwnData) -> tuple[str, str, str]:
    """Return the imports that user data needs, a check of its file, and the task's expression."""
    if isinstance(task, str):
        return "", "", repr(task)
    path, check = "from pathlib import Path\n\n", f"{OWN_FILE_CHECK}\n"
    if isinstance(task.content, str):
        imports = f"{path}from gatesviz.training import own_text\n"
        return imports, check, f'own_text(Path("{OWN_FILE}").read_bytes().decode())'
    imports = f"{path}import numpy as np\n\nfrom gatesviz.training import own_series\n"
    arguments = ", ".join(
        [repr(task.title), *([repr(task.input_names)] if task.input_names else [])]
    )
    return imports, check, f'own_series(np.loadtxt("{OWN_FILE}"), {arguments})'
