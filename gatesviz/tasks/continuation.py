"""Let a model run freely: what it says at one step is what it reads at the next."""

from typing import TYPE_CHECKING

from gatesviz.tasks.batches import Batch, one_hot
from gatesviz.tasks.task import Task

if TYPE_CHECKING:
    from torch import Generator, Tensor, nn


def continued(
    task: Task,
    module: "nn.RNNBase",
    readout: "nn.Module",
    prefix: "Tensor",
    steps: int,
    generator: "Generator | None" = None,
) -> "Tensor":
    """Return what the model reads to itself after ``prefix``, (steps, B, I).

    Args:
        task: one that `Task.feeds_back`: its answer is the next input.
        module: time first, in one direction; read from a zero state.
        readout: h (T, B, H) -> answer (T, B, O).
        prefix: (P, B, I), P at least 1, given before.
        steps: how many, at least 1.
        generator: draws characters as likely as the model says; None takes the likeliest.

    Raises:
        ValueError: if the task's answer is no next input, the module reads in both directions,
            batch first or something else than the task's inputs, the readout reads more than one
            step's h, or there is no prefix or no step.
    """
    import torch

    _check(task, module, len(prefix), steps)
    _check_alone(task, module, readout)
    told, read, state = [], prefix, None
    with torch.no_grad():
        for _ in range(steps):
            hidden, state = module(read, state)
            read = _as_input(task, readout(hidden[-1:]), generator)
            told.append(read)
    return torch.cat(told)


def continuation_error(
    task: Task, module: "nn.RNNBase", readout: "nn.Module", batch: Batch, prefix: int
) -> "Tensor":
    """Return the root mean square error of each freely told step, (T + 1 − prefix,).

    The model reads the first ``prefix`` of T steps and continues alone. Entry k is the error of
    the value k + 1 steps later, over the batch: the first is the error of a plain forecast.

    Raises:
        ValueError: as `continued`; also if the task's answers are no numbers or ``prefix`` is more
            than T.
    """
    length = len(batch.inputs)
    if task.kind != "number":
        raise ValueError(f"“{task.title}” is answered in characters, which have no distance")
    if not 1 <= prefix <= length:
        raise ValueError(f"prefix is {prefix}, 1 to {length} steps are there")
    told = continued(task, module, readout, batch.inputs[:prefix], length + 1 - prefix)
    error = told[..., 0].double() - batch.targets[prefix - 1 :]
    return (error**2).mean(1).sqrt()


def _as_input(task: Task, output: "Tensor", generator: "Generator | None") -> "Tensor":
    if task.kind == "number":
        return output
    if generator is None:
        return one_hot(output.argmax(-1), task.input_size)
    drawn = output[0].double().softmax(-1).multinomial(1, generator=generator)
    return one_hot(drawn.T, task.input_size)


def _check(task: Task, module: "nn.RNNBase", prefix: int, steps: int) -> None:
    if not task.feeds_back:
        raise ValueError(f"“{task.title}” cannot be continued: its answer is not the next input")
    if module.bidirectional:
        raise ValueError("the module reads in both directions, so it needs what it should tell")
    if module.batch_first:
        raise ValueError("the module is batch first, time first is wanted")
    if prefix < 1 or steps < 1:
        raise ValueError(f"{prefix} steps given and {steps} asked for, at least 1 each is wanted")


def _check_alone(task: Task, module: "nn.RNNBase", readout: "nn.Module") -> None:
    """Refuse what stands around a cell: it would have to see more than the step that is told."""
    if module.input_size != task.input_size:
        raise ValueError(
            f"the module reads {module.input_size} numbers at a step and the task has"
            f" {task.input_size}: a model with a convolution in front cannot be continued"
        )
    wide, read = module.proj_size or module.hidden_size, getattr(readout, "in_features", None)
    if read is not None and read != wide:
        raise ValueError(
            f"the readout reads {read} numbers and h has {wide}: a model with attention cannot be"
            " continued"
        )
