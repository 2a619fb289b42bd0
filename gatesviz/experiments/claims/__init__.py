"""What people say of LSTM and GRU, as questions that measuring answers.

    >>> from gatesviz.experiments import begin
    >>> from gatesviz.experiments.claims import CLAIMS
    >>> claim = CLAIMS["updates"]
    >>> asking = begin(claim.experiment("parity"))                        # doctest: +SKIP
    >>> claim.said(asking.results, "parity").verdict                      # doctest: +SKIP

`CLAIMS` are answered by runs: `solving` and `little_data`, on what is in `settings`. Two are
answered without: `parameters` are counted, and `timing` takes the time of an update here and now.
`comparing` compares seed by seed; `claim` is what a page draws. Partial results give a partial
answer, which with fewer than six seeds is "cannot tell".
"""

from collections.abc import Mapping

from gatesviz.experiments.claims import little_data, parameters, solving, timing
from gatesviz.experiments.claims.claim import SEEDS, Claim, Comparison, Point, Said

__all__ = [
    "CLAIMS",
    "SEEDS",
    "Claim",
    "Comparison",
    "Point",
    "Said",
    "parameters",
    "timing",
]

CLAIMS: Mapping[str, Claim] = {claim.key: claim for claim in (*solving.CLAIMS, *little_data.CLAIMS)}
"""Key -> claim that runs answer, in teaching order."""
