"""Record every recurrent layer inside a whole model while the model runs.

The functions of torch that compute a layer, such as ``torch._VF.lstm``, are intercepted. Nothing is
registered on the model. Such a function receives the final numbers, after all hooks, replaced
``forward`` methods and parametrizations. Where a layer has its own ``forward``, torch's global
hooks count its calls while a block is open, so that a call without such a function is noticed.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from types import TracebackType
from typing import Any

from torch import nn

from gatesviz.names import did_you_mean
from gatesviz.recordings.behaviour import change_of_output, change_of_steps
from gatesviz.recordings.blocks import OpenBlock
from gatesviz.recordings.join import join
from gatesviz.recordings.kernels import Call, caller_of, random_state, record_call
from gatesviz.recordings.recorder import Snapshots
from gatesviz.recordings.recording import CHANGED_AFTER, RUN_OF_CALL, UNSEEN_CALLS, Recording
from gatesviz.recordings.refusals import check_whole_model, recurrent_names

_PARALLEL = (nn.DataParallel, nn.parallel.DistributedDataParallel)


def record_inside(model: nn.Module) -> AbstractContextManager["Recordings"]:
    """Record each call of every RNN, LSTM, GRU and cell in ``model`` while the block runs.

        with gv.record_inside(model) as recordings:
            model(batch)
        recordings["encoder.lstm"]      # a list with one Recording for each call

    A recording holds the inputs, the state and the weights of its call, and what torch's kernel
    computed from them, checked against the kernel's own result. If a forward hook or a replaced
    ``forward`` can change the layer's output afterwards, the recording's notes and ``repr`` say
    so. The model is not changed: it computes the same numbers, draws the same
    random numbers, and can be trained in the block. Calls in other threads and repeated calls
    during a backward pass are not recorded. Compiled models run uncompiled in the block.

    Blocks may overlap and end in any order, for example in generators. Each one records the calls
    made while it is open, in its own context: calls of other asyncio tasks aren't recorded, those
    of tasks started in the block are. You can enter the same block again after it has ended, and
    get new recordings.

    Raises:
        TypeError: if ``model`` is not a torch.nn.Module.
        ValueError: if it has no such layer, or one whose calls cannot be intercepted.
        RuntimeError: if you enter a block again before it has ended. Also at its end, if a
            TorchFunctionMode that was active at its beginning was left before it.
    """
    check_whole_model(model)
    return _Block(model)


class Recordings(Mapping[str, list[Recording]]):
    """The result of `record_inside`: name of a recurrent layer -> a list with a recording per call.

    Names are those of ``model.named_modules()``, "" for the model itself. ``_orig_mod`` of a
    compiled model and ``module`` of a torch.nn.DataParallel may be left out. A layer that was not
    called has an empty list, and a layer with two names has the same recordings under both.

    A layer with its own ``forward`` can run torch's kernel never or several times in a call. A call
    without the kernel has no recording, so reading the layer's list raises an error. A call with
    several runs has one recording for each, and their notes and ``repr`` say so.
    """

    def __init__(self, model: nn.Module) -> None:
        names = _layers_of(model)
        self._calls: dict[str, list[Recording | str]] = {}
        self._changes: dict[str, str] = {}  # of layers that may not run torch's kernel in a call
        self._uncounted: set[str] = set()  # those of them whose calls may be unseen
        # torch warns if a compiled model is called while there are global hooks
        self._counts = any(map(change_of_steps, names.values())) and not _is_compiled(model)
        self._read_layers(model)
        self._short = {_without_wrappers(model, name): name for name in names}

    def _read_layers(self, model: nn.Module) -> None:
        """Note all layers of ``model``, and which of their calls may run no kernel or be unseen."""
        for name, layer in _layers_of(model).items():
            self._calls.setdefault(name, [])
            if (change := change_of_steps(layer)) is None:
                continue
            self._changes[name] = change
            if not self._counts or not _has_torchs_call(layer):
                self._uncounted.add(name)

    def __getitem__(self, name: str) -> list[Recording]:
        """Return the recordings of the layer ``name`` in the order of its calls.

        Raises:
            KeyError: if there is no such layer.
            ValueError: if one of its calls could not be recorded, or if it has its own
                ``__call__`` and may have been called unseen; the message says why.
        """
        full = name if name in self._calls else self._short.get(name, name)
        calls = self._calls.get(full)
        if calls is None:
            hint = did_you_mean(name, self._calls)
            raise KeyError(f"no layer {name!r}, expected one of {list(self._calls)}{hint}")
        if not calls and full in self._uncounted:
            raise ValueError(self._no_recorded_call(name, full))
        for k, call in enumerate(calls):
            if isinstance(call, str):
                raise ValueError(
                    f"call {k + 1} of {len(calls)} of {name!r} could not be recorded: {call}"
                )
        return [call for call in calls if not isinstance(call, str)]

    def joined(self, name: str) -> Recording:
        """Return one recording of all calls of the layer ``name``, such as a decoder's steps.

        Raises:
            KeyError: if there is no such layer.
            ValueError: if it was not called, or a call doesn't continue the one before it: see
                `gatesviz.join`.
        """
        calls = self[name]
        if not calls:
            full = name if name in self._calls else self._short.get(name, name)
            if full in self._changes:
                raise ValueError(self._no_recorded_call(name, full))
            raise ValueError(f"layer {name!r} was not called: call the model inside the block")
        return join(calls)

    def __iter__(self) -> Iterator[str]:
        return iter(self._calls)

    def __len__(self) -> int:
        return len(self._calls)

    def __repr__(self) -> str:
        return f"Recordings({', '.join(map(self._counted, self._calls))})"

    def _counted(self, name: str) -> str:
        """Return the name of a layer and how many calls were seen and recorded."""
        calls = self._calls[name]
        if not calls and name in self._changes:
            return f"{name!r}: no call seen ({self._changes[name]})"
        text = f"{name!r}: {len(calls)} call{'' if len(calls) == 1 else 's'}"
        if any(not isinstance(call, str) and _is_one_of_several(call) for call in calls):
            text = f"{name!r}: {len(calls)} runs of torch's kernel, several in one call"
        missing = sum(isinstance(call, str) for call in calls)
        return f"{text}, {missing} of them not recorded" if missing else text

    def _no_recorded_call(self, name: str, full: str) -> str:
        return (
            f"layer {name!r} has no recorded call: {self._changes[full]}, expected one that"
            " calls torch's kernel. If it was called in the block, it can't be recorded"
        )

    def _add(self, names: Iterable[str], call: Recording | str) -> None:
        for name in names:
            self._calls.setdefault(name, []).append(call)

    def _number(self, names: Iterable[str], runs: list[Recording | str]) -> None:
        """Add to the recordings of the runs of one call which of them each is."""
        for k, run in enumerate(runs):
            if isinstance(run, str):
                continue
            note = RUN_OF_CALL.format(k + 1, len(runs))
            numbered = replace(run, notes=(*run.notes, note))
            for name in names:
                calls = self._calls[name]
                calls[:] = [numbered if call is run else call for call in calls]


class _Block(AbstractContextManager[Recordings]):
    """A block of `record_inside`, which can be entered again after it has ended."""

    def __init__(self, model: nn.Module) -> None:
        self._model = model
        self._watch: _Watch | None = None

    def __enter__(self) -> Recordings:
        if self._watch is not None:
            raise RuntimeError(
                "this block of record_inside was entered and has not ended, expected a new one:"
                " call gv.record_inside(model) for each block"
            )
        recordings = Recordings(self._model)
        watch = _Watch(self._model, recordings)
        watch.begin(count=recordings._counts)
        self._watch = watch
        return recordings

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        watch, self._watch = self._watch, None
        if watch is None:
            return
        try:
            watch.end()
        except RuntimeError as problem:
            if error is None:
                raise
            error.add_note(str(problem))


class _SeenCall:
    """A call of a layer that has begun: the error handled then, and what was made of its runs."""

    def __init__(self) -> None:
        self.handled = sys.exc_info()[1]
        self.made: list[Recording | str] = []


class _Watch(OpenBlock):
    """Runs recurrent kernels unchanged, and records their calls.

    In nested blocks the outer one records the call, too; `torch.overrides` keeps the order.
    """

    def __init__(self, model: nn.Module, recordings: Recordings) -> None:
        super().__init__()
        self._model, self._recordings = model, recordings
        self._names: dict[nn.Module, list[str]] = {}
        self._snapshots: dict[nn.Module, Snapshots] = {}
        self._seen: dict[nn.Module, list[_SeenCall]] = {}

    def end(self) -> None:
        """End the block. Layers that were added or changed while it was open are noted, too."""
        try:
            super().end()
        finally:
            self._recordings._read_layers(self._model)

    def run_kernel(self, kernel: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run a recurrent kernel unchanged and record the call."""
        random = random_state(args[0].device)
        result = kernel(*args, **kwargs)
        caller = caller_of(sys._getframe(1))
        if caller.module is not None:
            call = Call(kernel, args, caller.layout, random, result)
            self._keep(caller.module, call, caller.mode)
        return result

    def _keep(self, module: nn.Module, call: Call, mode: str | None) -> None:
        names = self._names_of(module)
        if not names:
            return
        seen = self._seen.get(module)
        try:
            made = record_call(call, self._snapshots.setdefault(module, {}))
            notes = []
            if (change := mode or change_of_output(module)) is not None:
                notes.append(CHANGED_AFTER.format(change))
            if not seen and change_of_steps(module) is not None:
                notes.append(UNSEEN_CALLS)
            result: Recording | str = replace(made, notes=(*made.notes, *notes)) if notes else made
        except (TypeError, ValueError) as error:
            result = str(error)
        except Exception as error:  # the model's own call succeeded and must return
            reason = str(error).partition("\n")[0]
            result = (
                f"PyTorch could not compute it again ({type(error).__name__}: {reason}), expected"
                " plain tensors: call the model without torch.func, fake tensors or torch.export"
            )
        if seen:
            seen[-1].made.append(result)
        self._recordings._add(names, result)

    def before_call(self, module: nn.Module) -> None:
        """Note that a call of a layer begins."""
        if self._names_of(module):
            self._seen.setdefault(module, []).append(_SeenCall())

    def after_call(self, module: nn.Module, result: object) -> None:
        """Note what a call of a layer ran: torch's kernel once, never or several times."""
        if not (calls := self._seen.get(module)):
            return  # the block was opened during the call
        call = calls.pop()
        if result is None and sys.exc_info()[1] is not call.handled:
            return  # the call raised an error
        if not call.made:
            self._recordings._add(self._names_of(module), self._without_kernel(module))
        elif len(call.made) > 1:
            self._recordings._number(self._names_of(module), call.made)

    def _without_kernel(self, module: nn.Module) -> str:
        """Return why a call that ran no kernel is not recorded."""
        change = change_of_steps(module)
        if change is None:  # a mode, or torch's switch, hid it
            return (
                "torch's kernel was not seen in this call, expected one run. Call it without a"
                " TorchFunctionMode and without torch._C.DisableTorchFunction"
            )
        inner = [
            f"{self._names_of(module)[0]}.{n}".strip(".") for n in recurrent_names(module) if n
        ]
        listed = ", ".join(map(repr, inner[:4]))
        more = f". The layers inside it are recorded: {listed}" if inner else ""
        return (
            f"{change}, and torch's kernel didn't run in this call, expected one run. Leave such"
            f" calls out of the block{more}"
        )

    def _names_of(self, module: nn.Module) -> list[str]:
        if module not in self._names:
            layers = _layers_of(self._model).items()
            self._names[module] = [name for name, layer in layers if layer is module]
        return self._names[module]


