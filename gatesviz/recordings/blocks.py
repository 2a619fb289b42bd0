"""Blocks in which calls of layers are seen: they may overlap and end in any order.

torch keeps a stack of modes for each thread, and its own blocks take the last one off. A block here
takes itself off, wherever it stands.
"""

import asyncio
import sys
import threading
from contextvars import ContextVar
from typing import Any

import torch
from torch import nn
from torch.nn.modules.module import (
    register_module_forward_hook,
    register_module_forward_pre_hook,
)
from torch.overrides import TorchFunctionMode
from torch.utils.hooks import RemovableHandle

from gatesviz.recordings.behaviour import Observer, active_modes


class _Open:
    """Says whether a block is open, and keeps nothing alive."""

    ended = False


_HERE: ContextVar[tuple[_Open, ...]] = ContextVar("gatesviz_open_blocks", default=())
"""The blocks that were opened in this context, or in the one that it was copied from."""

_LOCK = threading.Lock()
_STANCES: list[tuple[_Open, Any]] = []
"""Open blocks, oldest first, and torch's block that restores how compiled models ran before."""


class OpenBlock(TorchFunctionMode):
    """A mode of torch that is on the stack of one thread from `begin` to `end`."""

    def __init__(self) -> None:
        super().__init__()
        self._open = _Open()
        self._task: asyncio.Task[Any] | None = None
        self._handles: list[RemovableHandle] = []

    def begin(self, *, count: bool) -> None:
        """Open the block in this thread and context.

        With ``count``, `before_call` and `after_call` are called for each call of a layer.
        """
        _begin_eager(self._open)
        self._task = _current_task()
        _HERE.set((*(one for one in _HERE.get() if not one.ended), self._open))
        _drop_ended()
        torch._C._push_on_torch_function_stack(self)
        if count:
            self._handles = [
                register_module_forward_pre_hook(_Before(self)),
                register_module_forward_hook(_After(self), always_call=True),
            ]

    def end(self) -> None:
        """End the block, from any thread and context; others stay as they are."""
        self._open.ended = True
        for handle in self._handles:
            handle.remove()
        _HERE.set(tuple(one for one in _HERE.get() if not one.ended))
        _drop_ended()
        _end_eager(self._open)

    def is_open_here(self) -> bool:
        """Return whether the block is open, in this context.

        If the task that opened it is done, it is open in all contexts of the thread: a notebook
        may run each cell in a task of its own.
        """
        if self._open.ended:
            return False
        return self._open in _HERE.get() or (self._task is not None and self._task.done())

    def sees_calls(self) -> bool:
        """Return whether a call that is made now reaches this mode: not in a backward pass."""
        return self.is_open_here() and any(mode is self for mode in active_modes())

    def before_call(self, module: nn.Module) -> None:
        """Note that a call of a layer begins."""
        raise NotImplementedError

    def after_call(self, module: nn.Module, result: object) -> None:
        """Note that a call of a layer has ended; the result is None if it raised an error."""
        raise NotImplementedError


class _Before(Observer):
    """A hook before the calls of all modules."""

    def __init__(self, block: OpenBlock) -> None:
        self._block = block

    def __call__(self, module: nn.Module, inputs: object) -> None:
        if isinstance(module, nn.RNNBase | nn.RNNCellBase) and self._block.sees_calls():
            self._block.before_call(module)


class _After(Observer):
    """A hook after the calls of all modules, also after those that raised an error."""

    def __init__(self, block: OpenBlock) -> None:
        self._block = block

    def __call__(self, module: nn.Module, inputs: object, result: object) -> None:
        if isinstance(module, nn.RNNBase | nn.RNNCellBase) and self._block.sees_calls():
            self._block.after_call(module, result)


def _drop_ended() -> None:
    """Take all ended blocks off this thread's stack of modes."""
    if not any(_is_ended(mode) for mode in active_modes()):
        return
    modes = [torch._C._pop_torch_function_stack() for _ in active_modes()]
    for mode in reversed(modes):
        if not _is_ended(mode):
            torch._C._push_on_torch_function_stack(mode)


def _is_ended(mode: object) -> bool:
    return isinstance(mode, OpenBlock) and mode._open.ended


def _current_task() -> "asyncio.Task[Any] | None":
    try:
        return asyncio.current_task()
    except RuntimeError:  # no loop runs
        return None


def _begin_eager(block: _Open) -> None:
    """Let compiled models run uncompiled, so that their calls are seen."""
    if "torch._dynamo" in sys.modules:  # else nothing was compiled, and importing it is slow
        with _LOCK:
            _STANCES.append((block, torch.compiler.set_stance("force_eager")))


def _end_eager(block: _Open) -> None:
    """Restore how compiled models ran, when no later block needs them uncompiled."""
    with _LOCK:
        for k, (one, stance) in enumerate(_STANCES):
            if one is not block:
                continue
            if k + 1 < len(_STANCES):  # the next one restores it instead
                _STANCES[k + 1] = (_STANCES[k + 1][0], stance)
            else:
                stance.__exit__(None, None, None)
            del _STANCES[k]
            return
