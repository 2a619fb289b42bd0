"""The weights of a run at one moment, as PyTorch's own modules."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gatesviz.cells import CELLS
from gatesviz.fresh import unfilled
from gatesviz.tasks import Continuation, Task, continue_text
from gatesviz.training.spec import TrainingSpec
from gatesviz.training.user_data import OwnData

if TYPE_CHECKING:
    from torch import Tensor, nn

    from gatesviz.fresh import Module
    from gatesviz.training.conv_attention import CausalConvolution
    from gatesviz.training.history import History

Floats = NDArray[np.float32]


class Parts(NamedTuple):
    """What a network is made of."""

    module: "Module"
    readout: "nn.Linear"
    convolution: "CausalConvolution | None"

    @property
    def parameters(self) -> "list[nn.Parameter]":
        """All that is learnt, in the order of `TrainedModel.weights`."""
        weight, bias, *attention = self.readout.parameters()
        front = [] if self.convolution is None else self.convolution.parameters()
        return [*self.module.parameters(), weight, bias, *front, *attention]

    def features(self, inputs: "Tensor") -> "Tensor":
        """Return what the module reads at ``inputs`` (T, B, I): (T, B, C)."""
        return inputs if self.convolution is None else self.convolution(inputs)


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """The weights of a run after some updates.

    C is `TrainingSpec.input_size`: I, or the channels of a convolution.

    Attributes:
        spec: the settings of the run.
        updates: how many updates were made.
        weights: (P,) float32: every parameter of the recurrent module in PyTorch's order; the
            readout's weight (O, D·H), or (O, 2·D·H) with attention, and bias (O,); then, where
            they exist, the convolution's weight (C, I, k) and bias (C,), and the attention's
            W_a (D·H, D·H).
        history: of the whole run; it holds the weights after other updates. Empty unless given.
        key: a text that no other model of the session has, for caches; "" unless given.
    """

    spec: TrainingSpec
    updates: int
    weights: Floats
    history: "History" = None  # type: ignore[assignment]  # an empty one once it is made
    key: str = ""

    def __post_init__(self) -> None:
        if self.history is None:
            from gatesviz.training.history import History

            object.__setattr__(self, "history", History(self.spec))

    def __repr__(self) -> str:
        return f"TrainedModel({self.updates:,} updates, {self.spec!r})"

    @property
    def cell(self) -> str:
        """Key of `gatesviz.cells.CELLS`."""
        return self.spec.cell

    @property
    def task(self) -> Task:
        """The task that the run learns."""
        return self.spec.learned

    @property
    def vocabulary(self) -> tuple[str, ...] | None:
        """The characters it reads, one-hot in this order; None where it reads numbers."""
        return self.task.vocabulary

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the table columns it reads; () where it reads at most one."""
        data = self.spec.task
        if not isinstance(data, OwnData) or not data.input_names:
            return ()
        return data.title, *data.input_names

    @property
    def example(self) -> str:
        """A good first input."""
        return self.task.example

    @property
    def name(self) -> str:
        """The cell and the update, as in "LSTM after 600 updates"."""
        return f"{CELLS[self.cell].name} after {self.updates:,} updates"

    @property
    def description(self) -> str:
        """The cell, its size, its task and its last held-out score, for a page."""
        known, units = self.history.scored <= self.updates, self.spec.actual_hidden_size
        score = "no score yet"
        if known.any():
            score = self.task.describe_score(float(self.history.scores[known][-1]))
        return (
            f"Your {CELLS[self.cell].name} with {units} hidden {'unit' if units == 1 else 'units'}"
            f" after {self.updates:,} updates. Task: {self.task.title}. On held-out sequences:"
            f" {score}."
        )

    def standardised(self, rows: ArrayLike) -> Floats:
        """Return rows (T, 1 + K) of its `columns` on the model's scale: `OwnData.standardised`.

        Raises:
            TypeError: if it reads no columns of a table.
        """
        if not isinstance(self.spec.task, OwnData):
            raise TypeError(f"“{self.task.title}” isn't trained on your own table")
        return self.spec.task.standardised(rows)

    def module(self) -> "Module":
        """Return a new ``torch.nn`` module with these weights; time first, evaluation mode.

        It reads `features`, which are the inputs themselves without a convolution.
        """
        return self._parts().module

    def readout(self) -> "nn.Linear":
        """Return a new readout with these weights, h (T, B, D·H) -> (T, B, O).

        A ``torch.nn.Linear``; with attention an `AttentiveReadout`, which takes whole sequences.
        """
        return self._parts().readout

    def modules(self) -> "tuple[Module, nn.Linear]":
        """Return the module and the readout."""
        parts = self._parts()
        return parts.module, parts.readout

    def features(self, inputs: ArrayLike) -> "Tensor":
        """Return what the recurrent module reads at ``inputs`` (T, B, I): (T, B, C)."""
        import torch

        with torch.no_grad():
            return self._parts().features(_tensor(inputs))

    def outputs(self, inputs: ArrayLike) -> "Tensor":
        """Return the readout's output for ``inputs`` (T, B, I), from a zero state: (T, B, O)."""
        import torch

        parts = self._parts()
        with torch.no_grad():
            outputs: Tensor = parts.readout(parts.module(parts.features(_tensor(inputs)))[0])
        return outputs

    def answers(self, output: ArrayLike) -> Floats:
        """Return the readout's answers (..., O) for the module's ``output`` (..., D·H).

        See `Task.answers`: a number, or probabilities.
        """
        import torch

        with torch.no_grad():
            read = self.readout()(torch.tensor(np.asarray(output, np.float32)))
            answers: Floats = self.task.answers(read).numpy()
        return answers

    def continue_text(
        self, prompt: str, letters: int = 200, *, temperature: float = 0.7, seed: int = 0
    ) -> Continuation:
        """Return ``letters`` letters that the model writes after ``prompt``.

        The same arguments give the same text: see `gatesviz.tasks.continue_text`.

        Raises:
            ValueError: if the model doesn't predict characters or knows none of the prompt's, if it
                reads in both directions or has a convolution or attention, or if an argument is
                outside its limit.
        """
        module, readout = self.modules()
        return continue_text(
            self.task, module, readout, prompt, letters, temperature=temperature, seed=seed
        )

    def attention(self, inputs: ArrayLike) -> Floats:
        """Return how the readout looks back at ``inputs`` (T, B, I): (B, T, T) float32.

        Row t says how much step t looks at each step s; it adds up to 1, and is 0 for s > t.

        Raises:
            ValueError: if the model has no attention.
        """
        import torch

        from gatesviz.training.conv_attention import AttentiveReadout

        parts = self._parts()
        if not isinstance(parts.readout, AttentiveReadout):
            raise ValueError("the model has no attention: its readout sees one step at a time")
        with torch.no_grad():
            h, _ = parts.module(parts.features(_tensor(inputs)))
            weights: Floats = parts.readout.attention(h).numpy()
        return weights

    def _parts(self) -> Parts:
        import torch

        parts = empty_parts(self.spec)
        weights = views(torch.tensor(self.weights), parts.parameters)
        with torch.no_grad():
            for parameter, part in zip(parts.parameters, weights, strict=True):
                parameter.copy_(part)
        parts.module.eval()
        return parts


