"""How a cell is described: its gates, equations, step, and what every table needs of it.

Letters are PyTorch's (`torch.nn.LSTM`, `torch.nn.GRU`, `torch.nn.RNN`): T steps, I input
size, H hidden size. P is the size of h: H, or `proj_size` where an LSTM has one.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from gatesviz.theme import COLOURS

if TYPE_CHECKING:
    from torch import Tensor


class Step(NamedTuple):
    """The result of one step. Every tensor is (..., H); h is (..., P)."""

    state: "dict[str, Tensor]"  # carried to the next step: "h", and "c" for the LSTM
    gates: "dict[str, Tensor]"  # computed on the way


class Weights(NamedTuple):
    """One layer and direction, in PyTorch's names and layout; K gates share each matrix."""

    weight_ih: "Tensor"  # (K·H, I)
    weight_hh: "Tensor"  # (K·H, P)
    bias_ih: "Tensor | None" = None  # (K·H,)
    bias_hh: "Tensor | None" = None  # (K·H,)
    weight_hr: "Tensor | None" = None  # (P, H), only with proj_size


@dataclass(frozen=True)
class Gate:
    """One gate, as a reader meets it.

    Attributes:
        letter: PyTorch's letter, the key of `Trace.gates`.
        name: the papers' word.
        low, high: the open interval of its values.
        latex: its equation in PyTorch's letters.
        meaning: what it does, in one sentence.
    """

    letter: str
    name: str
    low: float
    high: float
    latex: str
    meaning: str


@dataclass(frozen=True)
class Equation:
    """One line of a cell's working: ``target = expression``.

    The expression is written with the gates' letters, ``c`` and ``h`` (before the step),
    ``c'`` and ``h'`` (after it), ``sigmoid``, ``tanh``, ``relu``, elementwise ``*``, and
    three products of the weights, named after the gate they feed: ``Wx_f`` is
    W_if·x + b_if, ``Wh_f`` is W_hf·h + b_hf. With a projection ``W_hr`` stands before ``@``.

    Brackets after ``Wh_n`` hold what W_hn multiplies instead of h: ``Wh_n(r * h)`` is
    W_hn·(r·h) + b_hn. Inside are letters of gates and states, joined by ``*``. Every other
    bracket groups, or holds the argument of a function.
    """

    target: str
    expression: str


class TorchModule(NamedTuple):
    """The class of torch.nn that runs a cell."""

    name: str  # "LSTM" for torch.nn.LSTM
    options: Mapping[str, Any] = {}  # arguments of its constructor


class Carried(NamedTuple):
    """The state that a cell carries along, and the gate that says how much of it stays."""

    state: str
    gate: str


class Biases(NamedTuple):
    """The blocks whose biases a run can set before training.

    Attributes:
        forget: set by ``forget_bias``, and opened for good without ``forget_gate``.
        chrono: block -> 1 where chrono initialisation sets ln u, -1 where it sets -ln u.
        others: set by ``gate_bias``.
    """

    forget: str | None = None
    chrono: Mapping[str, int] = {}
    others: tuple[str, ...] = ()


_NO_BIASES = Biases()


class Look(NamedTuple):
    """A cell in a chart."""

    colour: str  # "#RRGGBB"
    symbol: str  # Plotly's name of a marker


@dataclass(frozen=True)
class Cell:
    """A kind of cell: what it computes, how it is shown and where it is offered.

    Attributes:
        key: what `Trace.cell` holds. Where torch.nn has the cell, the name of its kernel.
        name: as a reader knows it.
        short: its name in menus and charts.
        word: its name in names of files; cells of one kind share it.
        gates: in the order of PyTorch's rows of the weight matrices; empty for the RNN.
        states: "h", or "h" and "c".
        blocks: how many blocks of H rows each weight matrix has; their letters, in order.
        equations: the working, in the order in which data flows.
        convention: which of the published variants this is.
        step: (x (..., I), state, weights) -> Step. It adds the biases as `products` does, and
            computes h from the new c where it has one.
        module: None where torch.nn has no such cell: `step` then runs it, which is slower.
        carried: None where no gate decides what stays.
        biases: what a run can set.
        look: in charts; None only where it is neither ``compared`` nor ``further``.
        compared: whether menus and experiments offer it next to the others.
        further: whether menus offer it, too, although comparisons leave it out. Then it needs a
            ``look``.
        drawn: whether the player has a drawing of it. Without one it shows gates,
            states and equations.
        projects: whether its h may be projected (``proj_size``).
    """

    key: str
    name: str
    short: str
    word: str
    gates: tuple[Gate, ...]
    states: tuple[str, ...]
    blocks: tuple[str, ...]
    equations: tuple[Equation, ...]
    convention: str
    step: "Callable[[Tensor, Mapping[str, Tensor], Weights], Step]"
    module: TorchModule | None = None
    carried: Carried | None = None
    biases: Biases = _NO_BIASES
    look: Look | None = None
    compared: bool = False
    further: bool = False
    drawn: bool = False
    projects: bool = False

    def __repr__(self) -> str:
        gates = " ".join(gate.letter for gate in self.gates) or "none"
        return f"Cell({self.key!r}, {self.name}, gates: {gates}, states: {' '.join(self.states)})"

    @property
    def in_sentences(self) -> str:
        """Its name in a sentence: ``name`` where ``short`` has a comma, else ``short``."""
        return self.name if "," in self.short else self.short

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters of its gates in the order of the equations, then its states, c before h."""
        targets = (equation.target for equation in self.equations)
        return (*(t for t in targets if not t.endswith("'")), *reversed(self.states))

    @property
    def split_blocks(self) -> tuple[str, ...]:
        """The blocks whose two products, and so two biases, enter the equations separately.

        The GRU's n is one: r multiplies W_hn·h + b_hn and not W_in·x + b_in.
        """
        working = " ".join(equation.expression for equation in self.equations)
        sums = set(re.findall(r"Wx_(\w+) \+ Wh_\1\b", working))
        return tuple(block for block in self.blocks if block not in sums)

    @property
    def recurrent_factors(self) -> dict[str, tuple[str, ...]]:
        """Block -> the letters whose elementwise product its recurrent matrix multiplies.

        They are ("h",), or ("r", "h") where an equation has ``Wh_n(r * h)``.
        """
        working = " ".join(equation.expression for equation in self.equations)
        written = dict(re.findall(r"Wh_(\w+)\(([^()]*)\)", working))
        return {block: tuple(written.get(block, "h").split(" * ")) for block in self.blocks}

    @property
    def kept_state(self) -> str:
        """The state that carries the memory: that of `carried`, else h."""
        return self.carried.state if self.carried else "h"

    def gate(self, letter: str) -> Gate:
        """Return the gate with this letter.

        Raises:
            KeyError: if the cell has no such gate.
        """
        for gate in self.gates:
            if gate.letter == letter:
                return gate
        raise KeyError(
            f"the {self.name} has no gate {letter!r}; it has {[g.letter for g in self.gates]}"
        )

    def working(self, projected: bool) -> tuple[Equation, ...]:
        """Return the equations. With a projection, the last one becomes m and h' = W_hr·m."""
        if not projected:
            return self.equations
        *others, last = self.equations
        return (*others, Equation("m", last.expression), Equation("h'", "W_hr @ m"))


