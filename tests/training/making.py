"""Small runs, and what two of them are compared by."""

import numpy as np

from gatesviz.training import Snapshot, State, TrainingSpec


def small(**changes: object) -> TrainingSpec:
    """Return a spec whose updates take about a millisecond."""
    settings: dict[str, object] = {
        "task": "recall",
        "hidden_size": 4,
        "length": 8,
        "batch_size": 5,
        "seed": 3,
    }
    return TrainingSpec(**(settings | changes))


def bits(state: State) -> list[object]:
    """Return all of a state, so that equality means the same bits."""
    arrays = (state.weights, state.moments, state.streams, state.carried)
    plain = (state.spec, state.updates, state.learning_rate, state.rates, state.stopped)
    return [*plain, *((a.shape, str(a.dtype), a.tobytes()) for a in arrays)]


def told(snapshot: Snapshot) -> list[object]:
    """Return all of a snapshot, so that equality means the same bits."""
    weights = None if snapshot.weights is None else np.asarray(snapshot.weights).tobytes()
    plain = [getattr(snapshot, name) for name in Snapshot.__slots__ if name != "weights"]
    return [*plain, weights]
