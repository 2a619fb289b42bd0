"""Train the packaged models: ``python -m gatesviz.trained.train [NAME …]``.

No weight is edited: weights start from a seed and are trained with Adam, with a learning rate
that falls along a half cosine. If a recipe's `work` is above 0, the loss also penalises active
gates (writing: i, or 1−z; erasing: 1−f; output: o; resetting: 1−r), averaged over gates, units
and steps. Such a model acts only where the task needs it, so its gates are easy to read. It is
trained through the equations of `gatesviz.cells`. Sizes, work and the seed of `brackets-lstm`
come from a handful of runs: those whose gates were easiest to read. All of these runs solved
their tasks, or nearly.

With one thread and one generator, the same machine and PyTorch give the same bits.
"""

import json
import math
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor, nn

from gatesviz.cells import CELLS, Weights
from gatesviz.tasks import TASKS, Batch, Task
from gatesviz.tasks.texts import windows
from gatesviz.trained import FOLDER, FORMAT, VERSION, empty
from gatesviz.trained.corpus import training_text

HELD_OUT_SEED, HELD_OUT_SAMPLES = 9_999, 256


@dataclass(frozen=True)
class Recipe:
    """The settings that train one model.

    Attributes:
        task, cell: keys of `gatesviz.tasks.TASKS` and `gatesviz.cells.CELLS`.
        hidden_size: H.
        updates: the number of updates, one batch each.
        rate: Adam's learning rate at the start.
        work: the weight of the penalty on active gates; 0 trains `torch.nn`'s module directly.
        samples: B.
        seed: of the initial weights; the samples use the next seed.
        docstrings: whether the standard library's docstrings join the training text: `corpus`.
    """

    task: str
    cell: str
    hidden_size: int
    updates: int
    rate: float
    work: float = 0.0
    samples: int = 64
    seed: int = 0
    docstrings: bool = False


RECIPES: Mapping[str, Recipe] = {
    "recall-rnn": Recipe("recall", "rnn_tanh", 6, 4000, 0.01),
    "recall-gru": Recipe("recall", "gru", 6, 1200, 0.02, work=1.0),
    "recall-lstm": Recipe("recall", "lstm", 6, 1500, 0.02, work=1.0),
    "brackets-rnn": Recipe("brackets", "rnn_tanh", 4, 4000, 0.01),
    "brackets-gru": Recipe("brackets", "gru", 4, 1500, 0.02, work=0.4),
    "brackets-lstm": Recipe("brackets", "lstm", 4, 2500, 0.02, work=1.0, seed=2),
    "wave-rnn": Recipe("wave", "rnn_tanh", 12, 3000, 0.01),
    "wave-gru": Recipe("wave", "gru", 12, 1500, 0.01),
    "wave-lstm": Recipe("wave", "lstm", 12, 3000, 0.01),
    "characters-lstm": Recipe("characters", "lstm", 58, 12_000, 0.01, docstrings=True),
}


def fresh(recipe: Recipe) -> tuple[nn.RNNBase, nn.Linear]:
    """Return an untrained module and readout: PyTorch's default, uniform in ±1/√H."""
    task = TASKS[recipe.task]
    module, readout = empty(recipe.cell, task.input_size, recipe.hidden_size, task.output_size)
    assert isinstance(module, nn.RNNBase)
    generator, bound = torch.Generator().manual_seed(recipe.seed), 1 / math.sqrt(recipe.hidden_size)
    for parameter in (*module.parameters(), *readout.parameters()):
        nn.init.uniform_(parameter, -bound, bound, generator=generator)
    return module, readout


def _itself(gate: Tensor) -> Tensor:
    return gate


def _rest(gate: Tensor) -> Tensor:
    return 1 - gate


ACTING: Mapping[str, Callable[[Tensor], Tensor]] = {
    "i": _itself,
    "f": _rest,
    "o": _itself,
    "r": _rest,
    "z": _rest,
}


def work(gates: Mapping[str, Tensor]) -> Tensor:
    """Return how active the ``gates``, each (T, B, H), are: 0 never, 1 everywhere.

    Raises:
        ValueError: if there are no gates, as in the RNN.
    """
    acts = [ACTING[letter](gate).mean() for letter, gate in gates.items() if letter in ACTING]
    if not acts:
        raise ValueError("expected a cell with gates, but this cell has none; set work=0")
    return torch.stack(acts).mean()


