"""Time, memory and parameters: fair turns, bytes and counts known on paper, no process left."""

import json
import multiprocessing
import time
from collections.abc import Callable

import pytest
import torch
from torch import nn

from gatesviz.experiments import Machine
from gatesviz.experiments.claims import BENCHMARKS, PARAMETERS, ROUNDS, Measurement, parameters
from gatesviz.experiments.claims import fused as fused_claim
from gatesviz.experiments.claims import speed as timing_claim
from gatesviz.experiments.claims.benchmarks import SHORTEST, processor_times
from gatesviz.experiments.claims.fused import STEPS, WHOLE, step_by_step
from gatesviz.experiments.claims.memory import (
    ACTIVATIONS,
    WEIGHTS,
    activation_bytes,
    saved_bytes,
    weight_bytes,
)
from gatesviz.fresh import fresh, one_step, unfilled
from gatesviz.training import TrainingSpec, own_text
from gatesviz.training.snapshots import is_scored
from gatesviz.training.threads import alone

CELLS = ("rnn_tanh", "gru", "lstm")
SPECS = {cell: TrainingSpec(task="latch", cell=cell) for cell in CELLS}
MACHINE = Machine(2, "2.13.0", "this machine")


def made(key: str, parts: dict[str, dict[str, float]], rounds: int = 6) -> Measurement:
    """Return what might have been measured: every round a tenth more than the one before."""
    numbers = {
        part: {
            cell: tuple(y * (1 + turn / 10) for turn in range(rounds)) for cell, y in all_.items()
        }
        for part, all_ in parts.items()
    }
    here, first = BENCHMARKS[key], next(iter(numbers.values()))
    if len(numbers) == 1:
        return Measurement(here, first, {}, SPECS, MACHINE, "2026-11-21T10:00:00+00:00")
    one, other = numbers.values()
    join = (lambda a, b: b / a) if key == "fused" else (lambda a, b: a + b)
    values = {cell: tuple(map(join, one[cell], other[cell])) for cell in CELLS}
    return Measurement(here, values, numbers, SPECS, MACHINE, "2026-11-21T10:00:00+00:00")


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    """A processor's clock that only what is measured moves."""
    now = [0.0]
    monkeypatch.setattr(time, "thread_time", lambda: now[0])
    return now


def test_turns_go_round_and_the_first_round_is_thrown_away(clock):
    costs, made_calls = {"a": 0.004, "b": 0.007, "c": 0.05}, []

    def call(kind: str) -> Callable[[], None]:
        def costly() -> None:
            cold = kind not in made_calls
            made_calls.append(kind)
            clock[0] += costs[kind] * (10 if cold else 1)

        return costly

    found = processor_times({kind: call(kind) for kind in costs}, 3)
    assert found == {kind: pytest.approx((1_000 * cost,) * 3) for kind, cost in costs.items()}
    turns = [kind for k, kind in enumerate(made_calls) if k == 0 or made_calls[k - 1] != kind]
    assert turns == [*"abc", *"bca", *"cab", *"abc"]
    assert made_calls.count("c") == 4
    assert made_calls.count("b") >= 3 * SHORTEST / costs["b"]


def failing() -> None:
    with alone():
        assert torch.get_num_threads() == 1
        assert torch.is_grad_enabled()
        assert not torch.is_inference_mode_enabled()
        raise KeyError


def test_the_processor_is_left_as_it_was_found():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        with torch.inference_mode(), pytest.raises(KeyError):
            failing()
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_no_timed_update_looks_at_held_out_samples():
    first, count = timing_claim.BEFORE + 1, timing_claim.UPDATES
    assert not any(map(is_scored, range(first, first + count)))


def test_what_took_a_turn_is_told_for_one_update_and_for_one_gain(monkeypatch):
    monkeypatch.setattr(
        timing_claim, "processor_times", lambda calls, n: dict.fromkeys(calls, (48.0,) * n)
    )
    assert BENCHMARKS["time"].measure("latch", 2).values == dict.fromkeys(CELLS, (2.0, 2.0))

    def planted(calls: dict[str, object], n: int) -> dict[str, tuple[float, ...]]:
        return {kind: (12.0 if kind.endswith(STEPS) else 3.0,) * n for kind in calls}

    monkeypatch.setattr(fused_claim, "processor_times", planted)
    found = BENCHMARKS["fused"].measure("latch", 2)
    assert found.values == dict.fromkeys(CELLS, (4.0, 4.0))
    assert found.parts[WHOLE]["gru"] == (3.0, 3.0)


