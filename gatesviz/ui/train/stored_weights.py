"""The weights that a run has stored, and which of them the page shows."""

from collections.abc import Mapping

from gatesviz.cells import find_cell
from gatesviz.engine import View
from gatesviz.training import TrainedModel
from gatesviz.ui.train.update_slider import LATEST, Place


def stored_updates(view: View) -> tuple[int, ...]:
    """Return the updates whose weights exist: the checkpoints and the latest update."""
    return tuple(sorted({*view.history.checkpoints, view.updates}))


def model_at(view: View, at: int) -> TrainedModel:
    """Return the model after the last stored update that is not after ``at``."""
    update = max(u for u in stored_updates(view) if u <= at)
    if view.state is not None and view.state.updates == update:
        return view.state.model
    return view.history.model_at(update)


def describe_stored(place: Place, views: Mapping[str, View]) -> str:
    """Return which weights are stored, and which updates the page shows instead of others.

    "" while a run continues, or before there is one.
    """
    runs = [views[cell] for cell in place.cells if cell in views and views[cell].state]
    if not runs or any(view.busy for view in views.values()):
        return ""
    text = [_stored(runs)]
    for at in sorted({at for at in place.updates if at < LATEST}):
        models = [(view, model_at(view, at)) for view in runs]
        late = [model.updates for view, model in models if model.updates < at <= view.updates]
        if late:
            text.append(f"Update {at:,} isn't stored, so you see update **{max(late):,}**.")
        text += [
            f"The {find_cell(view.spec.cell).in_sentences} hasn't reached update {at:,}, so you"
            f" see update **{model.updates:,}**."
            for view, model in models
            if view.updates < at
        ]
    return " ".join(text)


def _stored(runs: list[View]) -> str:
    """Return how many updates of each run have stored weights."""
    counts = {
        find_cell(r.spec.cell).in_sentences: (len(stored_updates(r)) - 1, r.updates) for r in runs
    }
    if len({*counts.values()}) == 1:
        [(stored, made)] = {*counts.values()}
        each = "" if len(counts) == 1 else " of each cell"
        return f"Weights are stored after {stored:,} of {made:,} updates{each}."
    listed = ", ".join(
        f"{stored:,} of {made:,} updates of the {cell}" for cell, (stored, made) in counts.items()
    )
    return f"Weights are stored after {listed}."
