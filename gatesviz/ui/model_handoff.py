"""Models that were trained on *Train live*, handed to the other pages.

They stay in the browser session. No link can hold weights: it holds the settings and the update
of the run, so that the model can be trained again, to the same bits, from its seed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike, NDArray

from gatesviz.cells import CELLS
from gatesviz.tasks import Task
from gatesviz.training import History, Model, OwnData, TrainingSpec
from gatesviz.ui.folders import app_folder
from gatesviz.ui.links import Parameter, Text

if TYPE_CHECKING:
    from torch import nn

    from gatesviz.fresh import Module

PARAMETERS: Mapping[str, Parameter] = {"run": Text(4_000)}
_MODELS, _RUN = "handed models", "handed run"


@dataclass(frozen=True, eq=False)
class Handed:
    """A model as it was after some updates of a run.

    Attributes:
        model: its weights.
        history: of the whole run, as far as it had come; the models of other updates are there.
        key: text that no other handed model has, for caches.
    """

    model: Model
    history: History
    key: str

    @property
    def spec(self) -> TrainingSpec:
        """What was trained, and how."""
        return self.model.spec

    @property
    def update(self) -> int:
        """After how many updates."""
        return self.model.updates

    @property
    def cell(self) -> str:
        """Key of `gatesviz.cells.CELLS`."""
        return self.spec.cell

    @property
    def task(self) -> Task:
        """What it learns."""
        return self.spec.learned

    @property
    def vocabulary(self) -> tuple[str, ...] | None:
        """The characters it reads, one-hot in this order; None where it reads numbers."""
        return self.task.vocabulary

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a table that it reads, by name; () where it reads one, or none."""
        data = self.spec.task
        if not isinstance(data, OwnData) or not data.input_names:
            return ()
        return data.title, *data.input_names

    def scaled(self, rows: ArrayLike) -> NDArray[np.float32]:
        """Return rows (T, 1 + K) of its `columns` as it reads them: see `OwnData.standardised`.

        Raises:
            TypeError: if it reads no columns of a table.
        """
        if not isinstance(self.spec.task, OwnData):
            raise TypeError(f"“{self.task.title}” is no data of the reader's own")
        return self.spec.task.standardised(rows)

    @property
    def example(self) -> str:
        """A good first input."""
        return self.task.example

    @property
    def name(self) -> str:
        """A few words, as in "LSTM after 600 updates"."""
        return f"{CELLS[self.cell].name} after {self.update:,} updates"

    @property
    def description(self) -> str:
        """A sentence: what it was trained to do, and how well it did."""
        known = self.history.scored <= self.update
        score = f"{self.history.scores[known][-1]:.4g}" if known.any() else "not taken yet"
        units = self.spec.actual_hidden_size
        return (
            f"Your {CELLS[self.cell].name} with {units} {'unit' if units == 1 else 'units'} after"
            f" {self.update:,} updates, trained to do this: {self.task.title.lower()}"
            f" ({self.task.metric} on held-out sequences: {score})."
        )

    @cached_property
    def _modules(self) -> "tuple[Module, nn.Linear]":
        return self.model.modules()

    @property
    def module(self) -> "Module":
        """The ``torch.nn`` module, time first, in evaluation mode: not to be changed."""
        return self._modules[0]

    @property
    def readout(self) -> "nn.Linear":
        """h (T, B, D·H) -> (T, B, O): not to be changed."""
        return self._modules[1]

    def answers(self, output: ArrayLike) -> NDArray[np.float32]:
        """Return what the readout says of ``output`` (..., D·H), as `Task.answers`: (..., O)."""
        import torch

        with torch.no_grad():
            said = self.readout(torch.tensor(np.asarray(output, np.float32)))
            values: NDArray[np.float32] = self.task.answers(said).numpy()
        return values


def hand(models: Sequence[Handed], run: Mapping[str, str]) -> dict[str, str]:
    """Give ``models``, all of one task, to the other pages; those of before are forgotten.

    ``run`` are the parameters of *Train live* that make them again. Returns what a link to a page
    should carry of it: a page that has to add it itself makes an address that Back comes back to.
    """
    st.session_state[_MODELS], st.session_state[_RUN] = tuple(models), urlencode(run)
    return {"run": st.session_state[_RUN]}


def handed() -> tuple[Handed, ...]:
    """Return what was given last, one a cell; empty before, and after a reload."""
    models: tuple[Handed, ...] = st.session_state.get(_MODELS, ())
    return models


def name_in_link(used: bool) -> None:
    """Call when a page has chosen its models: the address names the run if they are ``used``."""
    run = st.session_state.get(_RUN)
    if used and run:
        st.query_params["run"] = run
    elif run and "run" in st.query_params:
        del st.query_params["run"]


def offer_training() -> None:
    """Say, where a link speaks of a model that is not here, how it can be had again."""
    st.info(
        "The link speaks of a model that somebody trained. Weights do not travel in a link, but"
        " the same run gives the same weights: train it again, then open it here."
    )
    page = app_folder() / "pages" / "train.py"
    st.page_link(
        page,
        label="Train it again",
        query_params={k: text for k, text in run_in_link().items() if k.startswith("tr")},
    )


def run_in_link() -> dict[str, str]:
    """Return the parameters of *Train live* that the address gives; empty where it names no run."""
    told = st.query_params.get("run", "")
    return {} if PARAMETERS["run"].problem(told) else dict(parse_qsl(told))
