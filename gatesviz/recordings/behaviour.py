"""Check that a call of a module is torch's own computation, without hooks or overrides."""

from collections.abc import Mapping

import torch
import torch.nn.modules.module as calls
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils._device import DeviceContext

from gatesviz.recordings.weights import WEIGHT_HOOKS


class Observer:
    """A hook or mode of gatesviz that sees calls and changes no number."""


_STEPS_OF_A_CALL = (
    "_wrapped_call_impl",
    "_call_impl",
    "forward",
    "check_forward_args",
    "check_input",
    "check_hidden_size",
    "get_expected_hidden_size",
    "get_expected_cell_size",
    "permute_hidden",
)
_STEPS_WITH_THE_OUTPUT = (
    "__call__",
    "_wrapped_call_impl",
    "_call_impl",
    "forward",
    "permute_hidden",
)
_STEPS_TO_THE_WEIGHTS = ("_update_flat_weights", "_weights_have_changed", "_init_flat_weights")
_STEPS = frozenset((*_STEPS_OF_A_CALL, *_STEPS_TO_THE_WEIGHTS))
INSTEAD = (
    "To record what torch's kernel receives and computes inside, without later changes to the"
    " output, call it in a block: with gv.record_inside(module) as recordings: module(inputs)"
)


def _torchs_own(kind: type[nn.Module]) -> dict[str, object]:
    """Return the steps of a call of ``kind``. Those that were replaced before are missing."""
    steps = {step: getattr(kind, step, None) for step in ("__call__", *_STEPS_OF_A_CALL)}
    return {
        step: function
        for step, function in steps.items()
        if function is None or _defined_in(function).startswith("torch.")
    }


def _defined_in(function: object) -> str:
    return str(getattr(function, "__globals__", {}).get("__name__", ""))


_HARMLESS = (*WEIGHT_HOOKS, Observer)
_MISSING = object()
_TORCHS_OWN: dict[type[nn.Module], dict[str, object]] = {
    kind: _torchs_own(kind)
    for kind in (nn.RNN, nn.LSTM, nn.GRU, nn.RNNCell, nn.LSTMCell, nn.GRUCell, nn.Linear)
}
"""Class of torch.nn -> steps of its call when gatesviz was imported."""


def check_behaviour(module: nn.Module, kind: type[nn.Module]) -> None:
    """Check that ``module(inputs)`` computes what ``kind``, a class of torch.nn, computes.

    Raises:
        TypeError: if its class, or the module itself, replaces a step of the call.
        ValueError: if a forward hook or a TorchFunctionMode could change what goes in, what is
            computed or what comes out.
    """
    name = type(module).__qualname__
    for mode in active_modes():
        if is_foreign(mode):
            raise ValueError(
                f"{type(mode).__name__}, a TorchFunctionMode, is active and can change what the"
                f" {name} computes, expected none: call this outside of its block"
            )
    for step in ("__call__", *_STEPS_OF_A_CALL):
        if _is_replaced(kind, step):
            raise TypeError(
                f"{step!r} was replaced on the class {kind.__name__}, so module(inputs) can give"
                f" other numbers, expected the {step!r} that torch.nn defines. {INSTEAD}"
            )
        if getattr(type(module), step, None) is not getattr(kind, step, None):
            raise TypeError(
                f"module is a {type(module).__module__}.{name}, which has its own {step!r},"
                f" expected that of torch.nn.{kind.__name__}. {INSTEAD}"
            )
    if not _STEPS.isdisjoint(vars(module)):
        replaced = sorted(_STEPS.intersection(vars(module)))
        raise TypeError(
            f"{replaced[0]!r} was replaced on this {name}, so module(inputs) can give other"
            f" numbers, expected the {replaced[0]!r} of torch.nn.{kind.__name__}. {INSTEAD}"
        )
    hook = _first_hook(module, ("pre-hook", "hook"))
    if hook is not None:
        raise ValueError(
            f"the {name} has {hook}, which can change its inputs or output, expected none."
            f" Remove it with the handle's remove(). {INSTEAD}"
        )


