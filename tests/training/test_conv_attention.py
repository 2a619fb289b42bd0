"""Runs with a convolution, with attention and with both are runs like any other."""

import pickle

import numpy as np
import pytest
import torch

from gatesviz.training import History, advance, open_run, save_run, start
from gatesviz.training.network import Network
from gatesviz.training.parts import empty_parts
from gatesviz.training.samples import probe
from tests.training.making import bits, small

BOTH = small(
    convolution=3,
    attention=True,
    layers=2,
    dropout=0.3,
    bidirectional=True,
    cell="gru",
    data_size=6,
)
SPECS = [small(convolution=2), small(attention=True, cell="rnn_tanh", layers=3), BOTH]


def name_of(spec):
    return "-".join(name for name in ("convolution", "attention") if getattr(spec, name))


@pytest.mark.parametrize("spec", SPECS, ids=name_of)
def test_counts_are_torchs(spec):
    parts = empty_parts(spec)
    assert spec.parameter_count == sum(p.numel() for p in parts.module.parameters())
    everything = [part for part in parts if part is not None]
    counted = sum(p.numel() for part in everything for p in part.parameters())
    assert spec.weight_count == start(spec).weights.size == counted
    assert spec.input_size == parts.module.input_size


def test_the_order_of_the_weights():
    """The recurrent module's, the readout's, the convolution's, the attention's."""
    module, readout, convolution = empty_parts(BOTH)
    ours = empty_parts(BOTH)._replace(module=module, readout=readout, convolution=convolution)
    wanted = [*module.parameters(), readout.weight, readout.bias]
    wanted += [convolution.weight, convolution.bias, readout.score.weight]
    assert [id(p) for p in ours.parameters] == [id(p) for p in wanted]


@pytest.mark.parametrize("spec", SPECS, ids=name_of)
def test_neither_slices_nor_pickling_show(spec):
    whole, snapshots = advance(start(spec), 12)
    state, told = start(spec), []
    for updates in (1, 4, 7):
        state, more = advance(pickle.loads(pickle.dumps(state)), updates)
        told += [snapshot.loss for snapshot in more]
    assert bits(state) == bits(whole)
    assert told == [snapshot.loss for snapshot in snapshots]


@pytest.mark.parametrize("spec", SPECS, ids=name_of)
def test_every_weight_learns(spec):
    state, _ = advance(start(spec), 1)
    network = Network(spec)
    for before, after in zip(
        np.split(start(spec).weights, offsets(network)),
        np.split(state.weights, offsets(network)),
        strict=True,
    ):
        assert (before != after).mean() > 0.5


def offsets(network):
    return np.cumsum([parameter.numel() for parameter in network.parameters])[:-1]


@pytest.mark.parametrize("spec", SPECS, ids=name_of)
def test_the_loss_falls(spec):
    _, snapshots = advance(start(spec), 150)
    losses = [snapshot.loss for snapshot in snapshots]
    assert np.mean(losses[-20:]) < 0.8 * np.mean(losses[:20])


@pytest.mark.parametrize("spec", SPECS, ids=name_of)
def test_a_models_answers_are_those_that_are_scored(spec):
    state, inputs = advance(start(spec), 2)[0], probe(spec).inputs
    network = Network(spec)
    network.weights.copy_(torch.tensor(state.weights))
    with torch.no_grad():
        assert torch.equal(network.outputs(inputs), state.model.outputs(inputs))
        assert torch.equal(state.readout()(state.module()(state.model.features(inputs))[0]),
                           state.model.outputs(inputs))  # fmt: skip


@pytest.mark.parametrize("spec", SPECS, ids=name_of)
def test_a_saved_run_comes_back_and_goes_on(spec, tmp_path):
    state, snapshots = advance(start(spec), 9)
    save_run(tmp_path / "run", state, History(spec).add(snapshots))
    again, history = open_run(tmp_path / "run")
    assert bits(again) == bits(state)
    assert history.model_at(8).spec == spec
    assert bits(advance(again, 3)[0]) == bits(advance(state, 3)[0])


def test_attention_counts_in_what_an_update_may_cost():
    """Every weight meets every step; so does every state before it, in score and mixture."""
    plain, spec = small(length=50), small(length=50, attention=True)
    more = spec.weight_count - plain.weight_count
    assert spec.products - plain.products == 50 * 256 * (more + 2 * 50 * 4)
