"""The commands `gatesviz known-results` and `gatesviz experiment`."""

import json

import pytest

from gatesviz import cli


def ended(*arguments: str) -> int:
    """Return the exit status of the command."""
    with pytest.raises(SystemExit) as stopped:
        cli.main(list(arguments))
    return int(stopped.value.code or 0)


def test_cards_come_as_lines_of_json_and_all_hold(capsys):
    assert ended("known-results", "--only", "X10", "--only", "X4", "--json") == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(card["key"], card["status"]) for card in told] == [("X10", "pass"), ("X4", "pass")]


def test_what_is_not_run_alone_does_not_hold_and_beside_others_is_not_counted(capsys, monkeypatch):
    from gatesviz.experiments.known import CARDS, Band, Card

    idle = Card("T0", "?", "?", "?", "?", "?", (Band("A", 1),), lambda found: {})
    monkeypatch.setattr("gatesviz.experiments.known.CARDS", {**CARDS, "T0": idle})
    assert ended("known-results", "--only", "T0") == 1
    assert ended("known-results", "--only", "T0", "--only", "X10") == 0
    assert "T0  NOT RUN" in capsys.readouterr().out


def test_a_card_that_fails_is_in_the_exit_status(capsys, monkeypatch):
    from gatesviz.experiments.known import CARDS, Band, Card

    bad = Card("X0", "?", "?", "?", "?", "?", (Band("A", 1),), lambda found: {"A": (0.0,)})
    monkeypatch.setattr("gatesviz.experiments.known.CARDS", {**CARDS, "X0": bad})
    assert ended("known-results", "--only", "X10", "--only", "X0", "--markdown") == 1
    assert "1 pass, 1 fail" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["known-results", "--only", "T99"], "card: 'T99' is unknown. Choose from X1, X2"),
        (["experiment", "T99"], "experiment: 'T99' is unknown. Choose one of T1, T2"),
        (["experiment", "T1", "--seeds", "99"], "expected a whole number from 1 to 20, got '99'"),
        (["experiment", "T3", "--seeds", "x"], "expected a whole number from 1 to 20, got 'x'"),
        (["experiment", "T99"], "parameters, time, forward, fused, memory."),
        (
            ["experiment", "parameters", "--seeds", "3"],
            "parameters are counted once: leave out the rounds (3)",
        ),
    ],
)
def test_bad_input_gets_one_sentence(arguments, told, capsys):
    assert ended(*arguments) == 2
    assert told in capsys.readouterr().err.splitlines()[-1]


def test_ctrl_c_ends_with_a_sentence_and_keeps_what_is_finished(capsys, monkeypatch):
    from gatesviz.experiments import ExperimentRun

    stopped = []

    def interrupted(self: ExperimentRun, *_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ExperimentRun, "poll", lambda self: None)
    monkeypatch.setattr(ExperimentRun, "wait", interrupted)
    monkeypatch.setattr(ExperimentRun, "stop", lambda self: stopped.append(self))
    assert ended("known-results", "--only", "T1") == 130
    assert len(stopped) == 1
    assert "Run the same command again to continue." in capsys.readouterr().err


def test_names_are_those_of_runs_and_of_what_is_measured_here_and_now(capsys):
    cli.main(["experiment"])
    names = capsys.readouterr().out.split()
    assert names[-5:] == ["parameters", "time", "forward", "fused", "memory"]
    assert {"T1", "updates"} <= set(names)


def test_what_is_measured_here_and_now_is_told_by_rounds(capsys):
    cli.main(["experiment", "memory", "--seeds", "7"])
    sentence, where, *lines = capsys.readouterr().out.splitlines()
    assert sentence == "GRUs need less memory to train."
    assert where.startswith(
        "Bytes: “Name the order of two marks”, 50 steps, batch 32, 8 hidden units"
    )
    # P of the RNN is 8 (8 + 8 + 2) and of the readout 4 (8 + 1); weights, gradient and two moments
    assert lines[0] == "RNN (tanh), weights: " + " ".join(["2,880"] * 7)
    assert "GRU / LSTM: " in lines[6]
    assert lines[6].endswith("7 rounds gave the same number, so the interval has no width.")


def test_the_help_names_the_defaults_that_are_used(capsys):
    from gatesviz.experiments.claims.benchmarks import ROUNDS
    from gatesviz.experiments.claims.claim import SEEDS

    assert ended("experiment", "--help") == 0
    text = " ".join(capsys.readouterr().out.split())
    assert (
        f"(default for a claim: {SEEDS}). For a benchmark, the number of rounds (default: {ROUNDS})"
        in text
    )
    assert "set GATESVIZ_ENGINE to the address of its scheduler: tcp://HOST:8786." in text


def test_parameters_are_json_too(capsys):
    cli.main(["experiment", "parameters", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["answer"] == "yes"
    assert told["values"] == {"parameters": {"rnn_tanh": [144], "gru": [432], "lstm": [576]}}


def test_ctrl_c_ends_a_measurement_with_a_sentence(capsys, monkeypatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gatesviz.experiments.claims.speed.processor_times", interrupted)
    assert ended("experiment", "forward") == 130
    assert capsys.readouterr().err == "Stopped. A benchmark saves nothing.\n"
