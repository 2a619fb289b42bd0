"""Which generator draws what: a run's seed is at most 9,999, so no two streams are the same.

First weights come from the seed itself.
"""

SAMPLES, DROPOUT = 10_000, 20_000
"""Added to the run's seed."""

HELD_OUT, PROBE = 30_000, 40_000
"""The same for every run, so that scores and gates can be compared."""

SCORED_SAMPLES, PROBES = 256, 4
