"""The stream against the grammar written once more, as a regular expression."""

import re
from itertools import product

import pytest
import torch

from gatesviz.tasks import TASKS, Batch
from gatesviz.tasks.reber import graph
from tests.tasks.reading import right, samples, texts

TASK = TASKS["reber"]

# From the drawing, not from the code: above, T S* X; below, P T* V. X leads down, P leads up.
INNER = "B(?:(?:TS*X|PT*VP)(?:XT*VP)*(?:S|XT*VV)|PT*VV)E"
STRING = re.compile(f"BT{INNER}TE|BP{INNER}PE")


def strings_in(text: str) -> tuple[list[str], str]:
    """The whole strings that a text begins with, and what is left over."""
    found = []
    while match := STRING.match(text):
        found.append(match.group())
        text = text[match.end() :]
    return found, text


def test_the_regular_expression_knows_strings_from_the_literature() -> None:
    for text in ("BTXSE", "BPVVE", "BTSSXXTVVE", "BPVPXVPXVPXVVE", "BTSXXVPSE", "BTXXVPSE"):
        assert re.fullmatch(INNER, text)
    for text in ("BTSSPXSE", "BPTVVB", "BTXXVVSE", "BTXE", "BPVSE"):
        assert not re.fullmatch(INNER, text)


def test_every_text_is_made_of_strings() -> None:
    total = 0
    for text in texts(TASK, samples("reber", 200, 400)):
        found, rest = strings_in(text)
        total += len(found)
        assert len(rest) < 100
        assert any(STRING.match(rest + "".join(end)) for end in continuations())
    assert total > 200 * 20


@pytest.mark.parametrize(("count", "length"), [(40, 72), (300, 17), (1, 9), (3, 400)])
def test_texts_that_continue_are_whole_strings(count, length) -> None:
    batch = TASK.batch(torch.Generator().manual_seed(1), count, length, continuing=True)
    assert batch.inputs.shape == (length, count, 7)
    told = texts(TASK, batch)
    assert len(set(told)) > count / 10
    for text in told:
        found, rest = strings_in(text)
        assert rest == ""
        assert found
    assert (batch.targets[-1].argmax(-1) == "BTPSXVE".index("B")).all()
    assert (batch.targets[-1].sum(-1) == 1).all()


def test_texts_that_continue_are_as_likely_as_whole_texts_among_others() -> None:
    """Of twelve steps: one string that long; drawn by chance and kept if it is whole."""
    plain = texts(TASK, TASK.batch(torch.Generator().manual_seed(2), 60_000, 12))
    whole = [text for text in plain if STRING.fullmatch(text)]
    batch = TASK.batch(torch.Generator().manual_seed(3), 5_000, 12, continuing=True)
    told = texts(TASK, batch)
    for text in set(whole):
        share = whole.count(text) / len(whole)
        assert told.count(text) / len(told) == pytest.approx(share, abs=0.025), text


def test_other_tasks_do_not_continue() -> None:
    assert [key for key, task in TASKS.items() if task.continuing] == ["reber"]
    with pytest.raises(ValueError, match="the samples of “Continue a wave” can't follow each"):
        TASKS["wave"].batch(torch.Generator(), 1, 20, continuing=True)


def continuations() -> list[str]:
    """Ways to end a string: one from each place inside, then the closing letters."""
    inner = ["", "E", "SE", "VE", "XSE", "VVE", "TXSE", "BTXSE"]
    outer = [
        "",
        "E",
        "TE",
        "PE",
        *(p + end + q for p in "TP" for end in inner for q in ("TE", "PE")),
    ]
    return [*outer, *(end + q for end in inner for q in ("TE", "PE")), *("B" + o for o in outer)]


def test_a_string_is_as_likely_as_its_choices() -> None:
    known = {"BTBTXSETE": 1 / 16, "BPBPVVEPE": 1 / 16, "BTBPVVETE": 1 / 16}
    found = [
        s for text in texts(TASK, samples("reber", 400, 400)) for s in strings_in(text)[0][:20]
    ]
    for text, chance in known.items():
        assert found.count(text) / len(found) == pytest.approx(chance, abs=0.01)
    assert {s[1] for s in found} == {"T", "P"}


def legal(prefix: str) -> set[str]:
    """The letters after which some end makes whole strings of the prefix."""
    _, rest = strings_in(prefix)
    return {c for c in "BTPSXVE" if any(STRING.fullmatch(rest + c + e) for e in continuations())}


def test_the_targets_are_the_letters_that_may_come_next() -> None:
    batch = samples("reber", 12, 60)
    for column, text in enumerate(texts(TASK, batch)):
        for step in range(60):
            members = {TASK.answer_names[i] for i in batch.targets[step, column].nonzero()[:, 0]}
            assert members == legal(text[: step + 1]), text[: step + 1]


def test_the_scored_steps_are_those_before_the_closing_letter() -> None:
    batch = samples("reber", 100, 100)
    for column, text in enumerate(texts(TASK, batch)):
        found, rest = strings_in(text)
        ends, start = [], 0
        for string in found:
            ends.append(start + len(string) - 3)
            start += len(string)
        if re.match(f"B[TP]{INNER}", rest):
            ends.append(start + re.match(f"B[TP]{INNER}", rest).end() - 1)
        assert batch.mask[:, column].nonzero()[:, 0].tolist() == ends


def test_a_constant_answer_has_one_half() -> None:
    batch = samples("reber", 2_000)
    assert TASK.baseline(batch) == pytest.approx(0.5, abs=0.02)


def _forgetful(batch: Batch) -> torch.Tensor:
    """Right everywhere but at the closing letter, where it always says T."""
    output = right(TASK, batch)
    output[batch.mask] = torch.tensor([1.0 if c == "T" else -1.0 for c in TASK.answer_names])
    return output


def test_strings_are_wholly_right_or_not() -> None:
    batch = samples("reber", 300)
    wholly = "accuracy on whole strings"
    assert TASK.measures(right(TASK, batch), batch)[wholly] == 1
    # one that forgets has exactly the strings right that close with T
    output = _forgetful(batch)
    assert TASK.measures(output, batch)[wholly] == TASK.score(output, batch)
    assert TASK.score(output, batch) == pytest.approx(0.5, abs=0.03)
    # at the very first step of every text: costs the first string of each
    output = right(TASK, batch)
    output[0] = -output[0]
    strings = float(batch.mask.sum())
    assert TASK.measures(output, batch)[wholly] == pytest.approx(1 - 300 / strings)
    assert TASK.score(output, batch) == 1


def test_ways_from_a_node_are_never_the_same_letter_to_different_nodes() -> None:
    for ways in graph():
        (a, m), (b, n) = ways
        assert (a == b) == (m == n)
    assert {node for ways in graph() for _, node in ways} == {*range(len(graph()))}


def test_every_text_of_nine_steps_is_one_of_the_shortest_strings() -> None:
    inner = ["BTXSE", "BPVVE"]
    shortest = {f"B{p}{text}{p}E" for p, text in product("TP", inner)}
    whole = [text for text in texts(TASK, samples("reber", 200, 9)) if STRING.fullmatch(text)]
    assert set(whole) == shortest


def test_saying_that_both_may_close_is_a_guess_and_no_string_is_wholly_right() -> None:
    batch = samples("reber", 300)
    output = right(TASK, batch)
    output[batch.mask] = (
        torch.tensor([2.0 if c == "T" else c == "P" for c in TASK.answer_names]) - 0.5
    )
    told = TASK.measures(output, batch)
    assert told[TASK.metric] == pytest.approx(0.5, abs=0.03)
    assert told["accuracy on whole strings"] == 0
