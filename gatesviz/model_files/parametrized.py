"""Weights that a file has in other forms: as weight norm, spectral norm and pruning keep them."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import torch
from torch import Tensor

from gatesviz.model_files.contents import Stored, listed, quoted

_PLAIN = (
    "Remove what computes it, for example with torch.nn.utils.parametrize.remove_parametrizations,"
    " and save the state dict again."
)
_FITS, _CLOSE = 0.9, 1e-3
"""Least cosine of one vector with what the weight makes of the other; what counts as equal."""


def computed(name: str, forms: Mapping[str, Stored]) -> Stored:
    """Return the weight that weight norm, spectral norm or pruning computes from ``forms``.

    Args:
        name: of the weight, with its prefix.
        forms: the end of a name in the file, such as "_g" -> tensor.

    Raises:
        ValueError: if a tensor of it is missing, has another shape, or belongs to something else
            that computes the weight, too.
    """
    if "" in forms:
        return forms[""]
    for needed, compute in _FORMS.items():
        if set(needed) == set(forms):
            first, *others = (forms[form] for form in needed)
            _check_forms(name, needed, first, others)
            return Stored(name, first.shape, _late(partial(compute, name), [first, *others]))
    begun = [needed for needed in _FORMS if set(needed) < set(forms)]
    if not begun:
        raise ValueError(f"{quoted(name)} is missing; the file has only {listed([*forms])} of it")
    more = [form for form in forms if form not in max(begun, key=len)]
    raise ValueError(
        f"{quoted(name)} can't be computed: the file also has {listed(more)} of it. {_PLAIN}"
    )


def _check_forms(name: str, needed: Sequence[str], first: Stored, others: list[Stored]) -> None:
    rows = first.shape[0] if first.shape else 0
    allowed = {
        "_mask": {first.shape},
        "_g": {(rows, 1), (1,), (), (1, *first.shape[1:]), (rows,)},
        ".original0": {(rows, 1), (1,), (), (1, *first.shape[1:]), (rows,)},
    }
    if needed[-1].endswith("_v") and len(first.shape) != 2:
        raise ValueError(f"{quoted(name)} has shape {first.shape}, which has no spectral norm")
    for form, stored in zip(needed[1:], others, strict=True):
        shapes = allowed.get(form, {(rows,)} if form.endswith("_u") else {first.shape[1:]})
        if stored.shape not in shapes:
            raise ValueError(f"{quoted(name + form)} has shape {stored.shape}, which doesn't fit")


def _late(compute: Callable[..., Tensor], stored: list[Stored]) -> Callable[[], Tensor]:
    return lambda: compute(*(one.load() for one in stored))


def _weight_norm(_: str, v: Tensor, g: Tensor) -> Tensor:
    """Return v·g/‖v‖, with a norm for each place of ``g``."""
    if v.ndim == 1:
        return v * g / (v.abs() if g.numel() > 1 else v.norm())
    kept = [axis for axis in range(g.ndim) if g.shape[axis] > 1] if g.ndim == v.ndim else []
    axes = [axis for axis in range(v.ndim) if axis not in kept]
    made: Tensor = v * (g / v.norm(dim=axes, keepdim=True))
    return made


def _spectral_norm(name: str, weight: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """Return W/σ with σ = u·(W·v), as in evaluation mode.

    With ``dim=1``, u and v are those of the transposed weight: σ = v·(W·u). Only for a square
    weight do the shapes not show which, but u and v do: the last step of the power iteration makes
    one of them parallel to what the weight makes of the other.

    Raises:
        ValueError: if u and v fit neither.
    """
    ways = [(_fit(weight, u, v), u @ (weight @ v))]
    if weight.shape[0] != weight.shape[1]:
        return weight / ways[0][1]
    ways.append((_fit(weight.T, u, v), v @ (weight @ u)))
    (best, sigma), (other, second) = sorted(ways, key=lambda way: -float(way[0]))
    unsure = best - other < _CLOSE and abs(second / sigma - 1) > _CLOSE
    if best < _FITS or unsure:
        raise ValueError(
            f"{quoted(name)} can't be computed: its u and v don't show how the weight is divided by"
            f" its spectral norm. {_PLAIN}"
        )
    return weight / sigma


def _fit(weight: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """Return the cosine of u with W·v, or of v with Wᵀ·u if it is larger."""
    cosine = torch.cosine_similarity
    return torch.maximum(cosine(u, weight @ v, dim=0), cosine(v, u @ weight, dim=0))


_FORMS: dict[tuple[str, ...], Callable[..., Tensor]] = {
    (".original1", ".original0"): _weight_norm,
    ("_v", "_g"): _weight_norm,
    (".original", ".0._u", ".0._v"): _spectral_norm,
    ("_orig", "_u", "_v"): _spectral_norm,
    ("_orig", "_mask"): lambda _, weight, mask: weight * mask,
    ("_raw",): lambda _, raw: raw,  # weight dropout, which does nothing in evaluation mode
}
