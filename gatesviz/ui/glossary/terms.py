"""The letters and terms. Gates come from `gatesviz.cells`; the other sentences are written here."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatesviz.cells import Cell, every_cell
from gatesviz.ui.menu import address, entry


@dataclass(frozen=True)
class Term:
    """A letter or a term.

    Attributes:
        word: as it stands on the pages.
        sentence: what it means.
        page: the page that shows it.
        query: the settings of that page.
        letter: of a gate or state, whose colour it has; "" for other terms.
    """

    word: str
    sentence: str
    page: str
    query: Mapping[str, str] = field(default_factory=dict)
    letter: str = ""

    @property
    def href(self) -> str:
        """The link into the app."""
        return address(self.page, self.query)

    @property
    def where(self) -> str:
        """The title of the page that it leads to."""
        return entry(self.page).title


def gates() -> tuple[Term, ...]:
    """Return a term for each gate of each cell. Cells that share a gate share its term."""
    found: dict[tuple[str, str, str], list[Cell]] = {}
    for cell in every_cell():
        for gate in cell.gates:
            found.setdefault((gate.letter, gate.name, gate.meaning), []).append(cell)
    return tuple(
        Term(
            f"{letter}, {name}",
            f"{' and '.join(_named(cell) for cell in cells)}. {meaning}",
            "feed",
            {"cell": cells[0].short, "g": letter},
            letter,
        )
        for (letter, name, meaning), cells in found.items()
    )


def _named(cell: Cell) -> str:
    return f"“{cell.short}”" if " " in cell.short else cell.short


STATES = (
    Term(
        "c, cell state",
        "The memory of an LSTM. At each step it becomes f·c + i·g.",
        "feed",
        {"cell": "LSTM", "g": "c"},
        "c",
    ),
    Term(
        "h, hidden state",
        "What a cell gives to the next step, to the next layer and to the readout.",
        "feed",
        {"cell": "LSTM", "g": "h"},
        "h",
    ),
    Term(
        "h′ and c′",
        "In equations: the states after the step. Without the prime: before it.",
        "inside",
    ),
)
NUMBERS = (
    Term(
        "x, input",
        "The numbers that the network reads at one step.",
        "feed",
        {"g": "x"},
        "x",
    ),
    Term(
        "y and ŷ, answer",
        "ŷ is the model's answer at a step, and y the expected answer.",
        "what_if",
        {"wiview": "free play"},
    ),
    Term(
        "W_ih, W_hh",
        "W_ih multiplies the input x (this i means input, not the gate i). W_hh multiplies the old"
        " state h. Training changes both. W_if is the part of W_ih for the gate f.",
        "inside",
    ),
    Term(
        "b_ih, b_hh",
        "The biases of the two weighted sums: b_ih for the input, b_hh for the old state.",
        "inside",
    ),
    Term(
        "m and W_hr",
        "An LSTM can have a projection. Then h has fewer numbers than c: h′ = W_hr·m, with"
        " m = o·tanh(c′). In a GRU, W_hr is something else: the weights from h to the gate r.",
        "feed",
    ),
    Term(
        "σ, sigmoid",
        "A function that turns any number into a number between 0 and 1: 1/(1 + e⁻ˣ).",
        "inside",
    ),
    Term("tanh", "A function that turns any number into a number between −1 and 1.",
         "inside"),
    Term("relu, ReLU", "A function that turns negative numbers into 0 and keeps the others.",
         "feed", {"cell": "RNN, ReLU", "weights": "fresh"}),
    Term("·, product", "· multiplies element by element, as in f·c. After a matrix, as in W·h, it"
         " is the matrix product.", "inside"),
    Term("⊙", "Multiplies element by element, as in r ⊙ h. It means the same as · in f·c.",
         "inside"),
    Term("eigenvalue", "If W·v = λ·v for a vector v that isn't 0, then λ is an eigenvalue of W.",
         "gradients"),
    Term("spectral radius, ρ", "The largest absolute eigenvalue of W_hh. In an RNN without tanh or"
         " relu, it decides whether gradients shrink or grow over many steps.", "gradients"),
    Term("orthogonal matrix", "A matrix that keeps the length of every vector.", "gradients"),
)  # fmt: skip
SIZES = (
    Term("T, steps", "The length of a sequence. The network makes one step for each input.", "feed",
         {"src": "wave"}),
    Term("I, input size", "How many numbers x has.", "compare"),
    Term(
        "H, hidden units",
        "How many numbers a state has. It has nothing to do with the number of steps.",
        "compare",
    ),
    Term("B, batch size", "How many sequences are read together in one update.", "train"),
)  # fmt: skip
WORDS = (
    Term("state", "What a network remembers of the steps before. It is a list of numbers.", "feed"),
    Term("gate", "A number between 0 and 1 that decides how much of a value passes.", "what_if"),
    Term("cell", "The equations of one step: an RNN, an LSTM or a GRU.", "inside"),
    Term("RNN", "Recurrent neural network. It reads a sequence step by step, and passes its state"
         " on to the next step. In this app, “RNN” alone means the plain one, without gates.",
         "feed", {"cell": "RNN"}),
    Term("LSTM", "Long short-term memory: a recurrent network with a cell state c and gates.",
         "feed", {"cell": "LSTM"}),
    Term("GRU", "Gated recurrent unit: a recurrent network with gates, but without a cell state c.",
         "feed", {"cell": "GRU"}),
    Term("GRU, r first", "A GRU that multiplies h by r first, then by W_hn: W_hn·(r·h) + b_hn."
         " PyTorch's GRU computes r·(W_hn·h + b_hn).", "feed", {"cell": "GRU, r first", "g": "r"}),
    Term("hidden unit", "A unit holds one number of each state. It has its own value of each gate.",
         "feed", {"u": "1"}),
    Term("layer", "A cell that reads the h of the layer below it. The first layer reads x.", "feed",
         {"weights": "fresh", "layers": "2", "layer": "2"}),
    Term("bidirectional", "A second cell, with its own weights, reads the sequence backwards.",
         "feed", {"weights": "fresh", "both": "true", "dir": "backward"}),
    Term("readout", "The last part of a model. It turns h into an answer.", "what_if"),
    Term("one-hot", "One way to write a letter as numbers: a list of zeros with one 1. The"
         " place of the 1 says which letter it is.", "feed", {"g": "x"}),
    Term("player", "The animated view of a model that reads a sequence, step by step.", "feed"),
    Term("recording", "All gates and states of a model while it reads one sequence.", "feed"),
    Term("edit", "A gate, state or input that you set. All later values are computed with it.",
         "what_if", {"wiview": "free play"}),
    Term("tracking", "A unit tracks a property of the input, such as the number of open brackets,"
         " if the unit's state changes with the property.", "find_unit"),
    Term("ablation", "Switch a unit off and measure what the model loses without it.",
         "find_unit", {"unprop": "position"}),
    Term("temperature", "How random the next letter is when a model writes text. Near 0, the"
         " model always takes the likeliest letter.", "feed", {"weights": "characters"}),
)  # fmt: skip
LEARNING = (
    Term("loss, L", "How wrong the answers are, as one number. Training makes it smaller.",
         "train"),
    Term("update", "One change of all weights, meant to make the loss smaller. The optimiser"
         " computes it from the gradients of the loss with respect to the weights.", "train"),
    Term("gradient, ∂L/∂h", "How much the loss changes if you change h a little. The same holds"
         " for c, x or a weight.", "gradients",
         {"grview": "backward, step by step"}),
    Term("‖∂L/∂h‖, norm", "The length of a gradient: the square root of the sum of the squares of"
         " its numbers.", "gradients"),
    Term("vanishing gradient", "The gradient shrinks at each step back, until almost nothing is"
         " left.", "gradients"),
    Term("exploding gradient", "The gradient grows at each step back. One update can then ruin"
         " the weights.", "gradients", {"grview": "exploding"}),
    Term("clipping", "If the norm of a gradient is above a limit, the gradient is scaled down to"
         " the limit. This doesn't cure a vanishing gradient.", "gradients",
         {"grview": "exploding"}),
    Term("forget bias", "The sum of the two biases of f. The larger it is, the longer the cell"
         " remembers.",
         "gradients", {"grview": "memory horizon"}),
    Term("chrono initialisation", "The units start with different biases of f (in a GRU, of z). So,"
         " before training, they remember for different numbers of steps.", "train",
         {"trinit": "chrono"}),
    Term("half-life", "The number of steps after which half of c, or of a gradient, is left.",
         "gradients", {"grview": "half-life"}),
    Term("reach", "How much of the gradient gets back to the first input: ‖∂L/∂x‖ there, divided by"
         " ‖∂L/∂x‖ at the last step. If it is above 1, the gradient grows on the way"
         " back.", "gradients",
         {"grview": "memory horizon"}),
    Term("learning rate", "How far an update moves the weights. The optimiser multiplies each"
         " change of the weights by this number.", "train"),
    Term("fresh", "Fresh weights are untrained: random numbers from PyTorch's initialisation.",
         "feed", {"weights": "fresh"}),
    Term("cross-entropy", "A loss for classification: the mean of −ln p. Here p is the probability"
         " that the model gave to the right answer.", "train"),
    Term("RMSE", "Root mean square error: the square root of the mean squared error. Lower is"
         " better.", "compare", {"coview": "which one for me?"}),
    Term("95 % interval", "A range in which the true median probably lies. From the n measured"
         " seeds, we draw n at random, with repeats, and take the median of their results. We"
         " repeat this many times. The interval holds the middle 95 % of these medians"
         " (bootstrap).",
         "compare",
         {"coview": "what people say"}),
    Term("seed", "A number that starts the random generator. The same seed and settings give the"
         " same run.", "train"),
    Term("held-out", "Sequences that were never used for training.", "train"),
    Term("bits per character", "The mean of −log₂ p over all steps. Here p is the probability that"
         " the model gave to the right next character. Lower is better.", "feed",
         {"weights": "characters"}),
    Term("baseline", "A simple method without a network, such as repeating the last value.",
         "compare", {"coview": "which one for me?"}),
    Term("forecast", "A prediction of a later value.", "compare", {"coview": "which one for me?"}),
)  # fmt: skip


def sections() -> dict[str, tuple[Term, ...]]:
    """Return heading -> terms, in the order of the page."""
    return {
        "Gates and candidates": gates(),
        "States": STATES,
        "Numbers and functions": NUMBERS,
        "Sizes": SIZES,
        "Other terms": WORDS,
        "Learning": LEARNING,
    }
