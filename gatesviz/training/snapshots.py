"""What an update leaves behind to be looked at, and which weights are kept."""

from dataclasses import dataclass, field

from gatesviz.limits import RUN_UPDATES, Limit
from gatesviz.training.parts import Floats

SCORED_EVERY = 25
CHECKPOINT_BYTES = 8_000_000
MOST_POWERS = RUN_UPDATES.high.bit_length()  # how many powers of two a run can reach
EVEN = Limit("evenly spread checkpoints", 4, 48)


@dataclass(frozen=True, eq=False, slots=True)
class Snapshot:
    """One update.

    Attributes:
        update: its number, from 1.
        loss: of its batch, before the update.
        gradient_norm: of the whole gradient, before clipping.
        learning_rate: what it used.
        score: on held-out samples, after the update; None except at every 25th update and at
            powers of two.
        train_score: the same on the training set; None where there is no fixed one.
        weights: (P,) float32 after the update where `is_checkpoint`, else None.
    """

    update: int
    loss: float
    gradient_norm: float
    learning_rate: float
    score: float | None = None
    train_score: float | None = None
    weights: Floats | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        parts = [f"update {self.update:,}", f"loss {self.loss:.4g}"]
        parts.append(f"gradient norm {self.gradient_norm:.4g}")
        parts.append(f"learning rate {self.learning_rate:g}")
        parts += [f"score {self.score:.4g}"] if self.score is not None else []
        parts += [f"training score {self.train_score:.4g}"] if self.train_score is not None else []
        parts += [f"{self.weights.size:,} weights"] if self.weights is not None else []
        return f"Snapshot({', '.join(parts)})"


def is_scored(update: int) -> bool:
    """Return whether an update is followed by a look at the held-out samples."""
    return update % SCORED_EVERY == 0 or _is_power(update)


def is_checkpoint(update: int, P: int) -> bool:
    """Return whether the P weights after ``update`` are kept, at least for a while."""
    return update % _stride(update, P) == 0 or _is_power(update)


def checkpoints(updates: int, P: int) -> tuple[int, ...]:
    """Return after which updates the P weights are kept once ``updates`` have been made.

    Before the first, after every power of two, and after 24 to 48 evenly spread ones; at most
    64 in all. Where 64 would take more than 8 MB there are fewer even ones, down to 4, so that
    there are at most 21. Each of them `is_checkpoint`, and none comes back once it is gone.
    """
    even = set(range(0, updates + 1, _stride(updates, P)))
    powers = {1 << k for k in range(updates.bit_length())}
    return tuple(sorted({0} | even | {u for u in powers if u <= updates}))


def _stride(updates: int, P: int) -> int:
    """Return the smallest power of two that goes into ``updates`` as often as there is room."""
    room = CHECKPOINT_BYTES // (4 * P) - MOST_POWERS
    stride, most = 1, min(max(EVEN.low, room), EVEN.high)
    while updates // stride > most:
        stride *= 2
    return stride


def _is_power(update: int) -> bool:
    return update > 0 and update & (update - 1) == 0
