"""The claims as cards. One is open at a time; the link names it."""

from functools import partial

import streamlit as st

from gatesviz.experiments.claims import PARAMETERS, Benchmark, Claim
from gatesviz.experiments.claims.release import released_findings
from gatesviz.tasks import TASKS
from gatesviz.ui.compare import benchmarks, card, claims
from gatesviz.ui.compare.card import draw_card, halves, state_key
from gatesviz.ui.compare.parameters import (
    ATTENDING,
    CLAIM,
    CLAIM_GUESS,
    CLAIM_OF,
    MEASURED_ON,
    PROBE,
    SEED_COUNT,
)
from gatesviz.ui.locks import is_locked, note_drawn
from gatesviz.ui.notices import refuse

ANSWER_TEXTS = {"yes": "✓ yes", "no": "✗ no", "cannot tell": "? cannot tell"}
INTRO = (
    "People say these {} things about LSTMs, GRUs and their training. Open one and guess whether it"
    " is true."
)
_INSIDE = (MEASURED_ON, SEED_COUNT, CLAIM_GUESS, PROBE, ATTENDING)
"""Settings in an open card. Older links with one of these and no claim mean the first claim."""
_AT, _LINKED, _TOUCHED, _TITLES = (
    f"claims {part}" for part in ("at", "linked", "touched", "titles")
)
"""Where the session holds the claim in the address as last seen, the claim that a link brought, the
card that was opened or closed last, and the titles on the page."""


def open_claim() -> Claim | Benchmark | None:
    """Return the claim whose card is open, by the address, or None."""
    state, text = st.session_state, st.query_params.get(CLAIM.key)
    named = None if text is None or CLAIM.takes.problem(text) else CLAIM.from_link(text)
    if _AT not in state or state[_AT] != text:  # not written by a click on a card
        old = _AT not in state and any(field.key in st.query_params for field in _INSIDE)
        first = next(iter(CLAIM_OF))
        linked = named or (first if old or is_locked(CLAIM.key) else None)
        state[_AT], state[_LINKED], state[_TOUCHED] = text, linked, None
    sentence = named or (None if state[_TOUCHED] else state[_LINKED])
    return None if sentence is None else CLAIM_OF[sentence]


def draw_claims() -> Claim | Benchmark | None:
    """Draw a card for each claim; return the claim whose card is open, or None.

    The claim that a link brought comes first, so that it is seen without scrolling.
    """
    opened = open_claim()
    note_drawn(CLAIM.key)
    st.session_state[CLAIM.key] = None if opened is None else opened.sentence
    first = st.session_state[_LINKED]
    shown = sorted(CLAIM_OF.values(), key=lambda one: one.sentence != first)
    if is_locked(CLAIM.key):
        shown = shown[:1]
    else:
        with st.container(key=card.INTRO):
            st.write(INTRO.format(len(CLAIM_OF)))
    with st.container(gap="xsmall"):
        for one in shown:
            st.session_state[state_key(_key(one))] = one is opened
            draw_card(
                _title(one, opened), partial(_show_details, one), key=_key(one),
                on_change=_toggle, args=(one,),
            )  # fmt: skip
    return opened


def _key(claim: Claim | Benchmark) -> str:
    return f"{card.CLAIM} {claim.key}"


def _toggle(claim: Claim | Benchmark) -> None:
    """Put the claim whose card was opened into the address, in place of another one.

    It opens with the data and the seeds that ship, whatever was chosen for another claim.
    """
    state = st.session_state
    state[MEASURED_ON.key] = TASKS[claim.tasks[0]].title
    state[SEED_COUNT.key] = SEED_COUNT.default
    state[_TOUCHED], state[_AT] = claim.key, None
    if state[state_key(_key(claim))] or is_locked(CLAIM.key):
        st.query_params[CLAIM.key] = state[_AT] = claim.sentence
    elif CLAIM.key in st.query_params:
        del st.query_params[CLAIM.key]


def _title(claim: Claim | Benchmark, opened: Claim | Benchmark | None) -> str:
    """Return the sentence of a claim, after the shipped answer once the reader has guessed it.

    The title of the card that has the keyboard focus stays, because another title would take it.
    """
    titles: dict[str, str] = st.session_state.setdefault(_TITLES, {})
    in_use = claim is opened or claim.key == st.session_state[_TOUCHED]
    if claim.key not in titles or not in_use:
        answer = shipped_answer(claim) if claims.guessed(claim) else None
        limits = " on one task" if isinstance(claim, Claim) else ""
        before = f"{ANSWER_TEXTS[answer]}{limits} · " if answer else ""
        titles[claim.key] = before + claim.sentence
    return titles[claim.key]


def shipped_answer(claim: Claim | Benchmark) -> str | None:
    """Return the answer of the release's measurement on the first task, or None without one."""
    if claim is PARAMETERS:
        return PARAMETERS.measure().findings().answer
    findings = released_findings(claim.key)
    return None if findings is None else findings.answer


def _show_details(claim: Claim | Benchmark) -> None:
    """Draw the question of an open card, then the result next to its setting."""
    question = st.container()
    result, setting = halves()
    experiments = []
    with setting:
        task, seeds = claims.draw_settings(claim)
        if isinstance(claim, Benchmark):
            st.text(claim.measures)
        elif task is not None:
            try:
                experiments = claims.claim_experiments(claim, task, seeds)
                claims.describe_claim(claim, task, experiments)
            except ValueError as error:
                refuse(error)
    with question:
        guess = claims.draw_guess(claim, task, seeds)
    if task is None:
        return
    with result:
        if isinstance(claim, Benchmark):
            benchmarks.show_benchmark(claim, task, guess)
        elif experiments:
            claims.show_claim(claim, task, seeds, guess, experiments)
