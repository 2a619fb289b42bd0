"""Cards X1, X6, X9 and X10: equality with PyTorch, equal ways to compute, parameter counts."""

from typing import TYPE_CHECKING

from gatesviz.experiments.known.card import Band, Card, Results, Values

if TYPE_CHECKING:
    from torch import Tensor, dtype

SIZE = 64
STEPS = 4_096


def against_torch(results: Results) -> Values:
    """Measure X1: the largest difference between a recording and ``torch.nn.LSTM``."""
    import torch

    from gatesviz.fresh import fresh
    from gatesviz.recordings import record

    differences: dict[str, tuple[float, ...]] = {}
    for name, kind in (("float32", torch.float32), ("float64", torch.float64)):
        module = fresh("lstm", 5, 16).to(kind)
        inputs = torch.randn(200, 4, 5, dtype=kind, generator=torch.Generator().manual_seed(0))
        with torch.no_grad():
            output, _ = module(inputs)
        recording = record(module, inputs)
        differences[name] = (float(abs(recording.output - output.numpy()).max()),)
    return differences


def gru_conventions(results: Results) -> Values:
    """Measure X6: the difference of each published GRU from ``torch.nn.GRUCell``, equal weights."""
    import torch
    from torch import nn

    from gatesviz.cells import GRU, Weights, gru_step_reset_before, gru_step_swapped

    generator = torch.Generator().manual_seed(0)
    cell = nn.GRUCell(3, 5, device="meta").to_empty(device="cpu").double()
    for parameter in cell.parameters():
        nn.init.uniform_(parameter, -1, 1, generator=generator)
    x, h = (torch.randn(7, n, dtype=torch.float64, generator=generator) for n in (3, 5))
    weights = Weights(cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh)
    steps = {
        "PyTorch's form": GRU.step,
        "z and 1 − z swapped": gru_step_swapped,
        "reset before the matrix product": gru_step_reset_before,
    }
    with torch.no_grad():
        right = cell(x, h)
        return {
            name: (float((step(x, {"h": h}, weights).state["h"] - right).abs().max()),)
            for name, step in steps.items()
        }


def parallel_scan(results: Results) -> Values:
    """Measure X9: the difference between the parallel and the sequential minGRU."""
    import torch

    return {"float64": (_scan_error(torch.float64),), "float32": (_scan_error(torch.float32),)}


def parameter_counts(results: Results) -> Values:
    """Measure X10: the parameters of PyTorch's modules; of minGRU and minLSTM from their layers."""
    from torch import nn

    from gatesviz.fresh import unfilled

    counts: dict[str, tuple[float, ...]] = {}
    for name, cell in (("RNN", "rnn_tanh"), ("GRU", "gru"), ("LSTM", "lstm")):
        module = unfilled(cell, SIZE, SIZE)
        counts[name] = (float(sum(parameter.numel() for parameter in module.parameters())),)
    layer = nn.Linear(SIZE, SIZE, device="meta")
    each = sum(parameter.numel() for parameter in layer.parameters())
    return counts | {"minGRU": (2.0 * each,), "minLSTM": (3.0 * each,)}


def _scan_error(kind: "dtype") -> float:
    import torch

    generator = torch.Generator().manual_seed(0)
    k, v = (torch.randn(STEPS, SIZE, generator=generator).to(kind) for _ in range(2))
    return float((min_gru_parallel(k, v) - min_gru_sequential(k, v)).abs().max())


def min_gru_sequential(k: "Tensor", v: "Tensor") -> "Tensor":
    """Return h (T, H) of a minGRU from the sums k and v (T, H) of its gate and candidate.

    h_t = (1 − z_t)·h_{t−1} + z_t·g(v_t) with h_0 = 0, z = σ(k), g(v) = v + ½ for v ≥ 0 and σ(v) for
    v < 0 (Feng et al. 2024, appendix B).
    """
    import torch

    z, candidate = k.sigmoid(), torch.where(v >= 0, v + 0.5, v.sigmoid())
    h, states = torch.zeros_like(k[0]), []
    for gate, value in zip(z, candidate, strict=True):
        h = (1 - gate) * h + gate * value
        states.append(h)
    return torch.stack(states)


