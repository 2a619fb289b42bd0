"""Known results as cards: source, setting, expected values and measured values."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

import streamlit as st

from gatesviz.experiments.known import CARDS, Card, Outcome, Row
from gatesviz.experiments.known.release import released
from gatesviz.experiments.known.table import format_row
from gatesviz.experiments.scripts import cards_script
from gatesviz.ui import charts
from gatesviz.ui.compare.card import draw_card, halves
from gatesviz.ui.compare.claim_charts import cached, draw_with_downloads
from gatesviz.ui.compare.parameters import (
    ALL,
    CARD,
    CARDS_SHOWN,
    EXACT,
    FAILING,
    HOLDS,
    HOLDS_GUESS,
    TRAINED,
)
from gatesviz.ui.downloads import table
from gatesviz.ui.guesses import ask_first, ask_guess, with_verdict
from gatesviz.ui.locks import note_drawn
from gatesviz.ui.progress import Found, follow, known_results, report_problem

LASTS = "a few minutes"
STATUS_TEXTS = {
    "pass": "✓ confirmed",
    "fail": "✗ not as expected",
    "not finished": "… not finished",
    "not run": "– not run",
    "shown only": "shown only",
}
PARTLY = " for the part that is tested"
NAMED = 2
"""Rows outside their range up to which a card's title names them."""
PRINCIPLE = (
    "**Principle.** Before you reproduce a result, decide what counts as success. Then show the"
    " result of every seed, and report what fails."
)
COLUMNS = (
    "card", "known result", "source", "setting", "row", "expected", "number", "value",
    "row result", "card result", "not covered", "measured", "machine",
)  # fmt: skip


@st.cache_resource(max_entries=256, show_spinner="Computing…")
def _outcome(key: str, measured: tuple[str, ...], _results: Found) -> Outcome:
    """Return the outcome of a card; ``measured`` identifies the results."""
    return CARDS[key].outcome(_results)


def outcome(card: Card, results: Found) -> Outcome:
    """Return the outcome of ``card`` with these results, computed once for all visitors."""
    measured = tuple(sorted(f"{trial.key} {r.measured}" for trial, r in results.items()))
    return _outcome(card.key, measured, results)


def outcomes() -> list[Outcome]:
    """Return the outcome of every card so far, shipped results included."""
    return [
        outcome(card, {**released(card.trials), **known_results(card.experiments)})
        for card in CARDS.values()
    ]


def status_text(one: Outcome) -> str:
    """Return the status of a card as a symbol and words."""
    partly = one.card.not_covered and one.status != "not run"
    if one.status == "fail":
        judged = [row.status for row in one.rows if row.band.judged]
        return f"{STATUS_TEXTS['fail']} in {judged.count('fail')} of {len(judged)} rows"
    return STATUS_TEXTS[one.status] + (PARTLY if partly else "")


def status_markdown(one: Outcome) -> str:
    """Return the same as Markdown: a failure is red and bold, and a few failing rows are named."""
    text = status_text(one)
    if one.status != "fail":
        return text
    names = [f"“{row.band.row}”" for row in one.rows if row.status == "fail"]
    named = f" ({', '.join(names)})" if len(names) <= NAMED else ""
    return f":red[**{text}**]{named}"


def draw_guess(found: Sequence[Outcome]) -> str | None:
    """Ask how many cards hold, answer with the count, and return the guess."""
    guess = ask_guess(
        HOLDS_GUESS.label.format(len(found)),
        HOLDS,
        key=HOLDS_GUESS.key,
        about=tuple(one.card.key for one in found),
        right=lambda: right_word(found),
    )
    if guess is None:
        st.write(ask_first("Make a guess to see the results."))
    else:
        st.write(compare_guess(found, guess))
    return guess


def compare_guess(found: Sequence[Outcome], guess: str) -> str:
    """Return how the guess compares with the count."""
    counts: Counter[str] = Counter(one.status for one in found)
    held, of = counts["pass"], len(found)
    right = right_word(found)
    verdict = "So far" if right is None else "Yes" if guess == right else "Not quite"
    others = ", ".join(
        f"{counts[status]} {text}"
        for status, text in (("fail", "not as expected"), ("not finished", "not finished"),
                             ("not run", "not run"))
        if counts[status]
    )  # fmt: skip
    if right is None:
        end = f" {with_verdict(f'You guessed {guess}.', 'Run the other cards to check it.')}"
    else:
        end = ""
    result = f"**{held} of {of} confirmed**{f'; {others}' if others else ''}."
    return with_verdict(f"{verdict}:", result) + end


def right_word(found: Sequence[Outcome]) -> str | None:
    """Return which of `HOLDS` is right, or None while a card is not finished."""
    statuses = [one.status for one in found]
    if {"not finished", "not run"} & set(statuses):
        return None
    held, of = statuses.count("pass"), len(statuses)
    return HOLDS[0] if held == of else HOLDS[1] if 2 * held > of else HOLDS[2]


