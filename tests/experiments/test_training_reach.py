"""The reach of a run while it learns."""

import json
from pathlib import Path

import numpy as np
import pytest

from gatesviz.experiments.horizon import latch, ratio, ratio_of
from gatesviz.experiments.training_reach import (
    ROWS,
    as_json,
    as_markdown,
    course,
    row,
    shipped_courses,
    summary,
)
from gatesviz.figures import reach_course, reach_course_alt, written
from gatesviz.training import advance, start


def test_a_course_is_the_reach_of_the_runs_own_weights():
    spec = latch("LSTM, b = 5", 50, 3)
    found = course(spec)
    assert found.solved_at == 8
    assert found.updates.tolist() == list(range(9))  # its reach is far above 1e-5
    assert found.fresh == ratio(spec)
    made = advance(start(spec), 8)[0]
    assert found.reach[-1] == ratio_of(made.model)
    blocks = np.split(made.module().weight_hh_l0.detach().double().numpy(), 4)
    largest = max(np.abs(np.linalg.eigvals(block)).max() for block in blocks)
    assert found.radius[-1] == pytest.approx(largest, rel=1e-12)
    assert found.largest == found.reach.max()


def test_a_run_with_a_small_reach_is_looked_at_less_often():
    found = course(latch("GRU", 50, 0), updates=22)
    assert found.solved_at is None
    assert found.updates.tolist() == [0, 1, 2, 4, 5, 8, 10, 15, 16, 20, 22]


def test_a_fresh_reach_can_be_lost():
    """An LSTM with b = 1 begins at 3.1e-4, and after 400 updates less than a tenth is left."""
    found = course(latch("LSTM, b = 1", 50, 0), updates=400)
    assert found.fresh == pytest.approx(3.05e-4, rel=0.01)
    assert found.reach[-1] < found.fresh / 10
    assert found.solved_at is None


@pytest.mark.slow
def test_a_reach_can_be_found_in_training():
    """A tanh RNN begins at 1e-14, and learns once its reach has grown by many powers of ten."""
    found = course(latch("RNN", 50, 7))
    assert found.fresh < 1e-12
    assert found.solved_at is not None
    assert found.largest > 0.01
    assert found.updates[found.peak] < found.solved_at


def test_a_course_is_told_in_words_in_a_table_and_as_a_figure():
    found = course(latch("LSTM, b = 5", 50, 3))
    assert row(found)[:2] == ("LSTM, b = 5", "3")
    assert row(found)[5] == "8"
    assert "| LSTM, b = 5 | 3 | 7.52 |" in as_markdown([found], "today")
    assert "The run solved the task after 8 updates." in reach_course_alt(found)
    line, *marks = reach_course(found).data
    np.testing.assert_allclose(line.y, found.reach, rtol=1e-6)
    assert [int(mark.x[0]) for mark in marks] == [0, found.updates[found.peak]]
    unsolved = course(latch("LSTM, chrono", 50, 0), updates=2)
    assert row(unsolved)[5] == "not solved"
    assert "The run did not solve the task in 2 updates." in reach_course_alt(unsolved)
    assert row(unsolved)[0] in ROWS
    assert summary([found]).startswith("This run solved the task. It started with a reach of 7.52.")
    assert summary([unsolved]).startswith("This run did not solve the task.")
    assert summary([found, unsolved]) == (
        "1 of 2 runs solved the task. Those that solved it started with a reach of 7.52. Their"
        f" largest reach was {written(found.largest)}. Those that did not solve it started with a"
        f" reach of {written(unsolved.fresh)}. Their largest reach was {written(unsolved.largest)}."
    )


def test_the_file_that_ships_has_the_runs_of_the_document() -> None:
    document = Path(__file__).parents[2] / "docs" / "reach-while-learning.md"
    lines = document.read_text("utf-8").splitlines()
    known = [line.strip("| ").split(" | ")[:6] for line in lines if line.startswith(tuple(
        f"| {name} |" for name in ROWS
    ))]  # fmt: skip
    shipped = [
        [
            one.cell, str(one.seed), written(one.fresh), written(one.largest),
            "not solved" if one.solved_at is None else f"{one.solved_at:,}",
        ]
        for one in shipped_courses()
    ]  # fmt: skip
    assert shipped == [[*line[:4], line[5]] for line in known]
    assert len(shipped) == 40


def test_a_shipped_run_is_the_one_that_is_measured_here() -> None:
    [made] = json.loads(as_json([course(latch("LSTM, b = 5", 50, 3))]))
    [shipped] = [one for one in shipped_courses() if (one.cell, one.seed) == ("LSTM, b = 5", 3)]
    assert made.keys() == shipped._asdict().keys()
    for name in ("fresh", "largest"):
        assert made[name] == pytest.approx(getattr(shipped, name), rel=0.05)
    # Another processor rounds differently, so a run may be solved some updates earlier or later.
    assert made["solved_at"] == pytest.approx(shipped.solved_at, rel=0.2)
