"""Errors for modules and inputs that cannot be recorded, with what to pass instead."""

from collections.abc import Mapping
from os import PathLike
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

_RECURRENT = (nn.RNN, nn.LSTM, nn.GRU, nn.RNNCell, nn.LSTMCell, nn.GRUCell)
_RECURRENT_NAMES = {kind.__name__ for kind in _RECURRENT}
_ATTENTION = (
    nn.Transformer,
    nn.TransformerEncoderLayer,
    nn.TransformerDecoderLayer,
    nn.MultiheadAttention,
)
_NAMED_AT_MOST = 4
_QUANTISED = (
    "it is quantised, so its gates are never computed in float32. Pass the model as it was before"
    " quantisation"
)
EXPECTED = "expected a torch.nn.RNN, LSTM or GRU, or one of their cells"


def not_recurrent(given: object) -> TypeError:
    """Return the error for a value that is not a recurrent module of torch.nn."""
    kind = given if isinstance(given, type) else type(given)
    what = f"the class {kind.__qualname__}" if kind is given else f"a {full_name(given)}"
    return TypeError(f"module is {what}, {EXPECTED}. {_instead_of(given)}")


def full_name(given: object) -> str:
    """Return the name of ``given``'s class with its module."""
    return f"{type(given).__module__}.{type(given).__qualname__}"


def recurrent_names(model: nn.Module) -> list[str]:
    """Return the names of all RNNs, LSTMs, GRUs and cells in ``model``, each module once."""
    return [name for name, module in model.named_modules() if isinstance(module, _RECURRENT)]


def why_none(model: nn.Module) -> str:
    """Return why no recurrent layer of torch.nn was found in ``model``, and the next step."""
    if any(isinstance(module, torch.jit.ScriptModule) for module in model.modules()):
        return (
            "a TorchScript module cannot be looked into. Pass the Python model that it was made"
            " from"
        )
    if any("quantiz" in full_name(module) for module in model.modules()):
        return _QUANTISED
    if any(isinstance(module, _ATTENTION) for module in model.modules()):
        return "it is a Transformer, whose attention has no gates. Pass a model with an RNN"
    return "pass a model whose recurrent layer is an attribute, or in an nn.ModuleList"


def scripted_layer(model: nn.Module) -> str | None:
    """Return the first recurrent layer in TorchScript in ``model``, as Python reaches it."""
    for name, module in model.named_modules():
        if isinstance(module, torch.jit.ScriptModule) and module.original_name in _RECURRENT_NAMES:
            return path(model, name)
    return None


def check_whole_model(model: object) -> None:
    """Check that the calls of all recurrent layers in ``model`` can be seen.

    Raises:
        TypeError: if it is not a torch.nn.Module.
        ValueError: if it has no such layer, or one whose calls cannot be seen.
    """
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


def path(model: nn.Module, name: str) -> str:
    """Return the Python expression for the submodule ``name`` of ``model``."""
    text, parent = "model", model
    for part in filter(None, name.split(".")):
        if part.isidentifier():
            text += f".{part}"
        elif part.isdigit() and isinstance(parent, nn.Sequential | nn.ModuleList):
            text += f"[{part}]"
        else:
            return f"model.get_submodule({name!r})"
        parent = parent.get_submodule(part)
    return text


def _instead_of(given: object) -> str:
    if isinstance(given, type):
        return f"Make one first, as {given.__name__}(input_size, hidden_size)."
    if isinstance(given, str | PathLike):
        return (
            "Load the file first: torch.load gives a state dict or a module, gv.load a recording."
        )
    if isinstance(given, Mapping):
        return _instead_of_state_dict(given)
    if not isinstance(given, nn.Module):
        owner = getattr(given, "__self__", None)
        method = " itself, not its method" if isinstance(owner, nn.Module) else ""
        return f"Pass the module{method}: gv.record(module, inputs)."
    if "quantiz" in full_name(given):
        return f"No gates can be recorded: {_QUANTISED}."
    if names := recurrent_names(given):
        return _inside(given, names)
    return f"No such layer was found: {why_none(given)}."


def _inside(model: nn.Module, names: list[str]) -> str:
    whole = "with gv.record_inside(model) as recordings: model(batch)"
    paths = [path(model, name) for name in names]
    if len(paths) == 1:
        return f"Pass {paths[0]}, or record its calls in the whole model: {whole}"
    more = "" if len(paths) <= _NAMED_AT_MOST else f" and {len(paths) - _NAMED_AT_MOST} more"
    listed = ", ".join(paths[:_NAMED_AT_MOST])
    return f"Pass one of {listed}{more}, or record all their calls: {whole}"


