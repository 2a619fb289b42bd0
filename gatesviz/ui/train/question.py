"""The page's question, your guess, and the answer from the runs."""

from collections.abc import Hashable, Mapping
from dataclasses import replace

import streamlit as st

from gatesviz.cells import find_cell
from gatesviz.engine import View
from gatesviz.training import TrainingSpec
from gatesviz.training.spec import spec_text
from gatesviz.ui.classroom.reports import PerStudent
from gatesviz.ui.guesses import ask_guess, hidden_by_lesson, with_verdict
from gatesviz.ui.page_settings import in_words
from gatesviz.ui.train import session
from gatesviz.ui.train.chart import solved_after
from gatesviz.ui.train.class_results import stage_runs
from gatesviz.ui.train.parameters import (
    FIRST,
    LENGTH,
    NAMES,
    NO,
    NONE,
    SETTINGS,
    UPDATES,
    YES,
)
from gatesviz.ui.train.settings import Settings, widgets

PRINCIPLE = (
    "**Principle.** Each update changes the weights a little to lower the loss of one batch."
    " No rule tells a gate what to do. The gate learns it from these updates."
)


_SEEN = "train curves seen"
DEPENDS_ON = (
    *("task", "cell", "hidden_size", "layers", "bidirectional", "equal", "length", "optimiser"),
    *("forget_bias", "chrono", "convolution", "attention"),
)
"""The fields of `TrainingSpec` with which the question is another one. A held guess opens again
only with another value of one of these."""
TRAINED_WITH = ("seed", "learning_rate", "clip", "batch_size", "dropout", "data_size")
"""Those that can change a little and give the same curves. Such curves would tell the answer."""


def warn(problem: str) -> None:
    """Say that new settings don't work, if ``problem`` says why."""
    if problem:
        st.warning("The page still shows the last settings that work. The new ones don't:")
        st.text(problem)


@st.fragment
def draw_guess(settings: Settings) -> None:
    """Ask which cell solves the task first. Answer after a guess, when no run is busy.

    A guess draws only the question again.
    """
    names, views = [NAMES[cell] for cell in settings.specs], session.views(settings)
    only = find_cell(settings.spec.cell).in_sentences
    question = f"Will the {only} solve this task within {settings.updates:,} updates?"
    if len(names) > 1:
        question = (
            "Which cell solves this task in the fewest updates? Each cell gets at most"
            f" {settings.updates:,} updates."
        )
    options = [*names, NONE] if len(names) > 1 else [YES, NO]
    with st.container(gap="xxsmall"):
        guess = ask_guess(
            f"**{question}** Guess, then start.",
            options,
            key="trguess",
            about=_about(settings),
            right=lambda: right_option(settings, views),
            is_over=_has_seen_curves(settings, views),
            words=_in_words(settings),
        )
        stage_runs(settings)
        if guess is not None:
            cell = {YES: names[0], NO: NONE}.get(guess, guess)
            if text := answer(settings, views, cell):
                st.write(text)


def _about(settings: Settings) -> PerStudent:
    """Return what the question is about. A class is asked the same with many seeds."""
    more, specs = (settings.updates, settings.rates), [*settings.specs.values()]
    return PerStudent(
        all=(*map(spec_text, specs), *more),
        shared=(*(spec_text(replace(spec, seed=0)) for spec in specs), *more),
    )


def _in_words(settings: Settings) -> str:
    """Return the settings of the runs. Those of the folds are left out if they are the usual ones.

    The seed is one of them: each student has another.
    """
    held = widgets([*settings.specs.values()], settings.rates) | {UPDATES.key: settings.updates}
    if settings.spec.length == settings.task.length:
        held[LENGTH.key] = None
    return in_words(
        (field, held[field.key])
        for field in SETTINGS
        if field in FIRST or held.get(field.key, field.default) != field.default
    )


def _has_seen_curves(settings: Settings, views: Mapping[str, View]) -> bool:
    """Return whether this session has seen curves that answer the question.

    They are those of the same settings in `DEPENDS_ON`. A run with one more update, or with a batch
    of 33, tells as much as another seed does. It would tell the answer while the result is held
    back.
    """
    seen: set[Hashable] = st.session_state.setdefault(_SEEN, set())
    about = tuple(map(_asked_of, settings.specs.values()))
    if any(view.updates for view in views.values()):
        seen.add(about)
    return about in seen


def _asked_of(spec: TrainingSpec) -> Hashable:
    """Return the values of `DEPENDS_ON`.

    A learning rate or a batch far from the usual one counts as little as one that is near: there
    is no natural limit between them.
    """
    return tuple(getattr(spec, name) for name in DEPENDS_ON)


def answer(settings: Settings, views: Mapping[str, View], guess: str) -> str:
    """Return whether ``guess`` was right, as far as the runs can say.

    Where a lesson hides the question, nothing is returned until the runs have decided it.
    """
    if hidden_by_lesson() and not winners(settings, views):
        return ""
    if not _rest(settings, views):
        return (
            "The result appears here when all runs have finished. If you pause, you see the result"
            " so far."
        )
    solved = {cell: solved_after(settings, view.history) for cell, view in views.items()}
    order = sorted(views, key=lambda cell: (solved[cell] is None, solved[cell] or 0))
    results = "; ".join(_sentence(cell, solved[cell], views[cell].updates) for cell in order)
    first = winners(settings, views)
    if not first:
        return f"Not decided yet: {results}."
    verdict = "Right:" if guess in first else "Not quite:"
    return with_verdict(verdict, f"{results}. One run proves little: try another seed.")


def winners(settings: Settings, views: Mapping[str, View]) -> list[str]:
    """Return the names of the cells that solved the task first, or `NONE`; [] if undecided."""
    if not _rest(settings, views):
        return []
    solved = {cell: solved_after(settings, view.history) for cell, view in views.items()}
    within = settings.updates
    times = {k: at for k, at in solved.items() if at is not None and at <= within}
    first = min(times.values(), default=within)
    unsolved = [view for cell, view in views.items() if cell not in times and not view.ended]
    if any(view.updates < first for view in unsolved):
        return []
    return [NAMES[cell] for cell, update in times.items() if update == first] or [NONE]


def right_option(settings: Settings, views: Mapping[str, View]) -> str | None:
    """Return the option that the runs make right, or None if undecided or if two cells tie."""
    first = winners(settings, views)
    if len(first) != 1:
        return None
    if len(settings.specs) > 1:
        return first[0]
    return NO if first == [NONE] else YES


def _rest(settings: Settings, views: Mapping[str, View]) -> bool:
    return set(views) == set(settings.specs) and not any(view.busy for view in views.values())


def _sentence(cell: str, solved: int | None, made: int) -> str:
    name = find_cell(cell).in_sentences
    if solved is None:
        return f"the {name} didn't solve it in {made:,} updates"
    return f"the {name} solved it after **{solved:,} updates**"
