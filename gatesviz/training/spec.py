"""What is to be trained, and how: plain values, checked when they are put together."""

import json
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Literal, get_args

from gatesviz import limits
from gatesviz.cells import CELLS
from gatesviz.limits import MATCHED_HIDDEN, Limit, Span
from gatesviz.names import did_you_mean
from gatesviz.tasks import TASKS, Task
from gatesviz.training.user_data import OwnData

SAMPLES, DROPOUT = 10_000, 20_000
"""Added to the run's seed."""

HELD_OUT, PROBE = 30_000, 40_000
"""The same for every run, so that scores and gates can be compared."""

SCORED_SAMPLES, PROBES = 256, 4
MEASURE = "lstm"
"""The cell whose number of parameters the others get with ``equal="parameters"``."""


def parameter_count(cell: str, inputs: int, hidden: int, layers: int, directions: int) -> int:
    """Return the number of weights and biases that ``torch.nn``'s module has.

    A layer that reads I features into H units has K·H·(I + H + 2) in each direction: K blocks
    of rows, 1 in the RNN, 3 in the GRU, 4 in the LSTM, and two biases, as PyTorch keeps them.
    """
    blocks, count, features = len(CELLS[cell].blocks), 0, inputs
    for _ in range(layers):
        count += directions * blocks * hidden * (features + hidden + 2)
        features = directions * hidden
    return count


@cache
def matched_hidden(cell: str, inputs: int, hidden: int, layers: int, directions: int) -> int:
    """Return the units with which ``cell`` is nearest in size to an LSTM of ``hidden`` units."""
    wanted = parameter_count(MEASURE, inputs, hidden, layers, directions)
    return min(
        range(MATCHED_HIDDEN.low, MATCHED_HIDDEN.high + 1),
        key=lambda H: abs(parameter_count(cell, inputs, H, layers, directions) - wanted),
    )


Optimiser = Literal["adam", "sgd", "rmsprop"]
Equal = Literal["units", "parameters"]

WHOLE: dict[str, Limit] = {
    "hidden_size": limits.HIDDEN,
    "layers": limits.LAYERS,
    "length": limits.TRAINING_STEPS,
    "batch_size": limits.BATCH,
    "seed": limits.SEED,
    "data_size": limits.DATA_SIZE,
    "convolution": limits.CONVOLUTION,
}
REAL: dict[str, Span] = {
    "learning_rate": limits.LEARNING_RATE,
    "dropout": limits.DROPOUT,
    "clip": limits.CLIP,
    "forget_bias": limits.FORGET_BIAS,
    "gate_bias": limits.GATE_BIAS,
    "gain": limits.GAIN,
}
FLAGS = ("bidirectional", "chrono", "attention", "carry", "forget_gate")
OPTIONAL = ("data_size", "clip", "forget_bias", "gate_bias", "convolution")  # None is allowed
ALWAYS_SHOWN = ("task", "cell", "hidden_size", "length", "seed")
OPEN = 100.0
"""A bias at which a sigmoid is exactly 1, and its slope exactly 0; see `TrainingSpec`."""


