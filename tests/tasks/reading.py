"""How tests read samples back."""

import torch

from gatesviz.tasks import TASKS, Batch, Task


def samples(key: str, number: int = 40, length: int | None = None, seed: int = 0) -> Batch:
    task = TASKS[key]
    return task.batch(torch.Generator().manual_seed(seed), number, length or task.length)


def texts(task: Task, batch: Batch) -> list[str]:
    columns = batch.inputs.argmax(-1).T.tolist()
    return ["".join(task.vocabulary[index] for index in column) for column in columns]


def right(task: Task, batch: Batch) -> torch.Tensor:
    """Return an output (T, B, O) that is right at every step, and sure of it."""
    if task.kind == "number":
        return batch.targets[..., None].float()
    if task.kind == "set":
        return 200 * batch.targets - 100
    return 100.0 * torch.nn.functional.one_hot(batch.targets, task.output_size)
