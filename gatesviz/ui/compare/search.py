"""Which one for me: the reader's data, some minutes, and a recommendation with its numbers."""

from collections.abc import Mapping

import streamlit as st

from gatesviz.cells import CELLS
from gatesviz.experiments.search import PILOTS, Search, SearchProgress, finished
from gatesviz.experiments.search.history import WARM_UP
from gatesviz.limits import SEARCH_MINUTES
from gatesviz.training import OwnData
from gatesviz.ui.compare.parameters import CELLS as NAMES
from gatesviz.ui.compare.recommendation import draw_advice
from gatesviz.ui.compare.samples import SAMPLES
from gatesviz.ui.guesses import ask_guess
from gatesviz.ui.notices import refuse, sentence
from gatesviz.ui.user_data import SERIES, TEXT, choose_own

EVERY = 1.0  # seconds
_CHOOSING = "choosing"
HOW = (
    "The last part of the data is held out. On the rest, RNN, GRU and LSTM are tried with the same"
    " settings. Each cell's best setting is then trained with six or more new seeds. Each of these"
    f" models first reads up to {WARM_UP} steps before the held-out part. It then forecasts the"
    " held-out part in order, one step ahead, with its state carried on. Forecasts that need no"
    " network read the same past."
)
PRINCIPLE = (
    "**Principle.** Search equally hard for every cell, and judge on data that no choice has seen:"
    " the best of many tries on the same data looks better than it is. Always compare with a"
    " forecast that needs no network. If the test can't separate two cells, take the cheaper one."
)


def draw_settings() -> tuple[OwnData | None, int]:
    """Let the reader bring data and say for how long to search; None until there is data."""
    title = st.selectbox(
        "Data", [*SAMPLES, SERIES, TEXT], key="coyours", bind="query-params",
        help="A column of numbers is forecast step by step, a text character by character.",
    )  # fmt: skip
    minutes = st.slider(
        "Minutes for the search", SEARCH_MINUTES.low, SEARCH_MINUTES.high, 2, key="comin",
        bind="query-params",
        help="With more minutes, the search tries more settings, trains each for longer and tests"
        " more seeds. How much fits depends on the machine and on how busy it is.",
    )  # fmt: skip
    data = None
    if title in SAMPLES:
        data = SAMPLES[title].data()
        st.text(SAMPLES[title].source)
    else:
        try:
            data = choose_own(title)
        except ValueError as error:
            refuse(error)
    return data, SEARCH_MINUTES.check(int(minutes))


def draw_guess(data: OwnData | None, minutes: int) -> str | None:
    """Ask which cell will be recommended; return the reader's guess.

    It is about this data, and about a search of as many minutes as the one on the page.
    """
    mine: Mapping[str, Search] = st.session_state.get(_CHOOSING, {})
    if data is not None and data.digest in mine:
        minutes = mine[data.digest].minutes
    return ask_guess(
        "**Which cell will do best on this data?** Guess, then search.",
        list(NAMES),
        key="cobest",
        about=None if data is None else (data.digest, minutes),
    )


def show_search(data: OwnData, minutes: int, guess: str | None) -> None:
    """Draw the search as it goes on, and the recommendation once the reader has guessed."""
    st.text(f"{sentence(data.task.asks)} {data.task.source}")
    st.write(HOW)
    mine: Mapping[str, Search] = st.session_state.setdefault(_CHOOSING, {})
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
                st.error("This cannot be searched.")
                st.text(problem)
            return
        choosing = mine[key]
        standing = choosing.poll()
        if standing.running != running:
            st.rerun()  # the timer begins or ends
        _tell(standing, choosing)
        if choosing.minutes != minutes:
            st.button(
                f"Search for {_minutes(minutes)} instead", on_click=_begin, args=(data, minutes),
                key="begin other search",
            )  # fmt: skip
        draw_advice(data, choosing.minutes, standing, guess)

    body()


def _begin(data: OwnData, minutes: int) -> None:
    """Begin a search; another one of this person's is stopped."""
    mine: dict[str, Search] = st.session_state[_CHOOSING]
    for other in mine.values():
        other.stop()
    mine.clear()
    PILOTS.forgive(data.digest)
    try:
        mine[data.digest] = Search(data, minutes)
    except ValueError as error:
        st.session_state["search problem"] = sentence(error)


def _tell(standing: SearchProgress, choosing: Search) -> None:
    for message in standing.messages:
        st.text(sentence(message))
    if standing.stage == "done" or (standing.stage == "failed" and standing.known):
        return
    if standing.stage != "failed":
        part = standing.done / standing.of if standing.of else 0.0
        st.progress(part, _progress(standing))
    if standing.running:
        st.button("Stop", on_click=choosing.stop, key="stop search")
    else:
        st.button(
            f"Go on for {_minutes(choosing.minutes)}", on_click=choosing.go_on, key="go on search"
        )


def _progress(standing: SearchProgress) -> str:
    told = standing.stage[:1].upper() + standing.stage[1:]
    if standing.of:
        told += f": {standing.done} of {standing.of} runs are finished"
    if standing.running and standing.seconds_left is not None:
        told += f", at most {standing.seconds_left:,.0f} s left in this stage"
    if standing.plan:
        plan = standing.plan
        cells = ", ".join(CELLS[cell].name for cell in NAMES.values())
        told += f". {cells}: {plan.tried} settings each, {plan.updates:,} updates a run"
    return told


def _minutes(minutes: int) -> str:
    return f"{minutes} minute{'' if minutes == 1 else 's'}"
