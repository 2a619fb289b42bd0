"""The tap agrees with the recovery, and steps aside when it does not or may not."""

import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from gatesviz.recordings import onednn, record
from tests.recordings.cases import Case, torch_result

ROOT = Path(__file__).parents[2]
needs_onednn = pytest.mark.skipif(not torch._C._has_mkldnn, reason="torch without oneDNN here")


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    monkeypatch.setattr(onednn, "SWITCHED_OFF", False)
    onednn._tell.cache_clear()
    onednn._trust.clear()
    yield
    onednn._tell.cache_clear()
    onednn._trust.clear()


@needs_onednn
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("size", [(1, 1, 1, 3), (7, 5, 3, 16), (20, 2, 70, 64), (3, 33, 256, 8)])
def test_both_ways_agree(size, bias, monkeypatch):
    T, B, I, H = size  # noqa: E741
    case = Case(
        layers=2,
        bidirectional=True,
        bias=bias,
        given_state=True,
        steps=T,
        samples=B,
        input_size=I,
        hidden_size=H,
    )
    tapped = record(case.module(), case.inputs(), case.state())
    monkeypatch.setattr(onednn, "SWITCHED_OFF", True)
    recovered = record(case.module(), case.inputs(), case.state())

    assert recovered.notes == (onednn.RECOVERED,)
    if tapped.notes == (onednn.FAILED,) and not torch.__version__.startswith("2.13."):
        pytest.skip(f"torch {torch.__version__} lays its workspace out differently: no tap")
    assert tapped.notes == (onednn.TAPPED,)
    for key, trace in tapped.traces.items():
        other = recovered.traces[key]
        for group in ("gates", "states"):
            for name, array in getattr(trace, group).items():
                np.testing.assert_allclose(array, getattr(other, group)[name], atol=5e-6)


CASE = Case(layers=2, bidirectional=True, given_state=True, steps=40, samples=3)


def recorded(case=CASE):
    return record(case.module(), case.inputs(), case.state())


def right_numbers(recording, case=CASE) -> None:
    """Hold every step of ``recording`` against the LSTM's equations, and its end against torch."""
    output, states = torch_result(case.module(), case.inputs(), case.state())
    np.testing.assert_allclose(recording.output, output, atol=5e-6)
    for found, wanted in zip(recording.state, states, strict=True):
        np.testing.assert_allclose(found, wanted, atol=5e-6)
    for trace in recording.traces.values():
        from_input, from_state = zip(*trace.products().values(), strict=True)
        sums = dict(zip("ifgo", np.add(from_input, from_state), strict=True))
        for letter, gate in trace.gates.items():
            wanted = np.tanh(sums[letter]) if letter == "g" else 1 / (1 + np.exp(-sums[letter]))
            np.testing.assert_allclose(gate, wanted, atol=5e-6)
        i, f, g, o = trace.gates.values()
        np.testing.assert_allclose(trace.after("c"), f * trace.before("c") + i * g, atol=5e-6)
        np.testing.assert_allclose(trace.after("h"), o * np.tanh(trace.after("c")), atol=5e-6)


def falls_back(caplog) -> None:
    with caplog.at_level(logging.INFO):
        recording = recorded()
        recorded()
    assert recording.notes == (onednn.FAILED,)
    assert len(caplog.records) == 1
    right_numbers(recording)


@needs_onednn
@pytest.mark.parametrize("breakage", ["_padded_row", "_page"])
def test_a_wrong_layout_is_noticed(breakage, monkeypatch, caplog):
    """As if another release had moved things: right numbers all the same, and a note."""
    honest = getattr(onednn, breakage)
    monkeypatch.setattr(onednn, breakage, lambda values: honest(values) + 16)
    falls_back(caplog)


@needs_onednn
@pytest.mark.parametrize("group", ["i", "f", "g", "o", "c"])
@pytest.mark.parametrize("step", [0, 20, 39])
def test_one_wrong_number_at_a_step_that_is_tried(group, step, monkeypatch, caplog):
    honest = onednn.tapped_lstm

    def off(*given):
        tapped = honest(*given)
        rows = tapped.scan.c[1:] if group == "c" else tapped.scan.gates[group]
        rows[step, 1, 2] += 0.01
        return tapped

    monkeypatch.setattr(onednn, "tapped_lstm", off)
    falls_back(caplog)


def _refuse(*_):
    raise RuntimeError("could not create a primitive")


OTHERS = {
    "none": None,
    "another arity": lambda *_: (1, 2, 3),
    "refused": _refuse,
    "other arguments": lambda x: x,
    "no workspace": lambda x, *_: (x, x, x[-1:], torch.empty(0, dtype=torch.uint8)),
}
"""`torch.mkldnn_rnn_layer` of another release, or none."""


@needs_onednn
@pytest.mark.parametrize("operator", OTHERS.values(), ids=OTHERS)
def test_another_operator_is_a_fallback(operator, monkeypatch, caplog):
    with monkeypatch.context() as other:
        if operator is None:
            other.delattr(torch, "mkldnn_rnn_layer")
        else:
            other.setattr(torch, "mkldnn_rnn_layer", operator)
        with caplog.at_level(logging.INFO):
            recording, _ = recorded(), recorded()
    assert recording.notes == (onednn.FAILED,)
    assert len(caplog.records) == 1
    right_numbers(recording)


@needs_onednn
@pytest.mark.parametrize("name", ["_has_mkldnn", "_get_mkldnn_enabled"])
def test_private_names_may_go(name, monkeypatch, caplog):
    with monkeypatch.context() as other:
        other.delattr(torch._C, name)
        with caplog.at_level(logging.INFO):
            recording, _ = recorded(), recorded()
    assert recording.notes == (onednn.FAILED,)
    assert len(caplog.records) == 1
    right_numbers(recording)


