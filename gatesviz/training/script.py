"""A run as a short script in plain PyTorch, to be read, changed and run elsewhere."""

from collections.abc import Iterable

from gatesviz.cells import CELLS
from gatesviz.limits import RUN_UPDATES
from gatesviz.training.script_parts import OWN_FILE, OWN_FILE_CHECK, docstring
from gatesviz.training.scripted_weights import around, first_weights
from gatesviz.training.spec import DROPOUT, HELD_OUT, SAMPLES, SCORED_SAMPLES, TrainingSpec
from gatesviz.training.user_data import OwnData

OPTIMISERS = {
    "adam": "torch.optim.Adam([vector], lr=RATE, fused=True)",
    "sgd": "torch.optim.SGD(parameters, lr=RATE)",
    "rmsprop": "torch.optim.RMSprop(parameters, lr=RATE)",
}
VECTOR = """
vector = nn.Parameter(nn.utils.parameters_to_vector(parameters))  # Adam rounds by place in it
nn.utils.vector_to_parameters(vector, parameters)  # they are views of it from here on"""
GRADIENT = """
    vector.grad = nn.utils.parameters_to_vector([p.grad for p in parameters])"""
CLEAR = """    for p in parameters:
        p.grad = None"""
ABOUT = """
Plain PyTorch. Only the samples, the loss and the score come from gatesviz.tasks. On one machine
with one PyTorch the losses are those of gatesviz, to the bit.
"""
CONVOLUTION = """

def features(inputs):  # each step reads the last {width}; zeros stand before the first
    padded = nn.functional.pad(inputs.permute(1, 2, 0), ({width} - 1, 0))
    return convolution(padded).relu().permute(2, 0, 1)
"""
ATTENTION = """

def looking_back(h):  # each step mixes its own h and those before it, and reads both
    h = h.transpose(0, 1)
    scores = h @ attention(h).transpose(1, 2)
    later = torch.ones(T, T, dtype=torch.bool).triu(1)
    mixed = scores.masked_fill(later, -math.inf).softmax(-1) @ h
    return readout(torch.cat([h, mixed], -1)).transpose(0, 1)
"""


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
    parts = (_head(spec, updates, rates), _module(spec), first_weights(spec), _answers(spec))
    return "\n\n".join((*parts, _loop(spec))) + "\n"


def _head(spec: TrainingSpec, updates: int, rates: Iterable[tuple[int, float]]) -> str:
    H = spec.actual_hidden_size
    imports, task = _task(spec)
    if CELLS[spec.cell].module is None:  # torch.nn has none
        imports += "\nfrom gatesviz.recordings.stepwise import StepModule"
    description = docstring(
        f"{CELLS[spec.cell].name} with {H} units, trained on {_learns(spec)}.\n{ABOUT}"
    )
    changed = {int(update): float(rate) for update, rate in rates}
    check = f"{OWN_FILE_CHECK}\n" if isinstance(spec.task, OwnData) else ""
    return f"""{description}

import math

import torch
from torch import nn

{imports}

T, B, H = {spec.length}, {spec.batch_size}, {H}  # steps, sequences in a batch, units
UPDATES, RATE, SEED = {updates}, {float(spec.learning_rate)!r}, {spec.seed}
NEW_RATES = {changed!r}  # updates made before: learning rate from then on

{check}torch.set_num_threads(1)  # more of them add in another order
task = {task}"""


def _learns(spec: TrainingSpec) -> str:
    """Return what the run learns. The title of your own data is left out, as it is free text."""
    if not isinstance(spec.task, OwnData):
        return f"the task “{spec.learned.title}”"
    kind = "text" if isinstance(spec.task.content, str) else "numbers"
    return f"the {kind} in {OWN_FILE}"


def _task(spec: TrainingSpec) -> tuple[str, str]:
    """Return the import of the task, and the expression that makes it."""
    if not isinstance(spec.task, OwnData):
        return "from gatesviz.tasks import TASKS", f"TASKS[{spec.task!r}]"
    if isinstance(spec.task.content, str):
        call = f'text_task(Path("{OWN_FILE}").read_bytes().decode())  # the text, in UTF-8'
        return "from pathlib import Path\n\nfrom gatesviz.tasks import text_task", call
    arguments, line = repr(spec.task.title), "one number a line"
    if names := spec.task.input_names:
        arguments, line = f"{arguments}, {names!r}", f"{1 + len(names)} numbers a line"
    call = f'series_task(np.loadtxt("{OWN_FILE}"), {arguments})  # {line}'
    imports = (
        "from pathlib import Path\n\nimport numpy as np\n\nfrom gatesviz.tasks import series_task"
    )
    return imports, call