def empty_parts(spec: TrainingSpec) -> Parts:
    """Return all of a network; its weights are still to be filled."""
    from gatesviz.training.conv_attention import CausalConvolution

    module, readout = empty(spec)
    if spec.convolution is None:
        return Parts(module, readout, None)
    size = (spec.learned.input_size, spec.input_size, spec.convolution)
    return Parts(module, readout, CausalConvolution(*size, device="meta").to_empty(device="cpu"))


def empty(spec: TrainingSpec) -> "tuple[Module, nn.Linear]":
    """Return a module and a readout whose weights are still to be filled."""
    from torch import nn

    from gatesviz.training.conv_attention import AttentiveReadout

    options = {"num_layers": spec.layers, "bidirectional": spec.bidirectional}
    H, kind = spec.actual_hidden_size, AttentiveReadout if spec.attention else nn.Linear
    module = unfilled(spec.cell, spec.input_size, H, dropout=spec.dropout, **options)
    readout = kind(spec.directions * H, spec.learned.output_size, device="meta")
    return module, readout.to_empty(device="cpu")


def views(vector: "Tensor", parameters: "Iterable[Tensor]") -> "list[Tensor]":
    """Return parts of ``vector``, one after the other, with the shapes of ``parameters``."""
    import torch

    shapes = [parameter.shape for parameter in parameters]
    parts = torch.split(vector, [math.prod(shape) for shape in shapes])
    return [part.view(shape) for part, shape in zip(parts, shapes, strict=True)]


def _tensor(inputs: ArrayLike) -> "Tensor":
    import torch

    return torch.as_tensor(inputs, dtype=torch.float32)
