"""The value of a loss and its gradient with respect to the output. Autograd is used only here."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from inspect import Parameter
from types import FunctionType
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from gatesviz.recordings.inputs import Given
from gatesviz.recordings.layers import Run
from gatesviz.recordings.modules import Network

Output = Tensor | PackedSequence
Loss = Callable[..., Tensor]
_POSITIONAL = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


class OutputGradient(NamedTuple):
    """The gradient of a loss by a network's output and final state, in the layout of the scans.

    Attributes:
        outputs: (T, B, D·P).
        finals: (N, B, P) by h_n, and (N, B, H) by c_n for an LSTM; None if the loss does not use
            that state.
    """

    outputs: Tensor
    finals: tuple[Tensor | None, ...] = ()


class Leaf:
    """A network's output and final state as leaves for autograd, in the module's layout.

    Attributes:
        output: in the module's own layout; a PackedSequence if the inputs are one; h for a cell.
        state: h_n, or (h_n, c_n) for an LSTM; None without ``with_state``.
        finals: the leaves of ``state``, (N, B, ·) in the layout of the scans; else empty.
    """

    def __init__(
        self,
        network: Network,
        given: Given,
        packed: PackedSequence | None,
        done: Run,
        *,
        with_state: bool,
    ) -> None:
        """Make leaves of the results in ``done``; ``packed`` are the inputs if they are packed."""
        self._given, self._rows = given, done.output.clone().requires_grad_()
        self._one_step = network.one_step
        self.finals = [
            torch.stack(each).requires_grad_()
            for each in zip(*(passed.last for passed in done.passes.values()), strict=True)
            if with_state
        ]
        # The loss gets copies, not leaves, since it may change its arguments in place.
        self.output = self._output(network, packed)
        finals = tuple(self._returned(final) for final in self.finals)
        self.state = None if not finals else finals[0] if given.c is None else finals

    def _output(self, network: Network, packed: PackedSequence | None) -> Output:
        if packed is not None:
            assert self._given.inside is not None
            inside = self._given.inside.clone()  # autograd saves no tensor of inference mode
            return PackedSequence(self._rows[inside], *packed[1:])
        rows = self._rows if self._given.batched else self._rows[:, 0]
        if network.one_step:
            rows = rows[0]
        elif network.batch_first and self._given.batched:
            rows = rows.transpose(0, 1)
        return rows.clone(memory_format=torch.contiguous_format)

    def _returned(self, final: Tensor) -> Tensor:
        """Return ``final`` (N, B, ·) in the order of the caller's samples, as the module does."""
        if self._given.unsort is not None:
            return final.index_select(1, self._given.unsort.clone())
        final = final if self._given.batched else final[:, 0]
        return (final[0] if self._one_step else final).clone()

    def gradient(self, value: Tensor, *, again: bool = False) -> OutputGradient | None:
        """Return the gradient of ``value``; None if it depends neither on output nor on state.

        ``again``: whether another number of the same value will follow.
        """
        if not value.requires_grad:
            return None
        leaves = [self._rows, *self.finals]
        found = torch.autograd.grad(value, leaves, retain_graph=again, allow_unused=True)
        if all(each is None for each in found):
            return None
        outputs = torch.zeros_like(self._rows) if found[0] is None else found[0]
        return OutputGradient(outputs.detach(), found[1:])


def side_by_side(gradients: Sequence[OutputGradient]) -> OutputGradient:
    """Join several gradients into one, with their samples side by side."""
    finals = []
    for each in zip(*(one.finals for one in gradients), strict=True):
        there = next((final for final in each if final is not None), None)
        zeros = None if there is None else torch.zeros_like(there)
        filled = [zeros if final is None else final for final in each]
        finals.append(None if zeros is None else torch.cat([f for f in filled if f is not None], 1))
    return OutputGradient(torch.cat([one.outputs for one in gradients], 1), tuple(finals))


