"""What people say of LSTM and GRU, as questions that measuring answers.

    >>> from gatesviz.experiments import begin
    >>> from gatesviz.experiments.claims import CLAIMS, HERE
    >>> claim = CLAIMS["updates"]
    >>> asking = begin(claim.experiment("parity"))                        # doctest: +SKIP
    >>> claim.said(asking.results, "parity").verdict                      # doctest: +SKIP
    >>> HERE["time"].measure("parity").said().verdict                     # doctest: +SKIP

`CLAIMS` are answered by runs: `solving`, `scoring`, `little_data` and `around`, on what is in
`settings` or on data of one's own. `HERE` are measured here and now: `timing`, `fused` and
`memory`; and `parameters` are counted. `comparing` compares seed by seed; `claim` is what a page
draws. Partial results give a partial answer, which with fewer than six seeds, or rounds, is
"cannot tell".
"""

from collections.abc import Mapping

from gatesviz.experiments.claims import around, little_data, parameters, scoring, solving
from gatesviz.experiments.claims.claim import SEEDS, Claim, Comparison, Point, Said
from gatesviz.experiments.claims.fused import FUSED
from gatesviz.experiments.claims.here_and_now import ROUNDS, Here, Measured
from gatesviz.experiments.claims.memory import MEMORY
from gatesviz.experiments.claims.parameters import PARAMETERS
from gatesviz.experiments.claims.timing import FORWARD, TIME

__all__ = [
    "CLAIMS",
    "HERE",
    "PARAMETERS",
    "ROUNDS",
    "SEEDS",
    "Claim",
    "Comparison",
    "Here",
    "Measured",
    "Point",
    "Said",
    "parameters",
]

CLAIMS: Mapping[str, Claim] = {
    claim.key: claim
    for claim in (*solving.CLAIMS, *scoring.CLAIMS, *little_data.CLAIMS, *around.CLAIMS)
}
"""Key -> claim that runs answer, in teaching order."""
HERE: Mapping[str, Here] = {here.key: here for here in (TIME, FORWARD, FUSED, MEMORY)}
"""Key -> claim that is measured here and now, in teaching order; `PARAMETERS` stand before them."""
