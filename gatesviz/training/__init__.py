"""Training as a pure fold: the same spec and seed give the same bits, however it is sliced.

    >>> import gatesviz as gv
    >>> spec = gv.TrainingSpec(task="recall", cell="lstm", hidden_size=16, length=20, seed=0)
    >>> state = gv.start(spec)                                            # doctest: +SKIP
    >>> history = History(spec)                                           # doctest: +SKIP
    >>> state, snapshots = gv.advance(state, updates=50)                  # doctest: +SKIP
    >>> history = history.add(snapshots)                                  # doctest: +SKIP

`spec` → `parts` → `network` → `initial` → `snapshots`, `model` → `state` → `fold` → `run_files`;
what may stand around the recurrent module is in `conv_attention`, and `script` writes a run as
plain PyTorch. A spec, a state, a snapshot and a history are plain values and need no torch; a name
here loads its module when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gatesviz.training.fold import advance as advance
    from gatesviz.training.fold import replay as replay
    from gatesviz.training.fold import start as start
    from gatesviz.training.model import History as History
    from gatesviz.training.model import TrainedModel as TrainedModel
    from gatesviz.training.run_files import open_run as open_run
    from gatesviz.training.run_files import save_run as save_run
    from gatesviz.training.samples import probe as probe
    from gatesviz.training.script import to_script as to_script
    from gatesviz.training.snapshots import Snapshot as Snapshot
    from gatesviz.training.spec import TrainingSpec as TrainingSpec
    from gatesviz.training.state import State as State
    from gatesviz.training.state import with_learning_rate as with_learning_rate
    from gatesviz.training.user_data import OwnData as OwnData
    from gatesviz.training.user_data import own_series as own_series
    from gatesviz.training.user_data import own_text as own_text
    from gatesviz.training.user_table import further_columns as further_columns
    from gatesviz.training.user_table import own_columns as own_columns
    from gatesviz.training.user_table import table_of as table_of

_HOME = {
    "History": "model",
    "TrainedModel": "model",
    "OwnData": "user_data",
    "Snapshot": "snapshots",
    "State": "state",
    "TrainingSpec": "spec",
    "advance": "fold",
    "further_columns": "user_table",
    "open_run": "run_files",
    "own_columns": "user_table",
    "own_series": "user_data",
    "own_text": "user_data",
    "probe": "samples",
    "replay": "fold",
    "save_run": "run_files",
    "start": "fold",
    "table_of": "user_table",
    "to_script": "script",
    "with_learning_rate": "state",
}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {__all__}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
