"""Recordings: all gates, states and outputs of a module on one input, as NumPy arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from reprlib import repr as shortened
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from gatesviz.limits import whole
from gatesviz.recordings import files, frames
from gatesviz.recordings.atomic_write import write_whole
from gatesviz.recordings.edit_text import describe_edits, range_warnings
from gatesviz.recordings.edits import Edit
from gatesviz.traces import Array, Direction, Trace

if TYPE_CHECKING:
    from pandas import DataFrame
    from torch.nn import Linear

    from gatesviz.player.payload import Panel

_IN_A_TRACE = ("after", "before", "gates", "inputs", "lengths", "products", "states", "weights")

CHANGED_AFTER = (
    "The call's output can differ from this recording: {}, and these numbers are those of torch's"
    " kernel before that."
)
"""A note, and what changes the output."""

RUN_OF_CALL = "Run {} of {} of torch's kernel in one call, so this list counts runs, not calls."
"""A note on a call of a layer with its own ``forward``."""

UNSEEN_CALLS = (
    "This call didn't use torch.nn.Module's own __call__, and such calls are missing from this list"
    " if they don't run torch's kernel."
)
"""A note on a call of a layer with its own ``forward`` or ``__call__``."""


@dataclass(frozen=True, eq=False)
class Recording:
    """The result of ``module(inputs, state)`` with every gate and state of every step.

    T steps, B samples, P the size of h, H hidden size, N layers × directions. Arrays may share
    memory with each other, never with the module or its inputs.

    Attributes:
        output: the module's output in the module's own layout: (T, B, D·P) with D directions,
            (B, T, D·P) where it is ``batch_first``, (T, D·P) where inputs were unbatched. For a
            PackedSequence: (T, B, D·P), samples in their original order, and NaN after the end of
            each sample. For a torch.nn.RNNCell, LSTMCell or GRUCell: h after its single step,
            (B, H) or (H,).
        state: h_n (N, B, P), or (h_n, c_n) for the LSTM with c_n (N, B, H); without B where
            inputs were unbatched, without N for a cell. You can pass it as the ``state`` of
            another call.
        traces: (layer, direction) -> Trace, first layer first.
        notes: sentences on how the numbers were computed. A note warns if a hook or a replaced
            ``forward`` can change the layer's output afterwards (see `gatesviz.record_inside`).
        edits: the edits that were made, with all numbers counted from 0 (see `Edit.resolved`).
            With edits, output and state are not what ``module(inputs, state)`` returns.
    """

    output: Array
    state: Array | tuple[Array, Array]
    traces: Mapping[tuple[int, Direction], Trace]
    notes: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.traces, Mapping) or not self.traces:
            raise TypeError(
                "traces: expected a mapping (layer, direction) -> Trace that is not empty,"
                f" got {shortened(self.traces)}"
            )

    if not TYPE_CHECKING:  # every other name is an error for mypy

        def __getattr__(self, name: str) -> Any:
            """Raise an AttributeError that says where the gates are."""
            inside = f": it is in a trace, recording.trace().{name}" if name in _IN_A_TRACE else ""
            raise AttributeError(f"a Recording has no {name!r}{inside}")

    @property
    def layers(self) -> int:
        """Number of recorded layers."""
        return 1 + max(layer for layer, _ in self.traces)

    @property
    def directions(self) -> tuple[Direction, ...]:
        """("forward",), or ("forward", "backward")."""
        return tuple(direction for layer, direction in self.traces if layer == 0)

    def trace(self, layer: int = -1, direction: Direction = "forward") -> Trace:
        """Return the trace of one layer in one direction; layer -1 is the last.

        Raises:
            TypeError: if ``layer`` is not a whole number.
            ValueError: if there is no such layer or direction.
        """
        layer = whole("layer", layer)
        if not -self.layers <= layer < self.layers:
            raise ValueError(
                f"layer {layer} does not exist: layers are {-self.layers} to {self.layers - 1}"
            )
        if direction not in self.directions:
            raise ValueError(
                f"direction {direction!r} was not recorded, only {' and '.join(self.directions)}"
            )
        return self.traces[layer % self.layers, direction]

    def save(self, path: str | Path) -> None:
        """Write the recording to ``path`` as safetensors; `load` reads it back exactly.

        Raises:
            OSError: if it cannot be written; an existing file is then unchanged.
        """
        files.write(path, self.output, self.state, self.traces, self.notes, self.edits)

    def to_frame(self) -> "DataFrame":
        """Return a tidy table: a row for each layer, direction, sample, step and unit.

        Columns: layer, direction, sample, step, unit, the gates' letters, then the states after
        the step (``c`` for the LSTM, ``h``). Steps beyond a sample's end are left out. With a
        projection, ``h`` has fewer units than the gates, and the other rows hold NaN.
        """
        return frames.to_frame(self.traces)

    def to_html(
        self,
        path: str | Path,
        *,
        layer: int = -1,
        direction: Direction = "forward",
        sample: int = 0,
        labels: Sequence[object] | None = None,
        title: str | None = None,
        readout: "Linear | None" = None,
        answers: Sequence[object] | None = None,
    ) -> None:
        """Write the animated player of one sample to ``path``, one HTML file that works offline.

        Args:
            path: the file; an existing one is replaced.
            layer, direction: the trace, as for `trace`.
            sample: index of the sample in the batch.
            labels: one label for each step of the sample, converted by ``str``. Single
                characters are shown as a text, unless all are digits.
            title: title above the player; by default the name of the cell. The edits follow it.
            readout: the torch.nn.Linear after the module, whose answers are then shown: a number,
                or the probabilities (softmax) of several answers.
            answers: a name for each output of the readout, converted by ``str``.

        Raises:
            TypeError: if ``labels`` or ``answers`` is not a sequence, ``title`` not a text, or
                ``readout`` not a torch.nn.Linear.
            ValueError: if there is no such layer or direction, or ``labels``, ``readout`` or
                ``answers`` do not fit.
            IndexError: if there is no such sample.
            OSError: if ``path`` cannot be written; an existing file is then unchanged.
        """
        from gatesviz.player.page import to_html

        panel = self._panel(layer, direction, sample, labels, title, readout, answers)
        write_whole(path, to_html([panel], title=panel.title).encode())

    def player(
        self,
        layer: int = -1,
        direction: Direction = "forward",
        sample: int = 0,
        *,
        labels: Sequence[object] | None = None,
        title: str | None = None,
        readout: "Linear | None" = None,
        answers: Sequence[object] | None = None,
    ) -> Any:
        """Return the animated player of one sample as a notebook widget.

        This needs the extra ``notebook``. The trait ``selection`` holds the reader's step,
        unit and other choices. Arguments and errors are those of `to_html`.

        Raises:
            ImportError: if anywidget is not installed; the message says how to install it.
        """
        from gatesviz.player.notebook import widget

        return widget([self._panel(layer, direction, sample, labels, title, readout, answers)])

    def _panel(
        self,
        layer: int,
        direction: Direction,
        sample: int,
        labels: Sequence[object] | None,
        title: str | None,
        readout: "Linear | None",
        answers: Sequence[object] | None,
    ) -> "Panel":
        from gatesviz.player.payload import Panel
        from gatesviz.recordings.answers import answers_of

        self.trace(layer, direction)  # raises where there is none
        network = {key: trace.sample(sample) for key, trace in self.traces.items()}
        trace = network[layer % self.layers, direction]
        texts = None if labels is None else _texts(labels)
        spelled = texts is not None and all(len(text) == 1 for text in texts)
        if texts is not None and all(text.isdigit() for text in texts):
            spelled = False  # more likely step numbers than a text
        title = trace.kind.name if title is None else title
        if not isinstance(title, str):
            raise TypeError(f"title: expected a text, got {title!r}")
        if self.edits:
            title = f"{title}, edited: {describe_edits(self.edits, self.layers)}"
        if readout is None and answers is not None:
            raise ValueError("answers: expected a readout that gives them, got readout=None")
        given = None if readout is None else answers_of(network, readout, answers)
        acting = (_of_sample(edit, sample, trace.steps) for edit in self.edits)
        edits = [edit.to_dict(self.layers) for edit in acting if edit is not None]
        return Panel(
            trace, texts, title, spelled, answers=given, network=network, edits=edits
        )  # fmt: skip

    def __repr__(self) -> str:
        trace = self.trace(0)
        layers = f"{self.layers} layer{'' if self.layers == 1 else 's'}"
        both = "both directions, " if len(self.directions) > 1 else ""
        edited = f", edited: {describe_edits(self.edits, self.layers)}" if self.edits else ""
        starts = CHANGED_AFTER.partition("{")[0], RUN_OF_CALL.partition("{")[0], UNSEEN_CALLS
        told = [note for note in self.notes if note.startswith(starts)]
        told += range_warnings(self.edits, trace.kind)
        after = f". {' '.join(told)}" if told else ""
        return f"Recording({trace.cell}, {layers}, {both}{trace.sizes}{edited}){after}"


def _of_sample(edit: Edit, index: int, length: int) -> Edit | None:
    """Return a resolved edit as it acts on one sample; None if it acts on none of its steps.

    Args:
        edit: one of `Recording.edits`.
        index: of the sample.
        length: its number of steps. In a packed batch it may be smaller than that of others.
    """
    steps, value = cast("tuple[int, ...] | None", edit.steps), edit.value
    places = [k for k, step in enumerate(steps) if step < length] if steps else range(length)
    if not places:
        return None
    if not isinstance(value, float):
        rows = np.asarray(value, np.float64)[list(places)]
        value = rows[:, index] if rows.ndim > 2 else rows
    return replace(edit, value=value, steps=None if steps is None else [steps[k] for k in places])


def _texts(labels: Sequence[object]) -> list[str]:
    try:
        return [str(label) for label in labels]
    except TypeError:
        raise TypeError(f"labels: expected one for each step, got {labels!r}") from None
