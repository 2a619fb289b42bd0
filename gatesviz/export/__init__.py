"""Write a folder of static pages: every trained model of the package in a live player.

The pages need no server and no network. They open from a file or from any web server.
"""

import base64
import html
import re
from importlib.resources import files
from pathlib import Path

from gatesviz.cells import CELLS
from gatesviz.limits import STEPS
from gatesviz.player.assets import MODULES, module, style
from gatesviz.player.panels import Answers, Panel
from gatesviz.player.payload import payload
from gatesviz.recordings import record
from gatesviz.recordings.atomic_write import write_whole
from gatesviz.sequences import Sequence, parse_numbers, parse_text
from gatesviz.strict_json import to_json
from gatesviz.tasks import Task
from gatesviz.tasks.readouts import linear_readout
from gatesviz.trained import PackagedInfo, PackagedModel, load_trained, trained_info, trained_names
from gatesviz.version import __version__

_PLACE = re.compile(r"<!--(\w+)-->|/\*(\w+)\*/")
OPENING = "The trained readout answers"


def export_site(folder: str | Path) -> tuple[Path, ...]:
    """Write the pages into ``folder`` and return their paths, ``index.html`` first.

    The folder is created if it is missing. Files with the same names are replaced, other files
    stay.

    Raises:
        OSError: if the folder can't be created or written.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    infos = [trained_info(name) for name in trained_names()]
    pages = {
        "index.html": _index(infos),
        "gatesviz.js": _code(),
        **{f"{info.name}.html": _page(load_trained(info.name), infos) for info in infos},
    }
    for name, text in pages.items():
        write_whole(folder / name, text.encode())
    return tuple(folder / name for name in pages)


def _asset(name: str) -> str:
    return files("gatesviz.export").joinpath(name).read_text(encoding="utf-8")


def _code() -> str:
    """Return the player and the typing page as one classic script.

    A module can't be loaded from a file, so everything is inside one function.
    """
    code = module(*MODULES, "reading.js", "typing.js")
    return f"const gatesviz = (() => {{\n{code}\nreturn {{ showTyping }};\n}})();\n"


def _filled(template: str, **parts: str) -> str:
    parts["style"] = f"{style()}\n{_asset('site.css')}"
    return _PLACE.sub(lambda match: parts[match[1] or match[2]], _asset(template))


def _index(infos: list[PackagedInfo]) -> str:
    tasks: dict[str, list[PackagedInfo]] = {}
    for info in infos:
        tasks.setdefault(info.task.key, []).append(info)
    cards = "".join(_card(models[0].task, models) for models in tasks.values())
    return _filled("index.html", tasks=f'<ul class="tasks">{cards}</ul>', version=__version__)


def _card(task: Task, models: list[PackagedInfo]) -> str:
    links = "".join(
        f'<li><a href="{html.escape(one.name)}.html">{_cell(one)}</a>,'
        f" {html.escape(task.describe_score(one.score))}</li>"
        for one in models
    )
    text = html.escape(f"{task.asks} {task.answer}")
    title = html.escape(task.title)
    return f'<li><h2>{title}</h2><p>{text}</p><ul class="cells">{links}</ul></li>'


def _cell(info: PackagedInfo) -> str:
    return html.escape(CELLS[info.cell].short)


def _page(model: PackagedModel, infos: list[PackagedInfo]) -> str:
    task = model.task
    others = "".join(
        f'<a href="{html.escape(info.name)}.html">{_cell(info)}</a>'
        for info in infos
        if info.task is task and info.name != model.name
    )
    score, constant = (task.describe_score(value) for value in (model.score, model.baseline))
    about = (
        f"{task.asks} {task.answer} This {CELLS[model.cell].name} has {model.hidden_size} hidden"
        f" units. On held-out sequences of {task.length} steps: {score}. Baseline, which always"
        f" gives the same answer: {constant}."
    )
    reads = {
        "example": model.example,
        "vocabulary": list(model.vocabulary) if model.vocabulary else None,
        "least": STEPS.low,
        "most": STEPS.high,
        "writes": model.vocabulary == model.answer_names,
    }
    return _filled(
        "page.html",
        title=html.escape(f"{task.title}: {CELLS[model.cell].short}"),
        others=others,
        about=html.escape(about),
        task=to_json(reads).replace("<", "\\u003c"),
        payload=base64.b64encode(payload([_panel(model)])).decode("ascii"),
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
        answers=Answers(model.answer_names, values, OPENING, readout=readout),
        network=recording.traces,
    )


def _example(model: PackagedModel) -> Sequence:
    if model.vocabulary is None:
        return parse_numbers(model.example)
    return parse_text(model.example, model.vocabulary)