def show_cards(found: Sequence[Outcome], linked: str | None) -> None:
    """Draw the cards that the reader chose to see, and the downloads.

    Args:
        found: the outcome of every card.
        linked: key of the card that comes first and is open, or None.
    """
    st.header("Open a result to see how it was checked")
    report_problem()
    chosen = CARDS_SHOWN.draw()
    if chosen == FAILING and not any(one.status == "fail" for one in found):
        st.write("All results are as expected.")
    with st.container(gap="xsmall"):
        for one in sorted(found, key=lambda one: one.card.key != linked):
            first, fails = one.card.key == linked, chosen == FAILING and one.status == "fail"
            if first or fails or chosen in (ALL, _kind(one)):
                _show_card(one, opened=first or fails)
    with st.container(horizontal=True):
        st.download_button(
            "Download every value (CSV)",
            partial(as_csv, found),
            "gatesviz-known-results.csv",
            "text/csv",
            on_click="ignore",
        )
        st.download_button(
            "Download as a script (Python)", cards_script, "gatesviz-known-results.py",
            "text/x-python", on_click="ignore",
        )  # fmt: skip


def linked_card() -> str | None:
    """Return the key of the card that the link opens, or None. Call this also before the guess."""
    text = st.query_params.get(CARD.key)
    linked = None if text is None or CARD.takes.problem(text) else str(CARD.from_link(text))
    note_drawn(CARD.key)
    st.session_state[CARD.key] = linked
    return linked


def _kind(one: Outcome) -> str:
    return EXACT if one.card.exact and one.status != "not run" else TRAINED


def _show_card(one: Outcome, opened: bool) -> None:
    """Draw the title and the status, and the details while the card is open."""
    draw_card(
        f"{status_markdown(one)} · {one.card.title}",
        partial(_show_details, one),
        key=f"known result {one.card.key} {opened}",
        expanded=opened,
    )


def _show_details(one: Outcome) -> None:
    card = one.card
    result, setting = halves()
    with setting:
        st.text(f"Card: {card.key}")
        for label in ("source", "setting", "expected", "values", "not_covered"):
            if text := getattr(card, label):
                name = label.replace("_", " ").capitalize()
                st.text(f"{name}: {text}")
    with result:
        if card.exact:
            _show_outcome(one)
        else:
            follow(
                card.experiments,
                lambda found: _show_outcome(outcome(card, found)),
                lasts=LASTS,
                shipped=released(card.trials),
                report=False,
            )


def _show_outcome(one: Outcome) -> None:
    if one.status == "fail":
        outside = (_outside(row) for row in one.rows if row.status == "fail")
        st.error(f"**{status_text(one)}.** {' '.join(outside)}")
    else:
        st.write(f"**{status_text(one)}**")
    if any(row.values for row in one.rows):
        if any(row.band.count > 1 for row in one.rows):
            _draw_bands(one)
        lines = [table_line(row) for row in one.rows]
        st.table(lines, hide_index=True, alt="Expected and measured values of this card.")


def _outside(row: Row) -> str:
    return f"Row “{row.band.row}”: measured {format_row(row)}, expected {row.band}."


def _draw_bands(one: Outcome) -> None:
    """Draw the value of each seed with its expected range, and the downloads."""
    from gatesviz.figures import band_dots, band_dots_alt

    card, theme = one.card, charts.theme()
    every = all(row.band.judged for row in one.rows)
    name = card.values if every else card.values.split(";")[0]  # the rest describes unjudged rows
    values = tuple(row.values for row in one.rows)
    figure = cached((card.key, values, theme), lambda: band_dots(one.rows, name=name, theme=theme))
    alt = band_dots_alt(one.rows, name)
    draw_with_downloads(
        figure,
        alt,
        chart=f"card {card.key}",
        title=f"{card.key}: {card.title}",
        csv=partial(as_csv, [one]),
        script=partial(cards_script, card.key),
    )


def table_line(row: Row) -> dict[str, str]:
    """Return a row of a card as a row of its table."""
    return {
        "Row": row.band.row,
        "Expected": str(row.band),
        "Every value": format_row(row),
        "Result": STATUS_TEXTS[row.verdict],
    }


def as_csv(outcomes: Sequence[Outcome]) -> str:
    """Return every value of every card as a line of CSV; a row without values has one line."""
    return table(COLUMNS, (line for outcome in outcomes for line in _lines(outcome)))


def _lines(outcome: Outcome) -> Iterator[tuple[object, ...]]:
    card = outcome.card
    machines = "; ".join(map(str, outcome.machines))
    ends = (outcome.status, card.not_covered, outcome.measured, machines)
    for row in outcome.rows:
        begins = (card.key, card.title, card.source, card.setting, row.band.row, str(row.band))
        for number, value in enumerate(row.values or (None,)):
            yield (*begins, number, value, row.verdict, *ends)
