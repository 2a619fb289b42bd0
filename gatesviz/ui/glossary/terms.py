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
        see: what the link shows; the letter if it is "".
    """

    word: str
    sentence: str
    page: str
    query: Mapping[str, str] = field(default_factory=dict)
    letter: str = ""
    see: str = ""

    @property
    def href(self) -> str:
        """The link into the app."""
        return address(self.page, self.query)

    @property
    def opens(self) -> str:
        """The text of the link: what it shows, and the title of the page that it leads to."""
        return f"see {self.see or self.letter} in {entry(self.page).title}"


def gates() -> tuple[Term, ...]:
    """Return a term for each gate of each cell. Cells that share a gate share its term."""
    found: dict[tuple[str, str, str], list[Cell]] = {}
    for cell in every_cell():
        for gate in cell.gates:
            found.setdefault((gate.letter, gate.name, gate.meaning), []).append(cell)
    return tuple(
        Term(
            f"{letter}, {name}",
            f"{' and '.join(_named(cell) for cell in cells)}: {_first_sentence(meaning)}",
            "feed",
            {"cell": cells[0].short, "g": letter},
            letter,
        )
        for (letter, name, meaning), cells in found.items()
    )


def _first_sentence(meaning: str) -> str:
    """Return the first sentence as it follows a colon. The player has the others, too."""
    first = meaning.split(". ")[0].rstrip(".")
    return f"{first[:1].lower()}{first[1:]}."


def _named(cell: Cell) -> str:
    return f"“{cell.short}”" if " " in cell.short else cell.short


STATES = (
    Term("c, cell state", "The memory of an LSTM, which becomes f·c + i·g at each step.",
         "feed", {"cell": "LSTM", "g": "c"}, "c"),
    Term("h, hidden state", "What a cell gives to the next step, to the next layer and to the"
         " readout.", "feed", {"cell": "LSTM", "g": "h"}, "h"),
    Term("h′ and c′", "In equations, the states after the step (without the prime: before it).",
         "inside", {"incell": "LSTM"}, see="h′ and c′"),
)  # fmt: skip
NUMBERS = (
    Term("x, input", "The numbers that the network reads at one step.", "feed", {"g": "x"}, "x"),
    Term("y and ŷ, answer", "ŷ is the model's answer at a step, and y the expected answer.",
         "what_if", {"wiview": "free play"}, see="ŷ"),
    Term("W_ih, W_hh", "The weights that multiply the input x (W_ih) and the old state h (W_hh). In"
         " W_ih, the i means input, and the part of W_ih for the gate f is W_if.",
         "inside", {"incell": "RNN"}, see="W_ih and W_hh"),
    Term("b_ih, b_hh", "The biases of the two weighted sums: b_ih for the input, b_hh for the old"
         " state.", "inside", {"incell": "RNN"}, see="the biases"),
    Term("m and W_hr", "In an LSTM with a projection, W_hr makes h smaller than c: h′ = W_hr·m,"
         " with m = o·tanh(c′). In a GRU, W_hr is something else: the weights from h to"
         " r.", "inside", {"incell": "GRU"}, see="r of a GRU"),
    Term("σ, sigmoid", "A function that turns any number into a number between 0 and 1:"
         " 1/(1 + e⁻ˣ).", "inside", {"incell": "LSTM"}, see="σ in the gates"),
    Term("tanh", "A function that turns any number into a number between −1 and 1.",
         "inside", {"incell": "RNN"}, see="tanh"),
    Term("relu, ReLU", "A function that turns negative numbers into 0 and keeps the others.",
         "feed", {"cell": "RNN, ReLU", "weights": "fresh"}, see="an RNN with ReLU"),
    Term("·, product", "Multiplies element by element, as in f·c, but after a matrix, as in W·h, it"
         " is the matrix product.", "inside", {"incell": "LSTM"}, see="f·c"),
    Term("⊙", "Multiplies element by element, as in r ⊙ h, like · in f·c.",
         "inside", {"incell": "GRU"}, see="products of a GRU"),
    Term("eigenvalue", "If W·v = λ·v for a vector v that isn't 0, then λ is an eigenvalue of W.",
         "gradients", {"grwhh": "spectral radius"}, see="the largest eigenvalue, ρ,"),
    Term("spectral radius, ρ", "The largest absolute eigenvalue of W_hh, which in an RNN without"
         " tanh or relu decides whether gradients shrink or grow over many steps.",
         "gradients", {"grwhh": "spectral radius"}, see="ρ"),
    Term("orthogonal matrix", "A matrix that keeps the length of every vector.",
         "gradients", {"grwhh": "orthogonal"}, see="an orthogonal W_hh"),
)  # fmt: skip
SIZES = (
    Term("T, steps", "The length of a sequence: the network makes one step for each input.",
         "feed", {"src": "wave"}, see="the steps of a wave"),
    Term("I, input size", "How many numbers x has.", "compare",
         {"coview": "structure", "coin": "8"}, see="I"),
    Term("H, hidden units", "How many numbers a state has, whatever the number of steps is.",
         "compare", {"coview": "structure", "cohid": "16"}, see="H"),
    Term("B, batch size", "How many sequences are read together in one update.", "train",
         {"trbatch": "32"}, see="the batch size"),
)  # fmt: skip
WORDS = (
    Term("state", "A list of numbers: what a network remembers of the steps before.", "feed",
         {"cell": "LSTM", "g": "h"}, see="the states c and h"),
    Term("gate", "A number between 0 and 1 that decides how much of a value passes.", "feed",
         {"cell": "LSTM", "g": "i"}, see="the gates of an LSTM"),
    Term("cell", "The equations of one step: an RNN, an LSTM or a GRU.", "inside",
         see="the equations"),
    Term("RNN", "Recurrent neural network: it reads a sequence step by step, and passes its state"
         " on to the next step. In this app, “RNN” alone means the plain one, without gates.",
         "feed", {"cell": "RNN"}, see="an RNN"),
    Term("LSTM", "Long short-term memory: a recurrent network with a cell state c and gates.",
         "feed", {"cell": "LSTM"}, see="an LSTM"),
    Term("GRU", "Gated recurrent unit: a recurrent network with gates, but without a cell state c.",
         "feed", {"cell": "GRU"}, see="a GRU"),
    Term("GRU, r first", "A GRU that computes W_hn·(r·h) + b_hn, where PyTorch's GRU computes"
         " r·(W_hn·h + b_hn).", "feed", {"cell": "GRU, r first", "g": "r"}, see="its gate r"),
    Term("hidden unit", "A part of a layer that holds one number of each state and has its own"
         " value of each gate.", "feed", {"u": "1"}, see="unit 1"),
    Term("layer", "A cell that reads the h of the layer below it, or x if it is the first one.",
         "feed", {"weights": "fresh", "layers": "2", "layer": "2"}, see="layer 2"),
    Term("bidirectional", "A second cell, with its own weights, reads the sequence backwards.",
         "feed", {"weights": "fresh", "both": "true", "dir": "backward"},
         see="the backward direction"),
    Term("readout", "The last part of a model, which turns h into an answer.", "what_if",
         {"wiview": "free play"}, see="an answer"),
    Term("one-hot", "A letter as a list of zeros with a single 1, whose place says which letter it"
         " is.", "feed", {"g": "x"}, see="the letters"),
    Term("player", "The animated view of a model that reads a sequence, step by step.", "feed",
         see="the player"),
    Term("recording", "All gates and states of a model while it reads one sequence.", "feed",
         see="a recording"),
    Term("edit", "A gate, state or input that you set, so that all later values are computed with"
         " it.", "what_if", {"wiview": "free play"}, see="your own edits"),
    Term("tracking", "A unit tracks a property of the input, such as the number of open brackets,"
         " if the unit's state changes with the property.", "find_unit", see="what units track"),
    Term("ablation", "Switch a unit off and measure what the model loses without it.",
         "find_unit", {"unprop": "position"}, see="an ablation"),
    Term("temperature", "How random the next letter is when a model writes text: near 0, the model"
         " always takes the likeliest letter.", "feed", {"weights": "characters"},
         see="a model that writes"),
)  # fmt: skip
LEARNING = (
    Term("loss, L", "How wrong the answers are, as one number that training makes smaller.",
         "train", see="the loss"),
    Term("update", "One change of all weights, which the optimiser computes from the gradients of"
         " the loss with respect to the weights.", "train", see="every update"),
    Term("gradient, ∂L/∂h", "How much the loss changes if you change h (or c, x or a weight) a"
         " little.", "gradients", {"grview": "backward, step by step"}, see="∂L/∂h go back"),
    Term("‖∂L/∂h‖, norm", "The length of a gradient: the square root of the sum of the squares of"
         " its numbers.", "gradients", {"grview": "how far back"}, see="‖∂L/∂h‖"),
    Term("vanishing gradient", "The gradient shrinks at each step back, until almost nothing is"
         " left.", "gradients", {"grview": "how far back"}, see="how far back it reaches"),
    Term("exploding gradient", "The gradient grows at each step back, so one update can ruin the"
         " weights.", "gradients", {"grview": "exploding"}, see="a cliff in the loss"),
    Term("clipping", "If the norm of a gradient is above a limit, the gradient is scaled down to"
         " the limit.", "gradients", {"grview": "exploding"}, see="clipping at a cliff"),
    Term("forget bias", "The sum of the two biases of f: the larger it is, the longer the cell"
         " remembers.", "gradients", {"grview": "half-life"}, see="what a bias does"),
    Term("chrono initialisation", "The units start with different biases of f (in a GRU, of z), so"
         " before training they remember for different numbers of steps.", "train",
         {"trinit": "chrono"}, see="chrono chosen"),
    Term("half-life", "The number of steps after which half of c, or of a gradient, is left.",
         "gradients", {"grview": "half-life"}, see="the half-life"),
    Term("reach", "How much of the gradient gets back to the first input: ‖∂L/∂x‖ there, divided by"
         " ‖∂L/∂x‖ at the last step.", "gradients", {"grview": "memory horizon"},
         see="a map of the reach"),
    Term("learning rate", "The number by which the optimiser multiplies each change of the"
         " weights.", "train", {"trrate": "0.01"}, see="the learning rate"),
    Term("fresh", "Fresh weights are untrained: random numbers from PyTorch's initialisation.",
         "feed", {"weights": "fresh"}, see="fresh weights"),
    Term("cross-entropy", "A loss for classification: the mean of −ln p, where p is the probability"
         " that the model gave to the right answer.", "train", see="the loss"),
    Term("RMSE", "Root mean square error: the square root of the mean squared error (lower is"
         " better).", "compare", {"coview": "which one for me?"}, see="errors of forecasts"),
    Term("95 % interval", "A range in which the true median probably lies: the middle 95 % of the"
         " medians of many random draws, with repeats, from the measured seeds (bootstrap).",
         "compare", {"coview": "what people say"}, see="intervals"),
    Term("seed", "A number that starts the random generator, so the same seed and settings give the"
         " same run.", "train", see="the seed"),
    Term("held-out", "Sequences that were never used for training.", "train",
         see="held-out results"),
    Term("bits per character", "The mean of −log₂ p over all steps, where p is the probability that"
         " the model gave to the right next character (lower is better).", "feed",
         {"weights": "characters"}, see="the bits of a model"),
    Term("baseline", "A simple method without a network, such as repeating the last value.",
         "compare", {"coview": "which one for me?"}, see="baselines"),
    Term("forecast", "A prediction of a later value.", "compare", {"coview": "which one for me?"},
         see="forecasts of your data"),
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
