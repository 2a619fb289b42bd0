"""Known results that ship with the package, so that a first visit shows measured cards.

To measure what is missing and write the file anew::

    python -m gatesviz.experiments.known.release [FILE]

The file is JSON and holds what the cards read: the last score, when the task was solved, and the
weights of runs whose models are tested further. Nothing in it is executed.
"""

import argparse
import base64
import hashlib
import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from gatesviz.experiments.experiment import Experiment, Trial
from gatesviz.experiments.known import CARDS
from gatesviz.experiments.result import Machine, Result
from gatesviz.experiments.runner import begin
from gatesviz.experiments.store import results_store

FILE = Path(__file__).with_name("released.json")
MACHINE = "the computer that built this release"
"""What the place of a shipped result is called: it is not the reader's machine.

`released` gives this place to every result, because a file may hold an earlier wording."""


def experiments() -> tuple[Experiment, ...]:
    """Return each experiment of the cards once."""
    return tuple(dict.fromkeys(each for card in CARDS.values() for each in card.experiments))


def release_key(trial: Trial) -> str:
    """Return the SHA-256 of a trial without PyTorch's version.

    A shipped result is found with every version of PyTorch. The version that measured it is shown
    with it.
    """
    settings = {name: value for name, value in trial.to_dict().items() if name != "torch"}
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


def released(trials: Iterable[Trial], file: Path = FILE) -> dict[Trial, Result]:
    """Return the shipped results of ``trials``, as far as the file has them.

    Losses and norms are NaN, and only the last scores are there: the file leaves out what no card
    and no claim reads.
    """
    shipped = _read(file)
    keys = {trial: release_key(trial) for trial in trials}
    return {trial: _result(trial, shipped[key]) for trial, key in keys.items() if key in shipped}


def write(results: Iterable[Result], file: Path = FILE) -> None:
    """Write ``results`` as the file that ships, in order of their keys."""
    rows = sorted((_to_dict(result) for result in results), key=lambda row: str(row["key"]))
    lines = ",\n".join(json.dumps(row, allow_nan=False) for row in rows)
    file.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    _read.cache_clear()


def measure(experiments: Sequence[Experiment]) -> dict[Trial, Result]:
    """Return every result of ``experiments``; train the runs that this machine has not kept yet.

    Raises:
        RuntimeError: if a run came to no result.
    """
    trials = [trial for experiment in experiments for trial in experiment.trials]
    for experiment in experiments:
        progress = begin(experiment).wait()
        print(f"{experiment.name}: {progress.done} of {progress.of} runs", flush=True)
        if progress.done < progress.of:
            raise RuntimeError("; ".join(progress.messages) or f"{experiment.name} has no result")
    return results_store().get_all(trials)


@cache
def _read(file: Path) -> Mapping[str, dict[str, Any]]:
    if not file.exists():
        return {}
    return {row["key"]: row for row in json.loads(file.read_text(encoding="utf-8"))}


def _to_dict(result: Result) -> dict[str, object]:
    weights = np.ascontiguousarray(result.weights, "<f4").tobytes()
    train = [score for score in result.train_scores[-1:].tolist() if math.isfinite(score)]
    return {
        "key": release_key(result.trial),
        "solved_at": result.solved_at,
        "stopped": result.stopped,
        "updates": result.updates,
        "scored": result.scored[-1:].tolist(),
        "scores": [s if math.isfinite(s) else None for s in result.scores[-1:].tolist()],
        **({"train_scores": train} if train else {}),  # known only with a fixed training set
        "weights": base64.b64encode(weights).decode("ascii"),
        "measured": result.measured,
        "machine": {**asdict(result.machine), "place": MACHINE},
    }


def _result(trial: Trial, row: Mapping[str, Any]) -> Result:
    unknown = np.full(row["updates"], np.nan, np.float32)
    train = row.get("train_scores", [math.nan] * len(row["scores"]))
    return Result(
        trial=trial,
        solved_at=row["solved_at"],
        stopped=row["stopped"],
        losses=unknown,
        gradient_norms=unknown,
        scored=np.array(row["scored"], np.int32),
        scores=np.array(row["scores"], np.float64),
        train_scores=np.array(train, np.float64),
        weights=np.frombuffer(base64.b64decode(row["weights"]), "<f4"),
        measured=row["measured"],
        machine=Machine(**{**row["machine"], "place": MACHINE}),
    )


def main() -> None:
    """Measure what is missing and write the file."""
    from gatesviz.engine import stop_engine

    parser = argparse.ArgumentParser(
        prog="python -m gatesviz.experiments.known.release",
        description="Measure the known results and write the file that ships with the package."
        " Finished runs are kept in GATESVIZ_RESULTS, so you can stop and continue.",
    )
    parser.add_argument("file", nargs="?", type=Path, default=FILE, help="default: %(default)s")
    file = parser.parse_args().file
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # a second thread slows models this small
    try:
        results = measure(experiments())
    finally:
        stop_engine()
    write(results.values(), file)
    print(f"Wrote {len(results)} results to {file} ({file.stat().st_size:,} bytes).")


if __name__ == "__main__":
    main()
