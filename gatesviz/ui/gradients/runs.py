"""Half-trained models: the reader's own, or those of a short run that this page starts."""

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from gatesviz.cells import find_cell, with_forget_bias
from gatesviz.engine import View, engine
from gatesviz.engine.run import Run
from gatesviz.tasks import TASKS
from gatesviz.trained import trained_info
from gatesviz.training import TrainedModel, TrainingSpec
from gatesviz.ui.browser_session import owner, watch
from gatesviz.ui.gradients.models import packaged
from gatesviz.ui.gradients.parameters import CELLS, FRESH, HALF, TRAINED, YOURS
from gatesviz.ui.gradients.settings import Settings
from gatesviz.ui.model_handoff import handed
from gatesviz.ui.model_upload import FILE, file_model

EVERY = 0.5  # seconds
RUNS_CACHED = 24  # for all sessions: the same settings give the same bits
HIDDEN = 16
_OWNER, _REFUSED = "gradient owner", "gradient refused"


@dataclass(frozen=True)
class Short:
    """A short run of every cell.

    Attributes:
        specs: the settings of the training, one a cell.
        updates: how many updates it takes.
    """

    specs: tuple[TrainingSpec, ...]
    updates: int


def learners(settings: Settings, *, untrained: bool = False) -> tuple[TrainedModel, ...]:
    """Return the runs that ``settings`` name; none for fresh or trained weights.

    If a short run does not exist yet, a button starts it. Until it ends, the models are those
    before its first update; ``untrained`` says that the page shows these models.
    """
    if settings.weights == YOURS:
        return handed()
    return _half(_short(settings), untrained) if settings.weights == HALF else ()


def models(settings: Settings) -> tuple[TrainedModel, ...]:
    """Return the models of `learners` after the update in ``settings``."""
    return tuple(_at(model, settings.updates) for model in learners(settings, untrained=True))


def descriptions(settings: Settings) -> list[str]:
    """Return a sentence for each model whose weights are not fresh."""
    if settings.weights == TRAINED:
        return [trained_info(name).description for name in packaged(settings.task)]
    if settings.weights == FRESH:
        return []
    if settings.weights == FILE:
        model = file_model()
        return [] if model is None else [*model.opened.notes]
    known = handed() if settings.weights == YOURS else _cache().get(_short(settings), ())
    return [_at(model, settings.updates).description for model in known]


def _at(model: TrainedModel, update: int) -> TrainedModel:
    """Return the model at the last checkpoint of its run up to ``update``."""
    known = max(u for u in model.history.checkpoints if u <= update)
    return model if known <= model.updates <= update else model.history.model_at(known)


def _short(settings: Settings) -> Short:
    task = TASKS[settings.task]
    plain: dict[str, Any] = {"task": task.key, "hidden_size": HIDDEN, "seed": settings.seed}
    biases = {k: 1.0 if find_cell(k).biases.forget else None for k in CELLS.values()}
    specs = (TrainingSpec(cell=k, forget_bias=bias, **plain) for k, bias in biases.items())
    return Short(tuple(specs), settings.updates)


@st.cache_resource(show_spinner=False)
def _cache() -> dict[Short, tuple[TrainedModel, ...]]:
    return {}


def _half(short: Short, untrained: bool) -> tuple[TrainedModel, ...]:
    known = _cache()
    if made := known.get(short) or _finished(short):
        known[short] = made
        for oldest in list(known)[:-RUNS_CACHED]:
            known.pop(oldest, None)  # another session may have removed it
        return made
    _offer(short, untrained)
    from gatesviz.training import start

    return tuple(replace(start(spec).model, key="not started") for spec in short.specs)


def _finished(short: Short) -> tuple[TrainedModel, ...]:
    views = [run.view() for run in _runs(short)]
    if len(views) < len(short.specs) or not all(_done(view, short) for view in views):
        return ()
    found = {
        v.spec: replace(v.state.model, history=v.history, key=v.run_id) for v in views if v.state
    }
    for run in _runs(short):
        run.cancel()
    return tuple(found[spec] for spec in short.specs)


def _done(view: View, short: Short) -> bool:
    return view.state is not None and view.updates == short.updates


def _offer(short: Short, untrained: bool) -> None:
    """Draw the buttons that start and stop the run, and its progress.

    ``untrained`` says that the page shows the untrained models until then.
    """
    _resume(short)
    until = " Until you train them, this page shows the untrained models." if untrained else ""
    busy = any(run.view().busy for run in _runs(short))

    @st.fragment(run_every=EVERY if busy else None)
    def body() -> None:
        views = [run.view() for run in _runs(short)]
        watch(_OWNER)
        if refused := st.session_state.pop(_REFUSED, ""):
            st.error("That didn't work.")
            st.text(f"{refused}.")
        if not views:
            st.write(
                f"Train these cells with {HIDDEN} units each: {', '.join(CELLS)}. The forget bias"
                f" of the {with_forget_bias()} starts at 1.{until}"
            )
            st.text(f"Task: {short.specs[0].learned.title}")
            *others, last = CELLS
            label = f"Train {', '.join(others)} and {last} for {short.updates:,} updates"
            st.button(label, on_click=_begin, args=(short,))
            return
        share = sum(view.updates for view in views) / (short.updates * len(short.specs))
        st.progress(min(1.0, share), f"{share * 100:.0f} % of the updates done")
        st.button("Stop", on_click=_stop, args=(short,))
        for message in {view.message for view in views if view.message}:
            st.text(message)
        if all(_done(view, short) for view in views) or busy != any(view.busy for view in views):
            st.rerun()

    body()


def _begin(short: Short) -> None:
    for run in engine().runs(owner(_OWNER)):
        run.cancel()
    try:
        for spec in short.specs:
            engine().submit(spec, owner(_OWNER), short.updates)
    except ValueError as error:
        _stop(short)  # the engine refused one of them
        st.session_state[_REFUSED] = str(error)


def _resume(short: Short) -> None:
    """Resume paused runs: the engine pauses a run that no session has shown for a while."""
    watch(_OWNER)
    for run in _runs(short):
        if run.status == "paused":
            run.go()


def _stop(short: Short) -> None:
    for run in _runs(short):
        run.cancel()


def _runs(short: Short) -> list[Run]:
    return [
        run
        for run in engine().runs(owner(_OWNER))
        if run.spec in short.specs and run.status != "cancelled"
    ]
