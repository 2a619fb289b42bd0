"""Cards as text for a terminal, and as Markdown for the documentation."""

from collections.abc import Sequence

from gatesviz.experiments.known.card import Outcome, Row

MARKS = {
    "pass": "✓",
    "fail": "✗ fail",
    "not finished": "… not finished",
    "not run": "– not run",
    "shown only": "· shown only",
}


def as_text(outcome: Outcome) -> str:
    """Return a few lines of text: a card with every value."""
    card = outcome.card
    width = max(len(row.band.row) for row in outcome.rows)
    lines = [f"{card.key}  {outcome.status.upper()}  {card.title}", f"    {card.setting}"]
    lines += [
        f"    {MARKS[row.verdict][:1]} {row.band.row:<{width}}  {format_row(row)}  ({row.band})"
        for row in outcome.rows
    ]
    return "\n".join([*lines, *([f"    {card.not_covered}"] if card.not_covered else [])])


def as_markdown(outcomes: Sequence[Outcome], date: str) -> str:
    """Return a Markdown page with all cards.

    Args:
        date: the day that the page names, such as 2026-11-28.
    """
    machines = dict.fromkeys(str(machine) for o in outcomes for machine in o.machines)
    days = sorted({outcome.measured[:10] for outcome in outcomes if outcome.measured})
    counts = {status: sum(o.status == status for o in outcomes) for status in MARKS}
    summary = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    head = [
        "# Known results",
        "",
        f"Written by `gatesviz known-results --markdown` on {date}: {summary}.",
    ]
    if machines:
        head.append(f"Trained {_span(days)} on {'; '.join(machines)}.")
    head += [
        "Each result is a card of the app. X cards need no training. T cards are about training. If"
        " a row has several values, each is one seed.",
        "We never change an expected range to fit a result.",
    ]
    return "\n".join([*head, *(line for outcome in outcomes for line in _section(outcome)), ""])


def format_row(row: Row) -> str:
    """Return the values of a row as text, in order of the seeds."""
    integers = all(value == round(value) for value in row.values)
    return ", ".join(f"{value:.{6 if integers else 4}g}" for value in row.values) or "no value yet"


def _span(days: Sequence[str]) -> str:
    return f"on {days[0]}" if days[0] == days[-1] else f"from {days[0]} to {days[-1]}"


def _section(outcome: Outcome) -> list[str]:
    card = outcome.card
    lines = ["", f"## {card.key}: {outcome.status}", "", card.title, ""]
    lines += [f"- Source: {card.source}", f"- Setting: {card.setting}"]
    lines += [f"- Expected: {card.expected}", f"- Values: {card.values}"]
    if card.not_covered:
        lines.append(f"- Not covered: {card.not_covered}")
    lines += ["", "| | expected | found | |", "|---|---|---|---|"]
    lines += [
        "| " + " | ".join(map(_cell, _cells(row))) + " |"
        for row in outcome.rows
    ]  # fmt: skip
    return lines


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def _cells(row: Row) -> tuple[str, ...]:
    return row.band.row, str(row.band), format_row(row), MARKS[row.verdict]
