"""The page's question, the reader's guess, and the answer from the runs themselves."""

from collections.abc import Mapping

import streamlit as st

from gatesviz.engine import View
from gatesviz.ui.guesses import ask_guess
from gatesviz.ui.train.chart import solved_after
from gatesviz.ui.train.parameters import NAMES, NO, NONE, YES
from gatesviz.ui.train.settings import Settings

PRINCIPLE = (
    "**Principle.** Training moves the weights step by step so that the loss of each batch falls."
    " No gate is told what to do: what it does afterwards was learnt, or came about on the way."
)


def say_task(settings: Settings, problem: str) -> None:
    """Say what is learnt; first, where other settings were asked for, that these are the last."""
    if problem:
        st.warning("Shown are the last settings that could be trained. The new ones cannot be:")
        st.text(problem)
    task = settings.task
    st.text(f"{task.title}. In: {task.asks} Out: {task.answer}")


def draw_guess(settings: Settings, views: Mapping[str, View]) -> None:
    """Ask which cell solves the task first; answer once the reader has guessed and runs rest."""
    names = [NAMES[cell] for cell in settings.specs]
    asked = "Which of them solves" if len(names) > 1 else f"Will the {names[0]} solve"
    again = " first" if len(names) > 1 else ""
    options = [*names, NONE] if len(names) > 1 else [YES, NO]
    guess = ask_guess(
        f"**{asked} it{again}, within {settings.updates:,} updates?** Guess, then start.",
        options,
        key="trguess",
        about=(*map(hash, settings.specs.values()), settings.updates, settings.rates),
    )
    if guess is not None:
        meant = {YES: names[0], NO: NONE}.get(guess, guess)
        st.write(answer(settings, views, meant))


def answer(settings: Settings, views: Mapping[str, View], guess: str) -> str:
    """Return what the runs say so far."""
    if set(views) != set(settings.specs) or any(view.busy for view in views.values()):
        return "The answer comes once all runs are paused or finished."
    solved = {cell: solved_after(settings.task, view.history) for cell, view in views.items()}
    within = settings.updates
    times = {k: at for k, at in solved.items() if at is not None and at <= within}
    told = "; ".join(_sentence(cell, solved[cell], view.updates) for cell, view in views.items())
    first = min(times.values(), default=within)
    unsolved = [view for cell, view in views.items() if cell not in times and not view.ended]
    if any(view.updates < first for view in unsolved):
        return f"Not decided yet: {told}."
    winners = [NAMES[cell] for cell, update in times.items() if update == first] or [NONE]
    verdict = "Right" if guess in winners else "Not quite"
    return f"{verdict}: {told}. Another seed may tell another story: one run proves little."


def _sentence(cell: str, solved: int | None, made: int) -> str:
    if solved is None:
        return f"the {NAMES[cell]} has not solved it in {made:,} updates"
    return f"the {NAMES[cell]} was first scored as solved after **{solved:,} updates**"
