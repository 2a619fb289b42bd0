"""Torch's default dtype and device are for the user's own tensors and change no number."""

from threading import Event, Thread

import numpy as np
import pytest
import torch

import gatesviz as gv
from gatesviz.fresh import fresh, plain_defaults
from gatesviz.recordings.stepwise import StepModule

CPU = {"device": "cpu", "dtype": torch.float32}
SPEC = gv.TrainingSpec("recall", hidden_size=4, length=10)


def measured(path):
    """Return numbers of every part of the library that computes with torch."""
    x = torch.linspace(-1, 1, 48, **CPU).view(4, 4, 3)
    lstm, step = fresh("lstm", 3, 5, seed=1), StepModule("gru_reset_before", 3, 5, **CPU)
    readout = torch.nn.Linear(5, 2, bias=False, **CPU)
    with torch.no_grad():
        for weight in (*step.parameters(), *readout.parameters()):
            weight.copy_(torch.linspace(-1, 1, weight.numel(), **CPU).view(weight.shape))
    packed = torch.nn.utils.rnn.PackedSequence(
        x.flatten(0, 1), torch.tensor([8, 5, 3], device="cpu")
    )
    edited = gv.record(lstm, x, edits=[gv.Edit("f", 0.5, steps=[1], units=[2]), gv.Edit("i", 1)])
    recording = gv.record(lstm, packed)
    edited.to_html(path, readout=readout)
    flows = [
        gv.gradient_flow(lstm, x, lambda y, s: y.sum() + s[1].sum()),
        gv.gradient_flow(lstm, packed, lambda y: y.data.sum()),
        gv.gradient_flow(step, x, lambda y: y.sum()),
    ]
    torch.save(lstm.state_dict(), path.with_suffix(".pt"))
    opened, trained = gv.open_model(path.with_suffix(".pt")), gv.load_trained("recall-lstm")
    harm = gv.ablate(trained, [0], sequences=5)[0].harm.estimate
    return [
        edited.output,
        recording.output,
        *(part for flow in flows for part in (flow.inputs, *flow.paths.values())),
        gv.influence(lstm, x, lambda y: y[-1, :, 0]),
        gv.singular_values(recording.trace()),
        gv.singular_values(flows[2].recording.trace()),
        gv.advance(gv.start(SPEC), 2)[0].weights,
        *(weight.detach().numpy() for weight in opened.module.parameters()),
        trained.readout.weight.detach().numpy(),
        opened.features([0, 2, 1]).numpy(),
        gv.load_trained("characters-lstm").continue_text("the ", 3).chances,
        harm,
    ]


def test_defaults_change_no_number(tmp_path):
    expected = measured(tmp_path / "a.html")
    page = (tmp_path / "a.html").read_bytes()
    torch.set_default_dtype(torch.float64)
    try:
        # the device of a GPU that isn't there: a tensor that forgets its device has no values
        with torch.device("meta"):
            found = measured(tmp_path / "a.html")
            assert torch.get_default_dtype() is torch.float64
            assert torch.empty(1).is_meta
    finally:
        torch.set_default_dtype(torch.float32)
    assert (tmp_path / "a.html").read_bytes() == page
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)
        assert np.asarray(one).dtype == np.asarray(other).dtype


def test_defaults_are_set_back_after_an_error():
    torch.set_default_dtype(torch.float64)
    try:
        with pytest.raises(ValueError, match="no trained model 'none'"):
            gv.load_trained("none")
        assert torch.get_default_dtype() is torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


def test_a_thread_that_leaves_first_changes_nothing_for_one_that_is_still_inside():
    one_is_in, two_is_in, one_is_out = Event(), Event(), Event()
    seen = []

    def one():
        with plain_defaults():
            one_is_in.set()
            two_is_in.wait(10)
        one_is_out.set()

    def two():
        one_is_in.wait(10)
        with plain_defaults():
            two_is_in.set()
            one_is_out.wait(10)
            seen.append(torch.empty(1).dtype)

    torch.set_default_dtype(torch.float64)
    try:
        threads = [Thread(target=one), Thread(target=two)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert seen == [torch.float32]
        assert torch.get_default_dtype() is torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
