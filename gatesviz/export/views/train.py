"""Views of the page "Train live": models of runs that were recorded for the release."""

from collections.abc import Iterable, Mapping, Sequence

from gatesviz.cells import CELLS
from gatesviz.experiments import Result
from gatesviz.experiments.known import trained
from gatesviz.experiments.known.release import released
from gatesviz.export.views.view import Option, Player, Still, View, prose
from gatesviz.lessons.measures.forecast import shipped
from gatesviz.player.payload import Selection, payload
from gatesviz.tasks import TASKS
from gatesviz.training import TrainedModel
from gatesviz.training.samples import probe
from gatesviz.ui.train import parameters as page
from gatesviz.ui.what_if.futures import panel
from gatesviz.ui.what_if.models import Subject

RECORDED = "A static page can't train. It shows runs that were recorded for this release."


def train(query: Mapping[str, str], show: Sequence[str]) -> View:
    """Return the view of a link's parameters: a model of each recorded run of its task."""
    task = page.TITLES[page.TASK.read(query)]
    results = _recorded(task)
    options = tuple(Option(name, _parts(result)) for name, result in results.items())
    return View(options, "Cell" if len(options) > 1 else "", note=RECORDED, opens=True)


def _recorded(task: str) -> dict[str, Result]:
    """Return name -> result of the recorded runs of a task.

    Raises:
        ValueError: if the release has none.
    """
    if task == "anbn":
        found: Iterable[Result] = released(trained.counting().trials).values()
        named = {CELLS[one.trial.spec.cell].short: one for one in found if not one.trial.spec.seed}
        return {cell: named[cell] for cell in ("LSTM", "GRU")}
    if task == "temperature":
        return {"LSTM": shipped(task)[0]}
    raise ValueError(f"task {task!r}: the release has no recorded run")


def _parts(result: Result) -> tuple[Still, Player]:
    spec, task = result.trial.spec, TASKS[str(result.trial.spec.task)]
    model = TrainedModel(spec, result.updates, result.weights)
    about = (
        f"{task.explanation} {CELLS[spec.cell].name} with {spec.hidden_size} hidden units"
        f" after {result.updates:,} updates, seed {spec.seed}. On held-out sequences:"
        f" {task.describe_score(result.score)}."
    )
    batch = probe(spec)
    sample = int(batch.mask.sum(0).argmax())  # the longest one
    player = Player(payload([panel(Subject("", model, ""), batch, sample, ())]), Selection())
    return prose(about), player