def check_backward(module: nn.Module) -> None:
    """Check that no backward hook can change the gradients that autograd gives for ``module``.

    Raises:
        ValueError: if there is one.
    """
    hooks = {
        "a global backward hook": calls._global_backward_hooks,
        "a global backward pre-hook": calls._global_backward_pre_hooks,
        "a backward hook": module._backward_hooks,
        "a backward pre-hook": module._backward_pre_hooks,
    }
    if (hook := _first_of(hooks)) is not None:
        raise ValueError(
            f"the {type(module).__qualname__} has {hook}, which can change its gradients, expected"
            " none: remove it with the handle's remove() while you measure them"
        )


def change_of_output(module: nn.Module) -> str | None:
    """Return what can change a call's output after torch's kernel computed it; None if nothing.

    ``module`` is a layer or cell of torch.nn, or of a subclass.
    """
    return change_of_call(module, _kind_of(module), ("hook",))


def change_of_steps(module: nn.Module) -> str | None:
    """Return which step of torch's own call ``module`` has replaced; None if none.

    Without one, each call that returns has run torch's kernel once. ``module`` is as in
    `change_of_output`.
    """
    return change_of_call(module, _kind_of(module), ())


def _kind_of(module: nn.Module) -> type[nn.Module] | None:
    return next(filter(_TORCHS_OWN.__contains__, type(module).__mro__), None)


def change_of_call(
    module: nn.Module,
    kind: type[nn.Module] | None,
    kinds: tuple[str, ...] = ("pre-hook", "hook"),
) -> str | None:
    """Return what can change the numbers of a call of ``module``; None if nothing.

    Hooks that only compute a weight don't count.

    Args:
        module: of the class ``kind``, whose own call is expected.
        kinds: of hooks that count.
    """
    for step in _STEPS_WITH_THE_OUTPUT:
        if step != "__call__" and step in vars(module):
            return f"{step!r} was replaced on this {type(module).__qualname__}"
        if kind is None or getattr(type(module), step, None) is not getattr(kind, step, None):
            return f"{type(module).__qualname__} has its own {step!r}"
        if _is_replaced(kind, step):
            return f"{step!r} was replaced on the class {kind.__name__}"
    hook = _first_hook(module, kinds)
    return None if hook is None else f"the layer has {hook}"


def active_modes() -> list[object]:
    """Return the modes of torch that see each function of torch in this thread, innermost last."""
    return [torch._C._get_function_stack_at(k) for k in range(torch._C._len_torch_function_stack())]


def is_foreign(mode: object) -> bool:
    """Return whether ``mode`` is a TorchFunctionMode that could change a number.

    That of torch.device only chooses where new tensors are made.
    """
    own = isinstance(mode, Observer) or type(mode) is DeviceContext
    return isinstance(mode, TorchFunctionMode) and not own


def _is_replaced(kind: type[nn.Module], step: str) -> bool:
    """Return whether a step of the call of a class of torch.nn isn't torch's any more."""
    own = _TORCHS_OWN.get(kind)
    return own is not None and getattr(kind, step, None) is not own.get(step, _MISSING)


def _first_hook(module: nn.Module, kinds: tuple[str, ...]) -> str | None:
    """Return a description of the first hook that could change the numbers of a call.

    ``kinds``: "pre-hook" for those before the call, "hook" for those after it.
    """
    if not (
        module._forward_pre_hooks
        or module._forward_hooks
        or calls._global_forward_pre_hooks
        or calls._global_forward_hooks
    ):
        return None
    hooks = {
        "a global forward pre-hook": calls._global_forward_pre_hooks,
        "a global forward hook": calls._global_forward_hooks,
        "a forward pre-hook": module._forward_pre_hooks,
        "a forward hook": module._forward_hooks,
    }
    counted = {what: each for what, each in hooks.items() if what.rpartition(" ")[2] in kinds}
    return _first_of(counted, _HARMLESS)


def _first_of(
    hooks: Mapping[str, Mapping[int, object]], harmless: tuple[type, ...] = ()
) -> str | None:
    """Return a description of the first hook that is not ``harmless``, with its name.

    Args:
        hooks: description -> registered hooks.
    """
    for what, registered in hooks.items():
        for hook in registered.values():
            if not isinstance(hook, harmless):
                name = str(getattr(hook, "__name__", type(hook).__name__))[:40]
                return f"{what} ({name})"
    return None
