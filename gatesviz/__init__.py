"""gatesviz: see what the gates and states of an RNN, LSTM or GRU do, in the model's own numbers.

CONTRIBUTING.md lists which package may import which.

    >>> import gatesviz as gv
    >>> recording = gv.record(my_lstm, x)                    # doctest: +SKIP
    >>> recording.trace().gates["f"]                         # doctest: +SKIP

Importing gatesviz loads neither torch nor Streamlit nor Plotly. A name loads its module at first
use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gatesviz.version import __version__ as __version__

if TYPE_CHECKING:
    from gatesviz.cells import CELLS as CELLS
    from gatesviz.detective import ablate as ablate
    from gatesviz.detective import confirm as confirm
    from gatesviz.detective import find as find
    from gatesviz.detective import rank as rank
    from gatesviz.gradients import GradientFlow as GradientFlow
    from gatesviz.gradients import gradient_flow as gradient_flow
    from gatesviz.gradients import influence as influence
    from gatesviz.gradients import jacobians as jacobians
    from gatesviz.gradients import singular_values as singular_values
    from gatesviz.model_files import OpenedModel as OpenedModel
    from gatesviz.model_files import open_model as open_model
    from gatesviz.recordings import Edit as Edit
    from gatesviz.recordings import Recording as Recording
    from gatesviz.recordings import join as join
    from gatesviz.recordings import load as load
    from gatesviz.recordings import record as record
    from gatesviz.recordings import record_inside as record_inside
    from gatesviz.sequences import Sequence as Sequence
    from gatesviz.traces import Trace as Trace
    from gatesviz.trained import PackagedModel as PackagedModel
    from gatesviz.trained import load_trained as load_trained
    from gatesviz.training import TrainedModel as TrainedModel
    from gatesviz.training import TrainingSpec as TrainingSpec
    from gatesviz.training import advance as advance
    from gatesviz.training import start as start

_HOME = {
    "CELLS": "cells",
    "Edit": "recordings",
    "GradientFlow": "gradients",
    "OpenedModel": "model_files",
    "PackagedModel": "trained",
    "Recording": "recordings",
    "Sequence": "sequences",
    "Trace": "traces",
    "TrainedModel": "training",
    "TrainingSpec": "training",
    "ablate": "detective",
    "advance": "training",
    "confirm": "detective",
    "find": "detective",
    "gradient_flow": "gradients",
    "influence": "gradients",
    "jacobians": "gradients",
    "join": "recordings",
    "load": "recordings",
    "load_trained": "trained",
    "open_model": "model_files",
    "rank": "detective",
    "record": "recordings",
    "record_inside": "recordings",
    "singular_values": "gradients",
    "start": "training",
}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        from gatesviz.names import did_you_mean

        raise AttributeError(
            f"module 'gatesviz' has no attribute {name!r}; expected one of"
            f" {__all__}{did_you_mean(name, __all__)}"
        )
    return getattr(import_module(f"gatesviz.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