@pytest.mark.parametrize("key", ["time", "forward"])
def test_less_time_is_yes_and_more_is_no(key):
    findings = made(key, {"": {"rnn_tanh": 1, "gru": 2, "lstm": 4}}).findings()
    assert [one.interval.estimate for one in findings.comparisons] == pytest.approx([0.5, 2, 4])
    assert [one.verdict.answer for one in findings.comparisons] == ["yes", "no", "no"]
    assert made(key, {"": {"rnn_tanh": 1, "gru": 4, "lstm": 2}}).findings().answer == "no"
    assert made(key, {"": {"rnn_tanh": 1, "gru": 2, "lstm": 2}}).findings().answer == "cannot tell"
    assert (
        made(key, {"": {"rnn_tanh": 1, "gru": 2, "lstm": 4}}, 5).findings().answer == "cannot tell"
    )
    assert [point.group for point in findings.points[::6]] == ["RNN (tanh)", "GRU", "LSTM"]
    assert [point.y for point in findings.points[6:8]] == pytest.approx([2, 2.2])
    assert [point.seed for point in findings.points[:6]] == list(range(6))


def test_the_gain_of_a_kernel_is_not_its_speed():
    whole, steps = {"rnn_tanh": 1, "gru": 2, "lstm": 3}, {"rnn_tanh": 2, "gru": 5, "lstm": 30}
    findings = made("fused", {WHOLE: whole, STEPS: steps}).findings()
    assert findings.answer == "yes"  # 10 times against 2.5 times, though the LSTM is still slower
    assert findings.comparisons[0].interval.estimate == pytest.approx(4)
    by_label = {one.label: one.interval.estimate for one in findings.comparisons}
    assert by_label["LSTM time, whole sequence / step by step"] == pytest.approx(0.1)
    assert by_label["time step by step, GRU / LSTM"] == pytest.approx(1 / 6)
    groups = list(dict.fromkeys(point.group for point in findings.points))
    assert groups[-2:] == ["LSTM, whole sequence", "LSTM, step by step"]
    turned = made("fused", {WHOLE: whole, STEPS: {"rnn_tanh": 2, "gru": 50, "lstm": 30}}).findings()
    assert turned.answer == "no"


def test_memory_tells_weights_and_activations_apart():
    weights = {"rnn_tanh": 1, "gru": 3, "lstm": 4}
    activations = {"rnn_tanh": 10, "gru": 50, "lstm": 20}
    findings = made("memory", {WEIGHTS: weights, ACTIVATIONS: activations}).findings()
    assert findings.answer == "no"
    estimates = [one.interval.estimate for one in findings.comparisons[::3]]
    assert estimates == pytest.approx([53 / 24, 2.5, 0.75])


