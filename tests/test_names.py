"""Names that don't exist are answered with those that do, and values show themselves readably."""

import copy
import pickle
import re
from pathlib import Path

import numpy as np
import pytest
import torch

import gatesviz as gv
from gatesviz.cells import CELLS, find_cell
from gatesviz.names import did_you_mean
from gatesviz.sequences import parse_table
from gatesviz.tasks import TASKS
from gatesviz.trained import trained_info, trained_names
from gatesviz.training import own_series, own_text
from tests.test_cli_experiment import ended

GRU, LSTM = torch.nn.GRU(2, 3), torch.nn.LSTM(2, 3)
X = torch.ones(4, 1, 2)


def test_a_letter_that_a_cell_lacks_is_answered_with_those_that_it_has():
    trace = gv.record(GRU, X).trace()
    with pytest.raises(KeyError, match="there is no gate 'q': the GRU has 'r', 'z', 'n'"):
        trace.gates["q"]
    with pytest.raises(KeyError, match="there is no state 'c': the GRU has 'h'"):
        trace.states["c"]
    with pytest.raises(KeyError, match="there is no gate 'h': 'h' is in states"):
        trace.gates["h"]
    with pytest.raises(KeyError, match="there is no state 'f': 'f' is in gates"):
        gv.record(LSTM, X).trace().sample(0).states["f"]
    with pytest.raises(KeyError, match="there is no gate 'f': the RNN"):
        gv.record(torch.nn.RNN(2, 3), X).trace().gates["f"]
    assert trace.gates.get("q") is None
    assert "q" not in trace.gates
    for again in (pickle.loads(pickle.dumps(trace)), copy.deepcopy(trace)):
        np.testing.assert_array_equal(again.gates["z"], trace.gates["z"])
        with pytest.raises(KeyError, match="the GRU has 'r', 'z', 'n'"):
            again.gates["q"]


def test_a_gradient_that_there_is_not_is_answered_with_those_that_there_are():
    flow = gv.gradient_flow(LSTM, X, lambda output: output[-1].sum())
    with pytest.raises(KeyError, match="there is no state 'q': the LSTM has 'h', 'c'"):
        flow.gradients["q"]
    with pytest.raises(KeyError, match="there is no state 'f': 'f' is in gates"):
        flow.gradients["f"]
    with pytest.raises(KeyError, match="there is no state 'f': the LSTM has 'h', 'c'"):
        flow.norms["f"]
    with pytest.raises(KeyError, match="there is no gate 'z': the LSTM has"):
        flow.layer().gates["z"]
    with pytest.raises(KeyError, match="there is no path 'all': the LSTM has 'carry', 'gates'"):
        flow.paths["all"]


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        ("recal", ("recall-lstm", "wave-rnn"), "recall-lstm"),
        ("Temporal Order", ("temporal_order", "recall"), "temporal_order"),
        ("LSTM", CELLS, "lstm"),
        ("GRUCell", CELLS, "gru"),
        ("rnn", CELLS, "rnn_tanh"),
        ("transformer", CELLS, None),
        ("", CELLS, None),
        (3, CELLS, None),
        ("x" * 100_000, CELLS, None),
    ],
)
def test_the_nearest_name_is_suggested(name, known, meant):
    assert did_you_mean(name, known) == (f". Did you mean {meant!r}?" if meant else "")


def test_a_task_alone_means_its_lstm_and_every_name_in_the_readme_exists():
    assert gv.load_trained("recall").name == "recall-lstm"
    assert trained_info("characters").cell == "lstm"
    text = (Path(__file__).parents[1] / "README.md").read_text()
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    named = [name for row in rows for name in row.replace("`", "").replace(" ", "").split(",")]
    assert set(trained_names()) <= set(named)


@pytest.mark.parametrize(
    ("act", "meant"),
    [
        (lambda: gv.load_trained("recall-lsmt"), "recall-lstm"),
        (lambda: gv.TrainingSpec(task="reber grammar"), "reber"),
        (lambda: gv.TrainingSpec(task="latch", cell="LSTM"), "lstm"),
        (lambda: gv.TrainingSpec(task="latch", optimiser="Adam"), "adam"),
        (lambda: find_cell("Lstm"), "lstm"),
        (lambda: parse_table("sales,rain\n1,2\n3,4\n5,7").named("sale"), "sales"),
    ],
)
def test_an_unknown_name_is_an_error_with_a_suggestion(act, meant):
    with pytest.raises(ValueError, match=f"Did you mean '{meant}'"):
        act()


