"""Known results as cards: source, setting, what must come out, and what did."""

from collections import Counter
from collections.abc import Sequence
from functools import partial

import streamlit as st

from gatesviz.experiments.known import CARDS, Card, Outcome, Row
from gatesviz.experiments.known.table import format_row
from gatesviz.experiments.scripts import cards_script
from gatesviz.ui import charts
from gatesviz.ui.compare.card_table import as_csv
from gatesviz.ui.compare.claim_charts import once, show
from gatesviz.ui.compare.parameters import ALL, EXACT, FAILING, HOLDS, ONLY, TRAINED
from gatesviz.ui.guesses import ask_guess
from gatesviz.ui.progress import Found, follow, known_results

LASTS = "minutes on two cores"
WORDS = {
    "pass": "✓ holds",
    "fail": "✗ fails",
    "not finished": "… not finished",
    "not run": "– not run",
}
PARTLY = ", partly covered"
PRINCIPLE = (
    "**Principle.** A result that is known from a paper is a measurement, and a measurement can be"
    " made again: with its setting, its seeds and a band that is not moved so that a result fits"
    " it. What is computed without training must hold on every machine; what is trained depends on"
    " setting and luck, so every seed is shown, and a card that fails says so."
)


@st.cache_resource(max_entries=256, show_spinner="Computing…")
def _outcome(key: str, measured: tuple[str, ...], _found: Found) -> Outcome:
    """Return what a card came to; ``measured`` tells which results are there."""
    return CARDS[key].outcome(_found)


def outcome(card: Card, found: Found) -> Outcome:
    """Return what ``card`` came to with what is known; computed once for all visitors."""
    measured = tuple(sorted(f"{trial.key} {result.measured}" for trial, result in found.items()))
    return _outcome(card.key, measured, found)


def outcomes() -> list[Outcome]:
    """Return what every card came to so far."""
    return [outcome(card, known_results(card.experiments)) for card in CARDS.values()]


def in_words(one: Outcome) -> str:
    """Return how a card stands, in words and a symbol."""
    partly = one.card.not_covered and one.status != "not run"
    return WORDS[one.status] + (PARTLY if partly else "")


def marked(one: Outcome) -> str:
    """Return the same as Markdown: what fails is red, and bold for who sees no colours."""
    words = in_words(one)
    return f":red[**{words}**]" if one.status == "fail" else words


def draw_guess(found: Sequence[Outcome]) -> None:
    """Ask how many cards hold; answer with the count."""
    guess = ask_guess(
        f"**{len(found)} results that are known from papers and from arithmetic, measured here."
        " How many hold?** Guess, then see.",
        HOLDS,
        key="coholds",
        about=tuple(one.card.key for one in found),
    )
    if guess is not None:
        st.write(compare_guess(found, guess))


def compare_guess(found: Sequence[Outcome], guess: str) -> str:
    """Return how the guess compares with the count."""
    counts: Counter[str] = Counter(one.status for one in found)
    held, of = counts["pass"], len(found)
    right = HOLDS[0] if held == of else HOLDS[1] if 2 * held > of else HOLDS[2]
    waiting = counts["not finished"] + counts["not run"]
    verdict = "So far" if waiting else "Yes" if guess == right else "Not quite"
    rest = ", ".join(
        f"{counts[status]} {word}"
        for status, word in (("fail", "failed"), ("not finished", "not finished"),
                             ("not run", "not run"))
        if counts[status]
    )  # fmt: skip
    end = f" You said {guess}: measure the others, then it is decided." if waiting else ""
    return f"{verdict}: **{held} of {of} hold**{f'; {rest}' if rest else ''}.{end}"


def show_overview(found: Sequence[Outcome]) -> None:
    """Draw a line for each card, and the download."""
    lines = [
        {"Card": one.card.key, "Known result": one.card.title, "Here": marked(one)} for one in found
    ]
    st.table(lines, hide_index=True)
    with st.container(horizontal=True):
        st.download_button(
            "Every value, CSV",
            partial(as_csv, found),
            "gatesviz-known-results.csv",
            "text/csv",
            on_click="ignore",
        )
        st.download_button(
            "All of it as a script", cards_script, "gatesviz-known-results.py", "text/x-python",
            on_click="ignore",
        )  # fmt: skip


def show_cards(found: Sequence[Outcome]) -> None:
    """Draw the cards that the reader wants to see."""
    st.header("The cards")
    only = st.segmented_control(
        "Show", ONLY, default=ALL, key="coonly", bind="query-params", required=True
    )
    if only == FAILING and not any(one.status == "fail" for one in found):
        st.write("No card fails.")
    for one in found:
        if only in (None, ALL, _kind(one)) or (only == FAILING and one.status == "fail"):
            _show_card(one.card)


def _kind(one: Outcome) -> str:
    return EXACT if one.card.exact and one.status != "not run" else TRAINED


def _show_card(card: Card) -> None:
    with st.container(border=True):
        left, right = st.columns([2, 3])
        with left:
            st.subheader(card.key)
            st.text(card.title)
            for label in ("source", "setting", "expected", "values", "not_covered"):
                if text := getattr(card, label):
                    name = label.replace("_", " ").capitalize()
                    st.text(f"{name}: {text}")
        with right:
            if card.exact:
                _show_outcome(outcome(card, {}))
            else:
                follow(card.experiments, lambda found: _draw(card, found), lasts=LASTS)


def _draw(card: Card, found: Found) -> None:
    _show_outcome(outcome(card, found))


def _show_outcome(one: Outcome) -> None:
    if one.status == "fail":
        outside = [row.band.row for row in one.rows if row.status == "fail"]
        st.error(f"**{in_words(one)}.** Outside of what is expected: {', '.join(outside)}.")
    else:
        st.write(f"**{in_words(one)}**")
    if any(row.values for row in one.rows):
        if any(row.band.count > 1 for row in one.rows):
            _draw_bands(one)
        st.table([_line(row) for row in one.rows], hide_index=True)


def _draw_bands(one: Outcome) -> None:
    """Draw where the seeds lie, and what the reader can take home of it."""
    from gatesviz.figures import band_dots, band_dots_alt

    card, theme = one.card, charts.theme()
    every = all(row.band.judged for row in one.rows)
    name = card.values if every else card.values.split(";")[0]  # the rest is of rows only shown
    values = tuple(row.values for row in one.rows)
    figure = once((card.key, values, theme), lambda: band_dots(one.rows, name=name, theme=theme))
    alt = band_dots_alt(one.rows, name)
    show(
        figure,
        alt,
        chart=f"card {card.key}",
        title=f"{card.key}: {card.title}",
        csv=partial(as_csv, [one]),
        script=partial(cards_script, card.key),
    )


def _line(row: Row) -> dict[str, str]:
    return {
        "Of": row.band.row,
        "Expected": str(row.band),
        "Every value": format_row(row),
        "Result": WORDS[row.status] if row.band.judged else "shown only",
    }
