"""The result of a trial: losses, scores, and when and where it was measured."""

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
    """The computer that ran a trial.

    Attributes:
        cores: processor cores of this process. The workers of a cluster have their own.
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
    """The result of one trial.

    Attributes:
        trial: the trial that ran.
        solved_at: updates until the task was first solved; None if never.
        stopped: a sentence if a number was not finite and ended the training, else "".
        losses, gradient_norms: (U,) float32, one for each update. Norms are before clipping.
        scored, scores: (K,) int32 and float64: the updates that were scored, and the held-out
            scores. U and K end at `solved_at` if the trial does.
        train_scores: (K,) float64 scores on the training set; NaN without a fixed training set.
        weights: (P,) float32 after the last update, see `gatesviz.training.TrainedModel`. Empty
            if the trial ends when solved.
        measured: the time of the measurement in UTC, ISO 8601.
        machine: the computer that ran it.
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
        """`measured` to the minute, such as 2026-11-21 10:57 UTC."""
        return readable_time(self.measured)

    @property
    def updates(self) -> int:
        """U, the number of updates in the result."""
        return len(self.losses)

    @property
    def score(self) -> float:
        """The last held-out score; NaN if there is none."""
        return float(self.scores[-1]) if len(self.scores) else float("nan")

    def serialise(self) -> tuple[str, bytes]:
        """Return the result as JSON text and safetensors bytes. Neither can run code."""
        from safetensors.numpy import save

        plain = {
            "trial": self.trial.to_dict(),
            "solved_at": self.solved_at,
            "stopped": self.stopped,
            "measured": self.measured,
            "machine": asdict(self.machine),
        }
        arrays = {name: np.ascontiguousarray(getattr(self, name)) for name in ARRAYS}
        return json.dumps(plain, allow_nan=False), save(arrays)


def readable_time(measured: str) -> str:
    """Return an ISO 8601 time to the minute, such as 2026-11-21 10:57 UTC."""
    return f"{datetime.fromisoformat(measured).astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def deserialise(trial: Trial, text: str, data: bytes) -> Result:
    """Return the result that `Result.serialise` turned into ``text`` and ``data``.

    Raises:
        ValueError: if the stored result is damaged or belongs to another trial.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        plain, arrays = json.loads(text), load(data)
        if plain["trial"] != trial.to_dict():
            raise ValueError("the stored result belongs to another trial")
        return _result(trial, plain, arrays)
    except (SafetensorError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the stored result is damaged: {error}") from error


def _result(trial: Trial, plain: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Result:
    if any(arrays[name].dtype != kind or arrays[name].ndim != 1 for name, kind in ARRAYS.items()):
        raise ValueError("the stored result is damaged: an array has the wrong type or shape")
    series, scores = ("losses", "gradient_norms"), ("scored", "scores", "train_scores")
    if len({len(arrays[n]) for n in series}) > 1 or len({len(arrays[n]) for n in scores}) > 1:
        raise ValueError("the stored result is damaged: its arrays have different lengths")
    solved_at = plain["solved_at"]
    return Result(
        trial=trial,
        solved_at=None if solved_at is None else int(solved_at),
        stopped=str(plain["stopped"]),
        measured=str(plain["measured"]),
        machine=Machine(**plain["machine"]),
        **{name: arrays[name] for name in ARRAYS},
    )


def result_of(trial: Trial, view: View) -> Result | None:
    """Return the result of the run in ``view``, or None while it is still running."""
    history, task = view.history, trial.spec.learned
    solving = (u for u, s in zip(history.scored, history.scores, strict=True) if task.solved(s))
    solved_at = next((int(update) for update in solving), None)
    stopped = (view.state.stopped or "") if view.state else ""
    solved = trial.until_solved and solved_at is not None
    if not (solved or stopped or history.updates >= trial.updates):
        return None
    # A slice may run past the solution; the result ends at the solution.
    end = solved_at if solved and solved_at is not None else trial.updates
    until_end = history.scored <= end
    return Result(
        trial=trial,
        solved_at=solved_at,
        stopped="" if solved else stopped,
        losses=history.losses[:end],
        gradient_norms=history.gradient_norms[:end],
        scored=history.scored[until_end],
        scores=history.scores[until_end],
        train_scores=history.train_scores[until_end],
        weights=_weights(trial, view),
        measured=datetime.now(UTC).isoformat(timespec="seconds"),
        machine=machine(),
    )


def _weights(trial: Trial, view: View) -> NDArray[np.float32]:
    """Return the last weights, or an empty array if they depend on how the run was sliced."""
    if trial.until_solved or view.state is None:
        return np.empty(0, np.float32)
    return view.state.weights


def machine() -> Machine:
    """Return the computer that runs trials now."""
    cluster = os.environ.get("GATESVIZ_ENGINE", "").strip()
    return Machine(cores(), torch_version(), "a cluster" if cluster else "this machine")