def takes_state(what: str, function: object) -> bool:
    """Return whether ``function`` takes (output, state), and not the output alone.

    It takes both if it needs two positional arguments, or accepts any number of them. Parameters
    with a default value keep it. Of an nn.Module, ``forward`` decides.

    Raises:
        TypeError: if it can't be called with one or two positional arguments.
    """
    if not callable(function):
        raise TypeError(
            f"{what} is a {type(function).__qualname__}, expected a function of the module's"
            f" output, as {what}=lambda output: output[-1].sum()"
        )
    if type(function).__module__ == nn.modules.loss.__name__:
        raise _needs_a_target(what, f"a {type(function).__name__}", f"{type(function).__name__}()")
    if (taken := _counted(function)) is not None:
        return taken
    try:
        signed = function.forward if isinstance(function, nn.Module) else function
        parameters = inspect.signature(signed).parameters.values()
    except (TypeError, ValueError):  # a built-in function such as torch.sum doesn't tell
        return False
    places = [each for each in parameters if each.kind in _POSITIONAL]
    if [each.name for each in places[1:2] if each.default is Parameter.empty] == ["target"]:
        name = getattr(function, "__name__", type(function).__name__)
        call = name if name.isidentifier() and not isinstance(function, nn.Module) else "f"
        raise _needs_a_target(what, f"{name[:40]}(output, target)", call)
    needed = sum(each.default is Parameter.empty for each in places)
    some = any(each.kind is Parameter.VAR_POSITIONAL for each in parameters)
    unnamed = [
        each.name
        for each in parameters
        if each.kind is Parameter.KEYWORD_ONLY and each.default is Parameter.empty
    ]
    if needed > 2 or unnamed or not (places or some):
        raise TypeError(
            f"{what}: expected a function of (output) or (output, state), got one with the"
            f" arguments ({', '.join(each.name for each in parameters)})"
        )
    return needed == 2 or some


def _needs_a_target(what: str, function: str, call: str) -> TypeError:
    return TypeError(
        f"{what} is {function}, which needs a target, too, expected a function of (output) or"
        f" (output, state): write {what}=lambda output: {call}(output, target)"
    )


def _counted(function: object) -> bool | None:
    """Return `takes_state` of a plain function of one or two arguments, at once; else None."""
    if not isinstance(function, FunctionType) or hasattr(function, "__wrapped__"):
        return None
    code = function.__code__
    needed = code.co_argcount - len(function.__defaults__ or ())
    simple = not code.co_kwonlyargcount and not code.co_flags & inspect.CO_VARARGS
    simple = simple and code.co_varnames[1:2] != ("target",)
    return needed == 2 if simple and needed in (1, 2) else None


def value_of(what: str, function: Loss, leaf: Leaf) -> Tensor:
    """Return ``function(output)``, or ``function(output, state)``.

    Raises:
        TypeError: if the result is not a tensor of real floating point numbers, or the function
            fails on a PackedSequence or on the state.
    """
    packed = isinstance(leaf.output, PackedSequence)
    hint = "; with packed inputs, output is a PackedSequence" if packed else ""
    try:
        value = function(leaf.output) if leaf.state is None else function(leaf.output, leaf.state)
    except (AttributeError, IndexError, TypeError) as error:
        if not packed and leaf.state is None:
            raise
        if not packed:
            state = "(h_n, c_n)" if isinstance(leaf.state, tuple) else "h_n"
            raise TypeError(
                f"{what} has two arguments and failed on (output, state) with the state {state}:"
                f" give it the output alone, {what}=lambda output: f(output, target), if the second"
                f" is no state ({type(error).__name__}: {error})"
            ) from error
        raise TypeError(
            f"{what} failed on the PackedSequence that it gets for packed inputs: use output.data,"
            f" or pad_packed_sequence(output) ({type(error).__name__}: {error})"
        ) from error
    if not isinstance(value, Tensor):
        raise TypeError(
            f"{what}: expected a torch.Tensor computed from the module's output, got a"
            f" {type(value).__qualname__}{hint}"
        )
    if value.layout is not torch.strided or value.is_nested or value.is_meta:
        kind = "without values" if value.is_meta else "sparse or nested"
        raise TypeError(f"{what}: expected a dense tensor of numbers, got one that is {kind}{hint}")
    if not value.is_floating_point():
        raise TypeError(f"{what}: expected a real floating point tensor, got {value.dtype}{hint}")
    return value


@contextmanager
def one_dtype(what: str, leaf: Leaf) -> Iterator[None]:
    """Turn PyTorch's errors about mixed dtypes into one that says what to do.

    Raises:
        TypeError: if the function mixes dtypes.
    """
    try:
        yield
    except (RuntimeError, ValueError) as error:
        message = str(error).partition("\n")[0]
        if "dtype" not in message and not (
            "double" in message.lower() and "float" in message.lower()
        ):
            raise
        output = leaf.output.data if isinstance(leaf.output, PackedSequence) else leaf.output
        cast, other = ("float", "32") if output.dtype is torch.float64 else ("double", "64")
        raise TypeError(
            f"{what} mixes dtypes, the output is {output.dtype}: write readout(output.{cast}()),"
            f" or pass dtype=torch.float{other} ({message})"
        ) from error


def check_scalar(value: Tensor) -> None:
    """Raise a ValueError unless ``value`` is one number."""
    if value.numel() != 1:
        raise ValueError(
            f"loss: expected a single number, got shape {tuple(value.shape)}: sum it or take its"
            " mean"
        )


def independent(what: str) -> ValueError:
    """Return the error for a function ``what`` that does not use the output."""
    return ValueError(
        f"{what} does not depend on the module's output: expected a tensor computed from it, not"
        " detached"
    )
