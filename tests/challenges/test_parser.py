"""A fault in a challenge's file is one sentence that names it."""

import pytest

from gatesviz.challenges import ChallengeError, challenge, challenges, read_challenge
from gatesviz.challenges.completion import Solved, challenge_code, read_challenge_code
from gatesviz.challenges.sequences import hidden_sequences

SOURCE = """+++
title = "Latch"
goal = "Stay on."
hint = "Open i."

[machine]
noise = 0.2
start = "off"
on = ["on"]

[machine.moves]
off = { "1" = "on" }
on = { "1" = "on" }
+++
The text.
"""
FEWEST = """+++
title = "Few"
goal = "Few units."
hint = "Go down."

[fewest]
task = "recall"
cell = "gru"
updates = 600
+++
The text.
"""
SMALLEST = """
[smallest]
cell = "lstm"
gate = "f"
step = 0.1
rows = { f = { b = 1 } }
+++
The text.
"""


def test_a_file_is_read() -> None:
    one = read_challenge("latch", SOURCE)
    assert (one.name, one.title, one.goal, one.hint) == ("latch", "Latch", "Stay on.", "Open i.")
    assert one.text == "The text."
    machine = one.machine
    assert (machine.start, machine.on, machine.noise) == ("off", {"on"}, 0.2)
    assert machine.moves == {"off": {1.0: "on"}, "on": {1.0: "on"}}
    assert (machine.begins, machine.steps, one.smallest) == (None, 60, None)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("+++\ntitle", "title", "expected TOML between two lines +++ at the top"),
        ("The text.", "", "expected a text after the second"),
        ("The text.", "<b>", "begins HTML"),
        ('hint = "Open i."\n', "", "hint is missing"),
        ('hint = "Open i."\n', "hint = 3\n", "hint: expected a text, got 3"),
        ("noise = 0.2", "nois = 0.2", "machine.nois: unknown; expected start, on, moves, noise"),
        ("noise = 0.2", "noise = 1.0", "machine.noise: expected less than the size of every mark"),
        ("noise = 0.2", "steps = 61", "machine.steps = 61: expected 1 to 60"),
        ("noise = 0.2", "begins = 2.0", "machine.begins = 2: expected a mark of the first state"),
        ('on = ["on"]', 'on = ["onn"]', "machine.moves: expected a row for the state 'onn'"),
        ('off = { "1" = "on" }', 'off = { "4" = "on" }', "input value: 4 is outside"),
        ('off = { "1" = "on" }', 'off = { "nan" = "on" }', "input value: nan is outside"),
        ("+++\nThe text.", SMALLEST.replace('"f"', '"q"'), "expected a cell and one of its gates"),
        ("+++\nThe text.", SMALLEST.replace("b = 1", "b = 11"), "expected numbers from −10 to 10"),
    ],
)
def test_a_fault_is_one_sentence(old: str, new: str, sentence: str) -> None:
    assert old in SOURCE
    with pytest.raises(ChallengeError, match=r"^latch: ") as raised:
        read_challenge("latch", SOURCE.replace(old, new))
    assert sentence in str(raised.value)


def test_a_task_to_learn_is_read() -> None:
    one = read_challenge("few", FEWEST)
    assert one.machine is None
    assert one.fewest is not None
    assert (one.fewest.task, one.fewest.cell, one.fewest.updates) == ("recall", "gru", 600)
    spec = one.fewest.spec(3)
    assert (spec.hidden_size, spec.forget_bias, spec.seed) == (3, None, 0)
    with pytest.raises(ValueError, match="the challenge 'few' has no machine"):
        hidden_sequences(one)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"recall"', '"recal"', "fewest: expected a task and a cell"),
        ("updates = 600", "updates = 0", "updates at once: 0 is outside the allowed range"),
        ("updates = 600", "", "fewest.updates is missing"),
        ("[fewest]", "[machine]", "machine.task: unknown"),
        (
            "[fewest]\n",
            "[machine]\nstart = 'a'\n[fewest]\n",
            "either a machine or the table fewest",
        ),
    ],
)
def test_a_fault_in_a_task_is_one_sentence(old: str, new: str, sentence: str) -> None:
    with pytest.raises(ChallengeError, match=r"^few: ") as raised:
        read_challenge("few", FEWEST.replace(old, new))
    assert sentence in str(raised.value)


def test_an_unknown_challenge_is_named() -> None:
    with pytest.raises(ValueError, match=r"no challenge 'latsh'; expected one of latch, .*latch"):
        challenge("latsh")


@pytest.mark.parametrize("name", [one.name for one in challenges()])
def test_a_code_says_what_was_solved(name: str) -> None:
    code = challenge_code(name, "rnn_tanh", 2)
    assert read_challenge_code(f" {code}\n") == Solved(name, "rnn_tanh", 2)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("latch", "is no code; expected one such as challenge-latch-lstm-1-ABCDE"),
        (challenge_code("latch", "lstm", 1).replace("-1-", "-2-"), "the check sum is wrong"),
        (challenge_code("lash", "lstm", 1), "no challenge 'lash'"),
        (challenge_code("latch", "ltsm", 1), "there is no cell 'ltsm'"),
    ],
)
def test_a_false_code_is_refused(code: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_challenge_code(code)
