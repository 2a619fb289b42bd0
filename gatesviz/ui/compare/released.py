"""The number of claims and known results that were tested for the release, and links to them."""

from gatesviz.experiments.claims import PARAMETERS
from gatesviz.experiments.claims.release import is_released
from gatesviz.experiments.known import CARDS
from gatesviz.experiments.known.release import released
from gatesviz.ui.app_links import draw_row
from gatesviz.ui.compare.parameters import CLAIM_OF, CLAIMED, KNOWN, VIEW


def claims_tested() -> int:
    """Return how many claims have an answer that ships, or that is counted at once."""
    return sum(one is PARAMETERS or is_released(one.key) for one in CLAIM_OF.values())


def results_tested() -> int:
    """Return how many cards have all their results: shipped, or calculated at once."""
    return sum(len(released(card.trials)) == len(card.trials) for card in CARDS.values())


def draw_links() -> None:
    """Draw a row with both numbers. Each leads to the view with the results."""
    links = {
        f"{claims_tested()} claims that people make": CLAIMED,
        f"{results_tested()} known results": KNOWN,
    }
    draw_row(
        "Tested for this release:",
        {words: ("compare", {VIEW.key: view}) for words, view in links.items()},
        key="results of the release",
    )
