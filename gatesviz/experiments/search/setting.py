"""What the runs of a search have in common, and the part of the data that they may see."""

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
    """Return what the search sees: the data without what its task holds out.

    Raises:
        ValueError: if that is too little, or nothing to learn from; the sentence says so.
    """
    try:
        if isinstance(data.content, str):
            return own_text(data.content[: held_out_from(len(data.content))])
        return data.first_rows(len(data.values) * 4 // 5)
    except ValueError as error:
        raise ValueError(f"with the part for the test set aside, {error}") from error