def check_description(cell: Cell) -> None:
    """Check that the parts of a description fit together.

    Raises:
        ValueError: if one is missing or does not fit; the message names it.
    """
    letters, what = [gate.letter for gate in cell.gates], f"cell {cell.key!r}"
    targets = {*letters, *(f"{state}'" for state in cell.states)}
    written = {equation.target for equation in cell.equations}
    known = {*letters, *cell.states, *targets, "sigmoid", "tanh", "relu"}
    known |= {f"W{source}_{block}" for source in "xh" for block in cell.blocks}
    words = re.findall(r"[A-Za-z_]\w*'?", " ".join(e.expression for e in cell.equations))
    set_before = {cell.biases.forget, *cell.biases.chrono, *cell.biases.others} - {None}
    carried = cell.carried or (cell.states[0], *cell.blocks[:1])
    if cell.states not in (("h",), ("h", "c")):
        fault = f'states are {cell.states}, expected ("h",) or ("h", "c")'
    elif cell.blocks != (tuple(letters) or ("h",)):
        fault = f"blocks are {cell.blocks}, expected the gates' letters {tuple(letters)}"
    elif long := [letter for letter in letters if not re.fullmatch(r"[a-z]", letter)]:
        fault = f"gates are called {long}, expected one small letter each"
    elif reserved := sorted({*letters} & {"c", "h", "m", "x"}):
        fault = f"gates are called {reserved}, expected other letters: these name states and inputs"
    elif written != targets:
        fault = f"equations are for {sorted(written)}, expected one for each of {sorted(targets)}"
    elif unknown := sorted(set(words) - known):
        fault = f"the equations use {unknown}, expected names of {sorted(known)}"
    elif misused := _misused_products(cell):
        fault = (
            f"the equations have {misused}, expected Wh_k everywhere, or Wh_k(r * h) with"
            " different letters of gates and states joined by *"
        )
    elif carried[0] not in cell.states or carried[1] not in cell.blocks:
        fault = f"carried is {tuple(carried)}, expected one of its states and one of its gates"
    elif not set_before <= set(cell.blocks):
        fault = f"biases name {sorted(map(str, set_before))}, expected blocks of {cell.blocks}"
    elif (cell.compared or cell.further) and cell.look is None:
        use = "compared" if cell.compared else "in menus"
        fault = f"it is {use}, so charts need its look. Give a Look(colour, symbol)"
    elif plain := sorted({*letters, *cell.states} - set(COLOURS)):
        fault = f"{plain} has no colour. Add it to COLOURS in gatesviz/theme.py (step 2)"
    else:
        return
    raise ValueError(f"{what}: {fault}")


def _misused_products(cell: Cell) -> list[str]:
    """Return the uses of W_h in the equations that are not ``Wh_k`` or ``Wh_k(r * h)``.

    If one block is used in both ways, all uses are returned.
    """
    letter = rf"(?:{'|'.join([*(gate.letter for gate in cell.gates), *cell.states])})"
    working = ", ".join(equation.expression for equation in cell.equations)
    uses = re.findall(r"Wh_\w+\b(?:\(.*?\))?", working)
    inside = [
        use
        for use in uses
        if not re.fullmatch(rf"Wh_\w+(?:\({letter}(?: \* {letter})*\))?", use)
        or len({*use.split("(")[-1].strip(")").split(" * ")}) <= use.count(" * ")
    ]
    if inside:
        return inside
    return uses if len({use.split("(")[0] for use in uses}) < len({*uses}) else []