def _instead_of_state_dict(state: Mapping[Any, Any]) -> str:
    """Return how to make a module from a state dict, using its shapes."""
    for key, weight in state.items():
        if str(key).endswith("weight_hh_l0") and isinstance(weight, Tensor) and weight.ndim == 2:
            rows, size = weight.shape
            inputs = state.get(str(key).replace("weight_hh", "weight_ih"))
            kind = {4: "LSTM", 3: "GRU", 1: "RNN"}.get(rows // max(size, 1))
            if kind and isinstance(inputs, Tensor) and inputs.ndim == 2:
                made = f"torch.nn.{kind}({inputs.shape[1]}, {size})"
                return (
                    f"It looks like a state dict. Make the module, for one layer {made}, then call"
                    " module.load_state_dict(state_dict) and pass the module."
                )
    return "If it is a state dict, make the module, call load_state_dict and pass the module."


def no_tensor(what: str, given: object, dtype: torch.dtype) -> TypeError:
    """Return the error for inputs or a state that is not a tensor."""
    found = f"{what} is a {type(given).__qualname__}"
    expected = "a torch.Tensor or a PackedSequence" if what == "inputs" else "a torch.Tensor"
    if isinstance(given, np.ndarray):
        same = str(given.dtype) == str(dtype).removeprefix("torch.")
        more = "" if same else f".to({dtype})"
        step = f"pass torch.from_numpy({_argument(what)}){more}"
    elif isinstance(given, list | tuple) and any(isinstance(each, Tensor) for each in given):
        step = (
            "pack sequences of several lengths with torch.nn.utils.rnn.pack_sequence, padded ones"
            " with pack_padded_sequence"
        )
    elif isinstance(given, list | tuple):
        step = f"pass torch.tensor({_argument(what)}, dtype={dtype})"
    else:
        step = "pass what module(inputs) takes"
    return TypeError(f"{found}, expected {expected}: {step}")


def is_plain(tensor: Tensor) -> bool:
    """Return whether ``tensor`` holds numbers of its own that torch's functions compute with.

    Tensors of torch.func, fake and masked tensors, and those of other libraries don't.
    """
    own = type(tensor).__torch_dispatch__ is Tensor.__torch_dispatch__
    return own and not torch._C._functorch.is_functorch_wrapped_tensor(tensor)


def not_plain(what: str, given: Tensor) -> TypeError:
    """Return the error for a tensor that isn't `is_plain`."""
    return TypeError(
        f"{what} is a {type(given).__name__} without numbers of its own, expected a plain tensor:"
        " run this outside of torch.vmap, torch.func, fake tensors and torch.export, and pass"
        " a torch.Tensor"
    )


def wrong_packing(why: str) -> ValueError:
    """Return the error for a PackedSequence whose parts don't fit together."""
    return ValueError(
        f"inputs is a PackedSequence whose {why}: make it with torch.nn.utils.rnn.pack_sequence or"
        " pack_padded_sequence"
    )


def wrong_dtype(what: str, given: Tensor, dtype: torch.dtype) -> TypeError:
    """Return the error for a tensor of another dtype than the module's."""
    name = _argument(what)
    step = f"pass {name}.to({dtype})"
    if what.startswith("inputs") and not given.is_floating_point() and not given.is_complex():
        step += (
            ", or where they are token ids what the embedding makes of them, as"
            " embedding(inputs); gv.record_inside(model) does so in a whole model"
        )
    elif given.is_complex():
        step = f"pass its real part, {name}.real.to({dtype})"
    return TypeError(f"{what} is {given.dtype}, expected the module's {dtype}: {step}")


def wrong_size(given: Tensor, size: int, layout: str) -> ValueError:
    """Return the error for inputs (…, another size than ``size``)."""
    shape = tuple(given.shape)
    axes = [axis for axis, n in enumerate(shape[:-1]) if n == size]
    if size == 1:
        step = "add the axis of the one feature with inputs.unsqueeze(-1)"
    elif axes:
        step = f"if axis {axes[-1]} holds the features, pass inputs.movedim({axes[-1]}, -1)"
    else:
        step = f"pass {size} features, or a module with input_size {shape[-1]}"
    return ValueError(
        f"inputs has shape {shape}, expected {layout} with I = {size}, the module's"
        f" input_size: {step}"
    )


def wrong_axes(given: Tensor, size: int, layout: str, one_step: bool) -> ValueError:
    """Return the error for inputs with too few or too many axes."""
    axes, last = given.ndim, given.shape[-1] if given.ndim else 0
    if one_step and axes > 2:
        step = (
            "a cell takes one step, as inputs[0]; gv.record_inside(model) records a model's whole"
            " loop"
        )
    elif axes > 3:
        step = "join the axes before the last two or three, as inputs.flatten(0, -3)"
    elif axes == 1 and last == size and not one_step:
        step = "one step is inputs.unsqueeze(0)"
    elif axes == 1 and size == 1:
        step = "a series of one feature is inputs.unsqueeze(-1)"
    else:
        step = "pass at least one step with its features last"
    return ValueError(
        f"inputs has shape {tuple(given.shape)}, expected {layout} with I = {size}: {step}"
    )


def _argument(what: str) -> str:
    """Return how Python names what can be converted: h_0 for "h_0 of state"."""
    return what.removesuffix(" of state").removesuffix(".data")
