"""What a page sees of a run: an unchanging picture."""

from dataclasses import dataclass
from typing import Literal

from gatesviz.training import History, State, TrainingSpec

Status = Literal["waiting", "running", "pausing", "paused", "finished", "failed", "cancelled"]


@dataclass(frozen=True, eq=False)
class View:
    """A run at one moment. It needs no torch.

    Attributes:
        run_id, owner, spec: as submitted.
        version: grows with every change, so equal versions of a run need no redrawing.
        status: "waiting": wants its next slice and others are before it; "running": a slice of it
            is at a worker; "pausing": it was paused, and the slice at a worker is still to come
            back; "paused": no update follows unless it is asked for; "finished": `end` is reached;
            "failed": it cannot go on, and `message` says why; "cancelled": it is ended.
        message: a sentence for the person, or "".
        state: after the last slice; None until the first has come back. Where a run failed, the
            last good one.
        history: all that is kept of its updates.
        learning_rate: of the next update that has not begun.
        rates: (updates made before, new rate) for every change of it, also of those to come.
        goal: it goes on until it has made so many updates.
        end: how many make the whole run.
        before: how many other runs' slices come before its next one; 0 unless waiting.
        updates_per_second: lately, waiting included; None until known or while it is paused.
        seconds_left: until `goal` at that rate; None where unknown.
        slices, lost: how many slices came back, and how many died with their worker.
    """

    run_id: str
    owner: str
    spec: TrainingSpec
    version: int
    status: Status
    message: str
    state: State | None
    history: History
    learning_rate: float
    rates: tuple[tuple[int, float], ...]
    goal: int
    end: int
    before: int
    updates_per_second: float | None
    seconds_left: float | None
    slices: int
    lost: int

    @property
    def updates(self) -> int:
        """How many updates have been made."""
        return self.history.updates

    @property
    def busy(self) -> bool:
        """Whether updates may still come by themselves: it waits, runs, or is pausing."""
        return self.going or self.status == "pausing"

    @property
    def going(self) -> bool:
        """Whether it asks for further slices: it waits or runs."""
        return self.status in ("waiting", "running")

    @property
    def ended(self) -> bool:
        """Whether it is over: failed or cancelled. A finished run can be given a further goal."""
        return self.status in ("failed", "cancelled")