def _layers_of(model: nn.Module) -> dict[str, nn.Module]:
    """Return the recurrent layers of ``model`` by all of their names."""
    modules = model.named_modules(remove_duplicate=False)
    return {n: m for n, m in modules if isinstance(m, nn.RNNBase | nn.RNNCellBase)}


def _without_wrappers(model: nn.Module, name: str) -> str:
    """Return ``name`` without the parts that a compiled model or a DataParallel adds."""
    parts, parent = [], model
    for part in filter(None, name.split(".")):
        if part != "_orig_mod" and not (part == "module" and isinstance(parent, _PARALLEL)):
            parts.append(part)
        parent = parent.get_submodule(part)
    return ".".join(parts)


def _has_torchs_call(layer: nn.Module) -> bool:
    """Return whether each call as ``layer(inputs)`` runs torch's global hooks."""
    steps = ("__call__", "_wrapped_call_impl", "_call_impl")
    own = any(getattr(type(layer), step) is not getattr(nn.Module, step) for step in steps)
    return not own and vars(layer).keys().isdisjoint(steps[1:])


def _is_compiled(model: nn.Module) -> bool:
    return any("_orig_mod" in module._modules for module in model.modules())


def _is_one_of_several(recording: Recording) -> bool:
    return any(note.startswith(RUN_OF_CALL.partition("{")[0]) for note in recording.notes)
