"""Experiments by name, for the command line."""

from collections.abc import Callable, Mapping
from functools import partial

from gatesviz.experiments.claims import CLAIMS
from gatesviz.experiments.claims import SEEDS as CLAIM_SEEDS
from gatesviz.experiments.clipping import clipping_experiment
from gatesviz.experiments.experiment import Experiment
from gatesviz.experiments.horizon import horizon_experiment
from gatesviz.experiments.known import trained

EXPERIMENTS: Mapping[str, tuple[int, Callable[[int], Experiment]]] = {
    "T1": (trained.SEEDS, trained.order),
    "T2": (trained.SEEDS, trained.adding),
    "T3": (trained.SEEDS, trained.horizon),
    "T5": (trained.SEEDS, trained.counting),
    "T6": (trained.SEEDS, trained.parity),
    "T7": (trained.SEEDS, trained.stream),
    "T12-order": (trained.SEEDS, trained.equal_order),
    "T12-adding": (trained.SEEDS, trained.equal_adding),
    "T13": (trained.LATCH_SEEDS, trained.latch),
    "memory-horizon": (1, lambda seeds: horizon_experiment(seeds=seeds)),
    "clipping": (1, lambda seeds: clipping_experiment()),
    **{key: (CLAIM_SEEDS, partial(claim.experiment, "")) for key, claim in CLAIMS.items()},
}
"""Name -> its default number of seeds, and a function from that number to the experiment."""


def make_experiment(name: str, seeds: int | None = None) -> Experiment:
    """Return the experiment called ``name``.

    Args:
        seeds: how many seeds; the experiment's default if None.

    Raises:
        ValueError: if the name is unknown, or the experiment would have too many runs.
    """
    if name not in EXPERIMENTS:
        raise ValueError(f"expected an experiment ({', '.join(EXPERIMENTS)}), got {name!r}")
    default, make = EXPERIMENTS[name]
    return make(default if seeds is None else seeds)
