"""Claims about LSTM and GRU, each with the measurement that tests it.

    >>> from gatesviz.experiments import begin
    >>> from gatesviz.experiments.claims import CLAIMS, BENCHMARKS
    >>> claim = CLAIMS["updates"]
    >>> run = begin(claim.experiment("parity"))                           # doctest: +SKIP
    >>> claim.findings(run.results, "parity").verdict                     # doctest: +SKIP
    >>> BENCHMARKS["time"].measure("parity").findings().verdict           # doctest: +SKIP

Training runs test the `CLAIMS`: `updates`, `final_score`, `little_data` and `conv_attention`.
`BENCHMARKS` take seconds on this machine: `speed`, `fused` and `memory`. `parameters` are counted.
`settings` holds the tasks and their budgets. `comparisons` compares cells seed by seed. `claim`
defines claims and their findings. Fewer than six seeds or rounds give the answer "cannot tell".
"""

from collections.abc import Mapping

from gatesviz.experiments.claims import (
    conv_attention,
    final_score,
    little_data,
    parameters,
    updates,
)
from gatesviz.experiments.claims.benchmarks import ROUNDS, Benchmark, Measurement
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
    "Measurement",
    "Point",
    "parameters",
]

CLAIMS: Mapping[str, Claim] = {
    claim.key: claim
    for claim in (*updates.CLAIMS, *final_score.CLAIMS, *little_data.CLAIMS, *conv_attention.CLAIMS)
}
"""Key -> claim that training runs test, in teaching order."""
BENCHMARKS: Mapping[str, Benchmark] = {each.key: each for each in (TIME, FORWARD, FUSED, MEMORY)}
"""Key -> claim that a benchmark tests in seconds, in teaching order. `PARAMETERS` come first."""