def unroll(cell: str, module: nn.RNNBase, inputs: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """Return h after each step, (T, B, H), and each gate, (T, B, H), from a zero state.

    The steps are those of `gatesviz.cells`, and gradients reach the module's weights.
    """
    weights = Weights(*(getattr(module, f"{name}_l0") for name in Weights._fields[:4]))
    zeros = inputs.new_zeros(inputs.shape[1], module.hidden_size)
    state, steps = dict.fromkeys(CELLS[cell].states, zeros), []
    for x in inputs:
        steps.append(CELLS[cell].step(x, state, weights))
        state = steps[-1].state
    hidden = torch.stack([step.state["h"] for step in steps])
    return hidden, {k: torch.stack([step.gates[k] for step in steps]) for k in steps[0].gates}


def objective(recipe: Recipe, module: nn.RNNBase, readout: nn.Linear, batch: Batch) -> Tensor:
    """Return the training loss: the task's loss plus the penalty on active gates."""
    task = TASKS[recipe.task]
    if recipe.work == 0:
        return task.loss(readout(module(batch.inputs)[0]), batch)
    hidden, gates = unroll(recipe.cell, module, batch.inputs)
    return task.loss(readout(hidden), batch) + recipe.work * work(gates)


def _samples(recipe: Recipe, generator: torch.Generator) -> Callable[[], Batch]:
    """Return a function that draws the next batch."""
    task = TASKS[recipe.task]
    if not recipe.docstrings:
        return lambda: task.batch(generator, recipe.samples, task.length)
    text = training_text()
    return lambda: windows(text, generator, recipe.samples, task.length, task.input_size)


def train(recipe: Recipe, *, stop: int | None = None) -> tuple[nn.RNNBase, nn.Linear]:
    """Return the module and readout after all updates, or after the first ``stop`` of them."""
    module, readout = fresh(recipe)
    parameters = [*module.parameters(), *readout.parameters()]
    adam = torch.optim.Adam(parameters, lr=recipe.rate)
    generator = torch.Generator().manual_seed(recipe.seed + 1)
    sample = _samples(recipe, generator)
    for update in range(recipe.updates if stop is None else stop):
        batch = sample()
        adam.zero_grad()
        objective(recipe, module, readout, batch).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(parameters, 1.0)
        for group in adam.param_groups:
            group["lr"] = recipe.rate * (1 + math.cos(math.pi * update / recipe.updates)) / 2
        adam.step()
    return module.eval(), readout.eval()


def held_out(task: Task) -> Batch:
    """Return the held-out samples: another seed, and text that training never uses."""
    generator = torch.Generator().manual_seed(HELD_OUT_SEED)
    return task.batch(generator, HELD_OUT_SAMPLES, task.length, held_out=True)


@torch.no_grad()
def score(task: Task, module: nn.RNNBase, readout: nn.Linear) -> tuple[float, float]:
    """Return the scores of the model and of the best constant answer on `held_out`."""
    batch = held_out(task)
    return task.score(readout(module(batch.inputs)[0]), batch), task.baseline(batch)


def write(
    name: str, module: nn.RNNBase, readout: nn.Linear, folder: Path = FOLDER
) -> dict[str, object]:
    """Write ``NAME.safetensors`` and return its metadata; the same weights give the same bytes."""
    recipe, task = RECIPES[name], TASKS[RECIPES[name].task]
    reached, baseline = score(task, module, readout)
    metadata = {
        "format": FORMAT,
        "version": VERSION,
        "task": task.key,
        "cell": recipe.cell,
        "hidden_size": recipe.hidden_size,
        "vocabulary": task.vocabulary,
        "answer_names": task.answer_names,
        "seed": recipe.seed,
        "updates": recipe.updates,
        "work": recipe.work,
        "metric": task.metric,
        "score": round(reached, 6),
        "baseline": round(baseline, 6),
        "command": f"python -m gatesviz.trained.train {name}",
    }
    tensors = module.state_dict() | {f"readout.{k}": v for k, v in readout.state_dict().items()}
    # safetensors writes several entries of metadata in any order, so there is only one.
    bits = save(tensors, {"gatesviz": json.dumps(metadata)})
    (folder / f"{name}.safetensors").write_bytes(bits)
    return metadata


def main(names: list[str]) -> None:
    """Train the models ``names``, or all of them.

    Raises:
        SystemExit: if a name has no recipe.
    """
    unknown = [name for name in names if name not in RECIPES]
    if unknown:
        sys.exit(f"no recipe for {', '.join(unknown)}; expected {', '.join(RECIPES)}")
    torch.set_num_threads(1)
    for name in names or RECIPES:
        start = time.perf_counter()
        metadata = write(name, *train(RECIPES[name]))
        print(
            f"{name}: {metadata['metric']} {metadata['score']:.4g}"
            f" (constant answer {metadata['baseline']:.4g}), {time.perf_counter() - start:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