@needs_onednn
@pytest.mark.parametrize(
    ("setting", "restored"),
    [
        (lambda: torch.set_default_device("meta"), lambda: torch.set_default_device(None)),
        (
            lambda: torch.set_default_dtype(torch.float64),
            lambda: torch.set_default_dtype(torch.float32),
        ),
    ],
    ids=["default device", "default dtype"],
)
@pytest.mark.parametrize("layout", ["batched", "unbatched", "packed", "packed, sorted"])
@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn_tanh", "lstm_proj"])
def test_defaults_of_torch_change_nothing(cell, layout, setting, restored):
    case = Case(cell, layers=2, bidirectional=True, layout=layout)
    module, inputs = case.module(), case.inputs()
    wanted = record(module, inputs)
    setting()
    try:
        found = record(module, inputs)
    finally:
        restored()
    assert found.notes == wanted.notes
    np.testing.assert_array_equal(found.output, wanted.output)
    for key, trace in found.traces.items():
        for letter, gate in trace.gates.items():
            np.testing.assert_array_equal(gate, wanted.traces[key].gates[letter])


PRECISION = """
import numpy as np, torch
from gatesviz.recordings import record
torch.manual_seed(0)
module, x = torch.nn.LSTM(3, 5), torch.randn(6, 4, 3)
wanted = record(module, x)
{setting}
found = record(module, x)
assert found.notes in (wanted.notes, ({failed!r},)), found.notes
np.testing.assert_allclose(found.output, wanted.output, atol=0.02)
for letter, gate in found.trace().gates.items():
    np.testing.assert_allclose(gate, wanted.trace().gates[letter], atol=0.02)
"""


@needs_onednn
@pytest.mark.parametrize(
    "setting",
    [
        "torch.backends.cuda.matmul.fp32_precision = 'tf32'",
        "torch.backends.fp32_precision = 'tf32'",
        "torch.backends.mkldnn.rnn.fp32_precision = 'bf16'",
        "torch.set_float32_matmul_precision('medium')",
    ],
)
def test_settings_of_precision(setting):
    """In a process of its own: torch forbids to mix the two ways of setting it ever after."""
    if "fp32_precision" in setting and not hasattr(torch.backends, "fp32_precision"):
        pytest.skip("this torch has the older setting only")
    code = PRECISION.format(setting=setting, failed=onednn.FAILED)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr[-1000:]


@needs_onednn
def test_numbers_that_are_none_are_no_doubt():
    module, x = CASE.module(), CASE.inputs()
    x[20, 1, 0], x[0, 0, 1] = float("nan"), float("inf")
    notes = record(module, x).notes
    assert notes == record(module, CASE.inputs()).notes


@pytest.mark.parametrize("cell", ["gru", "rnn_tanh", "lstm_proj"])
def test_other_cells_have_no_notes(cell):
    assert record(Case(cell).module(), Case(cell).inputs()).notes == ()


def test_without_onednn():
    torch._C._set_mkldnn_enabled(False)
    try:
        assert record(Case().module(), Case().inputs()).notes == (onednn.RECOVERED,)
    finally:
        torch._C._set_mkldnn_enabled(True)


@needs_onednn
@pytest.mark.parametrize("layout", ["batched", "packed"])
def test_a_trace_looked_at_later_holds_what_was_recorded(layout, monkeypatch):
    """Inputs, states given and returned, and weights may be written to before the first look."""
    case = Case(layers=2, bidirectional=True, given_state=True, layout=layout)
    module = case.module()
    first = record(module, case.inputs(), case.state())  # this one is checked, so it is read
    wanted = {key: (dict(t.gates), dict(t.states)) for key, t in first.traces.items()}
    read, honest = [], onednn._parts
    monkeypatch.setattr(onednn, "_parts", lambda *given: read.append(given) or honest(*given))
    inputs, state = case.inputs(), case.state()
    later = record(module, inputs, state)
    assert len(read) == (0 if layout == "batched" else 4)  # samples end in the middle
    with torch.no_grad():
        for written in (getattr(inputs, "data", inputs), *state, *module.parameters()):
            written.fill_(3)
        later.state[0][...] = later.state[1][...] = 7
    module(Case().random("x", (6, 4, 3)))[0].sum().backward()  # oneDNN fills other workspaces
    for key, (gates, states) in wanted.items():
        for found, group in ((later.traces[key].gates, gates), (later.traces[key].states, states)):
            for name, array in group.items():
                np.testing.assert_array_equal(found[name], array)
    assert len(read) == 4


@needs_onednn
def test_a_shape_is_checked_at_first_and_then_every_hundredth_time(monkeypatch):
    """A failed check ends the trust in every shape."""
    calls, answer = [], [True]
    monkeypatch.setattr(onednn, "holds", lambda x, *_: calls.append(tuple(x.shape)) or answer[0])
    small, large = torch.nn.LSTM(2, 3), torch.nn.LSTM(2, 5)
    x = torch.randn(4, 1, 2)
    for _ in range(2 * onednn.AGAIN):
        record(small, x)
    assert len(calls) == 2
    record(large, x)
    record(small, torch.randn(5, 1, 2))
    assert len(calls) == 4
    answer[0] = False
    assert record(small, torch.randn(6, 1, 2)).notes == (onednn.FAILED,)
    assert record(large, x).notes == (onednn.FAILED,)
    assert len(calls) == 6
