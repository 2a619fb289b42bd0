"""X1, X6, X9 and X10: what equals PyTorch, what equals itself computed another way, and sizes."""

from typing import TYPE_CHECKING

from gatesviz.experiments.known.card import Band, Card, Found, Measured

if TYPE_CHECKING:
    from torch import Tensor, dtype

SIZE = 64
STEPS = 4_096


def against_torch(found: Found) -> Measured:
    """Return X1: the largest difference between a recording and ``torch.nn.LSTM``."""
    import torch

    from gatesviz.fresh import fresh
    from gatesviz.recordings import record

    told: dict[str, tuple[float, ...]] = {}
    for name, kind in (("float32", torch.float32), ("float64", torch.float64)):
        module = fresh("lstm", 5, 16).to(kind)
        inputs = torch.randn(200, 4, 5, dtype=kind, generator=torch.Generator().manual_seed(0))
        with torch.no_grad():
            output, _ = module(inputs)
        recording = record(module, inputs)
        told[name] = (float(abs(recording.output - output.numpy()).max()),)
    return told


def gru_conventions(found: Found) -> Measured:
    """Return X6: how far each published GRU is from ``torch.nn.GRUCell`` on the same weights."""
    import torch
    from torch import nn

    from gatesviz.cells import GRU, Weights, gru_step_reset_before, gru_step_swapped

    dice = torch.Generator().manual_seed(0)
    cell = nn.GRUCell(3, 5, device="meta").to_empty(device="cpu").double()
    for parameter in cell.parameters():
        nn.init.uniform_(parameter, -1, 1, generator=dice)
    x, h = (torch.randn(7, n, dtype=torch.float64, generator=dice) for n in (3, 5))
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


def parallel_scan(found: Found) -> Measured:
    """Return X9: how far the parallel minGRU is from the sequential one."""
    import torch

    return {"float64": (_scan_error(torch.float64),), "float32": (_scan_error(torch.float32),)}


def parameter_counts(found: Found) -> Measured:
    """Return X10: how many numbers PyTorch's modules hold, counted; minGRU's by its layers."""
    from torch import nn

    from gatesviz.fresh import unfilled

    told: dict[str, tuple[float, ...]] = {}
    for name, cell in (("RNN", "rnn_tanh"), ("GRU", "gru"), ("LSTM", "lstm")):
        module = unfilled(cell, SIZE, SIZE)
        told[name] = (float(sum(parameter.numel() for parameter in module.parameters())),)
    layer = nn.Linear(SIZE, SIZE, device="meta")
    each = sum(parameter.numel() for parameter in layer.parameters())
    return told | {"minGRU": (2.0 * each,), "minLSTM": (3.0 * each,)}


def _scan_error(kind: "dtype") -> float:
    import torch

    dice = torch.Generator().manual_seed(0)
    k, v = (torch.randn(STEPS, SIZE, generator=dice).to(kind) for _ in range(2))
    return float((min_gru_parallel(k, v) - min_gru_sequential(k, v)).abs().max())


def min_gru_sequential(k: "Tensor", v: "Tensor") -> "Tensor":
    """Return h (T, H) of a minGRU from its gate's and its candidate's sums k and v (T, H).

    h_t = (1 − z_t)·h_{t−1} + z_t·g(v_t) with z = σ(k), g(v) = v + ½ from 0 on and σ(v) below
    (Feng et al. 2024, appendix B), and h_0 = 0.
    """
    import torch

    z, candidate = k.sigmoid(), torch.where(v >= 0, v + 0.5, v.sigmoid())
    h, told = torch.zeros_like(k[0]), []
    for gate, value in zip(z, candidate, strict=True):
        h = (1 - gate) * h + gate * value
        told.append(h)
    return torch.stack(told)


def min_gru_parallel(k: "Tensor", v: "Tensor") -> "Tensor":
    """Return the same by a scan over all steps at once, in logarithms."""
    import torch
    from torch.nn.functional import softplus

    kept = (-softplus(k)).cumsum(0)
    written = -softplus(-k) + torch.where(v >= 0, (v.relu() + 0.5).log(), -softplus(-v))
    return (kept + (written - kept).logcumsumexp(0)).exp()


_COUNTS = {"RNN": 8_320, "GRU": 24_960, "LSTM": 33_280, "minGRU": 8_320, "minLSTM": 12_480}

CARDS = (
    Card(
        key="X1",
        title="A recording equals PyTorch.",
        source="The meaning of torch.nn.LSTM.",
        setting="nn.LSTM(5, 16), T = 200, B = 4, recorded and run",
        expected="a largest difference below 1e-6 in float32 and 1e-14 in float64",
        values="largest absolute difference of the outputs",
        bands=(Band("float32", high=1e-6), Band("float64", high=1e-14)),
        _measure=against_torch,
    ),
    Card(
        key="X6",
        title="Only one of the published GRUs is PyTorch's.",
        source="torch.nn.GRUCell; Cho et al. 2014 and Chung et al. 2014 for the other forms.",
        setting="one GRUCell(3, 5), weights uniform in ±1, seven samples, float64",
        expected="PyTorch's form is equal, the others clearly are not",
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
        title="A minGRU can be computed for all steps at once.",
        source="Feng et al. 2024 (minGRU).",
        setting=f"random gates and candidates, {SIZE} units, T = {STEPS:,}; no speed is promised",
        expected="the parallel scan equals the sequential one, to rounding",
        values="largest absolute difference of h",
        bands=(Band("float64", high=1e-10), Band("float32")),
        _measure=parallel_scan,
    ),
    Card(
        key="X10",
        title="RNN, GRU and LSTM have parameters as 1 : 3 : 4.",
        source="torch.nn's modules, with two biases for each block.",
        setting=f"{SIZE} inputs, {SIZE} units, one layer; minGRU and minLSTM by their layers",
        expected="K·H·(I + H + 2) with K = 1, 3, 4; minGRU and minLSTM K·H·(I + 1) with K = 2, 3",
        values="parameters",
        bands=tuple(Band(name, count, count) for name, count in _COUNTS.items()),
        _measure=parameter_counts,
    ),
)
