"""A page for each trained model of the package: its player, and a field for your own text."""

import html

from gatesviz.cells import CELLS
from gatesviz.export.templates import filled, packed
from gatesviz.limits import STEPS
from gatesviz.player.panels import Answers, Panel, answers_opening
from gatesviz.player.payload import payload
from gatesviz.recordings import record
from gatesviz.sequences import Sequence, parse_numbers, parse_text
from gatesviz.strict_json import to_json
from gatesviz.tasks import Task
from gatesviz.tasks.readouts import linear_readout
from gatesviz.trained import PackagedInfo, PackagedModel


def tasks_list(infos: list[PackagedInfo]) -> str:
    """Return a list of tasks, each with links to its models."""
    tasks: dict[str, list[PackagedInfo]] = {}
    for info in infos:
        tasks.setdefault(info.task.key, []).append(info)
    cards = "".join(_card(models[0].task, models) for models in tasks.values())
    return f'<ul class="tasks">{cards}</ul>'


def _card(task: Task, models: list[PackagedInfo]) -> str:
    links = "".join(
        f'<li><a href="{html.escape(one.name)}.html">{_cell(one)}</a>,'
        f" {html.escape(task.describe_score(one.score))}</li>"
        for one in models
    )
    text = html.escape(task.explanation)
    title = html.escape(task.title)
    return f'<li><h3>{title}</h3><p>{text}</p><ul class="cells">{links}</ul></li>'


def _cell(info: PackagedInfo) -> str:
    return html.escape(CELLS[info.cell].short)


def model_page(model: PackagedModel, infos: list[PackagedInfo]) -> str:
    """Return the page of a model; ``infos`` are all models, to which it leads."""
    task = model.task
    others = "".join(
        f'<a href="{html.escape(info.name)}.html">{_cell(info)}</a>'
        for info in infos
        if info.task is task and info.name != model.name
    )
    score, constant = task.describe_score(model.score), task.score_text(model.baseline)
    about = (
        f"{task.explanation} This {CELLS[model.cell].name} has {model.hidden_size} hidden"
        f" units. On held-out sequences of {task.length} steps:"
        f" {' '.join(filter(None, (score, task.scored)))}. The best constant answer,"
        f" {task.constant_answer}, reaches {constant}.{model.penalty and f' {model.penalty}'}"
    )
    reads = {
        "example": model.example,
        "vocabulary": list(model.vocabulary) if model.vocabulary else None,
        "least": STEPS.low,
        "most": STEPS.high,
        "writes": model.vocabulary == model.answer_names,
    }
    return filled(
        "page.html",
        title=html.escape(f"{task.title}: {CELLS[model.cell].short}"),
        others=others,
        about=html.escape(about),
        task=to_json(reads).replace("<", "\\u003c"),
        payload=packed(payload([_panel(model)])),
    )


def _panel(model: PackagedModel) -> Panel:
    """Return the recording of the model's example with its answers."""
    import torch

    sequence = _example(model)
    recording = record(model.module, torch.from_numpy(sequence.values.copy()))
    values = model.answers(recording.output)
    readout = linear_readout(model.readout, "number" if len(model.answer_names) == 1 else "choice")
    return Panel(
        recording.trace(),
        labels=sequence.labels,
        text=sequence.kind == "text",
        features=sequence.features,
        answers=Answers(
            model.answer_names, values, answers_opening(model.answer_names), readout=readout
        ),
        network=recording.traces,
    )


def _example(model: PackagedModel) -> Sequence:
    if model.vocabulary is None:
        return parse_numbers(model.example)
    return parse_text(model.example, model.vocabulary)
