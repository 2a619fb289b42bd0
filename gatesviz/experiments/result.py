"""What a trial came to, with when and on what it was measured."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatesviz.engine import View
from gatesviz.engine.processes import cores
from gatesviz.experiments.experiment import Trial, torch_version

ARRAYS = {
    "losses": np.float32,
    "gradient_norms": np.float32,
    "scored": np.int32,
    "scores": np.float64,
    "train_scores": np.float64,
    "weights": np.float32,
}


@dataclass(frozen=True)
class Machine:
    """What a trial ran on.

    Attributes:
        cores: that this process may use; where `place` is a cluster, its workers have their own.
        torch: PyTorch's version.
        place: "this machine" or "a cluster".
    """

    cores: int
    torch: str
    place: str

    def __str__(self) -> str:
        cores = f"{self.cores} core{'' if self.cores == 1 else 's'}"
        return f"{self.place}, {cores}, PyTorch {self.torch}"


@dataclass(frozen=True, eq=False)
class Result:
    """What a trial came to.

    Attributes:
        trial: that was made.
        solved_at: after how many updates the task was first solved; None if never.
        stopped: a sentence if a number was not finite and training ended there, else "".
        losses, gradient_norms: (U,) float32; the norms are those before clipping.
        scored, scores: (K,) int32 and float64: after which updates, and how well. U and K end at
            `solved_at` where the trial does.
        train_scores: (K,) float64 on the training set; NaN where there is no fixed one.
        weights: (P,) float32 after the last update, see
            `gatesviz.training.TrainedModel`; empty where the trial was to end at its solution.
        measured: when, in UTC, as ISO 8601 writes it.
        machine: on what.
    """

    trial: Trial
    solved_at: int | None
    stopped: str
    losses: NDArray[np.float32]
    gradient_norms: NDArray[np.float32]
    scored: NDArray[np.int32]
    scores: NDArray[np.float64]
    train_scores: NDArray[np.float64]
    weights: NDArray[np.float32]
    measured: str
    machine: Machine

    @property
    def when(self) -> str:
        """``measured`` for people, to the minute: 2026-11-21 10:57 UTC."""
        return for_people(self.measured)

    @property
    def updates(self) -> int:
        """U, how many were made."""
        return len(self.losses)

    @property
    def score(self) -> float:
        """The last score; NaN if it was never scored."""
        return float(self.scores[-1]) if len(self.scores) else float("nan")

    def written(self) -> tuple[str, bytes]:
        """Return it as JSON and as safetensors, neither of which can run code."""
        from safetensors.numpy import save

        told = {
            "trial": self.trial.told,
            "solved_at": self.solved_at,
            "stopped": self.stopped,
            "measured": self.measured,
            "machine": asdict(self.machine),
        }
        arrays = {name: np.ascontiguousarray(getattr(self, name)) for name in ARRAYS}
        return json.dumps(told, allow_nan=False), save(arrays)


def for_people(measured: str) -> str:
    """Return a time, as ISO 8601 writes it, to the minute: 2026-11-21 10:57 UTC."""
    return f"{datetime.fromisoformat(measured).astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def read(trial: Trial, told: str, arrays: bytes) -> Result:
    """Return what `Result.written` wrote down.

    Raises:
        ValueError: if it is something else, or of another trial.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        plain, found = json.loads(told), load(arrays)
        if plain["trial"] != trial.told:
            raise ValueError("it is of another trial")
        return _result(trial, plain, found)
    except (SafetensorError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a kept result is damaged: {error}") from error


def _result(trial: Trial, plain: Mapping[str, Any], found: Mapping[str, NDArray[Any]]) -> Result:
    if any(found[name].dtype != kind or found[name].ndim != 1 for name, kind in ARRAYS.items()):
        raise ValueError("a kept result is damaged: its arrays are of another kind")
    series, scores = ("losses", "gradient_norms"), ("scored", "scores", "train_scores")
    if len({len(found[n]) for n in series}) > 1 or len({len(found[n]) for n in scores}) > 1:
        raise ValueError("a kept result is damaged: its arrays have different lengths")
    solved_at = plain["solved_at"]
    return Result(
        trial=trial,
        solved_at=None if solved_at is None else int(solved_at),
        stopped=str(plain["stopped"]),
        measured=str(plain["measured"]),
        machine=Machine(**plain["machine"]),
        **{name: found[name] for name in ARRAYS},
    )


def result_of(trial: Trial, view: View) -> Result | None:
    """Return what the run in ``view`` came to; None as long as it is not at its end."""
    history, task = view.history, trial.spec.learned
    solving = (u for u, s in zip(history.scored, history.scores, strict=True) if task.solved(s))
    solved_at = next((int(update) for update in solving), None)
    stopped = (view.state.stopped or "") if view.state else ""
    solved = trial.until_solved and solved_at is not None
    if not (solved or stopped or history.updates >= trial.updates):
        return None
    # A slice may go past the solution; where it was cut is no part of the result.
    made = solved_at if solved and solved_at is not None else trial.updates
    kept = history.scored <= made
    return Result(
        trial=trial,
        solved_at=solved_at,
        stopped="" if solved else stopped,
        losses=history.losses[:made],
        gradient_norms=history.gradient_norms[:made],
        scored=history.scored[kept],
        scores=history.scores[kept],
        train_scores=history.train_scores[kept],
        weights=_weights(trial, view),
        measured=datetime.now(UTC).isoformat(timespec="seconds"),
        machine=machine(),
    )


def _weights(trial: Trial, view: View) -> NDArray[np.float32]:
    """Return the last weights where they do not depend on how the run was sliced."""
    if trial.until_solved or view.state is None:
        return np.empty(0, np.float32)
    return view.state.weights


def machine() -> Machine:
    """Return what trials run on now."""
    cluster = os.environ.get("GATESVIZ_ENGINE", "").strip()
    return Machine(cores(), torch_version(), "a cluster" if cluster else "this machine")
