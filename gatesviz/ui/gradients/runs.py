"""Models in the middle of learning: the reader's own, or of a short run that this page asks for."""

from dataclasses import dataclass
from uuid import uuid4

import streamlit as st

from gatesviz.engine import View, engine
from gatesviz.engine.run import Run
from gatesviz.tasks import TASKS
from gatesviz.trained import trained_info
from gatesviz.training import Model, TrainingSpec
from gatesviz.ui.feed.models import FILES
from gatesviz.ui.gradients.models import NAMES
from gatesviz.ui.gradients.parameters import CELLS, HALF, TRAINED, YOURS
from gatesviz.ui.gradients.settings import Settings
from gatesviz.ui.handing import Handed, handed

EVERY = 0.5  # seconds
KEPT = 24  # short runs, for everybody: a run of the same settings comes to the same bits
HIDDEN = 16
_OWNER = "gradient owner"


@dataclass(frozen=True)
class Short:
    """A short run of the three cells.

    Attributes:
        specs: what is trained, one a cell.
        updates: how many.
    """

    specs: tuple[TrainingSpec, ...]
    updates: int


def models(settings: Settings) -> tuple[Model, ...]:
    """Return the models that ``settings`` speak of, where they are not made from them alone.

    A short run that has not been made is asked for with a button; until it is there, the models
    are those before its first update.
    """
    if settings.weights == YOURS:
        return tuple(_at(model, settings.updates) for model in handed())
    return _half(_short(settings)) if settings.weights == HALF else ()


def described(settings: Settings, found: tuple[Model, ...]) -> list[str]:
    """Return a sentence for each model whose weights are not fresh."""
    if settings.weights == TRAINED:
        names = (f"{settings.task}-{FILES[cell]}" for cell in CELLS.values())
        return [trained_info(name).description for name in names]
    return [
        f"{NAMES[model.spec.cell]} with {model.spec.actual_hidden_size} units after"
        f" {model.updates:,} updates of this: {model.spec.learned.title.lower()}."
        for model in found
    ]


def _at(model: Handed, update: int) -> Model:
    """Return its run's model after the last kept update that is not after ``update``."""
    known = [u for u in model.history.checkpoints if u <= update]
    if model.update <= update and model.update >= max(known):
        return model.model
    return model.history.model_at(max(known))


def _short(settings: Settings) -> Short:
    task = TASKS[settings.task]
    plain = {"task": task.key, "hidden_size": HIDDEN, "seed": settings.seed}
    specs = tuple(TrainingSpec(cell=cell, **plain) for cell in CELLS.values())  # type: ignore[arg-type]
    return Short(specs, settings.updates)


@st.cache_resource(show_spinner=False)
def _kept() -> dict[Short, tuple[Model, ...]]:
    return {}


def _half(short: Short) -> tuple[Model, ...]:
    known = _kept()
    if short in known:
        return known[short]
    if found := _finished(short):
        known[short] = found
        while len(known) > KEPT:
            del known[next(iter(known))]
        return found
    _offer(short)
    from gatesviz.training import start

    return tuple(start(spec).model for spec in short.specs)


def _finished(short: Short) -> tuple[Model, ...]:
    views = [run.view() for run in _runs(short)]
    if len(views) < len(short.specs) or not all(_done(view, short) for view in views):
        return ()
    models = {view.spec: view.state.model for view in views if view.state}
    for run in _runs(short):
        run.cancel()
    return tuple(models[spec] for spec in short.specs)


def _done(view: View, short: Short) -> bool:
    return view.state is not None and view.updates == short.updates


def _offer(short: Short) -> None:
    """Let the reader start and stop the run, and say how far it is."""
    busy = any(run.view().busy for run in _runs(short))

    @st.fragment(run_every=EVERY if busy else None)
    def body() -> None:
        views = [run.view() for run in _runs(short)]
        engine().seen(_owner())
        if not views:
            st.write("Below are these cells before their first update.")
            st.button(f"Train them for {short.updates:,} updates", on_click=_begin, args=(short,))
            return
        share = sum(view.updates for view in views) / (short.updates * len(short.specs))
        st.progress(min(1.0, share), f"{share:.0%} of the updates are made")
        st.button("Stop", on_click=_stop, args=(short,))
        for message in {view.message for view in views if view.message}:
            st.text(message)
        if all(_done(view, short) for view in views) or busy != any(view.busy for view in views):
            st.rerun()

    body()


def _begin(short: Short) -> None:
    for run in engine().runs(_owner()):
        run.cancel()
    try:
        for spec in short.specs:
            engine().submit(spec, _owner(), short.updates)
    except ValueError as error:
        st.session_state["gradient refused"] = str(error)


def _stop(short: Short) -> None:
    for run in _runs(short):
        run.cancel()


def _runs(short: Short) -> list[Run]:
    return [
        run
        for run in engine().runs(_owner())
        if run.spec in short.specs and run.status != "cancelled"
    ]


def _owner() -> str:
    name: str = st.session_state.setdefault(_OWNER, uuid4().hex)
    return _present(name)


@st.cache_resource(scope="session", on_release=lambda name: engine().left(name), show_spinner=False)
def _present(name: str) -> str:
    return name
