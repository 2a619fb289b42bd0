"""Scan with edits: work through a cell's equations step by step, and replace what is edited.

The equations are those of `gatesviz.cells`, which the screen shows. So a new cell can be edited
without a second formula.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gatesviz.cell_description import Cell, Equation
from gatesviz.cells import Weights, find_cell, products
from gatesviz.recordings.edits import Edit
from gatesviz.recordings.scans import Scan

Values = Mapping[str, Tensor]
Term = Callable[[Values], Tensor]


class Replacement(NamedTuple):
    """What replaces one letter of one layer and direction, at every step in reading order.

    Attributes:
        chosen: (T, B, units), true where a number is replaced.
        value: (T, B, units), the new numbers there.
    """

    chosen: Tensor
    value: Tensor

    def of(self, computed: Tensor, step: int) -> Tensor:
        """Return ``computed`` (B, units) with what is replaced at ``step``."""
        return torch.where(self.chosen[step], self.value[step], computed)


def replacement(edits: Sequence[Edit], zeros: Tensor, order: Tensor | None) -> Replacement:
    """Return what resolved ``edits`` of one letter replace, in the order of the inputs.

    Args:
        edits: later ones win.
        zeros: (T, B, units), in the dtype and on the device of the run.
        order: (B,), the caller's number of each sample, where samples were sorted.
    """
    steps, samples, units = zeros.shape
    chosen, value = zeros.bool(), zeros.clone()
    for edit in edits:
        given = torch.from_numpy(np.array(edit.value)).to(zeros)
        if not given.isfinite().all():
            most = torch.finfo(given.dtype).max
            raise ValueError(
                f"value: {float(np.abs(edit.value).max()):g} doesn't fit into {given.dtype},"
                f" expected at most {most:.2g}: record a copy in float64,"
                " gv.record(copy.deepcopy(module).double(), inputs.double(), edits=edits)"
            )
        if given.ndim == 2:
            given = given[:, None]
        elif given.ndim == 3 and order is not None:
            given = given[:, order]
        rows, columns = (
            torch.tensor(range(count) if places is None else places, device=zeros.device)
            for count, places in ((steps, edit.steps), (units, edit.units))
        )
        place = (rows[:, None, None], torch.arange(samples, device=zeros.device)[:, None], columns)
        chosen[place] = True
        value[place] = given
    return Replacement(chosen, value)


def edited_scan(
    cell: str,
    x: Tensor,
    first_h: Tensor,
    first_c: Tensor | None,
    weights: Weights,
    replaced: Mapping[str, Replacement],
) -> Scan:
    """Scan ``x`` (T, B, I) from ``first_h`` (B, P) and ``first_c`` (B, H), with replacements.

    Args:
        cell: key of `gatesviz.cells.CELLS`.
        replaced: letter of a gate or state -> what replaces it.
    """
    kind = find_cell(cell)
    state = {"h": first_h} if first_c is None else {"h": first_h, "c": first_c}
    found: dict[str, list[Tensor]] = {gate.letter: [] for gate in kind.gates}
    found |= {name: [value] for name, value in state.items()}
    for step, now in enumerate(x):
        for letter, value in _step(kind, now, state, weights, replaced, step).items():
            if letter in found:
                found[letter].append(value)
        state = {name: found[name][-1] for name in state}
    stacked = {letter: torch.stack(values) for letter, values in found.items()}
    gates = {gate.letter: stacked[gate.letter] for gate in kind.gates}
    return Scan(gates, stacked["h"], stacked.get("c"))


def _step(
    kind: Cell,
    x: Tensor,
    state: Values,
    weights: Weights,
    replaced: Mapping[str, Replacement],
    step: int,
) -> dict[str, Tensor]:
    """Return letter -> what each equation gives at one step, the state after it included."""
    known, found = dict(state), {}
    for source, sums in zip("xh", products(x, state["h"], weights), strict=True):
        parts = sums.chunk(len(kind.blocks), -1)
        known |= {f"W{source}_{k}": part for k, part in zip(kind.blocks, parts, strict=True)}
    for block, factors in kind.recurrent_factors.items():
        if factors != ("h",):
            known |= _block_of(weights, kind.blocks.index(block), len(kind.blocks), block)
    projected = weights.weight_hr is not None
    if weights.weight_hr is not None:
        known["W_hr"] = weights.weight_hr
    for equation in kind.working(projected):
        letter = equation.target.removesuffix("'")
        value = compiled(equation)(known)
        if letter in replaced:
            value = replaced[letter].of(value, step)
        known[equation.target] = found[letter] = value
    return found


def _block_of(weights: Weights, index: int, blocks: int, block: str) -> dict[str, Tensor]:
    """Return one block of W_h and of its bias, for a product such as ``Wh_n(r * h)``."""
    matrix = weights.weight_hh.chunk(blocks)[index]
    bias = matrix.new_zeros(len(matrix))
    if weights.bias_hh is not None:
        bias = weights.bias_hh.chunk(blocks)[index]
    return {f"matrix Wh_{block}": matrix, f"bias Wh_{block}": bias}


_APPLIED = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}
_JOINED: dict[type[ast.operator], Callable[[Tensor, Tensor], Tensor]] = {
    ast.Add: torch.add,
    ast.Sub: lambda a, b: a - b,  # either may be a number
    ast.Mult: torch.mul,
    ast.MatMult: lambda matrix, vectors: vectors @ matrix.T,
}


@cache
def compiled(equation: Equation) -> Term:
    """Return a function from values by name to the value of ``equation``.

    Raises:
        ValueError: if it uses something else than names, numbers, ``+ - * @`` and `_APPLIED`.
    """
    text = equation.expression.replace("'", "_after")
    return _term(ast.parse(text, mode="eval").body, equation)


def _term(node: ast.expr, equation: Equation) -> Term:
    match node:
        case ast.Name(id=name):
            key = name.replace("_after", "'")
            return lambda values: values[key]
        case ast.Constant(value=int() | float() as number):
            return lambda values: number  # type: ignore[return-value]  # broadcasts as a tensor
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _JOINED:
            first, second, join = _term(left, equation), _term(right, equation), _JOINED[type(op)]
            return lambda values: join(first(values), second(values))
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _APPLIED:
            inner, apply = _term(argument, equation), _APPLIED[name]
            return lambda values: apply(inner(values))
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name[:3] == "Wh_":
            inner, matrix, bias = _term(argument, equation), f"matrix {name}", f"bias {name}"
            return lambda values: inner(values) @ values[matrix].T + values[bias]
    raise ValueError(
        f"equation {equation.target} = {equation.expression}: {ast.unparse(node)!r} cannot be"
        f" computed, expected names, numbers, + - * @ and {', '.join(_APPLIED)}"
    )
