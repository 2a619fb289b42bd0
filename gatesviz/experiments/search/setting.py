"""Settings that the runs of a search share, and the data that they may see."""

from functools import lru_cache

from gatesviz.experiments.claims.settings import OWN
from gatesviz.tasks.texts import held_out_from
from gatesviz.training import OwnData, TrainingSpec, own_text


def setting(data: OwnData, cell: str, units: int, **more: object) -> TrainingSpec:
    """Return a run of a search.

    Raises:
        ValueError: if it is not allowed; an update may be too large.
    """
    return TrainingSpec(**{**OWN, "task": data, "cell": cell, "hidden_size": units, **more})


@lru_cache(maxsize=8)
def searched(data: OwnData) -> OwnData:
    """Return the data that the search sees: the training part, without the held-out part.

    Raises:
        ValueError: if that is too little, or there is nothing to learn.
    """
    try:
        if isinstance(data.content, str):
            return own_text(data.content[: held_out_from(len(data.content))])
        return data.first_rows(len(data.values) * 4 // 5)
    except ValueError as error:
        raise ValueError(f"without the held-out part, {error}") from error
