"""Cards X2 to X5: gradients whose decay theory predicts exactly or nearly."""

from typing import TYPE_CHECKING

import numpy as np

from gatesviz.experiments.known.card import Band, Card, Results, Values

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn.utils.rnn import PackedSequence

    from gatesviz.fresh import Module
    from gatesviz.traces import Array

T, UNITS = 50, 64
RADII = (0.9, 1.0, 1.1)
TANH_RADII = (0.9, 1.0, 1.5, 2.0, 4.0)
BIASES = (0.0, 1.0, 2.0, 5.0)
LEAST_INCREASE = "smallest increase from one row to the next (difference of log₁₀)"


def linear_decay(results: Results) -> Values:
    """Measure X2: ‖∂L/∂h_0‖ / ‖∂L/∂h_T‖ of a linear RNN for each spectral radius."""
    import torch

    zeros = torch.zeros(T, UNITS).double()
    return {f"ρ = {radius:g}": (_ratio(_rnn(radius, True), zeros),) for radius in RADII}


def tanh_decay(results: Results) -> Values:
    """Measure X3: ‖∂L/∂h_0‖ / ‖∂L/∂h_T‖ of a tanh RNN on noise for each spectral radius."""
    import torch

    noise = torch.from_numpy(np.random.default_rng(1).normal(size=(T, UNITS)))
    ratios = [_ratio(_rnn(radius, False), noise) for radius in TANH_RADII]
    rows = {f"ρ = {radius:g}": (ratio,) for radius, ratio in zip(TANH_RADII, ratios, strict=True)}
    return rows | {LEAST_INCREASE: (float(np.diff(np.log10(ratios)).min()),)}


def forget_decay(results: Results) -> Values:
    """Measure X4: ∂c_T/∂c_0 of an LSTM with zero weights, and the half-life of c in steps."""
    rows: dict[str, tuple[float, ...]] = {}
    for bias in BIASES:
        decay, half = forgetting(bias)
        rows |= {f"b = {bias:g}": (decay,), f"b = {bias:g}, half-life (steps)": (half,)}
    return rows


def fresh_half_life(results: Results) -> Values:
    """Measure X5: the mean forget gate of an untrained LSTM, and the half-life of c in steps."""
    import torch

    from gatesviz.fresh import fresh
    from gatesviz.recordings import record

    seeds = range(3)
    traces = [record(fresh("lstm", 4, UNITS, seed=s), torch.zeros(1, 4)).trace() for s in seeds]
    gates = [float(trace.gates["f"].mean()) for trace in traces]
    return {
        "mean of f": tuple(gates),
        "half-life (steps)": tuple(float(np.log(0.5) / np.log(gate)) for gate in gates),
    }


def _ratio(module: "Module", inputs: "Tensor") -> float:
    from gatesviz.gradients import gradient_flow

    norms = gradient_flow(module, inputs, _last).norms["h"]
    return float(norms[0] / norms[-1])


def _last(output: "Tensor | PackedSequence") -> "Tensor":
    return output[-1].sum()  # type: ignore[union-attr]  # the input is not packed


def _rnn(radius: float, orthogonal: bool) -> "Module":
    """Return a float64 tanh RNN with spectral radius ``radius``, identity inputs and no biases."""
    import torch

    from gatesviz.fresh import unfilled

    W = np.random.default_rng(0).normal(size=(UNITS, UNITS))
    W = np.linalg.qr(W)[0] if orthogonal else W / np.abs(np.linalg.eigvals(W)).max()
    module = unfilled("rnn_tanh", UNITS, UNITS).double()
    with torch.no_grad():
        _zero(module)
        module.get_parameter("weight_hh_l0").copy_(torch.from_numpy(radius * W))
        module.get_parameter("weight_ih_l0").copy_(torch.eye(UNITS))
    return module.eval()


def _zero(module: "Module") -> None:
    for parameter in module.parameters():
        parameter.zero_()


def forgetting(bias: float) -> tuple[float, float]:
    """Return ∂c_T/∂c_0 of an LSTM with zero weights over T steps, and its half-life in steps."""
    from gatesviz.gradients import half_life

    norms = forgetting_norms(bias, 3 * T)
    return float(norms[2 * T] / norms[-1]), float(half_life(norms))


