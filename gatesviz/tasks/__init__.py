"""Tasks that a model can learn, each with its baselines.

A task draws its samples from the caller's generator and never touches the global one. T steps,
B samples, I input size, O size of the answer. Importing this does not load torch. A new task is a
new module here and a name in `TASKS`; `series_task` and `text_task` make tasks of your own data,
which `TASKS` does not hold.
"""

from collections.abc import Mapping

from gatesviz.names import Named
from gatesviz.tasks import (
    adding,
    anbn,
    brackets,
    characters,
    digits,
    latch,
    parity,
    reber,
    recall,
    stock,
    temperature,
    temporal_order,
    wave,
)
from gatesviz.tasks.anbn import largest_n
from gatesviz.tasks.batches import Batch
from gatesviz.tasks.continuation import continuation_error, continued
from gatesviz.tasks.task import Task
from gatesviz.tasks.user_data import series_task, text_task
from gatesviz.tasks.writing import Continuation, continue_text

__all__ = [
    "TASKS",
    "Batch",
    "Continuation",
    "Task",
    "continuation_error",
    "continue_text",
    "continued",
    "largest_n",
    "series_task",
    "text_task",
]

_ALL = {
    task.key: task
    for task in (
        recall.TASK,
        brackets.TASK,
        wave.TASK,
        characters.TASK,
        temporal_order.TASK,
        adding.TASK,
        latch.TASK,
        parity.TASK,
        anbn.TASK,
        reber.TASK,
        temperature.TASK,
        digits.TASK,
        stock.TASK,
    )
}
TASKS: Mapping[str, Task] = Named(_ALL, "task", "TASKS")
"""Key -> task."""