def _module(spec: TrainingSpec) -> str:
    known, inputs = CELLS[spec.cell].module, spec.input_size
    kind = "StepModule" if known is None else f"nn.{known.name}"
    first = [repr(spec.cell)] if known is None else []  # which cell it steps through
    options = [f"{name}={value!r}" for name, value in known.options.items()] if known else []
    options += ["bidirectional=True"] if spec.bidirectional else []
    wide = "H" if spec.directions == 1 else "2 * H"
    if spec.dropout:
        sizes = [str(inputs), *[wide] * (spec.layers - 1)]
        each = ", ".join([*first, "inputs", "H", *options])
        module = f"nn.ModuleList({kind}({each}) for inputs in ({', '.join(sizes)}))"
    else:
        options += [f"num_layers={spec.layers}"] if spec.layers > 1 else []
        module = f"{kind}({', '.join([*first, str(inputs), 'H', *options])})"
    read = f"2 * {wide}" if spec.attention else wide
    lines = [f"module = {module}", f"readout = nn.Linear({read}, {spec.learned.output_size})"]
    if spec.convolution is not None:
        size = (spec.learned.input_size, inputs, spec.convolution)
        lines.append(f"convolution = nn.Conv1d({', '.join(map(str, size))})")
    if spec.attention:
        lines.append(f"attention = nn.Linear({wide}, {wide}, bias=False)")
    parts = ", ".join(("module", "readout", *around(spec)))
    lines.append(f"parameters = [p for part in ({parts}) for p in part.parameters()]")
    return "\n".join(lines)


def _answers(spec: TrainingSpec) -> str:
    start, source, readout = "", "inputs", "readout"
    if spec.convolution is not None:
        source, start = "features(inputs)", CONVOLUTION.format(width=spec.convolution)
    if spec.attention:
        readout, start = "looking_back", start + ATTENTION
    if spec.dropout:
        masks = f"torch.Generator().manual_seed({DROPOUT} + SEED), {1 - float(spec.dropout)!r}"
        start = f"masks, KEEP = {masks}\n" + start
    if spec.carry:
        start = (
            f"carried = [None] * {spec.layers if spec.dropout else 1}  # zeros, at first\n" + start
        )
    body = _layers(spec, readout, source) if spec.dropout else _whole(spec, readout, source)
    text = f"{start}\n\ndef answers(inputs, training):\n{body}\n"
    return text.removeprefix("\n")  # one of two blank lines stands before it already


def _whole(spec: TrainingSpec, readout: str, source: str) -> str:
    if not spec.carry:
        return f"    return {readout}(module({source})[0])"
    return f"""    h, after = module({source}, carried[0] if training else None)
    if training:
        carried[0] = {_cut_off(spec)}
    return {readout}(h)"""


def _layers(spec: TrainingSpec, readout: str, source: str) -> str:
    step = "        h, _ = layer(h)"
    if spec.carry:
        step = f"""        h, after = layer(h, carried[k] if training else None)
        if training:
            carried[k] = {_cut_off(spec)}"""
    return f"""    h = {source}
    for k, layer in enumerate(module):
        if k and training:
            h = h * (torch.rand(h.shape, generator=masks) < KEEP) / KEEP
{step}
    return {readout}(h)"""


def _cut_off(spec: TrainingSpec) -> str:
    """The state after a batch, without what led to it."""
    several = len(CELLS[spec.cell].states) > 1
    return "tuple(part.detach() for part in after)" if several else "after.detach()"


def _loop(spec: TrainingSpec) -> str:
    stream = f"torch.Generator().manual_seed({SAMPLES} + SEED)"
    follows = ", continuing=True" if spec.carry else ""
    made, draw = "", f"batch = task.batch(samples, B, T{follows})"
    if spec.data_size is not None:
        made = f"\nwhole = task.batch({stream}, {spec.data_size}, T{follows})"
        draw = (
            f"chosen = torch.randint({spec.data_size}, (B,), generator=samples)\n"
            "    batch = type(whole)(*(part[:, chosen] for part in whole))"
        )
    vector, gradient, clear = "", "", "    optimiser.zero_grad()"
    if spec.optimiser == "adam":
        vector, gradient, clear = VECTOR, GRADIENT, CLEAR
    clip = f"\n    nn.utils.clip_grad_norm_(parameters, {float(spec.clip)!r})" if spec.clip else ""
    return f"""samples = {stream}{made}{vector}
optimiser = {OPTIMISERS[spec.optimiser]}
for update in range(UPDATES):
    {draw}
    for group in optimiser.param_groups:
        group["lr"] = NEW_RATES.get(update, group["lr"])
{clear}
    loss = task.loss(answers(batch.inputs, training=True), batch)
    loss.backward(){clip}{gradient}
    optimiser.step()
    print(update + 1, loss.item())

stream = torch.Generator().manual_seed({HELD_OUT})
held_out = task.batch(stream, {SCORED_SAMPLES}, T, held_out=True)
with torch.no_grad():
    print(task.metric, task.score(answers(held_out.inputs, training=False), held_out))"""
