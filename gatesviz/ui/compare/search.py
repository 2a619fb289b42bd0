"""Search for the best cell on the reader's data, with progress and a recommendation."""

from collections.abc import Mapping

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.experiments.search import PILOTS, Search, SearchProgress, finished
from gatesviz.experiments.search.history import WARM_UP
from gatesviz.limits import SEARCH_MINUTES
from gatesviz.training import OwnData
from gatesviz.ui.compare.parameters import BEST_GUESS, MINUTES, NONE, YOUR_DATA
from gatesviz.ui.compare.parameters import CELLS as NAMES
from gatesviz.ui.compare.recommendation import draw_advice
from gatesviz.ui.compare.samples import SAMPLES
from gatesviz.ui.guesses import ask_guess
from gatesviz.ui.notices import refuse, sentence
from gatesviz.ui.persons import address, person
from gatesviz.ui.user_data import choose_own

EVERY = 1.0  # seconds
_SEARCHES = "searches"
HOW = (
    f"The app holds out the last part of your data. On the earlier part, it tries the same list of"
    f" settings for every cell ({', '.join(NAMES)}). It then trains each cell at least six"
    " times with its best settings, each time with a new seed. Each model reads up to"
    f" {WARM_UP} steps just before the held-out part. Then it forecasts that part value by"
    " value, without resetting its state. The baselines use the same data."
)
PRINCIPLE = (
    "**Principle.** Spend the same search effort on every cell. Judge on data that you didn't use"
    " for any choice. Always compare with a baseline. If two cells differ less than two"
    " runs of one cell, take the one with fewer parameters."
)


def draw_settings() -> tuple[OwnData | None, int]:
    """Let the reader choose the data and the minutes; the data is None until there is some."""
    title = YOUR_DATA.draw()
    minutes = SEARCH_MINUTES.check(int(MINUTES.draw()))
    data = None
    if title in SAMPLES:
        data = SAMPLES[title].data()
        st.text(SAMPLES[title].source)
    else:
        try:
            data = choose_own(title)
        except ValueError as error:
            refuse(error)
    return data, minutes


def draw_guess(data: OwnData | None, minutes: int) -> str | None:
    """Ask which cell will be recommended; return the reader's guess.

    It is about this data, and about a search of as many minutes as the one on the page.
    """
    mine: Mapping[str, Search] = st.session_state.get(_SEARCHES, {})
    if data is not None and data.digest in mine:
        minutes = mine[data.digest].minutes
    return ask_guess(
        BEST_GUESS.label,
        (*NAMES, NONE),
        key=BEST_GUESS.key,
        about=None if data is None else (data.digest, minutes),
    )


def show_search(data: OwnData, minutes: int, guess: str | None) -> None:
    """Draw the progress of the search, and the recommendation once the reader has guessed."""
    st.text(f"{sentence(data.task.asks)} {data.task.source}")
    st.write(HOW)
    mine: Mapping[str, Search] = st.session_state.setdefault(_SEARCHES, {})
    key = data.digest
    running = key in mine and mine[key].poll().running

    @st.fragment(run_every=EVERY if running else None)
    def body() -> None:
        if key not in mine:
            if (known := finished(data, minutes)) is not None:
                draw_advice(data, minutes, known, guess)
                return
            st.button(
                f"Search for {_minutes(minutes)}", on_click=_begin, args=(data, minutes),
                key="begin search", type="primary",
            )  # fmt: skip
            if problem := st.session_state.pop("search problem", ""):
                st.error("This data can't be searched.")
                st.text(problem)
            return
        search = mine[key]
        progress = search.poll()
        if progress.running != running:
            st.rerun()  # the timer begins or ends
        _show_progress(progress, search)
        if search.minutes != minutes:
            st.button(
                f"Search for {_minutes(minutes)} instead", on_click=_begin, args=(data, minutes),
                key="begin other search",
            )  # fmt: skip
        draw_advice(data, search.minutes, progress, guess)

    body()


def _begin(data: OwnData, minutes: int) -> None:
    """Begin a search, and stop another one of this session."""
    mine: dict[str, Search] = st.session_state[_SEARCHES]
    for other in mine.values():
        other.stop()
    mine.clear()
    PILOTS.forgive(data.digest)
    try:
        mine[data.digest] = Search(data, minutes, person=person(), address=address())
    except ValueError as error:
        st.session_state["search problem"] = sentence(error)


def _show_progress(progress: SearchProgress, search: Search) -> None:
    for message in progress.messages:
        st.text(sentence(message))
    ended = progress.stage == "done" or (progress.stage == "failed" and progress.known)
    ahead = () if ended else (progress.warning,)
    for line in filter(None, progress.partial.sentences[1:] if progress.partial else ahead):
        st.text(line)
    if ended:
        return
    if progress.stage != "failed":
        part = progress.done / progress.of if progress.of else 0.0
        st.progress(part, _progress_text(progress))
    if progress.running:
        st.button("Stop", on_click=search.stop, key="stop search")
    else:
        st.button(
            f"Continue for {_minutes(search.minutes)}", on_click=search.go_on, key="go on search"
        )


def _progress_text(progress: SearchProgress) -> str:
    text = progress.stage[:1].upper() + progress.stage[1:]
    if progress.of:
        text += f": {progress.done} of {progress.of} runs finished"
    if progress.running and progress.seconds_left is not None:
        text += f", at most {progress.seconds_left:,.0f} s left in this stage"
    if progress.plan:
        plan = progress.plan
        cells = ", ".join(CELLS[cell].name for cell in NAMES.values())
        text += f". {cells}: {plan.tried} settings each, {plan.updates:,} updates a run"
    return text


def _minutes(minutes: int) -> str:
    return f"{minutes} minute{'' if minutes == 1 else 's'}"
