"""The sizes of a recurrent part, from the names and shapes of its weights."""

from collections.abc import Mapping
from pathlib import Path

from gatesviz.limits import LAYERS_IN_FILE
from gatesviz.model_files.contents import Part, Stored, quoted, shown
from gatesviz.model_files.parametrized import computed

GATES = {4: "lstm", 3: "gru", 1: None}
"""Blocks of H rows -> the cell in PyTorch; None where shapes don't say which."""
Group = dict[tuple[str, int, bool], dict[str, Stored]]
"""(weight_ih, layer, reverse) -> form, such as "" or "_g" -> tensor."""


def part_of(name: str, prefix: str, group: Group, path: Path) -> Part:
    """Return the recurrent part that a group of weights forms.

    Raises:
        ValueError: if a weight is missing or has another shape than the others need.
    """
    layers = 1 + max(layer for _, layer, _ in group)
    LAYERS_IN_FILE.check(layers)
    both = any(reverse for *_, reverse in group)
    kinds = {kind for kind, *_ in group}
    bias, projected = bool(kinds & {"bias_ih", "bias_hh"}), "weight_hr" in kinds
    expected = ["weight_ih", "weight_hh", *(["bias_ih", "bias_hh"] if bias else [])]
    expected += ["weight_hr"] if projected else []
    weights: dict[str, Stored] = {}
    for layer in range(layers):
        for reverse in (False, True) if both else (False,):
            for kind in expected:
                short = f"{kind}_l{layer}{'_reverse' if reverse else ''}"
                forms = group.get((kind, layer, reverse))
                if forms is None:
                    raise ValueError(f"{shown(path)}: {quoted(prefix + short)} is missing")
                weights[short] = computed(prefix + short, forms)
    return sized(name, prefix, weights, layers, both, bias, path)


def sized(
    name: str,
    prefix: str,
    weights: Mapping[str, Stored],
    layers: int,
    bidirectional: bool,
    bias: bool,
    path: Path,
) -> Part:
    """Return the part with the sizes that its weights have.

    Raises:
        ValueError: if a weight has another shape than the others need.
    """
    projection = weights.get("weight_hr_l0")
    recurrent = weights["weight_hh_l0"]
    given = projection or recurrent
    where = f"{shown(path)}: {quoted(prefix + ('weight_hr_l0' if projection else 'weight_hh_l0'))}"
    if len(given.shape) != 2 or 0 in given.shape:
        raise ValueError(f"{where} has shape {given.shape}, expected two sizes above 0")
    P, H = (projection.shape[0], projection.shape[1]) if projection else (recurrent.shape[-1],) * 2
    rows = recurrent.shape[0]
    if rows not in (H, 3 * H, 4 * H) or (projection and rows != 4 * H):
        raise ValueError(
            f"{shown(path)}: {quoted(prefix + 'weight_hh_l0')} has shape {recurrent.shape}: with"
            f" {H} hidden units, expected {4 * H} rows (LSTM), {3 * H} (GRU) or {H} (RNN)"
        )
    inputs = weights["weight_ih_l0"].shape[-1]
    for short, stored in weights.items():
        kind, layer = short.split("_l")
        columns = inputs if layer.removesuffix("_reverse") == "0" else P * (1 + bidirectional)
        shapes = {"weight_ih": (rows, columns), "weight_hh": (rows, P), "weight_hr": (P, H)}
        shape = shapes.get(kind, (rows,))
        if stored.shape != shape or 0 in shape:
            raise ValueError(
                f"{shown(path)}: {quoted(prefix + short)} has shape {stored.shape}, expected"
                f" {shape}"
            )
    K = rows // H
    return Part(
        name, K, GATES[K], inputs, H, P, layers, bidirectional, bias, weights
    )  # fmt: skip