@pytest.mark.parametrize("cell", CELLS)
def test_cell_by_cell_and_the_whole_sequence_come_to_the_same(cell):
    module = fresh(cell, 3, 5, seed=1)
    inputs = torch.randn(11, 4, 3, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        outputs = step_by_step(one_step(module), inputs)
        torch.testing.assert_close(outputs, module(inputs)[0], rtol=0, atol=1e-6)
    assert one_step(module).weight_hh is module.weight_hh_l0


class Keeps(torch.autograd.Function):
    """Keeps a row of a (10, 6) tensor, and its input twice."""

    @staticmethod
    def forward(ctx, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(torch.zeros(10, 6)[3], x, x)
        return 2 * x

    @staticmethod
    def backward(ctx, gradient: torch.Tensor) -> torch.Tensor:
        return 2 * gradient


def test_bytes_that_autograd_keeps_are_those_on_paper():
    x, layer = torch.randn(7, 5), nn.Linear(5, 3)
    known = [x, *layer.parameters()]
    assert saved_bytes(lambda: layer(x), known) == 0  # input and weights, which are there anyway
    assert saved_bytes(lambda: layer(x).tanh(), known) == 7 * 3 * 4
    assert (
        saved_bytes(lambda: layer(x), []) == 7 * 5 * 4
    )  # a weight is needed for the input's gradient
    assert saved_bytes(lambda: (layer(x).exp(), layer(x).tanh())[1], known) == 7 * 3 * 4
    z = torch.randn(4, requires_grad=True)
    assert saved_bytes(lambda: Keeps.apply(z), []) == 10 * 6 * 4 + 4 * 4
    with torch.no_grad():
        assert saved_bytes(lambda: layer(x).tanh(), known) == 0


@pytest.mark.parametrize(("T", "B", "H"), [(20, 8, 4), (50, 32, 32)])
def test_the_rnn_keeps_two_numbers_for_every_state(T, B, H):
    spec = TrainingSpec("adding", "rnn_tanh", hidden_size=H, length=T, batch_size=B)
    # h as tanh returns it and again in the stacked output; the first h; the errors, to be squared
    assert activation_bytes(spec) == 4 * (2 * T * B * H + B * H + T * B)


@pytest.mark.parametrize("cell", CELLS)
def test_twice_the_steps_keep_twice_as_much_and_weights_do_not_care(cell):
    short, long = (TrainingSpec("adding", cell, hidden_size=32, length=T) for T in (40, 80))
    assert activation_bytes(long) / activation_bytes(short) == pytest.approx(2, rel=0.03)
    assert activation_bytes(short) == activation_bytes(short, seed=5)
    assert weight_bytes(short) == weight_bytes(long) == 4 * 4 * short.weight_count
    assert (
        weight_bytes(TrainingSpec("adding", cell, optimiser="sgd"))
        == 2 * 4 * TrainingSpec("adding", cell).weight_count
    )


@pytest.mark.parametrize("key", BENCHMARKS)
def test_two_rounds_of_the_real_thing_tell_nothing_but_the_machine(key, monkeypatch):
    monkeypatch.setenv("GATESVIZ_ENGINE", "tcp://elsewhere:8786")
    here = BENCHMARKS[key]
    found = here.measure("latch", rounds=2)
    findings = found.findings()
    assert findings.answer == "cannot tell"
    assert "(2 rounds, no interval)" in findings.verdict.sentence
    assert {point.cell for point in findings.points} == set(CELLS)
    assert all(point.y > 0 for point in findings.points)
    assert found.setting == "“Recall the first letter”, 20 steps, batch 32, 16 hidden units"
    assert found.machine.place == "this machine"
    plain = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert plain["measured"] == found.measured
    assert all(len(rounds) == 2 for part in plain["values"].values() for rounds in part.values())


def test_own_data_can_be_asked_about_and_bad_questions_get_a_sentence():
    own = own_text("to be or not to be, that is the question. " * 20)
    found = BENCHMARKS["memory"].measure(own, rounds=1)
    assert found.specs["gru"].task == own
    for here in (PARAMETERS, *BENCHMARKS.values()):
        for ask in (here.measure, here.begin):
            with pytest.raises(
                ValueError, match=r"expected a task \(temporal_order, .*\), got 'chess'"
            ):
                ask("chess")
    with pytest.raises(
        ValueError, match="rounds of a benchmark: 21 is outside the allowed range 1 to 20"
    ):
        BENCHMARKS["time"].begin(rounds=21)
    with pytest.raises(
        ValueError, match=r"parameters are counted once: leave out the rounds \(3\)"
    ):
        PARAMETERS.begin(rounds=3)


def test_what_is_begun_comes_from_a_process_that_ends():
    before = set(multiprocessing.active_children())
    future = BENCHMARKS["memory"].begin("latch")
    assert set(multiprocessing.active_children()) - before
    found, here = future.result(timeout=60), BENCHMARKS["memory"].measure("latch")
    assert found.values == here.values
    assert found.findings().to_dict() == here.findings().to_dict()
    assert len(found.values["gru"]) == ROUNDS
    BENCHMARKS["time"].begin("adding").cancel()
    for _ in range(100):
        if not set(multiprocessing.active_children()) - before:
            return
        time.sleep(0.1)
    pytest.fail("a worker was left behind")


@pytest.mark.parametrize(("layers", "directions"), [(1, 1), (2, 1), (1, 2), (3, 2)])
def test_parameters_are_those_of_torch(layers, directions):
    sizes = parameters.sizes(5, 7, layers, directions)
    for size in sizes:
        options = {"num_layers": layers, "bidirectional": directions == 2}
        named = list(unfilled(size.cell, 5, 7, **options).named_parameters())
        assert size.weights == sum(p.numel() for n, p in named if n.startswith("weight"))
        assert size.biases == sum(p.numel() for n, p in named if n.startswith("bias"))
        assert size.parameters == size.ratio * sizes[0].parameters
    assert [size.ratio for size in sizes] == [1, 3, 4]
    assert "exactly 1 : 3 : 4" in parameters.verdict(5, 7, layers, directions).sentence


@pytest.mark.parametrize("cell", CELLS)
def test_biases_that_are_spare_have_the_gradient_of_their_twin(cell):
    module = fresh(cell, 5, 7, layers=2, bidirectional=True).double()
    inputs = torch.randn(9, 3, 5, generator=torch.Generator().manual_seed(0)).double()
    module(inputs)[0].pow(2).sum().backward()
    pairs = [
        (parameter.grad, module.get_parameter(name.replace("_ih_", "_hh_")).grad)
        for name, parameter in module.named_parameters()
        if name.startswith("bias_ih")
    ]
    twins = sum(int(torch.isclose(ih, hh, rtol=1e-9, atol=0).sum()) for ih, hh in pairs)
    sizes = {size.cell: size for size in parameters.sizes(5, 7, 2, 2)}
    assert twins == sizes[cell].spare


def test_parameters_have_the_face_of_the_others():
    found = PARAMETERS.begin("parity").result(timeout=0)
    findings = found.findings()
    assert (findings.answer, len(findings.comparisons)) == ("yes", 1)
    assert str(findings.comparisons[0].interval) == "0.75 [0.75, 0.75] (1 count)"
    # I = 2, H = 16: H (I + H + 2) for the RNN
    assert [point.y for point in findings.points] == [320, 960, 1_280]
    assert (
        "Without redundant biases: RNN (tanh) 304, GRU 928, LSTM 1,216."
        in findings.verdict.sentence
    )
    json.dumps(found.to_dict(), allow_nan=False)