def test_the_commands_suggest_a_name_too(capsys):
    assert ended("experiment", "updats") == 2
    assert capsys.readouterr().err.endswith("memory. Did you mean 'updates'?\n")
    assert ended("known-results", "--only", "t1") == 2
    assert capsys.readouterr().err.endswith("Did you mean 'T1'?\n")


def test_cells_snapshots_specs_and_data_are_readable():
    assert repr(gv.CELLS["gru"]) == "Cell('gru', GRU, gates: r z n, states: h)"
    assert "'rnn_tanh': Cell('rnn_tanh', RNN (tanh), gates: none, states: h)" in repr(gv.CELLS)
    assert len(repr(gv.CELLS)) < 500
    spec = gv.TrainingSpec(task="latch", seed=7)
    assert repr(spec) == (
        "TrainingSpec(task='latch', cell='lstm', hidden_size=16, length=20, seed=7)"
    )
    state, [first] = gv.advance(gv.start(spec), 1)
    assert repr(first) == (
        f"Snapshot(update 1, loss {first.loss:.4g}, gradient norm {first.gradient_norm:.4g},"
        f" learning rate 0.01, score {first.score:.4g}, {first.weights.size:,} weights)"
    )
    for _ in range(2):
        state, [third] = gv.advance(state, 1)
    assert "score" not in repr(third)  # there is none after the third update
    rows = np.column_stack([np.arange(60) % 7, np.arange(60) % 5])
    assert repr(own_series(rows, "a", ["b"])) == "OwnData('a', 60 rows, also reads 'b')"
    assert repr(own_text("ab " * 100)) == "OwnData(a text of 300 characters)"


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (lambda: gv.CELLS["LSTM"], "there is no cell 'LSTM': .* Did you mean 'lstm'"),
        (lambda: TASKS["recal"], "there is no task 'recal': .* Did you mean 'recall'"),
        (lambda: gv.reccord, "no attribute 'reccord'.* Did you mean 'record'"),
        (
            lambda: gv.record(GRU, X).gates,
            r"no 'gates': it is in a trace, recording\.trace\(\)\.gates",
        ),
        (lambda: gv.record(GRU, X).gate, "a Recording has no 'gate'$"),
        (lambda: gv.record(GRU, X).trace().z, r"no 'z': it is trace\.gates\['z'\]"),
        (lambda: gv.record(GRU, X).trace().h, r"no 'h': it is trace\.states\['h'\]"),
        (lambda: gv.record(GRU, X).trace().f, "a Trace has no 'f'$"),
    ],
)
def test_a_wrong_way_to_a_value_names_the_right_one(act, says):
    with pytest.raises((KeyError, AttributeError)) as found:
        act()
    assert re.search(says, str(found.value.args[0]))


def test_a_loss_of_torch_needs_its_target():
    with pytest.raises(TypeError, match=r"loss is a MSELoss, .* write loss=lambda output: MSELoss"):
        gv.gradient_flow(GRU, X, torch.nn.MSELoss())

    class Own(torch.nn.MSELoss):
        def forward(self, output):
            return super().forward(output, torch.zeros_like(output))

    assert gv.gradient_flow(GRU, X, Own()).loss > 0


class WithTarget(torch.nn.MSELoss):
    def forward(self, output, target):
        return super().forward(output, target)


@pytest.mark.parametrize(
    ("loss", "says"),
    [
        (torch.nn.MSELoss(), r"loss is a MSELoss, .*: write loss=lambda output: MSELoss\(\)\(out"),
        (
            torch.nn.functional.mse_loss,
            r"loss is mse_loss\(output, target\), .* mse_loss\(output, ",
        ),
        (torch.nn.functional.cross_entropy, r"which needs a target, .*: cross_entropy\(output, t"),
        (lambda y, target: (y - target).mean(), r"<lambda>\(output, target\), .*: f\(output, targ"),
        (WithTarget(), r"loss is WithTarget\(output, target\), which needs a target"),
        (lambda y, labels: (y.flatten() - labels.flatten()).mean(), r"failed on .*\(h_n, c_n\)"),
        (lambda y, second: second["h"], r"loss has two arguments and failed on \(output, state\)"),
    ],
)
def test_a_loss_with_a_target_is_answered_with_what_a_loss_is(loss, says):
    """For an LSTM, whose state is a tuple, and which such a loss can't use."""
    with pytest.raises(TypeError, match=says):
        gv.gradient_flow(torch.nn.LSTM(2, 3), torch.zeros(4, 1, 2), loss)
