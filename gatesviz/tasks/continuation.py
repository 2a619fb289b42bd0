"""Let a model run freely: its prediction at one step is its input at the next."""

from typing import TYPE_CHECKING

from gatesviz.tasks.batches import Batch, one_hot
from gatesviz.tasks.task import Task

if TYPE_CHECKING:
    from torch import Generator, Tensor, nn

    from gatesviz.fresh import Module


def continued(
    task: Task,
    module: "nn.RNNBase",
    readout: "nn.Module",
    prefix: "Tensor",
    steps: int,
    generator: "Generator | None" = None,
) -> "Tensor":
    """Return the model's continuation of ``prefix``, (steps, B, I).

    Args:
        task: one that `Task.feeds_back`: its answer is the next input.
        module: time first, in one direction; read from a zero state.
        readout: h (T, B, H) -> answer (T, B, O).
        prefix: (P, B, I), the inputs before it, P at least 1.
        steps: how many, at least 1.
        generator: samples characters from the predicted probabilities; None takes the likeliest.

    Raises:
        ValueError: if the answer isn't the next input; if the module is bidirectional, batch first
            or has another input size; if the readout reads more than one step's h; or if
            ``prefix`` or ``steps`` is empty.
    """
    import torch

    check_module(task, module, readout)
    if len(prefix) < 1 or steps < 1:
        raise ValueError(
            f"expected at least 1 prefix step and 1 step, got {len(prefix)} and {steps}"
        )
    inputs, read, state = [], prefix, None
    with torch.no_grad():
        for _ in range(steps):
            hidden, state = module(read, state)
            read = _as_input(task, readout(hidden[-1:]), generator)
            inputs.append(read)
    return torch.cat(inputs)


def continuation_error(
    task: Task, module: "nn.RNNBase", readout: "nn.Module", batch: Batch, prefix: int
) -> "Tensor":
    """Return the root mean square error of each continued step, (T + 1 − prefix,).

    The model reads the first ``prefix`` of T steps and continues alone. Entry k is the error of
    the value k + 1 steps later, over the batch: the first is the error of a plain forecast.

    Raises:
        ValueError: as `continued`; also if the answers aren't numbers or ``prefix`` is more than T.
    """
    length = len(batch.inputs)
    if task.kind != "number":
        raise ValueError(f"“{task.title}” predicts characters: expected a task of numbers")
    if not 1 <= prefix <= length:
        raise ValueError(f"prefix: expected 1 to {length} steps, got {prefix}")
    values = continued(task, module, readout, batch.inputs[:prefix], length + 1 - prefix)
    error = values[..., 0].double() - batch.targets[prefix - 1 :]
    return (error**2).mean(1).sqrt()


def _as_input(task: Task, output: "Tensor", generator: "Generator | None") -> "Tensor":
    if task.kind == "number":
        return output
    if generator is None:
        return one_hot(output.argmax(-1), task.input_size)
    drawn = output[0].double().softmax(-1).multinomial(1, generator=generator)
    return one_hot(drawn.T, task.input_size)


def check_module(task: Task, module: "nn.RNNBase | Module", readout: "nn.Module") -> None:
    """Raise ValueError if the model can't continue a sequence of ``task`` step by step."""
    if not task.feeds_back:
        raise ValueError(f"“{task.title}” can't be continued: its answer isn't the next input")
    if module.bidirectional:
        raise ValueError(
            "a bidirectional module can't continue a sequence: it reads later steps first"
        )
    if module.batch_first:
        raise ValueError("expected a module with batch_first=False, got batch_first=True")
    if module.input_size != task.input_size:
        raise ValueError(
            f"the module reads {module.input_size} numbers a step, the task has"
            f" {task.input_size}: a model with a convolution can't be continued"
        )
    wide, read = module.proj_size or module.hidden_size, getattr(readout, "in_features", None)
    if read is not None and read != wide:
        raise ValueError(
            f"the readout reads {read} numbers and h has {wide}: a model with attention can't be"
            " continued"
        )
