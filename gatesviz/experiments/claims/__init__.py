"""What people say of LSTM and GRU, as questions that measuring answers.

    >>> from gatesviz.experiments import begin
    >>> from gatesviz.experiments.claims import CLAIMS, BENCHMARKS
    >>> claim = CLAIMS["updates"]
    >>> asking = begin(claim.experiment("parity"))                        # doctest: +SKIP
    >>> claim.findings(asking.results, "parity").verdict                      # doctest: +SKIP
    >>> BENCHMARKS["time"].measure("parity").findings().verdict                     # doctest: +SKIP

Training runs answer the `CLAIMS`, in `updates`, `final_score`, `little_data` and `conv_attention`.
`BENCHMARKS` are measured on this machine in seconds, in `speed`, `fused` and `memory`, and
`parameters` are counted. `settings` has the tasks and their budgets. `comparisons` compares cells
seed by seed, and `claim` holds what a page draws. Fewer than six seeds or rounds give the answer
"cannot tell".
"""

from collections.abc import Mapping

from gatesviz.experiments.claims import (
    conv_attention,
    final_score,
    little_data,
    parameters,
    updates,
)
from gatesviz.experiments.claims.benchmarks import ROUNDS, Benchmark, Measured
from gatesviz.experiments.claims.claim import SEEDS, Claim, Comparison, Findings, Point
from gatesviz.experiments.claims.fused import FUSED
from gatesviz.experiments.claims.memory import MEMORY
from gatesviz.experiments.claims.parameters import PARAMETERS
from gatesviz.experiments.claims.speed import FORWARD, TIME

__all__ = [
    "BENCHMARKS",
    "CLAIMS",
    "PARAMETERS",
    "ROUNDS",
    "SEEDS",
    "Benchmark",
    "Claim",
    "Comparison",
    "Findings",
    "Measured",
    "Point",
    "parameters",
]

CLAIMS: Mapping[str, Claim] = {
    claim.key: claim
    for claim in (*updates.CLAIMS, *final_score.CLAIMS, *little_data.CLAIMS, *conv_attention.CLAIMS)
}
"""Key -> claim that runs answer, in teaching order."""
BENCHMARKS: Mapping[str, Benchmark] = {here.key: here for here in (TIME, FORWARD, FUSED, MEMORY)}
"""Key -> claim that is measured here and now, in teaching order; `PARAMETERS` stand before them."""
