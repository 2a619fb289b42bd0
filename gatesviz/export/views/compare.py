"""Views of the page "LSTM or GRU?": counts of each cell, and recorded results."""

from collections.abc import Mapping, Sequence

from gatesviz.experiments.claims import CLAIMS
from gatesviz.experiments.known import CARDS
from gatesviz.experiments.known.release import released
from gatesviz.export.views.view import Option, Still, View, chart, prose, single, table
from gatesviz.figures import band_dots, band_dots_alt
from gatesviz.ui.compare import cards, structure
from gatesviz.ui.compare import parameters as page

SHOWN = ("T1", "T2", "T3", "T7", "T12")
"""Cards with runs that were recorded for the release. The others take seconds to measure."""
IN_THE_APP = "In the app, you can choose other sizes."
TRAINS = "Measuring a claim trains many models, which a static page can't do."
SEARCHES = "This search trains models on your data, which a static page can't do."


def compare(query: Mapping[str, str], show: Sequence[str]) -> View:
    """Return the view of a link's parameters; ``show`` names the controls that it needs."""
    view = page.VIEW.read(query)
    if view == page.STRUCTURE:
        rows = structure.size_rows(page.INPUTS.read(query), page.UNITS.read(query))
        words = prose(structure.FORMULA, structure.PRINCIPLE)
        return single(table(rows, "Counts of each cell"), words, note=IN_THE_APP)
    if view == page.KNOWN:
        failing = page.CARDS_SHOWN.read(query) == page.FAILING
        return _known(page.CARD.read(query), failing=failing)
    if view == page.CLAIMED:
        claims = [
            {"Claim": one.sentence, "What is measured": one.measures} for one in CLAIMS.values()
        ]
        seeds = prose(f"The app asks for at least {page.COUNT.low} seeds.")
        return View((Option("", (table(claims, "Claims"), seeds)),), note=TRAINS, opens=True)
    return View((), note=SEARCHES, opens=True)


def _known(key: str | None, *, failing: bool) -> View:
    """Return the cards with trained runs: a line for each, or one or those that fail in full."""
    found = [CARDS[key].outcome(released(CARDS[key].trials)) for key in SHOWN]
    full = [one for one in found if one.card.key == key or (failing and one.status == "fail")]
    if not full:
        lines = [{"Card": one.card.key, "Known result": one.card.title} for one in found]
        caption = "Known results that need training"
        return single(
            table(lines, caption), note="The app shows all cards, with the page's own question."
        )
    parts = list[Still]()
    for one in full:
        parts.append(prose(f"**{one.card.key}. {one.card.title}**", one.card.expected))
        judged = band_dots(one.rows, name=one.card.values.split(";")[0])
        parts.append(chart(judged, band_dots_alt(one.rows, one.card.title)))
        parts.append(table([cards.table_line(row) for row in one.rows], one.card.title))
    return single(*parts)
