"""The weights that the next call of a module uses, which are not always its parameters.

Weight norm, spectral norm, pruning and other parametrizations compute a weight whenever it is
needed; weight dropout puts a new tensor in its place; and torch.nn.RNNBase computes with a list of
its own, ``_flat_weights``. So the module's own code runs on a copy that shares only the
parameters that are trained. No buffer, list or attribute of the module changes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from operator import is_
from typing import Any, TypeVar, cast

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.nn.utils import parametrize
from torch.nn.utils.prune import BasePruningMethod
from torch.nn.utils.spectral_norm import SpectralNorm
from torch.nn.utils.weight_norm import WeightNorm

_Kind = TypeVar("_Kind", bound=nn.Module)
WEIGHT_HOOKS = (WeightNorm, SpectralNorm, BasePruningMethod)
"""Forward pre-hooks that only compute a weight and look at no input."""

_PLAIN = (nn.RNN, nn.LSTM, nn.GRU, nn.RNNCell, nn.LSTMCell, nn.GRUCell)
_STEP_NAMES = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]


def weights_in_use(module: nn.RNNBase | nn.RNNCellBase) -> list[Tensor | None]:
    """Return the weights in the order of torch's kernels, as the next call would use them.

    Random numbers that a parametrization draws are drawn, as by a call.
    """
    if isinstance(module, nn.RNNBase):
        names, used = module._flat_weights_names, list(module._flat_weights)
    else:
        names, used = _STEP_NAMES, [module._parameters.get(name) for name in _STEP_NAMES]
    plain = type(module) in _PLAIN and not module._forward_pre_hooks
    if plain and vars(module).keys().isdisjoint(names) and _in_sync(module, names, used):
        return used
    with torch.no_grad(), _keeping_nothing():
        copy = _before_a_call(module)
        if not isinstance(copy, nn.RNNBase):
            return [getattr(copy, name) for name in names]
        if type(copy).flatten_parameters is nn.RNNBase.flatten_parameters:
            vars(copy)["flatten_parameters"] = _leave_memory_alone
        copy._update_flat_weights()
        return list(copy._flat_weights)


def linear_in_use(readout: nn.Linear) -> tuple[Tensor, Tensor | None]:
    """Return the weight and the bias with which the next call of ``readout`` would compute."""
    with torch.no_grad(), _keeping_nothing():
        copy = _before_a_call(readout)
        return copy.weight.detach(), None if copy.bias is None else copy.bias.detach()


def _before_a_call(module: _Kind) -> _Kind:
    """Return a copy of ``module`` after the hooks that compute a weight."""
    copy = _copied(module, {})
    for hook in copy._forward_pre_hooks.values():
        if isinstance(hook, WEIGHT_HOOKS):
            hook(copy, ())
    return copy


def _in_sync(module: nn.Module, names: list[str], used: list[Tensor | None]) -> bool:
    """Return whether ``used`` are the module's parameters."""
    found = map(module._parameters.get, names)
    return len(names) == len(used) and all(map(is_, found, used))


def _leave_memory_alone() -> None:
    """Do what ``flatten_parameters`` does on a CPU: nothing. It would move parameters on a GPU."""


def _copied(module: _Kind, known: dict[int, nn.Module]) -> _Kind:
    """Return a copy with its own buffers, containers and submodules, but the same parameters.

    A parametrization may also keep what it counts in a tensor, or in a parameter without gradient.
    """
    if id(module) in known:
        return cast(_Kind, known[id(module)])
    copy: _Kind = object.__new__(type(module))
    known[id(module)] = copy
    own = vars(copy)
    own.update(vars(module))
    own.update({k: _separate(v) for k, v in own.items()})
    own["_modules"] = {
        k: None if m is None else _copied(m, known) for k, m in module._modules.items()
    }
    return copy


def _separate(value: Any) -> Any:
    """Return a copy of a container or tensor; modules, trained parameters and the rest as they are.

    Tensors in lists and dictionaries are copied, too.
    """
    if isinstance(value, Tensor):
        return value if value.requires_grad and value.is_leaf else _cloned(value)
    if isinstance(value, dict):
        copy = value.copy()
        copy.update({k: _separate(v) for k, v in value.items() if isinstance(v, Tensor)})
        return copy
    if isinstance(value, list):
        return [_separate(v) if isinstance(v, Tensor) else v for v in value]
    return value.copy() if isinstance(value, set) else value


def _cloned(tensor: Tensor) -> Tensor:
    if is_lazy(tensor):
        return tensor  # it has no values, and is refused later
    copy = tensor.detach().clone()
    return nn.Parameter(copy, requires_grad=False) if isinstance(tensor, nn.Parameter) else copy


@contextmanager
def _keeping_nothing() -> Iterator[None]:
    """Let `parametrize.cached` use its cache, and drop what this block adds to it.

    The additions have no gradient, so a later call of the module must not get them.
    """
    before = set(parametrize._cache)
    try:
        yield
    finally:
        for key in set(parametrize._cache) - before:
            del parametrize._cache[key]