def forgetting_norms(bias: float, steps: int) -> "Array":
    """Return ‖∂L/∂c_t‖, (steps + 1,), of an LSTM with zero weights and this forget bias."""
    import torch

    from gatesviz.fresh import unfilled
    from gatesviz.gradients import gradient_flow

    H = 8
    module = unfilled("lstm", 4, H).eval()
    with torch.no_grad():
        _zero(module)
        module.get_parameter("bias_ih_l0")[H : 2 * H] = bias
    return gradient_flow(module, torch.zeros(steps, 4), _last).norms["c"]


def _near(row: str, value: float, within: float) -> Band:
    return Band(row, value * (1 - within), value * (1 + within))


_DECAYS = {0.0: (8.88e-16, 1.0), 1.0: (1.58e-7, 2.21), 2.0: (1.75e-3, 5.46), 5.0: (0.7148, 103.0)}

CARDS = (
    Card(
        key="X2",
        title=(
            "If W_hh is ρ times an orthogonal matrix, going k steps back multiplies the gradient of"
            " a linear RNN by ρᵏ."
        ),
        source=(
            "Hochreiter 1991; Pascanu, Mikolov & Bengio 2013. We did not check this against the"
            " papers."
        ),
        setting=(
            "A tanh RNN with h = 0 and no input, which makes it linear. W_hh is ρ × an orthogonal"
            f" matrix, {UNITS} hidden units, T = {T}, float64. The loss is the sum of the last h."
        ),
        expected="The gradient ratio is ρ to the power T.",
        values="gradient ratio ‖∂L/∂h_0‖ / ‖∂L/∂h_T‖",
        bands=tuple(_near(f"ρ = {radius:g}", radius**T, 1e-9) for radius in RADII),
        _measure=linear_decay,
    ),
    Card(
        key="X3",
        title=(
            "With a random W_hh of spectral radius 1, a tanh RNN's gradient vanishes. It explodes"
            " only if this radius is far above 1."
        ),
        source=(
            "Pascanu, Mikolov & Bengio 2013. With tanh, the gradient vanishes whenever the largest"
            " singular value of W_hh (the most that W_hh can stretch a vector) is below 1. It can"
            " explode only if this value is above 1. We know this from other texts and did not"
            " check the paper."
        ),
        setting=(
            f"A tanh RNN with a random W_hh of spectral radius ρ, {UNITS} hidden units,"
            f" normally distributed noise as input, T = {T}, float64, one seed. We divide the"
            f" gradient {T} steps back by"
            " the gradient at the last step."
        ),
        expected="The gradient ratio grows with ρ. At ρ = 1 the gradient still vanishes.",
        values="gradient ratio ‖∂L/∂h_0‖ / ‖∂L/∂h_T‖",
        bands=(
            Band("ρ = 0.9", 1e-15, 1e-9),
            Band("ρ = 1", 1e-14, 1e-7),
            Band("ρ = 1.5", 1e-6, 1),
            Band("ρ = 2", 0.1, 1e4),
            Band("ρ = 4", 1e4, 1e11),
            Band(LEAST_INCREASE, 0),
        ),
        _measure=tanh_decay,
    ),
    Card(
        key="X4",
        title=(
            "With zero weights, the forget bias b alone sets how an LSTM forgets: after k steps,"
            " σ(b)ᵏ of c is left."
        ),
        source=(
            "The mechanism behind Gers, Schmidhuber & Cummins 2000 and Jozefowicz, Zaremba &"
            " Sutskever 2015."
        ),
        setting=f"An LSTM with zero weights and forget bias b, T = {T}, float64.",
        expected="∂c_T/∂c_0 is σ(b) to the power T. The half-life is ln ½ / ln σ(b) steps.",
        values="gradient ∂c_T/∂c_0; half-life in steps",
        bands=tuple(
            band
            for bias, (decay, half) in _DECAYS.items()
            for band in (
                _near(f"b = {bias:g}", decay, 5e-3),
                _near(f"b = {bias:g}, half-life (steps)", half, 5e-3),
            )
        ),
        _measure=forget_decay,
    ),
    Card(
        key="X5",
        title="An untrained LSTM forgets half of its cell state in one step.",
        source="PyTorch's default initialisation.",
        setting="An untrained nn.LSTM(4, 64), x = h = 0, seeds 0 to 2.",
        expected="The mean forget gate is about 0.50, and the half-life about one step.",
        values="mean forget gate over 64 units; half-life in steps",
        bands=(
            Band("mean of f", 0.48, 0.52, count=3),
            Band("half-life (steps)", 0.94, 1.06, count=3),
        ),
        _measure=fresh_half_life,
    ),
)