def min_gru_parallel(k: "Tensor", v: "Tensor") -> "Tensor":
    """Return the h of `min_gru_sequential` from a parallel scan of logarithms."""
    import torch
    from torch.nn.functional import softplus

    log_decay = (-softplus(k)).cumsum(0)
    log_input = -softplus(-k) + torch.where(v >= 0, (v.relu() + 0.5).log(), -softplus(-v))
    return (log_decay + (log_input - log_decay).logcumsumexp(0)).exp()


_COUNTS = {"RNN": 8_320, "GRU": 24_960, "LSTM": 33_280, "minGRU": 8_320, "minLSTM": 12_480}

CARDS = (
    Card(
        key="X1",
        title=(
            "This app records every gate of an LSTM. The recorded h equals the output of"
            " torch.nn.LSTM, up to rounding."
        ),
        source="The definition of torch.nn.LSTM.",
        setting=(
            "nn.LSTM(5, 16), T = 200, batch 4. We compare the output of the module with the h of a"
            " recording."
        ),
        expected="A difference of at most 1e-6 in float32 and 1e-14 in float64.",
        values="largest absolute difference of the outputs",
        bands=(Band("float32", high=1e-6), Band("float64", high=1e-14)),
        _measure=against_torch,
    ),
    Card(
        key="X6",
        title=(
            "PyTorch implements one of three published GRUs. The other two give different numbers."
        ),
        source="torch.nn.GRUCell; Cho et al. 2014 and Chung et al. 2014 for the other forms.",
        setting="One GRUCell(3, 5), weights uniform in ±1, seven samples, float64.",
        expected=(
            "PyTorch's form gives the same h′ as torch.nn.GRUCell, up to rounding. With the other"
            " two, h′ differs by at least 0.05."
        ),
        values="largest absolute difference of h′",
        bands=(
            Band("PyTorch's form", high=1e-15),
            Band("z and 1 − z swapped", 0.05),
            Band("reset before the matrix product", 0.05),
        ),
        _measure=gru_conventions,
    ),
    Card(
        key="X9",
        title=(
            "A minGRU can compute all steps in parallel, because its gate and its candidate see"
            " only the input."
        ),
        source="Feng et al. 2024 (minGRU).",
        setting=(
            "A minGRU is a GRU without a reset gate. Its gate z and its candidate don't depend on"
            f" h. Random gates and candidates, {SIZE} hidden units, T = {STEPS:,}. Speed is not"
            " measured."
        ),
        expected="The parallel and the sequential result are equal up to rounding.",
        values="largest absolute difference of h",
        bands=(Band("float64", high=1e-10), Band("float32")),
        _measure=parallel_scan,
    ),
    Card(
        key="X10",
        title="The parameters of RNN, GRU and LSTM are in the ratio 1 : 3 : 4.",
        source="The modules of torch.nn. They have two biases for each gate and candidate.",
        setting=(
            f"{SIZE} inputs, {SIZE} hidden units, one layer. torch.nn has no minGRU and no minLSTM,"
            " whose gates and candidates see only the input. A minGRU has 2 linear"
            " layers and a minLSTM has 3. We add up their parameters."
        ),
        expected=(
            "With I inputs and H hidden units: K·H·(I + H + 2) parameters, with K = 1 for the RNN,"
            " 3 for the GRU and 4 for the LSTM. K·H·(I + 1) parameters, with K = 2 for the minGRU"
            " and 3 for the minLSTM."
        ),
        values="number of parameters",
        bands=tuple(Band(name, count, count) for name, count in _COUNTS.items()),
        _measure=parameter_counts,
    ),
)
