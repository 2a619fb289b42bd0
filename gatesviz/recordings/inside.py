"""Record every recurrent layer inside a whole model while the model runs.

The functions of torch that compute a layer, such as ``torch._VF.lstm``, are intercepted. Nothing is
registered on the model. Such a function receives the final numbers, after all hooks, replaced
``forward`` methods and parametrizations.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from types import FrameType
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from gatesviz.names import did_you_mean
from gatesviz.recordings.behaviour import change_of_output
from gatesviz.recordings.join import join
from gatesviz.recordings.kernels import KERNELS, LAYOUT, Call, random_state, record_call
from gatesviz.recordings.recorder import Snapshots
from gatesviz.recordings.recording import CHANGED_AFTER, Recording
from gatesviz.recordings.refusals import (
    full_name,
    path,
    recurrent_names,
    scripted_layer,
    why_none,
)

_PARALLEL = (nn.DataParallel, nn.parallel.DistributedDataParallel)


@contextmanager
def record_inside(model: nn.Module) -> Iterator["Recordings"]:
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

    Raises:
        TypeError: if ``model`` is not a torch.nn.Module.
        ValueError: if it has no such layer, or one whose calls cannot be intercepted.
    """
    _check_model(model)
    recordings = Recordings(model)
    with _uncompiled(), _Watch(model, recordings):
        yield recordings


class Recordings(Mapping[str, list[Recording]]):
    """The result of `record_inside`: name of a recurrent layer -> a list with a recording per call.

    Names are those of ``model.named_modules()``, "" for the model itself. ``_orig_mod`` of a
    compiled model and ``module`` of a torch.nn.DataParallel may be left out. A layer that was not
    called has an empty list, and a layer with two names has the same recordings under both.
    """

    def __init__(self, model: nn.Module) -> None:
        names = _layers_of(model)
        self._calls: dict[str, list[Recording | str]] = {name: [] for name in names}
        changes = {name: change_of_output(layer) for name, layer in names.items()}
        self._changes = {name: change for name, change in changes.items() if change}
        self._short = {_without_wrappers(model, name): name for name in names}

    def __getitem__(self, name: str) -> list[Recording]:
        """Return the recordings of the layer ``name`` in the order of its calls.

        Raises:
            KeyError: if there is no such layer.
            ValueError: if one of its calls could not be recorded; the message says why.
        """
        calls = self._calls.get(name, self._calls.get(self._short.get(name, name)))
        if calls is None:
            hint = did_you_mean(name, self._calls)
            raise KeyError(f"no layer {name!r}, expected one of {list(self._calls)}{hint}")
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
            change = self._changes.get(name, self._changes.get(self._short.get(name, name)))
            if change is not None:
                raise ValueError(
                    f"layer {name!r} has no recorded call: {change}, expected one that calls"
                    " torch's kernel. If it was called in the block, it can't be recorded"
                )
            raise ValueError(f"layer {name!r} was not called: call the model inside the block")
        return join(calls)

    def __iter__(self) -> Iterator[str]:
        return iter(self._calls)

    def __len__(self) -> int:
        return len(self._calls)

    def __repr__(self) -> str:
        counts = ", ".join(f"{name!r}: {len(calls)} calls" for name, calls in self._calls.items())
        return f"Recordings({counts})"

    def _add(self, names: Iterable[str], call: Recording | str) -> None:
        for name in names:
            self._calls.setdefault(name, []).append(call)


class _Watch(TorchFunctionMode):
    """Runs every function of torch unchanged, and records the calls of recurrent ones.

    In nested blocks the outer one records the call, too; `torch.overrides` keeps the order.
    """

    def __init__(self, model: nn.Module, recordings: Recordings) -> None:
        super().__init__()
        self._model, self._recordings = model, recordings
        self._names: dict[nn.Module, list[str]] = {}
        self._snapshots: dict[nn.Module, Snapshots] = {}

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Call ``func`` unchanged and record it if it is a recurrent kernel."""
        if func not in KERNELS:
            return func(*args, **(kwargs or {}))
        random = random_state(args[0].device)
        result = func(*args, **(kwargs or {}))
        module, layout = _caller(sys._getframe(1))
        if module is not None:
            self._keep(module, Call(func, args, layout, random, result))
        return result

    def _keep(self, module: nn.Module, call: Call) -> None:
        names = self._names_of(module)
        if not names:
            return
        try:
            made = record_call(call, self._snapshots.setdefault(module, {}))
            if (change := change_of_output(module)) is not None:
                made = replace(made, notes=(*made.notes, CHANGED_AFTER.format(change)))
            result: Recording | str = made
        except (TypeError, ValueError) as error:
            result = str(error)
        except Exception as error:  # the model's own call succeeded and must return
            reason = str(error).partition("\n")[0]
            result = (
                f"PyTorch could not compute it again ({type(error).__name__}: {reason}), expected"
                " plain tensors: call the model without torch.func, fake tensors or torch.export"
            )
        self._recordings._add(names, result)

    def _names_of(self, module: nn.Module) -> list[str]:
        if module not in self._names:
            layers = _layers_of(self._model).items()
            self._names[module] = [name for name, layer in layers if layer is module]
        return self._names[module]


def _caller(frame: FrameType | None) -> tuple[nn.Module | None, dict[str, Any]]:
    """Return the calling layer and the layout of its inputs."""
    while frame is not None:
        known = frame.f_locals
        if isinstance(known.get("self"), nn.RNNBase | nn.RNNCellBase):
            return known["self"], {name: known[name] for name in LAYOUT if name in known}
        frame = frame.f_back
    return None, {}


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


def _uncompiled() -> AbstractContextManager[Any]:
    """Return a block in which compiled models run uncompiled, so that their calls are seen."""
    if "torch._dynamo" not in sys.modules:  # nothing was compiled, and importing it is slow
        return nullcontext()
    eager: AbstractContextManager[Any] = torch.compiler.set_stance("force_eager")
    return eager


def _check_model(model: object) -> None:
    if not isinstance(model, nn.Module):
        raise TypeError(
            f"model is a {full_name(model)}, expected a torch.nn.Module: pass the model itself and"
            " call it inside the block"
        )
    if unseen := scripted_layer(model):
        raise ValueError(
            f"{unseen} is a TorchScript module, whose calls cannot be seen, expected modules of"
            " torch.nn: pass the Python model that it was made from"
        )
    for name, module in model.named_modules():
        if isinstance(module, nn.DataParallel) and len(module.device_ids) > 1:
            raise ValueError(
                f"{path(model, name)} is a DataParallel on {len(module.device_ids)} devices, whose"
                f" copies run in other threads, expected one: pass {path(model, name)}.module"
            )
    if not recurrent_names(model):
        raise ValueError(
            f"the model has no RNN, LSTM, GRU or cell of torch.nn, expected one: {why_none(model)}"
        )