@dataclass(frozen=True)
class TrainingSpec:
    """The settings of one training run. Two equal specs give the same run, bit for bit.

    Attributes:
        task: key of `gatesviz.tasks.TASKS`, or what `own_series` and `own_text` return.
        cell: key of `gatesviz.cells.CELLS`.
        hidden_size: H, the number of hidden units; see ``equal``.
        layers, bidirectional: as in torch.nn.
        dropout: the share of h set to zero between two layers while training, as in torch.nn.
        length: T, the number of steps of the training and held-out sequences. None is replaced by
            `Task.length`.
        batch_size: B, the number of sequences of one update.
        optimiser: PyTorch's Adam, SGD without momentum, or RMSprop, with their usual settings.
        learning_rate: the rate at the start. `with_learning_rate` changes it during the run.
        clip: the largest norm of the gradient. A gradient with a larger norm is scaled down to it.
            None: no clipping.
        forget_bias: LSTM only: the sum of the forget gate's two biases before training, in every
            unit (Gers et al. 2000; Jozefowicz et al. 2015 recommend 1). None: PyTorch's default.
        chrono: LSTM: b_f = ln u with u uniform in [1, T − 1] for each unit, and b_i = −b_f, so
            that the units' memories last from one step to the whole sequence (Tallec & Ollivier
            2018). GRU, by analogy: b_z = ln u, since z = 1 keeps the state in PyTorch's GRU.
        gain: a factor by which the recurrent weights W_hh are multiplied before training.
        seed: starts separate generators for the initial weights, the samples and the dropout. So
            all cells see the same samples in the same order, and can be compared.
        equal: "units": every cell has ``hidden_size`` units. "parameters": every cell has about as
            many parameters as an LSTM with ``hidden_size`` units (see `actual_hidden_size`).
        data_size: the size of a fixed training set, which the cell can memorise. None: every
            update sees new samples.
        convolution: k: a causal convolution over k steps, with a ReLU (`CausalConvolution`), turns
            the I inputs into ``hidden_size`` channels, for every cell. None: the module reads the
            inputs themselves.
        attention: whether the readout looks back at all earlier h (`AttentiveReadout`).
        carry: whether each batch starts from the final states of the previous batch, sequence by
            sequence. Only for tasks with `Task.continuing`. The gradient ends where the batch
            begins: truncated backpropagation through time. Attention and convolution see one
            batch. Held-out scores start from a zero state, which training sees only once, and use
            the same samples as without ``carry``.
        forget_gate: LSTM only: False trains c' = c + i·g, as in Hochreiter & Schmidhuber 1997.
            ``torch.nn.LSTM`` has no such switch. Here the forget gate's weights are 0 and its bias
            is 100. The sigmoid of 100 differs from 1 by 4e-44, so in floating point f is exactly 1
            and its slope f·(1 − f) exactly 0. No update changes these weights, but they count as
            parameters.
        gate_bias: LSTM only: the sum of the input gate's two biases, and of the output gate's,
            before training, in every unit. Below 0, both gates start more closed. None: PyTorch's
            default.

    Raises:
        TypeError: if a value is of the wrong kind.
        ValueError: if a value lies outside what is allowed, or two values exclude each other.
    """

    task: str | OwnData
    cell: str = "lstm"
    hidden_size: int = 16
    layers: int = 1
    bidirectional: bool = False
    dropout: float = 0.0
    length: int = None  # type: ignore[assignment]  # a number once it is made
    batch_size: int = 32
    optimiser: Optimiser = "adam"
    learning_rate: float = 0.01
    clip: float | None = 1.0
    forget_bias: float | None = None
    chrono: bool = False
    seed: int = 0
    equal: Equal = "units"
    data_size: int | None = None
    gain: float = 1.0
    convolution: int | None = None
    attention: bool = False
    carry: bool = False
    forget_gate: bool = True
    gate_bias: float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.task, OwnData):
            _choice("task", self.task, tuple(TASKS))
        if self.length is None:
            object.__setattr__(self, "length", self.learned.length)
        _choice("cell", self.cell, tuple(CELLS))
        _choice("optimiser", self.optimiser, get_args(Optimiser))
        _choice("equal", self.equal, get_args(Equal))
        for name, limit in WHOLE.items():
            _number(name, getattr(self, name), limit)
        for name, span in REAL.items():
            _number(name, getattr(self, name), span)
        for name in FLAGS:
            if not isinstance(getattr(self, name), bool):
                raise TypeError(f"{name} is {getattr(self, name)!r}, expected True or False")
        self._check_together()

    def __repr__(self) -> str:
        """Return the call that makes it; most of what has its usual value is left out."""
        usual = {each.name: each.default for each in fields(self)} | {"length": self.learned.length}
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        arguments = (
            f"{name}={value!r}"
            for name, value in values.items()
            if value != usual[name] or name in ALWAYS_SHOWN
        )
        return f"TrainingSpec({', '.join(arguments)})"

    def _check_together(self) -> None:
        self.learned.lengths.check(self.length)
        if self.dropout and self.layers == 1:
            raise ValueError(f"dropout is {self.dropout:g}, but 1 layer has none to drop between")
        self._check_biases()
        if self.carry and self.bidirectional:
            raise ValueError(
                "carry hands on the state after the last step, where the other direction of a"
                " bidirectional module begins: give one"
            )
        if self.carry and not self.learned.continuing:
            title = self.learned.title
            raise ValueError(f"the samples of “{title}” cannot follow each other, as carry wants")
        if self.products > limits.UPDATE_PRODUCTS.high:
            raise ValueError(
                f"one update is {self.products:,} multiplications (steps × sequences × weights),"
                f" at most {limits.UPDATE_PRODUCTS.high:,} are allowed: take fewer steps,"
                " sequences, units or layers"
            )

    def _check_biases(self) -> None:
        name, biases = CELLS[self.cell].name, CELLS[self.cell].biases
        if biases.forget is None:
            if self.forget_bias is not None:
                raise ValueError(f"the {name} has no forget gate, so it takes no forget_bias")
            if not self.forget_gate:
                raise ValueError(f"the {name} has no forget gate that could be taken away")
        if self.gate_bias is not None and not biases.others:
            raise ValueError(f"the {name} has no input and output gate, so it takes no gate_bias")
        if self.chrono and not CELLS[self.cell].gates:
            raise ValueError(f"the {name} has no gates, so chrono has no bias to set")
        if self.chrono and not biases.chrono:
            raise ValueError(f"the {name} names no bias that chrono sets, see `Cell.biases`")
        if self.chrono and self.forget_bias is not None:
            raise ValueError("chrono and forget_bias both set the forget gate's bias: give one")
        if self.chrono and self.gate_bias is not None:
            raise ValueError("chrono and gate_bias both set the input gate's bias: give one")
        if not self.forget_gate and (self.chrono or self.forget_bias is not None):
            raise ValueError("forget_gate is False, so neither chrono nor forget_bias has its bias")

    @property
    def set_biases(self) -> dict[str, float]:
        """Gate -> the sum of its two biases before training, where it is set; chrono sets none."""
        biases = CELLS[self.cell].biases
        values = dict.fromkeys(biases.others, self.gate_bias)
        if biases.forget is not None:
            forget = self.forget_bias if self.forget_gate else OPEN
            values = {biases.forget: forget, **values}
        return {gate: float(value) for gate, value in values.items() if value is not None}

    @property
    def learned(self) -> Task:
        """The `Task` that ``task`` names or contains."""
        return self.task.task if isinstance(self.task, OwnData) else TASKS[self.task]

    @property
    def directions(self) -> int:
        """2 if bidirectional, else 1."""
        return 1 + self.bidirectional

    @property
    def input_size(self) -> int:
        """What the recurrent module reads at a step: the task's I numbers, or the channels."""
        return self.learned.input_size if self.convolution is None else self.hidden_size

    @property
    def cell_alone(self) -> bool:
        """Whether the cell reads the inputs themselves, and no answer reads earlier states."""
        return self.convolution is None and not self.attention

    @property
    def actual_hidden_size(self) -> int:
        """H of the cell that is trained: `hidden_size`, or what makes it as large as the LSTM."""
        if self.equal == "units":
            return self.hidden_size
        size = (self.input_size, self.hidden_size, self.layers, self.directions)
        return matched_hidden(self.cell, *size)

    @property
    def parameter_count(self) -> int:
        """How many numbers the recurrent module learns; those around it are not counted."""
        size = (self.input_size, self.actual_hidden_size, self.layers, self.directions)
        return parameter_count(self.cell, *size)

    @property
    def products(self) -> int:
        """About how many multiplications an update or a score takes, whichever is more.

        Each weight is used at each step of each sequence: once forward, twice backward. With
        attention, each step also uses every earlier state twice: in its score and in the mixture.
        """
        met = self.weight_count
        if self.attention:
            met += 2 * self.length * self.directions * self.actual_hidden_size
        scored = max(SCORED_SAMPLES, self.data_size or 0)
        return met * self.length * max(3 * self.batch_size, scored)

    @property
    def weight_count(self) -> int:
        """P, how many numbers are learnt in all: `parameter_count` and those around it."""
        task, features = self.learned, self.directions * self.actual_hidden_size
        count = self.parameter_count + task.output_size * ((1 + self.attention) * features + 1)
        if self.convolution is not None:
            count += self.hidden_size * (task.input_size * self.convolution + 1)
        return count + self.attention * features**2


def _choice(name: str, value: Any, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        hint = did_you_mean(value, allowed)
        raise ValueError(f"{name} is {value!r}, expected one of {', '.join(allowed)}{hint}")


def _number(name: str, value: Any, limit: Limit | Span) -> None:
    if value is None and name in OPTIONAL:
        return
    whole = isinstance(limit, Limit)
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        raise TypeError(f"{name} is {value!r}, expected a {'whole ' if whole else ''}number")
    limit.check(value)


def spec_text(spec: TrainingSpec) -> str:
    """Return all settings as JSON: the same in every process, and for equal specs.

    Own data is a part of it by its own hash. Python's ``hash`` of a text differs between processes.
    """
    told: dict[str, Any] = {}
    for each in fields(spec):
        value = getattr(spec, each.name)
        if isinstance(value, OwnData):
            value = [value.digest, value.title, value.input_names]
        elif each.name in REAL and value is not None:
            value = float(value)  # specs with 1 and 1.0 are equal
        told[each.name] = value
    return json.dumps(told, sort_keys=True)
