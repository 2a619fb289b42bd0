"""Check that a call of a module is torch's own computation, without hooks or overrides."""

import torch.nn.modules.module as calls
from torch import nn

from gatesviz.recordings.weights import WEIGHT_HOOKS

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
_STEPS_TO_THE_WEIGHTS = ("_update_flat_weights", "_weights_have_changed", "_init_flat_weights")
_STEPS = frozenset((*_STEPS_OF_A_CALL, *_STEPS_TO_THE_WEIGHTS))
INSTEAD = (
    "To record what a call really computes, call it in a block:"
    " with gv.record_inside(module) as recordings: module(inputs)"
)


def check_behaviour(module: nn.Module, kind: type[nn.Module]) -> None:
    """Check that ``module(inputs)`` computes what ``kind``, a class of torch.nn, computes.

    Raises:
        TypeError: if its class, or the module itself, replaces a step of the call.
        ValueError: if a forward hook could change what goes in or comes out.
    """
    name = type(module).__qualname__
    if type(module) is not kind:
        for step in ("__call__", *_STEPS_OF_A_CALL):
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
    hook = _first_hook(module)
    if hook is not None:
        raise ValueError(
            f"the {name} has {hook}, which can change its inputs or output, expected none."
            f" Remove it with the handle's remove(). {INSTEAD}"
        )


def _first_hook(module: nn.Module) -> str | None:
    """Return a description of the first hook that could change the numbers of a call."""
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
    for what, registered in hooks.items():
        for hook in registered.values():
            if not isinstance(hook, WEIGHT_HOOKS):
                return f"{what} ({getattr(hook, '__name__', type(hook).__name__)[:40]})"
    return None
