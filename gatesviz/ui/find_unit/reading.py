"""Sequences as a model reads them, with their recording."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatesviz.detective import Probe
from gatesviz.recordings import Recording
from gatesviz.sequences import visible
from gatesviz.sequences.characters import shown

Labels = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Reading:
    """What a model reads: B sequences of T steps.

    Attributes:
        recording: of all of them.
        texts: B lists of T symbols; None for numbers.
        labels: B lists of T labels for people.
        about: a sentence that says what is read.
        expected: (T, B), the expected answers of the task, None or NaN where no answer counts;
            None without a task, or where an answer is a set.
        count: B of a trained model, as `gatesviz.ablate` draws them; 0 for others.
        probe: a file's model with these sequences and a score; None if its answers have none.
        metric, unit: the name of the probe's score, and "%" if it is a share.
        begins: a sentence that says where a property is counted anew; "" where each sequence is
            read from its own beginning.
        more: a sentence that says how to get enough sequences or stretches for an interval; "" for
            models whose sequences are drawn.
        names: B names that people gave the sequences; () if they have none.
        columns: name of a column of the reader's table -> its labels (T, B), None or NaN beyond the
            end of a sequence.
    """

    recording: Recording
    texts: list[list[str]] | None
    labels: list[list[str]]
    about: str
    expected: Labels | None = None
    count: int = 0
    probe: Probe | None = None
    metric: str = ""
    unit: str = ""
    begins: str = ""
    more: str = ""
    names: tuple[str, ...] = ()
    columns: Mapping[str, Labels] = field(default_factory=dict)

    def named(self, index: int) -> str:
        """Return "Sequence 3", with its name if people gave it one."""
        name = f" (“{shown(self.names[index], 40)}”)" if self.names else ""
        return f"Sequence {index}{name}"


def spelled(texts: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return texts as labels for people: hidden characters are made visible."""
    return [[visible(symbol) for symbol in text] for text in texts]


def numbered(inputs: NDArray[np.floating]) -> list[list[str]]:
    """Return the first number of each step as a label, named "x[0]" if there are more.

    ``inputs``: (T, B, I).
    """
    name = "x[0] " if inputs.shape[-1] > 1 else ""
    return [[f"{name}{value:.2f}" for value in sample] for sample in inputs[..., 0].T.tolist()]


def padded(columns: Sequence[Labels]) -> Labels:
    """Return the labels of B sequences as (T, B), T of the longest; None or NaN beyond an end."""
    longest = max(map(len, columns))
    numeric = all(column.dtype.kind == "f" for column in columns)
    found = np.full((longest, len(columns)), np.nan if numeric else None, columns[0].dtype)
    for k, column in enumerate(columns):
        found[: len(column), k] = column
    return found
