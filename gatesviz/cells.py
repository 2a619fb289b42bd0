"""The cells: RNN, LSTM and GRU. Each description is the source of every table about its cell.

A cell is written twice, side by side: `step` is the code, `equations` is what the screen
shows. A test evaluates the second on recordings made by `torch.nn`, so what is shown is what
is computed. A cell that torch.nn lacks is trained, recorded and differentiated by its `step`.
Nothing here imports torch: `step` uses only what a tensor itself can do.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gatesviz.cell_description import Biases as Biases
from gatesviz.cell_description import Carried as Carried
from gatesviz.cell_description import Cell as Cell
from gatesviz.cell_description import Equation as Equation
from gatesviz.cell_description import Gate as Gate
from gatesviz.cell_description import Look as Look
from gatesviz.cell_description import Step as Step
from gatesviz.cell_description import TorchModule as TorchModule
from gatesviz.cell_description import Weights as Weights
from gatesviz.cell_description import check_description
from gatesviz.names import Named, did_you_mean

if TYPE_CHECKING:
    from torch import Tensor


def products(x: "Tensor", h: "Tensor", w: Weights) -> "tuple[Tensor, Tensor]":
    """Return W_i·x + b_i and W_h·h + b_h, each (..., K·H)."""
    from_input, from_state = x @ w.weight_ih.T, h @ w.weight_hh.T
    if w.bias_ih is not None and w.bias_hh is not None:
        from_input, from_state = from_input + w.bias_ih, from_state + w.bias_hh
    return from_input, from_state


def _rnn_step(x: "Tensor", state: "Mapping[str, Tensor]", w: Weights, activation: str) -> Step:
    from_input, from_state = products(x, state["h"], w)
    h = getattr(from_input + from_state, activation)()
    return Step(state={"h": h}, gates={})


def _rnn_tanh_step(x: "Tensor", state: "Mapping[str, Tensor]", w: Weights) -> Step:
    return _rnn_step(x, state, w, "tanh")


def _rnn_relu_step(x: "Tensor", state: "Mapping[str, Tensor]", w: Weights) -> Step:
    return _rnn_step(x, state, w, "relu")


def _lstm_step(x: "Tensor", state: "Mapping[str, Tensor]", w: Weights) -> Step:
    from_input, from_state = products(x, state["h"], w)
    i, f, g, o = (from_input + from_state).chunk(4, -1)
    i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
    c = f * state["c"] + i * g
    h = o * c.tanh()
    if w.weight_hr is not None:
        h = h @ w.weight_hr.T
    return Step(state={"h": h, "c": c}, gates={"i": i, "f": f, "g": g, "o": o})


def _gru_step(x: "Tensor", state: "Mapping[str, Tensor]", w: Weights) -> Step:
    h = state["h"]
    from_input, from_state = products(x, h, w)
    (r_x, z_x, n_x), (r_h, z_h, n_h) = from_input.chunk(3, -1), from_state.chunk(3, -1)
    r, z = (r_x + r_h).sigmoid(), (z_x + z_h).sigmoid()
    n = (n_x + r * n_h).tanh()
    return Step(state={"h": (1 - z) * n + z * h}, gates={"r": r, "z": z, "n": n})


def gru_step_swapped(x: "Tensor", state: "Mapping[str, Tensor]", w: Weights) -> Step:
    """Return the step of a GRU with z and 1−z swapped, h' = z·n + (1−z)·h.

    Chung et al. 2014, eq. 5. It equals PyTorch's only if the weights of z change sign.
    """
    step = _gru_step(x, state, w)
    z, n = step.gates["z"], step.gates["n"]
    return Step(state={"h": z * n + (1 - z) * state["h"]}, gates=step.gates)


def gru_step_reset_before(x: "Tensor", state: "Mapping[str, Tensor]", w: Weights) -> Step:
    """Return the step of a GRU with r before the product, n = tanh(W_in·x + W_hn·(r·h) + b).

    Cho et al. 2014, eq. 8; Keras with ``reset_after=False``. No choice of weights makes it equal
    to PyTorch's.
    """
    h = state["h"]
    from_input, from_state = products(x, h, w)
    (r_x, z_x, n_x), (r_h, z_h, _) = from_input.chunk(3, -1), from_state.chunk(3, -1)
    r, z = (r_x + r_h).sigmoid(), (z_x + z_h).sigmoid()
    n_h = (r * h) @ w.weight_hh.chunk(3)[2].T
    if w.bias_hh is not None:
        n_h = n_h + w.bias_hh.chunk(3, -1)[2]
    n = (n_x + n_h).tanh()
    return Step(state={"h": (1 - z) * n + z * h}, gates={"r": r, "z": z, "n": n})


def _rnn(key: str, activation: str, step: "Callable[..., Step]", **more: Any) -> Cell:
    return Cell(
        key=key,
        name=f"RNN ({activation})",
        word="rnn",
        gates=(),
        states=("h",),
        blocks=("h",),
        equations=(Equation("h'", f"{activation}(Wx_h + Wh_h)"),),
        convention=(
            "This is torch.nn.RNN, the network of Elman 1990. The new state is also the output. No"
            " gate decides what is kept."
        ),
        step=step,
        look=Look("#777777", "square"),
        drawn=True,
        **more,
    )


RNN_TANH = _rnn(
    "rnn_tanh", "tanh", _rnn_tanh_step, short="RNN", module=TorchModule("RNN"), compared=True
)
RNN_RELU = _rnn(
    "rnn_relu",
    "relu",
    _rnn_relu_step,
    short="RNN, ReLU",
    module=TorchModule("RNN", {"nonlinearity": "relu"}),
)

LSTM = Cell(
    key="lstm",
    name="LSTM",
    short="LSTM",
    word="lstm",
    gates=(
        Gate(
            "i",
            "input gate",
            0,
            1,
            r"i = \sigma(W_{ii} x + b_{ii} + W_{hi} h + b_{hi})",
            "How much of the candidate is added to the cell state.",
        ),
        Gate(
            "f",
            "forget gate",
            0,
            1,
            r"f = \sigma(W_{if} x + b_{if} + W_{hf} h + b_{hf})",
            "How much of the old cell state is kept. At 1 all of it stays. At 0 it is erased.",
        ),
        Gate(
            "g",
            "candidate",
            -1,
            1,
            r"g = \tanh(W_{ig} x + b_{ig} + W_{hg} h + b_{hg})",
            "The new content. The input gate decides how much of it is added to the cell state.",
        ),
        Gate(
            "o",
            "output gate",
            0,
            1,
            r"o = \sigma(W_{io} x + b_{io} + W_{ho} h + b_{ho})",
            "How much of tanh(c′) goes into h′, the new hidden state. The prime marks the states"
            " after the step.",
        ),
    ),
    states=("h", "c"),
    blocks=("i", "f", "g", "o"),
    equations=(
        Equation("f", "sigmoid(Wx_f + Wh_f)"),
        Equation("i", "sigmoid(Wx_i + Wh_i)"),
        Equation("g", "tanh(Wx_g + Wh_g)"),
        Equation("c'", "f * c + i * g"),
        Equation("o", "sigmoid(Wx_o + Wh_o)"),
        Equation("h'", "o * tanh(c')"),
    ),
    convention=(
        "This is torch.nn.LSTM, with the forget gate of Gers et al. 2000. Its gates read the input"
        " x and the previous hidden state h, but not the cell state c. In LSTMs with peepholes,"
        " they also read c."
    ),
    step=_lstm_step,
    module=TorchModule("LSTM"),
    carried=Carried("c", "f"),
    biases=Biases(forget="f", chrono={"f": 1, "i": -1}, others=("i", "o")),
    look=Look("#0072B2", "circle"),
    compared=True,
    drawn=True,
    projects=True,
)

GRU = Cell(
    key="gru",
    name="GRU",
    short="GRU",
    word="gru",
    gates=(
        Gate(
            "r",
            "reset gate",
            0,
            1,
            r"r = \sigma(W_{ir} x + b_{ir} + W_{hr} h + b_{hr})",
            "How much the old state influences the candidate.",
        ),
        Gate(
            "z",
            "update gate",
            0,
            1,
            r"z = \sigma(W_{iz} x + b_{iz} + W_{hz} h + b_{hz})",
            "How much of the old state is kept. At 1 all of it stays. At 0 the candidate replaces"
            " it.",
        ),
        Gate(
            "n",
            "candidate",
            -1,
            1,
            r"n = \tanh(W_{in} x + b_{in} + r \odot (W_{hn} h + b_{hn}))",
            "The new content. It is the new state if z = 0.",
        ),
    ),
    states=("h",),
    blocks=("r", "z", "n"),
    equations=(
        Equation("r", "sigmoid(Wx_r + Wh_r)"),
        Equation("z", "sigmoid(Wx_z + Wh_z)"),
        Equation("n", "tanh(Wx_n + r * Wh_n)"),
        Equation("h'", "(1 - z) * n + z * h"),
    ),
    convention=(
        "torch.nn.GRU computes h′ = (1−z)·n + z·h, so z = 1 keeps the old state h. Some books swap"
        " z and 1−z. PyTorch multiplies W_hn·h + b_hn by r. Cho et al. 2014 multiply h by r first."
    ),
    step=_gru_step,
    module=TorchModule("GRU"),
    carried=Carried("h", "z"),
    biases=Biases(chrono={"z": 1}),
    look=Look("#D55E00", "diamond"),
    compared=True,
    drawn=True,
)

GRU_RESET_BEFORE = Cell(
    key="gru_reset_before",
    name="GRU with reset before the product",
    short="GRU, r first",
    word="gru",
    gates=(
        *GRU.gates[:2],
        replace(GRU.gate("n"), latex=r"n = \tanh(W_{in} x + b_{in} + W_{hn} (r \odot h) + b_{hn})"),
    ),
    states=("h",),
    blocks=("r", "z", "n"),
    equations=(
        Equation("r", "sigmoid(Wx_r + Wh_r)"),
        Equation("z", "sigmoid(Wx_z + Wh_z)"),
        Equation("n", "tanh(Wx_n + Wh_n(r * h))"),
        Equation("h'", "(1 - z) * n + z * h"),
    ),
    convention=(
        "The GRU of Cho et al. 2014, which resets h before the matrix product: W_hn·(r·h). Keras"
        " has it with reset_after=False, ONNX with linear_before_reset=0. torch.nn.GRU resets"
        " after the product. With the same weights, the two usually differ. As in PyTorch, z = 1"
        " keeps the old state."
    ),
    step=gru_step_reset_before,
    carried=Carried("h", "z"),
    biases=Biases(chrono={"z": 1}),
    look=Look("#E69F00", "diamond-open"),
    further=True,
    drawn=True,
)

CELLS: dict[str, Cell] = Named({}, "cell", "CELLS")
"""Cells by key. `register` adds one."""


def register(cell: Cell) -> None:
    """Add ``cell`` to `CELLS`, the first step of "Add a cell" in CONTRIBUTING.

    Raises:
        ValueError: if its key or short name is taken, or its description is incomplete.
    """
    if cell.key in CELLS:
        raise ValueError(f"cell {cell.key!r}: its key is taken. Choose another key")
    if any(cell.short == other.short for other in CELLS.values()):
        raise ValueError(f"cell {cell.key!r}: its short name {cell.short!r} is taken")
    check_description(cell)
    CELLS[cell.key] = cell


for _each in (RNN_TANH, RNN_RELU, LSTM, GRU, GRU_RESET_BEFORE):
    register(_each)


def find_cell(key: object) -> Cell:
    """Return the cell with this key.

    Raises:
        ValueError: if there is none.
    """
    if not isinstance(key, str) or key not in CELLS:
        hint = did_you_mean(key, CELLS)
        raise ValueError(f"cell: expected one of {', '.join(CELLS)}, got {key!r}{hint}")
    return CELLS[key]


def find_named(short: str) -> Cell:
    """Return the cell with this name in menus and charts, such as "RNN".

    Raises:
        ValueError: if there is none.
    """
    names = {cell.short: cell for cell in CELLS.values()}
    if short not in names:
        hint = did_you_mean(short, names)
        raise ValueError(f"cell: expected one of {', '.join(names)}, got {short!r}{hint}")
    return names[short]


def compared() -> tuple[Cell, ...]:
    """Return the cells that menus and experiments offer: the RNN, the GRU, the LSTM."""
    found = [cell for cell in CELLS.values() if cell.compared]
    return tuple(sorted(found, key=lambda cell: len(cell.blocks)))


def further() -> tuple[Cell, ...]:
    """Return the cells that menus also offer, but no comparison: the GRU that resets before."""
    return tuple(cell for cell in CELLS.values() if cell.further and not cell.compared)


def offered() -> tuple[Cell, ...]:
    """Return the cells of every menu in its order: those compared, largest first, then others."""
    return (*reversed(compared()), *further())


def keys_by_name() -> dict[str, str]:
    """Return the name in menus -> the key of each compared cell: the RNN, the GRU, the LSTM."""
    return {cell.short: cell.key for cell in compared()}


def every_cell() -> tuple[Cell, ...]:
    """Return all cells in the order of menus: the compared ones, largest first, then the others."""
    return (*reversed(compared()), *(cell for cell in CELLS.values() if not cell.compared))


def letters() -> tuple[str, ...]:
    """Return the letters of all cells once each: the gates, then c and h."""
    found = dict.fromkeys(letter for cell in every_cell() for letter in cell.letters)
    return (*(letter for letter in found if letter not in ("c", "h")), "c", "h")


def with_forget_bias() -> str:
    """Return the names of the compared cells with a forget gate whose bias can be set: "LSTM"."""
    return " and the ".join(cell.short for cell in compared() if cell.biases.forget)
