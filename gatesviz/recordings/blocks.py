"""Blocks in which calls of layers are seen: they may overlap and end in any order.

torch keeps a stack of modes for each thread, and its own blocks take the last one off. A block here
takes itself off, wherever it stands.
"""

import asyncio
import math
import sys
import threading
from collections.abc import Callable
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
from gatesviz.recordings.kernels import KERNELS


class _Open:
    """Says whether a block is open, and keeps nothing alive."""

    ended = False


_HERE: ContextVar[tuple[_Open, ...]] = ContextVar("gatesviz_open_blocks", default=())
"""The blocks that were opened in this context, or in the one that it was copied from."""


class OpenBlock:
    """A block that sees the calls of recurrent kernels in one thread from `begin` to `end`."""

    def __init__(self) -> None:
        self._open = _Open()
        self._mode = _Mode(self)
        self._thread = threading.current_thread()
        self._around: list[object] = []
        self._task: asyncio.Task[Any] | None = None
        self._handles: list[RemovableHandle] = []

    def begin(self, *, count: bool) -> None:
        """Open the block in this thread and context.

        With ``count``, `before_call` and `after_call` are called for each call of a layer.
        """
        _begin_eager(self._open)
        self._thread, self._task = threading.current_thread(), _current_task()
        _HERE.set((*(one for one in _HERE.get() if not one.ended), self._open))
        _drop_ended()
        self._around = [mode for mode in active_modes() if not isinstance(mode, _Mode)]
        torch._C._push_on_torch_function_stack(self._mode)
        if count:
            self._handles = [
                register_module_forward_pre_hook(_Before(self)),
                register_module_forward_hook(_After(self), always_call=True),
            ]

    def end(self) -> None:
        """End the block, from any thread and context; other blocks stay as they are.

        A mode that was left too early is found only in the thread that began the block, and not
        while a mode handles a call.

        Raises:
            RuntimeError: if a TorchFunctionMode around the block was left before it ended. The
                block has ended, and that mode is no longer active.
        """
        self._open.ended = True
        self._mode.block = None
        for handle in self._handles:
            handle.remove()
        _HERE.set(tuple(one for one in _HERE.get() if not one.ended))
        left = self._mode_left_too_early()
        _take_off(_is_ended)
        if left is not None:  # once: the same mode may have been entered again
            _take_off(lambda mode: mode is left, most=1)
        _end_eager(self._open)
        if left is not None:
            name = type(left).__name__
            raise RuntimeError(
                f"{name}, a TorchFunctionMode, was active when this block of record_inside began"
                " and was left before the block ended, so later calls were not recorded, expected"
                f" it to outlast the block: leave the block of {name} after this one"
            )

    def _mode_left_too_early(self) -> object:
        """Return the mode whose end took this block off torch's stack instead of itself, or None.

        torch takes the last mode off whenever one ends, so that mode is still on the stack.
        """
        here = self._thread is threading.current_thread()
        if not here or torch._C._current_graph_task_id() != -1:  # this is another stack
            return None
        modes = active_modes()
        if any(mode is self._mode for mode in modes):
            return None
        return next((mode for mode in reversed(modes) if _is_one_of(mode, self._around)), None)

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
        return self.is_open_here() and any(mode is self._mode for mode in active_modes())

    def run_kernel(self, kernel: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run one of `KERNELS` and return its result unchanged."""
        raise NotImplementedError

    def before_call(self, module: nn.Module) -> None:
        """Note that a call of a layer begins."""
        raise NotImplementedError

    def after_call(self, module: nn.Module, result: object) -> None:
        """Note that a call of a layer has ended; the result is None if it raised an error."""
        raise NotImplementedError


class _Mode(TorchFunctionMode, Observer):
    """The mode of torch of a block.

    If another thread ends the block, this stays on torch's stack for a while, but holds nothing.
    """

    def __init__(self, block: OpenBlock) -> None:
        super().__init__()
        self.block: OpenBlock | None = block

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Call ``func`` unchanged, through the block if it is a recurrent kernel."""
        if func not in KERNELS or (block := self.block) is None or not block.is_open_here():
            return func(*args, **(kwargs or {}))
        return block.run_kernel(func, args, kwargs or {})


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
    _take_off(_is_ended)


def _take_off(chosen: Callable[[object], bool], most: float = math.inf) -> None:
    """Take the chosen modes off this thread's stack, wherever they stand, the last ones first."""
    if not any(map(chosen, active_modes())):
        return
    stay: list[object] = []
    for mode in [torch._C._pop_torch_function_stack() for _ in active_modes()]:
        if most > 0 and chosen(mode):
            most -= 1
        else:
            stay.append(mode)
    for mode in reversed(stay):
        torch._C._push_on_torch_function_stack(mode)


def _is_ended(mode: object) -> bool:
    return isinstance(mode, _Mode) and mode.block is None


def _is_one_of(mode: object, modes: list[object]) -> bool:
    return any(mode is each for each in modes)


def _current_task() -> "asyncio.Task[Any] | None":
    try:
        return asyncio.current_task()
    except RuntimeError:  # no loop runs
        return None


class _Eager:
    """A stance of torch's compiler: compiled models run uncompiled, so that their calls are seen.

    Blocks that begin under this stance share it. When the last of them has ended, it becomes the
    stance before it, since the end of a stance that began inside a block sets this one again.
    """

    def __init__(self) -> None:
        self._setter: Any = torch.compiler.set_stance("force_eager")
        self.blocks: list[_Open] = []

    def is_set(self) -> bool:
        """Return whether this is the present stance."""
        present: Any = sys.modules["torch._dynamo.eval_frame"]
        return present._stance is self._setter.stance

    def end(self) -> None:
        """Restore the stance before, unless the user has set another one since."""
        if self.is_set():
            self._setter.__exit__(None, None, None)
        vars(self._setter.stance).update(vars(self._setter.prev))


_LOCK = threading.Lock()
_EAGER: list[_Eager] = []
"""The stances of open blocks."""


def _begin_eager(block: _Open) -> None:
    """Let compiled models run uncompiled."""
    if "torch._dynamo" not in sys.modules:  # nothing was compiled, and importing it is slow
        return
    with _LOCK:
        eager = next((each for each in _EAGER if each.is_set()), None)
        if eager is None:
            _EAGER.append(eager := _Eager())
        eager.blocks.append(block)


def _end_eager(block: _Open) -> None:
    """Restore how compiled models ran, when no other block needs them uncompiled."""
    with _LOCK:
        for eager in _EAGER:
            if block in eager.blocks:
                eager.blocks.remove(block)
                if not eager.blocks:
                    _EAGER.remove(eager)
                    eager.end()
                return
