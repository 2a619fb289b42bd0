"""A run as a short script in plain PyTorch, to be read, changed and run elsewhere."""

from collections.abc import Iterable
from textwrap import indent

from gatesviz.cells import CELLS
from gatesviz.limits import RUN_UPDATES
from gatesviz.training.own import OwnData
from gatesviz.training.seeds import DROPOUT, HELD_OUT, SAMPLES, SCORED_SAMPLES
from gatesviz.training.spec import TrainingSpec

KINDS = {"lstm": "LSTM", "gru": "GRU", "rnn_tanh": "RNN", "rnn_relu": "RNN"}
OPTIMISERS = {
    "adam": "torch.optim.Adam(parameters, lr=RATE, fused=True)",
    "sgd": "torch.optim.SGD(parameters, lr=RATE)",
    "rmsprop": "torch.optim.RMSprop(parameters, lr=RATE)",
}


def to_script(
    spec: TrainingSpec, *, updates: int = 1_000, rates: Iterable[tuple[int, float]] = ()
) -> str:
    """Return a script that makes the same run and prints its losses; below 120 lines.

    The module, its first weights and the training are torch's own calls. The samples, the loss
    and the score come from `gatesviz.tasks`, and the script says so. Own data is read from
    ``own.txt``, where the script is run.

    Args:
        updates: how many it makes.
        rates: (updates made before, new learning rate), as in `State.rates`.

    Raises:
        ValueError: if ``updates`` is outside `gatesviz.limits.RUN_UPDATES`.
    """
    RUN_UPDATES.check(updates)
    parts = (_head(spec, updates, rates), _module(spec), _weights(spec), _answers(spec))
    return "\n\n".join((*parts, _loop(spec))) + "\n"


def _head(spec: TrainingSpec, updates: int, rates: Iterable[tuple[int, float]]) -> str:
    H = spec.actual_hidden_size
    imports, task = _task(spec)
    name, learns = CELLS[spec.cell].name, spec.learned.title.lower()
    return f'''"""{name} with {H} units, trained to do this: {learns}.

Plain PyTorch. Only the samples, the loss and the score come from gatesviz.tasks. On one machine
with one PyTorch the losses are those of gatesviz, to the bit.
"""

import math

import torch
from torch import nn

{imports}

T, B, H = {spec.length}, {spec.batch_size}, {H}  # steps, sequences in a batch, units
UPDATES, RATE, SEED = {updates}, {spec.learning_rate!r}, {spec.seed}
NEW_RATES = {dict(rates)!r}  # updates made before: learning rate from then on

torch.set_num_threads(1)  # more of them add in another order
task = {task}'''


def _task(spec: TrainingSpec) -> tuple[str, str]:
    """Return the import of the task, and the expression that makes it."""
    if not isinstance(spec.task, OwnData):
        return "from gatesviz.tasks import TASKS", f'TASKS["{spec.task}"]'
    if isinstance(spec.task.content, str):
        read = 'text_task(Path("own.txt").read_bytes().decode())  # the text, in UTF-8'
        return "from pathlib import Path\n\nfrom gatesviz.tasks import text_task", read
    read = f'series_task(np.loadtxt("own.txt"), {spec.task.title!r})  # one number a line'
    return "import numpy as np\n\nfrom gatesviz.tasks import series_task", read


def _module(spec: TrainingSpec) -> str:
    kind, inputs = f"nn.{KINDS[spec.cell]}", spec.learned.input_size
    options = ["nonlinearity='relu'"] if spec.cell == "rnn_relu" else []
    options += ["bidirectional=True"] if spec.bidirectional else []
    wide = "H" if spec.directions == 1 else "2 * H"
    if spec.dropout:
        sizes = [str(inputs), *[wide] * (spec.layers - 1)]
        each = ", ".join(["inputs", "H", *options])
        module = f"nn.ModuleList({kind}({each}) for inputs in ({', '.join(sizes)}))"
    else:
        options += [f"num_layers={spec.layers}"] if spec.layers > 1 else []
        module = f"{kind}({', '.join([str(inputs), 'H', *options])})"
    return f"""module = {module}
readout = nn.Linear({wide}, {spec.learned.output_size})
parameters = [*module.parameters(), *readout.parameters()]"""


def _weights(spec: TrainingSpec) -> str:
    """The first weights; chrono and the forget bias set halves of blocks of H rows."""
    start = """weights = torch.Generator().manual_seed(SEED)
for part, fan in ((module, H), (readout, readout.in_features)):
    for parameter in part.parameters():
        nn.init.uniform_(parameter, -1 / math.sqrt(fan), 1 / math.sqrt(fan), generator=weights)"""
    if spec.gain != 1:
        start += f"""
for name, parameter in module.named_parameters():
    if "weight_hh" in name:
        parameter.data *= {spec.gain!r}"""
    lines: list[str] = []
    if spec.forget_bias is not None:
        lines = [f"biases.data[H : 2 * H] = {float(spec.forget_bias)!r} if first else 0.0"]
    elif spec.chrono and spec.cell == "gru":
        lines = ["biases.data[H : 2 * H] = keep.log() if first else 0.0"]
    elif spec.chrono:
        lines = [
            "biases.data[H : 2 * H] = keep.log() if first else 0.0",
            "biases.data[:H] = -keep.log() if first else 0.0",
        ]
    if not lines:
        return start
    draw = ["if first:\n    keep = torch.empty(H).uniform_(1, T - 1, generator=weights)"]
    body = [*(draw if spec.chrono else []), *lines]
    return f"""{start}
for name, biases in module.named_parameters():
    if "bias" in name:
        first = "bias_ih" in name  # the other half is zero
{indent(chr(10).join(body), " " * 8)}"""


def _answers(spec: TrainingSpec) -> str:
    if not spec.dropout:
        return """
def answers(inputs, training):
    return readout(module(inputs)[0])
"""
    return f"""masks, KEEP = torch.Generator().manual_seed({DROPOUT} + SEED), {1 - spec.dropout!r}


def answers(inputs, training):
    h = inputs
    for k, layer in enumerate(module):
        if k and training:
            h = h * (torch.rand(h.shape, generator=masks) < KEEP) / KEEP
        h, _ = layer(h)
    return readout(h)
"""


def _loop(spec: TrainingSpec) -> str:
    stream = f"torch.Generator().manual_seed({SAMPLES} + SEED)"
    made, draw = "", "batch = task.batch(samples, B, T)"
    if spec.data_size is not None:
        made = f"\nwhole = task.batch({stream}, {spec.data_size}, T)"
        draw = (
            f"chosen = torch.randint({spec.data_size}, (B,), generator=samples)\n"
            "    batch = type(whole)(*(part[:, chosen] for part in whole))"
        )
    clip = f"\n    nn.utils.clip_grad_norm_(parameters, {spec.clip!r})" if spec.clip else ""
    return f"""samples = {stream}{made}
optimiser = {OPTIMISERS[spec.optimiser]}
for update in range(UPDATES):
    {draw}
    for group in optimiser.param_groups:
        group["lr"] = NEW_RATES.get(update, group["lr"])
    optimiser.zero_grad()
    loss = task.loss(answers(batch.inputs, training=True), batch)
    loss.backward(){clip}
    optimiser.step()
    print(update + 1, loss.item())

stream = torch.Generator().manual_seed({HELD_OUT})
held_out = task.batch(stream, {SCORED_SAMPLES}, T, held_out=True)
with torch.no_grad():
    print(task.metric, task.score(answers(held_out.inputs, training=False), held_out))"""
